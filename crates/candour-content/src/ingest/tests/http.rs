//! Ingests from a publisher over HTTP.

use std::time::Duration;

use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

async fn publisher() -> (MockServer, Pilot) {
    // The program does this once, at its start.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = MockServer::start().await;
    let mut pilot = Pilot::new().await;
    pilot.content.api = format!("{}/api/content", server.uri());
    pilot.content.site = server.uri();
    pilot.content.requests_per_second = 10_000.0;
    (server, pilot)
}

async fn serve(server: &MockServer, at: &str, response: ResponseTemplate) {
    Mock::given(method("GET"))
        .and(path(format!("/api/content{at}")))
        .respond_with(response)
        .mount(server)
        .await;
}

fn page(at: &str, words: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_string(answer(at, words))
}

fn list(pilot: &Pilot, paths: &[&str]) -> SourceSpec {
    let file = pilot.place.path().join("paths");
    fs::write(&file, paths.join("\n")).unwrap();
    SourceSpec::GovukList(file)
}

async fn requests(server: &MockServer, at: &str) -> usize {
    let requests = server.received_requests().await.unwrap();
    requests.iter().filter(|request| request.url.path() == format!("/api/content{at}")).count()
}

#[tokio::test]
async fn an_unchanged_page_is_known_by_its_etag_and_else_by_its_bytes() {
    let (server, pilot) = publisher().await;
    Mock::given(header("If-None-Match", "\"1\""))
        .respond_with(ResponseTemplate::new(304))
        .mount(&server)
        .await;
    serve(&server, "/a", page("/a", "Words.").insert_header("ETag", "\"1\"")).await;
    serve(&server, "/b", page("/b", "Words.")).await;
    let source = list(&pilot, &["/a", "/b"]);
    assert_eq!(pilot.run(std::slice::from_ref(&source)).await.indexed, 2);
    let asked = pilot.embedder.asked.load(Ordering::Relaxed);
    let second = pilot.run(&[source]).await;
    assert_eq!((second.indexed, second.unchanged), (0, 2));
    assert_eq!(pilot.embedder.asked.load(Ordering::Relaxed), asked);
}

#[tokio::test]
async fn a_page_that_cannot_be_had_stays_and_one_that_is_gone_goes() {
    let (server, pilot) = publisher().await;
    for at in ["/ill", "/gone", "/moved"] {
        Mock::given(path(format!("/api/content{at}")))
            .respond_with(page(at, "Words."))
            .up_to_n_times(1)
            .mount(&server)
            .await;
    }
    serve(&server, "/ill", ResponseTemplate::new(500)).await;
    serve(&server, "/gone", ResponseTemplate::new(410)).await;
    serve(
        &server,
        "/moved",
        ResponseTemplate::new(303).insert_header("Location", "/api/content/new"),
    )
    .await;
    serve(&server, "/new", page("/new", "Words.")).await;
    let source = list(&pilot, &["/ill", "/gone", "/moved"]);
    assert_eq!(pilot.run(std::slice::from_ref(&source)).await.indexed, 3);
    let second = pilot.run(&[source]).await;
    assert_eq!(second.failed, BTreeMap::from([("http_500".to_owned(), 1)]));
    assert_eq!((second.deleted, second.indexed), (2, 1));
    assert_eq!(pilot.pages().await, ["/ill", "/new"]);
    assert_eq!(
        pilot.database.alias(&PageId("/moved".into())).await.unwrap().as_deref(),
        Some("/new")
    );
}

#[tokio::test]
async fn an_interrupted_run_goes_on_without_asking_again() {
    let (server, pilot) = publisher().await;
    let first: Vec<String> = (0..ledger::OUTCOMES).map(|number| format!("/{number}")).collect();
    let mut paths: Vec<&str> = first.iter().map(String::as_str).collect();
    for at in &paths {
        serve(&server, at, page(at, "Words.")).await;
    }
    // The last page holds the run up until it is given up, as a kill would.
    paths.push("/slow");
    Mock::given(path("/api/content/slow"))
        .respond_with(page("/slow", "Words.").set_delay(Duration::from_mins(1)))
        .up_to_n_times(2)
        .mount(&server)
        .await;
    serve(&server, "/slow", page("/slow", "Words.")).await;
    let source = list(&pilot, &paths);
    let kept = async {
        while pilot.pages().await.len() < first.len() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        biased;
        () = kept => {}
        _ = pilot.run(std::slice::from_ref(&source)) => panic!("the run should have been interrupted"),
    }
    let interrupted = pilot.database.last_run().await.unwrap().unwrap();
    assert_eq!(interrupted.finished_at, None);
    let summary = pilot.run(&[source]).await;
    assert_eq!((summary.indexed, summary.unchanged), (1, first.len() as u64));
    assert_eq!(pilot.database.last_run().await.unwrap().unwrap().id, interrupted.id);
    for at in &first {
        assert_eq!(requests(&server, at).await, 1, "{at}");
    }
    let outcomes = pilot.outcomes().await;
    assert_eq!(
        outcomes.matches("Indexed").count(),
        paths.len(),
        "what was done before still stands"
    );
}

#[tokio::test]
async fn a_sitemap_that_cannot_be_read_whole_deletes_nothing() {
    let (server, pilot) = publisher().await;
    let urls = |paths: &[&str]| {
        let url = |at: &&str| format!("<url><loc>{}{at}</loc></url>", server.uri());
        let urls = paths.iter().map(url).collect::<Vec<_>>().concat();
        ResponseTemplate::new(200).set_body_string(format!("<urlset>{urls}</urlset>"))
    };
    let index = format!(
        "<sitemapindex><sitemap><loc>{0}/1.xml</loc></sitemap><sitemap><loc>{0}/2.xml</loc></sitemap></sitemapindex>",
        server.uri()
    );
    let serve_at = async |at: &str, response: ResponseTemplate, times: u64| {
        Mock::given(path(at)).respond_with(response).up_to_n_times(times).mount(&server).await;
    };
    serve_at("/sitemap.xml", ResponseTemplate::new(200).set_body_string(index), 3).await;
    serve_at("/1.xml", urls(&["/a"]), 3).await;
    serve_at("/2.xml", urls(&["/b"]), 1).await;
    serve_at("/2.xml", ResponseTemplate::new(404), 1).await;
    serve_at("/2.xml", urls(&[]), 1).await;
    serve(&server, "/a", page("/a", "Words.")).await;
    serve(&server, "/b", page("/b", "Words.")).await;
    let source = [SourceSpec::GovukSitemap];
    assert_eq!(pilot.run(&source).await.indexed, 2);
    let second = pilot.run(&source).await;
    assert_eq!((second.deleted, second.passages, second.failed.get("http_404")), (0, 2, Some(&1)));
    let third = pilot.run(&source).await;
    assert_eq!((third.deleted, third.passages), (1, 1));
}
