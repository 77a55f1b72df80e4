-- Child processes of a core, each on record before it does anything (E5). Ended ones are deleted.
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
