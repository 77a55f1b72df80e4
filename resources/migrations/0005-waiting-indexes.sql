-- Every turn asks what waits and when the next of it goes on; without these it reads all tasks each time.
CREATE INDEX task_waiting ON task (resumes_at) WHERE state = 'waiting';
CREATE INDEX run_waiting ON run (resumes_at) WHERE state = 'waiting' AND task_id IS NULL;
