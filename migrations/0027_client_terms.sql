-- How clients are found and put in order: keys in which case and marks make no difference. A merged client has none
-- of them; one whose name key is empty was kept by an older Deskbell and gets its keys at the start.
-- Owned by business/clients.
ALTER TABLE clients ADD COLUMN name_key {key};
ALTER TABLE clients ADD COLUMN email_key {key};
ALTER TABLE clients ADD COLUMN phone_key {key};
ALTER TABLE clients ADD COLUMN merged_into {id};
UPDATE clients SET name_key = '';
CREATE INDEX clients_by_name ON clients (name_key, id);
CREATE INDEX clients_by_email_key ON clients (email_key, id);
CREATE INDEX clients_by_phone_key ON clients (phone_key, id);
CREATE INDEX clients_by_merged ON clients (merged_into, id);
DROP TABLE client_words;
-- Words and their beginnings of up to three letters, tags behind a #, the address behind an @: each term lists its
-- clients in both orders, so that also a common one needs no sorting.
CREATE TABLE client_terms (
    term {key} NOT NULL,
    client_id {id} NOT NULL,
    name_key {key} NOT NULL,
    PRIMARY KEY (term, client_id),
    FOREIGN KEY (client_id) REFERENCES clients (id)
) {table};
CREATE INDEX client_terms_by_name ON client_terms (term, name_key, client_id);
CREATE INDEX client_terms_by_client ON client_terms (client_id, term);
