-- What of the first steps was marked by hand, and filters that were given a name. Owned by business/checklist and
-- business/views.
CREATE TABLE checklist_marks (
    mark {key} NOT NULL PRIMARY KEY,
    created_at {int} NOT NULL
) {table};
CREATE TABLE saved_views (
    id {id} NOT NULL PRIMARY KEY,
    staff_id {id} NOT NULL,
    page {key} NOT NULL,
    name {key} NOT NULL,
    query {text} NOT NULL,
    shared {int} NOT NULL CHECK (shared IN (0, 1)),
    created_at {int} NOT NULL,
    FOREIGN KEY (staff_id) REFERENCES staff (id)
) {table};
CREATE INDEX saved_views_by_staff ON saved_views (staff_id);
CREATE INDEX saved_views_by_shared ON saved_views (shared);
