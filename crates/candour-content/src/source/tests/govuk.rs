//! The Content API over HTTP, with a publisher that misbehaves.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use candour_store::{PageState, RunId};
use wiremock::matchers::{header, headers, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

fn content_of(server: &str) -> config::Content {
    // The program does this once, at its start.
    let _ = rustls::crypto::ring::default_provider().install_default();
    config::Content {
        api: format!("{server}/api/content"),
        site: server.to_owned(),
        requests_per_second: 10_000.0,
        max_page_bytes: 1_000,
        ..Default::default()
    }
}

async fn told(server: &MockServer, spec: &str, known: &Known) -> Vec<String> {
    let (told, end) = readings_of(&spec.parse().unwrap(), &content_of(&server.uri()), known).await;
    end.unwrap();
    told.into_iter().map(|line| line.replace(&server.uri(), "SERVER")).collect()
}

async fn one(server: &MockServer, spec: &str) -> String {
    told(server, spec, &Known::default()).await[1..].join("; ")
}

async fn answer(server: &MockServer, at: &str, response: ResponseTemplate) {
    Mock::given(method("GET")).and(path(at)).respond_with(response).mount(server).await;
}

fn item(base_path: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_string(format!(r#"{{"base_path":"{base_path}"}}"#))
}

fn known(pages: &[(&str, Option<&str>, Option<&str>, i64)]) -> Known {
    let state = |(id, etag, date, run): &(&str, Option<&str>, Option<&str>, i64)| {
        let state = PageState {
            source: "govuk".into(),
            source_hash: ContentHash::of(id.as_bytes()),
            prepared_with: "now".into(),
            etag: etag.map(str::to_owned),
            last_modified: date.map(str::to_owned),
            seen_in: RunId(*run),
        };
        (PageId((*id).to_owned()), state)
    };
    Known::new(pages.iter().map(state).collect::<BTreeMap<_, _>>(), "now", RunId(2))
}

#[tokio::test]
async fn a_page_is_asked_for_again_when_the_publisher_is_busy_or_ill() {
    for (status, waits) in [
        (429, Some("0")),
        (429, Some("Wed, 21 Oct 2015 07:28:00 GMT")),
        (429, None),
        (503, None),
        (500, None),
    ] {
        let server = MockServer::start().await;
        let busy = ResponseTemplate::new(status);
        let busy =
            if let Some(waits) = waits { busy.insert_header("Retry-After", waits) } else { busy };
        Mock::given(path("/api/content/a"))
            .respond_with(busy)
            .up_to_n_times(2)
            .mount(&server)
            .await;
        answer(&server, "/api/content/a", item("/a")).await;
        assert_eq!(one(&server, "govuk:/a").await, "/a: item, 18 bytes", "{status} {waits:?}");
        assert_eq!(server.received_requests().await.unwrap().len(), 3);
    }
}

#[tokio::test]
async fn failures_have_a_stable_reason_and_an_end() {
    for (response, expected, requests) in [
        (ResponseTemplate::new(500), "/a: failed, http_500 (path known)", 3),
        (
            ResponseTemplate::new(429).insert_header("Retry-After", "99999999999"),
            "/a: failed, rate_limited (path known)",
            3,
        ),
        (ResponseTemplate::new(403), "/a: failed, http_403 (path known)", 1),
        (ResponseTemplate::new(304), "/a: failed, http_304 (path known)", 1),
        (
            ResponseTemplate::new(200).set_body_string("x".repeat(1_001)),
            "/a: failed, too_large (path known)",
            1,
        ),
        (
            ResponseTemplate::new(200).set_delay(Duration::from_secs(20)),
            "/a: failed, timeout (path known)",
            3,
        ),
        (ResponseTemplate::new(302), "/a: failed, redirect_broken (path known)", 1),
        (ResponseTemplate::new(404), "/a: gone", 1),
        (ResponseTemplate::new(410), "/a: gone", 1),
    ] {
        let server = MockServer::start().await;
        answer(&server, "/api/content/a", response).await;
        assert_eq!(one(&server, "govuk:/a").await, expected);
        assert_eq!(server.received_requests().await.unwrap().len(), requests, "{expected}");
    }
}

#[tokio::test]
async fn a_publisher_that_is_down_is_left_alone() {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(500)).mount(&server).await;
    let place = tempfile::tempdir().unwrap();
    let list = place.path().join("list");
    let paths: Vec<String> = (0..100).map(|number| format!("/{number}")).collect();
    std::fs::write(&list, paths.join("\n")).unwrap();
    let content = content_of(&server.uri());
    let (told, end) = readings_of(&SourceSpec::GovukList(list), &content, &Known::default()).await;
    assert!(end.unwrap_err().contains("down"));
    assert!(told.len() < 40, "{}", told.len());
}

/// Serves raw bytes to every connection, which no well-behaved server would.
fn raw_server(answer: &'static [u8], hold: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let _ = connection.read(&mut [0; 1024]);
            let _ = connection.write_all(answer);
            std::thread::spawn(move || {
                std::thread::sleep(hold);
                drop(connection);
            });
        }
    });
    address
}

#[tokio::test]
async fn half_a_body_is_no_body() {
    let moment = Duration::from_millis(1);
    for (answer, hold, expected) in [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"base".as_slice(), moment, "truncated"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"bas\r\n",
            moment,
            "truncated",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"base",
            Duration::from_mins(1),
            "timeout",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n{\"base", moment, "too_large"),
        (b"nonsense", moment, "connection"),
    ] {
        let server = raw_server(answer, hold);
        let (told, _) =
            readings_of(&"govuk:/a".parse().unwrap(), &content_of(&server), &Known::default())
                .await;
        assert_eq!(told[1], format!("/a: failed, {expected} (path known)"));
    }
}

#[tokio::test]
async fn redirects_stay_with_the_publisher() {
    let (server, other) = (MockServer::start().await, MockServer::start().await);
    let to = |place: String| ResponseTemplate::new(303).insert_header("Location", place);
    let with_user = server.uri().replace("http://", "http://user@");
    for (from, response) in [
        ("moved", to("/api/content/new".into())),
        ("new", item("/new")),
        ("away", to(format!("{}/api/content/new", other.uri()))),
        ("user", to(format!("{with_user}/api/content/new"))),
        ("file", to("file:///etc/passwd".into())),
        ("loop", to("/api/content/loop2".into())),
        ("loop2", to("/api/content/loop#again".into())),
    ] {
        answer(&server, &format!("/api/content/{from}"), response).await;
    }
    for (path, expected) in [
        ("/moved", "/moved: moved to /new; /moved: item, 20 bytes"),
        ("/away", "/away: failed, host_not_allowed (path known)"),
        ("/user", "/user: failed, host_not_allowed (path known)"),
        ("/file", "/file: failed, host_not_allowed (path known)"),
        ("/loop", "/loop: failed, redirect_loop (path known)"),
    ] {
        assert_eq!(one(&server, &format!("govuk:{path}")).await, expected);
    }
    assert!(other.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_endless_walk_of_redirects_ends() {
    let server = MockServer::start().await;
    for step in 0..20 {
        let next = format!("/api/content/{}", step + 1);
        answer(
            &server,
            &format!("/api/content/{step}"),
            ResponseTemplate::new(302).insert_header("Location", next),
        )
        .await;
    }
    assert_eq!(one(&server, "govuk:/0").await, "/0: failed, redirect_loop (path known)");
    assert!(server.received_requests().await.unwrap().len() < 15);
}

#[tokio::test]
async fn a_page_that_is_known_is_asked_for_only_if_it_changed() {
    let server = MockServer::start().await;
    Mock::given(path("/api/content/a"))
        .and(header("If-None-Match", "\"v1\""))
        // The matcher takes a comma for the border of two values.
        .and(headers("If-Modified-Since", vec!["Wed", "21 Oct 2015 07:28:00 GMT"]))
        .respond_with(ResponseTemplate::new(304))
        .mount(&server)
        .await;
    let new = item("/a")
        .insert_header("ETag", "\"v2\"")
        .insert_header("Last-Modified", "Thu, 22 Oct 2015 07:28:00 GMT");
    answer(&server, "/api/content/a", new).await;
    let date = Some("Wed, 21 Oct 2015 07:28:00 GMT");
    let same = told(&server, "govuk:/a", &known(&[("/a", Some("\"v1\""), date, 1)])).await;
    assert_eq!(same, ["expected 1", "/a: unchanged"]);
    let changed = told(&server, "govuk:/a", &known(&[("/a", Some("\"v0\""), date, 1)])).await;
    assert_eq!(changed[1], "/a: item, 18 bytes \"v2\" Thu, 22 Oct 2015 07:28:00 GMT");
    let before = server.received_requests().await.unwrap().len();
    let seen = told(&server, "govuk:/a", &known(&[("/a", None, None, 2)])).await;
    assert_eq!(seen[1], "/a: unchanged");
    assert_eq!(server.received_requests().await.unwrap().len(), before, "this run had it already");
}

#[tokio::test]
async fn a_sitemap_index_leads_to_pages_and_dates_spare_requests() {
    let server = MockServer::start().await;
    let xml = |text: &str| {
        ResponseTemplate::new(200).set_body_string(text.replace("SERVER", &server.uri()))
    };
    answer(&server, "/sitemap.xml", xml(
        "<sitemapindex><sitemap><loc>SERVER/s1.xml</loc></sitemap><sitemap><loc>SERVER/s2.xml</loc></sitemap>\
         <sitemap><loc>SERVER/sitemap.xml</loc></sitemap><sitemap><loc>https://elsewhere.example/s.xml</loc></sitemap></sitemapindex>",
    )).await;
    answer(&server, "/s1.xml", xml(
        "<urlset><url><loc>SERVER/a</loc><lastmod>2026-01-02</lastmod></url>\
         <url><loc>SERVER/b</loc><lastmod>2026-01-02</lastmod></url><url><loc>https://elsewhere.example/c</loc></url>\
         <url><loc>SERVER/a</loc></url></urlset>",
    )).await;
    answer(&server, "/api/content/a", item("/a")).await;
    answer(&server, "/api/content/b", item("/b")).await;
    let mut told =
        told(&server, "govuk:sitemap", &known(&[("/b", None, Some("2026-01-02"), 1)])).await;
    told.sort();
    insta::assert_snapshot!(told.join("\n"), @r#"
        /a: item, 18 bytes 2026-01-02
        /b: unchanged
        SERVER/s2.xml: failed, http_404
        expected 2
        https://elsewhere.example/c: failed, host_not_allowed
        https://elsewhere.example/s.xml: failed, host_not_allowed
        incomplete
        incomplete
        "#);
}

#[tokio::test]
async fn without_a_sitemap_there_is_nothing_to_read() {
    let server = MockServer::start().await;
    for (content, expected) in [
        (content_of(&server.uri()), "no sitemap"),
        (config::Content { site: String::new(), ..content_of(&server.uri()) }, "content.site"),
        (config::Content { api: "nonsense".into(), ..content_of(&server.uri()) }, "content.api"),
    ] {
        let (_, end) = readings_of(&SourceSpec::GovukSitemap, &content, &Known::default()).await;
        assert!(end.unwrap_err().contains(expected));
    }
}

#[tokio::test]
async fn a_list_names_paths_of_the_publisher() {
    let server = MockServer::start().await;
    answer(&server, "/api/content/a", item("/a")).await;
    let place = tempfile::tempdir().unwrap();
    let list = place.path().join("list");
    let text = format!(
        "# comment\n/a\n\n  {}/a  \nhttps://elsewhere.example/x\nno path\n/missing\n",
        server.uri()
    );
    std::fs::write(&list, text).unwrap();
    let mut told =
        told(&server, &format!("govuk-list:{}", list.display()), &Known::default()).await;
    told.sort();
    let told = told.join("\n").replace(&list.display().to_string(), "LIST");
    insta::assert_snapshot!(told, @r#"
        /a: item, 18 bytes
        /missing: gone
        LIST:5: failed, host_not_allowed
        LIST:6: failed, invalid_path
        expected 2
        "#);
}

#[tokio::test]
async fn html_publications_come_with_their_publication_and_before_it() {
    let server = MockServer::start().await;
    let parent = r#"{"base_path":"/government/publications/p","links":{"children":[
        {"base_path":"/government/publications/p/one","schema_name":"html_publication"},
        {"base_path":"/government/publications/p/two","schema_name":"html_publication"},
        {"base_path":"/elsewhere","schema_name":"html_publication"},
        {"base_path":"/government/publications/p/other","schema_name":"publication"}]}}"#;
    answer(
        &server,
        "/api/content/government/publications/p",
        ResponseTemplate::new(200).set_body_string(parent).insert_header("ETag", "\"p\""),
    )
    .await;
    answer(
        &server,
        "/api/content/government/publications/p/one",
        item("/government/publications/p/one"),
    )
    .await;
    let spec = "govuk:/government/publications/p";
    insta::assert_snapshot!(told(&server, spec, &Known::default()).await.join("\n"), @r#"
        expected 1
        /government/publications/p/one: item, 46 bytes
        /government/publications/p/two: gone
        /government/publications/p: item, 398 bytes "p"
        "#);

    // A publication that was dealt with before an interruption still brings what is kept below it.
    let kept = known(&[
        ("/government/publications/p", None, None, 2),
        ("/government/publications/p/one", None, None, 1),
    ]);
    insta::assert_snapshot!(told(&server, spec, &kept).await.join("\n"), @r#"
        expected 1
        /government/publications/p/one: item, 46 bytes
        /government/publications/p: unchanged
        "#);
}
