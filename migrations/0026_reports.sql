-- Indexes that hold all that reports and the day read. Owned by business/invoices, business/payments and
-- business/bookings, read by business/reports and business/today.
CREATE INDEX invoices_by_day_sums ON invoices (issued_on, currency, kind, net, tax, gross, rounding, id);
CREATE INDEX invoice_balances_by_due ON invoice_balances (owes, due_on, invoice_id);
CREATE INDEX payments_by_day_amount ON payments (paid_at, currency, amount);
CREATE INDEX bookings_by_occurrence_seats ON bookings (occurrence_id, status, seats);
