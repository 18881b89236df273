-- What is inside a file, found out after it was recorded. Owned by business/media.
ALTER TABLE media ADD COLUMN processing {key} NOT NULL DEFAULT 'done';
ALTER TABLE media ADD COLUMN processing_error {text};
ALTER TABLE media ADD COLUMN width {int};
ALTER TABLE media ADD COLUMN height {int};
ALTER TABLE media ADD COLUMN duration_ms {int};
ALTER TABLE media ADD COLUMN peaks {blob};
CREATE TABLE media_variants (
    media_id {id} NOT NULL,
    name {key} NOT NULL,
    content_type {key} NOT NULL,
    width {int} NOT NULL,
    height {int} NOT NULL,
    size {int} NOT NULL,
    sha256 {hash} NOT NULL,
    file_key {key} NOT NULL,
    PRIMARY KEY (media_id, name),
    FOREIGN KEY (media_id) REFERENCES media (id)
) {table};
CREATE UNIQUE INDEX media_variants_by_file ON media_variants (file_key);
-- Files that an older Deskbell recorded are looked into after the start; a file's event may have the file's id.
INSERT INTO events (id, kind, subject_id, due_at, attempts)
    SELECT id, 'process_media', id, created_at, 0 FROM media WHERE kind <> 'document';
UPDATE media SET processing = 'pending' WHERE kind <> 'document';
