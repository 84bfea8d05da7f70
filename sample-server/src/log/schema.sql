-- The database of the reference server, schema 1. Ids are 16 random bytes, hashes are SHA-256,
-- times are milliseconds since 1970 by the server's clock unless the name says seconds (_s).
-- No table holds anything readable of a conversation: payloads are MLS messages.

-- The server itself; exactly one row.
CREATE TABLE server (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    -- Changes when the log was restored and lost something; told to clients with every head.
    incarnation INTEGER NOT NULL,
    created_ms  INTEGER NOT NULL
) STRICT;

-- A person.
CREATE TABLE account (
    user          BLOB    NOT NULL PRIMARY KEY CHECK (length(user) = 16),
    username      TEXT    NOT NULL UNIQUE,
    -- Argon2id, as a PHC string.
    password_hash TEXT    NOT NULL,
    -- The Ed25519 key that signs the user's manifest and certificates.
    identity_key  BLOB    NOT NULL CHECK (length(identity_key) = 32),
    created_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- An installation of a person's app.
CREATE TABLE device (
    device     BLOB    NOT NULL PRIMARY KEY CHECK (length(device) = 16),
    user       BLOB    NOT NULL REFERENCES account (user),
    -- The highest count of sealed items ever seen from it: a lower one in a later Hello means
    -- that its database was rolled back.
    sealed_no  INTEGER NOT NULL DEFAULT 0,
    -- The last number given in its inbox; never falls, although inbox rows are deleted.
    inbox_head INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX device_by_user ON device (user);

-- Device manifests as their users signed them; the highest version is the valid one.
CREATE TABLE manifest (
    user    BLOB    NOT NULL REFERENCES account (user),
    version INTEGER NOT NULL,
    bytes   BLOB    NOT NULL,
    PRIMARY KEY (user, version)
) STRICT, WITHOUT ROWID;

-- One sign-in of one device: the chain of refresh tokens that came from it.
CREATE TABLE refresh_family (
    family     INTEGER PRIMARY KEY AUTOINCREMENT,
    user       BLOB    NOT NULL REFERENCES account (user),
    device     BLOB    NOT NULL REFERENCES device (device),
    -- Number of the newest token.
    current_no INTEGER NOT NULL,
    -- Number of the one token before it that may be presented once more, because the answer
    -- with the newest may be lost; NULL when there is none (any more).
    grace_no   INTEGER,
    rotated_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    -- 1 once a used token was presented: somebody has a copy.
    ended      INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX refresh_family_by_expiry ON refresh_family (expires_ms);

-- Tokens of the families, as hashes; used ones are kept so that their reuse is noticed.
CREATE TABLE refresh_token (
    token_hash BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    family     INTEGER NOT NULL REFERENCES refresh_family (family) ON DELETE CASCADE,
    -- Dense from 1 within the family.
    no         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX refresh_token_by_family ON refresh_token (family, no);

-- A conversation. Its row is what an append locks, reads and moves on.
CREATE TABLE conversation (
    conversation BLOB    NOT NULL PRIMARY KEY CHECK (length(conversation) = 16),
    -- The last number: the log has 1 to head without gaps.
    head         INTEGER NOT NULL,
    -- The MLS epoch after head.
    epoch        INTEGER NOT NULL,
    -- Transcript value at head.
    chain        BLOB    NOT NULL CHECK (length(chain) = 32),
    -- When it last moved.
    moved_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Direct conversations: at most one per unordered pair of users.
CREATE TABLE direct (
    low_user     BLOB NOT NULL REFERENCES account (user),
    high_user    BLOB NOT NULL REFERENCES account (user),
    conversation BLOB NOT NULL UNIQUE REFERENCES conversation (conversation),
    PRIMARY KEY (low_user, high_user),
    CHECK (low_user < high_user)
) STRICT, WITHOUT ROWID;

-- The public state of each conversation's MLS group at its epoch; holds no secret.
CREATE TABLE follower (
    conversation BLOB NOT NULL PRIMARY KEY REFERENCES conversation (conversation),
    state        BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The log: numbered items. Rows are never changed and never deleted.
CREATE TABLE envelope (
    conversation   BLOB    NOT NULL REFERENCES conversation (conversation),
    -- 1, 2, 3 … per conversation.
    seq            INTEGER NOT NULL,
    -- 1 create, 2 commit, 3 message.
    kind           INTEGER NOT NULL,
    sender_user    BLOB    NOT NULL,
    sender_device  BLOB    NOT NULL,
    -- What the sender calls it; a repeat is recognised by it.
    client_id      BLOB    NOT NULL CHECK (length(client_id) = 16),
    -- Dense from 1 per conversation and sending device.
    counter        INTEGER NOT NULL,
    -- The MLS epoch it was made in.
    epoch          INTEGER NOT NULL,
    server_time_ms INTEGER NOT NULL,
    -- 1 for items that are not worth a push notification.
    silent         INTEGER NOT NULL,
    payload_sha256 BLOB    NOT NULL CHECK (length(payload_sha256) = 32),
    -- Transcript value at this number.
    chain          BLOB    NOT NULL CHECK (length(chain) = 32),
    -- The MLS message.
    payload        BLOB    NOT NULL,
    PRIMARY KEY (conversation, seq)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX envelope_by_client_id ON envelope (conversation, sender_user, client_id);

-- From which to which number a device is in a conversation. A device that was removed and added
-- again has several rows.
CREATE TABLE member (
    conversation BLOB    NOT NULL REFERENCES conversation (conversation),
    device       BLOB    NOT NULL REFERENCES device (device),
    -- The adding commit; the first readable number is the next. 0 for the creator.
    from_seq     INTEGER NOT NULL,
    user         BLOB    NOT NULL,
    -- The removing commit, which is the last readable number; NULL while it is in.
    to_seq       INTEGER,
    -- The epoch after the removing commit.
    to_epoch     INTEGER,
    PRIMARY KEY (conversation, device, from_seq),
    CHECK ((to_seq IS NULL) = (to_epoch IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX member_by_device ON member (device, conversation);
-- A device is in a conversation at most once at a time.
CREATE UNIQUE INDEX member_present ON member (conversation, device) WHERE to_seq IS NULL;

-- What is counted per conversation and device that ever was in it.
CREATE TABLE participant (
    conversation BLOB    NOT NULL REFERENCES conversation (conversation),
    device       BLOB    NOT NULL REFERENCES device (device),
    user         BLOB    NOT NULL,
    -- Counter of the device's last item.
    last_counter INTEGER NOT NULL DEFAULT 0,
    -- Up to here the device has everything in its database; never falls.
    delivered    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation, device)
) STRICT, WITHOUT ROWID;

-- What added devices need to get in: kept while an inbox holds a Welcome of this commit.
CREATE TABLE admission (
    conversation BLOB    NOT NULL REFERENCES conversation (conversation),
    -- The adding commit.
    seq          INTEGER NOT NULL,
    -- The epoch after it.
    epoch        INTEGER NOT NULL,
    -- The MLS Welcome.
    welcome      BLOB    NOT NULL,
    -- The ratchet tree of that epoch.
    tree         BLOB    NOT NULL,
    PRIMARY KEY (conversation, seq)
) STRICT, WITHOUT ROWID;

-- Items for one device, deleted when it has them.
CREATE TABLE inbox (
    device       BLOB    NOT NULL REFERENCES device (device),
    -- Grows per device.
    seq          INTEGER NOT NULL,
    -- 1 Welcome, 2 "the Welcome you sent could not be opened".
    kind         INTEGER NOT NULL,
    conversation BLOB    NOT NULL REFERENCES conversation (conversation),
    -- The adding commit.
    commit_seq   INTEGER NOT NULL,
    -- For a Welcome the device that added, else the device that could not get in.
    about_user   BLOB    NOT NULL,
    about_device BLOB    NOT NULL,
    PRIMARY KEY (device, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX inbox_by_commit ON inbox (conversation, commit_seq);

-- Key packages to be claimed.
CREATE TABLE key_package (
    -- The order they came in; the oldest is handed out first.
    no          INTEGER PRIMARY KEY AUTOINCREMENT,
    device      BLOB    NOT NULL REFERENCES device (device),
    -- The hash by which a Welcome names it.
    reference   BLOB    NOT NULL UNIQUE,
    -- 1 for the one that is handed out when no other is left.
    last_resort INTEGER NOT NULL,
    -- Not handed out from this second since 1970 on.
    expires_s   INTEGER NOT NULL,
    bytes       BLOB    NOT NULL
) STRICT;

CREATE INDEX key_package_by_device ON key_package (device, last_resort, no);

-- References of key packages that were handed out, until they expire: publishing one of them
-- again (after a lost answer) must not hand it out a second time.
CREATE TABLE spent_key_package (
    reference BLOB    NOT NULL PRIMARY KEY,
    device    BLOB    NOT NULL REFERENCES device (device),
    expires_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX spent_key_package_by_device ON spent_key_package (device, expires_s);

-- Commits that devices say they can't process.
CREATE TABLE rejection (
    conversation BLOB    NOT NULL REFERENCES conversation (conversation),
    seq          INTEGER NOT NULL,
    device       BLOB    NOT NULL REFERENCES device (device),
    rejected_ms  INTEGER NOT NULL,
    PRIMARY KEY (conversation, seq, device)
) STRICT, WITHOUT ROWID;
