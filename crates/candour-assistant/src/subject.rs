//! Which words of a question name what it is about: not those that tell when, what kind of answer is asked
//! for, or what readers do with whatever a page is about.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use candour_core::Locale;

use crate::compose::asks_by_itself;
use crate::words::words;

/// What a question is about.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    /// The stems of the words that are neither of a time nor of a kind of answer.
    pub(crate) stems: BTreeSet<String>,
    /// Whether any of them names something, which what one does with everything does not.
    pub(crate) is_named: bool,
    /// Whether there is a word of a time, which may: `When are the Easter holidays?`
    pub(crate) is_timed: bool,
}

impl Subject {
    /// What a question in this language is about.
    pub(crate) fn of(question: &str, locale: &Locale) -> Self {
        let telling = words(question, locale).into_iter().filter(|word| word.telling);
        let (times, others): (Vec<_>, Vec<_>) =
            telling.partition(|word| WHEN.contains(word.text.as_str()));
        let names = |word: &str| THINGS.contains(&word) || !asks_by_itself(word);
        let about: Vec<_> = others.into_iter().filter(|word| names(&word.text)).collect();
        let is_named = about.iter().any(|word| !DEEDS.contains(word.text.as_str()));
        let stems = about.into_iter().map(|word| word.stem).collect();
        Self { stems, is_named, is_timed: !times.is_empty() }
    }
}

/// Words that ask for an amount, and name what it is of.
const THINGS: [&str; 4] = ["fine", "disgownt", "ddisgownt", "gostyngiad"];

/// Words that tell when, which guidance seldom says in the same ones: every day is also a Sunday.
static WHEN: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    const WORDS: &str = "monday tuesday wednesday thursday friday saturday sunday weekend weekday bank holiday \
        mondays tuesdays wednesdays thursdays fridays saturdays sundays weekends weekdays \
        holidays january february march april may june july august september october november \
        december christmas easter year summer autumn winter spring morning afternoon evening \
        evenings day days dydd sul llun mawrth mercher iau gwener sadwrn suliau penwythnos \
        penwythnosau gwyl gwyliau banc ionawr chwefror ebrill mai mehefin gorffennaf awst medi \
        hydref tachwedd rhagfyr nadolig pasg haf gaeaf gwanwyn bore prynhawn nos adeg";
    WORDS.split_whitespace().collect()
});

/// What readers do with whatever a page is about, and what they need for it: each is a word of many pages,
/// and names none of them.
static DEEDS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    const WORDS: &str = "one ones pay pays paying paid payment payments apply applying application applications \
        claim claiming renew renewing register registering cancel cancelling book booking start \
        starting begin opening form forms online document documents evidence proof qualify eligible \
        entitled talu dalu thalu nhalu taliad daliad cais gais ceisiadau ymgeisio hawlio adnewyddu \
        cofrestru gofrestru canslo ganslo archebu dechrau ddechrau agor cau gau ffurflen ffurflenni \
        lein mor hir hangen dogfen dogfennau ddogfennau tystiolaeth dystiolaeth prawf cymwys gymwys";
    WORDS.split_whitespace().collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_with_everything_names_nothing() {
        let (en, cy) = (Locale::En, Locale::Cy);
        for (question, locale, is_named) in [
            ("How do I pay?", &en, false),
            ("Can I pay online on Sundays?", &en, false),
            ("How much does it cost?", &en, false),
            ("Do I need one?", &en, false),
            ("How do I pay my rent?", &en, true),
            ("What about permits?", &en, true),
            ("How much is a fine?", &en, true),
            ("Sut mae talu?", &cy, false),
            ("Faint mae’n gostio?", &cy, false),
            ("Sut mae gwneud cais?", &cy, false),
            ("Pryd mae’n cau?", &cy, false),
            ("Pa ddogfennau sydd eu hangen?", &cy, false),
            ("Sut mae talu’r dreth gyngor?", &cy, true),
        ] {
            assert_eq!(Subject::of(question, locale).is_named, is_named, "{question}");
        }
    }
}
