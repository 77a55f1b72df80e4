-- What a task or a run has used is the sum of its few reservations, read where it has a limit; an account of its own for
-- each was most of the accounts, and grew for ever.
DELETE FROM budget_account WHERE scope LIKE 'task:%' OR scope LIKE 'run:%';
CREATE INDEX reservation_task ON reservation (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX reservation_run ON reservation (run_id) WHERE run_id IS NOT NULL;
