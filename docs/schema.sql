-- The client's database, as the newest migration leaves it. A test compares this file with a
-- migrated database, so it can't drift.
--
-- Ids are 16 bytes. Times are milliseconds since 1970. Numbers (seq) are those of the server's
-- log, per conversation, dense from 1. The whole file is encrypted (SQLCipher).

-- The account of this data folder: one row, there from the moment a registration was prepared.
CREATE TABLE account (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  user BLOB NOT NULL,
  device BLOB NOT NULL,
  username TEXT NOT NULL,
  identity_secret BLOB NOT NULL,      -- seed of the user's identity key (Ed25519)
  device_secret BLOB NOT NULL,        -- seed of this device's leaf key (Ed25519)
  certificate BLOB NOT NULL,          -- "this device is this user's", signed by the identity key
  manifest BLOB NOT NULL,             -- the user's newest device manifest
  registered INTEGER NOT NULL,        -- 1 once the server has confirmed
  access_token TEXT,
  access_expires_ms INTEGER NOT NULL,
  refresh_token TEXT,
  sealed_no INTEGER NOT NULL,         -- items ever sealed here; tells an old copy of this file
  inbox_seq INTEGER NOT NULL,         -- last item of the device's inbox that was applied
  rolled_back INTEGER NOT NULL,       -- 1: this file is an old copy, nothing is sealed any more
  recovery_secret BLOB                -- what the recovery code says; NULL on a linked device
) STRICT;

CREATE TABLE conversation (
  id BLOB NOT NULL PRIMARY KEY,
  direct INTEGER NOT NULL,
  peer BLOB,                          -- the other user of a direct conversation, once known
  peer_username TEXT,                 -- the name it was opened by, until the peer is known
  state INTEGER NOT NULL,             -- 0 creating, 1 active, 2 removed, 3 needs update,
                                      -- 4 needs resync, 5 diverged
  name TEXT NOT NULL,
  name_seq INTEGER NOT NULL,          -- number of the message that set the name
  incarnation INTEGER NOT NULL,       -- changes when the server's log was restored
  applied_seq INTEGER NOT NULL,       -- the cursor: everything up to here is applied
  chain BLOB NOT NULL,                -- transcript value at applied_seq
  own_counter INTEGER NOT NULL,       -- counter of the last own item accepted or in doubt
  own_read_seq INTEGER NOT NULL,      -- the user has read up to here
  last_activity_ms INTEGER NOT NULL,
  forked INTEGER NOT NULL DEFAULT 0,  -- 1: a member has seen another transcript than this device
  epoch_code TEXT                     -- to be compared by hand: equal for members of one epoch
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_by_activity ON conversation (last_activity_ms DESC, id);
CREATE INDEX conversation_by_peer ON conversation (peer) WHERE peer IS NOT NULL;

-- Ids that a conversation had before: a direct draft that lost to the peer's.
CREATE TABLE conversation_alias (
  old BLOB NOT NULL PRIMARY KEY,
  new BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Where the last epochs began: the number of the commit. What was said after it in an epoch that
-- the server takes back goes into the outbox again.
CREATE TABLE epoch (
  conversation BLOB NOT NULL,
  number INTEGER NOT NULL,
  since_seq INTEGER NOT NULL,
  PRIMARY KEY (conversation, number)
) STRICT, WITHOUT ROWID;

-- When this device was a member: readable is joined_seq + 1 to left_seq.
CREATE TABLE interval (
  conversation BLOB NOT NULL,
  joined_seq INTEGER NOT NULL,
  left_seq INTEGER,
  PRIMARY KEY (conversation, joined_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE member (
  conversation BLOB NOT NULL,
  user BLOB NOT NULL,
  role INTEGER NOT NULL,              -- 0 owner, 1 admin, 2 member
  present INTEGER NOT NULL,           -- 0: was a member
  delivered_seq INTEGER NOT NULL,     -- stored by max
  read_seq INTEGER NOT NULL,          -- stored by max
  PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;

-- The last counter seen of each device, to show what the server left out.
CREATE TABLE sender (
  conversation BLOB NOT NULL,
  device BLOB NOT NULL,
  counter INTEGER NOT NULL,
  PRIMARY KEY (conversation, device)
) STRICT, WITHOUT ROWID;

-- The commit that last added each device, as far as this device has seen it: news of a lost
-- invitation are about one commit, and may come late.
CREATE TABLE invitation (
  conversation BLOB NOT NULL,
  device BLOB NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (conversation, device)
) STRICT, WITHOUT ROWID;

-- Users seen in groups: what their certificates say. The identity key of first contact stays
-- until this user accepts another.
CREATE TABLE contact (
  user BLOB NOT NULL PRIMARY KEY,
  username TEXT NOT NULL,
  identity_key BLOB NOT NULL,
  verified INTEGER NOT NULL DEFAULT 0,  -- 1: the safety number was compared
  new_key BLOB,                         -- another identity key seen since, not yet accepted
  new_key_proven INTEGER NOT NULL DEFAULT 0, -- 1: signed by the recovery key of the old one
  announced_key BLOB                    -- the key of the newest manifest, where no group goes by
                                        -- it yet
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_by_username ON contact (username);

-- Transcript values at the newest numbers, to be compared with what members say they have seen.
CREATE TABLE transcript (
  conversation BLOB NOT NULL,
  seq INTEGER NOT NULL,
  chain BLOB NOT NULL,
  PRIMARY KEY (conversation, seq)
) STRICT, WITHOUT ROWID;

-- Users who have said that they leave, with the proof for the commit that carries it out.
CREATE TABLE leaving (
  conversation BLOB NOT NULL,
  user BLOB NOT NULL,
  statement BLOB NOT NULL,
  PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;

-- The newest device manifest of each contact.
CREATE TABLE manifest (
  user BLOB NOT NULL PRIMARY KEY,
  version INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  proven INTEGER NOT NULL,            -- 1: the recovery key of an earlier identity has signed it
  conflict INTEGER NOT NULL,          -- 1: another one of the same version was seen
  base BLOB                           -- the last one under the identity relied on, where nothing
                                      -- connects the newest with it
) STRICT, WITHOUT ROWID;

-- What the next manifest of this user is to say, until the server has it.
CREATE TABLE own_change (
  device BLOB NOT NULL PRIMARY KEY,
  certificate BLOB                    -- of a device that comes; NULL where it is revoked
) STRICT, WITHOUT ROWID;

-- The link of this device to an account, while it waits to be approved.
CREATE TABLE link (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  link_secret BLOB NOT NULL,
  device BLOB NOT NULL,
  device_secret BLOB NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT;

-- The device that is to take the place of this one, while the server may not know it yet.
CREATE TABLE re_enrolment (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  device BLOB NOT NULL,
  device_secret BLOB NOT NULL,
  manifest BLOB NOT NULL              -- the user's manifest that lists it
) STRICT;

-- Ranges of numbers that this device could not read, until their authors have said them again.
CREATE TABLE missed (
  conversation BLOB NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,
  PRIMARY KEY (conversation, from_seq)
) STRICT, WITHOUT ROWID;

-- Up to where own texts were said again for a device that could not read them.
CREATE TABLE answered (
  conversation BLOB NOT NULL,
  device BLOB NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (conversation, device)
) STRICT, WITHOUT ROWID;


-- Rows of a conversation. Confirmed ones stand by seq, pending ones after them by row.
CREATE TABLE message (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation BLOB NOT NULL,
  sender BLOB NOT NULL,
  id BLOB NOT NULL,                   -- client id
  seq INTEGER,                        -- NULL while it is only in the outbox
  kind INTEGER NOT NULL,              -- 1 text, 2 deleted, 3 created, 4 added, 5 removed,
                                      -- 6 renamed, 7 unsupported, 8 unreadable, 9 role changed,
                                      -- 10 left, 11 identity changed, 12 forked,
                                      -- 13 missed
  text TEXT NOT NULL,                 -- the text; users, name or defect for the other kinds
  raw BLOB,                           -- plaintext of what this version can't show
  edited_seq INTEGER,                 -- number of the newest edit; 0 while it has none
  composed_ms INTEGER NOT NULL,       -- by the author's clock
  server_time_ms INTEGER,
  gap_before INTEGER NOT NULL,        -- 1: the server left out something of this sender
  written_here INTEGER NOT NULL DEFAULT 0, -- 1: an own message of this very device
  UNIQUE (conversation, id, sender)
) STRICT;
CREATE INDEX message_by_seq ON message (conversation, seq, row) WHERE seq IS NOT NULL;
CREATE INDEX message_pending ON message (conversation, row) WHERE seq IS NULL;
CREATE INDEX message_unread ON message (conversation, seq, sender)
  WHERE seq IS NOT NULL AND kind IN (1, 7);
CREATE INDEX message_unsupported ON message (row) WHERE kind = 7;

-- What this device still has to say, in order.
CREATE TABLE outbox (
  item INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation BLOB NOT NULL,
  id BLOB NOT NULL UNIQUE,            -- client id; of a text the id of its message
  lane INTEGER NOT NULL,              -- 0 messages and goals, 1 second class, 2 upkeep, 3 aside
  intent TEXT NOT NULL,               -- JSON: what to achieve, not yet encrypted
  target BLOB,                        -- the message it waits for
  state INTEGER NOT NULL,             -- 0 queued, 1 in doubt, 2 accepted, 3 failed
  sealed BLOB,                        -- the frame with the sealed bytes, until the stream shows it
  counter INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  failure TEXT                        -- name of the error that stopped or delayed it
) STRICT;
CREATE INDEX outbox_accepted ON outbox (item) WHERE state = 2;
CREATE INDEX outbox_by_lane ON outbox (conversation, lane, item);
CREATE INDEX outbox_by_target ON outbox (conversation, target) WHERE target IS NOT NULL;

-- Hashes of everything sealed that may still turn up in the log: what makes an item ours.
CREATE TABLE sealed (
  conversation BLOB NOT NULL,
  hash BLOB NOT NULL,
  id BLOB NOT NULL,
  PRIMARY KEY (conversation, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX sealed_by_id ON sealed (id);

-- State of the MLS groups, MessagePack with named fields.
CREATE TABLE mls_row (
  conversation BLOB NOT NULL,
  kind INTEGER NOT NULL,
  key BLOB NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (conversation, kind, key)
) STRICT, WITHOUT ROWID;

-- Key packages made here. Their private halves go in the transaction that joins with them.
CREATE TABLE key_package (
  reference BLOB NOT NULL PRIMARY KEY,
  bytes BLOB NOT NULL,
  last_resort INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  published INTEGER NOT NULL          -- 1 once the server has it
) STRICT, WITHOUT ROWID;

CREATE TABLE key_package_row (
  reference BLOB NOT NULL REFERENCES key_package ON DELETE CASCADE,
  kind INTEGER NOT NULL,
  key BLOB NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (reference, kind, key)
) STRICT, WITHOUT ROWID;
