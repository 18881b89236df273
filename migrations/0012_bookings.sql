-- Seats that somebody has. Owned by business/bookings.
CREATE TABLE bookings (
    id {id} NOT NULL PRIMARY KEY,
    reference {key} NOT NULL,
    occurrence_id {id} NOT NULL,
    client_id {id} NOT NULL,
    seats {int} NOT NULL CHECK (seats > 0),
    status {key} NOT NULL,
    unit_price {int} NOT NULL,
    currency {key} NOT NULL,
    tax_rate {int} NOT NULL,
    total {int} NOT NULL,
    note {text},
    hold_expires_at {int},
    invoice_id {id},
    cancel_reason {text},
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    FOREIGN KEY (occurrence_id) REFERENCES occurrences (id),
    FOREIGN KEY (client_id) REFERENCES clients (id),
    FOREIGN KEY (invoice_id) REFERENCES invoices (id)
) {table};
CREATE UNIQUE INDEX bookings_by_reference ON bookings (reference);
CREATE INDEX bookings_by_occurrence ON bookings (occurrence_id, id);
CREATE INDEX bookings_by_client ON bookings (client_id, id);
CREATE INDEX bookings_by_status ON bookings (status, id);
CREATE INDEX bookings_by_hold ON bookings (status, hold_expires_at);
CREATE INDEX bookings_by_invoice ON bookings (invoice_id);
