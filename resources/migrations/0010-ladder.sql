-- The tier at which a task goes on after lower ones failed it (G4), and why; null where its plan or the routing decides.
ALTER TABLE task ADD COLUMN rung TEXT;
ALTER TABLE task ADD COLUMN rung_reason TEXT NOT NULL DEFAULT '';
