CREATE INDEX message_unsupported ON message (row) WHERE kind = 7;
CREATE INDEX outbox_accepted ON outbox (item) WHERE state = 2;
