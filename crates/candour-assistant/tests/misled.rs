//! Questions of which the sample's answers once misled, each with what its answer must say, may not
//! say and must stand under.
//!
//! With `CANDOUR_ASK=FILE` in the environment the questions of a file, one a line, are answered to be
//! read instead.

#![cfg(test)]
#![expect(clippy::print_stderr, reason = "answers are read by people")]

#[expect(dead_code, reason = "other tests look at the index and at the pages too")]
mod pilot;

use std::fmt::Write as _;

use candour_content::source::SourceSpec;
use candour_core::{Answer, AnswerStatus, Config, Locale};

use pilot::{Pilot, in_repository};

/// What an answer must be like.
#[derive(Default)]
struct Case {
    question: &'static str,
    /// The statuses that it may have; any where there is none.
    status: &'static [AnswerStatus],
    /// What it must quote or note.
    says: &'static [&'static str],
    /// What it may not quote.
    never: &'static [&'static str],
    /// Headings that must be shown above its quotes.
    under: &'static [&'static str],
}

const PARTIAL: &[AnswerStatus] = &[AnswerStatus::Partial];
const LIMITED: &[AnswerStatus] = &[AnswerStatus::Partial, AnswerStatus::Abstained];

#[expect(clippy::too_many_lines, reason = "it is a table")]
fn cases() -> Vec<Case> {
    vec![
        // A heading that holds a condition travels with what is quoted under it.
        Case {
            question: "When is the deadline for secondary school applications?",
            says: &["Deadline to apply | 27 November 2026"],
            under: &["Secondary school"],
            ..Case::default()
        },
        Case {
            question: "Do I need planning permission for a fence around my house?",
            status: PARTIAL,
            says: &["What applies depends on answers"],
            under: &["Put up a fence, wall or gate"],
            ..Case::default()
        },
        Case {
            question: "Faint yw casgliad gwastraff swmpus?",
            says: &["Up to 3 items | £27 | £13.50"],
            under: &["What it costs"],
            ..Case::default()
        },
        Case {
            question: "Who can get free school meals?",
            under: &["Secondary school: year 7 and above"],
            ..Case::default()
        },
        Case {
            question: "when do applications close for secondary school september 2027",
            says: &["Deadline to apply | 27 November 2026"],
            never: &["15 January 2027"],
            ..Case::default()
        },
        // What decides is asked for; a branch that the question rules out is not quoted, and an open one
        // is called so.
        Case {
            question: "Do I need planning permission for a fence?",
            status: &[AnswerStatus::Clarify],
            says: &["Is your home a flat, a maisonette or a listed building?"],
            ..Case::default()
        },
        Case {
            question: "Do I need planning permission for a 5 metre extension?",
            status: LIMITED,
            never: &["likely to be permitted development if"],
            ..Case::default()
        },
        Case {
            question: "Do I need planning permission for a 10 metre extension?",
            status: LIMITED,
            never: &["likely to be permitted development if"],
            ..Case::default()
        },
        Case {
            question: "Do I need planning permission for a 3 metre extension on my house?",
            says: &["likely to be permitted development if"],
            under: &["no more than 4 metres"],
            ..Case::default()
        },
        Case {
            question: "Do I need planning permission for an extension on my flat?",
            says: &["Flats and maisonettes do not have most permitted development rights."],
            never: &["likely to be permitted development if"],
            ..Case::default()
        },
        Case {
            question: "Do I need permission to change my listed house into flats?",
            never: &["If you build without it"],
            ..Case::default()
        },
        // The reader's own row is there.
        Case {
            question: "How much does a Blue Badge cost?",
            says: &["Wales | Free"],
            ..Case::default()
        },
        Case {
            question: "How much does a Blue Badge cost in Scotland?",
            says: &["Scotland | Up to £20"],
            never: &["so I have not quoted it"],
            ..Case::default()
        },
        // A list of which some is left out is called so.
        Case {
            question: "Who can get a bus pass?",
            status: PARTIAL,
            says: &["only part of a longer list"],
            ..Case::default()
        },
        Case {
            question: "Do I qualify for a Blue Badge if I get PIP?",
            status: PARTIAL,
            says: &["8 points or more", "only part of a longer list"],
            ..Case::default()
        },
        Case {
            question: "What happens if I don't pay my parking fine?",
            status: PARTIAL,
            says: &["only part of a longer list"],
            ..Case::default()
        },
        Case {
            question: "Who can get a Blue Badge?",
            status: PARTIAL,
            says: &["only part of"],
            ..Case::default()
        },
        // The usual way to qualify comes before the others.
        Case {
            question: "Who can get a Blue Badge?",
            says: &["You qualify without further assessment"],
            ..Case::default()
        },
        Case {
            question: "Is a garden waste subscription free?",
            says: &["First brown bin | £46"],
            ..Case::default()
        },
        // What was asked for is missing, or the quotes mention the subject in passing.
        Case { question: "What can't go in the brown bin?", status: PARTIAL, ..Case::default() },
        Case { question: "My baby died. What do I do?", status: PARTIAL, ..Case::default() },
        Case { question: "Winter fuel payment", status: LIMITED, ..Case::default() },
        // The council's prices are not those of another nation.
        Case {
            question: "How much is a parking permit in England?",
            status: PARTIAL,
            says: &["You ask about England. This guidance is for Wales"],
            ..Case::default()
        },
    ]
}

#[test]
fn nobody_is_misled() {
    let text = std::fs::read_to_string(in_repository("sample/candour.toml")).unwrap();
    let config = Config::resolve(&text, &std::collections::BTreeMap::new()).unwrap();
    let pilot = Pilot::new(SourceSpec::Dir(in_repository("sample/content")), &config);
    if let Some(file) = std::env::var_os("CANDOUR_ASK") {
        let questions = std::fs::read_to_string(file).unwrap();
        questions.lines().for_each(|question| eprintln!("{}", shown(&pilot, question)));
        return;
    }
    let faults: Vec<String> = cases().iter().flat_map(|case| faults(&pilot, case)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn faults(pilot: &Pilot, case: &Case) -> Vec<String> {
    let answer = pilot.answer(case.question, Locale::En);
    let said = said(&answer);
    let headings: Vec<&str> =
        (0..answer.sentences.len()).flat_map(|at| answer.headings_above(at)).collect();
    let mut faults = Vec::new();
    if !case.status.is_empty() && !case.status.contains(&answer.status) {
        faults.push(format!("is {:?}", answer.status));
    }
    let missing = case.says.iter().filter(|words| !said.contains(**words));
    faults.extend(missing.map(|words| format!("does not say {words:?}")));
    let wrong = case.never.iter().filter(|words| said.contains(**words));
    faults.extend(wrong.map(|words| format!("says {words:?}")));
    let under = |words: &str| headings.iter().any(|heading| heading.contains(words));
    let bare = case.under.iter().filter(|words| !answer.sentences.is_empty() && !under(words));
    faults.extend(bare.map(|words| format!("is not under {words:?}")));
    if faults.is_empty() {
        return faults;
    }
    vec![format!("{}\n{}", faults.join(", "), shown(pilot, case.question))]
}

fn said(answer: &Answer) -> String {
    let quotes = answer.sentences.iter().map(|sentence| sentence.text.as_str());
    let notices = answer.notices.iter().map(|notice| notice.text.as_str());
    quotes.chain(notices).chain(answer.message.as_deref()).collect::<Vec<_>>().join("\n")
}

/// A question with its answer, for people.
fn shown(pilot: &Pilot, question: &str) -> String {
    let answer = pilot.answer(question, Locale::En);
    let mut text = format!("\n=== {question} [{:?}, {:?}]\n", answer.status, answer.nation);
    for (at, sentence) in answer.sentences.iter().enumerate() {
        let headings = answer.headings_above(at);
        if !headings.is_empty() {
            let _ = writeln!(text, "  # {}", headings.join(" > "));
        }
        let sign = match (sentence.item, sentence.nested) {
            (true, true) => "    - ",
            (true, false) => "  * ",
            _ => "  ",
        };
        let _ = writeln!(text, "{sign}{}", sentence.text);
    }
    answer.message.iter().for_each(|message| {
        let _ = writeln!(text, "  ! {message}");
    });
    for notice in &answer.notices {
        let _ = writeln!(text, "  ({:?}) {}", notice.kind, notice.text);
    }
    text
}
