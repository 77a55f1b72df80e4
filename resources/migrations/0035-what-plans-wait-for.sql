-- What the first plan of a project waits for, while the run that writes it is waiting. What tasks wait for is in their rows. (A
-- column of runs would take a byte of each run there ever was.)
ALTER TABLE project ADD COLUMN plan_waits_on TEXT;
