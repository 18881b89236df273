-- What is to be done after a commit. Owned by business/events.
CREATE TABLE events (
    id {id} NOT NULL PRIMARY KEY,
    kind {key} NOT NULL,
    subject_id {id} NOT NULL,
    payload {text},
    due_at {int} NOT NULL,
    attempts {int} NOT NULL,
    failed_at {int},
    error {text}
) {table};
CREATE INDEX events_by_due ON events (failed_at, due_at);
