-- 02367ac0ba40ecaee269094801b22001859e9802b7be663d9c536165c4c33d8e
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
, source_id TEXT, import_key TEXT, correlation_id TEXT, worked_ms INTEGER NOT NULL DEFAULT 0, working_since INTEGER, constraints TEXT, allowed_hosts TEXT NOT NULL DEFAULT '[]', can_wait INTEGER NOT NULL DEFAULT 0, tool_policy TEXT NOT NULL DEFAULT '{}', plan_waits_on TEXT) STRICT;
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
  ended_at           INTEGER, source_id TEXT, rung TEXT, rung_reason TEXT NOT NULL DEFAULT '', at_once INTEGER NOT NULL DEFAULT 0, hosts TEXT NOT NULL DEFAULT '',
  UNIQUE (project_id, key)
) STRICT;
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
, correlation_id TEXT) STRICT;
CREATE INDEX run_task ON run (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX run_project ON run (project_id) WHERE task_id IS NULL;
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
, cache_saved_micros INTEGER, batch_saved_micros INTEGER) STRICT;
CREATE TABLE event (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  ts         INTEGER NOT NULL,
  type       TEXT NOT NULL,
  project_id INTEGER,
  task_id    INTEGER,
  run_id     INTEGER,
  data       TEXT NOT NULL
) STRICT;
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
, user TEXT) STRICT;
CREATE INDEX lease_resource ON lease (resource);
CREATE INDEX lease_run ON lease (run_id) WHERE run_id IS NOT NULL;
CREATE TABLE lease_token (last INTEGER NOT NULL) STRICT;
CREATE TABLE lease_stats (
  resource_kind TEXT PRIMARY KEY,
  granted       INTEGER NOT NULL DEFAULT 0,
  waited        INTEGER NOT NULL DEFAULT 0,
  wait_ms_total INTEGER NOT NULL DEFAULT 0,
  wait_ms_max   INTEGER NOT NULL DEFAULT 0,
  timeouts      INTEGER NOT NULL DEFAULT 0,
  expired       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoint (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
  task_id    INTEGER REFERENCES task(id) ON DELETE SET NULL,
  run_id     INTEGER REFERENCES run(id) ON DELETE SET NULL,
  kind       TEXT NOT NULL,
  title      TEXT NOT NULL,
  outcome    TEXT,
  files      INTEGER NOT NULL,
  commit_oid TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX checkpoint_project ON checkpoint (project_id);
CREATE TABLE file_change (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id    INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
  task_id       INTEGER REFERENCES task(id) ON DELETE SET NULL,
  run_id        INTEGER REFERENCES run(id) ON DELETE SET NULL,
  path          TEXT NOT NULL,
  before        TEXT,
  after         TEXT,
  state         TEXT NOT NULL,
  checkpoint_id INTEGER REFERENCES checkpoint(id) ON DELETE SET NULL,
  undone_by     INTEGER REFERENCES checkpoint(id) ON DELETE SET NULL,
  created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX file_change_task ON file_change (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX file_change_checkpoint ON file_change (checkpoint_id) WHERE checkpoint_id IS NOT NULL;
CREATE INDEX file_change_path ON file_change (project_id, path);
CREATE INDEX task_waiting ON task (resumes_at) WHERE state = 'waiting';
CREATE INDEX run_waiting ON run (resumes_at) WHERE state = 'waiting' AND task_id IS NULL;
CREATE TABLE child_process (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  -- In the environment of the child and of all that it starts, so that they are known again.
  token         TEXT NOT NULL,
  -- Also the number of its process group.
  pid           INTEGER NOT NULL,
  -- In the system's own spelling. NULL: nobody could tell, so it is never ended.
  started       TEXT,
  -- The core that started it.
  owner_pid     INTEGER NOT NULL,
  owner_started TEXT,
  what          TEXT NOT NULL,
  project_id    INTEGER,
  run_id        INTEGER,
  step_id       INTEGER,
  created_at    INTEGER NOT NULL
) STRICT;
CREATE TABLE imported_usage (
  id                 INTEGER PRIMARY KEY AUTOINCREMENT,
  ts                 INTEGER NOT NULL,
  day_key            TEXT NOT NULL,
  provider           TEXT NOT NULL,
  model              TEXT NOT NULL,
  profile            TEXT NOT NULL,
  project_id         INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
  task_id            INTEGER,
  run_id             INTEGER,
  step_id            INTEGER,
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
CREATE INDEX imported_usage_project ON imported_usage (project_id);
CREATE INDEX imported_usage_task ON imported_usage (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX imported_usage_run ON imported_usage (run_id);
CREATE VIEW usage_all AS
  SELECT project_id, task_id, run_id, step_id, input_tokens, output_tokens, cache_write_tokens, cache_read_tokens,
    cost_micros, reservation_id IS NOT NULL AS paid FROM usage_log
  UNION ALL
  SELECT project_id, task_id, run_id, step_id, input_tokens, output_tokens, cache_write_tokens, cache_read_tokens,
    cost_micros, cost_micros > 0 AS paid FROM imported_usage;
CREATE INDEX task_running ON task (project_id) WHERE state = 'running';
CREATE INDEX task_locked_out ON task (project_id) WHERE state = 'waiting' AND waiting_on = 'lock';
CREATE INDEX run_live ON run (project_id) WHERE state IN ('queued', 'running');
CREATE INDEX run_idle ON run (project_id) WHERE state = 'waiting';
CREATE INDEX step_open ON step (state) WHERE state = 'sent';
CREATE INDEX file_change_uncommitted ON file_change (project_id) WHERE checkpoint_id IS NULL;
CREATE INDEX file_change_run ON file_change (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX checkpoint_run ON checkpoint (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX checkpoint_task ON checkpoint (task_id) WHERE task_id IS NOT NULL;
CREATE TABLE chain_link (
  chain TEXT NOT NULL,
  seq   INTEGER NOT NULL,
  -- What the commit did: a line per row, of its id and the digest of what it became; `-` before the id: it was deleted.
  lines TEXT NOT NULL,
  -- SHA-256 of the hash before and of everything above.
  hash  TEXT NOT NULL,
  PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX reservation_run ON reservation (run_id) WHERE run_id IS NOT NULL;
CREATE TABLE past_task (
  task_id            INTEGER PRIMARY KEY,
  -- Done by the demo model, whose figures say nothing about any other.
  stand_in           INTEGER NOT NULL,
  tier               TEXT NOT NULL,
  complexity         TEXT NOT NULL,
  type               TEXT NOT NULL,
  profile            TEXT,
  input_tokens       INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  cache_read_tokens  INTEGER NOT NULL,
  output_tokens      INTEGER NOT NULL,
  -- Input of its largest call.
  call_tokens        INTEGER NOT NULL,
  cost_micros        INTEGER NOT NULL,
  ms                 INTEGER NOT NULL,
  ended_at           INTEGER NOT NULL
) STRICT;
CREATE INDEX past_task_class ON past_task (stand_in, tier, complexity, type);
CREATE TABLE estimate_outcome (
  plan_id  INTEGER NOT NULL,
  measure  TEXT NOT NULL,
  stand_in INTEGER NOT NULL,
  low      INTEGER NOT NULL,
  likely   INTEGER NOT NULL,
  high     INTEGER NOT NULL,
  -- The estimate before past errors corrected it: the median, and the standard deviation of the logarithm.
  centre   REAL NOT NULL,
  spread   REAL NOT NULL,
  -- Null until all tasks of the plan have succeeded.
  actual   INTEGER, used_before INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (plan_id, measure)
) STRICT, WITHOUT ROWID;
CREATE INDEX estimate_outcome_past ON estimate_outcome (stand_in, measure, plan_id) WHERE actual IS NOT NULL AND centre > 0;
CREATE INDEX project_working ON project (working_since) WHERE working_since IS NOT NULL;
CREATE TABLE route_outcome (
  type         TEXT NOT NULL,
  complexity   TEXT NOT NULL,
  tier         TEXT NOT NULL,
  profile      TEXT NOT NULL,
  -- Runs whose result was accepted, and runs that were given up after their repairs.
  verified     INTEGER NOT NULL DEFAULT 0,
  refused      INTEGER NOT NULL DEFAULT 0,
  -- Checks of results, repairs included; and how many of them were a model's.
  checks       INTEGER NOT NULL DEFAULT 0,
  model_checks INTEGER NOT NULL DEFAULT 0,
  -- Of all these runs, checks included.
  cost_micros  INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (type, complexity, tier, profile)
) STRICT, WITHOUT ROWID;
CREATE TABLE approval (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
  task_id    INTEGER REFERENCES task(id) ON DELETE CASCADE,
  run_id     INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  -- Place of the step in its run.
  step_key   TEXT NOT NULL,
  kind       TEXT NOT NULL,
  tool       TEXT NOT NULL,
  risk       TEXT NOT NULL,
  -- The call's arguments as JSON: what is shown, and by what an answer is remembered.
  subject    TEXT NOT NULL,
  reason     TEXT NOT NULL,
  state      TEXT NOT NULL,
  remembered TEXT,
  note       TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  decided_at INTEGER
) STRICT;
CREATE INDEX approval_run ON approval (run_id, step_key);
CREATE INDEX approval_task ON approval (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX approval_project ON approval (project_id, tool);
CREATE INDEX approval_open ON approval (id) WHERE state = 'open';
CREATE INDEX task_asking ON task (project_id) WHERE state = 'waiting' AND waiting_on = 'approval';
CREATE INDEX event_project ON event (project_id) WHERE project_id IS NOT NULL;
CREATE INDEX event_run_phase ON event (run_id) WHERE type = 'run.phase';
CREATE INDEX project_prompt ON project (id) WHERE constraints IS NOT NULL;
CREATE TABLE knowledge_source (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  -- NULL: everybody's.
  project_id INTEGER REFERENCES project(id) ON DELETE CASCADE,
  kind       TEXT NOT NULL,
  name       TEXT NOT NULL,
  -- Of a file or a folder: absolute. Of an upload: its hash in blobs/.
  path       TEXT NOT NULL,
  watched    INTEGER NOT NULL,
  state      TEXT NOT NULL,
  reason     TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  indexed_at INTEGER
) STRICT;
CREATE INDEX knowledge_source_project ON knowledge_source (project_id);
CREATE TABLE user (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  email         TEXT NOT NULL UNIQUE,
  display_name  TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  role          TEXT NOT NULL,
  is_active     INTEGER NOT NULL DEFAULT 1,
  created_at    INTEGER NOT NULL,
  last_login_at INTEGER
) STRICT;
CREATE TABLE session (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id    INTEGER NOT NULL REFERENCES user (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- Logged out, or ended because a used token came back; null while it lives.
  ended_at   INTEGER
) STRICT;
CREATE INDEX session_user ON session (user_id) WHERE ended_at IS NULL;
CREATE TABLE refresh_token (
  hash       TEXT PRIMARY KEY,
  session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  -- When it was exchanged; one that comes again after that was stolen from somebody.
  used_at    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_token_session ON refresh_token (session_id);
CREATE TABLE invite (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  code_hash  TEXT NOT NULL UNIQUE,
  role       TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_by    INTEGER REFERENCES user (id)
) STRICT;
CREATE TABLE api_token (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  name         TEXT NOT NULL,
  owner        TEXT NOT NULL,
  token_hash   TEXT NOT NULL UNIQUE,
  scopes       TEXT NOT NULL,
  -- Requests a minute in place of those of the settings; null: those.
  per_minute   INTEGER,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  last_used_at INTEGER,
  revoked_at   INTEGER
) STRICT;
CREATE TABLE audit (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  at             INTEGER NOT NULL,
  actor          TEXT NOT NULL,
  action         TEXT NOT NULL,
  subject        TEXT NOT NULL,
  details        TEXT NOT NULL,
  address        TEXT,
  correlation_id TEXT
) STRICT;
CREATE TRIGGER audit_keeps_its_rows BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_keeps_its_words BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE INDEX project_owner ON project (owner);
CREATE INDEX event_run_wait ON event (run_id) WHERE type = 'run.state' AND data ->> 'state' = 'waiting';
CREATE TABLE mcp_server (
  project_id    INTEGER NOT NULL REFERENCES project(id) ON DELETE CASCADE,
  name          TEXT NOT NULL,
  setup         TEXT NOT NULL,
  approved_hash TEXT,
  -- The tools as they were trusted, and as they were seen later where they are others.
  tools         TEXT NOT NULL DEFAULT '[]',
  seen_tools    TEXT,
  updated_at    INTEGER NOT NULL,
  PRIMARY KEY (project_id, name)
) STRICT;
CREATE TABLE model_batch (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  provider    TEXT NOT NULL,
  state       TEXT NOT NULL,
  -- How the names of its requests begin, by which it is found at the provider where its id was lost.
  mark        TEXT NOT NULL UNIQUE,
  -- The provider's own name for it; null until it is known.
  provider_id TEXT,
  requests    INTEGER NOT NULL,
  looks       INTEGER NOT NULL DEFAULT 0,
  look_at     INTEGER NOT NULL,
  sent_at     INTEGER NOT NULL,
  ended_at    INTEGER
) STRICT;
CREATE INDEX model_batch_open ON model_batch (state) WHERE state IN ('sending', 'waiting', 'canceling');
CREATE TABLE batch_request (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  batch_id       INTEGER REFERENCES model_batch (id),
  state          TEXT NOT NULL,
  provider       TEXT NOT NULL,
  model          TEXT NOT NULL,
  profile        TEXT NOT NULL,
  tier           TEXT,
  project_id     INTEGER NOT NULL,
  task_id        INTEGER NOT NULL,
  run_id         INTEGER NOT NULL,
  step_id        INTEGER NOT NULL,
  reservation_id INTEGER NOT NULL,
  attempt        INTEGER NOT NULL,
  bytes          INTEGER NOT NULL,
  -- Its run goes on without it.
  dropped        INTEGER NOT NULL DEFAULT 0,
  -- Why there is no answer, until its run comes by.
  fault          TEXT,
  created_at     INTEGER NOT NULL,
  ended_at       INTEGER
) STRICT;
CREATE INDEX batch_request_open ON batch_request (state) WHERE state IN ('collecting', 'sent');
CREATE INDEX batch_request_run ON batch_request (run_id) WHERE state IN ('collecting', 'sent');
CREATE INDEX batch_request_step ON batch_request (step_id);
CREATE INDEX batch_request_batch ON batch_request (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX task_in_batch ON task (project_id) WHERE state = 'waiting' AND waiting_on = 'batch';
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
CREATE TABLE webhook (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  url           TEXT NOT NULL,
  events        TEXT NOT NULL,
  project_id    INTEGER,
  -- The host of the URL, where a person allowed it though it is not public.
  private_host  TEXT,
  is_active     INTEGER NOT NULL DEFAULT 1,
  reason        TEXT NOT NULL DEFAULT '',
  -- Which of its secrets signs; the one before it does too, until a moment.
  secret        INTEGER NOT NULL DEFAULT 1,
  former_until  INTEGER,
  -- It is told of events behind this one.
  since_seq     INTEGER NOT NULL,
  created_at    INTEGER NOT NULL
) STRICT;
CREATE TABLE webhook_delivery (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  webhook_id  INTEGER NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
  -- Null: a trial.
  event_seq   INTEGER,
  event_id    TEXT NOT NULL,
  event       TEXT NOT NULL,
  state       TEXT NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',
  attempts    INTEGER NOT NULL DEFAULT 0,
  next_at     INTEGER NOT NULL,
  give_up_at  INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  ended_at    INTEGER
) STRICT;
CREATE UNIQUE INDEX webhook_delivery_once ON webhook_delivery (webhook_id, event_seq) WHERE event_seq IS NOT NULL;
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_at) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_of ON webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at) WHERE ended_at IS NOT NULL;
CREATE TABLE webhook_attempt (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  delivery_id INTEGER NOT NULL REFERENCES webhook_delivery (id) ON DELETE CASCADE,
  at          INTEGER NOT NULL,
  ms          INTEGER NOT NULL,
  status      INTEGER,
  error       TEXT NOT NULL
) STRICT;
CREATE INDEX webhook_attempt_of ON webhook_attempt (delivery_id, id);
CREATE TABLE webhook_secret (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE webhook_received (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Of the stamp and the body, whichever secret signed them.
  digest    TEXT NOT NULL UNIQUE,
  event_id  TEXT,
  -- Of the body alone.
  body_hash TEXT NOT NULL,
  at        INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX webhook_received_event ON webhook_received (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX webhook_received_age ON webhook_received (at);
CREATE TRIGGER audit_replaces_nothing BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TABLE plan_comment (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
  plan_id    INTEGER NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
  task_key   TEXT NOT NULL,
  -- The name of who wrote it, as it was then.
  author     TEXT NOT NULL,
  text       TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX plan_comment_of ON plan_comment (plan_id, id);
CREATE INDEX plan_comment_of_project ON plan_comment (project_id);
CREATE INDEX task_ready ON task (held, project_id) WHERE state = 'ready';
CREATE INDEX usage_project_task ON usage_log (project_id, task_id);
INSERT INTO "lease_token" VALUES (0);
