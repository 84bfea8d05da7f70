-- The key of a user's newest manifest, where no group goes by it yet.
ALTER TABLE contact ADD COLUMN announced_key BLOB;
