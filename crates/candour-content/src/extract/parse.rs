//! HTML to a tree, with a bound on the tree. What is nested too deep in plain sight is flattened by
//! `bounded` first; here the tree itself is watched as it grows, because the parser opens and copies
//! elements in more ways than a look at the tags can foresee.

use ego_tree::Tree;
use html5ever::driver::{self, Parser};
use html5ever::tendril::TendrilSink as _;
use html5ever::{QualName, local_name, ns};
use scraper::{Html, HtmlTreeSink, Node};

use super::bounded::bounded;

/// So many bytes are parsed between two looks at the tree.
const PIECE: usize = 256;
/// Deeper than what `bounded` lets through of a page that people wrote.
const MAX_DEPTH: usize = 250;
/// Nodes that any page may have, whatever its length. Beyond them, a node takes two bytes or more.
const FREE_NODES: usize = 1000;

/// Parses a piece of HTML, whatever state it is in.
pub(super) fn fragment(html: &str) -> Html {
    let sink = HtmlTreeSink::new(Html::new_fragment());
    let body = QualName::new(None, ns!(html), local_name!("body"));
    let options = driver::ParseOpts::default();
    parsed(driver::parse_fragment(sink, options, body, Vec::new(), false), &bounded(html))
}

/// Parses a whole HTML page.
pub(super) fn document(html: &str) -> Html {
    let sink = HtmlTreeSink::new(Html::new_document());
    parsed(driver::parse_document(sink, driver::ParseOpts::default()), &bounded(html))
}

/// The tree of all of the HTML. From where it grows too deep or too large, only the words are taken.
fn parsed(mut parser: Parser<HtmlTreeSink>, html: &str) -> Html {
    let (mut rest, mut nodes) = (html, 0);
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        parser.process(piece.into());
        rest = after;
        let tree = &parser.tokenizer.sink.sink.0.borrow().tree;
        let count = tree.nodes().len();
        if count > FREE_NODES + (html.len() - rest.len()) / 2 || is_deep(tree, count - nodes) {
            break;
        }
        nodes = count;
    }
    if !rest.is_empty() {
        parser.process(without_tags(rest).into());
    }
    parser.finish()
}

/// Whether one of the newest nodes is nested too deep.
fn is_deep(tree: &Tree<Node>, newest: usize) -> bool {
    tree.nodes().rev().take(newest).any(|node| node.ancestors().nth(MAX_DEPTH).is_some())
}

/// The words between tags. None of what is left begins a tag.
fn without_tags(html: &str) -> String {
    let (mut words, mut rest) = (String::with_capacity(html.len()), html);
    while let Some(at) = rest.find('<') {
        let begins_tag =
            rest[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        let end = if begins_tag {
            rest[at..].find('>').map_or(rest.len(), |end| at + end + 1)
        } else {
            at + 1
        };
        words.push_str(&rest[..if begins_tag { at } else { end }]);
        words.push(' ');
        rest = &rest[end..];
    }
    words + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(html: &Html) -> usize {
        html.tree.nodes().map(|node| node.ancestors().count()).max().unwrap_or(0)
    }

    #[test]
    fn hostile_trees_stay_small_and_keep_their_words() {
        let fonts =
            (0..90).map(|number| format!("<font size={number}>")).collect::<Vec<_>>().concat();
        for unit in [
            "<div/>",
            "<!--><div>",
            "<foo><div></foo>",
            "<div><table><tr><td></div>",
            "<b><div></b>",
            "<svg><desc></svg>",
            &format!("<i x='{}'>", "<div>".repeat(100)),
            &format!("<i '{}'>", "<div>".repeat(100)),
            &format!("<p>x{fonts}</p>"),
        ] {
            let html = format!("<p>First words.</p>{}Last words.", unit.repeat(3000));
            for tree in [document(&html), fragment(&html)] {
                assert!(depth(&tree) < 2 * MAX_DEPTH, "{unit}: {}", depth(&tree));
                assert!(tree.tree.nodes().len() < html.len(), "{unit}");
                let text: String = tree
                    .tree
                    .values()
                    .filter_map(|node| node.as_text())
                    .map(|text| &**text)
                    .collect();
                assert!(text.contains("First words."), "{unit}");
                assert!(text.contains("Last words.") || unit.starts_with("<svg"), "{unit}");
            }
        }
    }

    #[test]
    fn pieces_do_not_show() {
        let html = format!(
            "<h1>Price &amp; time</h1>{}",
            "<p class=\"x\">£5 – a “week”, <a href='/y?a=1&amp;b=2'>see</a>\r\n&pound;6</p><!-- n -->".repeat(40)
        );
        assert_eq!(document(&html), Html::parse_document(&html));
        assert_eq!(fragment(&html), Html::parse_fragment(&html));
    }

    #[test]
    fn words_are_all_that_is_left_of_tags() {
        for (html, expected) in
            [("a<b>c</b>d", "a c d"), ("1 < 2 <<b>b>", "1 <  2 <  b>"), ("x<!-- y -->z<b", "x z ")]
        {
            assert_eq!(without_tags(html), expected);
        }
    }
}
