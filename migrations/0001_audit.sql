-- Who did what, append-only. Owned by business/audit.
CREATE TABLE audit_log (
    id {id} NOT NULL PRIMARY KEY,
    at {int} NOT NULL,
    actor {key} NOT NULL,
    actor_id {id},
    action {key} NOT NULL,
    noun {key} NOT NULL,
    subject_id {id} NOT NULL,
    detail {text},
    request_id {key} NOT NULL
) {table};
CREATE INDEX audit_log_by_subject ON audit_log (subject_id, id);
