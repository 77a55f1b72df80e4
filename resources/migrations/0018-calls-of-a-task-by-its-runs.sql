-- A task's calls are those of its runs.
DROP INDEX reservation_task;
