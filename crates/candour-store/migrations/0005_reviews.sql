-- Reviews: answers that people label. What is asked of them is JSON.
CREATE TABLE reviews (
    name TEXT {bytewise} PRIMARY KEY,
    about TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    closed_at BIGINT
);

-- All answers that a review is about, of which those are labelled that want a label. Of a reader's answer
-- no copy is made: `answer` is then its identifier, and what is shown of it stands in `turns`. `turn` is the
-- same, so that no place in a review outlives the answer, whoever is faster.
CREATE TABLE review_answers (
    review TEXT {bytewise} NOT NULL REFERENCES reviews (name) ON DELETE CASCADE,
    answer TEXT {bytewise} NOT NULL,
    position BIGINT NOT NULL,
    wanted BIGINT NOT NULL,
    design TEXT NOT NULL,
    shown TEXT,
    turn TEXT REFERENCES turns (id) ON DELETE CASCADE,
    PRIMARY KEY (review, answer),
    UNIQUE (review, position)
);

CREATE INDEX review_answers_by_answer ON review_answers (answer);

CREATE INDEX review_answers_by_turn ON review_answers (turn);

-- A person has one row for an answer: it is held until they have said something, and then keeps that.
CREATE TABLE review_labels (
    review TEXT {bytewise} NOT NULL,
    answer TEXT {bytewise} NOT NULL,
    person TEXT NOT NULL,
    job TEXT NOT NULL,
    state TEXT NOT NULL,
    label TEXT NOT NULL,
    note TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (review, answer, person),
    FOREIGN KEY (review, answer) REFERENCES review_answers (review, answer) ON DELETE CASCADE
);

CREATE INDEX review_labels_by_answer ON review_labels (answer);
