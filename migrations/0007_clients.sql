-- The people who book. Owned by business/clients.
CREATE TABLE clients (
    id {id} NOT NULL PRIMARY KEY,
    name {key} NOT NULL,
    email {key},
    phone {key},
    street {key},
    postcode {key},
    city {key},
    country {key},
    vat_id {key},
    locale {key},
    tags {text} NOT NULL,
    notes {text},
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL
) {table};
CREATE INDEX clients_by_email ON clients (email);
-- Each word of a name, address or number in lower case, so that a search for a beginning needs no scan.
CREATE TABLE client_words (
    word {key} NOT NULL,
    client_id {id} NOT NULL,
    PRIMARY KEY (word, client_id),
    FOREIGN KEY (client_id) REFERENCES clients (id)
) {table};
CREATE INDEX client_words_by_client ON client_words (client_id);
