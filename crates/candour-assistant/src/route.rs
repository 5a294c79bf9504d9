//! The second stage: what kind of question it is, by reviewed rules. What is said is in `replies`.

mod model;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use candour_core::Locale;
use regex::RegexSet;
use serde::Deserialize;

pub use self::model::Routed;
pub(crate) use self::model::sort;
use crate::compose::asks_whom_to_reach;
use crate::mitigations::{Mitigation, Mitigations};
use crate::screen::{Screened, rules};
use crate::subject::Subject;
use crate::words::{phrase, plain_words, stems, word};

/// What kind of question it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Route {
    /// The guidance may answer it.
    Answerable,
    /// The reader may be in danger.
    Crisis,
    /// A greeting.
    Greeting,
    /// Thanks.
    Thanks,
    /// About the assistant itself.
    About,
    /// About one person's records, or a request to act.
    PersonalAccount,
    /// Asks for a political opinion.
    Political,
    /// In a language that the assistant does not read.
    OtherLanguage,
    /// There is too little in it to look for.
    Unclear,
    /// It names a kind of thing that several services have; whether one is meant shows in the search.
    Broad,
}

impl Route {
    /// Whether no rule knows the question: it is taken to be one that guidance may answer.
    pub(crate) fn is_open(self) -> bool {
        self == Self::Answerable
    }

    /// The same, where what stands behind it is on. In an experiment without that, guidance may answer.
    fn under(self, mitigations: Mitigations) -> Self {
        let stands_behind = match self {
            Self::Political => Mitigation::Neutrality,
            Self::Crisis => Mitigation::CrisisSignposting,
            _ => return self,
        };
        if mitigations.has(stands_behind) { self } else { Self::Answerable }
    }

    /// Its name where programs read it.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Answerable => "answerable",
            Self::Crisis => "crisis",
            Self::Greeting => "greeting",
            Self::Thanks => "thanks",
            Self::About => "about",
            Self::PersonalAccount => "personal_account",
            Self::Political => "political",
            Self::OtherLanguage => "other_language",
            Self::Unclear => "unclear",
            Self::Broad => "broad",
        }
    }
}

/// The route of a question. `follows` says that it may rest on an earlier question.
pub(crate) fn route(question: &Screened, follows: bool) -> Route {
    by_rules(question, follows).under(question.mitigations)
}

fn by_rules(question: &Screened, follows: bool) -> Route {
    if question.crisis.is_urgent() {
        return Route::Crisis;
    }
    let text = phrase(&question.own_words);
    if let Some(rule) = RULES.0.iter().find(|rule| rule.patterns.is_match(&text)) {
        return rule.label;
    }
    if matches!(question.locale, Locale::Other(_)) {
        return Route::OtherLanguage;
    }
    if !question.masks.is_empty() && text.chars().all(|letter| !letter.is_alphanumeric()) {
        return Route::Unclear;
    }
    match subject_words(&question.own_words, &question.locale) {
        _ if follows => Route::Answerable,
        (0, 0) => Route::Unclear,
        (0, _) => Route::Broad,
        (1, 0) if text.split(' ').count() <= 1 => Route::Broad,
        _ if names_nothing(question) => Route::Broad,
        _ => Route::Answerable,
    }
}

/// Whether a question has no word for what it is about: `How do I pay?` Whom to reach is a subject here.
pub(crate) fn names_nothing(question: &Screened) -> bool {
    let Subject { is_named, is_timed, .. } = Subject::of(&question.own_words, &question.locale);
    let mut words = plain_words(&question.own_words).into_iter();
    !(is_named || is_timed || words.any(|word| asks_whom_to_reach(&word)))
}

/// How many words name a subject, and how many a kind of thing that several services have.
fn subject_words(text: &str, locale: &Locale) -> (usize, usize) {
    let broad = if *locale == Locale::Cy { &RULES.1.cy } else { &RULES.1.en };
    stems(text, locale).iter().fold((0, 0), |(subjects, kinds), stem| {
        if broad.contains(stem) { (subjects, kinds + 1) } else { (subjects + 1, kinds) }
    })
}

#[derive(Deserialize)]
struct File {
    rule: Vec<FileRule>,
    broad: Broad,
}

#[derive(Deserialize)]
struct FileRule {
    label: Route,
    patterns: Vec<String>,
}

/// Words for kinds of things that several services have, in the file; once it is read, their stems.
#[derive(Deserialize, Default)]
struct Broad {
    en: BTreeSet<String>,
    cy: BTreeSet<String>,
}

struct Rule {
    label: Route,
    patterns: RegexSet,
}

static RULES: LazyLock<(Vec<Rule>, Broad)> =
    LazyLock::new(|| match toml::from_str::<File>(include_str!("route/rules.toml")) {
        Ok(file) => {
            let each = file.rule.into_iter();
            let each = each.map(|rule| Rule { label: rule.label, patterns: rules(&rule.patterns) });
            let stems = |kinds: BTreeSet<String>, locale: &Locale| -> BTreeSet<String> {
                kinds.into_iter().map(|kind| word(kind, locale).stem).collect()
            };
            let Broad { en, cy } = file.broad;
            (each.collect(), Broad { en: stems(en, &Locale::En), cy: stems(cy, &Locale::Cy) })
        }
        Err(error) => {
            tracing::error!(%error, "the routing rules cannot be read");
            (Vec::new(), Broad::default())
        }
    });

#[cfg(test)]
mod tests {
    use candour_core::{Config, PublicContacts};
    use jiff::Timestamp;

    use super::*;
    use crate::pipeline::Ask;
    use crate::screen::screen;

    fn of(text: &str) -> Route {
        let ask = Ask::new(text, Timestamp::UNIX_EPOCH);
        let public = PublicContacts::default();
        let screened = screen(&ask, &Config::default(), &public, Mitigations::default());
        route(&screened.unwrap(), false)
    }

    #[test]
    fn every_rule_compiles() {
        let file: File = toml::from_str(include_str!("route/rules.toml")).unwrap();
        for (read, compiled) in file.rule.iter().zip(&RULES.0) {
            assert_eq!(read.patterns.len(), compiled.patterns.len(), "{:?}", read.label);
        }
        assert_eq!(file.rule.len(), RULES.0.len());
    }

    #[test]
    fn questions_take_their_route() {
        use Route::{
            About, Answerable, Broad, Crisis, Greeting, OtherLanguage, PersonalAccount, Political,
            Thanks, Unclear,
        };
        for (text, expected) in [
            ("hi there 🙂", Greeting),
            ("Bore da!", Greeting),
            ("Thank you so much", Thanks),
            ("diolch yn fawr", Thanks),
            ("I want to die", Crisis),
            ("who should i vote for in the council elections?", Political),
            ("Is Labour better", Political),
            ("Should I vote Labour?", Political),
            ("Should I vote for Plaid Cymru?", Political),
            ("Is it worth voting for the Greens?", Political),
            ("Who is the best party for Wales?", Political),
            ("Was Brexit a mistake?", Political),
            ("Should Wales leave the UK?", Political),
            ("Pwy ddylwn i bleidleisio drosto?", Political),
            ("A ddylwn i bleidleisio i Lafur?", Political),
            ("A ddylen ni bleidleisio dros Blaid Cymru?", Political),
            ("A ddylwn i gefnogi'r Ceidwadwyr?", Political),
            ("Pa blaid yw'r orau i Gymru?", Political),
            ("Oedd Brexit yn gamgymeriad?", Political),
            ("Ai camgymeriad oedd Brexit?", Political),
            ("Ydy Llafur yn well?", Political),
            ("Beth yw dy farn am annibyniaeth i Gymru?", Political),
            ("Beth ydych chi'n ei feddwl o'r llywodraeth?", Political),
            ("A ddylai Cymru fod yn annibynnol?", Political),
            ("Are you a robot?", About),
            ("pwy ydych chi?", About),
            ("what is my balance", PersonalAccount),
            ("has my claim been paid", PersonalAccount),
            ("Where am I on the waiting list today?", PersonalAccount),
            ("can you update your records and refund me?", PersonalAccount),
            ("Please ring me to say why my bin was not emptied", PersonalAccount),
            ("when will my universal credit be paid this month", PersonalAccount),
            ("A yw fy nghais wedi cael ei gymeradwyo?", PersonalAccount),
            ("Jak mogę zarejestrować dziecko?", OtherLanguage),
            ("tip", Broad),
            ("how much is a permit?", Broad),
            ("do i get a discount", Broad),
            ("what is the closing date for applications", Broad),
            ("what can you do?", About),
            ("???", Unclear),
            ("how do I do it", Unclear),
            ("how much is a resident permit for my second car", Answerable),
            ("fly tipping fine amount", Answerable),
            ("will you take my old piano", Answerable),
            ("Do I get anything off the council tax if I live alone?", Answerable),
            ("Can I pay my council tax by cheque?", Answerable),
            ("What are you doing about potholes?", Answerable),
            (
                "My claim was rejected. How do I appeal against a housing benefit decision?",
                Answerable,
            ),
            ("how do I vote by post", Answerable),
            ("Should I vote by post or by proxy?", Answerable),
            ("Where is my polling station?", Answerable),
            ("Can I vote for a Plaid Cymru candidate by proxy?", Answerable),
            ("Which party runs the council?", Answerable),
            ("Where is the best place for a children's party?", Answerable),
            ("Do I need a visa after Brexit?", Answerable),
            ("Should you support reform of council tax in writing?", Answerable),
            ("Sut ydw i'n pleidleisio drwy'r post?", Answerable),
            ("A ddylwn i bleidleisio drwy'r post?", Answerable),
            ("Should I claim Personal Independence Payment?", Answerable),
            ("Ddylai ni gael Taliad Annibyniaeth Personol?", Answerable),
            ("Should we be independent of the agency?", Answerable),
            ("Ble mae fy ngorsaf bleidleisio?", Answerable),
            ("Pwy yw fy nghynghorydd?", Answerable),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    #[test]
    fn what_names_nothing_is_broad_and_what_names_something_is_not() {
        for (text, is_broad) in [
            ("How do I pay?", true),
            ("How do I cancel?", true),
            ("When does it open?", true),
            ("When are the Easter holidays?", false),
            ("Sut mae talu?", true),
            ("Faint mae'n gostio?", true),
            ("Sut mae gwneud cais?", true),
            ("Sut mae canslo?", true),
            ("Pryd mae'n cau?", true),
            ("Sut mae cysylltu â chi?", false),
            ("Sut mae talu'r dreth gyngor?", false),
        ] {
            assert_eq!(of(text) == Route::Broad, is_broad, "{text}");
        }
    }
}
