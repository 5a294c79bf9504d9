-- Times are microseconds since 1970. {bytewise} is the database's own name for ordering text by its
-- bytes, so that every database lists pages in the same order.

CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    turns BIGINT NOT NULL,
    last_asked_at BIGINT NOT NULL
);

CREATE INDEX conversations_by_age ON conversations (last_asked_at);

-- A deletion marks its conversations with -1 turns first, in the same transaction.
CREATE INDEX conversations_in_deletion ON conversations (id) WHERE turns = -1;

-- Question and answer are JSON: JSON can write every character that a reader can type.
CREATE TABLE turns (
    id TEXT PRIMARY KEY,
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    UNIQUE (conversation, position)
);

CREATE TABLE feedback (
    answer TEXT PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
    verdict TEXT NOT NULL,
    comment TEXT NOT NULL,
    given_at BIGINT NOT NULL
);

CREATE TABLE pages (
    id TEXT {bytewise} PRIMARY KEY,
    source TEXT NOT NULL,
    source_hash TEXT NOT NULL,
    prepared_with TEXT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    seen_in BIGINT NOT NULL
);

CREATE INDEX pages_by_source ON pages (source, seen_in);

-- Apart from the pages, because noting that a page was seen must not rewrite all of this.
CREATE TABLE prepared_pages (
    page TEXT {bytewise} PRIMARY KEY REFERENCES pages (id) ON DELETE CASCADE,
    prepared BYTEA NOT NULL
);

CREATE TABLE page_aliases (
    path TEXT {bytewise} PRIMARY KEY,
    target TEXT NOT NULL
);

CREATE TABLE runs (
    id BIGINT PRIMARY KEY,
    sources TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    summary TEXT
);

-- One row. Whoever begins a run changes it first, so that two cannot begin at once.
CREATE TABLE last_run (
    id BIGINT NOT NULL
);

INSERT INTO last_run (id) VALUES (0);

CREATE TABLE run_outcomes (
    run BIGINT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    page TEXT {bytewise} NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT,
    detail TEXT,
    PRIMARY KEY (run, page)
);
