-- What a project had used when this version of its plan was approved (P7): the estimate is of what was still open then.
ALTER TABLE estimate_outcome ADD COLUMN used_before INTEGER NOT NULL DEFAULT 0;
