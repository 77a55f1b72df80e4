-- One index for the calls of a project and for those of one of its tasks, in place of two: whoever asks for a task, or for one of
-- its runs, knows the project.
DROP INDEX usage_project;
DROP INDEX usage_task;
CREATE INDEX usage_project_task ON usage_log (project_id, task_id);
