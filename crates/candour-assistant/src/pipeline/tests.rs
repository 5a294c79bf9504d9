//! The path as a whole, over a searcher that changes or fails meanwhile.

use std::sync::atomic::{AtomicUsize, Ordering};

use candour_core::{Hit, SearchError, SearchQuery};

use super::*;

/// Serves one snapshot for the first three times it is asked which, and another afterwards.
#[derive(Default)]
struct Changing {
    asked: AtomicUsize,
    searches: AtomicUsize,
    is_empty: bool,
}

impl Searcher for Changing {
    fn search(&self, _: &SearchQuery) -> Result<Vec<Hit>, SearchError> {
        self.searches.fetch_add(1, Ordering::Relaxed);
        if self.is_empty { Err(SearchError::Empty) } else { Ok(Vec::new()) }
    }

    fn snapshot(&self) -> String {
        let is_old = self.asked.fetch_add(1, Ordering::Relaxed) < 2;
        if is_old { "old".to_owned() } else { "new".to_owned() }
    }

    fn public_contacts(&self) -> Arc<PublicContacts> {
        Arc::default()
    }
}

fn ask(searcher: &Arc<Changing>, stages: &mut Vec<&'static str>) -> Result<Outcome, AskError> {
    let searcher: Arc<dyn Searcher> = Arc::clone(searcher) as _;
    let assistant = Assistant::new(searcher, &Config::default());
    let ask = Ask::new("How much is a garden waste subscription?", Timestamp::UNIX_EPOCH);
    assistant.ask(&ask, &mut |event| {
        if let Event::Stage { name, .. } = event {
            stages.push(name);
        }
    })
}

#[test]
fn a_stage_that_failed_is_not_told_of() {
    let searcher = Arc::new(Changing { is_empty: true, ..Changing::default() });
    let mut stages = Vec::new();
    assert!(matches!(ask(&searcher, &mut stages), Err(AskError::Search(SearchError::Empty))));
    assert_eq!(stages, ["screen", "route"]);
}

#[test]
fn an_answer_is_from_one_snapshot() {
    let steady = Arc::new(Changing { asked: AtomicUsize::new(9), ..Changing::default() });
    assert_eq!(ask(&steady, &mut Vec::new()).unwrap().answer.snapshot, "new");
    let changing = Arc::new(Changing::default());
    assert_eq!(ask(&changing, &mut Vec::new()).unwrap().answer.snapshot, "new");
    let searches = |searcher: &Changing| searcher.searches.load(Ordering::Relaxed);
    assert_eq!(searches(&changing), searches(&steady) * 2, "it is searched again");
}
