//! The training: the model's beginning, and batches of every kind in turn.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use candour_content::index::embed::bilingual::words;
use ndarray::{Array2, Axis};

use crate::corpus::Corpus;
use crate::learn::{backward, forward};
use crate::losses::{Pairs, apart, near, neighbours};
use crate::model::{Bag, Model};
use crate::random::Random;
use crate::recipe::Recipe;
use crate::say;
use crate::teacher::Lessons;
use crate::texts::TextId;

/// Steps over which the rate grows to its full length.
const WARM_UP: f32 = 50.0;
/// How many reports a training makes.
const REPORTS: usize = 8;

/// The words that get a row of their own, the commonest first: those of most texts.
pub(crate) fn vocabulary(corpus: &Corpus, recipe: &Recipe) -> Vec<(String, usize)> {
    let mut texts: BTreeMap<String, usize> = BTreeMap::new();
    for text in &corpus.texts.all {
        let mut distinct = words(text);
        distinct.sort_unstable();
        distinct.dedup();
        for word in distinct {
            *texts.entry(word).or_default() += 1;
        }
    }
    let mut known: Vec<(String, usize)> =
        texts.into_iter().filter(|(_, count)| *count >= recipe.texts_for_a_word).collect();
    known.sort_by(|(a, many), (b, few)| few.cmp(many).then_with(|| a.cmp(b)));
    known.truncate(recipe.words);
    known
}

/// Learns a table from everything.
pub(crate) fn train(corpus: &mut Corpus, lessons: &Lessons, recipe: &Recipe) -> Result<Vec<u8>> {
    let mut random = Random(recipe.seed);
    let vocabulary = vocabulary(corpus, recipe);
    let known: Vec<String> = vocabulary.iter().map(|(word, _)| word.clone()).collect();
    let mut model = beginning(corpus, &vocabulary, lessons, recipe, &mut random);
    let bags: Vec<Bag> = corpus.texts.all.iter().map(|text| model.bag(text)).collect();
    let mut decks = decks(corpus, lessons, recipe);
    let total: f32 = decks.iter().map(|deck| deck.share).sum();
    for step in 0..recipe.steps {
        for deck in &mut decks {
            deck.due += deck.share / total;
        }
        let deck = decks.iter_mut().max_by(|a, b| a.due.total_cmp(&b.due)).context("no decks")?;
        deck.due -= 1.0;
        let done = step as f32 / recipe.steps as f32;
        let rate = recipe.rate * (step as f32 / WARM_UP).min(1.0) * (1.0 - done).max(0.02);
        let batch = deck.deal(recipe.batch, &mut random);
        let lesson = Lesson { bags: &bags, lessons, recipe, rate };
        deck.loss = lesson.learn(&mut model, deck.name, &batch, &mut random);
        if (step + 1) % (recipe.steps / REPORTS).max(1) == 0 {
            let losses = decks.iter().map(|deck| format!(" {} {:.3}", deck.name, deck.loss));
            say(&format!("step {}:{}", step + 1, losses.collect::<String>()));
        }
    }
    Ok(model.to_table(&known))
}

/// Words begin as the teacher understands them alone, the less the commoner they are; all others, and
/// pieces, begin as next to nothing.
fn beginning(
    corpus: &Corpus,
    vocabulary: &[(String, usize)],
    lessons: &Lessons,
    recipe: &Recipe,
    random: &mut Random,
) -> Model {
    let total = corpus.texts.all.len() as f32;
    let counts: BTreeMap<&str, usize> =
        vocabulary.iter().map(|(word, count)| (word.as_str(), *count)).collect();
    let known: Vec<String> = vocabulary.iter().map(|(word, _)| word.clone()).collect();
    Model::new(recipe.dimensions, &known, recipe.pieces, |word| {
        let mut row: Vec<f32> =
            (0..recipe.dimensions).map(|_| (random.unit() - 0.5) * 0.02).collect();
        let lesson = word.and_then(|word| lessons.of(corpus.texts.place(word)?));
        if let (Some(word), Some(lesson)) = (word, lesson) {
            let rate = counts.get(word).copied().unwrap_or(1) as f32 / total;
            let weight = recipe.half_weight_rate / (recipe.half_weight_rate + rate);
            crate::model::add_scaled(&mut row, weight.max(0.02), lesson);
        }
        row
    })
}

/// Pairs of one kind, dealt in batches; when they run out they are shuffled anew.
struct Deck {
    name: &'static str,
    share: f32,
    due: f32,
    loss: f32,
    pairs: Vec<(TextId, TextId, f32)>,
    dealt: usize,
}

/// The deck of single texts that only the teacher speaks of.
const TEACHER: &str = "teacher";

fn decks(corpus: &Corpus, lessons: &Lessons, recipe: &Recipe) -> Vec<Deck> {
    let deck = |name, share, pairs: Vec<_>| {
        let dealt = pairs.len();
        Deck { name, share, due: 0.0, loss: 0.0, pairs, dealt }
    };
    let mut decks: Vec<Deck> = corpus
        .relations
        .iter()
        .map(|relation| deck(relation.name, relation.share, relation.pairs.clone()))
        .collect();
    let texts: Vec<TextId> =
        lessons.rows.keys().copied().filter(|text| corpus.is_own(*text)).collect();
    if !texts.is_empty() {
        let pairs = texts.chunks_exact(2).map(|two| (two[0], two[1], 1.0)).collect();
        decks.push(deck(TEACHER, recipe.shares.teacher, pairs));
    }
    decks
}

impl Deck {
    fn deal(&mut self, count: usize, random: &mut Random) -> Vec<(TextId, TextId, f32)> {
        let count = count.min(self.pairs.len());
        if self.dealt + count > self.pairs.len() {
            random.shuffle(&mut self.pairs);
            self.dealt = 0;
        }
        let batch = self.pairs.iter().skip(self.dealt).take(count).copied().collect();
        self.dealt += count;
        batch
    }
}

/// What a batch is learned with.
struct Lesson<'a> {
    bags: &'a [Bag],
    lessons: &'a Lessons,
    recipe: &'a Recipe,
    rate: f32,
}

impl Lesson<'_> {
    /// Learns from one batch, and returns its loss.
    fn learn(
        &self,
        model: &mut Model,
        name: &str,
        batch: &[(TextId, TextId, f32)],
        random: &mut Random,
    ) -> f32 {
        let left = batch.iter().map(|(left, _, _)| *left);
        let texts: Vec<TextId> = left.chain(batch.iter().map(|(_, right, _)| *right)).collect();
        let bags = texts.iter().filter_map(|text| self.bags.get(*text as usize)).collect();
        let forward = forward(model, bags, self.recipe.left_out, random);
        let mut slopes = Array2::zeros(forward.vectors.raw_dim());
        let lessons: Vec<Option<&[f32]>> =
            texts.iter().map(|text| self.lessons.of(*text)).collect();
        let loss = if name == TEACHER {
            let rows: Vec<usize> =
                texts.iter().filter_map(|text| self.lessons.rows.get(text).copied()).collect();
            let said = self.lessons.vectors.select(Axis(0), &rows);
            let Recipe { temperature, neighbours: weight, .. } = *self.recipe;
            neighbours(&forward.vectors, &said, temperature, weight, &mut slopes);
            near(&forward.vectors, &lessons, self.recipe.teacher, &mut slopes)
        } else {
            let pairs = Pairs { texts: batch, temperature: self.recipe.temperature };
            let weight = self.recipe.teacher_beside_pairs;
            near(&forward.vectors, &lessons, weight, &mut slopes);
            apart(&forward.vectors, &pairs, &mut slopes)
        };
        backward(model, &forward, slopes, self.rate);
        loss
    }
}
