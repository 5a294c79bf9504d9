//! Numbers: those of a sentence have to stand in what the sentence cites.

use super::cited::{known, passage};
use super::said::plain;
use super::{Case, Score};

/// The share of numbers in sentences that stand in the words, heading, title or passage they cite.
pub(super) fn supported(case: &Case<'_>) -> Option<Score> {
    let passages = known(case).unwrap_or_default();
    let mut count = 0;
    let mut wanting = Vec::new();
    for sentence in &case.reply.sentences {
        let mut ground = String::new();
        for citation in &sentence.citations {
            let cited = passage(passages, citation).map_or("", |passage| &passage.text);
            for text in [&citation.quote, &citation.heading, &citation.title, cited] {
                ground.push_str(text);
                ground.push('\n');
            }
        }
        let (said, ground) = (plain(&sentence.text), plain(&ground));
        let ground: Vec<&str> = numbers(&ground).collect();
        for number in numbers(&said) {
            count += 1;
            if !ground.contains(&number) {
                wanting.push(format!("{number} is not in what is cited"));
            }
        }
    }
    Score::share(count, &wanting)
}

/// The numbers of a plain text: digits, with a point only between digits.
fn numbers(plain: &str) -> impl Iterator<Item = &str> {
    plain
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|run| run.trim_matches('.'))
        .filter(|run| !run.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Given, sentence, value};
    use crate::scorer::Scorer;

    #[test]
    fn numbers_stand_where_they_are_cited() {
        let cases = [
            ("Pay £1,200.00 by 15 April.", "You pay £1200 by 15 April", Some(1.0)),
            ("Pay £1,300 by 15 April.", "You pay £1200 by 15 April", Some(0.5)),
            ("It takes 5 days.", "It takes 2.5 days", Some(0.0)),
            ("It takes days.", "It takes 2.5 days", None),
            ("Ring 029 2018.", "Ring 029 2018.", Some(1.0)),
        ];
        for (said, quote, expected) in cases {
            let mut given = Given::default();
            given.reply.sentences = vec![sentence(said, "/a#0", quote, (0, 0))];
            assert_eq!(value(Scorer::Numbers, &given), expected, "{said}");
        }
    }
}
