//! Whole snapshots: built, opened, searched, damaged, swapped.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use candour_core::{
    Audience, ContentHash, EmbedderIdentity, Locale, Nation, Nations, Page, Passage, PassageId,
    SearchError, SearchQuery, Searcher as _, Withdrawal,
};
use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::prepared::Prepared;

/// A page with one passage for each `(heading, text)`.
pub(super) fn page(path: &str, title: &str, passages: &[(&str, &str)]) -> Prepared {
    changed_page(path, title, passages, |_| {})
}

fn changed_page(
    path: &str,
    title: &str,
    passages: &[(&str, &str)],
    change: impl FnOnce(&mut Page),
) -> Prepared {
    let mut page: Page = serde_json::from_value(json!({
        "id": path, "url": format!("https://example.org{path}"), "title": title, "locale": "en",
        "schema": "guide", "document_type": "guide", "scope": {"applies": Nations::ALL},
    }))
    .unwrap();
    change(&mut page);
    let passage = |(number, (heading, text)): (usize, &(&str, &str))| -> Passage {
        serde_json::from_value(json!({
            "id": format!("{path}#{number}"), "page": path, "url": page.url, "text": text,
            "headings": [{"level": 2, "text": heading}], "units": [], "locale": page.locale,
            "scope": page.scope,
        }))
        .unwrap()
    };
    let passages = passages.iter().enumerate().map(passage).collect();
    Prepared::new(page, passages, default_embedder().as_ref())
}

fn council() -> Vec<Prepared> {
    let mut welsh = page(
        "/treth",
        "Treth gyngor",
        &[(
            "Gostyngiadau",
            "Gallwch gael gostyngiad ar y dreth gyngor os ydych yn byw ar eich pen eich hun.",
        )],
    );
    welsh.page.locale = Locale::Cy;
    welsh.passages[0].locale = Locale::Cy;
    vec![
        page(
            "/bins",
            "Bins and recycling",
            &[
                (
                    "Collection days",
                    "We empty green bins every second Tuesday. Call 01632 960 001.",
                ),
                ("Missed bins", "Tell us if your bin was not emptied: bins@example.gov.uk"),
            ],
        ),
        changed_page("/old", "Bins in 2010", &[("", "Bins were collected weekly.")], |page| {
            page.withdrawn = Some(Withdrawal { explanation: "Replaced.".into(), at: None });
        }),
        changed_page("/past", "Bins policy", &[("", "The bins policy of then.")], |page| {
            page.history_mode = true;
        }),
        changed_page(
            "/scot",
            "Council tax reduction in Scotland",
            &[("", "Apply for a council tax reduction in Scotland.")],
            |page| {
                page.scope.applies = [Nation::Scotland].into_iter().collect();
                page.schema = "answer".into();
                page.audiences = BTreeSet::from([Audience::Business]);
                page.updated_at = Some(built_at());
            },
        ),
        page(
            "/tax",
            "Council tax",
            &[
                ("Discounts", "You get 25% off council tax if you live alone."),
                ("Paying", "Pay council tax by direct debit. Fees and exemptions are listed."),
            ],
        ),
        welsh,
    ]
}

fn built_at() -> Timestamp {
    "2026-11-01T00:00:00Z".parse().unwrap()
}

fn name_of(pages: &[Prepared]) -> ContentHash {
    snapshot_name(&hashes_of(pages), "test-1")
}

pub(super) fn hashes_of(pages: &[Prepared]) -> Vec<(PageId, ContentHash)> {
    pages.iter().map(|page| (page.page.id.clone(), hash_of(page))).collect()
}

pub(super) fn hash_of(page: &Prepared) -> ContentHash {
    ContentHash::of(&page.to_bytes())
}

fn builder(state: &Path, pages: &[Prepared]) -> SnapshotBuilder {
    let identity = default_embedder().identity();
    let mut builder =
        SnapshotBuilder::create(state, &name_of(pages), "test-1", identity, built_at()).unwrap();
    for page in pages {
        builder.add(page, &hash_of(page)).unwrap();
    }
    builder
}

pub(super) fn build(state: &Path, pages: &[Prepared]) -> IndexStatistics {
    builder(state, pages).finish().unwrap()
}

pub(super) fn open(state: &Path) -> LiveIndex {
    LiveIndex::open(state, default_embedder()).unwrap()
}

fn found(index: &LiveIndex, query: &SearchQuery) -> Vec<String> {
    index.search(query).unwrap().into_iter().map(|hit| hit.passage.id.0.clone()).collect()
}

fn folder_of(state: &Path, name: &str) -> PathBuf {
    state.join("snapshots").join(name)
}

#[test]
fn a_snapshot_gives_back_what_was_added() {
    let state = tempfile::tempdir().unwrap();
    let pages = council();
    let statistics = build(state.path(), &pages);
    assert_eq!(current(state.path()).unwrap(), Some(statistics.snapshot.clone()));
    let index = open(state.path());
    assert_eq!(index.snapshot(), statistics.snapshot);
    assert_eq!(index.statistics().unwrap(), statistics);
    assert_eq!((statistics.pages, statistics.passages), (6, 8));
    for prepared in &pages {
        assert_eq!(*index.page(&prepared.page.id).unwrap(), prepared.page);
        for passage in &prepared.passages {
            assert_eq!(*index.passage(&passage.id).unwrap(), *passage);
        }
    }
    assert!(index.page(&PageId("/none".into())).is_none());
    assert!(index.passage(&PassageId("/none#0".into())).is_none());
    let contacts = index.public_contacts();
    assert!(contacts.has_phone("01632960001") && contacts.has_email("bins@example.gov.uk"));
}

#[test]
fn a_question_finds_its_passage_and_says_how_well() {
    let state = tempfile::tempdir().unwrap();
    build(state.path(), &council());
    let index = open(state.path());
    let hits = index
        .search(&SearchQuery::new("Do I get a discount on council tax if I live alone?", 10))
        .unwrap();
    assert_eq!(hits[0].passage.id.0, "/tax#0");
    assert!(
        hits[0].coverage > 0.9,
        "discounts, council, tax, live and alone: {}",
        hits[0].coverage
    );
    assert!(hits[0].similarity > 0.3 && hits[0].similarity <= 1.0, "{}", hits[0].similarity);
    assert!(hits.is_sorted_by(|a, b| a.score >= b.score));
    assert!(hits.last().unwrap().coverage < hits[0].coverage);
    assert_eq!(found(&index, &SearchQuery::new("discount", 1)).len(), 1);
    let groups = group_by_page(&hits);
    assert_eq!(groups[0][0].page.id.0, "/tax");
    assert_eq!(groups.iter().map(Vec::len).sum::<usize>(), hits.len());
    // No word is spelt as in any passage.
    assert_eq!(found(&index, &SearchQuery::new("recyclin colections binz", 1)), ["/bins#0"]);
}

#[test]
fn filters_are_kept() {
    let state = tempfile::tempdir().unwrap();
    build(state.path(), &council());
    let index = open(state.path());
    let check =
        |text: &str, change: &dyn Fn(&mut SearchQuery), wanted: &[&str], unwanted: &[&str]| {
            let mut query = SearchQuery::new(text, 50);
            change(&mut query);
            let found = found(&index, &query);
            for id in wanted {
                assert!(found.iter().any(|f| f == id), "{text}: {id} in {found:?}");
            }
            for id in unwanted {
                assert!(found.iter().all(|f| f != id), "{text}: {id} not in {found:?}");
            }
        };
    check("bins", &|_| {}, &["/bins#0"], &["/old#0", "/past#0"]);
    check("bins", &|q| q.include_withdrawn = true, &["/bins#0", "/old#0", "/past#0"], &[]);
    let since = |q: &mut SearchQuery| q.updated_since = Some(built_at());
    check("council tax", &since, &["/scot#0"], &["/tax#0"]);
    check("council tax reduction", &|q| q.nation = Some(Nation::Wales), &["/tax#0"], &["/scot#0"]);
    check(
        "council tax reduction",
        &|q| q.nation = Some(Nation::Scotland),
        &["/tax#0", "/scot#0"],
        &[],
    );
    for (audience, wanted, unwanted) in [
        (Audience::Business, &["/tax#0", "/scot#0"][..], &[][..]),
        (Audience::Individual, &["/tax#0"], &["/scot#0"]),
    ] {
        check("council tax reduction", &|q| q.audience = Some(audience), wanted, unwanted);
    }
    assert_eq!(index.audiences(), BTreeSet::from([Audience::Business]));
    check(
        "council tax",
        &|q| q.schema = Some("answer".into()),
        &["/scot#0"],
        &["/tax#0", "/treth#0"],
    );
    check(
        "gostyngiad ar y dreth gyngor",
        &|q| q.locale = Some(Locale::Cy),
        &["/treth#0"],
        &["/tax#0"],
    );
    check("council tax", &|q| q.locale = Some(Locale::En), &["/tax#0"], &["/treth#0"]);
    check(
        "council tax",
        &|q| q.locale = Some(Locale::Other("fr".into())),
        &[],
        &["/tax#0", "/treth#0"],
    );
}

#[test]
fn a_welsh_question_finds_the_welsh_page_first() {
    let state = tempfile::tempdir().unwrap();
    build(state.path(), &council());
    let hits = open(state.path())
        .search(&SearchQuery::new("Sut mae cael gostyngiad ar y dreth gyngor?", 5))
        .unwrap();
    assert_eq!(hits[0].passage.id.0, "/treth#0");
    assert!(hits[0].coverage > 0.8, "{}", hits[0].coverage);
}

#[test]
fn no_question_is_query_syntax_and_none_is_too_long() {
    let state = tempfile::tempdir().unwrap();
    build(state.path(), &council());
    let index = open(state.path());
    for text in [
        "\"council tax\"",
        "council:tax",
        "council^9 tax~2",
        "council* tax?",
        "(council AND tax) OR NOT bins",
        "+council -tax",
        "council\u{0}tax\u{7}\u{1b}[0m",
        "title_english:council tax",
        "[council TO tax]",
        "\\council\\tax",
        "council tax \u{e0041}\u{202e}",
    ] {
        let found = found(&index, &SearchQuery::new(text, 20));
        assert!(found.iter().any(|id| id == "/tax#0"), "{text:?}: {found:?}");
    }
    for text in ["", "   ", "\u{0}", "?!*", "\"", ":"] {
        assert!(found(&index, &SearchQuery::new(text, 20)).is_empty(), "{text:?}");
    }
    // Common words are looked for when there is nothing else.
    assert!(!found(&index, &SearchQuery::new("if you", 20)).is_empty());
    assert!(found(&index, &SearchQuery::new("council", 0)).is_empty());
    let long: String =
        (0..150_000).flat_map(|n| ["word".to_owned(), n.to_string(), " ".to_owned()]).collect();
    assert!(long.len() > 1 << 20);
    assert!(
        !found(&index, &SearchQuery::new(format!("council tax {long}"), usize::MAX)).is_empty()
    );
}

#[test]
fn strange_questions_and_repetitive_guidance_are_answered_sensibly() {
    let state = tempfile::tempdir().unwrap();
    let mut pages = council();
    let alike = vec![("Fees", "The fee for a copy is £12.50."); 1000];
    pages.push(page("/alike", "Copies of certificates", &alike));
    build(state.path(), &pages);
    let index = open(state.path());
    let copies = found(&index, &SearchQuery::new("What is the fee for a copy?", 20));
    assert_eq!(copies.len(), 20);
    assert!(copies.iter().all(|id| id.starts_with("/alike#")), "{copies:?}");
    assert_eq!(copies, found(&index, &SearchQuery::new("What is the fee for a copy?", 20)));
    for (text, first) in [
        ("\u{1f600}\u{1f600}", None),
        ("\u{1f600} council tax discount", Some("/tax#0")),
        ("налог council tax discount 税", Some("/tax#0")),
        ("COUNCIL TAX DISCOUNT", Some("/tax#0")),
        ("of the and", None),
    ] {
        let found = found(&index, &SearchQuery::new(text, 5));
        assert_eq!(found.first().map(String::as_str).filter(|_| first.is_some()), first, "{text}");
    }
    let long = "council tax discount ".repeat(5_000);
    assert_eq!(found(&index, &SearchQuery::new(long, 5))[0], "/tax#0");
}

#[test]
fn before_the_first_ingest_there_is_nothing_and_no_error() {
    let state = tempfile::tempdir().unwrap();
    let index = open(state.path());
    assert!(matches!(index.search(&SearchQuery::new("tax", 5)), Err(SearchError::Empty)));
    assert_eq!((index.snapshot(), index.statistics()), (String::new(), None));
    assert!(!index.refresh().unwrap());
    // A snapshot of nothing can be served too.
    build(state.path(), &[]);
    assert!(index.refresh().unwrap());
    assert!(found(&index, &SearchQuery::new("tax", 5)).is_empty());
}

#[test]
fn a_damaged_file_is_named() {
    let state = tempfile::tempdir().unwrap();
    let statistics = build(state.path(), &council());
    let folder = folder_of(state.path(), &statistics.snapshot);
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.retain(|name| Path::new(name).extension().is_none_or(|end| end != "lock"));
    assert!(names.len() > 6, "{names:?}");
    for name in names {
        let path = folder.join(&name);
        let whole = fs::read(&path).unwrap();
        let mut changed = whole.clone();
        // A digit of the manifest's own counts, or any byte of another file.
        let at = if name == "manifest.json" {
            String::from_utf8_lossy(&whole).find("\"passages\": 8").unwrap() + 12
        } else {
            whole.len() / 2
        };
        changed[at] ^= 1;
        for damage in [Some(changed), (name != "manifest.json").then(|| whole[..at].to_vec())] {
            fs::write(&path, damage.unwrap_or_default()).unwrap();
            match LiveIndex::open(state.path(), default_embedder()) {
                Err(IndexError::Damaged { snapshot, file, expected, found }) => {
                    assert_eq!((snapshot, file), (statistics.snapshot.clone(), name.clone()));
                    assert_ne!(expected, found);
                }
                other => panic!("{name}: {:?}", other.err()),
            }
        }
        fs::remove_file(&path).unwrap();
        let missing = LiveIndex::open(state.path(), default_embedder()).err();
        assert!(
            matches!(&missing, Some(IndexError::Damaged { file, .. }) if *file == name),
            "{name} missing: {missing:?}"
        );
        fs::write(&path, whole).unwrap();
        assert!(LiveIndex::open(state.path(), default_embedder()).is_ok(), "{name} restored");
    }
}

#[test]
fn a_damaged_new_snapshot_leaves_the_old_one_serving() {
    let state = tempfile::tempdir().unwrap();
    let old = build(state.path(), &council());
    let index = open(state.path());
    let new = build(state.path(), &council()[..3]);
    let vectors = folder_of(state.path(), &new.snapshot).join("vectors-0.i8");
    fs::write(&vectors, b"nonsense").unwrap();
    assert!(matches!(index.refresh(), Err(IndexError::Damaged { .. })));
    assert_eq!(index.snapshot(), old.snapshot);
    assert!(!found(&index, &SearchQuery::new("council tax", 5)).is_empty());
    // Building it again repairs it.
    build(state.path(), &council()[..3]);
    assert!(index.refresh().unwrap());
    assert_eq!(index.snapshot(), new.snapshot);
}

#[test]
fn another_embedder_is_refused_by_name() {
    struct Other;
    impl Embedder for Other {
        fn identity(&self) -> EmbedderIdentity {
            EmbedderIdentity { name: "other-1".into(), dimensions: 384, precision: "i8".into() }
        }
        fn embed(&self, _: &str) -> Vec<f32> {
            vec![0.0; 384]
        }
    }
    let state = tempfile::tempdir().unwrap();
    build(state.path(), &council());
    let error = LiveIndex::open(state.path(), Arc::new(Other)).err().unwrap();
    // Every training gives the embedder another name.
    let error = error.to_string().replace(&default_embedder().identity().name, "bilingual-1");
    insta::assert_snapshot!(error, @"the snapshot was built with the embedder bilingual-1 (256 dimensions, i8), but other-1 (384 dimensions, i8) is configured; run `candour ingest` to build it again");
    // Nor can vectors of other dimensions be added.
    let identity = EmbedderIdentity { name: "n".into(), dimensions: 3, precision: "i8".into() };
    let name = ContentHash::of(b"x");
    let mut builder =
        SnapshotBuilder::create(state.path(), &name, "test-1", identity, built_at()).unwrap();
    assert!(
        matches!(builder.add(&council()[0], &name), Err(IndexError::Vectors { page }) if page == "/bins")
    );
}

#[test]
fn an_ingest_killed_anywhere_leaves_the_old_snapshot_serving() {
    let state = tempfile::tempdir().unwrap();
    let old = build(state.path(), &council());
    let whole = |count: usize| {
        let entries = fs::read_dir(state.path().join("snapshots")).unwrap();
        let names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(names.iter().filter(|name| name.len() == 64).count(), count, "{names:?}");
        names.into_iter().filter(|name| name.starts_with(".building")).count()
    };
    // Killed while building.
    drop(builder(state.path(), &council()[..2]));
    assert_eq!(whole(1), 1);
    assert_eq!(current(state.path()).unwrap().as_ref(), Some(&old.snapshot));
    assert_eq!(open(state.path()).snapshot(), old.snapshot);
    // Killed after the new folder has its name, before `current` names it.
    let new = build(state.path(), &council()[..2]);
    assert_eq!(whole(2), 0, "what was left behind is gone");
    fs::write(state.path().join("snapshots/current"), &old.snapshot).unwrap();
    fs::write(state.path().join("snapshots/.building-current"), "half a na").unwrap();
    assert_eq!(open(state.path()).snapshot(), old.snapshot);
    // The next ingest takes the same way again.
    assert_eq!(build(state.path(), &council()[..2]), new);
    assert_eq!(open(state.path()).snapshot(), new.snapshot);
    assert_eq!(whole(2), 0);
}

#[test]
fn only_the_current_and_the_previous_snapshot_are_kept() {
    let state = tempfile::tempdir().unwrap();
    let names: Vec<String> =
        (1..=4).map(|count| build(state.path(), &council()[..count]).snapshot).collect();
    fs::create_dir(state.path().join("snapshots/notes")).unwrap();
    // The same again changes nothing.
    build(state.path(), &council()[..4]);
    let kept: Vec<bool> = names.iter().map(|name| folder_of(state.path(), name).exists()).collect();
    assert_eq!(kept, [false, false, true, true]);
    assert!(state.path().join("snapshots/notes").exists(), "what is not ours is left alone");
}

#[test]
fn the_name_covers_pages_and_versions_in_any_order() {
    let page = |path: &str, text: &str| (PageId(path.into()), ContentHash::of(text.as_bytes()));
    let name = snapshot_name(&[page("/a", "1"), page("/b", "2")], "v1");
    assert_eq!(name, snapshot_name(&[page("/b", "2"), page("/a", "1")], "v1"));
    for (pages, version) in [
        (vec![page("/a", "1"), page("/b", "2")], "v2"),
        (vec![page("/a", "1"), page("/b", "3")], "v1"),
        (vec![page("/a", "1"), page("/c", "2")], "v1"),
        (vec![page("/a", "1")], "v1"),
    ] {
        assert_ne!(name, snapshot_name(&pages, version));
    }
}

#[test]
fn two_builds_of_the_same_pages_rank_alike() {
    let questions = ["council tax discount", "bins", "dreth", "apply", "colection of recyclng"];
    let ranking = || {
        let state = tempfile::tempdir().unwrap();
        build(state.path(), &council());
        let index = open(state.path());
        let hits = questions.map(|text| index.search(&SearchQuery::new(text, 20)).unwrap());
        hits.concat()
            .iter()
            .map(|hit| (hit.passage.id.0.clone(), hit.score.to_bits()))
            .collect::<Vec<_>>()
    };
    let first = ranking();
    assert!(first.len() > 10);
    assert_eq!(first, ranking());
}

#[test]
fn passages_that_fit_alike_are_in_the_order_of_their_names() {
    let state = tempfile::tempdir().unwrap();
    let pages: Vec<Prepared> =
        ["/c", "/a", "/b"].map(|path| page(path, "Fees", &[("", "The fee is £9.")])).into();
    build(state.path(), &pages);
    let query = SearchQuery::new("fee", 10);
    assert_eq!(found(&open(state.path()), &query), ["/a#0", "/b#0", "/c#0"]);
}

#[test]
fn searching_goes_on_while_snapshots_are_swapped() {
    let state = tempfile::tempdir().unwrap();
    build(state.path(), &council());
    let index = open(state.path());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut searches = 0;
                while !done.load(Ordering::Relaxed) || searches == 0 {
                    let hits = index.search(&SearchQuery::new("council tax", 5)).unwrap();
                    assert!(hits.iter().any(|hit| hit.page.id.0 == "/tax"));
                    searches += 1;
                }
            });
        }
        for round in 0..6 {
            let mut pages = council();
            pages.truncate(if round % 2 == 0 { 5 } else { 6 });
            let statistics = build(state.path(), &pages);
            assert!(index.refresh().unwrap());
            assert_eq!(index.snapshot(), statistics.snapshot);
        }
        done.store(true, Ordering::Relaxed);
    });
}
