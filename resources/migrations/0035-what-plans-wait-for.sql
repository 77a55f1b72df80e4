-- What a plan that is being written waits for, while its run is waiting. What tasks wait for is in their rows.
ALTER TABLE run ADD COLUMN waiting_on TEXT;
