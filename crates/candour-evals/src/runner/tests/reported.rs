//! Reports of runs that are not complete, or were and go on.

use super::*;
use crate::compare::{Adjustment, JudgedScores, Plan};
use crate::report::{ComparisonReport, ReportError, RunReport, Source, csv};
use crate::scored::Reading;
use crate::statistics::Confidence;

fn report(source: &Source) -> RunReport {
    RunReport::read(source, &Reading::default(), Confidence::P95).unwrap()
}

/// Whether a report takes a run for unfinished, and how many samples it finds there.
fn unfinished(folder: &Path) -> (bool, usize) {
    let report = report(&Source::open(folder).unwrap());
    (report.is_unfinished, report.samples)
}

/// The figures and the log of an earlier part of a run are not those of the run that goes on.
#[tokio::test]
async fn what_a_run_left_at_its_end_counts_no_more_when_it_goes_on() {
    let place = Place::new(&["yes", "refused", "refused"], "");
    let run = place.run("r", target(&Arc::default()));
    go(&run).await.unwrap();
    let file = |name: &str| run.folder.join(name);
    fs::write(file("result.json"), "{}").unwrap();
    let log = fs::read(file(LOG)).unwrap();
    let stop = Arc::new(AtomicBool::new(true));
    let again = Run { retry_errors: true, ..run.clone() };
    assert_eq!(again.run(&stop, Arc::new(Deaf)).await.unwrap().ending, "stopped");
    let now = crate::inspect_log::read_header(&file(LOG)).unwrap().status;
    assert_eq!(now, crate::inspect_log::Status::Cancelled);
    assert!(!file("result.json").exists());
    assert_eq!(fs::read(file("log.eval.earlier")).unwrap(), log, "nothing is lost");
    assert_eq!(fs::read_to_string(file("result.json.earlier")).unwrap(), "{}");
    assert_eq!(unfinished(&run.folder), (true, 3));
    assert!(go(&run).await.unwrap().is_complete());
    assert_eq!(unfinished(&run.folder), (false, 3));
    // An earlier version of the program left a log beside the figures of a run that had stopped.
    let outcome = r#"{"kind":"run","title":"n","made_at":"1970-01-01T00:00:00Z","program":"0.1.0","result":{"ending":"stopped"}}"#;
    fs::write(file("result.json"), outcome).unwrap();
    assert_eq!(unfinished(&run.folder), (true, 3));
}

/// A report is of one moment, however often it reads a journal to which more is added meanwhile.
#[tokio::test]
async fn a_report_of_a_run_that_goes_on_is_of_one_moment() {
    let place = Place::new(&["yes", "no", "yes"], "");
    let run = place.run("r", target(&Arc::default()));
    go(&run).await.unwrap();
    fs::remove_file(run.folder.join(LOG)).unwrap();
    let whole = fs::read_to_string(place.journal("r")).unwrap();
    let last = whole.trim_end().rfind('\n').unwrap() + 1;
    fs::write(place.journal("r"), &whole[..last]).unwrap();
    let source = Source::open(&run.folder).unwrap();
    assert_eq!(report(&source).samples, 2);
    fs::write(place.journal("r"), &whole).unwrap();
    let reports = [report(&source)];
    let mut rows = Vec::new();
    csv(&[source], &reports, &mut rows).unwrap();
    let rows = String::from_utf8(rows).unwrap();
    assert_eq!((reports[0].samples, rows.lines().count()), (2, 3), "{rows}");
    assert_eq!(unfinished(&run.folder), (true, 3), "and one that begins later is of all");
}

/// A journal has no words of questions, so that only those of one suite are known to be alike.
#[tokio::test]
async fn runs_that_are_not_complete_are_compared_within_one_suite_alone() {
    let place = Place::new(&["yes", "yes", "no"], "");
    let other = Place::new(&["no", "yes", "other"], "");
    for (place, name) in [(&place, "one"), (&place, "two"), (&other, "three")] {
        go(&place.run(name, target(&Arc::default()))).await.unwrap();
    }
    let at = |place: &Place, name: &str| place.0.path().join(name);
    let cut = |folder: PathBuf| fs::remove_file(folder.join(LOG)).unwrap();
    cut(at(&place, "one"));
    let plan = Plan {
        family: Vec::new(),
        adjustment: Adjustment::Holm,
        declared: None,
        confidence: Confidence::P95,
        allow_unmatched: true,
        better: BTreeMap::new(),
        labels: BTreeMap::new(),
        judged: JudgedScores::default(),
    };
    let compared = |before: &Path, after: &Path| {
        let [before, after] = [before, after].map(|folder| Source::open(folder).unwrap());
        ComparisonReport::read(&before, &after, &Reading::default(), &plan)
    };
    let (one, two, three) = (at(&place, "one"), at(&place, "two"), at(&other, "three"));
    let same = compared(&one, &two).unwrap().comparison;
    assert_eq!((same.matched, same.changed.len()), (3, 0), "one of them is complete");
    for folders in [[&one, &three], [&three, &one]] {
        let refused = compared(folders[0], folders[1]).unwrap_err();
        assert!(matches!(&refused, ReportError::Unfinished { name } if name == "one"), "{refused}");
    }
    cut(three.clone());
    assert!(matches!(compared(&one, &three), Err(ReportError::Unfinished { .. })));
}
