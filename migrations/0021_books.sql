-- How letters are found by client, and payments by day.
CREATE INDEX mails_by_client ON mails (client_id, id);
CREATE INDEX payments_by_day ON payments (paid_at, id);
