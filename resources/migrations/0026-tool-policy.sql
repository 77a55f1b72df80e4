-- What a project's tools may do without a question, by risk, where it differs from the settings (T5).
ALTER TABLE project ADD COLUMN tool_policy TEXT NOT NULL DEFAULT '{}';
