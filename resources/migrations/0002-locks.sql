-- Leases on resources (L1). A row is a request until it has a token, and a lease from then on; ended ones are deleted.
CREATE TABLE lease (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  resource      TEXT NOT NULL,
  -- How many leases of the resource may be held at once.
  capacity      INTEGER NOT NULL,
  owner         TEXT NOT NULL,
  -- Whose process it is; a lease of a dead process is taken away. NULL: only its expiry ends it.
  owner_pid     INTEGER,
  owner_started TEXT,
  purpose       TEXT NOT NULL DEFAULT '',
  project_id    INTEGER,
  run_id        INTEGER,
  priority      INTEGER NOT NULL,
  ttl_ms        INTEGER,
  -- Fencing token: grows with each grant of any resource.
  token         INTEGER UNIQUE,
  requested_at  INTEGER NOT NULL,
  granted_at    INTEGER,
  expires_at    INTEGER
) STRICT;
CREATE INDEX lease_resource ON lease (resource);
CREATE INDEX lease_run ON lease (run_id) WHERE run_id IS NOT NULL;

-- One row: the last fencing token that was given out.
CREATE TABLE lease_token (last INTEGER NOT NULL) STRICT;
INSERT INTO lease_token (last) VALUES (0);

CREATE TABLE lease_stats (
  resource_kind TEXT PRIMARY KEY,
  granted       INTEGER NOT NULL DEFAULT 0,
  waited        INTEGER NOT NULL DEFAULT 0,
  wait_ms_total INTEGER NOT NULL DEFAULT 0,
  wait_ms_max   INTEGER NOT NULL DEFAULT 0,
  timeouts      INTEGER NOT NULL DEFAULT 0,
  expired       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
