-- People and programs that may sign in. Owned by business/accounts.
CREATE TABLE staff (
    id {id} NOT NULL PRIMARY KEY,
    name {key} NOT NULL,
    email {key} NOT NULL,
    password_hash {text} NOT NULL,
    role {key} NOT NULL,
    active {int} NOT NULL CHECK (active IN (0, 1)),
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL
) {table};
CREATE UNIQUE INDEX staff_by_email ON staff (email);
CREATE TABLE sessions (
    secret_hash {hash} NOT NULL PRIMARY KEY,
    staff_id {id} NOT NULL,
    user_agent {key},
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    FOREIGN KEY (staff_id) REFERENCES staff (id)
) {table};
CREATE INDEX sessions_by_staff ON sessions (staff_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE TABLE api_tokens (
    id {id} NOT NULL PRIMARY KEY,
    staff_id {id} NOT NULL,
    name {key} NOT NULL,
    secret_hash {hash} NOT NULL,
    scopes {text} NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int},
    FOREIGN KEY (staff_id) REFERENCES staff (id)
) {table};
CREATE UNIQUE INDEX api_tokens_by_secret ON api_tokens (secret_hash);
CREATE INDEX api_tokens_by_staff ON api_tokens (staff_id);
CREATE TABLE sign_in_failures (
    place {key} NOT NULL PRIMARY KEY,
    failures {int} NOT NULL,
    last_at {int} NOT NULL
) {table};
CREATE INDEX sign_in_failures_by_age ON sign_in_failures (last_at);
