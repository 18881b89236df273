-- What EN 16931 asks of a document; what an old one lacks is filled in as it was computed then.
-- Owned by business/invoices.
ALTER TABLE invoices ADD COLUMN service_from {key};
ALTER TABLE invoices ADD COLUMN service_to {key};
ALTER TABLE invoices ADD COLUMN buyer_reference {key};
ALTER TABLE invoices ADD COLUMN order_reference {key};
ALTER TABLE invoices ADD COLUMN rounding_way {key} NOT NULL DEFAULT 'per_line';
ALTER TABLE invoices ADD COLUMN lines_net {int} NOT NULL DEFAULT 0;
ALTER TABLE invoices ADD COLUMN rounding {int} NOT NULL DEFAULT 0;
ALTER TABLE invoices ADD COLUMN prepaid {int} NOT NULL DEFAULT 0;
-- Tax was rounded on the sum of a rate; where prices held it, what the sum held was taken out.
UPDATE invoices SET lines_net = net;
UPDATE invoices SET rounding_way = 'sum' WHERE prices_include_tax = 0;
ALTER TABLE invoice_lines ADD COLUMN unit {key} NOT NULL DEFAULT 'one';
ALTER TABLE invoice_lines ADD COLUMN discount {int} NOT NULL DEFAULT 0;
ALTER TABLE invoice_lines ADD COLUMN discount_percent {int};
ALTER TABLE invoice_lines ADD COLUMN discount_reason {text};
ALTER TABLE invoice_lines ADD COLUMN tax_category {key} NOT NULL DEFAULT 'S';
ALTER TABLE invoice_lines ADD COLUMN net {int} NOT NULL DEFAULT 0;
UPDATE invoice_lines SET net = total;
UPDATE invoice_lines SET tax_category = 'Z' WHERE tax_rate = 0;
UPDATE invoice_lines SET net = CAST(ROUND(total * 1000000.0 / (1000000 + tax_rate)) AS SIGNED)
    WHERE invoice_id IN (SELECT id FROM invoices WHERE prices_include_tax = 1);
CREATE TABLE invoice_adjustments (
    invoice_id {id} NOT NULL,
    position {int} NOT NULL,
    charge {int} NOT NULL CHECK (charge IN (0, 1)),
    reason {text} NOT NULL,
    percent {int},
    tax_category {key} NOT NULL,
    tax_rate {int} NOT NULL,
    amount {int} NOT NULL CHECK (amount >= 0),
    net {int} NOT NULL,
    PRIMARY KEY (invoice_id, position),
    FOREIGN KEY (invoice_id) REFERENCES invoices (id)
) {table};
CREATE TABLE invoice_tax_rows (
    invoice_id {id} NOT NULL,
    tax_category {key} NOT NULL,
    tax_rate {int} NOT NULL,
    net {int} NOT NULL,
    amount {int} NOT NULL,
    rounding {int} NOT NULL,
    reason {text},
    PRIMARY KEY (invoice_id, tax_category, tax_rate),
    FOREIGN KEY (invoice_id) REFERENCES invoices (id)
) {table};
INSERT INTO invoice_tax_rows (invoice_id, tax_category, tax_rate, net, amount, rounding)
    SELECT invoice_id, CASE tax_rate WHEN 0 THEN 'Z' ELSE 'S' END, tax_rate, net, tax, 0 FROM invoice_taxes;
DROP TABLE invoice_taxes;
ALTER TABLE invoice_tax_rows RENAME TO invoice_taxes;
-- Renderings of a document: its PDF, its e-invoices.
CREATE TABLE invoice_renderings (
    invoice_id {id} NOT NULL,
    format {key} NOT NULL,
    file_key {key} NOT NULL,
    size {int} NOT NULL,
    sha256 {hash} NOT NULL,
    rendered_at {int} NOT NULL,
    PRIMARY KEY (invoice_id, format),
    FOREIGN KEY (invoice_id) REFERENCES invoices (id)
) {table};
INSERT INTO invoice_renderings (invoice_id, format, file_key, size, sha256, rendered_at)
    SELECT invoice_id, 'pdf', file_key, size, sha256, rendered_at FROM invoice_files;
DROP TABLE invoice_files;
ALTER TABLE invoice_renderings RENAME TO invoice_files;
CREATE UNIQUE INDEX invoice_files_by_file ON invoice_files (file_key);
-- Every document in the order of issue: its hash holds what it says and the hash before it.
CREATE TABLE invoice_chain (
    place {int} NOT NULL PRIMARY KEY CHECK (place > 0),
    invoice_id {id} NOT NULL,
    content {hash} NOT NULL,
    hash {hash} NOT NULL,
    FOREIGN KEY (invoice_id) REFERENCES invoices (id)
) {table};
CREATE UNIQUE INDEX invoice_chain_by_invoice ON invoice_chain (invoice_id);
-- The database refuses, too, to change what was issued.
CREATE TRIGGER invoices_stay BEFORE UPDATE ON invoices FOR EACH ROW {refuse};
CREATE TRIGGER invoices_remain BEFORE DELETE ON invoices FOR EACH ROW {refuse};
CREATE TRIGGER invoice_lines_stay BEFORE UPDATE ON invoice_lines FOR EACH ROW {refuse};
CREATE TRIGGER invoice_lines_remain BEFORE DELETE ON invoice_lines FOR EACH ROW {refuse};
CREATE TRIGGER invoice_taxes_stay BEFORE UPDATE ON invoice_taxes FOR EACH ROW {refuse};
CREATE TRIGGER invoice_taxes_remain BEFORE DELETE ON invoice_taxes FOR EACH ROW {refuse};
CREATE TRIGGER invoice_adjustments_stay BEFORE UPDATE ON invoice_adjustments FOR EACH ROW {refuse};
CREATE TRIGGER invoice_adjustments_remain BEFORE DELETE ON invoice_adjustments FOR EACH ROW {refuse};
CREATE TRIGGER invoice_chain_stays BEFORE UPDATE ON invoice_chain FOR EACH ROW {refuse};
CREATE TRIGGER invoice_chain_remains BEFORE DELETE ON invoice_chain FOR EACH ROW {refuse};
-- Who still owes, for the list of open invoices.
ALTER TABLE invoice_balances ADD COLUMN owes {int} NOT NULL DEFAULT 0;
ALTER TABLE invoice_balances ADD COLUMN due_on {key};
UPDATE invoice_balances SET due_on = (SELECT due_on FROM invoices WHERE invoices.id = invoice_balances.invoice_id);
UPDATE invoice_balances SET owes = 1 WHERE paid + credited <
    (SELECT gross FROM invoices WHERE invoices.id = invoice_balances.invoice_id AND invoices.kind = 'invoice');
CREATE INDEX invoice_balances_by_owes ON invoice_balances (owes, invoice_id);
CREATE INDEX invoices_by_day ON invoices (issued_on, id);
