//! The statistics agree with their published implementations: statsmodels, SciPy, scikit-learn,
//! krippendorff, ppi-python and confseq, on inputs drawn with a fixed seed.
//!
//! `cargo xtask test` installs them and names their Pythons in CANDOUR_STATISTICS_PYTHON and
//! CANDOUR_CONFSEQ_PYTHON.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use candour_evals::compare::{Adjustment, Change, JudgedScores, Plan, compare};
use candour_evals::inspect_log::{Header, SampleId, Spec};
use candour_evals::labels::Label;
use candour_evals::scored::{Question, Scored};
use candour_evals::statistics::{
    Arms, Asymptotic, BetaMixture, Confidence, Discordant, EmpiricalBernstein, Hedged, JudgeErrors,
    Judgement, Observations, PairedBinary, RepeatedScores, Scale, Table, Weights, alpha,
    benjamini_hochberg, clopper_pearson, holm, mean, pass_all, pass_any, prediction_powered,
    rogan_gladen, wilson,
};
use serde_json::{Value, json};

const P95: Confidence = Confidence::P95;

/// Numbers that look random and are the same every time (Lehmer, 1951).
struct Draws(u64);

impl Draws {
    fn share(&mut self) -> f64 {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        self.0 as f64 / 2_147_483_647.0
    }

    fn below(&mut self, most: u64) -> u64 {
        (self.share() * most as f64) as u64
    }

    fn shares(&mut self, count: u64) -> Vec<f64> {
        (0..count).map(|_| self.share()).collect()
    }
}

/// Questions for the oracle, and our own answers to them.
#[derive(Default)]
struct Comparison {
    asked: Vec<Value>,
    ours: Vec<(Vec<f64>, f64)>,
}

impl Comparison {
    /// Asks something, to which our answer must not differ by more than `by`.
    fn ask(&mut self, what: &str, arguments: &Value, ours: impl Into<Vec<f64>>, by: f64) {
        self.asked.push(json!([what, arguments]));
        self.ours.push((ours.into(), by));
    }

    /// Compares with the oracle that a variable names.
    #[expect(clippy::print_stderr, reason = "whoever runs the tests must know what was not tested")]
    fn with(self, variable: &str) {
        let Some(python) = std::env::var_os(variable) else {
            eprintln!("skipped: `cargo xtask test` installs the packages and sets {variable}");
            return;
        };
        let theirs = answers(Path::new(&python), &json!(self.asked));
        assert_eq!(theirs.len(), self.ours.len());
        for ((asked, (ours, by)), theirs) in self.asked.iter().zip(self.ours).zip(theirs) {
            assert_eq!(ours.len(), theirs.len());
            for (our, their) in ours.iter().zip(&theirs) {
                let is_close = (our - their).abs() <= by * their.abs().max(1e-3);
                assert!(is_close, "{ours:?} should be {theirs:?} for {asked:.300}");
            }
        }
    }
}

fn answers(python: &Path, asked: &Value) -> Vec<Vec<f64>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/with_statistics.py");
    let mut oracle = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Dropping the pipe at the end of the statement tells the oracle that this is all.
    oracle.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = oracle.wait_with_output().unwrap();
    assert!(output.status.success(), "the oracle failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn intervals_agree() {
    let (mut draws, mut comparison) = (Draws(1), Comparison::default());
    let sizes = [1, 2, 5, 30, 508, 5000, 200_000, 3_000_000];
    for of in sizes.into_iter().cycle().take(80) {
        let count =
            [0, of, draws.below(of + 1), draws.below(of / 20 + 2).min(of)][draws.below(4) as usize];
        let level = [0.95, 0.99, 0.8][draws.below(3) as usize];
        let confidence = Confidence::new(level).unwrap();
        let ends = wilson(count as f64, of as f64, confidence).unwrap();
        comparison.ask(
            "proportion",
            &json!([count, of, "wilson", 1.0 - level]),
            [ends.low, ends.high],
            1e-7,
        );
        let ends = clopper_pearson(count, of, confidence).unwrap();
        comparison.ask(
            "proportion",
            &json!([count, of, "beta", 1.0 - level]),
            [ends.low, ends.high],
            1e-7,
        );
    }
    for size in [2, 3, 10, 200] {
        let values = draws.shares(size);
        let ends = mean(&Observations::alone(values.clone()).unwrap(), None, P95).unwrap().interval;
        comparison.ask("alone", &json!([values]), [ends.low, ends.high], 1e-7);
        let clusters: Vec<u64> =
            (0..size).map(|at| if at < 2 { at } else { draws.below(7) }).collect();
        let pages = clusters.iter().copied().zip(values.iter().copied());
        let pages = Observations::clustered(pages).unwrap();
        let error = pages.moments().standard_error().unwrap();
        let half = mean(&pages, None, P95).unwrap().interval.width() / 2.0;
        comparison.ask(
            "clustered",
            &json!([values, clusters]),
            [pages.moments().mean(), error, half / error],
            1e-7,
        );
    }
    comparison.with("CANDOUR_STATISTICS_PYTHON");
}

#[test]
fn sizes_of_plans_agree() {
    let mut comparison = Comparison::default();
    for (rate, difference) in [(0.1, 0.05), (0.5, 0.1), (0.9, 0.02)] {
        let size = Arms { rate }.size(difference, P95, 0.8).unwrap();
        // The second has one variance for both arms, and is near.
        comparison.ask("power", &json!([rate, difference]), [size, size], 0.02);
    }
    for (discordance, difference) in [(0.2, 0.05), (0.05, 0.05), (0.9, 0.01)] {
        let size = PairedBinary { discordance }.size(difference, P95, 0.8).unwrap();
        comparison.ask("paired_power", &json!([discordance, difference]), [size], 1e-6);
    }
    for (between, within, repeats) in
        [(0.1, [0.05, 0.04], [3.0, 2.0]), (0.02, [0.0, 0.2], [1.0, 8.0])]
    {
        let scores = RepeatedScores { between, within, repeats };
        let size = scores.size(0.03, P95, 0.8).unwrap();
        comparison.ask("repeated_power", &json!([between, within, repeats, 0.03]), [size], 1e-6);
    }
    comparison.with("CANDOUR_STATISTICS_PYTHON");
}

#[test]
fn rates_behind_errors_and_repeats_agree() {
    let (mut draws, mut comparison) = (Draws(7), Comparison::default());
    for (share, of, errors) in
        [(0.6, 500, [40, 10, 45, 15]), (0.5, 100_000, [30, 1, 29, 2]), (0.31, 61, [9, 3, 80, 8])]
    {
        let [true_positives, false_negatives, true_negatives, false_positives] = errors;
        let errors =
            JudgeErrors { true_positives, false_negatives, true_negatives, false_positives };
        let (rate, error) = rogan_gladen(share, of, &errors).unwrap();
        let (positives, negatives) = (errors.positives(), errors.negatives());
        let asked = json!([share, of, true_positives, positives, true_negatives, negatives]);
        comparison.ask("rogan_gladen", &asked, [rate, error], 1e-6);
    }
    for _ in 0..20 {
        let tries = 2 + draws.below(30);
        let (successes, k) = (draws.below(tries + 1), 1 + draws.below(tries));
        let any = pass_any(tries, successes, k).unwrap();
        let all = pass_all(tries, successes, k).unwrap();
        comparison.ask("passes", &json!([tries, successes, k]), [any, all], 1e-9);
    }
    comparison.with("CANDOUR_STATISTICS_PYTHON");
}

#[test]
fn tests_of_pairs_and_families_agree() {
    let (mut draws, mut comparison) = (Draws(2), Comparison::default());
    for most in [2, 10, 100, 2000].repeat(8) {
        let (gained, lost) = (draws.below(most), draws.below(most) + 1);
        let runs = Discordant { gained, lost, n: gained + lost + 12 };
        comparison.ask("mcnemar", &json!([gained, lost]), [runs.mcnemar().exact], 1e-9);
        let ends = runs.difference(P95).unwrap();
        comparison.ask("bonett_price", &json!([gained, lost, runs.n]), [ends.low, ends.high], 1e-7);
    }
    for size in [1, 2, 7, 40] {
        let mut family = draws.shares(size);
        family.push(family[0]);
        comparison.ask("multiple", &json!([family, "holm"]), holm(&family).unwrap(), 1e-12);
        let found = benjamini_hochberg(&family).unwrap();
        comparison.ask("multiple", &json!([family, "fdr_bh"]), found, 1e-12);
    }
    comparison.with("CANDOUR_STATISTICS_PYTHON");
}

#[test]
fn agreement_agrees() {
    let (mut draws, mut comparison) = (Draws(3), Comparison::default());
    for labels in [2, 3, 6].repeat(4) {
        let pair = |at: u64, draws: &mut Draws| {
            let first = if at < labels { at } else { draws.below(labels) };
            (first, if draws.share() < 0.6 { first } else { draws.below(labels) })
        };
        let pairs: Vec<(u64, u64)> = (0..120).map(|at| pair(at, &mut draws)).collect();
        let table = Table::of(&pairs).unwrap();
        for (weights, name) in [
            (Weights::None, Value::Null),
            (Weights::Linear, json!("linear")),
            (Weights::Quadratic, json!("quadratic")),
        ] {
            let found = table.kappa(weights);
            let kappa = found.kappa.unwrap();
            comparison.ask(
                "kappa",
                &json!([pairs, name]),
                [kappa, found.standard_error.unwrap(), kappa],
                1e-9,
            );
        }
        let units: Vec<Vec<f64>> = (0..60)
            .map(|_| {
                let near = draws.below(labels);
                let raters = 1 + draws.below(4);
                let label = |draws: &mut Draws| {
                    if draws.share() < 0.7 { near } else { draws.below(labels) }
                };
                (0..raters).map(|_| label(&mut draws) as f64).collect()
            })
            .collect();
        for (scale, name) in [
            (Scale::Nominal, "nominal"),
            (Scale::Ordinal, "ordinal"),
            (Scale::Interval, "interval"),
        ] {
            comparison.ask("alpha", &json!([units, name]), [alpha(&units, scale).unwrap()], 1e-9);
        }
    }
    comparison.with("CANDOUR_STATISTICS_PYTHON");
}

#[test]
fn corrected_rates_agree() {
    let (mut draws, mut comparison) = (Draws(4), Comparison::default());
    for (labels, rest) in [(200, 1000), (300, 300), (1000, 20)] {
        for trust in [None, Some(0.0), Some(0.4), Some(1.0)] {
            let answer = |draws: &mut Draws| {
                let human = f64::from(u8::from(draws.share() < 0.4));
                (if draws.share() < 0.85 { human } else { draws.share() }, human)
            };
            let all: Vec<(f64, f64)> = (0..labels + rest).map(|_| answer(&mut draws)).collect();
            let judgement = |(at, (judge, human)): (usize, &(f64, f64))| Judgement {
                judge: *judge,
                human: (at < labels).then_some(*human),
                cluster: None,
            };
            let items: Vec<Judgement> = all.iter().enumerate().map(judgement).collect();
            let found = prediction_powered(&items, trust, P95).unwrap().estimate.interval;
            let (labelled, others) = all.split_at(labels);
            let column = |rows: &[(f64, f64)], human: bool| -> Vec<f64> {
                rows.iter().map(|(judge, label)| if human { *label } else { *judge }).collect()
            };
            let arguments = &json!([
                column(labelled, true),
                column(labelled, false),
                column(others, false),
                trust
            ]);
            comparison.ask("ppi", arguments, [found.value, found.low, found.high], 1e-6);
        }
    }
    comparison.with("CANDOUR_STATISTICS_PYTHON");
}

/// Two runs, judged and labelled in part, as `compare` takes them.
#[test]
fn corrected_differences_agree() {
    let (mut draws, mut comparison) = (Draws(6), Comparison::default());
    for (labels, questions) in [(200, 900), (300, 500)] {
        let answer = |draws: &mut Draws, rate: f64| {
            let human = f64::from(u8::from(draws.share() < rate));
            [human, if draws.share() < 0.8 { human } else { draws.share() }]
        };
        let [before, after] = [0.5, 0.55].map(|rate| -> Vec<[f64; 2]> {
            (0..questions).map(|_| answer(&mut draws, rate)).collect()
        });
        let column =
            |all: &[[f64; 2]], at: usize| all.iter().map(|one| one[at]).collect::<Vec<_>>();
        let [(labelled, rest), (labelled_after, rest_after)] =
            [before.split_at(labels), after.split_at(labels)];
        let arguments = json!([
            column(labelled, 0),
            column(labelled_after, 0),
            column(labelled, 1),
            column(labelled_after, 1),
            column(rest, 1),
            column(rest_after, 1),
        ]);
        let found = change(&before, &after, labels);
        let interval = found.difference.interval().unwrap();
        let ours = [interval.value, interval.low, interval.high, found.p.unwrap()];
        comparison.ask("paired_ppi", &arguments, ours, 1e-6);
    }
    comparison.with("CANDOUR_STATISTICS_PYTHON");
}

/// The change of what people and the judge say of each answer, of which the first are labelled.
fn change(before: &[[f64; 2]], after: &[[f64; 2]], labels: usize) -> Change {
    let run = |answers: &[[f64; 2]]| {
        let question = |(at, [_, judge]): (usize, &[f64; 2])| {
            let mut question = Question { place: at, ..Question::default() };
            question.scores.insert(&"s".into(), 1, *judge);
            (SampleId::from(at.to_string()), question)
        };
        Scored {
            header: Header::started(Spec::default()),
            questions: answers.iter().enumerate().map(question).collect(),
            failed: 0,
            failed_as_worst: BTreeMap::new(),
            limited: 0,
            samples: answers.len(),
            not_numbers: BTreeMap::new(),
            of_failures: BTreeSet::new(),
            judged_by: BTreeMap::new(),
            judge_failures: BTreeMap::new(),
            withheld: BTreeSet::new(),
        }
    };
    let table = |answers: &[[f64; 2]]| -> Vec<Label> {
        let label = |(at, [human, _]): (usize, &[f64; 2])| Label {
            id: at.to_string(),
            metric: None,
            unjudged: None,
            judge: None,
            human: Some(*human),
            cluster: None,
            chance: None,
            stratum: None,
            annotators: BTreeMap::new(),
        };
        answers.iter().take(labels).enumerate().map(label).collect()
    };
    let plan = Plan {
        family: Vec::new(),
        adjustment: Adjustment::Holm,
        declared: None,
        confidence: P95,
        allow_unmatched: false,
        judged: JudgedScores::default(),
        better: BTreeMap::new(),
        labels: BTreeMap::from([("s".to_owned(), [table(before), table(after)])]),
    };
    compare(&run(before), &run(after), &plan).unwrap().scores.remove(0)
}

#[test]
fn confidence_sequences_agree() {
    let (mut draws, mut comparison) = (Draws(5), Comparison::default());
    for count in [10, 60, 300] {
        let scores: Vec<f64> = draws.shares(count).iter().map(|share| share.powi(2)).collect();
        let (mut bernstein, mut hedged) = (EmpiricalBernstein::new(P95), Hedged::new(P95));
        for score in &scores {
            bernstein.push(*score).unwrap();
            hedged.push(*score).unwrap();
        }
        let (bernstein, hedged) = (bernstein.interval(), hedged.interval());
        let ours = [bernstein.low, bernstein.high, hedged.low, hedged.high];
        // Theirs looks at 10,000 means, and rounds outwards.
        comparison.ask("sequences", &json!([scores]), ours, 1.5e-3);
    }
    for (count, planned) in [(50, 50), (400, 1000), (3000, 200)] {
        let values: Vec<f64> = draws.shares(count).iter().map(|share| 9.0 * share - 4.0).collect();
        let mut asymptotic = Asymptotic::new(planned, P95).unwrap();
        for value in &values {
            asymptotic.push(*value).unwrap();
        }
        let ours = asymptotic.interval().unwrap();
        comparison.ask("asymptotic", &json!([values, planned]), [ours.low, ours.high], 1e-6);
    }
    comparison.with("CANDOUR_CONFSEQ_PYTHON");
}

#[test]
fn mixtures_agree() {
    let (mut draws, mut comparison) = (Draws(11), Comparison::default());
    for count in [1, 2, 9, 100, 508, 20_000].into_iter().cycle().take(30) {
        let successes = [0, count, draws.below(count + 1)][draws.below(3) as usize];
        let ours = BetaMixture::seen(successes, count, P95).unwrap().interval();
        comparison.ask("mixture", &json!([successes, count]), [ours.low, ours.high], 1e-6);
    }
    comparison.with("CANDOUR_STATISTICS_PYTHON");
}
