//! A pilot to test with, and the tests of what every response has in common.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use candour_assistant::Assistant;
use candour_content::index::{LiveIndex, default_embedder};
use candour_content::ingest::{Ingest, Progress};
use candour_content::source::SourceSpec;
use candour_core::Config;
use candour_store::{Database, DatabaseAddress, OutcomeKind};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::site::Site;
use crate::trace::NewModels;
use crate::{App, router};

/// A pilot with the sample's guidance and a database of its own.
pub(crate) struct Pilot {
    pub(crate) router: Router,
    pub(crate) site: Arc<Site>,
    pub(crate) folder: TempDir,
}

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The cookie that was set, as a browser sends it back.
    pub(crate) fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }
}

impl Pilot {
    pub(crate) async fn new() -> Self {
        Self::with(sample_config(), sample_index()).await
    }

    /// A pilot into which nothing has been ingested.
    pub(crate) async fn empty() -> Self {
        let state = tempfile::tempdir().unwrap();
        let index = LiveIndex::open(state.path(), default_embedder()).unwrap();
        Self::with(sample_config(), Arc::new(index)).await
    }

    pub(crate) async fn with(config: Config, index: Arc<LiveIndex>) -> Self {
        let assistant = Assistant::new(Arc::clone(&index) as _, &config);
        Self::of(config, index, assistant).await
    }

    /// The same with an assistant of the test's own.
    pub(crate) async fn of(config: Config, index: Arc<LiveIndex>, assistant: Assistant) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = DatabaseAddress::in_state(folder.path());
        let database = Database::open(&address).await.unwrap();
        let app = App::new(config, assistant, index, database);
        let site = Arc::clone(&app.site);
        Self { router: router(app), site, folder }
    }

    /// Keeps a turn that nobody asked.
    pub(crate) async fn keep(&self, turn: &candour_core::Turn) {
        let receipt =
            crate::asking::receipt(&self.site, turn, BTreeMap::new(), None, NewModels::default())
                .unwrap();
        self.site.database.record_turn(turn, &receipt).await.unwrap();
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 22).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Reply { status: parts.status, headers: parts.headers, text }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.get_as(path, "").await
    }

    pub(crate) async fn get_as(&self, path: &str, cookie: &str) -> Reply {
        let request = Request::get(path).header(header::COOKIE, cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a form, each of its fields percent-encoded to the last byte.
    pub(crate) async fn post(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Reply {
        let encode = |text: &str| {
            text.bytes().fold(String::new(), |encoded, byte| format!("{encoded}%{byte:02X}"))
        };
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookie);
        self.send(request.body(Body::from(pairs.join("&"))).unwrap()).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &str) -> Reply {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// Asks a question as a page does, and gives the reader's cookie.
    pub(crate) async fn ask(&self, question: &str) -> String {
        let reply = self.post("/ask", "", &[("question", question)]).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text);
        reply.cookie()
    }
}

/// The configuration of the sample pilot.
pub(crate) fn sample_config() -> Config {
    let text = std::fs::read_to_string(sample().join("candour.toml")).unwrap();
    let mut config = Config::resolve(&text, &std::collections::BTreeMap::new()).unwrap();
    config.serve.questions_per_minute = 1000;
    config
}

/// The sample's guidance, ingested once for all tests.
pub(crate) fn sample_index() -> Arc<LiveIndex> {
    static INDEX: OnceLock<(TempDir, Arc<LiveIndex>)> = OnceLock::new();
    let build = || {
        let state = tempfile::tempdir().unwrap();
        let path = state.path().to_owned();
        // Tests run on runtimes of their own, which this must outlive.
        std::thread::spawn(move || ingest(&path)).join().unwrap();
        let index = LiveIndex::open(state.path(), default_embedder()).unwrap();
        (state, Arc::new(index))
    };
    Arc::clone(&INDEX.get_or_init(build).1)
}

#[tokio::main(flavor = "current_thread")]
async fn ingest(state: &Path) {
    let database = Database::open(&DatabaseAddress::in_state(state)).await.unwrap();
    let config = sample_config();
    let embedder = default_embedder();
    let ingest = Ingest { database: &database, state, embedder, content: &config.content };
    let sources = [SourceSpec::Dir(sample().join("content"))];
    let summary = ingest.run(&sources, true, &Silent).await.unwrap();
    assert!(summary.passages > 100, "{summary:?}");
    database.close().await;
}

struct Silent;

impl Progress for Silent {
    fn source(&self, _: &SourceSpec, _: Option<u64>) {}
    fn page(&self, _: &str, _: OutcomeKind) {}
    fn indexing(&self, _: u64) {}
}

fn sample() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample")
}

#[tokio::test]
async fn every_response_has_the_headers_that_protect_readers() {
    let pilot = Pilot::new().await;
    let asset = format!("{}/app.css", crate::asset::folder());
    for path in ["/", "/cy/about", "/nowhere", "/api/v1/health", "/api/v1/nowhere", &asset] {
        let reply = pilot.get(path).await;
        assert_eq!(
            reply.header("content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
             font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'",
            "{path}"
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-robots-tag", "noindex, nofollow"),
        ] {
            assert_eq!(reply.header(name), value, "{path}");
        }
        assert!(!reply.header("permissions-policy").is_empty(), "{path}");
        assert_eq!(reply.header("x-request-id").len(), 16, "{path}");
        let cache = reply.header("cache-control");
        assert_eq!(cache.contains("immutable"), path == asset, "{path}: {cache}");
        assert_eq!(cache == "no-store", path != asset, "{path}: {cache}");
    }
}

#[tokio::test]
async fn an_asset_of_an_earlier_version_is_served_but_not_kept() {
    let pilot = Pilot::empty().await;
    let reply = pilot.get("/assets/0123456789ab/app.js").await;
    assert_eq!((reply.status, reply.header("cache-control")), (StatusCode::OK, "no-cache"));
    assert_eq!(pilot.get("/assets/x/..%2fsecret").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn other_sites_cannot_post() {
    let pilot = Pilot::new().await;
    for (method, path) in [
        (Method::POST, "/ask"),
        (Method::POST, "/conversation/delete"),
        (Method::POST, "/api/v1/ask"),
        (Method::DELETE, "/api/v1/conversations/0e9d2c8a-9a4b-4c8e-8f0e-2f6a5b9c7d11"),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("sec-fetch-site", "cross-site")
            .header(header::ORIGIN, "https://evil.example");
        let reply = pilot.send(request.body(Body::from("question=hello")).unwrap()).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn too_many_questions_are_asked_to_wait() {
    let mut config = sample_config();
    config.serve.questions_per_minute = 1;
    let pilot = Pilot::with(config, sample_index()).await;
    pilot.ask("How much is a garden waste subscription?").await;
    let page = pilot.post("/ask", "", &[("question", "And a second?")]).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.text.contains("<h1 class=\"govuk-heading-l\">You have asked many questions"));
    let seconds: u64 = page.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    let api = pilot.post_json("/api/v1/ask", r#"{"question":"And a third?"}"#).await;
    assert_eq!(api.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(api.json()["error"]["code"], "too_many_questions");
    let feedback = "/api/v1/answers/00000000-0000-4000-8000-000000000000/feedback";
    for (path, body) in
        [("/api/v1/search", r#"{"text":"bins"}"#), (feedback, r#"{"verdict":"useful"}"#)]
    {
        let status = pilot.post_json(path, body).await.status;
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{path}");
    }
    let form = pilot.post("/feedback", "", &[("verdict", "useful")]).await;
    assert_eq!(form.status, StatusCode::TOO_MANY_REQUESTS);
}

/// A question over the limit is not read, and may be a call for help.
#[tokio::test]
async fn who_must_wait_is_told_whom_to_call() {
    let mut config = sample_config();
    config.serve.questions_per_minute = 1;
    let pilot = Pilot::with(config, sample_index()).await;
    pilot.ask("How much is a garden waste subscription?").await;
    let [english, welsh] = ["call Samaritans on 116 123", "ffoniwch y Samariaid ar 116 123"];
    let danger = [("question", "I want to die")];
    for (path, first, second) in [
        ("/ask", english, welsh),
        ("/ask/stream", english, welsh),
        ("/cy/ask", welsh, english),
        ("/cy/ask/stream", welsh, english),
    ] {
        let page = pilot.post(path, "", &danger).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
        let at = |words: &str| page.text.find(words).unwrap_or(usize::MAX);
        assert!(at(first) < at(second) && at(second) < at("<h1"), "{path}: {}", page.text);
        assert!(page.text.contains("999"), "{path}");
    }
    let chat = r#"{"model":"assistant","messages":[{"role":"user","content":"I want to die"}]}"#;
    let question = r#"{"question":"I want to die"}"#;
    for (path, body) in [
        ("/api/v1/ask", question),
        ("/api/v1/ask/stream", question),
        ("/v1/chat/completions", chat),
    ] {
        let reply = pilot.post_json(path, body).await;
        assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
        let message = reply.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
        for words in [english, welsh, "999", "Retry-After"] {
            assert!(message.contains(words), "{path}: {message}");
        }
    }
    let other = pilot.get("/nothing-here").await;
    assert!(!other.text.contains("116 123"), "{}", other.text);
}

#[tokio::test]
async fn a_panic_is_one_failed_request() {
    let pilot = Pilot::empty().await;
    let failed = crate::asking::compute(&pilot.site, || panic!("a test")).await;
    assert_eq!(failed.map(|()| 0).unwrap_err().code, crate::failure::Code::Internal);
    assert_eq!(pilot.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_reader_who_goes_away_frees_no_place_before_the_work_is_done() {
    let pilot = Pilot::empty().await;
    let places = pilot.site.computations.available_permits();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (finish, may_finish) = std::sync::mpsc::channel::<()>();
    let site = Arc::clone(&pilot.site);
    let reader = tokio::spawn(async move {
        let work = move || {
            begun.send(()).unwrap();
            let _ = may_finish.recv();
        };
        crate::asking::compute(&site, work).await
    });
    has_begun.await.unwrap();
    reader.abort();
    assert!(reader.await.unwrap_err().is_cancelled());
    assert_eq!(pilot.site.computations.available_permits(), places - 1);
    finish.send(()).unwrap();
    let all = pilot.site.computations.acquire_many(u32::try_from(places).unwrap()).await;
    assert!(all.is_ok());
}

#[tokio::test]
async fn what_is_too_old_is_deleted() {
    let pilot = Pilot::new().await;
    let cookie = pilot.ask("How much is a garden waste subscription?").await;
    let id = candour_core::ConversationId::parse(cookie.split('=').nth(1).unwrap()).unwrap();
    let mut turn = pilot.site.database.conversation(id, 1).await.unwrap().remove(0);
    turn.id = candour_core::AnswerId::from_random([1; 16]);
    turn.conversation = candour_core::ConversationId::from_random([2; 16]);
    turn.asked_at -= jiff::SignedDuration::from_hours(24 * 91);
    pilot.keep(&turn).await;
    crate::housekeeping::purge_once(&pilot.site).await;
    assert!(pilot.site.database.conversation(turn.conversation, 1).await.unwrap().is_empty());
    assert_eq!(pilot.site.database.conversation(id, 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn fifty_readers_at_once_are_all_answered() {
    let pilot = Arc::new(Pilot::new().await);
    let mut readers = tokio::task::JoinSet::new();
    for number in 0..50 {
        let pilot = Arc::clone(&pilot);
        readers.spawn(async move {
            let body =
                format!(r#"{{"question":"How much is a parking permit for car {number}?"}}"#);
            pilot.post_json("/api/v1/ask", &body).await.status
        });
    }
    let statuses = readers.join_all().await;
    assert!(statuses.iter().all(|status| *status == StatusCode::OK), "{statuses:?}");
}

#[tokio::test]
async fn the_server_stops_when_told_and_finishes_what_it_began() {
    let pilot = Pilot::new().await;
    let app = App { site: Arc::clone(&pilot.site), tracing: None };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(crate::serve(listener, app, async {
        let _ = stopped.await;
    }));
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = "GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut connection, request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut connection, &mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 200") && reply.contains(r#"{"status":"ok"}"#), "{reply}");
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
    assert!(pilot.site.tasks.is_empty());
}
