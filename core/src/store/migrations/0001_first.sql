CREATE TABLE account (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  user BLOB NOT NULL,
  device BLOB NOT NULL,
  username TEXT NOT NULL,
  identity_secret BLOB NOT NULL,
  device_secret BLOB NOT NULL,
  certificate BLOB NOT NULL,
  manifest BLOB NOT NULL,
  registered INTEGER NOT NULL,
  access_token TEXT,
  access_expires_ms INTEGER NOT NULL,
  refresh_token TEXT,
  sealed_no INTEGER NOT NULL,
  inbox_seq INTEGER NOT NULL,
  rolled_back INTEGER NOT NULL
) STRICT;

CREATE TABLE conversation (
  id BLOB NOT NULL PRIMARY KEY,
  direct INTEGER NOT NULL,
  peer BLOB,
  peer_username TEXT,
  state INTEGER NOT NULL,
  name TEXT NOT NULL,
  name_seq INTEGER NOT NULL,
  incarnation INTEGER NOT NULL,
  applied_seq INTEGER NOT NULL,
  chain BLOB NOT NULL,
  own_counter INTEGER NOT NULL,
  own_read_seq INTEGER NOT NULL,
  last_activity_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_by_activity ON conversation (last_activity_ms DESC, id);
CREATE INDEX conversation_by_peer ON conversation (peer) WHERE peer IS NOT NULL;

CREATE TABLE conversation_alias (
  old BLOB NOT NULL PRIMARY KEY,
  new BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE interval (
  conversation BLOB NOT NULL,
  joined_seq INTEGER NOT NULL,
  left_seq INTEGER,
  PRIMARY KEY (conversation, joined_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE member (
  conversation BLOB NOT NULL,
  user BLOB NOT NULL,
  role INTEGER NOT NULL,
  present INTEGER NOT NULL,
  delivered_seq INTEGER NOT NULL,
  read_seq INTEGER NOT NULL,
  PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE sender (
  conversation BLOB NOT NULL,
  device BLOB NOT NULL,
  counter INTEGER NOT NULL,
  PRIMARY KEY (conversation, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact (
  user BLOB NOT NULL PRIMARY KEY,
  username TEXT NOT NULL,
  identity_key BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_by_username ON contact (username);

CREATE TABLE message (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation BLOB NOT NULL,
  sender BLOB NOT NULL,
  id BLOB NOT NULL,
  seq INTEGER,
  kind INTEGER NOT NULL,
  text TEXT NOT NULL,
  raw BLOB,
  edited_seq INTEGER,
  composed_ms INTEGER NOT NULL,
  server_time_ms INTEGER,
  gap_before INTEGER NOT NULL,
  UNIQUE (conversation, id, sender)
) STRICT;
CREATE INDEX message_by_seq ON message (conversation, seq, row) WHERE seq IS NOT NULL;
CREATE INDEX message_pending ON message (conversation, row) WHERE seq IS NULL;
CREATE INDEX message_unread ON message (conversation, seq, sender)
  WHERE seq IS NOT NULL AND kind IN (1, 7);

CREATE TABLE outbox (
  item INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation BLOB NOT NULL,
  id BLOB NOT NULL UNIQUE,
  lane INTEGER NOT NULL,
  intent TEXT NOT NULL,
  target BLOB,
  state INTEGER NOT NULL,
  sealed BLOB,
  counter INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  failure TEXT
) STRICT;
CREATE INDEX outbox_by_lane ON outbox (conversation, lane, item);
CREATE INDEX outbox_by_target ON outbox (conversation, target) WHERE target IS NOT NULL;

CREATE TABLE sealed (
  conversation BLOB NOT NULL,
  hash BLOB NOT NULL,
  id BLOB NOT NULL,
  PRIMARY KEY (conversation, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX sealed_by_id ON sealed (id);

CREATE TABLE mls_row (
  conversation BLOB NOT NULL,
  kind INTEGER NOT NULL,
  key BLOB NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (conversation, kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE key_package (
  reference BLOB NOT NULL PRIMARY KEY,
  bytes BLOB NOT NULL,
  last_resort INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  published INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE key_package_row (
  reference BLOB NOT NULL REFERENCES key_package ON DELETE CASCADE,
  kind INTEGER NOT NULL,
  key BLOB NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (reference, kind, key)
) STRICT, WITHOUT ROWID;
