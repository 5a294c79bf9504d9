-- What measurements found, by hash. The files are kept beside the database, by their own hashes.
CREATE TABLE evidence (
    hash TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    evidence TEXT NOT NULL,
    salt TEXT NOT NULL,
    log_position BIGINT NOT NULL
);

CREATE INDEX evidence_by_time ON evidence (made_at, hash);
