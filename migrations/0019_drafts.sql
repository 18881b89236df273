-- Invoices that are being written: no number, no hash, may change. Owned by business/drafts.
CREATE TABLE drafts (
    id {id} NOT NULL PRIMARY KEY,
    client_id {id},
    content {text} NOT NULL,
    total {int} NOT NULL,
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    FOREIGN KEY (client_id) REFERENCES clients (id)
) {table};
CREATE INDEX drafts_by_client ON drafts (client_id, id);
