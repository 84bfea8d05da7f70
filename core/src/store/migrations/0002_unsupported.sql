CREATE INDEX message_unsupported ON message (row) WHERE kind = 7;
