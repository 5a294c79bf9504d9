//! Every question of the sample pilot is asked, and the answers are held against floors.
//!
//! With `CANDOUR_SHOW=1` in the environment every answer is printed, to be read as a citizen would.

#![cfg(test)]
#![expect(clippy::print_stderr, reason = "the table is what this measures")]

mod pilot;

use candour_content::source::SourceSpec;
use candour_core::{Answer, AnswerStatus, Config, Locale};
use serde::Deserialize;

use pilot::{Pilot, in_repository};

/// What is said beside the right amount and is no mistake, since its own words or the header of its
/// column say whose it is: the total of Band D, and the fee of the other kind of application.
const LABELLED: [&str; 2] = ["council-tax-03: £2,217.33", "planning-05: £647"];

#[derive(Debug, Deserialize)]
struct Question {
    id: String,
    #[serde(rename = "question")]
    text: String,
    locale: Locale,
    pages: Vec<String>,
    key_facts: Vec<String>,
    must_not_say: Vec<String>,
    status: AnswerStatus,
    tags: Vec<String>,
}

fn questions() -> Vec<Question> {
    let mut files: Vec<_> = std::fs::read_dir(in_repository("sample/questions"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
    let lines: Vec<String> =
        texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn config() -> Config {
    let text = std::fs::read_to_string(in_repository("sample/candour.toml")).unwrap();
    Config::resolve(&text, &std::collections::BTreeMap::new()).unwrap()
}

/// What an answer says, in one text.
fn said(answer: &Answer) -> String {
    let mut text = answer.message.clone().unwrap_or_default();
    for sentence in &answer.sentences {
        text.push('\n');
        text.push_str(&sentence.text);
    }
    for notice in &answer.notices {
        text.push('\n');
        text.push_str(&notice.text);
    }
    for phone in answer.contacts.iter().flat_map(|contact| &contact.phones) {
        text.push('\n');
        text.push_str(&phone.number);
    }
    text
}

#[test]
fn the_sample_is_answered_as_its_authors_expect() {
    let config = config();
    let pilot = Pilot::new(SourceSpec::Dir(in_repository("sample/content")), &config);
    let show = std::env::var_os("CANDOUR_SHOW").is_some();
    let examples = config.pilot.examples.iter().chain(&config.pilot.examples_cy);
    for example in examples {
        let answer = pilot.answer(example, Locale::En);
        assert!(!answer.sentences.is_empty(), "the example {example:?} is not answered");
        if show {
            eprintln!(
                "EXAMPLE {example}: {:?}",
                answer.sentences.iter().map(|s| &s.text).collect::<Vec<_>>()
            );
        }
    }
    let mut tally = Tally::default();
    for question in questions() {
        let answer = pilot.answer(&question.text, question.locale.clone());
        tally.count(&pilot, &question, &answer);
        if show {
            eprintln!("{}", shown(&question, &answer));
        }
    }
    eprintln!("{tally:#?}");
    let mut below = Vec::new();
    // What was measured, less about three points: a change that falls below has broken something.
    for (name, (good, all), floor) in [
        ("answerable questions answered", tally.answers, 0.9),
        ("answers that quote a right page", tally.right_page, 0.95),
        ("key facts said", tally.facts, 0.66),
        ("answers with all key facts", tally.all_facts, 0.65),
        ("unanswerable questions not answered", tally.abstained, 0.6),
        ("broad questions asked back", tally.clarified, 1.0),
        ("readers asked for circumstances", tally.split, 0.8),
        ("referrals to people", tally.signposted, 0.8),
        ("Welsh answered in Welsh", tally.welsh, 1.0),
    ] {
        eprintln!("{name:38} {good:4} of {all:4} = {:.3}, floor {floor}", good as f64 / all as f64);
        if (good as f64) < floor * all as f64 {
            below.push(format!("{name}: {good} of {all} is below {floor}"));
        }
    }
    assert!(below.is_empty(), "{}", below.join("\n"));
    tally.forbidden.retain(|said| !LABELLED.contains(&said.as_str()));
    assert!(tally.forbidden.is_empty(), "said what must not be said: {:?}", tally.forbidden);
    assert!(tally.wrongly_asked.is_empty(), "wrongly asked: {:?}", tally.wrongly_asked);
    assert!(tally.grave.is_empty(), "withdrawn amounts or personal data: {:?}", tally.grave);
}

#[derive(Debug, Default)]
struct Tally {
    /// Questions with an answer in the guidance that got one.
    answers: (usize, usize),
    /// Of those that got one, how many quote a right page.
    right_page: (usize, usize),
    /// Key facts of answerable questions that were said.
    facts: (usize, usize),
    /// Questions whose key facts were all said.
    all_facts: (usize, usize),
    /// Questions without an answer in the guidance that got none.
    abstained: (usize, usize),
    /// Broad questions that were asked back.
    clarified: (usize, usize),
    /// Questions whose answer differs by circumstance, whose readers were asked for theirs.
    split: (usize, usize),
    /// Others whose readers were asked for their circumstances.
    wrongly_asked: Vec<String>,
    /// Questions that were referred to people as expected.
    signposted: (usize, usize),
    /// Welsh questions that were answered in Welsh.
    welsh: (usize, usize),
    forbidden: Vec<String>,
    /// The same, where it is withdrawn or is the reader's own data: never allowed.
    grave: Vec<String>,
    unanswered: Vec<String>,
    wrong_page: Vec<String>,
    missing_facts: Vec<String>,
    overanswered: Vec<String>,
    wrong_status: Vec<String>,
}

impl Tally {
    fn count(&mut self, pilot: &Pilot, question: &Question, answer: &Answer) {
        let said = said(answer);
        let add = |count: &mut (usize, usize), good: bool| {
            count.0 += usize::from(good);
            count.1 += 1;
        };
        for text in question.must_not_say.iter().filter(|text| said.contains(text.as_str())) {
            self.forbidden.push(format!("{}: {text}", question.id));
            if question.tags.iter().any(|tag| tag == "withdrawn" || tag == "personal-data") {
                self.grave.push(format!("{}: {text}", question.id));
            }
        }
        let got_answer = !answer.sentences.is_empty();
        match question.status {
            AnswerStatus::Answered | AnswerStatus::Partial => {
                add(&mut self.answers, got_answer);
                if !got_answer {
                    self.unanswered.push(question.id.clone());
                }
                let pages = pilot.pages(answer);
                let right = pages.iter().any(|page| question.pages.contains(&page.0));
                if got_answer {
                    add(&mut self.right_page, right);
                    if !right {
                        self.wrong_page.push(format!("{}: {:?}", question.id, pages.first()));
                    }
                }
                if got_answer && question.locale == Locale::Cy {
                    add(
                        &mut self.welsh,
                        answer.sources.iter().all(|source| source.locale == Locale::Cy),
                    );
                }
                let missing: Vec<&String> = question
                    .key_facts
                    .iter()
                    .filter(|fact| !said.contains(fact.as_str()))
                    .collect();
                self.facts.0 += question.key_facts.len() - missing.len();
                self.facts.1 += question.key_facts.len();
                add(&mut self.all_facts, missing.is_empty());
                if !missing.is_empty() && got_answer {
                    self.missing_facts.push(format!("{}: {missing:?}", question.id));
                }
            }
            AnswerStatus::Abstained => {
                add(&mut self.abstained, !got_answer);
                if got_answer {
                    self.overanswered.push(question.id.clone());
                }
            }
            AnswerStatus::Clarify if question.tags.iter().any(|tag| tag == "circumstances") => {
                add(&mut self.split, !answer.choices.is_empty());
            }
            AnswerStatus::Clarify => {
                add(&mut self.clarified, answer.status == AnswerStatus::Clarify);
            }
            AnswerStatus::Signposted => {
                add(&mut self.signposted, answer.status == AnswerStatus::Signposted);
            }
        }
        if question.status != AnswerStatus::Clarify && !answer.choices.is_empty() {
            self.wrongly_asked.push(question.id.clone());
        }
        if answer.status != question.status {
            self.wrong_status
                .push(format!("{}: {:?} for {:?}", question.id, answer.status, question.status));
        }
    }
}

fn shown(question: &Question, answer: &Answer) -> String {
    let mut lines = vec![format!(
        "\n=== {} [{:?} -> {:?}] {}",
        question.id, question.status, answer.status, question.text
    )];
    let said = said(answer);
    let missing = question.key_facts.iter().filter(|fact| !said.contains(fact.as_str()));
    lines.extend(missing.map(|fact| format!("  MISSING {fact}")));
    lines.extend(answer.message.iter().map(|message| format!("  ! {message}")));
    lines.extend(answer.choices.iter().map(|choice| format!("  ( ) {}", choice.label)));
    for sentence in &answer.sentences {
        let citation = &sentence.citations[0];
        let sign = if sentence.item { "  * " } else { "  " };
        lines
            .push(format!("{sign}{} [{} > {}]", sentence.text, citation.passage, citation.heading));
    }
    lines.extend(
        answer.notices.iter().map(|notice| format!("  ({:?}) {}", notice.kind, notice.text)),
    );
    lines.extend(
        answer.links.iter().map(|link| format!("  -> {:?} {} {}", link.kind, link.label, link.url)),
    );
    lines.extend(answer.contacts.iter().map(|contact| format!("  @ {}", contact.title)));
    lines.join("\n")
}
