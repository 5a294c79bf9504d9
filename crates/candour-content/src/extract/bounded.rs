//! A bound on how deep HTML may be nested, before it is parsed: building a tree takes time that grows
//! with the square of the depth, so a page of nothing but opening tags could hold an ingest up.

use std::borrow::Cow;

/// Deeper than any page that people wrote (the deepest text of 279 real items has 7 levels).
const MAX_DEPTH: usize = 100;
/// Longer than the attributes of any element that carries words.
const MAX_TAG: usize = 4096;

/// A few forgotten end tags are everyday HTML, which the parser mends in its own way: it opens the
/// element again in every paragraph to come.
const MAX_FORGOTTEN: usize = 16;

/// Elements without an end tag, or whose end tag is optional: the parser closes these itself.
const SELF_CLOSING: &[&str] = &[
    "area", "base", "body", "br", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html",
    "img", "input", "li", "link", "meta", "optgroup", "option", "p", "param", "source", "tbody",
    "td", "tfoot", "th", "thead", "tr",
];
/// Elements that the parser opens again after the element around them was closed.
const FORMATTING: &[&str] = &[
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];
/// Elements whose content is not markup.
const RAW: &[&str] = &["script", "style", "textarea", "title", "xmp", "iframe"];

/// The same HTML, without the tags that are nested too deep or are too long; the words stay.
pub(super) fn bounded(html: &str) -> Cow<'_, str> {
    let mut scan =
        Scan { html, out: String::new(), copied: 0, open: Vec::new(), forgotten: 0, excess: 0 };
    scan.run();
    if scan.copied == 0 {
        return Cow::Borrowed(html);
    }
    scan.out.push_str(&html[scan.copied..]);
    Cow::Owned(scan.out)
}

struct Scan<'a> {
    html: &'a str,
    out: String,
    /// Up to where the input stands in `out`; 0 while nothing had to be changed.
    copied: usize,
    open: Vec<String>,
    /// Formatting elements whose end tag was forgotten so far.
    forgotten: usize,
    /// Tags that were left out and not closed yet.
    excess: usize,
}

impl Scan<'_> {
    fn run(&mut self) {
        let mut at = 0;
        while let Some(found) = self.html[at..].find('<') {
            let start = at + found;
            at = self.tag(start);
        }
    }

    /// Looks at the tag that begins at `start`, and tells where to go on.
    fn tag(&mut self, start: usize) -> usize {
        let rest = &self.html[start..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            return comment.find("-->").map_or(self.html.len(), |end| start + 4 + end + 3);
        }
        let is_end = rest.starts_with("</");
        let name_at = if is_end { 2 } else { 1 };
        let name: String = rest[name_at..]
            .chars()
            .take(20)
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        if name.is_empty() {
            return start + 1;
        }
        let end = start + tag_length(rest);
        if end - start > MAX_TAG {
            let bare = if is_end { format!("</{name}>") } else { format!("<{name}>") };
            self.replace(start, end, &bare);
        }
        if is_end {
            self.end_tag(&name, start, end);
        } else if RAW.contains(&name.as_str()) {
            return self.after_raw(&name, end);
        } else if !SELF_CLOSING.contains(&name.as_str()) && !rest[..end - start].ends_with("/>") {
            self.start_tag(name, start, end);
        }
        end
    }

    fn start_tag(&mut self, name: String, start: usize, end: usize) {
        if self.open.len() >= MAX_DEPTH {
            self.excess += 1;
            self.replace(start, end, "");
        } else {
            self.open.push(name);
        }
    }

    fn end_tag(&mut self, name: &str, start: usize, end: usize) {
        if SELF_CLOSING.contains(&name) {
            return;
        }
        if self.excess > 0 {
            self.excess -= 1;
            self.replace(start, end, "");
            return;
        }
        let Some(at) = self.open.iter().rposition(|open| open == name) else { return };
        let unclosed: Vec<String> = self
            .open
            .drain(at..)
            .skip(1)
            .filter(|name| FORMATTING.contains(&name.as_str()))
            .rev()
            .collect();
        self.forgotten += unclosed.len();
        if self.forgotten > MAX_FORGOTTEN && !unclosed.is_empty() {
            let closing =
                unclosed.iter().fold(String::new(), |closing, name| closing + "</" + name + ">");
            self.replace(start, start, &closing);
        }
    }

    fn after_raw(&self, name: &str, from: usize) -> usize {
        let mut at = from;
        while let Some(found) = self.html[at..].find("</") {
            let start = at + found;
            let is_it = self.html[start + 2..]
                .get(..name.len())
                .is_some_and(|text| text.eq_ignore_ascii_case(name));
            if is_it {
                return start;
            }
            at = start + 2;
        }
        self.html.len()
    }

    fn replace(&mut self, start: usize, end: usize, with: &str) {
        if start >= self.copied {
            self.out.push_str(&self.html[self.copied..start]);
            self.out.push_str(with);
            self.copied = end;
        }
    }
}

/// The length of the tag that `rest` begins with. A `>` inside quotes does not end it; a tag that never
/// ends takes all that follows with it, as in a browser.
fn tag_length(rest: &str) -> usize {
    let mut part = Part::TagName;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        if byte == b'>' && !matches!(part, Part::Quoted(_)) {
            return at + 1;
        }
        part = part.next(byte);
    }
    rest.len()
}

/// Where in a tag a byte stands. Quotes mean something only where a value begins.
enum Part {
    TagName,
    Gap,
    Name,
    AfterName,
    BeforeValue,
    Bare,
    Quoted(u8),
}

impl Part {
    fn next(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Quoted(quote), _) if byte != quote => Self::Quoted(quote),
            (Self::Quoted(_), _)
            | (Self::TagName | Self::Gap | Self::Name | Self::AfterName, b'/') => Self::Gap,
            (Self::Name | Self::AfterName, b'=') => Self::BeforeValue,
            (Self::TagName | Self::Gap | Self::Bare, _) if byte.is_ascii_whitespace() => Self::Gap,
            (Self::Name | Self::AfterName, _) if byte.is_ascii_whitespace() => Self::AfterName,
            (Self::BeforeValue, _) if byte.is_ascii_whitespace() => Self::BeforeValue,
            (Self::TagName, _) => Self::TagName,
            (Self::BeforeValue, b'"' | b'\'') => Self::Quoted(byte),
            (Self::BeforeValue | Self::Bare, _) => Self::Bare,
            (Self::Gap | Self::Name | Self::AfterName, _) => Self::Name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_html_is_left_alone() {
        for html in [
            "<div><p>a<p>b<br>c</div>",
            "a < b",
            "<ul><li>1<li>2</ul>",
            "<a href='x>y'>z</a>",
            "<script>'<div>'</script>",
            "<p",
            "é<",
        ] {
            assert!(matches!(bounded(html), Cow::Borrowed(same) if same == html), "{html}");
        }
    }

    #[test]
    fn tags_end_where_a_browser_ends_them() {
        for (html, expected) in [
            ("<a>b", "<a>"),
            ("<a href='x>y'>z", "<a href='x>y'>"),
            ("<a href = \">\" b>z", "<a href = \">\" b>"),
            ("<a '>z'>", "<a '>"),
            ("<a='>z'>", "<a='>"),
            ("<a b=c='>z'>", "<a b=c='>"),
            ("<a ='>z'>", "<a ='>"),
            ("<a b='c'd='>'>z", "<a b='c'd='>'>"),
            ("<a/b='>'/>z", "<a/b='>'/>"),
            ("<a b='>c", "<a b='>c"),
        ] {
            assert_eq!(&html[..tag_length(html)], expected);
        }
    }

    #[test]
    fn words_outlive_the_tags_around_them() {
        let deep = format!("{}word{}after", "<div>".repeat(500), "</div>".repeat(500));
        let flat = bounded(&deep);
        assert_eq!(flat.matches("<div>").count(), MAX_DEPTH);
        assert_eq!(flat.matches("</div>").count(), MAX_DEPTH);
        assert!(flat.contains("word") && flat.ends_with("after"));
        let long = format!("<a href=\"{}\">label</a>", "x".repeat(MAX_TAG));
        assert_eq!(bounded(&long), "<a>label</a>");
    }
}
