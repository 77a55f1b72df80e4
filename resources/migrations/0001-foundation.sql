-- Integer keys inside; public ids are computed from them. Money: integer micro-dollars. Times: integer ms since 1970 UTC.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
  key        TEXT PRIMARY KEY,
  value      TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE project (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  name              TEXT NOT NULL,
  requirements      TEXT NOT NULL,
  owner             TEXT NOT NULL,
  state             TEXT NOT NULL,
  reason            TEXT NOT NULL DEFAULT '',
  workspace         TEXT NOT NULL DEFAULT '',
  workspace_owned   INTEGER NOT NULL DEFAULT 1,
  budget_micros     INTEGER,
  authorised_micros INTEGER,
  local_only        INTEGER NOT NULL DEFAULT 0,
  profile           TEXT,
  priority          INTEGER NOT NULL DEFAULT 1,
  plan_id           INTEGER,
  result            TEXT,
  created_at        INTEGER NOT NULL,
  updated_at        INTEGER NOT NULL,
  started_at        INTEGER,
  ended_at          INTEGER
) STRICT;

CREATE TABLE attachment (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
  name       TEXT NOT NULL,
  path       TEXT NOT NULL,
  bytes      INTEGER NOT NULL,
  sha256     TEXT NOT NULL,
  UNIQUE (project_id, name)
) STRICT;

CREATE TABLE plan (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id        INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
  version           INTEGER NOT NULL,
  state             TEXT NOT NULL,
  source            TEXT NOT NULL,
  document          TEXT NOT NULL,
  repairs           TEXT NOT NULL,
  note              TEXT NOT NULL DEFAULT '',
  estimate          TEXT,
  created_at        INTEGER NOT NULL,
  decided_at        INTEGER,
  UNIQUE (project_id, version)
) STRICT;

CREATE TABLE task (
  id                 INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id         INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
  plan_id            INTEGER NOT NULL REFERENCES plan(id),
  key                TEXT NOT NULL,
  position           INTEGER NOT NULL,
  title              TEXT NOT NULL,
  description        TEXT NOT NULL,
  type               TEXT NOT NULL,
  complexity         TEXT NOT NULL,
  tier               TEXT,
  tools              TEXT NOT NULL,
  acceptance         TEXT NOT NULL,
  verify_command     TEXT,
  write_scope        TEXT NOT NULL,
  artifacts          TEXT NOT NULL,
  priority           INTEGER NOT NULL,
  state              TEXT NOT NULL,
  waiting_on         TEXT,
  reason             TEXT NOT NULL DEFAULT '',
  held               INTEGER NOT NULL DEFAULT 0,
  resumes_at         INTEGER,
  unmet_dependencies INTEGER NOT NULL,
  attempts           INTEGER NOT NULL DEFAULT 0,
  run_id             INTEGER,
  carry_run_id       INTEGER,
  output             TEXT NOT NULL DEFAULT '',
  ready_at           INTEGER,
  created_at         INTEGER NOT NULL,
  started_at         INTEGER,
  ended_at           INTEGER,
  UNIQUE (project_id, key)
) STRICT;
CREATE INDEX task_open ON task (state) WHERE state IN ('ready', 'running', 'waiting');

CREATE TABLE task_dependency (
  task_id       INTEGER NOT NULL REFERENCES task(id) ON DELETE CASCADE,
  depends_on_id INTEGER NOT NULL REFERENCES task(id) ON DELETE CASCADE,
  PRIMARY KEY (task_id, depends_on_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_dependant ON task_dependency (depends_on_id);

CREATE TABLE run (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  kind          TEXT NOT NULL,
  project_id    INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
  task_id       INTEGER REFERENCES task(id) ON DELETE CASCADE,
  attempt       INTEGER NOT NULL,
  state         TEXT NOT NULL,
  reason        TEXT NOT NULL DEFAULT '',
  phase         TEXT,
  tier          TEXT,
  profile       TEXT,
  route_reason  TEXT NOT NULL DEFAULT '',
  note          TEXT NOT NULL DEFAULT '',
  repairs       INTEGER NOT NULL DEFAULT 0,
  violations    TEXT NOT NULL DEFAULT '[]',
  next_sequence INTEGER NOT NULL DEFAULT 0,
  last_event_us INTEGER NOT NULL DEFAULT 0,
  resumes_at    INTEGER,
  created_at    INTEGER NOT NULL,
  started_at    INTEGER,
  ended_at      INTEGER
) STRICT;
CREATE INDEX run_task ON run (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX run_project ON run (project_id) WHERE task_id IS NULL;
CREATE INDEX run_open ON run (state) WHERE state IN ('queued', 'running', 'waiting');

CREATE TABLE run_context (
  run_id  INTEGER PRIMARY KEY REFERENCES run(id) ON DELETE CASCADE,
  context TEXT NOT NULL
) STRICT;

CREATE TABLE step (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id         INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  key            TEXT NOT NULL,
  attempt        INTEGER NOT NULL,
  phase          TEXT NOT NULL,
  kind           TEXT NOT NULL,
  name           TEXT NOT NULL,
  state          TEXT NOT NULL,
  input          TEXT NOT NULL,
  output         TEXT,
  note           TEXT,
  error          TEXT,
  files_changed  TEXT NOT NULL DEFAULT '[]',
  reservation_id INTEGER,
  reused         INTEGER NOT NULL DEFAULT 0,
  started_at     INTEGER NOT NULL,
  ended_at       INTEGER,
  UNIQUE (run_id, key, attempt)
) STRICT;

CREATE TABLE reservation (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  state          TEXT NOT NULL,
  provider       TEXT NOT NULL,
  model          TEXT NOT NULL,
  project_id     INTEGER,
  task_id        INTEGER,
  run_id         INTEGER,
  day_key        TEXT NOT NULL,
  month_key      TEXT NOT NULL,
  amount_micros  INTEGER NOT NULL,
  settled_micros INTEGER NOT NULL DEFAULT 0,
  created_at     INTEGER NOT NULL,
  sent_at        INTEGER,
  settled_at     INTEGER
) STRICT;
CREATE INDEX reservation_open ON reservation (state) WHERE state IN ('reserved', 'sent');

-- One row per scope that limits spending; kept equal to the sums over `reservation`.
CREATE TABLE budget_account (
  scope              TEXT PRIMARY KEY,
  reserved_micros    INTEGER NOT NULL DEFAULT 0 CHECK (reserved_micros >= 0),
  settled_micros     INTEGER NOT NULL DEFAULT 0 CHECK (settled_micros >= 0),
  unconfirmed_micros INTEGER NOT NULL DEFAULT 0 CHECK (unconfirmed_micros >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE usage_log (
  id                 INTEGER PRIMARY KEY AUTOINCREMENT,
  ts                 INTEGER NOT NULL,
  day_key            TEXT NOT NULL,
  provider           TEXT NOT NULL,
  model              TEXT NOT NULL,
  profile            TEXT NOT NULL,
  project_id         INTEGER,
  task_id            INTEGER,
  run_id             INTEGER,
  step_id            INTEGER,
  reservation_id     INTEGER,
  tier               TEXT,
  attempt            INTEGER NOT NULL,
  input_tokens       INTEGER NOT NULL,
  output_tokens      INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  cache_read_tokens  INTEGER NOT NULL,
  cost_micros        INTEGER NOT NULL,
  saved_micros       INTEGER NOT NULL,
  latency_ms         INTEGER NOT NULL,
  outcome            TEXT NOT NULL,
  unconfirmed        INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX usage_project ON usage_log (project_id);
CREATE INDEX usage_task ON usage_log (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX usage_run ON usage_log (run_id);
CREATE INDEX usage_day ON usage_log (day_key);

CREATE TABLE event (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  ts         INTEGER NOT NULL,
  type       TEXT NOT NULL,
  project_id INTEGER,
  task_id    INTEGER,
  run_id     INTEGER,
  data       TEXT NOT NULL
) STRICT;
CREATE INDEX event_project ON event (project_id, seq) WHERE project_id IS NOT NULL;
CREATE INDEX event_run_phase ON event (run_id, seq) WHERE type = 'run.phase';
