-- Which request, call or command set work going (M6): the last one for a project, and the one behind each run.
ALTER TABLE project ADD COLUMN correlation_id TEXT;
ALTER TABLE run ADD COLUMN correlation_id TEXT;
