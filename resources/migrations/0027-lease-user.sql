-- Who asked for a lock over the port: their own name for themselves is not enough, as anybody can give the same (S6).
-- NULL: Baton's own work, or the owner of the data folder.
ALTER TABLE lease ADD COLUMN user TEXT;
