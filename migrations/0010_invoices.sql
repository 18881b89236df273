-- Issued documents: rows of invoices, invoice_lines and invoice_taxes are inserted once and never changed.
-- Owned by business/invoices.
CREATE TABLE counters (
    series {key} NOT NULL PRIMARY KEY,
    value {int} NOT NULL
) {table};
CREATE TABLE invoices (
    id {id} NOT NULL PRIMARY KEY,
    kind {key} NOT NULL,
    series {key} NOT NULL,
    seq {int} NOT NULL CHECK (seq > 0),
    number {key} NOT NULL,
    client_id {id} NOT NULL,
    booking_id {id},
    corrects_id {id},
    issued_at {int} NOT NULL,
    issued_on {key} NOT NULL,
    due_on {key},
    currency {key} NOT NULL,
    prices_include_tax {int} NOT NULL CHECK (prices_include_tax IN (0, 1)),
    net {int} NOT NULL,
    tax {int} NOT NULL,
    gross {int} NOT NULL,
    seller {text} NOT NULL,
    buyer {text} NOT NULL,
    notes {text},
    locale {key} NOT NULL,
    CHECK (net + tax = gross),
    FOREIGN KEY (client_id) REFERENCES clients (id),
    FOREIGN KEY (corrects_id) REFERENCES invoices (id)
) {table};
CREATE UNIQUE INDEX invoices_by_number ON invoices (number);
CREATE UNIQUE INDEX invoices_by_seq ON invoices (series, seq);
CREATE INDEX invoices_by_client ON invoices (client_id, id);
CREATE INDEX invoices_by_booking ON invoices (booking_id, id);
CREATE INDEX invoices_by_corrected ON invoices (corrects_id, id);
CREATE TABLE invoice_lines (
    invoice_id {id} NOT NULL,
    position {int} NOT NULL,
    description {text} NOT NULL,
    quantity {key} NOT NULL,
    unit_price {int} NOT NULL,
    tax_rate {int} NOT NULL,
    total {int} NOT NULL,
    PRIMARY KEY (invoice_id, position),
    FOREIGN KEY (invoice_id) REFERENCES invoices (id)
) {table};
CREATE TABLE invoice_taxes (
    invoice_id {id} NOT NULL,
    tax_rate {int} NOT NULL,
    net {int} NOT NULL,
    tax {int} NOT NULL,
    PRIMARY KEY (invoice_id, tax_rate),
    FOREIGN KEY (invoice_id) REFERENCES invoices (id)
) {table};
-- What happens to an issued document later stands beside it.
CREATE TABLE invoice_balances (
    invoice_id {id} NOT NULL PRIMARY KEY,
    paid {int} NOT NULL,
    credited {int} NOT NULL,
    CHECK (credited >= 0),
    FOREIGN KEY (invoice_id) REFERENCES invoices (id)
) {table};
CREATE TABLE invoice_files (
    invoice_id {id} NOT NULL PRIMARY KEY,
    file_key {key} NOT NULL,
    size {int} NOT NULL,
    sha256 {hash} NOT NULL,
    rendered_at {int} NOT NULL,
    FOREIGN KEY (invoice_id) REFERENCES invoices (id)
) {table};
CREATE UNIQUE INDEX invoice_files_by_file ON invoice_files (file_key);
