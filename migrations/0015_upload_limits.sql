-- Bytes that a file of each kind may have, as JSON; NULL for what the program takes by itself. Owned by
-- business/settings.
ALTER TABLE settings ADD COLUMN upload_limits {text};
