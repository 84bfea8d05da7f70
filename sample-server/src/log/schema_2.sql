-- From schema 1 to 2: manifests that change, devices that are revoked or wait to be added, commits
-- that are taken back.

-- 1 once the newest manifest of its user does not list it any more; never 0 again.
ALTER TABLE device ADD COLUMN revoked INTEGER NOT NULL DEFAULT 0;

-- When it was stored; of those before schema 2 nobody knows.
ALTER TABLE manifest ADD COLUMN stored_ms INTEGER NOT NULL DEFAULT 0;

CREATE INDEX refresh_family_by_device ON refresh_family (device);

CREATE INDEX member_by_user ON member (user, conversation) WHERE to_seq IS NULL;

-- Devices that wait to be added (again) to a conversation that their user is in; the row goes
-- when they are added.
CREATE TABLE waiting (
    conversation BLOB    NOT NULL REFERENCES conversation (conversation),
    device       BLOB    NOT NULL REFERENCES device (device),
    -- When others were last told; 0 before the first time.
    asked_ms     INTEGER NOT NULL,
    -- How often others were told: each time it is the turn of other devices.
    turn         INTEGER NOT NULL,
    PRIMARY KEY (conversation, device)
) STRICT, WITHOUT ROWID;

CREATE INDEX waiting_by_device ON waiting (device, asked_ms);

-- The same as before, but items need not be about a conversation.
CREATE TABLE inbox_2 (
    device       BLOB    NOT NULL REFERENCES device (device),
    -- Grows per device.
    seq          INTEGER NOT NULL,
    -- 1 Welcome, 2 "a device waits to be added", 3 "a user has a new manifest".
    kind         INTEGER NOT NULL,
    -- NULL for a manifest.
    conversation BLOB    REFERENCES conversation (conversation),
    -- The adding commit; 0 where there is none.
    commit_seq   INTEGER NOT NULL,
    -- For a Welcome the device that added, for a manifest its user, else the device that waits.
    about_user   BLOB    NOT NULL,
    -- NULL for a manifest.
    about_device BLOB,
    PRIMARY KEY (device, seq),
    CHECK ((kind = 3) = (conversation IS NULL)),
    CHECK ((kind = 3) = (about_device IS NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO inbox_2 (device, seq, kind, conversation, commit_seq, about_user, about_device)
    SELECT device, seq, kind, conversation, commit_seq, about_user, about_device FROM inbox;

DROP TABLE inbox;

ALTER TABLE inbox_2 RENAME TO inbox;

CREATE INDEX inbox_by_commit ON inbox (conversation, commit_seq);
-- One pending item per manifest and per waiting device is enough: a newer one takes its place.
CREATE UNIQUE INDEX inbox_by_manifest ON inbox (device, about_user) WHERE kind = 3;
CREATE UNIQUE INDEX inbox_by_waiting ON inbox (device, conversation, about_device)
    WHERE kind = 2 AND commit_seq = 0;

-- 1 where its commit, or the one of the epoch it was made in, was void. The one change that a row
-- of the log ever sees.
ALTER TABLE envelope ADD COLUMN voided INTEGER NOT NULL DEFAULT 0;

-- What is void may be sent anew under the same name.
DROP INDEX envelope_by_client_id;
CREATE UNIQUE INDEX envelope_by_client_id ON envelope (conversation, sender_user, client_id)
    WHERE voided = 0;

-- 0 once a commit of the device there was void.
ALTER TABLE participant ADD COLUMN may_commit INTEGER NOT NULL DEFAULT 1;

-- Commits that no device of another user has applied yet, with the group before them.
CREATE TABLE unconfirmed (
    conversation BLOB    NOT NULL REFERENCES conversation (conversation),
    -- The commit.
    seq          INTEGER NOT NULL,
    -- Whose device made it.
    user         BLOB    NOT NULL,
    device       BLOB    NOT NULL,
    -- The epoch and the public state of the group before it.
    epoch        INTEGER NOT NULL,
    state        BLOB    NOT NULL,
    PRIMARY KEY (conversation, seq)
) STRICT, WITHOUT ROWID;
