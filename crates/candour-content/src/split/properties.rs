//! What holds for the passages of any page at all.

use std::collections::BTreeSet;

use candour_core::{Heading, Passage, UnitKind};
use proptest::prelude::*;

use super::{MAX_WITH_CONTEXT, split};
use crate::extract::{Block, ExtractedPage, Extraction, Section, Text, markdown_page};

fn page(sections: Vec<Section>) -> ExtractedPage {
    let Extraction::Page(page) =
        markdown_page(b"# Title\n\nWords", "/page", "https://a.example/page")
    else {
        panic!("a page")
    };
    ExtractedPage { page: page.page, sections }
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c == '|').filter(|word| !word.is_empty())
}

/// Every word of every block, but for words that are longer than a passage.
fn words_of_block(block: &Block) -> Vec<String> {
    let texts: Vec<&str> = match block {
        Block::Paragraph(text) => vec![&text.text],
        Block::List(items) => items.iter().map(|item| item.text.as_str()).collect(),
        Block::Table { header, rows, .. } => {
            header.iter().chain(rows.iter().flatten()).map(String::as_str).collect()
        }
    };
    texts
        .into_iter()
        .flat_map(words_of)
        .filter(|word| word.chars().count() < 1000)
        .map(str::to_owned)
        .collect()
}

fn check(page: &ExtractedPage, passages: &[Passage]) -> Result<(), TestCaseError> {
    let mut seen = BTreeSet::new();
    for (number, passage) in passages.iter().enumerate() {
        prop_assert_eq!(&passage.id.0, &format!("/page#{number}"));
        let size = passage.text.chars().count();
        prop_assert!(size <= MAX_WITH_CONTEXT && size > 0, "{} characters", size);
        let mut end = 0;
        for (at, unit) in passage.units.iter().enumerate() {
            let gap = usize::from(at > 0);
            prop_assert_eq!(unit.start as usize, end + gap);
            let quote = passage.text.get(unit.start as usize..unit.end as usize);
            prop_assert!(
                quote.is_some_and(|quote| !quote.trim().is_empty() && !quote.contains('\n')),
                "{:?}",
                quote
            );
            end = unit.end as usize;
            prop_assert!(
                unit.needs
                    .iter()
                    .all(|need| (*need as usize) < passage.units.len() && *need as usize != at),
                "{:?}",
                unit
            );
            prop_assert!(unit.needs.is_sorted_by(|one, other| one < other), "{:?}", unit);
        }
        prop_assert_eq!(end, passage.text.len());
        seen.extend(words_of(&passage.text).map(str::to_owned));
    }
    for word in page.sections.iter().flat_map(|section| &section.blocks).flat_map(words_of_block) {
        prop_assert!(seen.contains(&word), "{} is lost", word);
    }
    Ok(())
}

/// Items keep their stem and rows their header, wherever the list or table is cut.
fn check_context(passages: &[Passage], stem: &str, header: &str) -> Result<(), TestCaseError> {
    for passage in passages {
        for unit in &passage.units {
            let expected = match unit.kind {
                UnitKind::Item => stem,
                UnitKind::Row => header,
                _ => continue,
            };
            let needed: Vec<&str> = unit
                .needs
                .iter()
                .map(|need| passage.quote(&passage.units[*need as usize]))
                .collect();
            prop_assert!(needed.contains(&expected), "{:?} of {:?}", needed, passage.quote(unit));
        }
    }
    Ok(())
}

fn text() -> impl Strategy<Value = Text> {
    let word = prop_oneof![8 => "[a-z£0-9]{1,9}", 1 => "[A-Z][a-zŵéß]{1,8}[.?:]", 1 => "Unless|However,|But|\\$1\\.50|e\\.g\\.", 1 => "\n"];
    let words = prop_oneof![6 => prop::collection::vec(word.clone(), 1..30), 1 => prop::collection::vec(word, 200..500)];
    words
        .prop_map(|words| words.join(" "))
        .prop_filter("words", |text| !text.trim().is_empty())
        .prop_map(|text| Text { text, links: Vec::new() })
}

fn block() -> impl Strategy<Value = Block> {
    let item = (0_usize..3, text()).prop_map(|(depth, item)| Text {
        text: format!("{}{}", "\t".repeat(depth), item.text.trim()),
        ..item
    });
    let cell = text().prop_map(|cell| cell.text);
    let row = prop::collection::vec(prop_oneof![3 => cell, 1 => Just(String::new())], 1..4);
    let table = (prop_oneof![Just(Vec::new()), row.clone()], prop::collection::vec(row, 1..12));
    prop_oneof![
        3 => text().prop_map(Block::Paragraph),
        2 => prop::collection::vec(item, 1..25).prop_map(Block::List),
        1 => table.prop_map(|(header, rows)| Block::Table { header, rows, links: Vec::new() }),
    ]
}

fn section() -> impl Strategy<Value = Section> {
    let heading = (2_u8..5, "[A-Z][a-z]{2,20}", prop::option::of("[a-z]{3}"))
        .prop_map(|(level, text, id)| Heading { level, text, id });
    (0_u8..2, prop::collection::vec(heading, 0..3), prop::collection::vec(block(), 0..5)).prop_map(
        |(part, headings, blocks)| Section {
            url: format!("https://a.example/page/{part}"),
            headings,
            blocks,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_is_lost_and_every_offset_holds(sections in prop::collection::vec(section(), 0..6)) {
        let page = page(sections);
        check(&page, &split(&page))?;
    }

    #[test]
    fn context_goes_with_every_item_and_row(
        items in prop::collection::vec("[a-z]{1,12}( [a-z]{1,12}){0,60}", 1..40),
        rows in prop::collection::vec(prop::collection::vec("[a-z]{1,40}", 2), 1..60),
    ) {
        let paragraph = |text: &str| Block::Paragraph(Text { text: text.to_owned(), links: Vec::new() });
        let items = items.into_iter().map(|text| Text { text, links: Vec::new() }).collect();
        let table = Block::Table { header: vec!["Permit".into(), "Price".into()], rows, links: Vec::new() };
        let blocks = vec![paragraph("You can get it if you are:"), Block::List(items), paragraph("It has a price."), table];
        let page = page(vec![Section { url: "https://a.example/page".into(), headings: Vec::new(), blocks }]);
        let passages = split(&page);
        check(&page, &passages)?;
        check_context(&passages, "You can get it if you are:", "Permit | Price")?;
    }
}
