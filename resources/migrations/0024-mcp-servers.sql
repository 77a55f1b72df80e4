-- Servers of tools that a project's work may use (T7), each with the hash of what a person trusted.
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
