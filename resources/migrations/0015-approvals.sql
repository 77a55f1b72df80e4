-- Questions to a person before a tool call is made, with the answers (T5).
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
