-- What was done under an Idempotency-Key (A3), so that it is not done twice. The row commits with the change itself.
CREATE TABLE idempotency_key (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  caller      TEXT NOT NULL,
  key         TEXT NOT NULL,
  -- Of the route and the body.
  fingerprint TEXT NOT NULL,
  -- `begun`: something was changed, and whether all of it was is not known. `done`: it was answered.
  state       TEXT NOT NULL,
  -- As JSON, packed; null where it is not kept.
  answer      TEXT,
  created_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX idempotency_key_of_caller ON idempotency_key (caller, key);
CREATE INDEX idempotency_key_age ON idempotency_key (created_at);
