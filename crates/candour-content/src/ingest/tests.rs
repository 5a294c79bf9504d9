//! Whole ingests, with sources that change, fail and end midway.

mod faults;
mod http;

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use candour_core::EmbedderIdentity;
use candour_store::{DatabaseAddress, Outcome};

use super::*;
use crate::source::tests::impatient;

/// An embedder that counts how often it is asked.
#[derive(Default)]
struct Counting {
    version: u32,
    asked: AtomicU64,
}

impl Embedder for Counting {
    fn identity(&self) -> EmbedderIdentity {
        EmbedderIdentity {
            name: format!("counting-{}", self.version),
            dimensions: 4,
            precision: "i8".into(),
        }
    }

    fn embed(&self, text: &str) -> Vec<f32> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut vector = [0.0; 4];
        for byte in text.bytes() {
            vector[usize::from(byte % 4)] += 1.0;
        }
        let length = vector.iter().map(|number: &f32| number * number).sum::<f32>().sqrt();
        vector.iter().map(|number| number / length.max(1.0)).collect()
    }
}

/// Remembers what it was told.
#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl Progress for Told {
    fn source(&self, source: &SourceSpec, pages: Option<u64>) {
        self.0.lock().unwrap().push(format!("{source}: {pages:?}"));
    }
    fn page(&self, page: &str, outcome: OutcomeKind) {
        self.0.lock().unwrap().push(format!("{page}: {outcome:?}"));
    }
    fn indexing(&self, passages: u64) {
        self.0.lock().unwrap().push(format!("indexing {passages}"));
    }
}

/// A state directory with its database, and a folder of content beside it.
struct Pilot {
    place: tempfile::TempDir,
    database: Database,
    embedder: Arc<Counting>,
    content: config::Content,
    told: Told,
}

impl Pilot {
    async fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("content")).unwrap();
        let database = DatabaseAddress::Sqlite(place.path().join("candour.sqlite"));
        Self {
            database: Database::open(&database).await.unwrap(),
            place,
            embedder: Arc::default(),
            content: config::Content {
                site: "https://www.example.gov.uk".into(),
                ..Default::default()
            },
            told: Told::default(),
        }
    }

    fn state(&self) -> std::path::PathBuf {
        self.place.path().join("state")
    }

    fn folder(&self) -> std::path::PathBuf {
        self.place.path().join("content")
    }

    fn dir(&self) -> SourceSpec {
        SourceSpec::Dir(self.folder())
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        write(&self.folder(), name, text);
    }

    async fn try_run(&self, sources: &[SourceSpec], only: bool) -> Result<Summary, IngestError> {
        let state = self.state();
        let embedder: Arc<dyn Embedder> = Arc::clone(&self.embedder) as _;
        let ingest =
            Ingest { database: &self.database, state: &state, embedder, content: &self.content };
        ingest.run_patiently(sources, only, &self.told, &impatient()).await
    }

    async fn run(&self, sources: &[SourceSpec]) -> Summary {
        self.try_run(sources, false).await.unwrap()
    }

    /// The outcomes of the last run, one a line.
    async fn outcomes(&self) -> String {
        let run = self.database.last_run().await.unwrap().unwrap();
        let line = |outcome: Outcome| {
            let reason = outcome.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
            format!("{}: {:?}{reason}", outcome.page, outcome.kind)
        };
        let outcomes = self.database.outcomes(run.id, None).await.unwrap();
        outcomes.into_iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// The pages that are kept.
    async fn pages(&self) -> Vec<String> {
        let pages = self.database.page_hashes().await.unwrap();
        pages.into_iter().map(|(id, _)| id.0).collect()
    }
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A Content API item.
fn answer(path: &str, words: &str) -> String {
    format!(
        r#"{{"base_path":"{path}","title":"About {path}","schema_name":"answer","document_type":"answer","locale":"en","details":{{"body":"<p>{words} You can ask us about it at any time of the year, by telephone or by post.</p>"}}}}"#
    )
}

fn redirect(path: &str, to: &str) -> String {
    format!(
        r#"{{"base_path":"{path}","schema_name":"redirect","document_type":"redirect","redirects":[{{"path":"{path}","type":"exact","destination":"{to}"}}]}}"#
    )
}

fn gone(path: &str) -> String {
    format!(
        r#"{{"base_path":"{path}","schema_name":"gone","document_type":"gone","details":{{}}}}"#
    )
}

#[tokio::test]
async fn the_first_run_indexes_and_the_second_finds_nothing_to_do() {
    let pilot = Pilot::new().await;
    pilot.write("bins.json", answer("/bins", "Bins are emptied on Mondays."));
    pilot.write(
        "trees.md",
        "# Trees\n\nTrees in a conservation area may not be cut without consent from us.\n",
    );
    pilot.write("notes.txt", "not a page");
    let mut first = pilot.run(&[pilot.dir()]).await;
    assert_eq!((first.pages, first.indexed, first.passages), (3, 2, 2));
    assert_eq!(first.skipped, BTreeMap::from([("unsupported_file".to_owned(), 1)]));
    assert_eq!(first.snapshot.len(), 64);
    let asked = pilot.embedder.asked.load(Ordering::Relaxed);
    let second = pilot.run(&[pilot.dir()]).await;
    assert_eq!(pilot.embedder.asked.load(Ordering::Relaxed), asked, "nothing is embedded twice");
    (first.indexed, first.unchanged, first.seconds) = (0, 2, second.seconds);
    assert_eq!(second, first);
    insta::assert_snapshot!(pilot.outcomes().await, @r#"
        /bins: Unchanged
        /trees: Unchanged
        notes.txt: Skipped (unsupported_file)
        "#);
    let told = pilot
        .told
        .0
        .lock()
        .unwrap()
        .join("\n")
        .replace(&pilot.folder().display().to_string(), "FOLDER");
    insta::assert_snapshot!(told, @r#"
        dir:FOLDER: None
        dir:FOLDER: Some(3)
        notes.txt: Skipped
        /bins: Indexed
        /trees: Indexed
        indexing 2
        dir:FOLDER: None
        dir:FOLDER: Some(3)
        notes.txt: Skipped
        /bins: Unchanged
        /trees: Unchanged
        "#);
}

#[tokio::test]
async fn a_summary_has_these_fields() {
    let pilot = Pilot::new().await;
    pilot.write("a.json", answer("/a", "One."));
    pilot.write("b.json", "{");
    let mut summary = pilot.run(&[pilot.dir()]).await;
    assert!(summary.seconds > 0.0);
    (summary.snapshot, summary.seconds) = ("SNAPSHOT".into(), 0.5);
    insta::assert_snapshot!(serde_json::to_string(&summary).unwrap(), @r#"{"pages":2,"indexed":1,"unchanged":0,"skipped":{},"failed":{"not_json":1},"deleted":0,"passages":1,"snapshot":"SNAPSHOT","seconds":0.5}"#);
    let run = pilot.database.last_run().await.unwrap().unwrap();
    assert!(run.finished_at.is_some());
    assert_eq!(
        serde_json::from_str::<Summary>(&run.summary.unwrap()).unwrap().failed,
        summary.failed
    );
}

#[tokio::test]
async fn changed_moved_and_deleted_pages_are_followed() {
    let pilot = Pilot::new().await;
    for name in ["a", "b", "c", "d", "e"] {
        pilot.write(&format!("{name}.json"), answer(&format!("/{name}"), "As it was."));
    }
    let first = pilot.run(&[pilot.dir()]).await;
    pilot.write("b.json", answer("/b", "As it is now."));
    pilot.write("c.json", gone("/c"));
    pilot.write("d.json", redirect("/d", "/a#part"));
    fs::remove_file(pilot.folder().join("e.json")).unwrap();
    let second = pilot.run(&[pilot.dir()]).await;
    assert_eq!((second.indexed, second.unchanged, second.deleted, second.passages), (1, 1, 3, 2));
    assert_ne!(second.snapshot, first.snapshot);
    assert_eq!(pilot.pages().await, ["/a", "/b"]);
    assert_eq!(
        pilot.database.alias(&PageId("/d".into())).await.unwrap().as_deref(),
        Some("/a#part")
    );
    insta::assert_snapshot!(pilot.outcomes().await, @r#"
        /a: Unchanged
        /b: Indexed
        /c: Deleted (gone)
        /d: Deleted (redirect)
        /e: Deleted (not_at_source)
        "#);
}

#[tokio::test]
async fn pages_of_other_sources_stay_unless_these_are_all() {
    let pilot = Pilot::new().await;
    pilot.write("a.json", answer("/a", "From the folder."));
    let lines = pilot.place.path().join("more.jsonl");
    fs::write(
        &lines,
        [answer("/a", "From the lines."), answer("/b", "From the lines.")].join("\n"),
    )
    .unwrap();
    let lines = SourceSpec::Jsonl(lines);
    let both = pilot.run(&[pilot.dir(), lines.clone(), pilot.dir()]).await;
    assert_eq!((both.indexed, both.skipped.get("superseded"), both.passages), (2, Some(&1), 2));
    let again = pilot.run(&[pilot.dir(), lines]).await;
    assert_eq!((again.indexed, again.unchanged), (0, 2), "the first source keeps the page");
    let folder = pilot.run(&[pilot.dir()]).await;
    assert_eq!((folder.unchanged, folder.deleted, folder.passages), (1, 0, 2));
    let only = pilot.try_run(&[pilot.dir()], true).await.unwrap();
    assert_eq!((only.unchanged, only.deleted, only.passages), (1, 1, 1));
}

#[tokio::test]
async fn another_embedder_makes_all_vectors_anew() {
    let mut pilot = Pilot::new().await;
    pilot.write("a.json", answer("/a", "One."));
    let lines = pilot.place.path().join("more.jsonl");
    fs::write(&lines, answer("/b", "Two.")).unwrap();
    let first = pilot.run(&[pilot.dir(), SourceSpec::Jsonl(lines.clone())]).await;
    pilot.embedder = Arc::new(Counting { version: 1, asked: AtomicU64::new(0) });
    let second = pilot.run(&[pilot.dir()]).await;
    assert_eq!((second.indexed, second.passages), (1, 2));
    assert_ne!(second.snapshot, first.snapshot);
    assert_eq!(pilot.embedder.asked.load(Ordering::Relaxed), 2, "the other source's page too");
    let third = pilot.run(&[SourceSpec::Jsonl(lines)]).await;
    assert_eq!((third.indexed, third.unchanged), (1, 0));
    assert_ne!(third.snapshot, second.snapshot, "a page that is made anew has a new snapshot");
}

#[tokio::test]
async fn the_current_snapshot_and_the_one_before_are_kept() {
    let pilot = Pilot::new().await;
    let mut names = Vec::new();
    for words in ["One.", "Two.", "Three."] {
        pilot.write("a.json", answer("/a", words));
        names.push(pilot.run(&[pilot.dir()]).await.snapshot);
    }
    let folder = pilot.state().join("snapshots");
    let exists: Vec<bool> = names.iter().map(|name| folder.join(name).exists()).collect();
    assert_eq!(exists, [false, true, true]);
}

#[tokio::test]
async fn a_corpus_is_kept_row_by_row() {
    let pilot = Pilot::new().await;
    let corpus = pilot.place.path().join("corpus.jsonl");
    let row = |id: &str, words: &str| {
        format!(
            r#"{{"_id":"{id}","title":"T","text":"Top. {words}","metadata":{{"url":"https://www.gov.uk/t","heading":"Top"}}}}"#
        )
    };
    fs::write(&corpus, [row("t#0", "One is one."), row("t#1", "Two.")].join("\n")).unwrap();
    let summary = pilot.run(&[SourceSpec::Beir(corpus)]).await;
    assert_eq!((summary.pages, summary.indexed, summary.passages), (1, 1, 2));
    let kept = pilot.database.pages_after(None, 10).await.unwrap();
    let prepared = crate::prepared::Prepared::from_bytes(&kept[0].prepared).unwrap();
    let ids: Vec<&str> = prepared.passages.iter().map(|passage| passage.id.as_str()).collect();
    assert_eq!(ids, ["t#0", "t#1"]);
}

#[tokio::test]
async fn the_sample_is_read_without_a_failure() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample/content");
    let pilot = Pilot::new().await;
    let summary = pilot.run(&[SourceSpec::Dir(sample)]).await;
    assert!(summary.failed.is_empty() && summary.indexed > 50, "{summary:?}");
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
async fn real_items_are_read_or_refused_for_a_reason() {
    let items =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/govuk-content-items");
    if !items.exists() {
        eprintln!("skipped: the content items are not on this machine");
        return;
    }
    let pilot = Pilot::new().await;
    let first = pilot.run(&[SourceSpec::Dir(items.clone())]).await;
    assert!(first.indexed > 100 && !first.failed.contains_key("internal_error"), "{first:?}");
    let second = pilot.run(&[SourceSpec::Dir(items)]).await;
    assert_eq!((second.indexed, second.unchanged), (0, first.indexed));
    assert_eq!((&second.snapshot, &second.failed), (&first.snapshot, &first.failed));
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
async fn the_benchmark_corpus_is_whole() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/conditionalqa/corpus.jsonl");
    if !corpus.exists() {
        eprintln!("skipped: the benchmark corpus is not on this machine");
        return;
    }
    let pilot = Pilot::new().await;
    let summary = pilot.run(&[SourceSpec::Beir(corpus)]).await;
    assert_eq!((summary.indexed, summary.passages), (663, 4867));
    assert!(summary.failed.is_empty() && summary.skipped.is_empty());
}
