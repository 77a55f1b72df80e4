-- How runs of each class of tasks ended at each tier with each model (G4): what learned routing learns from.
CREATE TABLE route_outcome (
  type         TEXT NOT NULL,
  complexity   TEXT NOT NULL,
  tier         TEXT NOT NULL,
  profile      TEXT NOT NULL,
  -- Runs whose result was accepted, and runs that were given up after their repairs.
  verified     INTEGER NOT NULL DEFAULT 0,
  refused      INTEGER NOT NULL DEFAULT 0,
  -- Checks of results, repairs included; and how many of them were a model's.
  checks       INTEGER NOT NULL DEFAULT 0,
  model_checks INTEGER NOT NULL DEFAULT 0,
  -- Of all these runs, checks included.
  cost_micros  INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (type, complexity, tier, profile)
) STRICT, WITHOUT ROWID;
