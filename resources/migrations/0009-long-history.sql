-- What is asked at a start, in a turn or at an approval must not read all that ever was. SQLite uses a partial index only where
-- the question contains its condition as it stands here: the state being ready did not find one on a list of states.
DROP INDEX task_open;
CREATE INDEX task_ready ON task (held) WHERE state = 'ready';
CREATE INDEX task_running ON task (project_id) WHERE state = 'running';
CREATE INDEX task_locked_out ON task (project_id) WHERE state = 'waiting' AND waiting_on = 'lock';
-- The newest finished tasks of a kind, for estimates.
CREATE INDEX task_past ON task (type, complexity) WHERE state = 'succeeded';

DROP INDEX run_open;
CREATE INDEX run_live ON run (project_id) WHERE state IN ('queued', 'running');
CREATE INDEX run_idle ON run (project_id) WHERE state = 'waiting';

CREATE INDEX step_open ON step (state) WHERE state = 'sent';

CREATE INDEX file_change_uncommitted ON file_change (project_id) WHERE checkpoint_id IS NULL;
-- Deleting a run or task looks for them.
CREATE INDEX file_change_run ON file_change (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX checkpoint_run ON checkpoint (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX checkpoint_task ON checkpoint (task_id) WHERE task_id IS NOT NULL;
