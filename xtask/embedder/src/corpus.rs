//! All that is learned from, in one form: texts, pairs of them that belong together, and which text's
//! meaning the teacher is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use candour_content::index::embed::bilingual::words;

use crate::inputs::guidance::Guidance;
use crate::inputs::search::{Click, clicks, paths, synonyms, welsh_titles};
use crate::inputs::welsh::Welsh;
use crate::inputs::wordnet::WordNet;
use crate::inputs::{Inputs, Pair, guidance, welsh, wordnet};
use crate::recipe::Shares;
use crate::texts::{TextId, Texts};

/// What the model learns from.
#[derive(Debug, Default)]
pub(crate) struct Corpus {
    pub(crate) texts: Texts,
    pub(crate) relations: Vec<Relation>,
    /// A text, and the English text whose meaning it has: itself, or what it translates.
    pub(crate) taught: BTreeMap<TextId, TextId>,
    /// What nothing is learned from.
    pub(crate) welsh: Welsh,
}

/// Pairs of one kind.
#[derive(Debug)]
pub(crate) struct Relation {
    pub(crate) name: &'static str,
    /// How often it is learned, against the others.
    pub(crate) share: f32,
    /// Two texts, and how much the pair counts.
    pub(crate) pairs: Vec<(TextId, TextId, f32)>,
}

/// Reads all inputs. `is_common` says which words WordNet is asked about.
pub(crate) fn read(
    data: &Path,
    wordnet: &Path,
    is_common: impl Fn(&str) -> bool,
    shares: &Shares,
    inputs: &mut Inputs,
) -> Result<Corpus> {
    let mut corpus = Corpus { welsh: welsh::read(data, inputs)?, ..Corpus::default() };
    let mut welsh = std::mem::take(&mut corpus.welsh.learned);
    welsh.extend(welsh_titles(data, inputs)?);
    corpus.relate("welsh", shares.welsh, &welsh);
    let clicks = clicks(data, "govuk-search/clickstream-train.csv", inputs)?;
    corpus.relate_clicks(shares.clicks, &clicks);
    corpus.relate("synonyms", shares.synonyms, &synonyms(data, inputs)?);
    corpus.relate_guidance(shares.guidance, &guidance::read(data, inputs)?);
    let wordnet = wordnet::read(wordnet, is_common, inputs)?;
    corpus.relate("glosses", shares.glosses, &wordnet.glosses);
    corpus.relate("examples", shares.examples, &wordnet.examples);
    for path in paths(data, inputs)? {
        corpus.teach(&path);
    }
    for pair in &welsh {
        corpus.teach_translation(pair);
    }
    corpus.teach_words(&wordnet);
    Ok(corpus)
}

impl Corpus {
    fn relate(&mut self, name: &'static str, share: f32, pairs: &[Pair]) {
        let places =
            pairs.iter().map(|pair| (self.texts.add(&pair.left), self.texts.add(&pair.right), 1.0));
        let pairs: Vec<_> = places.collect();
        if name != "welsh" {
            self.taught.extend(pairs.iter().flat_map(|(a, b, _)| [(*a, *a), (*b, *b)]));
        }
        self.relations.push(Relation { name, share, pairs });
    }

    fn relate_clicks(&mut self, share: f32, clicks: &[Click]) {
        let mut pairs = Vec::new();
        for click in clicks {
            pairs.push((self.teach(&click.query), self.teach(&click.path), click.weight));
        }
        self.relations.push(Relation { name: "clicks", share, pairs });
    }

    fn relate_guidance(&mut self, share: f32, passages: &[Guidance]) {
        let mut pairs = Vec::new();
        for passage in passages {
            self.teach(&passage.whole());
            pairs.push((self.teach(&passage.subject()), self.teach(&passage.text), 1.0));
        }
        self.relations.push(Relation { name: "guidance", share, pairs });
    }

    /// Whether the teacher is asked about the text itself, rather than about what it translates.
    pub(crate) fn is_own(&self, text: TextId) -> bool {
        self.taught.get(&text) == Some(&text)
    }

    /// Asks the teacher for what a text means.
    fn teach(&mut self, text: &str) -> TextId {
        let place = self.texts.add(text);
        self.taught.insert(place, place);
        place
    }

    /// A Welsh text means what its English means. A text that is the same in both keeps itself.
    fn teach_translation(&mut self, pair: &Pair) {
        let english = self.teach(&pair.left);
        let welsh = self.texts.add(&pair.right);
        self.taught.entry(welsh).or_insert(english);
    }

    /// Each word of two English texts or more, and each that WordNet knows too, is a text of its own,
    /// so that a word alone means something from the beginning.
    fn teach_words(&mut self, wordnet: &WordNet) {
        let mut texts: BTreeMap<String, usize> = BTreeMap::new();
        let english = self.taught.iter().filter(|(text, meaning)| text == meaning);
        for (text, _) in english {
            let text = self.texts.all.get(*text as usize).map(String::as_str).unwrap_or_default();
            for word in words(text).into_iter().collect::<BTreeSet<_>>() {
                *texts.entry(word).or_default() += 1;
            }
        }
        for (word, count) in texts {
            if count >= 2 || wordnet.words.contains(&word) {
                self.teach(&word);
            }
        }
    }
}
