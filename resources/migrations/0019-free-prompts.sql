-- A free prompt (G6) is a project of one task. What was handed along with it for the model, as a JSON object; null where a
-- project has requirements and a plan instead.
ALTER TABLE project ADD COLUMN constraints TEXT;
CREATE INDEX project_prompt ON project (id) WHERE constraints IS NOT NULL;
