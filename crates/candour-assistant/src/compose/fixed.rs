//! Answers of fixed words: greetings, referrals, clarifying questions.

use std::collections::BTreeMap;

use candour_core::{Answer, AnswerLink, AnswerStatus, Config, Hit, LinkKind, Notice, NoticeKind};

use super::onward::add_human_contact;
use super::split::{By, Split};
use crate::replies;
use crate::route::Route;
use crate::screen::Screened;

/// An answer with nothing in it yet but what was seen in the question.
pub(super) fn empty(question: &Screened, status: AnswerStatus) -> Answer {
    let mut answer = Answer {
        status,
        locale: question.interface.clone(),
        nation: question.place.nation,
        audience: question.role.audience,
        is_audience_chosen: question.role.is_chosen,
        message: None,
        is_blocked: false,
        sentences: Vec::new(),
        sources: Vec::new(),
        links: Vec::new(),
        choices: Vec::new(),
        notices: Vec::new(),
        contacts: Vec::new(),
        model: None,
        confidence: None,
        snapshot: String::new(),
        timings_ms: BTreeMap::new(),
    };
    let replies = replies::of(&answer.locale);
    if let Some(key) = question.crisis.lines() {
        let text = replies.text(key).to_owned();
        answer.notices.push(Notice { kind: NoticeKind::Crisis, text });
    }
    if !question.masks.is_empty() {
        let kinds = replies.kinds(question.masks.iter().map(|mask| mask.kind));
        let text = replies.filled("masked", &[("kinds", &kinds)]);
        answer.notices.push(Notice { kind: NoticeKind::Masked, text });
    }
    answer
}

/// The answer to a question that needs no search; `None` where it does.
pub(crate) fn fixed(question: &Screened, route: Route, config: &Config) -> Option<Answer> {
    let (status, key) = match route {
        Route::Answerable | Route::PersonalAccount | Route::Broad => return None,
        Route::Crisis => (AnswerStatus::Signposted, question.crisis.message()),
        Route::Greeting => (AnswerStatus::Signposted, "greeting"),
        Route::Thanks => (AnswerStatus::Signposted, "thanks"),
        Route::About if config.generation.models.is_empty() => (AnswerStatus::Signposted, "about"),
        Route::About => (AnswerStatus::Signposted, "about_written"),
        Route::Political => (AnswerStatus::Abstained, "political"),
        Route::OtherLanguage => (AnswerStatus::Signposted, "other_language"),
        Route::Unclear => (AnswerStatus::Clarify, "unclear"),
    };
    let mut answer = empty(question, status);
    answer.is_blocked = matches!(route, Route::Crisis | Route::Political);
    answer.message = Some(replies::of(&answer.locale).text(key).to_owned());
    add_human_contact(&mut answer, config);
    Some(answer)
}

/// The answer while the assistant is switched off: whom to contact; for who is in danger, who can help.
pub(crate) fn switched_off(question: &Screened, config: &Config) -> Answer {
    let crisis = question.crisis;
    let key = if crisis.is_urgent() { crisis.message() } else { "switched_off" };
    let mut answer = empty(question, AnswerStatus::Signposted);
    answer.is_blocked = true;
    answer.message = Some(replies::of(&answer.locale).text(key).to_owned());
    add_human_contact(&mut answer, config);
    answer
}

/// Says that there is no answer, where nothing was looked for.
pub(crate) fn nothing(question: &Screened, config: &Config) -> Answer {
    let mut answer = empty(question, AnswerStatus::Abstained);
    answer.message = Some(replies::of(&answer.locale).text("abstained").to_owned());
    add_human_contact(&mut answer, config);
    answer
}

/// Asks which of the pages that were found a broad question is about; `None` where they are too few
/// for there to be a choice.
pub(crate) fn clarification(question: &Screened, hits: &[Hit], config: &Config) -> Option<Answer> {
    let mut answer = empty(question, AnswerStatus::Clarify);
    for hit in hits {
        let is_known = answer.links.iter().any(|link| link.url == hit.page.url);
        if !is_known && answer.links.len() < 4 && hit.coverage > 0.4 {
            let (label, url) = (hit.page.title.clone(), hit.page.url.clone());
            answer.links.push(AnswerLink { label, url, kind: LinkKind::Page });
        }
    }
    if answer.links.len() < 2 {
        return None;
    }
    answer.message = Some(replies::of(&answer.locale).text("unclear_pages").to_owned());
    add_human_contact(&mut answer, config);
    Some(answer)
}

/// Makes an answer of asking the reader which of several circumstances applies to them.
pub(super) fn ask(answer: &mut Answer, split: &Split, config: &Config) {
    let replies = replies::of(&answer.locale);
    answer.status = AnswerStatus::Clarify;
    answer.message = Some(match &split.by {
        By::Question(asks) => replies.filled("choice_question", &[("question", asks)]),
        By::Circumstance => replies.text("choice_circumstance").to_owned(),
        By::Nation => replies.text("choice_nation").to_owned(),
        By::Row => replies.text("choice_row").to_owned(),
    });
    answer.choices = split.branches.iter().map(|branch| branch.choice.clone()).collect();
    add_human_contact(answer, config);
}
