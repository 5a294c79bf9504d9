//! Small pages written for these tests, and the passages that they become.

use candour_core::{Nation, Passage};

use super::split;
use crate::extract::{Extraction, markdown_page};

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
      6 Stem[] Cost
      7 Header[6] Car | Price
      8 Row[6, 7] First | £42
      9 Row[6, 7] Second |
    ");
}

#[test]
fn small_sections_join_their_neighbours_and_say_their_headings() {
    insta::assert_snapshot!(shown(
        "## Fees {#fees}\n\nIt costs £10.\n\n## Opening times {#times}\n\n## How to apply {#how}\n\nApply online with a card that is in your own name. Send us a photo of your card, and a letter that shows where you live now.\n"
    ), @r"
    /parking#how How to apply
      0 Stem[] Fees
      1 Sentence[0] It costs £10.
      2 Stem[] How to apply
      3 Stem[2] Opening times
      4 Sentence[2] Apply online with a card that is in your own name.
      5 Sentence[2] Send us a photo of your card, and a letter that shows where you live now.
    ");
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
