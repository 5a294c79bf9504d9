//! What a run measured and with what, and what else than the index and the embedder was not the same in an
//! earlier one.

use candour_core::ContentHash;
use serde::{Deserialize, Serialize};

/// What was measured, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What the searcher embeds with.
    pub embedder: String,
    /// The hash of what was searched.
    pub snapshot: String,
    /// How many passages were asked for.
    pub depth: usize,
    /// What helped to rank beside the snapshot; nothing in runs of versions that did not write it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hints: Option<HintHashes>,
}

/// The hashes of the lists with which a searcher ranks, where it was given any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HintHashes {
    /// Of words that mean the same.
    pub synonyms: Option<ContentHash>,
    /// Of how often each page is read.
    pub views: Option<ContentHash>,
}

/// What an earlier run was made with otherwise than a later one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Otherwise {
    /// `depth`, `synonyms` or `views`.
    pub what: &'static str,
    /// What it was.
    pub earlier: String,
    /// What it is.
    pub now: String,
}

impl About {
    /// How else than this an `earlier` run was made, beside its embedder and its snapshot, which are what
    /// runs are compared for. A change may come of that alone.
    pub fn made_otherwise(&self, earlier: &Self) -> Vec<Otherwise> {
        let both = earlier.settings().into_iter().zip(self.settings());
        let both = both.map(|((what, earlier), (_, now))| Otherwise { what, earlier, now });
        both.filter(|setting| setting.earlier != setting.now).collect()
    }

    fn settings(&self) -> [(&'static str, String); 3] {
        let hash = |of: fn(&HintHashes) -> &Option<ContentHash>| match self.hints.as_ref().map(of) {
            Some(Some(hash)) => hash.to_string(),
            Some(None) => "none".to_owned(),
            None => "unknown".to_owned(),
        };
        [
            ("depth", self.depth.to_string()),
            ("synonyms", hash(|hints| &hints.synonyms)),
            ("views", hash(|hints| &hints.views)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_else_is_not_as_it_was_is_named() {
        let [a, b] = ["a", "b"].map(|text| Some(ContentHash::of(text.as_bytes())));
        let about = |depth, hints: Option<[&Option<ContentHash>; 2]>| About {
            embedder: "e".into(),
            snapshot: "s".into(),
            depth,
            hints: hints.map(|[synonyms, views]| HintHashes {
                synonyms: synonyms.clone(),
                views: views.clone(),
            }),
        };
        let plain = || about(100, Some([&None, &None]));
        for (earlier, now, expected) in [
            (plain(), plain(), &[][..]),
            (about(100, Some([&a, &b])), about(100, Some([&a, &b])), &[]),
            (about(20, Some([&None, &None])), plain(), &["depth"]),
            (about(100, Some([&a, &None])), plain(), &["synonyms"]),
            (about(100, Some([&a, &a])), about(100, Some([&b, &a])), &["synonyms"]),
            (plain(), about(100, Some([&None, &b])), &["views"]),
            (
                about(10, Some([&a, &b])),
                about(100, Some([&b, &a])),
                &["depth", "synonyms", "views"],
            ),
            (about(100, None), plain(), &["synonyms", "views"]),
        ] {
            let found = now.made_otherwise(&earlier);
            let names: Vec<&str> = found.iter().map(|otherwise| otherwise.what).collect();
            assert_eq!(names, expected, "{found:?}");
            assert!(found.iter().all(|one| one.earlier != one.now), "{found:?}");
        }
        let old: About =
            serde_json::from_str(r#"{"embedder":"e","snapshot":"s","depth":100}"#).unwrap();
        assert_eq!(old, about(100, None), "a run of an earlier version is read");
    }
}
