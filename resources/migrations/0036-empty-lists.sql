-- A list without members is an empty text: a task has five lists, and mostly nothing in them.
ALTER TABLE task RENAME COLUMN hosts TO hosts_before;
ALTER TABLE task ADD COLUMN hosts TEXT NOT NULL DEFAULT '';
UPDATE task SET
  tools = iif(tools = '[]', '', tools),
  acceptance = iif(acceptance = '[]', '', acceptance),
  write_scope = iif(write_scope = '[]', '', write_scope),
  hosts = iif(hosts_before = '[]', '', hosts_before),
  artifacts = iif(artifacts = '[]', '', artifacts);
ALTER TABLE task DROP COLUMN hosts_before;
