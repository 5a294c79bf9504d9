//! What the statistics say of XSTest: 450 prompts, answered by two models, labelled by two people and
//! two judges. The files are not part of the project (see CONTRIBUTING.md).

use std::path::Path;

use super::bootstrap::SplitMix64;
use super::simulations::{Coverage, SEED};
use super::*;

const P95: Confidence = Confidence::P95;
const MODELS: [&str; 2] = ["gpt4", "llama2new"];

/// One answer and all that was said of it.
struct Answer {
    kind: String,
    /// What two people say: 1 comply, 2 refuse, 3 refuse in part.
    people: [u8; 2],
    /// What people say in the end.
    refused: bool,
    /// What GPT-4 and a match of strings say.
    judges: [bool; 2],
}

impl Answer {
    fn is_safe(&self) -> bool {
        !self.kind.starts_with("contrast")
    }
}

/// The answers of a model, where the files are beside the checkout.
#[expect(clippy::print_stderr, reason = "whoever runs the tests must know what was not tested")]
fn answers(model: &str) -> Option<Vec<Answer>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/safety/xstest");
    if !folder.is_dir() {
        eprintln!("skipped: XSTest is not beside the repository");
        return None;
    }
    let read = |judge: &str| {
        let rows = csv::Reader::from_path(folder.join(format!("labels_{judge}_{model}.csv")));
        rows.unwrap().into_records().map(Result::unwrap).collect::<Vec<_>>()
    };
    // id, type, prompt, completion, annotation_1, annotation_2, agreement, final_label, judge
    let label = |row: &csv::StringRecord, at: usize| row[at].as_bytes()[0] - b'0';
    let both = read("gpteval").into_iter().zip(read("streval"));
    let answers = both.map(|(model, strings)| Answer {
        kind: model[1].to_owned(),
        people: [label(&model, 4), label(&model, 5)],
        refused: label(&model, 7) > 1,
        judges: [label(&model, 8) > 1, label(&strings, 8) > 1],
    });
    Some(answers.collect())
}

fn both_models() -> Option<[Vec<Answer>; 2]> {
    Some([answers(MODELS[0])?, answers(MODELS[1])?])
}

fn number(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 6e-7, "{found} should be {expected}");
}

#[track_caller]
fn ends(found: Interval, low: f64, high: f64) {
    close(found.low, low);
    close(found.high, high);
}

#[test]
fn false_refusals() {
    let Some(models) = both_models() else { return };
    let expected = [
        ([21, 16, 33], 0.084, [0.055_596, 0.124_995], [0.052_749, 0.125_537]),
        ([74, 40, 67], 0.296, [0.242_846, 0.355_328], [0.240_137, 0.356_775]),
    ];
    for (answers, (counts, share, by_wilson, exact)) in models.iter().zip(expected) {
        let safe: Vec<&Answer> = answers.iter().filter(|answer| answer.is_safe()).collect();
        assert_eq!(safe.len(), 250);
        let count = |of: &dyn Fn(&Answer) -> bool| safe.iter().filter(|a| of(a)).count();
        let judged = |at: usize| count(&|answer| answer.judges[at]);
        assert_eq!([count(&|answer| answer.refused), judged(0), judged(1)], counts);
        let found = wilson(counts[0] as f64, 250.0, P95).unwrap();
        close(found.value, share);
        ends(found, by_wilson[0], by_wilson[1]);
        ends(clopper_pearson(counts[0] as u64, 250, P95).unwrap(), exact[0], exact[1]);
    }
}

#[test]
fn refusals_of_what_should_be_refused() {
    let Some(models) = both_models() else { return };
    for (answers, (count, low, high)) in
        models.iter().zip([(199, 0.972_458, 0.999_873), (200, 0.981_725, 1.0)])
    {
        let found = answers.iter().filter(|answer| !answer.is_safe() && answer.refused).count();
        assert_eq!(found, count);
        ends(clopper_pearson(count as u64, 200, P95).unwrap(), low, high);
    }
}

#[test]
fn prompts_of_one_type_are_alike() {
    let Some(models) = both_models() else { return };
    let expected = [
        (0.017_579, 0.054_471, 0.020_721, 0.284_403),
        (0.028_929, 0.074_285, 0.160_779, 0.479_912),
    ];
    for (answers, (plain, clustered, low, high)) in models.iter().zip(expected) {
        let safe = || answers.iter().filter(|answer| answer.is_safe());
        let alone = Observations::alone(safe().map(|answer| number(answer.refused))).unwrap();
        close(alone.moments().standard_error().unwrap(), plain);
        let types = safe().map(|answer| (&answer.kind, number(answer.refused)));
        let types = Observations::clustered(types).unwrap();
        assert_eq!(types.moments().clusters(), Some(10));
        close(types.moments().standard_error().unwrap(), clustered);
        ends(estimate(&types, P95).unwrap().interval, low, high);
    }
}

#[test]
fn two_people_agree() {
    let Some(models) = both_models() else { return };
    let expected = [
        (
            [0.995_556, 0.991_105, 0.006_276, 0.991_115],
            [0.984_444, 0.970_107, 0.970_135, 0.989_043],
        ),
        (
            [0.977_778, 0.953_343, 0.014_589, 0.953_395],
            [0.957_778, 0.925_762, 0.925_843, 0.964_545],
        ),
    ];
    for (answers, (two, three)) in models.iter().zip(expected) {
        let pairs = |label: &dyn Fn(u8) -> u8| -> Vec<(u8, u8)> {
            answers.iter().map(|a| (label(a.people[0]), label(a.people[1]))).collect()
        };
        let units = |pairs: &[(u8, u8)]| -> Vec<Vec<f64>> {
            pairs.iter().map(|(a, b)| vec![f64::from(*a), f64::from(*b)]).collect()
        };
        let refusals = pairs(&|label| u8::from(label > 1));
        let found = Table::of(&refusals).unwrap().kappa(Weights::None);
        close(found.agreement, two[0]);
        close(found.kappa.unwrap(), two[1]);
        close(found.standard_error.unwrap(), two[2]);
        close(alpha(&units(&refusals), Scale::Nominal).unwrap(), two[3]);
        // Comply, then refuse in part, then refuse.
        let ordered = pairs(&|label| [0, 0, 2, 1][usize::from(label)]);
        let found = Table::of(&ordered).unwrap().kappa(Weights::None);
        close(found.agreement, three[0]);
        close(found.kappa.unwrap(), three[1]);
        close(alpha(&units(&ordered), Scale::Nominal).unwrap(), three[2]);
        close(alpha(&units(&ordered), Scale::Ordinal).unwrap(), three[3]);
    }
}

#[test]
fn judges_agree_with_people() {
    let Some(models) = both_models() else { return };
    let expected = [
        [([230, 0, 28, 192], 0.875_149, 0.022_670), ([213, 17, 12, 208], 0.871_111, 0.023_144)],
        [([176, 0, 88, 186], 0.623_116, 0.033_377), ([167, 9, 25, 249], 0.843_903, 0.025_661)],
    ];
    for (answers, judges) in models.iter().zip(expected) {
        for (at, (counts, kappa, standard_error)) in judges.into_iter().enumerate() {
            let pairs: Vec<_> = answers.iter().map(|a| (a.refused, a.judges[at])).collect();
            let table = Table::of(&pairs).unwrap();
            assert_eq!(table.counts().concat(), counts.map(f64::from));
            let found = table.kappa(Weights::None);
            close(found.kappa.unwrap(), kappa);
            close(found.standard_error.unwrap(), standard_error);
        }
    }
}

#[test]
fn one_model_refuses_more() {
    let Some([gpt4, llama]) = both_models() else { return };
    let pairs = || gpt4.iter().zip(&llama).filter(|(one, _)| one.is_safe());
    let only =
        |first: bool| pairs().filter(move |(a, b)| a.refused != b.refused && a.refused == first);
    let seen = Discordant {
        gained: only(false).count() as u64,
        lost: only(true).count() as u64,
        n: pairs().count() as u64,
    };
    assert_eq!(seen, Discordant { gained: 61, lost: 8, n: 250 });
    let McNemar { exact, mid } = seen.mcnemar();
    assert!((exact / 3.2433e-11 - 1.0).abs() < 1e-4 && (mid / 1.8268e-11 - 1.0).abs() < 1e-4);
    let found = seen.difference(P95).unwrap();
    close(found.value, 0.212);
    ends(found, 0.150_146, 0.270_489);
    let differences = || pairs().map(|(a, b)| (&a.kind, number(b.refused) - number(a.refused)));
    let alone = Observations::alone(differences().map(|(_, difference)| difference)).unwrap();
    close(alone.moments().standard_error().unwrap(), 0.030_462);
    let types = Observations::clustered(differences()).unwrap();
    close(types.moments().standard_error().unwrap(), 0.082_203);
}

/// Every ninth answer of the two models in turn has a label.
fn ninth(models: &[Vec<Answer>; 2], judge: usize) -> Vec<Judgement> {
    let judgement = |(at, answer): (usize, &Answer)| Judgement {
        judge: number(answer.judges[judge]),
        human: at.is_multiple_of(9).then_some(number(answer.refused)),
        cluster: None,
    };
    models.iter().flatten().enumerate().map(judgement).collect()
}

/// How the judge did where there are labels, the share it calls refusals elsewhere, and of how many.
fn errors(items: &[Judgement]) -> (JudgeErrors, f64, u64) {
    let count = |human: f64, judge: f64| {
        items.iter().filter(|i| i.human == Some(human) && i.judge.total_cmp(&judge).is_eq()).count()
            as u64
    };
    let errors = JudgeErrors {
        true_positives: count(1.0, 1.0),
        false_negatives: count(1.0, 0.0),
        true_negatives: count(0.0, 0.0),
        false_positives: count(0.0, 1.0),
    };
    let rest: Vec<f64> =
        items.iter().filter(|item| item.human.is_none()).map(|item| item.judge).collect();
    (errors, average(&rest), rest.len() as u64)
}

#[test]
fn judged_rates_are_corrected() {
    let Some(models) = both_models() else { return };
    let expected = [
        (
            0.670_664,
            0.555_090,
            [0.486_278, 0.623_902],
            0.570_375,
            0.051_618,
            [0.472_182, 0.685_807],
        ),
        (
            0.782_721,
            0.554_676,
            [0.500_217, 0.609_135],
            0.561_248,
            0.033_707,
            [0.490_275, 0.636_529],
        ),
    ];
    for (judge, expected) in expected.into_iter().enumerate() {
        let items = ninth(&models, judge);
        let (trust, theta, [low, high], adjusted, error, [least, most]) = expected;
        let found = prediction_powered(&items, None, P95).unwrap();
        close(found.trust, trust);
        close(found.estimate.interval.value, theta);
        // The reference has the normal quantile; with 100 labels it is Student's t here.
        let half = found.standard_error * P95.z();
        ends(Interval::around(theta, half), low, high);
        let (errors, share, rest) = errors(&items);
        assert_eq!(rest, 800);
        let (rate, rate_error) = rogan_gladen(share, rest, &errors).unwrap();
        close(rate, adjusted);
        close(rate_error, error);
        ends(lang_reiczigel(share, rest, &errors, P95).unwrap(), least, most);
    }
    let plain = prediction_powered(&ninth(&models, 0), Some(1.0), P95).unwrap();
    close(plain.estimate.interval.value, 0.5625);
    ends(Interval::around(0.5625, plain.standard_error * P95.z()), 0.486_364, 0.638_636);
    let alone = human_only(&ninth(&models, 0), P95).unwrap();
    ends(alone.interval, 0.442_649, 0.634_392);
}

/// A thousand judged answers and 100 or 200 labelled ones, drawn anew 2,000 times: the judge alone misses
/// the truth, corrected intervals hold it as often as they say and are narrower than labels alone.
#[test]
#[expect(clippy::print_stdout, reason = "the figures of docs/evaluation.md are printed here")]
fn corrected_intervals_hold_the_truth() {
    let Some(models) = both_models() else { return };
    let all: Vec<&Answer> = models.iter().flatten().collect();
    let truth = all.iter().filter(|answer| answer.refused).count() as f64 / all.len() as f64;
    close(truth, 0.548_889);
    let mut random = SplitMix64(SEED);
    for judge in 0..2 {
        for labels in [100, 200] {
            let mut coverage: [Coverage; 4] = Default::default();
            for _ in 0..2000 {
                let item = |at: usize| {
                    let answer = random.pick(&all).unwrap();
                    let human = (at < labels).then_some(number(answer.refused));
                    Judgement { judge: number(answer.judges[judge]), human, cluster: None }
                };
                let items: Vec<Judgement> = (0..labels + 1000).map(item).collect();
                let (errors, share, rest) = errors(&items);
                let corrected = prediction_powered(&items, None, P95).unwrap();
                let intervals = [
                    wilson(share * rest as f64, rest as f64, P95).unwrap(),
                    human_only(&items, P95).unwrap().interval,
                    corrected.estimate.interval,
                    lang_reiczigel(share, rest, &errors, P95).unwrap(),
                ];
                for (coverage, interval) in coverage.iter_mut().zip(intervals) {
                    coverage.add(&interval, truth);
                }
            }
            let [bare, human, corrected, check] = &coverage;
            println!(
                "judge {judge}, {labels} labels: held by judge {:.1} %, people {:.1} %, PPI++ {:.1} %, Lang-Reiczigel {:.1} %; width {:.3} {:.3} {:.3} {:.3}",
                bare.percent(),
                human.percent(),
                corrected.percent(),
                check.percent(),
                bare.width(),
                human.width(),
                corrected.width(),
                check.width(),
            );
            // String matching errs as often to either side on these two models, GPT-4 to one.
            let most = if judge == 0 { 0.0 } else { 92.0 };
            assert!(bare.percent() <= most, "{}", bare.percent());
            for honest in [human, corrected, check] {
                assert!((93.0..=97.0).contains(&honest.percent()), "{}", honest.percent());
            }
            assert!(corrected.width() < 0.85 * human.width());
        }
    }
}

/// What a judge says of an answer.
type Judge = fn(&Answer) -> f64;

/// Of a thousand judged answers those are labelled that a plan chose, and as many at random: planned labels
/// hold the truth as often as they say, and their intervals are narrower than those of labels at random,
/// corrected by the same judge or not.
#[test]
#[expect(clippy::print_stdout, reason = "the figures of docs/review.md are printed here")]
fn labels_that_were_planned_say_more() {
    let Some(models) = both_models() else { return };
    let all: Vec<&Answer> = models.iter().flatten().collect();
    let truth = all.iter().filter(|answer| answer.refused).count() as f64 / all.len() as f64;
    let judges: [(&str, Judge); 2] = [
        ("GPT-4", |answer| number(answer.judges[0])),
        ("mean of both", |answer| answer.judges.map(number).iter().sum::<f64>() / 2.0),
    ];
    let mut random = SplitMix64(SEED);
    for (name, judge) in judges {
        // What an earlier review of a hundred answers found.
        let pilot: Vec<(Option<f64>, f64)> = (0..100)
            .map(|_| random.pick(&all).unwrap())
            .map(|answer| (Some(judge(answer)), number(answer.refused)))
            .collect();
        for (labels, pilot) in [(100, &[][..]), (200, &pilot)] {
            let mut coverage: [Coverage; 4] = Default::default();
            for _ in 0..2000 {
                let drawn: Vec<&Answer> = (0..1000).map(|_| *random.pick(&all).unwrap()).collect();
                let values: Vec<Option<f64>> = drawn.iter().map(|a| Some(judge(a))).collect();
                let strata = Strata::of(&values).unwrap();
                let places: Vec<usize> = values.iter().map(|value| strata.place(*value)).collect();
                let expected = expected(&strata, &values, pilot);
                let counts = allocate(&expected, labels);
                let chosen: Vec<usize> = draw(&places, &counts, random.next());
                let item = |at: usize, is_labelled: bool| Judgement {
                    judge: judge(drawn[at]),
                    human: is_labelled.then_some(number(drawn[at].refused)),
                    cluster: None,
                };
                let mut planned: Vec<Judgement> = (0..1000).map(|at| item(at, false)).collect();
                for at in chosen {
                    planned[at] = item(at, true);
                }
                let plain: Vec<Judgement> = (0..1000).map(|at| item(at, at < labels)).collect();
                let by_strata = stratified(&planned, &places, None, P95).unwrap();
                let corrected = prediction_powered(&plain, None, P95).unwrap();
                let is_narrower = expected_error(&expected, &counts)
                    < expected_error_at_random(&expected, labels)[1];
                let intervals = [
                    by_strata.estimate.interval,
                    corrected.estimate.interval,
                    human_only(&plain, P95).unwrap().interval,
                    if is_narrower { by_strata } else { corrected }.estimate.interval,
                ];
                for (coverage, interval) in coverage.iter_mut().zip(intervals) {
                    coverage.add(&interval, truth);
                }
            }
            let [planned, corrected, plain, chosen] = &coverage;
            println!(
                "{name}, {labels} labels, {} of a pilot: planned {:.1} %, {:.3}; at random and corrected {:.1} %, {:.3}; at random {:.1} %, {:.3}; as chosen {:.1} %, {:.3}",
                pilot.len(),
                planned.percent(),
                planned.width(),
                corrected.percent(),
                corrected.width(),
                plain.percent(),
                plain.width(),
                chosen.percent(),
                chosen.width(),
            );
            assert!((93.0..=97.0).contains(&chosen.percent()), "{}", chosen.percent());
            assert!(chosen.width() < 1.01 * planned.width().min(corrected.width()));
            assert!((93.0..=97.0).contains(&planned.percent()), "{}", planned.percent());
            assert!(planned.width() < 0.8 * plain.width());
            assert!(name != "mean of both" || planned.width() < corrected.width());
        }
    }
}
