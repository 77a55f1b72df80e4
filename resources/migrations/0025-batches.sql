-- Work that can wait goes to providers in batches, which cost less (R5).

-- Whether a person said that the calls of a project's tasks can wait for a batch, and that a task's can no longer.
ALTER TABLE project ADD COLUMN can_wait INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN at_once INTEGER NOT NULL DEFAULT 0;

-- What the batch saved of a call's price, in micro-dollars. Null: it was asked directly.
ALTER TABLE usage_log ADD COLUMN batch_saved_micros INTEGER;

CREATE TABLE model_batch (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  provider    TEXT NOT NULL,
  state       TEXT NOT NULL,
  -- How the names of its requests begin, by which it is found at the provider where its id was lost.
  mark        TEXT NOT NULL UNIQUE,
  -- The provider's own name for it; null until it is known.
  provider_id TEXT,
  requests    INTEGER NOT NULL,
  looks       INTEGER NOT NULL DEFAULT 0,
  look_at     INTEGER NOT NULL,
  sent_at     INTEGER NOT NULL,
  ended_at    INTEGER
) STRICT;
CREATE INDEX model_batch_open ON model_batch (state) WHERE state IN ('sending', 'waiting', 'canceling');

-- Money may be owed for these however long their project is gone, so nothing here refers to its rows.
CREATE TABLE batch_request (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  batch_id       INTEGER REFERENCES model_batch (id),
  state          TEXT NOT NULL,
  provider       TEXT NOT NULL,
  model          TEXT NOT NULL,
  profile        TEXT NOT NULL,
  tier           TEXT,
  project_id     INTEGER NOT NULL,
  task_id        INTEGER NOT NULL,
  run_id         INTEGER NOT NULL,
  step_id        INTEGER NOT NULL,
  reservation_id INTEGER NOT NULL,
  attempt        INTEGER NOT NULL,
  bytes          INTEGER NOT NULL,
  -- Its run goes on without it.
  dropped        INTEGER NOT NULL DEFAULT 0,
  -- Why there is no answer, until its run comes by.
  fault          TEXT,
  created_at     INTEGER NOT NULL,
  ended_at       INTEGER
) STRICT;
CREATE INDEX batch_request_open ON batch_request (state) WHERE state IN ('collecting', 'sent');
CREATE INDEX batch_request_run ON batch_request (run_id) WHERE state IN ('collecting', 'sent');
CREATE INDEX batch_request_step ON batch_request (step_id);
CREATE INDEX batch_request_batch ON batch_request (batch_id) WHERE batch_id IS NOT NULL;

CREATE INDEX task_in_batch ON task (project_id) WHERE state = 'waiting' AND waiting_on = 'batch';
