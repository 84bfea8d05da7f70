-- Identities as they are seen in groups. `identity_key` is the one this user relies on.
ALTER TABLE contact ADD COLUMN verified INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact ADD COLUMN new_key BLOB;
ALTER TABLE contact ADD COLUMN new_key_proven INTEGER NOT NULL DEFAULT 0;

ALTER TABLE account ADD COLUMN recovery_secret BLOB;

-- 1 once a member's message showed another transcript than this device's.
ALTER TABLE conversation ADD COLUMN forked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN epoch_code TEXT;

CREATE TABLE transcript (
  conversation BLOB NOT NULL,
  seq INTEGER NOT NULL,
  chain BLOB NOT NULL,
  PRIMARY KEY (conversation, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE leaving (
  conversation BLOB NOT NULL,
  user BLOB NOT NULL,
  statement BLOB NOT NULL,
  PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE manifest (
  user BLOB NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  proven INTEGER NOT NULL,
  conflict INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE own_change (
  device BLOB NOT NULL PRIMARY KEY,
  certificate BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE link (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  link_secret BLOB NOT NULL,
  device BLOB NOT NULL,
  device_secret BLOB NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE missed (
  conversation BLOB NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,
  PRIMARY KEY (conversation, from_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE answered (
  conversation BLOB NOT NULL,
  device BLOB NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (conversation, device)
) STRICT, WITHOUT ROWID;

-- Until now a user had one device, so every own row was written on this one.
ALTER TABLE message ADD COLUMN written_here INTEGER NOT NULL DEFAULT 0;
UPDATE message SET written_here = 1
  WHERE kind IN (1, 2) AND sender IN (SELECT user FROM account);
