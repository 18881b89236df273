-- Files that belong to a client: agreements, vouchers, photographs. Owned by business/client_files.
CREATE TABLE client_files (
    client_id {id} NOT NULL,
    media_id {id} NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (client_id, media_id),
    FOREIGN KEY (client_id) REFERENCES clients (id),
    FOREIGN KEY (media_id) REFERENCES media (id)
) {table};
CREATE UNIQUE INDEX client_files_by_media ON client_files (media_id);
