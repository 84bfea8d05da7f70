-- The last manifest under the identity relied on, where nothing connects the newest with it.
ALTER TABLE manifest ADD COLUMN base BLOB;

-- Where the last epochs began, so that what was said in one that is taken back is known.
CREATE TABLE epoch (
  conversation BLOB NOT NULL,
  number INTEGER NOT NULL,
  since_seq INTEGER NOT NULL,
  PRIMARY KEY (conversation, number)
) STRICT, WITHOUT ROWID;

-- The device that is to take the place of this one, while the server may not know it yet.
CREATE TABLE re_enrolment (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  device BLOB NOT NULL,
  device_secret BLOB NOT NULL,
  manifest BLOB NOT NULL
) STRICT;
