-- What is watched in answers while the pilot runs. The log commits to `plan` at `log_position` before any
-- answer is looked at; answers that entered the log after it, and before its closing, are the plan's.
CREATE TABLE monitoring_plans (
    number BIGINT PRIMARY KEY,
    plan TEXT NOT NULL,
    log_position BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    started_by TEXT NOT NULL,
    -- Up to which position in the log it is decided of every answer whether it is looked at.
    read_to BIGINT NOT NULL,
    -- How many records there are. Whoever adds some changes both first, so that none is added twice.
    records BIGINT NOT NULL,
    closing TEXT,
    closed_position BIGINT
);

-- What was seen: numbers alone, in their order. The link to the answer goes with the answer.
CREATE TABLE monitoring_records (
    plan BIGINT NOT NULL REFERENCES monitoring_plans (number),
    position BIGINT NOT NULL,
    kind TEXT NOT NULL,
    scores TEXT NOT NULL,
    answer TEXT REFERENCES turns (id) ON DELETE SET NULL,
    PRIMARY KEY (plan, position)
);

-- Nothing is looked at twice. What has no answer any more is not held against another.
CREATE UNIQUE INDEX monitoring_records_once ON monitoring_records (answer, plan, kind);

-- What became certain, each thing once.
CREATE TABLE monitoring_alarms (
    plan BIGINT NOT NULL REFERENCES monitoring_plans (number),
    metric TEXT NOT NULL,
    kind TEXT NOT NULL,
    alarm TEXT NOT NULL,
    raised_at BIGINT NOT NULL,
    PRIMARY KEY (plan, metric, kind)
);

-- One row. Whoever starts or closes a plan changes it first, so that no two are open at once.
CREATE TABLE monitoring_last (
    number BIGINT NOT NULL
);

INSERT INTO monitoring_last (number) VALUES (0);

CREATE INDEX receipts_by_log ON receipts (log_position);

CREATE INDEX feedback_by_time ON feedback (given_at);
