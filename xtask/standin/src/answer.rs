//! What is said to a request: sentences of its sources, with citations, always the same to the same
//! request.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value;

use crate::lie;
use crate::script::{Lie, Reply, Script};

/// What a request gives and asks, whatever the dialect.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// The words of the last message.
    pub(crate) question: String,
    pub(crate) sources: Vec<Source>,
    /// The tools that may be called: their names and schemas.
    pub(crate) tools: Vec<(String, Value)>,
    /// Whether one of them must be called.
    pub(crate) must_call: bool,
    /// The schema that the answer must keep to.
    pub(crate) schema: Option<Value>,
    pub(crate) max_tokens: usize,
    /// Whether texts are to be cited at all.
    pub(crate) cites: bool,
    /// What the instructions want as the last line.
    pub(crate) closing: Option<&'static str>,
}

/// A text that may be cited.
#[derive(Debug, Clone, Default)]
pub(crate) struct Source {
    pub(crate) address: String,
    pub(crate) title: String,
    pub(crate) blocks: Vec<String>,
}

/// What is said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) blocks: Vec<Block>,
    /// In the words of the Messages API.
    pub(crate) stop: String,
    /// The false sentences in it.
    pub(crate) lies: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Block {
    Text { text: String, citations: Vec<Citation> },
    Tool { name: String, input: Value },
}

/// A range of one source's blocks, and what is said to stand there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Citation {
    pub(crate) source: usize,
    pub(crate) blocks: Range<usize>,
    pub(crate) quote: String,
}

/// The answer to what was asked.
pub(crate) fn answer(asked: &Asked, script: &Script) -> Answer {
    let said = |blocks, stop: &str| Answer { blocks, stop: stop.to_owned(), lies: Vec::new() };
    let mut answer = match &script.reply {
        Reply::Words(words) => said(vec![plain(words)], "end_turn"),
        Reply::Refusal => said(vec![plain("I can help with")], "refusal"),
        Reply::Tool => call(asked).unwrap_or_else(|| cited(asked, script)),
        Reply::Stopped(reason) => {
            let mut half = cited(asked, script);
            half.blocks.truncate(half.blocks.len().div_ceil(2));
            if let Some(last) = half.blocks.last_mut() {
                halve(last);
            }
            half.stop.clone_from(reason);
            half
        }
        Reply::Fitting => fitting(asked, script),
    };
    cut_to(&mut answer, asked.max_tokens);
    answer
}

fn fitting(asked: &Asked, script: &Script) -> Answer {
    if let Some(schema) = &asked.schema {
        let text = crate::sample::of(schema).to_string();
        return Answer { blocks: vec![plain(&text)], stop: "end_turn".into(), lies: Vec::new() };
    }
    let forced = if asked.must_call { call(asked) } else { None };
    forced.unwrap_or_else(|| cited(asked, script))
}

fn call(asked: &Asked) -> Option<Answer> {
    let (name, schema) = asked.tools.first()?;
    let tool = Block::Tool { name: name.clone(), input: crate::sample::of(schema) };
    let blocks = vec![plain("I shall look this up."), tool];
    Some(Answer { blocks, stop: "tool_use".into(), lies: Vec::new() })
}

fn plain(text: &str) -> Block {
    Block::Text { text: text.to_owned(), citations: Vec::new() }
}

/// Sentences of the sources, each with its citation, and uncited words between some of them.
fn cited(asked: &Asked, script: &Script) -> Answer {
    let chosen = choose(asked, script);
    let mut answer = Answer { blocks: Vec::new(), stop: "end_turn".into(), lies: Vec::new() };
    if chosen.is_empty() {
        answer.blocks.push(plain("I found nothing about this in what I was given."));
        return answer;
    }
    if asked.question.len().is_multiple_of(2) {
        answer.blocks.push(plain("Here is what the guidance says. "));
    }
    for (order, place) in chosen.into_iter().enumerate() {
        // Where a joint lies between two sentences differs in real answers too.
        let mut joint = "";
        match order % 3 {
            0 if order > 0 => answer.blocks.push(plain(" Also: ")),
            1 => answer.blocks.push(plain("\n\n")),
            2 => joint = " ",
            _ => {}
        }
        answer.blocks.push(span(asked, script, order, place, joint, &mut answer.lies));
    }
    answer.blocks.extend(asked.closing.map(|line| plain(&format!("\n{line}"))));
    answer
}

/// The line with which instructions may want a whole answer to end.
pub(crate) fn closing(instructions: &str) -> Option<&'static str> {
    let line = "[[complete]]";
    instructions.contains(line).then_some(line)
}

/// Whether a text is a sentence, as opposed to the name of a link.
fn is_sentence(text: &str) -> bool {
    let is_link = text.strip_prefix("link_").is_some_and(|rest| rest.contains(": "));
    !is_link && text.split_whitespace().count() >= 4
}

/// One sentence with its citation, falsified where the script says so.
fn span(
    asked: &Asked,
    script: &Script,
    order: usize,
    (source, block): (usize, usize),
    joint: &str,
    lies: &mut Vec<String>,
) -> Block {
    let blocks = &asked.sources[source].blocks;
    let truth = &blocks[block];
    // A wider range than is needed is cited now and then.
    let is_wide = order % 3 == 2 && blocks.get(block + 1).is_some_and(|next| is_sentence(next));
    let end = if is_wide { block + 2 } else { block + 1 };
    let mut quote = blocks[block..end].concat();
    let lie = at(&script.lies, order);
    let told = lie.and_then(|lie| lie::tell(truth, lie)).filter(|told| !stands(asked, told));
    if let Some(told) = &told {
        lies.push(told.clone());
        if lie == Some(Lie::Quote) {
            quote.clone_from(told);
        }
    }
    let mut text = format!("{joint}{}", told.as_ref().unwrap_or(truth));
    if !text.ends_with(['.', '!', '?', ':', ';']) {
        text.push('.');
    }
    let citations =
        if asked.cites { vec![Citation { source, blocks: block..end, quote }] } else { Vec::new() };
    Block::Text { text, citations }
}

/// Whether a text stands in a source, where it would be no lie.
fn stands(asked: &Asked, text: &str) -> bool {
    let bare = |text: &str| text.trim_end_matches('.').to_owned();
    asked.sources.iter().flat_map(|source| &source.blocks).any(|block| bare(block) == bare(text))
}

/// The places of the sentences that share most words with the question, in reading order. A script
/// of lies prefers sentences that lend themselves to them.
fn choose(asked: &Asked, script: &Script) -> Vec<(usize, usize)> {
    let question = content_words(&asked.question);
    let mut places: Vec<(usize, usize, usize)> = Vec::new();
    for (source, from) in asked.sources.iter().enumerate() {
        for (block, text) in from.blocks.iter().enumerate() {
            if !is_sentence(text) {
                continue;
            }
            let shared = content_words(text).intersection(&question).count();
            let lends = script.lies.iter().filter(|lie| lie::tell(text, **lie).is_some()).count();
            places.push((lends * 100 + shared, source, block));
        }
    }
    places.sort_by_key(|&(score, source, block)| (usize::MAX - score, source, block));
    places.truncate(script.sentences);
    let mut chosen: Vec<_> = places.into_iter().map(|(_, source, block)| (source, block)).collect();
    chosen.sort_unstable();
    chosen
}

fn content_words(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 3);
    words.map(str::to_lowercase).collect()
}

fn at(lies: &[Lie], order: usize) -> Option<Lie> {
    lies.get(order.checked_rem(lies.len())?).copied()
}

/// Leaves the first half of the words of a block, which then cites nothing: citations come last.
fn halve(block: &mut Block) {
    if let Block::Text { text, citations } = block {
        let tokens: Vec<&str> = tokens(text).collect();
        *text = tokens[..tokens.len() / 2].concat();
        citations.clear();
    }
}

/// Stops where the request says that enough is said.
fn cut_to(answer: &mut Answer, max_tokens: usize) {
    let mut left = max_tokens;
    for (place, block) in answer.blocks.iter_mut().enumerate() {
        let Block::Text { text, citations } = block else { continue };
        let count = tokens(text).count();
        if count > left {
            *text = tokens(text).take(left).collect();
            citations.clear();
            answer.blocks.truncate(place + 1);
            "max_tokens".clone_into(&mut answer.stop);
            return;
        }
        left -= count;
    }
}

/// A text in pieces of about the size of tokens: a word with the space before it.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let begin = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
        let end = rest[begin..].find(char::is_whitespace).map_or(rest.len(), |end| begin + end);
        let (token, after) = rest.split_at(end);
        rest = after;
        Some(token)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        let blocks = [
            "You can renew a licence online.",
            "It costs £20 if you are over 18.",
            "Fees",
            "Bring a passport or a birth certificate",
        ];
        Asked {
            question: "How much is a licence".into(),
            sources: vec![Source {
                address: "/licence".into(),
                title: "Licence".into(),
                blocks: blocks.map(Into::into).into(),
            }],
            max_tokens: 1000,
            cites: true,
            ..Asked::default()
        }
    }

    #[test]
    fn sentences_of_the_sources_are_said_and_cited() {
        let answer = answer(&asked(), &Script::default());
        let cited: Vec<_> = answer
            .blocks
            .iter()
            .filter_map(|block| match block {
                Block::Text { text, citations } => Some((text.as_str(), citations.first()?)),
                Block::Tool { .. } => None,
            })
            .map(|(text, citation)| (text, citation.blocks.clone(), citation.quote.as_str()))
            .collect();
        assert_eq!(
            cited,
            [
                ("You can renew a licence online.", 0..1, "You can renew a licence online."),
                ("It costs £20 if you are over 18.", 1..2, "It costs £20 if you are over 18."),
                (
                    " Bring a passport or a birth certificate.",
                    3..4,
                    "Bring a passport or a birth certificate"
                ),
            ]
        );
    }

    #[test]
    fn lies_are_told_in_turn_and_noted() {
        let script = Script { lies: vec![Lie::Number, Lie::Condition], ..Script::default() };
        let answer = answer(&asked(), &script);
        assert_eq!(answer.lies, ["It costs £20."]);
        let mut told_elsewhere = asked();
        told_elsewhere.sources[0].blocks.push("It costs £20".into());
        let script = Script { lies: vec![Lie::Number, Lie::Condition], ..Script::default() };
        assert!(super::answer(&told_elsewhere, &script).lies.is_empty());
        let script = Script { lies: vec![Lie::Quote], ..Script::default() };
        let foreign = super::answer(&asked(), &script);
        let Block::Text { text, citations } = &foreign.blocks[0] else { panic!("{foreign:?}") };
        assert_eq!(text, &citations[0].quote);
    }

    #[test]
    fn no_more_is_said_than_may_be() {
        let answer = answer(&Asked { max_tokens: 3, ..asked() }, &Script::default());
        assert_eq!(answer.stop, "max_tokens");
        assert_eq!(answer.blocks, [plain("You can renew")]);
    }

    #[test]
    fn what_the_instructions_want_last_is_said_last() {
        let asked = Asked { closing: closing("End with [[complete]]."), ..asked() };
        let last = answer(&asked, &Script::default()).blocks.pop();
        assert_eq!(last, Some(plain("\n[[complete]]")));
    }

    #[test]
    fn tokens_are_the_text() {
        for text in ["", "  a  b\n\nc ", "é £5"] {
            assert_eq!(tokens(text).collect::<String>(), text);
        }
    }
}
