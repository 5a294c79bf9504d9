//! The encoder against values that were computed in double precision from the same weights, where
//! those are present: `candour models pull` in the root of the checkout puts them there.

use std::path::PathBuf;

use super::*;
use crate::models::ModelError;

/// A text, how many tokens it has, the first numbers of its vector in millionths, and the sum of all
/// numbers, each times its place.
type Known = (String, usize, [i32; 8], f32);

fn known() -> [Known; 5] {
    let known = |text: &str, tokens, first, sum| (text.to_owned(), tokens, first, sum);
    [
        known(
            "How do I renew a parking permit?",
            10,
            [44_782, -27_608, 46_258, -32_103, -29_328, 36_749, -27_038, -5_068],
            -68.9959,
        ),
        known(
            "You can get a garden waste bin if you live in the town. It costs £45 a year.",
            23,
            [104_632, 61_041, 37_598, -24_475, 61_737, -11_427, 29_778, -53_479],
            -100.2305,
        ),
        known(
            "Café tables on the pavement need a licence (form PT-12), unless they stand on private land.",
            24,
            [51_373, -448, 10_369, -46_216, -7_161, 60_684, 17_781, -4_230],
            -122.3022,
        ),
        known(
            "Sut mae talu treth y cyngor?",
            14,
            [-92_004, 24_311, 9_661, -55_454, -72_326, -36_949, 67_288, 61_342],
            254.9828,
        ),
        known(
            &"permit ".repeat(400),
            WINDOW,
            [43_192, -20_327, 9_785, -10_393, 49_761, 21_743, -48_762, -55_383],
            -226.494,
        ),
    ]
}

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn open(precision: Precision) -> Option<MiniLm> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../state");
    let state = std::env::var_os("CANDOUR_STATE").map_or(root, PathBuf::from);
    match MINILM.read(&state) {
        Ok([weights, tokenizer]) => Some(MiniLm::new(&weights, &tokenizer, precision).unwrap()),
        Err(ModelError::Missing { .. }) => {
            eprintln!(
                "skipped: no weights in {}; `candour models pull` gets them",
                state.display()
            );
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn vectors_are_those_of_the_published_model() {
    let Some(model) = open(Precision::F32) else { return };
    for (text, tokens, first, sum) in known() {
        assert_eq!(model.words.tokens(&text, WINDOW).len(), tokens, "{text}");
        let vector = model.embed(&text);
        for (number, known) in vector.iter().zip(first) {
            let millionths = number * 1e6;
            assert!((millionths - known as f32).abs() < 2.0, "{text}: {millionths}, not {known}");
        }
        let all: f32 = vector.iter().zip(1_u16..).map(|(number, n)| number * f32::from(n)).sum();
        assert!((all - sum).abs() < 2e-2, "{text}: {all} and not {sum}");
        assert!((cosine(&vector, &vector) - 1.0).abs() < 1e-5);
    }
}

#[test]
fn bytes_stay_near_single_precision() {
    let (Some(exact), Some(bytes)) = (open(Precision::F32), open(Precision::Int8)) else { return };
    for (text, ..) in known() {
        let cosine = cosine(&exact.embed(&text), &bytes.embed(&text));
        assert!(cosine > 0.99, "{text}: {cosine}");
    }
}

#[test]
fn nothing_has_no_direction_and_texts_leave_nothing_behind() {
    let Some(model) = open(Precision::Int8) else { return };
    for text in ["", " \n", "\u{0}\u{200b}"] {
        assert!(model.embed(text).iter().all(|number| *number == 0.0), "{text:?}");
    }
    let short = model.embed("council tax");
    model.embed(&"a much longer text about parking ".repeat(50));
    assert_eq!(model.embed("council tax"), short);
}

#[test]
fn other_files_are_refused() {
    let told = MiniLm::new(b"", b"", Precision::F32).unwrap_err();
    assert_eq!(told, "it is too short");
}
