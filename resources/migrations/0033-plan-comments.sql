-- What people wrote about single tasks of a version of a plan (P5). A comment stays with its version.
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
