//! Every labelled case is heard as it is labelled; how real questions fare is measured where they are.

#![expect(clippy::print_stderr, reason = "a test says what it measured")]

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Cases {
    acute: Labelled,
    emergency: Labelled,
    warning: Labelled,
    distress: Labelled,
    none: Labelled,
}

#[derive(Deserialize)]
struct Labelled {
    en: Vec<String>,
    cy: Vec<String>,
}

#[test]
fn every_rule_compiles() {
    let file: File = toml::from_str(FILE).unwrap();
    assert_eq!(RULES.spellings.len(), file.spellings.len());
    assert_eq!(RULES.beyond_doubt.len(), file.beyond_doubt.len());
    assert_eq!(RULES.crisis.len(), file.crisis.len());
    assert_eq!(RULES.emergency.len(), file.emergency.len());
    assert_eq!(RULES.about_else.len(), file.about_else.len());
    assert_eq!(RULES.distress.len(), file.distress.len());
    assert_eq!(RULES.unless.len(), file.unless.len());
    assert_eq!(RULES.idioms.len(), file.idioms.len());
}

#[test]
fn every_case_is_heard_as_it_is_labelled() {
    let cases: Cases = toml::from_str(include_str!("cases.toml")).unwrap();
    let mut astray = Vec::new();
    for (labelled, expected) in [
        (cases.acute, Crisis::Acute),
        (cases.emergency, Crisis::Emergency),
        (cases.warning, Crisis::Warning),
        (cases.distress, Crisis::Distress),
        (cases.none, Crisis::None),
    ] {
        for (language, texts) in [("English", labelled.en), ("Welsh", labelled.cy)] {
            let wrong: Vec<_> = texts.iter().filter(|text| signals(text) != expected).collect();
            let right = texts.len() - wrong.len();
            eprintln!("{language}, {expected:?}: {right} of {}", texts.len());
            astray.extend(
                wrong
                    .iter()
                    .map(|text| format!("{text}: {:?}, {}", signals(text), as_spoken(text))),
            );
        }
    }
    assert!(astray.is_empty(), "{astray:#?}");
}

/// Questions of people who were in no danger, written for another purpose: what is heard in them is
/// heard in vain, but for those who tell of abuse. The texts are not part of the repository.
#[test]
fn questions_about_circumstances_are_not_taken_for_danger() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/");
    let Ok(lines) = std::fs::read_to_string(format!("{path}conditionalqa/questions-train.jsonl"))
    else {
        eprintln!("skipped: there is no shared data set conditionalqa");
        return;
    };
    let heard = lines.lines().map(|line| {
        let question: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |field: &str| question[field].as_str().unwrap_or_default().to_owned();
        signals(&format!("{} {}", text("scenario"), text("question")))
    });
    let heard: Vec<Crisis> = heard.collect();
    let count = |level| heard.iter().filter(|heard| **heard == level).count();
    let (acute, emergency) = (count(Crisis::Acute), count(Crisis::Emergency));
    let distress = count(Crisis::Distress);
    let all = heard.len();
    eprintln!("of {all} questions: {acute} acute, {emergency} emergency, {distress} distress");
    assert_eq!((acute, emergency), (0, 0));
    assert!(distress <= 11, "{distress}");
}
