-- Files that arrive in pieces, and for a while what became of them. Owned by business/uploads.
CREATE TABLE uploads (
    id {id} NOT NULL PRIMARY KEY,
    owner_id {id},
    kind {key} NOT NULL,
    filename {key} NOT NULL,
    size {int},
    size_limit {int} NOT NULL,
    role {key} NOT NULL,
    subject_id {id},
    title {key},
    file_key {key} NOT NULL,
    media_id {id},
    note_id {id},
    expires_at {int} NOT NULL,
    created_at {int} NOT NULL
) {table};
CREATE UNIQUE INDEX uploads_by_file ON uploads (file_key);
CREATE INDEX uploads_by_owner ON uploads (owner_id, id);
CREATE INDEX uploads_by_end ON uploads (expires_at);
