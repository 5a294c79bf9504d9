-- What programs have taken of each day's budget for language models, in millionths of a pound.
CREATE TABLE spending (
    day TEXT PRIMARY KEY,
    taken BIGINT NOT NULL
);
