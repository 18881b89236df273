-- Names in which case and marks make no difference, for looking for a part of them. What an older Deskbell kept is
-- only in lower case. Owned by business/media and business/programs.
ALTER TABLE media ADD COLUMN name_key {key};
UPDATE media SET name_key = LOWER(filename);
ALTER TABLE programs ADD COLUMN title_key {key};
UPDATE programs SET title_key = LOWER(title);
