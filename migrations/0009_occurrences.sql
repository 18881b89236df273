-- When a program takes place, with its seats. Owned by business/occurrences.
CREATE TABLE occurrences (
    id {id} NOT NULL PRIMARY KEY,
    program_id {id} NOT NULL,
    local_starts_at {key} NOT NULL,
    time_zone {key} NOT NULL,
    starts_at {int} NOT NULL,
    ends_at {int} NOT NULL,
    duration_minutes {int} NOT NULL CHECK (duration_minutes > 0),
    status {key} NOT NULL,
    capacity {int} NOT NULL,
    seats_taken {int} NOT NULL,
    seats_held {int} NOT NULL,
    waitlisted {int} NOT NULL,
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    CHECK (capacity > 0),
    CHECK (seats_taken >= 0 AND seats_taken <= capacity),
    CHECK (seats_held >= 0 AND seats_held <= seats_taken),
    CHECK (waitlisted >= 0),
    FOREIGN KEY (program_id) REFERENCES programs (id)
) {table};
CREATE INDEX occurrences_by_start ON occurrences (starts_at, id);
CREATE INDEX occurrences_by_program ON occurrences (program_id, starts_at, id);
