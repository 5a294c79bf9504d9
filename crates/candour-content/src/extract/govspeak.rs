//! Govspeak, the publisher's Markdown dialect, to HTML: its own marks are taken away and their words stay.

use std::sync::LazyLock;

use pulldown_cmark::{Options, Parser, html};
use regex::Regex;

/// Govspeak as HTML.
pub(super) fn to_html(govspeak: &str) -> String {
    let mut text = govspeak.replace("\r\n", "\n");
    for (mark, replacement) in MARKS.iter() {
        text = mark.replace_all(&text, *replacement).into_owned();
    }
    markdown_to_html(&text)
}

/// Markdown as HTML, with tables, footnotes and explicit heading ids.
pub(super) fn markdown_to_html(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_STRIKETHROUGH;
    let mut out = String::with_capacity(markdown.len());
    html::push_html(&mut out, Parser::new_ext(markdown, options));
    out
}

/// What Govspeak adds to Markdown, and what is left of it, in the order of replacement.
static MARKS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let rules = [
        // {::options …}, {:/}, {:rel="external"}
        (r"\{:[^}\n]*\}", ""),
        // {button start}[Apply](…){/button}, {stat-headline}…{/stat-headline}, {barchart}
        (r"\{/?(?:button|stat-headline|barchart|table|form|details)[^}\n]*\}", ""),
        // $CTA … $CTA, $C … $C, $! … $! and the other boxes
        (r"\$!", ""),
        (
            r"(?m)(^|[ \t])\$(?:CTA|EndLegislativeList|LegislativeList|AI|[ACDEFIP])([ \t]|$)",
            "$1$2",
        ),
        // ^notice^, %warning%, @important@
        (r"(?m)^[ \t]*\^([^\n]+?)\^[ \t]*$", "\n$1\n"),
        (r"(?m)^[ \t]*%([^\n]+?)%[ \t]*$", "\n$1\n"),
        (r"(?m)^[ \t]*@([^\n]+?)@[ \t]*$", "\n$1\n"),
        (r"(?m)^[ \t]*\^[ \t]*", ""),
        // x[label](address)x
        (r"\bx(\[[^\]\n]+\]\([^)\n]+\))x\b", "$1"),
        // s1. A step
        (r"(?m)^s(\d{1,3})\.[ \t]*", "$1. "),
        // [InlineAttachment:a.pdf], [Contact:1], [embed:attachments:…], !!1, !@1
        (
            r"(?i)!?\[(?:inline-?attachment|attachment|attachmentlink|image|contact|embed|video|link)[^\]\[\n]*:[^\]\[\n]*\]([^(]|$)",
            "$1",
        ),
        (r"(?m)^!(?:!|@)\d+[ \t]*$", ""),
        // :england: … :england:
        (r":(?:england|scotland|wales|northern-ireland|london):", ""),
        // *[ABBR]: what it stands for
        (r"(?m)^\*\[[^\]\n]+\]:[^\n]*$", ""),
        // ##Heading
        (r"(?m)^(#{1,6})([^#\s])", "$1 $2"),
        // A heading ends the paragraph above it.
        (r"(?m)^(#{1,6} )", "\n$1"),
    ];
    rules.into_iter().filter_map(|(mark, with)| Some((Regex::new(mark).ok()?, with))).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_compiles() {
        assert_eq!(MARKS.len(), 16);
    }

    #[test]
    fn marks_go_and_words_stay() {
        for (govspeak, expected) in [
            ("$!Small files. $!", "<p>Small files.</p>\n"),
            ("^You must be 18.^", "<p>You must be 18.</p>\n"),
            ("%Do not drive.%", "<p>Do not drive.</p>\n"),
            ("$CTA\nCall us\n$CTA", "<p>Call us</p>\n"),
            ("s1. First\ns2. Second\n", "<ol>\n<li>First</li>\n<li>Second</li>\n</ol>\n"),
            (
                "[See](https://a.example){:rel=\"external\"} it",
                "<p><a href=\"https://a.example\">See</a> it</p>\n",
            ),
            ("{button start}[Start now](/s){/button}", "<p><a href=\"/s\">Start now</a></p>\n"),
            ("Read [InlineAttachment:a.pdf] now", "<p>Read  now</p>\n"),
            ("##Fees {#fees}\nFree", "<h2 id=\"fees\">Fees</h2>\n<p>Free</p>\n"),
            ("Pay VAT\n\n*[VAT]: value added tax", "<p>Pay VAT</p>\n"),
            ("It costs $5 and x[this](/a)x", "<p>It costs $5 and <a href=\"/a\">this</a></p>\n"),
            (
                "[Contact: an office](/c) by email",
                "<p><a href=\"/c\">Contact: an office</a> by email</p>\n",
            ),
        ] {
            let html = to_html(govspeak);
            assert_eq!(html, expected, "{govspeak}");
        }
    }
}
