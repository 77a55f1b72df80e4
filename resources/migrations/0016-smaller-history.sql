-- Indexes that no question uses, or that hold a number twice: a seventh of what a finished task leaves behind.
DROP INDEX usage_day;
DROP INDEX usage_run;
-- The row's own number ends every index anyway.
DROP INDEX event_project;
CREATE INDEX event_project ON event (project_id) WHERE project_id IS NOT NULL;
DROP INDEX event_run_phase;
CREATE INDEX event_run_phase ON event (run_id) WHERE type = 'run.phase';
