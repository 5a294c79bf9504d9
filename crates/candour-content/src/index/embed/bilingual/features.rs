//! What the bilingual embedder knows a word by: its key, or the pieces of a word that has no row of
//! its own. The trainer and the embedder share this file, so that they cannot disagree.

/// How many letters a piece has, the marks of the word's borders counted.
const PIECE_LENGTHS: std::ops::RangeInclusive<usize> = 3..=5;
/// How much all pieces of a word weigh together against a row of its own.
const PIECES_WEIGHT: f32 = 0.5;

/// What stands for a word in the table. Two words in a thousand million share one by accident, which
/// costs a little quality and no correctness.
pub fn key(word: &str) -> u32 {
    (hash(word.as_bytes()) >> 32) as u32
}

/// The places of the pieces of a word, in a table with `places` for them.
pub fn pieces(word: &str, places: usize) -> Vec<u32> {
    let bordered = format!("<{word}>");
    let mut borders = Vec::with_capacity(bordered.len() + 1);
    borders.extend(bordered.char_indices().map(|(at, _)| at));
    borders.push(bordered.len());
    let windows = PIECE_LENGTHS.flat_map(|length| borders.windows(length + 1));
    let piece = |window: &[usize]| {
        let (start, end) = (*window.first()?, *window.last()?);
        bordered.as_bytes().get(start..end)
    };
    let place = |piece| (((hash(piece) >> 32) * places as u64) >> 32) as u32;
    let mut found = Vec::with_capacity(3 * borders.len());
    found.extend(windows.filter_map(piece).map(place));
    found
}

/// What each of `count` pieces of a word weighs. The pieces point every way, so that the length of
/// their sum grows with the root of their number only.
pub fn piece_weight(count: usize) -> f32 {
    PIECES_WEIGHT / (count.max(1) as f32).sqrt()
}

/// What `times` mentions of a word weigh: the tenth says little more than the second. The root is
/// rounded alike on every machine, which logarithms are not.
pub fn mentions_weight(times: usize) -> f32 {
    (times as f32).sqrt()
}

/// The 64-bit FNV-1a hash, with a final mixing because its high bits are weak for short inputs.
fn hash(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^ (hash >> 33)
}
