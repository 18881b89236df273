-- Secrets that links for clients are signed with. Owned by business/links.
CREATE TABLE link_keys (
    name {key} NOT NULL PRIMARY KEY,
    secret {hash} NOT NULL,
    created_at {int} NOT NULL
) {table};
