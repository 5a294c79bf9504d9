//! Folders, lines and corpora.

use std::fs;
use std::path::Path;

use candour_core::{Audience, Heading};

use super::*;

async fn told(source: SourceSpec, limit: usize) -> (Vec<String>, Result<(), String>) {
    let content = config::Content { max_page_bytes: limit, ..Default::default() };
    readings_of(&source, &content, &Known::default()).await
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[tokio::test]
async fn a_folder_is_read_in_order_and_no_further() {
    let place = tempfile::tempdir().unwrap();
    let (folder, outside) = (place.path().join("content"), place.path().join("outside"));
    write(&outside, "secret.json", "{}");
    for (name, text) in [
        ("b/index.html", "<p>b"),
        ("a.md", "# A"),
        ("index.markdown", "home"),
        ("z.JSON", r#"{"base_path":"/z"}"#),
        ("README.md", "about"),
        ("b/LICENSE", "free"),
        ("b/picture.png", ""),
        (".hidden/x.md", "x"),
        (".env.json", "{}"),
        ("large.htm", "01234567890123456789012345678901234567890123456789"),
        ("large.json", "01234567890123456789012345678901234567890123456789"),
        ("dup.html", "x"),
        ("dup/index.md", "y"),
    ] {
        write(&folder, name, text);
    }
    #[cfg(unix)]
    for (link, target) in [
        ("out.json", outside.join("secret.json")),
        ("outdir", outside.clone()),
        ("loop", folder.clone()),
        ("nowhere.md", folder.join("none")),
        ("inside.md", folder.join("a.md")),
    ] {
        std::os::unix::fs::symlink(target, folder.join(link)).unwrap();
    }
    let (told, end) = told(SourceSpec::Dir(folder), 40).await;
    insta::assert_snapshot!(told.join("\n"), @r#"
        expected 16
        README.md: skipped, unsupported_file
        b/LICENSE: skipped, unsupported_file
        b/picture.png: skipped, unsupported_file
        loop: skipped, unsupported_file
        nowhere.md: skipped, symlink
        out.json: skipped, symlink
        outdir: skipped, symlink
        a.md: markdown /a, 3 bytes
        b/index.html: html /b, 4 bytes
        dup.html: skipped, superseded
        dup/index.md: markdown /dup, 1 bytes
        index.markdown: markdown /, 4 bytes
        inside.md: markdown /inside, 3 bytes
        large.htm: failed, too_large (path known)
        large.json: failed, too_large
        z.JSON: item, 18 bytes
        "#);
    end.unwrap();
}

#[tokio::test]
async fn a_single_file_is_a_folder_of_one() {
    let place = tempfile::tempdir().unwrap();
    write(place.path(), "bins.md", "# Bins");
    write(place.path(), "other.md", "# Other");
    let (told, end) = told(SourceSpec::Dir(place.path().join("bins.md")), 100).await;
    assert_eq!(told, ["expected 1", "bins.md: markdown /bins, 6 bytes"]);
    end.unwrap();
}

#[tokio::test]
async fn what_is_not_there_is_an_error_that_names_it() {
    let missing = Path::new("no/such/place");
    for source in [
        SourceSpec::Dir(missing.into()),
        SourceSpec::Jsonl(missing.into()),
        SourceSpec::Beir(missing.into()),
        SourceSpec::GovukList(missing.into()),
        SourceSpec::Jsonl(std::env::temp_dir()),
    ] {
        let (_, end) = told(source.clone(), 100).await;
        let why = end.unwrap_err();
        assert!(why.contains("place") || why.contains("not a plain file"), "{source}: {why}");
    }
}

#[tokio::test]
async fn bad_lines_are_named_and_the_rest_is_read() {
    let place = tempfile::tempdir().unwrap();
    let long = "x".repeat(200);
    let lines = [
        r#"{"base_path":"/a","schema_name":"gone","payload_version":1}"#,
        "",
        "not json",
        &long,
        r#"{"base_path":"/a","schema_name":"gone","payload_version":2}"#,
        "\u{0}\u{1}",
    ];
    write(place.path(), "items.jsonl", format!("\u{feff}{}", lines.join("\r\n")));
    let (told, end) = told(SourceSpec::Jsonl(place.path().join("items.jsonl")), 100).await;
    insta::assert_snapshot!(told.join("\n"), @r#"
        expected 5
        items.jsonl:1: skipped, superseded
        items.jsonl:3: item, 8 bytes
        items.jsonl:4: failed, too_large
        items.jsonl:5: item, 59 bytes
        items.jsonl:6: item, 2 bytes
        "#);
    end.unwrap();
}

#[tokio::test]
async fn rows_of_a_corpus_are_gathered_by_page() {
    let place = tempfile::tempdir().unwrap();
    let rows = [
        r#"{"_id":"a#0","title":"A","text":"Top > Next. One. Two.","metadata":{"url":"https://www.gov.uk/a","heading":"Top > Next"}}"#,
        r#"{"_id":"b","title":"B","text":"Alone."}"#,
        "nonsense",
        r#"{"_id":"a#1","title":"A","text":"Three.","metadata":{"url":"https://www.gov.uk/a","heading":""}}"#,
        r#"{"_id":"b","title":"B","text":"Again."}"#,
    ];
    write(place.path(), "corpus.jsonl", rows.join("\n"));
    let (told, end) = told(SourceSpec::Beir(place.path().join("corpus.jsonl")), 1000).await;
    insta::assert_snapshot!(told.join("\n"), @r#"
        expected 4
        corpus.jsonl:3: failed, not_a_corpus_row
        corpus.jsonl:5: failed, duplicate_id
        corpus.jsonl:1: rows 2, 219 bytes
        corpus.jsonl:2: rows 1, 40 bytes
        "#);
    end.unwrap();
}

#[tokio::test]
async fn a_row_that_is_none_is_named_and_one_that_says_nothing_left_out() {
    for (row, expected) in [
        (r#"{"_id":"","title":"A","text":"One."}"#, "failed, not_a_corpus_row"),
        (r#"{"title":"A","text":"One."}"#, "failed, not_a_corpus_row"),
        (r#"["a","A","One.",{}]"#, "failed, not_a_corpus_row"),
        (r#" ["a","A","One."]"#, "failed, not_a_corpus_row"),
        (r#"{"_id":"a","title":"A"}"#, "failed, not_a_corpus_row"),
        (r#"{"_id":"a","title":"","text":" "}"#, "skipped, no_words"),
        (r#"{"_id":"a","title":"","text":"","metadata":{"url":"/a"}}"#, "skipped, no_words"),
        (r#"{"_id":"a","title":"A","text":""}"#, "rows 1, 33 bytes"),
        (r#"{"_id":"a","title":"","text":"One."}"#, "rows 1, 36 bytes"),
    ] {
        let place = tempfile::tempdir().unwrap();
        write(place.path(), "corpus.jsonl", row);
        let (told, end) = told(SourceSpec::Beir(place.path().join("corpus.jsonl")), 1000).await;
        assert_eq!(told, ["expected 1".to_owned(), format!("corpus.jsonl:1: {expected}")], "{row}");
        end.unwrap();
    }
}

#[test]
fn a_row_is_one_passage() {
    let row = |text: &str| text.as_bytes().to_vec();
    let rows = [
        row(
            r#"{"_id":"a#0","title":"A","text":"Top > Next. One is one. Two is two.","metadata":{"url":"https://www.gov.uk/a","heading":"Top > Next"}}"#,
        ),
        row(
            r#"{"_id":"a#1","title":"A","text":"Topmost words.","metadata":{"url":"https://www.gov.uk/a","heading":"Top"}}"#,
        ),
    ];
    let Extraction::Passages(page, passages) = beir::page(&rows, "https://www.gov.uk") else {
        panic!("the rows are a page")
    };
    assert_eq!(
        (page.id.as_str(), page.url.as_str(), page.title.as_str()),
        ("/a", "https://www.gov.uk/a", "A")
    );
    assert_eq!(passages[0].id.as_str(), "a#0");
    let heading = |level, text: &str| Heading { level, text: text.into(), id: None };
    assert_eq!(passages[0].headings, [heading(2, "Top"), heading(3, "Next")]);
    let quotes: Vec<&str> = passages[0].units.iter().map(|unit| passages[0].quote(unit)).collect();
    assert_eq!(quotes, ["One is one.", "Two is two."]);
    assert_eq!(passages[1].text, "Topmost words.");
    for (site, url, expected) in [
        ("", "https://www.gov.uk/a", "https://www.gov.uk/a"),
        ("https://other.example", "https://www.gov.uk/a", "https://www.gov.uk/a"),
        ("https://www.gov.uk", "", "x"),
    ] {
        let rows = [row(&format!(r#"{{"_id":"x","text":"t","metadata":{{"url":"{url}"}}}}"#))];
        let Extraction::Passages(page, _) = beir::page(&rows, site) else {
            panic!("the row is a page")
        };
        assert_eq!(page.id.as_str(), expected);
    }
}

#[test]
fn a_corpus_is_in_the_language_that_its_rows_name_or_speak() {
    for (row, expected) in [
        (r#"{"_id":"x","text":"You must pay.","metadata":{"locale":"cy"}}"#, "cy"),
        (
            r#"{"_id":"x","text":"Rhaid i chi dalu eich treth.","metadata":{"language":"en-GB"}}"#,
            "en",
        ),
        (r#"{"_id":"x","text":"Rhaid i chi dalu eich treth.","metadata":{"locale":" "}}"#, "cy"),
        (r#"{"_id":"x","text":"You must pay.","metadata":{"lang":"zh-TW"}}"#, "zh-tw"),
        (r#"{"_id":"x","text":"You must pay."}"#, "en"),
    ] {
        let Extraction::Passages(page, passages) = beir::page(&[row.as_bytes().to_vec()], "")
        else {
            panic!("the row is a page")
        };
        assert_eq!((page.locale.tag(), passages[0].locale.tag()), (expected, expected), "{row}");
    }
}

#[test]
fn a_corpus_may_say_whom_its_pages_are_for() {
    for (stated, expected) in [
        (r#""employers""#, &[Audience::Business][..]),
        (r#"["nurses", "doctors"]"#, &[Audience::Professional]),
        (r#"{"by": "me"}"#, &[]),
        ("7", &[]),
    ] {
        let row = format!(r#"{{"_id":"x","text":"t","metadata":{{"audience":{stated}}}}}"#);
        let Extraction::Passages(page, _) = beir::page(&[row.into_bytes()], "") else {
            panic!("{stated}")
        };
        assert_eq!(page.audiences.into_iter().collect::<Vec<_>>(), expected, "{stated}");
    }
}
