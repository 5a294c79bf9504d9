//! How often an answer of three quotes holds a sentence that its question's authors marked as evidence,
//! on a public set of questions about guidance. It is measured and never trained on; the floors are
//! what was measured, less three points.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use candour_content::source::SourceSpec;
use candour_core::{Config, Locale};
use serde_json::Value;

use crate::pilot::{Pilot, in_repository};

/// One in so many questions is asked, for an unoptimised build is slow; all are with
/// `CANDOUR_MEASURE=1` in the environment.
const EVERY: usize = 5;

#[test]
fn three_quotes_hold_a_sentence_of_the_evidence() {
    let folder = in_repository("../shared/data/conditionalqa");
    if !folder.exists() {
        eprintln!("skipped: the conditionalqa data is not on this machine");
        return;
    }
    let every = if std::env::var_os("CANDOUR_MEASURE").is_some() { 1 } else { EVERY };
    let mut config = Config::default();
    config.answers.max_sentences = 3;
    config.answers.abstain_below = 0.0;
    let corpus = tempfile::tempdir().unwrap();
    let sources = write_corpus(&folder, corpus.path());
    let pilot = Pilot::over(&sources, &config);
    let questions = lines(&folder.join("questions-open.jsonl"));
    let questions: Vec<&Value> = questions
        .iter()
        .filter(|question| !question["evidences"].as_array().unwrap().is_empty())
        .step_by(every)
        .collect();
    for (name, with_scenario, floor) in [("question", false, 0.33), ("scenario", true, 0.45)] {
        let hits = questions.iter().filter(|question| is_hit(&pilot, question, with_scenario));
        let (hits, all) = (hits.count(), questions.len());
        let share = hits as f64 / all as f64;
        eprintln!("{name}: {hits} of {all} answers hold evidence, {share:.3}");
        assert!(share >= floor || every > 1, "{name}: {share:.3} is below {floor}");
        assert!(share >= floor - 0.15, "{name}: {share:.3} of a part is far below {floor}");
    }
}

/// Whether one of the quotes stands in a block of the evidence, or such a block in the quote.
fn is_hit(pilot: &Pilot, question: &Value, with_scenario: bool) -> bool {
    let asked = text(&question["question"]);
    let asked = if with_scenario {
        format!("{} {asked}", text(&question["scenario"]))
    } else {
        asked.to_owned()
    };
    let evidence = question["evidences"].as_array().unwrap();
    let evidence: Vec<String> = evidence.iter().map(|block| plain(text(block))).collect();
    let answer = pilot.answer(&asked, Locale::En);
    answer.sentences.iter().take(3).any(|sentence| {
        let quote = plain(&sentence.text);
        evidence.iter().any(|block| block.contains(&quote) || quote.contains(block))
    })
}

/// The whole pages as HTML, so that their blocks stay apart; of all others, the rows of the corpus.
fn write_corpus(folder: &Path, to: &Path) -> Vec<SourceSpec> {
    let pages = to.join("pages");
    fs::create_dir(&pages).unwrap();
    for (number, page) in lines(&folder.join("pages-complete.jsonl")).iter().enumerate() {
        let title = text(&page["title"]);
        let mut html = format!("<!doctype html><title>{title}</title><main><h1>{title}</h1>");
        let mut in_list = false;
        for block in page["contents"].as_array().unwrap().iter().map(text) {
            let is_item = block.starts_with("<li");
            html.push_str(match (in_list, is_item) {
                (false, true) => "<ul>",
                (true, false) => "</ul>",
                _ => "",
            });
            in_list = is_item;
            // The page's own title is the only heading of the first level.
            let block = block.replace("h3>", "h4>").replace("h2>", "h3>").replace("h1>", "h2>");
            let _ = write!(
                html,
                "{}",
                if block.starts_with("<tr") { format!("<table>{block}</table>") } else { block }
            );
        }
        fs::write(pages.join(format!("{number}.html")), html).unwrap();
    }
    let others = lines(&folder.join("corpus.jsonl"));
    let others = others.iter().filter(|row| row["metadata"]["source"] != "condqa-dev-full");
    let rows = others.fold(String::new(), |rows, row| rows + &row.to_string() + "\n");
    let corpus = to.join("corpus.jsonl");
    fs::write(&corpus, rows).unwrap();
    vec![SourceSpec::Dir(pages), SourceSpec::Beir(corpus)]
}

/// The words of a block, without tags and with single spaces.
fn plain(block: &str) -> String {
    let mut words = String::new();
    let mut in_tag = false;
    for letter in block.chars() {
        match letter {
            '<' => in_tag = true,
            '>' => in_tag = false,
            _ if !in_tag => words.push(letter),
            _ => {}
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
