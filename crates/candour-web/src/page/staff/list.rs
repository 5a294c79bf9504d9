//! Questions in a list, the newest first, page by page: what conversations, feedback and signals share.

use candour_core::{AnswerId, AnswerStatus, FeedbackVerdict};
use candour_store::{ListedTurn, TurnFilter, Wanted};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::failure::Failure;
use crate::page::form::Form;
use crate::page::layout::Layout;
use crate::page::staff::name;
use crate::site::Site;

/// How many questions are on one page.
const ROWS: u32 = 25;

/// One page of a list.
pub(super) struct List {
    pub(super) rows: Vec<Row>,
    /// The address of the first page, where this is another.
    pub(super) first: Option<String>,
    /// The address of the next page, where there is one.
    pub(super) next: Option<String>,
}

/// One question of it.
pub(super) struct Row {
    pub(super) href: String,
    pub(super) question: String,
    pub(super) asked_at: String,
    pub(super) status: String,
    pub(super) verdict: Option<String>,
    pub(super) comment: String,
    pub(super) signals: Vec<String>,
}

/// What the address of a list says: what is listed, and from where.
pub(super) struct Choice {
    pub(super) status: Option<AnswerStatus>,
    pub(super) feedback: Option<Wanted<FeedbackVerdict>>,
    pub(super) signal: Option<Wanted<String>>,
    /// As it was typed.
    pub(super) day: String,
    after: Option<(Timestamp, AnswerId)>,
}

impl Choice {
    /// Reads the query of an address. What makes no sense there chooses nothing.
    pub(super) fn read(form: &Form) -> Self {
        let feedback = match form.text("feedback") {
            "any" => Some(Wanted::Any),
            key => FeedbackVerdict::of_key(key).map(Wanted::This),
        };
        let is_name = |key: &str| key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let signal = match form.text("signal") {
            "" => None,
            "any" => Some(Wanted::Any),
            key => is_name(key).then(|| Wanted::This(key.to_owned())),
        };
        Self {
            status: AnswerStatus::of_key(form.text("status")),
            feedback,
            signal,
            day: form.text("day").trim().to_owned(),
            after: place(form.text("after")),
        }
    }

    fn day(&self) -> Option<Date> {
        self.day.parse().ok()
    }

    /// Whether what was typed as a day is none.
    pub(super) fn has_wrong_day(&self) -> bool {
        !self.day.is_empty() && self.day().is_none()
    }

    pub(super) fn is_status(&self, key: &str) -> bool {
        self.status.is_some_and(|status| status.key() == key)
    }

    pub(super) fn is_feedback(&self, key: &str) -> bool {
        match &self.feedback {
            Some(Wanted::Any) => key == "any",
            Some(Wanted::This(verdict)) => verdict.key() == key,
            None => false,
        }
    }

    pub(super) fn is_signal(&self, key: &str) -> bool {
        matches!(&self.signal, Some(Wanted::This(signal)) if signal == key)
    }

    /// The page of the list that was chosen.
    pub(super) async fn list(&self, site: &Site, l: &Layout, path: &str) -> Result<List, Failure> {
        let filter = TurnFilter {
            status: self.status,
            feedback: self.feedback.clone(),
            signal: self.signal.clone(),
            day: self.day(),
            after: self.after,
        };
        let mut turns = site.database.listed_turns(&filter, ROWS + 1).await?;
        let has_next = turns.len() > ROWS as usize;
        turns.truncate(ROWS as usize);
        let last = turns.last().filter(|_| has_next);
        let next = last.map(|last| self.href(l, path, Some((last.asked_at, last.id))));
        let first = self.after.map(|_| self.href(l, path, None));
        Ok(List { rows: turns.iter().map(|turn| row(l, turn)).collect(), first, next })
    }

    /// The address of a page of this list. All that is put into it is a name, a day or a number.
    fn href(&self, l: &Layout, path: &str, after: Option<(Timestamp, AnswerId)>) -> String {
        let feedback = self.feedback.as_ref().map(|wanted| match wanted {
            Wanted::Any => "any".to_owned(),
            Wanted::This(verdict) => verdict.key().to_owned(),
        });
        let signal = self.signal.as_ref().map(|wanted| match wanted {
            Wanted::Any => "any".to_owned(),
            Wanted::This(signal) => signal.clone(),
        });
        let pairs = [
            ("status", self.status.map(|status| status.key().to_owned())),
            ("feedback", feedback),
            ("signal", signal),
            ("day", self.day().map(|day| day.to_string())),
            ("after", after.map(|(time, id)| format!("{}.{id}", time.as_microsecond()))),
        ];
        let pairs: Vec<String> = pairs
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", value?)))
            .collect();
        format!("{}?{}", l.href(path), pairs.join("&"))
    }
}

/// Where a page of a list begins: after the question of this moment with this answer.
fn place(text: &str) -> Option<(Timestamp, AnswerId)> {
    let (microseconds, id) = text.split_once('.')?;
    let time = Timestamp::from_microsecond(microseconds.parse().ok()?).ok()?;
    Some((time, AnswerId::parse(id)?))
}

fn row(l: &Layout, turn: &ListedTurn) -> Row {
    let feedback = turn.feedback.as_ref();
    Row {
        href: l.href(&format!("/staff/answers/{}", turn.id)),
        question: turn.question.as_str().to_owned(),
        asked_at: name::moment(turn.asked_at),
        status: name::status(l, turn.status),
        verdict: feedback.map(|(verdict, _)| name::verdict(l, *verdict)),
        comment: feedback.map_or(String::new(), |(_, comment)| comment.as_str().to_owned()),
        signals: turn.signals.iter().map(|signal| name::signal(l, signal)).collect(),
    }
}
