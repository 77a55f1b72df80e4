-- What the provider's prompt cache saved of a call, in micro-dollars; negative where filling it cost more. Null: it was not used.
ALTER TABLE usage_log ADD COLUMN cache_saved_micros INTEGER;
