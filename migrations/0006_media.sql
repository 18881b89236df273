-- Files that are whole and recorded. Owned by business/media.
CREATE TABLE media (
    id {id} NOT NULL PRIMARY KEY,
    kind {key} NOT NULL,
    filename {key} NOT NULL,
    content_type {key} NOT NULL,
    size {int} NOT NULL,
    sha256 {hash} NOT NULL,
    file_key {key} NOT NULL,
    is_public {int} NOT NULL CHECK (is_public IN (0, 1)),
    created_by {key} NOT NULL,
    created_at {int} NOT NULL
) {table};
CREATE UNIQUE INDEX media_by_file ON media (file_key);
CREATE INDEX media_by_kind ON media (kind, id);
