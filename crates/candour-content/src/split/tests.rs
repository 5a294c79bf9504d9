//! Small pages written for these tests, and the passages that they become.

use candour_core::{Nation, Passage};

use super::split;
use crate::extract::{Block, ExtractedPage, Extraction, Section, Text, markdown_page};

fn passages(markdown: &str) -> Vec<Passage> {
    let text = format!("# Parking\n\n{markdown}");
    match markdown_page(text.as_bytes(), "/parking", "https://a.example/parking") {
        Extraction::Page(page) => split(&page),
        other => panic!("{other:?}"),
    }
}

fn shown(markdown: &str) -> String {
    let mut lines = Vec::new();
    for passage in passages(markdown) {
        lines.push(format!(
            "{} {}",
            passage.url.trim_start_matches("https://a.example"),
            passage.heading_path()
        ));
        for (at, unit) in passage.units.iter().enumerate() {
            lines.push(format!("  {at} {:?}{:?} {}", unit.kind, unit.needs, passage.quote(unit)));
        }
    }
    lines.join("\n")
}

#[test]
fn a_condition_stays_with_what_it_limits() {
    insta::assert_snapshot!(shown(
        "You can park here. However, you cannot park on Sundays.\n\nUnless you hold a badge, you pay £1.50. You pay at the meter.\n"
    ), @r"
    /parking 
      0 Sentence[1, 2] You can park here.
      1 Sentence[0, 2] However, you cannot park on Sundays.
      2 Sentence[0, 1] Unless you hold a badge, you pay £1.50.
      3 Sentence[] You pay at the meter.
    ");
}

#[test]
fn an_item_keeps_its_stems_and_a_row_its_header() {
    insta::assert_snapshot!(shown(
        "## Apply {#apply}\n\nYou can apply if you:\n\n- live here\n- own a van that:\n  - is short\n  - is light\n\nThis does not apply if you rent.\n\n### Cost\n\n| Car | Price |\n|---|---|\n| First | £42 |\n| Second | |\n"
    ), @r"
    /parking#apply Apply
      0 Stem[5] You can apply if you:
      1 Item[0, 5] live here
      2 Stem[0, 5] own a van that:
      3 Item[0, 2, 5] is short
      4 Item[0, 2, 5] is light
      5 Sentence[0, 1, 2, 3, 4] This does not apply if you rent.
    /parking#apply Apply > Cost
      0 Header[] Car | Price
      1 Row[0] First | £42
      2 Row[0] Second |
    ");
}

#[test]
fn a_heading_is_above_a_passage_and_no_sentence_in_it() {
    insta::assert_snapshot!(shown(
        "You can park here.\n\n## Fees {#fees}\n\nIt costs £10.\n\n## How to apply {#how}\n\nApply online.\n\n### By post {#post}\n\nWrite to us.\n"
    ), @r"
    /parking 
      0 Sentence[] You can park here.
    /parking#fees Fees
      0 Sentence[] It costs £10.
    /parking#how How to apply
      0 Sentence[] Apply online.
    /parking#post How to apply > By post
      0 Sentence[] Write to us.
    ");
}

#[test]
fn a_heading_without_text_is_said_and_never_quoted() {
    // Nothing needs it, and a stem that nothing needs is not quoted.
    insta::assert_snapshot!(shown(
        "## Opening times {#times}\n\n## How to apply {#how}\n\nApply online.\n\n## Visits {#visits}\n"
    ), @r"
    /parking#how How to apply
      0 Stem[] Opening times
      1 Sentence[] Apply online.
      2 Stem[] Visits
    ");
}

#[test]
fn small_parts_under_the_same_headings_are_one_passage() {
    let page = match markdown_page(b"# Parking\n\nPark.", "/parking", "https://a.example/parking") {
        Extraction::Page(page) => page,
        other => panic!("{other:?}"),
    };
    let section = |text: &str| Section {
        url: page.page.url.clone(),
        headings: Vec::new(),
        blocks: vec![
            Block::Paragraph(Text { text: format!("{text}:"), links: Vec::new() }),
            Block::List(vec![Text { text: text.to_owned(), links: Vec::new() }]),
        ],
    };
    let sections = vec![section("one"), section("two")];
    let passages = split(&ExtractedPage { page: page.page.clone(), sections });
    let needs: Vec<&[u32]> = passages[0].units.iter().map(|unit| unit.needs.as_slice()).collect();
    assert_eq!((passages.len(), passages[0].text.as_str()), (1, "one:\none\ntwo:\ntwo"));
    assert_eq!(needs, [&[] as &[u32], &[0], &[], &[2]]);
}

#[test]
fn sections_about_different_nations_stay_apart() {
    let passages = passages("## Scotland {#s}\n\nCall us.\n\n## Wales {#w}\n\nWrite to us.\n");
    let scopes: Vec<Vec<Nation>> =
        passages.iter().map(|passage| passage.scope.applies.iter().collect()).collect();
    assert_eq!(scopes, [vec![Nation::Scotland], vec![Nation::Wales]]);
    assert!(passages.iter().all(|passage| passage.scope.derived));
}

#[test]
fn a_long_list_repeats_its_stem() {
    let items: Vec<String> = (0..60)
        .map(|number| format!("- thing number {number} with some more words around it"))
        .collect();
    let passages = passages(&format!("Bring:\n\n{}", items.join("\n")));
    assert!(passages.len() > 1);
    assert!(passages.iter().all(|passage| passage.text.starts_with("Bring:\n")), "{passages:#?}");
}

#[test]
fn a_long_paragraph_overlaps_by_a_sentence() {
    let sentences: Vec<String> = (0..60)
        .map(|number| format!("Sentence number {number} says something of its own."))
        .collect();
    let passages = passages(&sentences.join(" "));
    for pair in passages.windows(2) {
        let last = pair[0].text.lines().last().unwrap();
        assert!(pair[1].text.starts_with(last), "{last}");
    }
    assert!(passages.len() > 1);
}

#[test]
fn no_words_come_under_a_condition_that_is_anothers() {
    insta::assert_snapshot!(shown(
        "## Rent {#rent}\n\n### If it began before 1 April 2020 {#old}\n\nThe rent is £40.\n\n### Newer plots {#new}\n\nThe rent is £65.\n\n### How to pay {#pay}\n\nPay by card.\n"
    ), @r"
    /parking#old Rent > If it began before 1 April 2020
      0 Sentence[] The rent is £40.
    /parking#new Rent > Newer plots
      0 Sentence[] The rent is £65.
    /parking#pay Rent > How to pay
      0 Sentence[] Pay by card.
    ");
}
