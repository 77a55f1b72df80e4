-- What tasks did to files, and the commits in a workspace's private history that hold it (SPEC E10).

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

-- One row per write of one file. `before` and `after` name contents in the private history; null: there is no such file.
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
