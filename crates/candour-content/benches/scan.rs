//! The search by vectors alone, on one core: how long it takes, and how many of the ten nearest by
//! exact arithmetic it finds. `CANDOUR_ROWS` says how many rows, 700,000 unless told.
//!
//! Two collections are made: clusters of random vectors, and, where a BEIR corpus is at hand
//! (`CANDOUR_BEIR`), its sentences as the default embedder sees them, mixed in pairs until there are
//! enough.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use candour_content::index::{VectorWriter, Vectors, default_embedder, quantise};
use rustix::time::{ClockId, clock_gettime};
use tantivy::directory::MmapDirectory;

const NEAREST: usize = 10;
const QUERIES: usize = 100;
const CLUSTERS: usize = 3_000;
const DIMENSIONS: usize = 384;

#[expect(clippy::print_stdout, reason = "a benchmark talks to the person who runs it")]
fn main() -> Result<(), Box<dyn Error>> {
    let rows = env::var("CANDOUR_ROWS").map_or(Ok(700_000), |rows| rows.parse())?;
    println!("clusters: {}", measured(rows, &clusters(rows))?);
    let corpus = env::var_os("CANDOUR_BEIR")
        .map_or_else(|| workspace().join("../shared/data/conditionalqa"), PathBuf::from);
    let corpus = corpus.join("corpus.jsonl");
    if corpus.is_file() {
        println!("sentences: {}", measured(rows, &sentences(&corpus)?)?);
    } else {
        println!("sentences: skipped, there is no BEIR corpus; name one in CANDOUR_BEIR");
    }
    Ok(())
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Vectors by number, the last `QUERIES` of which are asked for and not among the rows.
type Collection = Box<dyn Fn(usize) -> Vec<f32>>;

fn clusters(rows: usize) -> Collection {
    Box::new(move |number| {
        let cluster = random(number as u64).next().unwrap_or_default() as usize % CLUSTERS;
        let spread = if number < rows { 0.7 } else { 0.6 };
        let centre = random(!(cluster as u64)).map(centred);
        let own = random(number as u64 ^ 0x5eed << 32).map(centred);
        unit(centre.zip(own).map(|(centre, own)| centre + spread * own).take(DIMENSIONS).collect())
    })
}

/// Real sentences first, then mixtures of two; those asked for are no mixtures.
fn sentences(corpus: &Path) -> Result<Collection, Box<dyn Error>> {
    let embedder = default_embedder();
    let mut real = Vec::new();
    for line in fs::read_to_string(corpus)?.lines() {
        let row: serde_json::Value = serde_json::from_str(line)?;
        let text = row["text"].as_str().unwrap_or_default();
        for sentence in text.split(". ").filter(|sentence| sentence.len() > 40) {
            real.push(unit(embedder.embed(sentence)));
        }
    }
    // Neighbours in the corpus are alike, and those asked for should not all be of one page.
    let order = |number: usize| random(number as u64).next().unwrap_or_default();
    let mut places: Vec<usize> = (0..real.len()).collect();
    places.sort_by_key(|place| order(*place));
    let real: Vec<Vec<f32>> = places.iter().map(|place| real[*place].clone()).collect();
    let rows = real.len() - QUERIES;
    let all = env::var("CANDOUR_ROWS").map_or(Ok(700_000), |rows| rows.parse::<usize>())?;
    Ok(Box::new(move |number| {
        if number >= all {
            return real[rows + number - all].clone();
        }
        if number < rows {
            return real[number].clone();
        }
        let mut random = random(number as u64);
        let mut any = || random.next().unwrap_or_default() as usize;
        let (one, other) = (&real[any() % rows], &real[any() % rows]);
        let share = 0.1 + 0.4 * (any() % 1000) as f32 / 1000.0;
        unit(one.iter().zip(other).map(|(a, b)| a * (1.0 - share) + b * share).collect())
    }))
}

fn measured(rows: usize, collection: &Collection) -> Result<String, Box<dyn Error>> {
    let queries: Vec<Vec<f32>> = (rows..rows + QUERIES).map(collection).collect();
    let folder = env::temp_dir().join(format!("candour-scan-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let mut exact: Vec<Vec<(f32, usize)>> = vec![Vec::new(); QUERIES];
    let mut writer = VectorWriter::create(&folder, 0, queries[0].len())?;
    for number in 0..rows {
        let row = collection(number);
        writer.add(&quantise(&row))?;
        for (query, best) in queries.iter().zip(&mut exact) {
            keep(best, dot(query, &row), number);
        }
    }
    writer.finish()?;
    let vectors = Vectors::open(&MmapDirectory::open(&folder)?, (0..rows as u32).collect())?;
    let (mut times, mut hits) = (Vec::new(), 0);
    for (query, exact) in queries.iter().zip(&exact) {
        let query = quantise(query);
        vectors.nearest(&query, NEAREST, &|_| true);
        let before = milliseconds();
        let found = vectors.nearest(&query, NEAREST, &|_| true);
        times.push(milliseconds() - before);
        hits += exact.iter().filter(|e| found.iter().any(|f| f.place as usize == e.1)).count();
    }
    fs::remove_dir_all(folder)?;
    times.sort_by(f64::total_cmp);
    Ok(format!(
        "{rows} rows of {} numbers: {:.1} ms a query (median; {:.1} to {:.1}), recall@{NEAREST} {:.4} of f32",
        queries[0].len(),
        times[QUERIES / 2],
        times[0],
        times[QUERIES - 1],
        hits as f64 / (NEAREST * QUERIES) as f64
    ))
}

fn keep(best: &mut Vec<(f32, usize)>, score: f32, number: usize) {
    if best.len() < NEAREST || best.last().is_some_and(|worst| score > worst.0) {
        let at = best.partition_point(|better| better.0 >= score);
        best.insert(at, (score, number));
        best.truncate(NEAREST);
    }
}

/// In eight sums, which the compiler can keep in wide registers.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
    for number in &mut vector {
        *number /= length.max(f32::MIN_POSITIVE);
    }
    vector
}

fn centred(random: u64) -> f32 {
    (random >> 40) as f32 / (1 << 24) as f32 - 0.5
}

/// The same numbers for the same seed (SplitMix64).
fn random(seed: u64) -> impl Iterator<Item = u64> {
    let mut state = seed.wrapping_mul(0xd134_2543_de82_ef95);
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

/// The processor time of this thread.
fn milliseconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}
