-- Letters that wait to be sent. Owned by business/mails.
CREATE TABLE mails (
    id {id} NOT NULL PRIMARY KEY,
    client_id {id} NOT NULL,
    invoice_id {id},
    purpose {key} NOT NULL,
    recipient {key} NOT NULL,
    subject {text} NOT NULL,
    body {text} NOT NULL,
    status {key} NOT NULL,
    created_at {int} NOT NULL,
    sent_at {int},
    FOREIGN KEY (client_id) REFERENCES clients (id)
) {table};
CREATE INDEX mails_by_status ON mails (status, id);
CREATE INDEX mails_by_invoice ON mails (invoice_id, id);
-- Which reminders an invoice had. Owned by business/reminders.
CREATE TABLE reminders (
    invoice_id {id} NOT NULL,
    level {int} NOT NULL CHECK (level BETWEEN 1 AND 3),
    mail_id {id},
    due_on {key} NOT NULL,
    reminded_at {int} NOT NULL,
    PRIMARY KEY (invoice_id, level),
    FOREIGN KEY (invoice_id) REFERENCES invoices (id)
) {table};
