-- First answers to requests that carried an Idempotency-Key. Owned by business/idempotency.
CREATE TABLE idempotency_keys (
    owner {key} NOT NULL,
    name {key} NOT NULL,
    fingerprint {hash} NOT NULL,
    reply {text} NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (owner, name)
) {table};
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
