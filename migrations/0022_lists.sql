-- What a list of bookings shows of invoices and payments, without a look at each of them. The number of an issued
-- invoice never changes. Owned by business/bookings and business/payments.
ALTER TABLE bookings ADD COLUMN invoice_number {key};
UPDATE bookings SET invoice_number = (SELECT i.number FROM invoices i WHERE i.id = bookings.invoice_id);
CREATE INDEX payments_by_booking_amount ON payments (booking_id, amount);
