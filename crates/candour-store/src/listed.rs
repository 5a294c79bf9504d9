//! Questions in a list, for staff: the newest first, by what became of them, page by page.

use std::collections::HashMap;

use candour_core::{AnswerId, AnswerStatus, ConversationId, FeedbackVerdict, Redacted};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use sqlx::AssertSqlSafe;

use crate::conversations::read_verdict;
use crate::rows::{damaged, from_json, microseconds, time};
use crate::{Database, StoreError};

/// A question in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedTurn {
    /// Names the answer.
    pub id: AnswerId,
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// What was asked, with personal data masked.
    pub question: Redacted,
    /// What became of it.
    pub status: AnswerStatus,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// What the reader thinks of the answer, with the comment, where there is one.
    pub feedback: Option<(FeedbackVerdict, Redacted)>,
    /// What screening noticed in it, by name.
    pub signals: Vec<String>,
}

/// Which questions are listed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TurnFilter {
    /// Those whose answer is of this kind.
    pub status: Option<AnswerStatus>,
    /// Those with feedback.
    pub feedback: Option<Wanted<FeedbackVerdict>>,
    /// Those in which screening noticed something.
    pub signal: Option<Wanted<String>>,
    /// Those of one day, in UTC.
    pub day: Option<Date>,
    /// Those before this one in the list: the last of the page before.
    pub after: Option<(Timestamp, AnswerId)>,
}

/// Something, whatever it is, or exactly this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted<T> {
    /// Whatever it is.
    Any,
    /// Exactly this.
    This(T),
}

impl<T> Wanted<T> {
    fn exactly(wanted: Option<&Self>) -> Option<&T> {
        if let Some(Self::This(this)) = wanted { Some(this) } else { None }
    }
}

const LIST: &str = "SELECT turns.id, conversation, question, status, asked_at, verdict, comment \
    FROM turns LEFT JOIN feedback ON feedback.answer = turns.id \
    WHERE ($1 IS NULL OR status = $1) \
    AND ($2 = 0 OR verdict IS NOT NULL) AND ($3 IS NULL OR verdict = $3) \
    AND ($4 = 0 OR EXISTS (SELECT 1 FROM turn_signals WHERE turn_signals.answer = turns.id)) \
    AND ($5 IS NULL OR EXISTS (SELECT 1 FROM turn_signals \
        WHERE turn_signals.answer = turns.id AND signal = $5)) \
    AND asked_at >= $6 AND asked_at < $7 \
    AND (asked_at < $8 OR (asked_at = $8 AND turns.id < $9)) \
    ORDER BY asked_at DESC, turns.id DESC LIMIT $10";

impl Database {
    /// The newest questions that a filter lets through, at most so many.
    pub async fn listed_turns(
        &self,
        filter: &TurnFilter,
        limit: u32,
    ) -> Result<Vec<ListedTurn>, StoreError> {
        let (from, until) = filter.day.map_or((i64::MIN, i64::MAX), bounds);
        let (asked_at, id) = match filter.after {
            Some((asked_at, id)) => (microseconds(asked_at), id.to_string()),
            None => (i64::MAX, String::new()),
        };
        let rows: Vec<ListedRow> = sqlx::query_as(LIST)
            .bind(filter.status.map(AnswerStatus::key))
            .bind(i64::from(filter.feedback.is_some()))
            .bind(Wanted::exactly(filter.feedback.as_ref()).map(|verdict| verdict.key()))
            .bind(i64::from(filter.signal.is_some()))
            .bind(Wanted::exactly(filter.signal.as_ref()).map(String::as_str))
            .bind(from)
            .bind(until)
            .bind(asked_at)
            .bind(id)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?;
        let mut turns = rows.into_iter().map(read_listed).collect::<Result<Vec<_>, _>>()?;
        self.add_signals(&mut turns).await?;
        Ok(turns)
    }

    /// What screening noticed in a question, by name.
    pub async fn signals_of(&self, answer: AnswerId) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT signal FROM turn_signals WHERE answer = $1 ORDER BY signal";
        Ok(sqlx::query_scalar(sql).bind(answer.to_string()).fetch_all(&self.pool).await?)
    }

    async fn add_signals(&self, turns: &mut [ListedTurn]) -> Result<(), StoreError> {
        if turns.is_empty() {
            return Ok(());
        }
        let numbers: Vec<String> = (1..=turns.len()).map(|number| format!("${number}")).collect();
        let sql = format!(
            "SELECT answer, signal FROM turn_signals WHERE answer IN ({}) ORDER BY answer, signal",
            numbers.join(", ")
        );
        let mut query = sqlx::query_as::<_, (String, String)>(AssertSqlSafe(sql)).persistent(false);
        for turn in turns.iter() {
            query = query.bind(turn.id.to_string());
        }
        let mut found: HashMap<String, Vec<String>> = HashMap::new();
        for (answer, signal) in query.fetch_all(&self.pool).await? {
            found.entry(answer).or_default().push(signal);
        }
        for turn in turns {
            turn.signals = found.remove(&turn.id.to_string()).unwrap_or_default();
        }
        Ok(())
    }
}

/// When a day begins and ends, in microseconds.
fn bounds(day: Date) -> (i64, i64) {
    let begins = |day: Date| Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).map(microseconds);
    let from = begins(day).unwrap_or(i64::MAX);
    (from, day.tomorrow().and_then(begins).unwrap_or(i64::MAX))
}

/// Identifier, conversation, question, kind, time, verdict, comment.
type ListedRow = (String, String, String, String, i64, Option<String>, Option<String>);

fn read_listed(row: ListedRow) -> Result<ListedTurn, StoreError> {
    let (id, conversation, question, status, asked_at, verdict, comment) = row;
    let feedback = match (verdict, comment) {
        (Some(verdict), Some(comment)) => {
            Some((read_verdict(&verdict)?, from_json("comment", &comment)?))
        }
        _ => None,
    };
    Ok(ListedTurn {
        id: AnswerId::parse(&id).ok_or_else(|| damaged("answer identifier", &id))?,
        conversation: ConversationId::parse(&conversation)
            .ok_or_else(|| damaged("conversation identifier", &conversation))?,
        question: from_json("question", &question)?,
        status: read_status(&status)?,
        asked_at: time(asked_at)?,
        feedback,
        signals: Vec::new(),
    })
}

pub(crate) fn read_status(key: &str) -> Result<AnswerStatus, StoreError> {
    AnswerStatus::of_key(key).ok_or_else(|| damaged("status", &format!("`{key}` is not one")))
}
