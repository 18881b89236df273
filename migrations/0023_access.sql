-- Second factors, and where a session is used. Owned by business/totp and business/accounts.
CREATE TABLE totp_secrets (
    staff_id {id} NOT NULL PRIMARY KEY,
    secret {blob} NOT NULL,
    last_step {int} NOT NULL,
    created_at {int} NOT NULL,
    confirmed_at {int},
    FOREIGN KEY (staff_id) REFERENCES staff (id)
) {table};
CREATE TABLE recovery_codes (
    staff_id {id} NOT NULL,
    code_hash {hash} NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (staff_id, code_hash),
    FOREIGN KEY (staff_id) REFERENCES staff (id)
) {table};
ALTER TABLE sessions ADD COLUMN id {id};
ALTER TABLE sessions ADD COLUMN address {key};
ALTER TABLE sessions ADD COLUMN last_seen_at {int};
-- Sessions of an older Deskbell are named by half of their hash, which tells nothing of the secret.
UPDATE sessions SET id = SUBSTR(secret_hash, 1, 16), last_seen_at = created_at;
CREATE UNIQUE INDEX sessions_by_id ON sessions (id);
