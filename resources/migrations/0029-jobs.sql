-- Jobs that are dispatched from outside (S1), to this core or to workers that claim them.
CREATE TABLE job (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  core_id          TEXT NOT NULL,
  owner            TEXT NOT NULL,
  state            TEXT NOT NULL,
  reason           TEXT NOT NULL DEFAULT '',
  priority         INTEGER NOT NULL,
  stay             INTEGER NOT NULL,
  timeout_s        INTEGER NOT NULL,
  metadata         TEXT NOT NULL,
  prompt           TEXT,
  -- The last that was said of its progress.
  message          TEXT NOT NULL DEFAULT '',
  result           TEXT,
  attempts         INTEGER NOT NULL DEFAULT 0,
  -- Of its last lease; grows with each.
  token            INTEGER NOT NULL DEFAULT 0,
  -- The job with which its session began.
  session          INTEGER,
  worker           TEXT,
  lease_ms         INTEGER,
  lease_expires_at INTEGER,
  deadline_at      INTEGER,
  -- The free prompt as which the core carries it out. No reference: a job outlives the project it was.
  run_id           INTEGER,
  -- Its moment less its priority's worth: the order of two jobs never changes while they wait.
  order_at         INTEGER NOT NULL,
  created_at       INTEGER NOT NULL,
  started_at       INTEGER,
  ended_at         INTEGER,
  correlation_id   TEXT
) STRICT;
CREATE INDEX job_queue ON job (core_id, order_at, id) WHERE state = 'queued';
CREATE INDEX job_running ON job (core_id) WHERE state = 'running';
CREATE INDEX job_done ON job (core_id, id) WHERE state = 'succeeded';
CREATE INDEX job_of_core ON job (core_id, id);
CREATE INDEX job_of_owner ON job (owner, id);
CREATE INDEX job_of_state ON job (state, id);
CREATE INDEX job_of_worker ON job (core_id, worker, started_at) WHERE worker IS NOT NULL;
CREATE INDEX job_session ON job (session) WHERE session IS NOT NULL;
CREATE INDEX job_run ON job (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX event_job ON event (data ->> 'job_id') WHERE type >= 'job.' AND type < 'job/';
