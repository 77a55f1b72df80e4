-- Hosts of the internet that a project's work may reach (T6), and those that the approved plan named for a task (T4).
ALTER TABLE project ADD COLUMN allowed_hosts TEXT NOT NULL DEFAULT '[]';
ALTER TABLE task ADD COLUMN hosts TEXT NOT NULL DEFAULT '[]';
