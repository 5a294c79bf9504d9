//! Labelling: whoever labels takes an answer of a review, holds it for a while, and gives it a label or says
//! why they cannot; where two people differ a third settles it.
//!
//! Of one review one transaction at a time takes or gives: it changes the review's row first. So no answer
//! is held by more people than it wants labels from, and by nobody twice.

use candour_core::Redacted;
use jiff::{SignedDuration, Timestamp};
use sqlx::AnyConnection;

use crate::audit::{self, AuditEntry};
use crate::review_labels::{Job, State, read_job};
use crate::rows::{json, microseconds, plain};
use crate::{Database, StoreError};

/// How long an answer is held for whoever took it: long enough for the longest page.
const HELD_FOR: SignedDuration = SignedDuration::from_mins(30);

/// What a person says of an answer now.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLabel<'a> {
    /// The review.
    pub review: &'a str,
    /// The place of the answer in it.
    pub position: u32,
    /// Who.
    pub person: &'a str,
    /// What they say; nothing where they cannot tell.
    pub label: Option<&'a str>,
    /// Why.
    pub note: Redacted,
    /// When.
    pub at: Timestamp,
}

/// What became of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// It is kept.
    Kept,
    /// The person held the answer for too long, and others have labelled it.
    TooLate,
    /// The person never took the answer, or there is no such answer.
    NotTaken,
    /// Somebody has settled between labels that differed, this person's among them.
    Settled,
    /// The review is closed.
    Closed,
}

/// The answer that this person holds already, or else the next that wants a label of theirs.
const NEXT_TO_LABEL: &str = "SELECT a.answer, a.position FROM review_answers a \
    LEFT JOIN review_labels mine ON mine.review = a.review AND mine.answer = a.answer \
        AND mine.person = $2 \
    WHERE a.review = $1 AND a.wanted > 0 \
    AND (mine.state IS NULL OR (mine.state = 'held' AND mine.job = 'label')) \
    AND a.wanted > (SELECT COUNT(*) FROM review_labels other WHERE other.review = a.review \
        AND other.answer = a.answer AND other.person <> $2 AND other.job = 'label' \
        AND (other.state = 'given' OR (other.state = 'held' AND other.at > $3))) \
    ORDER BY CASE WHEN mine.state IS NULL THEN 1 ELSE 0 END, a.position LIMIT 1";

/// The same of answers on which labels differ and which nobody has settled. Nobody settles their own.
const NEXT_TO_SETTLE: &str = "SELECT a.answer, a.position FROM review_answers a \
    LEFT JOIN review_labels mine ON mine.review = a.review AND mine.answer = a.answer \
        AND mine.person = $2 \
    WHERE a.review = $1 AND a.wanted > 1 \
    AND (mine.state IS NULL OR (mine.state = 'held' AND mine.job = 'settle')) \
    AND 1 < (SELECT COUNT(DISTINCT given.label) FROM review_labels given \
        WHERE given.review = a.review AND given.answer = a.answer \
        AND given.job = 'label' AND given.state = 'given') \
    AND NOT EXISTS (SELECT 1 FROM review_labels other WHERE other.review = a.review \
        AND other.answer = a.answer AND other.person <> $2 AND other.job = 'settle' \
        AND (other.state = 'given' OR (other.state = 'held' AND other.at > $3))) \
    ORDER BY CASE WHEN mine.state IS NULL THEN 1 ELSE 0 END, a.position LIMIT 1";

impl Database {
    /// Takes the next answer for somebody to label or to settle, and holds it for them. None where there
    /// is nothing left for them, or the review is closed. That they saw it is noted in the audit.
    pub async fn take_answer(
        &self,
        review: &str,
        person: &str,
        job: Job,
        now: Timestamp,
    ) -> Result<Option<u32>, StoreError> {
        let (review, person) = (plain(review), plain(person));
        let mut transaction = self.begin().await?;
        if !lock(&mut transaction, &review).await? {
            return Ok(None);
        }
        let next = next(&mut transaction, &review, &person, job, now).await?;
        let Some((answer, position)) = next else { return Ok(None) };
        let held_until = now.checked_add(HELD_FOR).unwrap_or(Timestamp::MAX);
        let row = Row { review: &review, answer: &answer, person: &person, job };
        row.put(&mut transaction, State::Held, "", &Redacted::default(), held_until).await?;
        row.note(&mut transaction, "take", position, now).await?;
        transaction.commit().await?;
        Ok(Some(u32::try_from(position).unwrap_or_default()))
    }

    /// Keeps what somebody says of an answer that they took, or changes what they said before.
    pub async fn give_label(&self, new: &NewLabel<'_>) -> Result<Given, StoreError> {
        let (review, person) = (plain(new.review), plain(new.person));
        let mut transaction = self.begin().await?;
        if !lock(&mut transaction, &review).await? {
            return Ok(Given::Closed);
        }
        let Some(own) = own(&mut transaction, &review, &person, new.position).await? else {
            return Ok(Given::NotTaken);
        };
        let row = Row { review: &review, answer: &own.answer, person: &person, job: own.job };
        let others = others(&mut transaction, &row, new.at).await?;
        if others.settled > 0 {
            return Ok(Given::Settled);
        }
        let is_free = match own.job {
            Job::Label => others.labels < own.wanted,
            Job::Settle => others.settling == 0,
        };
        let is_mine = match own.state {
            State::Held => own.at > microseconds(new.at),
            State::Given => true,
            State::Skipped => false,
        };
        if new.label.is_some() && !is_mine && !is_free {
            return Ok(Given::TooLate);
        }
        let (state, verb) = match new.label {
            Some(_) => (State::Given, own.job.key()),
            None => (State::Skipped, "skip"),
        };
        let label = plain(new.label.unwrap_or_default());
        row.put(&mut transaction, state, &label, &new.note, new.at).await?;
        row.note(&mut transaction, verb, i64::from(new.position), new.at).await?;
        transaction.commit().await?;
        Ok(Given::Kept)
    }

    /// Whether somebody holds an answer of a review or has said something of it, and to do what.
    pub async fn review_job(
        &self,
        review: &str,
        position: u32,
        person: &str,
    ) -> Result<Option<Job>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let own = own(&mut connection, &plain(review), &plain(person), position).await?;
        Ok(own.map(|own| own.job))
    }

    /// Whether there is an answer of a review that somebody could take now to label or to settle.
    pub async fn has_answers_for(
        &self,
        review: &str,
        person: &str,
        job: Job,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let next = next(&mut connection, &plain(review), &plain(person), job, now).await?;
        Ok(next.is_some())
    }
}

/// The next answer for somebody, and its place.
async fn next(
    connection: &mut AnyConnection,
    review: &str,
    person: &str,
    job: Job,
    now: Timestamp,
) -> Result<Option<(String, i64)>, StoreError> {
    let sql = match job {
        Job::Label => NEXT_TO_LABEL,
        Job::Settle => NEXT_TO_SETTLE,
    };
    let query = sqlx::query_as(sql).bind(review).bind(person).bind(microseconds(now));
    Ok(query.fetch_optional(connection).await?)
}

/// Makes all others who take or give in this review wait. False where it is closed, or is not there.
async fn lock(connection: &mut AnyConnection, review: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE reviews SET closed_at = closed_at WHERE name = $1 AND closed_at IS NULL";
    let done = sqlx::query(sql).bind(review).execute(connection).await?;
    Ok(done.rows_affected() > 0)
}

/// How an answer stands with the person who labels it.
struct Own {
    answer: String,
    wanted: i64,
    job: Job,
    state: State,
    at: i64,
}

async fn own(
    connection: &mut AnyConnection,
    review: &str,
    person: &str,
    position: u32,
) -> Result<Option<Own>, StoreError> {
    let row: Option<(String, i64, String, String, i64)> = sqlx::query_as(
        "SELECT a.answer, a.wanted, l.job, l.state, l.at FROM review_answers a \
         JOIN review_labels l ON l.review = a.review AND l.answer = a.answer AND l.person = $2 \
         WHERE a.review = $1 AND a.position = $3",
    )
    .bind(review)
    .bind(person)
    .bind(i64::from(position))
    .fetch_optional(connection)
    .await?;
    let own = |(answer, wanted, job, state, at): (String, i64, String, String, i64)| {
        Ok(Own { answer, wanted, job: read_job(&job)?, state: State::of_key(&state)?, at })
    };
    row.map(own).transpose()
}

/// What others do with an answer: how many label it or hold it to, settle it or hold it to, and whether it
/// is settled.
struct Others {
    labels: i64,
    settling: i64,
    settled: i64,
}

async fn others(
    connection: &mut AnyConnection,
    row: &Row<'_>,
    now: Timestamp,
) -> Result<Others, StoreError> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT job, state, at FROM review_labels \
         WHERE review = $1 AND answer = $2 AND person <> $3",
    )
    .bind(row.review)
    .bind(row.answer)
    .bind(row.person)
    .fetch_all(connection)
    .await?;
    let mut found = Others { labels: 0, settling: 0, settled: 0 };
    for (job, state, at) in rows {
        let is_taken = match State::of_key(&state)? {
            State::Held => at > microseconds(now),
            State::Given => true,
            State::Skipped => false,
        };
        let is_given = state == State::Given.key();
        match read_job(&job)? {
            Job::Label => found.labels += i64::from(is_taken),
            Job::Settle => {
                found.settling += i64::from(is_taken);
                found.settled += i64::from(is_given);
            }
        }
    }
    Ok(found)
}

/// The row of a person and an answer.
struct Row<'a> {
    review: &'a str,
    answer: &'a str,
    person: &'a str,
    job: Job,
}

impl Row<'_> {
    async fn put(
        &self,
        connection: &mut AnyConnection,
        state: State,
        label: &str,
        note: &Redacted,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO review_labels (review, answer, person, job, state, label, note, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (review, answer, person) DO UPDATE SET job = excluded.job, \
             state = excluded.state, label = excluded.label, note = excluded.note, \
             at = excluded.at",
        )
        .bind(self.review)
        .bind(self.answer)
        .bind(self.person)
        .bind(self.job.key())
        .bind(state.key())
        .bind(label)
        .bind(json(note)?)
        .bind(microseconds(at))
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Notes what was done, but not what was said: others who label read the audit too.
    async fn note(
        &self,
        connection: &mut AnyConnection,
        verb: &str,
        position: i64,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let entry = AuditEntry {
            done_at: at,
            done_by: self.person.to_owned(),
            action: format!("{verb} answer {position} of review {}", self.review),
            reason: Redacted::default(),
        };
        audit::insert(connection, &entry).await
    }
}
