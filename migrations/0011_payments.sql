-- Money received (positive) and given back (negative), append-only. Owned by business/payments.
CREATE TABLE payments (
    id {id} NOT NULL PRIMARY KEY,
    invoice_id {id},
    booking_id {id},
    amount {int} NOT NULL CHECK (amount <> 0),
    currency {key} NOT NULL,
    method {key} NOT NULL,
    reference {key},
    paid_at {int} NOT NULL,
    recorded_by {key} NOT NULL,
    created_at {int} NOT NULL,
    FOREIGN KEY (invoice_id) REFERENCES invoices (id)
) {table};
CREATE INDEX payments_by_booking ON payments (booking_id, id);
CREATE INDEX payments_by_invoice ON payments (invoice_id, id);
