//! Every labelled case about abuse is heard as it is labelled.

use super::*;

#[derive(Deserialize)]
struct Cases {
    reported: Vec<String>,
    directed: Vec<String>,
    none: Vec<String>,
}

#[test]
fn every_rule_compiles() {
    let file: File = toml::from_str(include_str!("../abuse.toml")).unwrap();
    assert_eq!(RULES.reported.len(), file.reported.len());
    assert_eq!(RULES.directed.len(), file.directed.len());
    assert_eq!(RULES.unless_about.len(), file.unless_about.len());
}

#[test]
fn every_case_is_heard_as_it_is_labelled() {
    let cases: Cases = toml::from_str(include_str!("cases.toml")).unwrap();
    let mut astray = Vec::new();
    for (texts, expected) in [
        (cases.reported, (true, false)),
        (cases.directed, (false, true)),
        (cases.none, (false, false)),
    ] {
        let heard = |text: &str| (is_reported(text), is_directed(text));
        astray.extend(texts.into_iter().filter(|text| heard(text) != expected));
    }
    assert!(astray.is_empty(), "{astray:#?}");
}
