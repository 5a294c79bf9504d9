-- Of a key only the hash of its secret is kept.
CREATE TABLE keys (
    id TEXT {bytewise} PRIMARY KEY,
    hash TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    questions_per_minute BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_on TEXT
);
