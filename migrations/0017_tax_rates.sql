-- Rates are kept in hundredths of a basis point: there are taxes such as 9.975 %.
UPDATE programs SET tax_rate = tax_rate * 100;
UPDATE bookings SET tax_rate = tax_rate * 100;
UPDATE invoice_lines SET tax_rate = tax_rate * 100;
UPDATE invoice_taxes SET tax_rate = tax_rate * 100;
ALTER TABLE settings ADD COLUMN invoicing {text};
ALTER TABLE clients ADD COLUMN buyer_reference {key};
