//! Where sentences end in British guidance, English or Welsh. Text in, slices of it out.

/// Words before a full stop that does not end a sentence.
const ABBREVIATIONS: &[&str] = &[
    "e.g", "eg", "i.e", "ie", "etc", "mr", "mrs", "ms", "dr", "prof", "rev", "hon", "rt", "st",
    "no", "nos", "vs", "v", "cf", "viz", "approx", "art", "reg", "regs", "para", "paras", "sec",
    "ch", "vol", "pt", "pp", "p", "fig", "ref", "tel", "ext", "dept", "govt", "ltd", "plc", "inc",
    "co", "sch", "cllr", "h.m", "u.k", "sgt", "capt", "col", "gen", "h.y", "e.e",
];
/// Abbreviations that do end a sentence when a capital follows.
const MAY_END: &[&str] = &["etc", "ltd", "plc", "inc", "co", "p.m", "a.m", "u.k", "dept"];
/// A number after one of these belongs to it: "No. 10".
const BEFORE_NUMBER: &[&str] = &[
    "no", "nos", "para", "paras", "art", "reg", "regs", "sec", "ch", "vol", "pt", "pp", "p", "fig",
    "ref", "sch",
];

/// The sentences of a text, without the white space between them. A line break ends a sentence unless
/// the next line goes on in lower case.
pub fn sentence_texts(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let ends = match c {
            '\n' => !continues_in_lower_case(&text[end..]),
            '.' | '!' | '?' | '…' | '؟' | '۔' | '。' => {
                is_end(&text[start..at], c, &text[end..])
            }
            _ => false,
        };
        if ends {
            let end = end + closing_length(&text[end..]);
            push(&mut sentences, text, start, end);
            start = end;
        }
    }
    push(&mut sentences, text, start, text.len());
    sentences
}

fn push<'a>(sentences: &mut Vec<&'a str>, text: &'a str, start: usize, end: usize) {
    let sentence = text.get(start..end).unwrap_or_default().trim();
    if !sentence.is_empty() {
        sentences.push(sentence);
    }
}

fn continues_in_lower_case(rest: &str) -> bool {
    rest.trim_start().starts_with(char::is_lowercase)
}

/// How many bytes of closing quotes and brackets belong to the sentence that has just ended.
fn closing_length(rest: &str) -> usize {
    rest.chars()
        .take_while(|c| matches!(c, ')' | ']' | '"' | '”' | '’' | '\'' | '»'))
        .map(char::len_utf8)
        .sum()
}

/// Whether the mark `c` after `before` (the sentence so far) and before `rest` ends the sentence.
fn is_end(before: &str, c: char, rest: &str) -> bool {
    let after_closing = &rest[closing_length(rest)..];
    if after_closing.is_empty() || c == '。' {
        return true;
    }
    if !after_closing.starts_with(char::is_whitespace) {
        return false;
    }
    let next = after_closing.trim_start();
    let Some(first) =
        next.trim_start_matches(['(', '[', '"', '“', '‘', '\'', '«', '•', '–']).chars().next()
    else {
        return true;
    };
    if first.is_lowercase() {
        // "Did you pay? if not…" is written, but far less often than "approx. two" and "e.g. this".
        return false;
    }
    c != '.' || !is_abbreviation(before, first)
}

/// Whether the word before a full stop is an abbreviation that goes on with `next`.
fn is_abbreviation(before: &str, next: char) -> bool {
    let word = before
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '“' | '‘' | '"' | '/'))
        .next()
        .unwrap_or_default();
    let lower = word.to_lowercase();
    if BEFORE_NUMBER.contains(&lower.as_str()) {
        return next.is_numeric()
            || (lower != "no" && word.chars().next().is_some_and(char::is_uppercase));
    }
    if MAY_END.contains(&lower.as_str()) {
        return next.is_numeric();
    }
    let mut letters = word.chars();
    let is_letter =
        letters.next().is_some_and(char::is_uppercase) && letters.next().is_none() && word != "I";
    let is_initial = is_letter && !is_label(&before[..before.len() - word.len()]);
    // "J.B. Smith", "U.S. Army"
    let is_initials = word.contains('.')
        && word
            .split('.')
            .all(|part| part.chars().count() == 1 && part.chars().all(char::is_uppercase));
    // A list number at the very beginning: "1. Apply".
    let is_number = before.trim() == word
        && !word.is_empty()
        && word.chars().all(|c| c.is_ascii_digit())
        && word.len() <= 2;
    ABBREVIATIONS.contains(&lower.as_str()) || is_initial || is_initials || is_number
}

/// Whether a single capital after these words names something ("band D", "zones C, D and E"), not a person.
fn is_label(before: &str) -> bool {
    const LABELLED: &[&str] = &[
        "and", "or", "to", "band", "bands", "zone", "zones", "part", "parts", "class", "group",
        "category", "schedule", "section", "form", "grade", "type", "annex", "appendix", "vitamin",
        "table", "step", "option", "area", "areas", "is", "a", "ac", "neu", "band", "parth",
        "parthau", "rhan", "ffurflen",
    ];
    let word = before.split_whitespace().next_back().unwrap_or_default().to_lowercase();
    LABELLED.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_a_reader_would_end_them() {
        for (text, expected) in [
            ("Apply online. You need a card.", &["Apply online.", "You need a card."][..]),
            (
                "It costs £1.50. Pay by 9.30am on 1 May.",
                &["It costs £1.50.", "Pay by 9.30am on 1 May."],
            ),
            (
                "Bring a card, e.g. a bank card. Then wait.",
                &["Bring a card, e.g. a bank card.", "Then wait."],
            ),
            ("Bring a card (e.g. Visa) or cash.", &["Bring a card (e.g. Visa) or cash."]),
            ("Bring cards, cash etc. You must pay.", &["Bring cards, cash etc.", "You must pay."]),
            (
                "Ask Mr. Jones at St. Mary's. He helps.",
                &["Ask Mr. Jones at St. Mary's.", "He helps."],
            ),
            ("Use form No. 10 or no. 12. Send it.", &["Use form No. 10 or no. 12.", "Send it."]),
            (
                "Can you park here? No. You need a permit.",
                &["Can you park here?", "No.", "You need a permit."],
            ),
            ("We open until 4 p.m. on Mondays.", &["We open until 4 p.m. on Mondays."]),
            ("We close at 4 p.m. Call before.", &["We close at 4 p.m.", "Call before."]),
            (
                "See www.a.example/b.html. Or mail a.b@c.example. Thanks!",
                &["See www.a.example/b.html.", "Or mail a.b@c.example.", "Thanks!"],
            ),
            ("living at an address in the zone", &["living at an address in the zone"]),
            ("He said ‘Go.’ Then he left.", &["He said ‘Go.’", "Then he left."]),
            ("(Ask first.) Then pay.", &["(Ask first.)", "Then pay."]),
            ("Ask J. Smith or A.B. Jones.", &["Ask J. Smith or A.B. Jones."]),
            (
                "Zones C, D and E. Zones A to B. You pay.",
                &["Zones C, D and E.", "Zones A to B.", "You pay."],
            ),
            ("You are in band D. It costs more.", &["You are in band D.", "It costs more."]),
            ("8am to 8pm\n8am to 4pm Saturday", &["8am to 8pm", "8am to 4pm Saturday"]),
            ("call the parking\nteam today", &["call the parking\nteam today"]),
            (
                "Gallwch wneud cais. Oni bai eich bod yn 60, talwch £20.",
                &["Gallwch wneud cais.", "Oni bai eich bod yn 60, talwch £20."],
            ),
            (
                "Mae’n costio £4.50 y mis, h.y. £54. Talwch nawr.",
                &["Mae’n costio £4.50 y mis, h.y. £54.", "Talwch nawr."],
            ),
            ("1. Apply. 2 weeks later, pay.", &["1. Apply.", "2 weeks later, pay."]),
            ("Wait… Then go.", &["Wait…", "Then go."]),
            ("", &[]),
            ("  \n ", &[]),
            ("...", &["..."]),
        ] {
            assert_eq!(sentence_texts(text), expected, "{text}");
        }
    }
}
