-- The log of what the public may need to check later: commitments alone, never content or identifiers.
-- Nothing is taken from it.
CREATE TABLE log_entries (
    position BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    commitment TEXT NOT NULL,
    logged_at BIGINT NOT NULL
);

-- One row. Whoever adds an entry changes it first, so that two never take one position.
CREATE TABLE log_size (
    entries BIGINT NOT NULL
);

INSERT INTO log_size (entries) VALUES (0);

-- The salt is kept beside the receipt: when both are deleted, the commitment tells nothing.
CREATE TABLE receipts (
    answer TEXT PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
    receipt TEXT NOT NULL,
    salt TEXT NOT NULL,
    log_position BIGINT NOT NULL,
    trace TEXT NOT NULL
);

-- Which answers rest on a page, for when it changes.
CREATE TABLE cited_passages (
    answer TEXT NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    page TEXT NOT NULL,
    passage TEXT NOT NULL,
    passage_hash TEXT NOT NULL,
    PRIMARY KEY (answer, passage)
);

CREATE INDEX cited_passages_by_page ON cited_passages (page);

-- What staff can switch off. A switch that is not here is on.
CREATE TABLE switches (
    name TEXT PRIMARY KEY,
    is_on BIGINT NOT NULL,
    reason TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at BIGINT NOT NULL
);

-- Who did what and why. Nothing is taken from it but by age.
CREATE TABLE audit (
    position BIGINT PRIMARY KEY,
    done_at BIGINT NOT NULL,
    done_by TEXT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL
);
