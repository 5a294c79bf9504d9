-- What staff look for answers by. It repeats the first field of the answer.
ALTER TABLE turns ADD COLUMN status TEXT NOT NULL DEFAULT 'answered';

UPDATE turns SET status = CASE
    WHEN answer LIKE '{"status":"partial"%' THEN 'partial'
    WHEN answer LIKE '{"status":"abstained"%' THEN 'abstained'
    WHEN answer LIKE '{"status":"clarify"%' THEN 'clarify'
    WHEN answer LIKE '{"status":"signposted"%' THEN 'signposted'
    ELSE 'answered'
END;

CREATE INDEX turns_by_time ON turns (asked_at, id);

-- What was noticed in a question beside its words: an attempt to instruct the assistant, distress, abuse.
CREATE TABLE turn_signals (
    answer TEXT NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    signal TEXT NOT NULL,
    PRIMARY KEY (answer, signal)
);

CREATE INDEX turn_signals_by_signal ON turn_signals (signal);

CREATE INDEX audit_by_time ON audit (done_at);

-- One row. Whoever notes something changes it first, so that two never take one position.
CREATE TABLE audit_size (
    entries BIGINT NOT NULL
);

INSERT INTO audit_size (entries) SELECT COALESCE(MAX(position), -1) + 1 FROM audit;

-- So that every replica can see at once that something was erased.
CREATE INDEX log_erasures ON log_entries (position) WHERE kind = 'erasure';

-- Who is signed in to the staff pages. Of what the browser holds only the hash is kept.
CREATE TABLE staff_sessions (
    hash TEXT PRIMARY KEY,
    key TEXT {bytewise} NOT NULL REFERENCES keys (id) ON DELETE CASCADE,
    ends_at BIGINT NOT NULL
);
