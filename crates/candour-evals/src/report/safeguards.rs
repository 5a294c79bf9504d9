//! The document of a safeguard case: its five steps, what became of every claim, and what was not tested.

use std::io;

use candour_core::{Evidence, Locale};

use super::ReportError;
use super::csv::harmless;
use super::document::{Block, Document, Section, Text};
use super::parts::{figure, frame, span, table};
use super::words::{Words, words};
use crate::safeguard_case::{Assessed, AssessedClaim, AssessedCondition, Claim, Piece, Support};

impl Assessed {
    /// The document.
    pub fn document(&self, language: &Locale) -> Document {
        let words = words(language);
        let count = |verdict| self.claims.iter().filter(|claim| claim.verdict == verdict).count();
        let summary = words.with(
            "case_summary",
            &[
                ("supported", &count(Support::Supported)),
                ("in_part", &count(Support::SupportedInPart)),
                ("not_supported", &count(Support::NotSupported)),
                ("no_evidence", &count(Support::NoEvidence)),
                ("all", &self.claims.len()),
            ],
        );
        let opening = vec![
            Block::Paragraph(summary.into()),
            Block::Paragraph(words.say("case_opening").into()),
            Block::Facts(vec![
                (words.say("case_system"), Text::theirs(&self.case.system)),
                (words.say("case_owner"), Text::theirs(&self.case.owner)),
                (words.say("case_written"), Text::theirs(&self.case.written_on)),
            ]),
        ];
        let sections = vec![
            self.requirements(words),
            self.safeguards(words),
            self.evidence(words),
            self.not_tested(words),
            self.after_deployment(words),
            self.decision(words),
        ];
        frame(words, self.case.title.clone(), opening, sections)
    }

    /// A row for each condition of each claim.
    pub fn csv(&self, out: impl io::Write) -> Result<(), ReportError> {
        let mut rows = ::csv::Writer::from_writer(out);
        let number = |number: Option<f64>| number.map(|one| one.to_string()).unwrap_or_default();
        let header = ["claim", "verdict", "condition", "figure", "value", "low", "high", "why"];
        let mut written = rows.write_record(header);
        for claim in &self.claims {
            for condition in &claim.conditions {
                let figure = condition.figure.as_ref();
                let cells = [
                    claim.claim.clone(),
                    condition.verdict.name().to_owned(),
                    condition.condition.to_string(),
                    figure.map(|figure| figure.name.clone()).unwrap_or_default(),
                    number(figure.map(|figure| figure.value)),
                    number(figure.and_then(|figure| figure.low)),
                    number(figure.and_then(|figure| figure.high)),
                    condition.why.clone().unwrap_or_default(),
                ];
                written = written.and_then(|()| rows.write_record(cells.map(harmless)));
            }
        }
        written.and_then(|()| rows.flush().map_err(Into::into)).map_err(ReportError::Csv)
    }

    fn requirements(&self, words: &Words) -> Section {
        let requirements = &self.case.requirements;
        let families: Vec<String> = requirements.families.iter().cloned().collect();
        let lists = [
            ("case_outcomes", &requirements.outcomes),
            ("case_actors", &requirements.actors),
            ("case_assumptions", &requirements.assumptions),
            ("case_families", &families),
        ];
        let sections = lists.into_iter().filter(|(_, items)| !items.is_empty());
        Section {
            sections: sections.map(|(title, items)| listed(words, title, items)).collect(),
            ..Section::new(words.say("case_step_1"))
        }
    }

    fn safeguards(&self, words: &Words) -> Section {
        let mut section = Section::new(words.say("case_step_2"));
        let mut all = table(words, words.say("table_safeguards"), &["safeguard", "does"]);
        for safeguard in &self.case.safeguards {
            all.row([Text::theirs(&safeguard.name), Text::theirs(&safeguard.description)]);
        }
        section.table(all);
        section
    }

    fn evidence(&self, words: &Words) -> Section {
        let mut section = Section::new(words.say("case_step_3"));
        let mut claims = table(words, words.say("table_claims"), &["claim", "verdict", "evidence"]);
        for (claim, own) in self.claims.iter().zip(&self.case.claims) {
            claims.row([
                Text::theirs(&claim.claim),
                words.say(&format!("support_{}", claim.verdict.name())).into(),
                Text::theirs(&own.evidence),
            ]);
        }
        section.table(claims);
        for (at, (claim, own)) in self.claims.iter().zip(&self.case.claims).enumerate() {
            section.sections.push(claimed(words, at + 1, claim, own));
        }
        let mut pieces = Section::new(words.say("case_evidence"));
        for (name, pointer) in &self.case.evidence {
            let mut piece = Section::new(Text::theirs(name));
            let mut facts = vec![(words.say("case_what"), Text::theirs(&pointer.what))];
            let hash = pointer.hash.as_ref().map(ToString::to_string);
            facts.extend(hash.map(|hash| (words.say("fact_evidence"), Text::Name(hash))));
            match self.evidence.get(name) {
                Some(Piece::Found(evidence)) => facts.extend(kept(words, evidence)),
                Some(Piece::Missing(why)) => {
                    facts.push((words.say("case_missing"), Text::theirs(why)));
                }
                None => facts.push((words.say("case_missing"), words.say("unknown").into())),
            }
            piece.blocks.push(Block::Facts(facts));
            pieces.sections.push(piece);
        }
        section.sections.push(pieces);
        section
    }

    fn not_tested(&self, words: &Words) -> Section {
        let mut section = Section::new(words.say("case_not_tested"));
        section.sections.push(listed(words, "case_not_tested_said", &self.case.not_tested));
        if self.not_tested.is_empty() {
            section.say(words.say("case_not_tested_none"));
        } else {
            section.sections.push(listed(words, "case_not_tested_found", &self.not_tested));
        }
        section
    }

    fn after_deployment(&self, words: &Words) -> Section {
        let after = &self.case.after_deployment;
        let review = (words.say("case_review"), Text::theirs(&after.review_by));
        let lists = [("case_assessments", &after.assessments), ("case_triggers", &after.triggers)];
        let sections = lists.into_iter().filter(|(_, items)| !items.is_empty());
        Section {
            blocks: vec![Block::Facts(vec![review])],
            sections: sections.map(|(title, items)| listed(words, title, items)).collect(),
            ..Section::new(words.say("case_step_4"))
        }
    }

    fn decision(&self, words: &Words) -> Section {
        let mut section = Section::new(words.say("case_step_5"));
        section.blocks.push(Block::Said {
            label: words.say("case_argument"),
            words: Text::theirs(&self.case.decision.argument),
        });
        let who = (words.say("case_who"), Text::theirs(&self.case.decision.who));
        section.blocks.push(Block::Facts(vec![who]));
        let unsupported = self.claims.iter().any(|claim| claim.verdict != Support::Supported);
        if unsupported {
            section.say(words.say("case_not_whole"));
        }
        section
    }
}

fn listed(words: &Words, title: &str, items: &[String]) -> Section {
    let items = items.iter().map(Text::theirs).collect();
    Section { blocks: vec![Block::List(items)], ..Section::new(words.say(title)) }
}

fn claimed(words: &Words, number: usize, claim: &AssessedClaim, own: &Claim) -> Section {
    let mut section = Section::new(words.with("case_claim", &[("number", &number)]));
    section.say(Text::theirs(&claim.claim));
    section.blocks.push(Block::Facts(vec![
        (
            words.say("column_verdict"),
            words.say(&format!("support_{}", claim.verdict.name())).into(),
        ),
        (words.say("case_safeguards"), Text::theirs(own.safeguards.join(", "))),
        (words.say("column_evidence"), Text::theirs(&own.evidence)),
    ]));
    let caption = words.with("table_conditions", &[("number", &number)]);
    let columns = ["condition", "verdict", "figure", "mean", "interval", "questions", "method"];
    let mut conditions = table(words, caption, &columns);
    for condition in &claim.conditions {
        conditions.row(condition_row(words, condition));
    }
    section.table(conditions);
    // Why there is no figure stands in the row of its condition.
    let found = claim.conditions.iter().filter(|one| one.figure.is_some());
    let why = found.filter_map(|one| Some(format!("{}: {}", one.condition, one.why.as_ref()?)));
    let why: Vec<Text> = why.map(Text::theirs).collect();
    if !why.is_empty() {
        section.say(words.say("case_in_part"));
        section.blocks.push(Block::List(why));
    }
    section
}

fn condition_row(words: &Words, assessed: &AssessedCondition) -> Vec<Text> {
    let none = || Text::from("–");
    let verdict = words.say(&format!("support_{}", assessed.verdict.name())).into();
    let condition = Text::theirs(assessed.condition.to_string());
    let Some(found) = &assessed.figure else {
        let why = Text::theirs(assessed.why.clone().unwrap_or_default());
        return vec![condition, verdict, why, none(), none(), none(), none()];
    };
    let interval = found.low.zip(found.high).map(|(low, high)| span(words, low, high));
    vec![
        condition,
        verdict,
        Text::theirs(&found.name),
        figure(found.value),
        interval.unwrap_or_else(none),
        found.n.map_or_else(none, Text::from),
        found.method.as_ref().map_or_else(none, Text::theirs),
    ]
}

fn kept(words: &Words, evidence: &Evidence) -> Vec<(String, Text)> {
    let mut facts = vec![
        (words.say("case_title"), Text::theirs(&evidence.title)),
        (words.say("fact_when"), Text::from(evidence.made_at.to_string())),
        (words.say("fact_program"), Text::theirs(format!("candour {}", evidence.program))),
    ];
    let hashes = [
        ("fact_configuration", evidence.configuration.as_ref().map(ToString::to_string)),
        ("fact_snapshot", evidence.snapshot.clone()),
        ("fact_suite_hash", evidence.suite.as_ref().map(ToString::to_string)),
    ];
    for (name, hash) in hashes {
        facts.extend(hash.map(|hash| (words.say(name), Text::Name(hash))));
    }
    facts
}
