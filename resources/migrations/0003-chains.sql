-- What happened to reservations (`ledger`), steps (`journal`) and calls of models (`usage`), so that a change made behind
-- Baton's back is found (SPEC D5). One entry per change of a row; `gone` marks the tombstone of a deleted one.
CREATE TABLE chain_entry (
  chain   TEXT NOT NULL,
  seq     INTEGER NOT NULL,
  subject INTEGER NOT NULL,
  gone    INTEGER NOT NULL DEFAULT 0,
  -- SHA-256 of the row after the change, or of what was deleted.
  digest  BLOB NOT NULL,
  -- SHA-256 of the hash before and of everything above.
  hash    BLOB NOT NULL,
  PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;
