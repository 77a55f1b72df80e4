-- Projects that came out of an archive (SPEC D3). `source_id` is the public id that a thing had where it was exported;
-- `import_key` names the folder in `imports/` from which the project's files are moved to their place.
ALTER TABLE project ADD COLUMN source_id TEXT;
ALTER TABLE project ADD COLUMN import_key TEXT;
ALTER TABLE task ADD COLUMN source_id TEXT;

-- Calls of models that were made before the import, elsewhere: history to look at. They are no part of this machine's
-- ledger, of its chains or of its usage, so they have a table of their own.
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

-- Every call behind a project, a task, a run or a step, wherever it was made.
CREATE VIEW usage_all AS
  SELECT project_id, task_id, run_id, step_id, input_tokens, output_tokens, cache_write_tokens, cache_read_tokens,
    cost_micros, reservation_id IS NOT NULL AS paid FROM usage_log
  UNION ALL
  SELECT project_id, task_id, run_id, step_id, input_tokens, output_tokens, cache_write_tokens, cache_read_tokens,
    cost_micros, cost_micros > 0 AS paid FROM imported_usage;
