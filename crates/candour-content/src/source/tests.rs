//! Sources read from files and over HTTP, with what can go wrong.

mod files;
mod govuk;

use proptest::prelude::*;
use tokio::sync::mpsc;

use super::*;

/// The readings of a source, in order, in a form that can be compared.
pub(super) async fn readings_of(
    source: &SourceSpec,
    content: &config::Content,
    known: &Known,
) -> (Vec<String>, Result<(), String>) {
    let (sender, mut receiver) = mpsc::channel(4);
    let policy = impatient();
    let reading = read(source, content, &policy, known, sender);
    let listening = async {
        let mut told = Vec::new();
        while let Some(reading) = receiver.recv().await {
            told.push(line(&reading));
        }
        told
    };
    let (end, told) = tokio::join!(reading, listening);
    let end = end.map_err(|error| match error {
        ReadError::Stopped => "stopped".to_owned(),
        ReadError::Unreadable(why) => why,
    });
    (told, end)
}

/// The record of a page of a corpus.
pub(crate) fn record_of_rows(rows: Vec<Vec<u8>>) -> Record {
    Record::of_file("rows", Sent::Rows(rows))
}

/// A policy that loses no time.
pub(crate) fn impatient() -> RetryPolicy {
    let moment = std::time::Duration::from_millis;
    RetryPolicy {
        tries: 3,
        first_delay: moment(1),
        longest_delay: moment(20),
        connect: moment(2_000),
        read: moment(300),
        whole: moment(1_000),
    }
}

fn line(reading: &Reading) -> String {
    match reading {
        Reading::Expected(pages) => format!("expected {pages}"),
        Reading::Item(Record { identity, content, etag, last_modified, .. }) => {
            let (kind, size) = match content {
                Sent::Item(bytes) => ("item".to_owned(), bytes.len()),
                Sent::Html { bytes, path } => (format!("html {path}"), bytes.len()),
                Sent::Markdown { bytes, path } => (format!("markdown {path}"), bytes.len()),
                Sent::Rows(rows) => {
                    (format!("rows {}", rows.len()), rows.iter().map(Vec::len).sum())
                }
            };
            let marks = [etag, last_modified]
                .into_iter()
                .flatten()
                .fold(String::new(), |all, mark| format!("{all} {mark}"));
            format!("{identity}: {kind}, {size} bytes{marks}")
        }
        Reading::Unchanged(id) => format!("{id}: unchanged"),
        Reading::Gone(id) => format!("{id}: gone"),
        Reading::Moved { from, to } => format!("{from}: moved to {to}"),
        Reading::Skipped(remark) => format!("{}: skipped, {}", remark.item, remark.reason),
        Reading::Failed { page, remark } => {
            let known = if page.is_some() { " (path known)" } else { "" };
            format!("{}: failed, {}{known}", remark.item, remark.reason)
        }
        Reading::Incomplete => "incomplete".into(),
    }
}

#[test]
fn mistakes_in_a_source_say_which_forms_there_are() {
    for text in [
        "",
        "govuk",
        "govuk:",
        "dir:",
        "govuk:path",
        "govuk://host/x",
        "govuk:/a?b",
        "http://a/b",
        "file:x",
        "GOVUK:/a",
    ] {
        let message = text.parse::<SourceSpec>().unwrap_err();
        assert!(
            message.contains("govuk:/path") && message.contains("beir:PATH"),
            "{text:?}: {message}"
        );
    }
}

#[test]
fn a_source_reads_back_as_it_was_written() {
    for text in [
        "govuk:/a",
        "govuk:sitemap",
        "govuk:/sitemap",
        "govuk-list:a b",
        "dir:.",
        "jsonl:a:b",
        "beir:/x/y.jsonl",
    ] {
        assert_eq!(text.parse::<SourceSpec>().unwrap().to_string(), text);
    }
}

proptest! {
    #[test]
    fn any_source_survives_being_written(kind in "(govuk|govuk-list|dir|jsonl|beir|x)?", rest in "[/a-z:. ?é]{0,12}") {
        if let Ok(source) = format!("{kind}:{rest}").parse::<SourceSpec>() {
            prop_assert_eq!(source.to_string().parse(), Ok(source));
        }
    }

    #[test]
    fn any_path_stays_inside_the_api(path in "/[a-z./%@:]{0,20}") {
        let addresses = address::Addresses::new(&config::Content::default()).unwrap();
        if let Ok(url) = addresses.item(&path) {
            prop_assert!(url.as_str().starts_with("https://www.gov.uk/api/content"), "{}", url);
            prop_assert!(addresses.allows(&url).is_ok());
        }
    }

    #[test]
    fn any_bytes_are_a_sitemap_or_a_reason(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = sitemap::parse(&bytes);
    }

    #[test]
    fn lines_are_found_whatever_the_buffer(text in "[ab\n\r ]{0,60}", limit in 1_usize..10, buffer in 1_usize..9) {
        let small = std::io::BufReader::with_capacity(buffer, text.as_bytes());
        let small: Vec<_> = lines::Lines::new(small, limit).map(Result::unwrap).collect();
        let whole: Vec<_> = lines::Lines::new(text.as_bytes(), limit).map(Result::unwrap).collect();
        prop_assert_eq!(&small, &whole);
        for line in whole {
            prop_assert_eq!(line.number as usize, 1 + text[..line.offset as usize].matches('\n').count());
            if let Some(bytes) = line.bytes {
                prop_assert!(text.as_bytes()[line.offset as usize..].starts_with(&bytes));
            }
        }
    }
}

#[test]
fn only_the_publishers_addresses_are_asked() {
    let addresses = address::Addresses::new(&config::Content::default()).unwrap();
    for (listed, expected) in [
        ("/a/b", Ok("/a/b")),
        ("https://www.gov.uk/a", Ok("/a")),
        ("https://www.gov.uk/api/content/a", Ok("/a")),
        ("https://www.gov.uk:443/a", Ok("/a")),
        ("http://www.gov.uk/a", Err("host_not_allowed")),
        ("https://www.gov.uk:8443/a", Err("host_not_allowed")),
        ("https://user@www.gov.uk/a", Err("host_not_allowed")),
        ("https://www.gov.uk.example.com/a", Err("host_not_allowed")),
        ("file:///etc/passwd", Err("host_not_allowed")),
        ("//example.com/a", Err("host_not_allowed")),
        ("a/b", Err("invalid_path")),
        ("/a b", Err("invalid_path")),
        ("/a?b", Err("invalid_path")),
    ] {
        let found = addresses.path_of(listed).map_err(|(reason, _)| reason);
        assert_eq!(found.as_deref(), expected.as_deref(), "{listed}");
    }
    for path in ["/../../admin", "/%2e%2e/x", "x", "//a", "/a#b"] {
        assert_eq!(
            addresses.item(path).map_err(|(reason, _)| reason),
            Err("invalid_path"),
            "{path}"
        );
    }
}

#[test]
fn an_address_in_the_configuration_may_hold_no_secret() {
    for api in [
        "https://u:p@www.gov.uk/api",
        "ftp://www.gov.uk/api",
        "www.gov.uk",
        "https://www.gov.uk/?q",
    ] {
        let content = config::Content { api: api.into(), ..Default::default() };
        assert!(address::Addresses::new(&content).unwrap_err().contains("content.api"), "{api}");
    }
}

#[test]
fn the_newest_version_of_a_page_is_taken() {
    let item = |path: &str, payload: &str, updated: &str| {
        format!(
            r#"{{"updated_at": {updated}, "title": "T", "schema_name": "answer", "payload_version": {payload}, "base_path": "{path}"}}"#
        )
    };
    let (old, new) = (r#""2024-01-01T00:00:00Z""#, r#""2025-01-01T00:00:00+01:00""#);
    for (first, second, superseded) in [
        (("1", new), ("2", old), 0),
        (("2", old), ("1", new), 1),
        (("null", new), ("3", old), 1),
        (("3", old), ("3", new), 0),
        (("null", "null"), ("null", "null"), 0),
        (("\"x\"", "7"), ("null", new), 0),
    ] {
        let mut versions = versions::Versions::default();
        for (number, (payload, updated)) in [first, second].into_iter().enumerate() {
            versions.note_item(number as u64, item("/a", payload, updated).as_bytes());
        }
        versions.note_item(2, item("/b", "1", old).as_bytes());
        versions.note_item(3, br#"{"base_path": "/b", "title": "T", "payload_version": 9}"#);
        versions
            .note_item(4, br#"{"base_path": "/b", "schema_name": "answer", "payload_version": 9}"#);
        let found: Vec<u64> = (0..5).filter(|number| versions.is_superseded(*number)).collect();
        assert_eq!(found, [superseded], "{first:?} then {second:?}");
    }
}

#[test]
fn a_sitemap_lists_pages_or_sitemaps() {
    let index = r#"<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
        <sitemap><loc> https://a/s1.xml </loc><lastmod>2026-01-01</lastmod></sitemap></sitemapindex>"#;
    let pages = r"<s:urlset xmlns:s='x'><s:url><s:loc>https://a/x&amp;y&#38;z</s:loc><s:priority>1</s:priority></s:url>
        <s:url><s:lastmod>2026</s:lastmod></s:url><s:url><s:loc><![CDATA[https://a/é]]></s:loc></s:url></s:urlset>";
    let locations = |found: Vec<sitemap::Location>| {
        found
            .into_iter()
            .map(|l| format!("{} {}", l.address, l.changed.unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        locations(sitemap::parse(index.as_bytes()).unwrap().sitemaps),
        ["https://a/s1.xml 2026-01-01"]
    );
    assert_eq!(
        locations(sitemap::parse(pages.as_bytes()).unwrap().pages),
        ["https://a/x&y&z ", "https://a/é "]
    );
    for broken in ["", "<html></html>", "<urlset><url>", "<urlset></url>", "not xml"] {
        assert!(sitemap::parse(broken.as_bytes()).is_err(), "{broken:?}");
    }
}
