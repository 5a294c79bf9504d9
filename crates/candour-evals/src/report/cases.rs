//! Single questions in a report: what was asked, what came back, and how it was scored.

use super::document::{Block, Section, Text};
use super::gather::Case;
use super::parts::table;
use super::words::Words;

/// The name of a sample, with the time that it was asked where it was asked again.
pub(super) fn name(words: &Words, case: &Case) -> String {
    if case.epoch == 1 {
        return case.id.clone();
    }
    words.with("epoch", &[("id", &case.id), ("epoch", &case.epoch)])
}

/// What was asked and what should have come back.
pub(super) fn asked(words: &Words, case: &Case) -> Vec<Block> {
    let mut blocks = Vec::new();
    if case.question.is_empty() {
        blocks.push(Block::Paragraph(words.say("question_unknown").into()));
    } else {
        let question = Text::Theirs(case.question.clone(), case.language.clone());
        blocks.push(Block::Said { label: words.say("question"), words: question });
    }
    if !case.expected.is_empty() {
        let expected = Text::Theirs(case.expected.join("\n"), case.language.clone());
        blocks.push(Block::Said { label: words.say("expected"), words: expected });
    }
    blocks
}

/// What was answered, under a label.
pub(super) fn answered(words: &Words, label: &str, case: &Case) -> Block {
    let said = match &case.error {
        Some(error) => format!("{}: {error}", words.say("no_answer")),
        None => case.answer.clone(),
    };
    Block::Said { label: words.say(label), words: Text::Theirs(said, case.language.clone()) }
}

/// A question with its answer and its scores.
pub(super) fn case(words: &Words, case: &Case) -> Section {
    let id = name(words, case);
    let mut section = Section::new(Text::theirs(&id));
    section.blocks = asked(words, case);
    section.blocks.push(answered(words, "answer", case));
    let mut scores =
        table(words, words.with("table_case", &[("id", &id)]), &["score", "value", "why"]);
    for score in &case.scores {
        scores.row([
            Text::theirs(&score.name),
            Text::theirs(&score.value),
            Text::theirs(&score.why),
        ]);
    }
    section.table(scores);
    more_scores(words, case, &mut section);
    section
}

/// Says how many scores a question has, where they are more than are shown.
pub(super) fn more_scores(words: &Words, case: &Case, section: &mut Section) {
    let (shown, all) = (case.scores.len(), case.all_scores);
    if shown < all {
        section.say(words.with("more_scores", &[("all", &all), ("shown", &shown)]));
    }
}
