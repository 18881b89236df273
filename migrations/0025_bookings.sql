-- When somebody came, and what a check-in or no-show was before, so that it can be taken back; how bookings are found
-- by the number of their invoice and by the days of their occurrences. Owned by business/bookings.
ALTER TABLE bookings ADD COLUMN checked_in_at {int};
ALTER TABLE bookings ADD COLUMN status_before {key};
UPDATE bookings SET status_before = 'confirmed' WHERE status IN ('checked_in', 'no_show');
CREATE INDEX bookings_by_invoice_number ON bookings (invoice_number);
CREATE INDEX occurrences_by_day ON occurrences (local_starts_at, id);
