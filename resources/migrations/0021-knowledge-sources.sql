-- What is searched in (K1). What was read of it lies in knowledge.db and can be made anew from this.
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
