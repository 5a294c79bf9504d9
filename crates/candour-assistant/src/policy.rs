//! The policy that a program comes with: its rules, instructions and fixed words under one hash, so that a
//! receipt can tell which of them an answer was made by.

use std::sync::LazyLock;

use candour_core::ContentHash;

const FILES: [(&str, &[u8]); 25] = [
    ("compose/circumstances.toml", include_bytes!("compose/circumstances.toml")),
    ("compose/speaks.toml", include_bytes!("compose/speaks.toml")),
    ("prompts/answer.md", include_bytes!("prompts/answer.md")),
    ("prompts/judge.md", include_bytes!("prompts/judge.md")),
    ("prompts/rewrite.md", include_bytes!("prompts/rewrite.md")),
    ("prompts/route.md", include_bytes!("prompts/route.md")),
    ("replies/cy.toml", include_bytes!("replies/cy.toml")),
    ("replies/en.toml", include_bytes!("replies/en.toml")),
    ("retrieve/glossary.toml", include_bytes!("retrieve/glossary.toml")),
    ("retrieve/phrases.toml", include_bytes!("retrieve/phrases.toml")),
    ("route/labels.toml", include_bytes!("route/labels.toml")),
    ("route/rules.toml", include_bytes!("route/rules.toml")),
    ("screen/abuse.toml", include_bytes!("screen/abuse.toml")),
    ("screen/audiences.toml", include_bytes!("screen/audiences.toml")),
    ("screen/crisis.toml", include_bytes!("screen/crisis.toml")),
    ("screen/crisis/emergency.toml", include_bytes!("screen/crisis/emergency.toml")),
    ("screen/injection.toml", include_bytes!("screen/injection.toml")),
    ("screen/injection/model.bin", include_bytes!("screen/injection/model.bin")),
    ("screen/injection/model.toml", include_bytes!("screen/injection/model.toml")),
    ("screen/places.toml", include_bytes!("screen/places.toml")),
    ("verify/lexicon.toml", include_bytes!("verify/lexicon.toml")),
    ("verify/rivals.toml", include_bytes!("verify/rivals.toml")),
    ("verify/voice.toml", include_bytes!("verify/voice.toml")),
    ("verify/written/remarks.toml", include_bytes!("verify/written/remarks.toml")),
    ("words/synonyms.toml", include_bytes!("words/synonyms.toml")),
];

/// The hash of all files of rules, instructions and fixed words. Code beside them is told of by the version of
/// the program.
pub fn policy() -> &'static ContentHash {
    static POLICY: LazyLock<ContentHash> = LazyLock::new(|| {
        ContentHash::of_list(FILES.iter().flat_map(|(name, text)| [name.as_bytes(), text]))
    });
    &POLICY
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// What only tests read decides nothing.
    const FOR_TESTS: [&str; 3] = ["paraphrases", "cases.toml", "snapshots"];

    #[test]
    fn every_file_of_rules_and_words_is_part_of_the_policy() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let (mut folders, mut found) = (vec![root.clone()], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                if FOR_TESTS.iter().any(|part| name.contains(part)) {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_none_or(|kind| kind != "rs") {
                    found.push(name);
                }
            }
        }
        found.sort();
        assert_eq!(found, FILES.map(|(name, _)| name));
    }
}
