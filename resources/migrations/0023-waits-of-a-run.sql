-- What a run has waited for, for its timeline. Few events are of this kind, so few are in it.
CREATE INDEX event_run_wait ON event (run_id) WHERE type = 'run.state' AND data ->> 'state' = 'waiting';
