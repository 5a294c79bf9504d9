//! The page for a request that failed: what happened, and where to go next.

use askama::Template;
use candour_assistant::crisis_lines;

use crate::failure::{Code, Failure};
use crate::language::Language;
use crate::page::layout::Layout;
use crate::site::Site;
use crate::words::words;

/// The page.
#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    l: Layout,
    message: String,
    /// Whether trying again may help.
    may_pass: bool,
    /// Whom to call, by language, where a question was not read: its writer may be in danger.
    crisis: Vec<(&'static str, &'static str)>,
}

/// The page as HTML.
pub(crate) fn html(site: &Site, language: Language, path: &str, failure: &Failure) -> String {
    let words = words(language);
    let (title, message, may_pass) = match failure.code {
        Code::NotFound => (words.t("failure-not-found-title"), words.t("failure-not-found"), false),
        Code::AnswerNotFound | Code::ConversationNotFound | Code::PassageNotFound => {
            (words.t("failure-gone-title"), words.t("failure-gone"), false)
        }
        Code::MethodNotAllowed => {
            (words.t("failure-method-title"), words.t("failure-method"), false)
        }
        Code::TooLarge => (words.t("failure-large-title"), words.t("failure-large"), false),
        Code::CrossSite => (words.t("failure-cross-title"), words.t("failure-cross"), false),
        Code::TooManyQuestions => {
            let seconds = failure.wait_seconds().map_or(60, |seconds| seconds as usize);
            (words.t("failure-many-title"), words.n("failure-many", "seconds", seconds), true)
        }
        Code::TooManySignIns => {
            (words.t("failure-sign-in-title"), words.t("failure-sign-in"), false)
        }
        Code::NotReady => (words.t("failure-ready-title"), words.t("failure-ready"), true),
        Code::IndexUnreadable | Code::StoreUnavailable | Code::Timeout => {
            (words.t("failure-busy-title"), words.t("failure-busy"), true)
        }
        Code::Internal => (words.t("failure-internal-title"), words.t("failure-internal"), true),
        Code::InvalidJson
        | Code::InvalidRequest
        | Code::InvalidIdentifier
        | Code::KeyMissing
        | Code::KeyInvalid
        | Code::RoleMissing
        | Code::ModelNotFound
        | Code::UnsupportedMediaType
        | Code::QuestionEmpty
        | Code::QuestionTooLong
        | Code::ChoiceNotOffered
        | Code::CommentTooLong => {
            (words.t("failure-request-title"), words.t("failure-request"), false)
        }
    };
    // A page that failed may exist in neither language, so the toggle leads to the first page.
    let path = if failure.code == Code::NotFound { "/" } else { path };
    let crisis = if failure.code == Code::TooManyQuestions { crisis(language) } else { Vec::new() };
    let l = Layout::new(site, language, path, title);
    let page = FailurePage { l, message, may_pass, crisis };
    page.render().unwrap_or_default()
}

/// Whom to call, in the language of the page first.
fn crisis(language: Language) -> Vec<(&'static str, &'static str)> {
    let mut languages = Language::ALL;
    languages.sort_by_key(|one| *one != language);
    languages.map(|one| (one.tag(), crisis_lines(&one.locale()))).into()
}
