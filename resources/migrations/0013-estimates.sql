-- What tasks of this machine used, one narrow row each, for estimates. They outlive their project, as usage does.
CREATE TABLE past_task (
  task_id            INTEGER PRIMARY KEY,
  -- Done by the demo model, whose figures say nothing about any other.
  stand_in           INTEGER NOT NULL,
  tier               TEXT NOT NULL,
  complexity         TEXT NOT NULL,
  type               TEXT NOT NULL,
  profile            TEXT,
  input_tokens       INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  cache_read_tokens  INTEGER NOT NULL,
  output_tokens      INTEGER NOT NULL,
  -- Input of its largest call.
  call_tokens        INTEGER NOT NULL,
  cost_micros        INTEGER NOT NULL,
  ms                 INTEGER NOT NULL,
  ended_at           INTEGER NOT NULL
) STRICT;
-- Ends with the key, so that the newest of a class are read off it.
CREATE INDEX past_task_class ON past_task (stand_in, tier, complexity, type);
DROP INDEX task_past;

-- Of what was done before there was this table, as much as estimates look back at.
INSERT INTO past_task (task_id, stand_in, tier, complexity, type, profile, input_tokens, cache_write_tokens, cache_read_tokens,
  output_tokens, call_tokens, cost_micros, ms, ended_at)
SELECT t.id, u.provider = 'demo', r.tier, t.complexity, t.type, r.profile, sum(u.input_tokens), sum(u.cache_write_tokens),
  sum(u.cache_read_tokens), sum(u.output_tokens), max(u.input_tokens + u.cache_write_tokens + u.cache_read_tokens),
  sum(u.cost_micros), sum(u.latency_ms), coalesce(t.ended_at, t.created_at)
FROM task t CROSS JOIN run r ON r.id = (SELECT min(id) FROM run WHERE task_id = t.id) CROSS JOIN usage_log u ON u.task_id = t.id
WHERE t.id > (SELECT coalesce(max(id), 0) FROM task) - 20000 AND t.state = 'succeeded' AND r.tier IS NOT NULL
GROUP BY t.id;

-- What was estimated at an approval, and what it came to, each in micro-dollars, ms or tokens.
CREATE TABLE estimate_outcome (
  plan_id  INTEGER NOT NULL,
  measure  TEXT NOT NULL,
  stand_in INTEGER NOT NULL,
  low      INTEGER NOT NULL,
  likely   INTEGER NOT NULL,
  high     INTEGER NOT NULL,
  -- The estimate before past errors corrected it: the median, and the standard deviation of the logarithm.
  centre   REAL NOT NULL,
  spread   REAL NOT NULL,
  -- Null until all tasks of the plan have succeeded.
  actual   INTEGER,
  PRIMARY KEY (plan_id, measure)
) STRICT, WITHOUT ROWID;
CREATE INDEX estimate_outcome_past ON estimate_outcome (stand_in, measure, plan_id) WHERE actual IS NOT NULL AND centre > 0;

-- How long a project has been executing, without pauses, waits and the time in which no Baton lived.
ALTER TABLE project ADD COLUMN worked_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE project ADD COLUMN working_since INTEGER;
UPDATE project SET working_since = updated_at WHERE state = 'executing';
CREATE INDEX project_working ON project (working_since) WHERE working_since IS NOT NULL;
