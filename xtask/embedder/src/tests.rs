//! The whole training on a small world of made-up services, twice.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::*;

/// Words of a small language, with their Welsh.
const WORDS: [(&str, &str); 16] = [
    ("pay", "talu"),
    ("tax", "treth"),
    ("house", "tŷ"),
    ("school", "ysgol"),
    ("licence", "trwydded"),
    ("car", "car"),
    ("child", "plentyn"),
    ("renew", "adnewyddu"),
    ("form", "ffurflen"),
    ("council", "cyngor"),
    ("register", "cofrestru"),
    ("birth", "genedigaeth"),
    ("work", "gwaith"),
    ("claim", "hawlio"),
    ("help", "cymorth"),
    ("appeal", "apelio"),
];

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Every text of three words: most belong to a service that is large enough to be learned from, and
/// one in forty to a small one, which is held back.
fn pairs() -> String {
    let mut rows = String::new();
    for number in 0..WORDS.len().pow(3) {
        let words = [number % 16, number / 16 % 16, number / 256].map(|at| WORDS[at]);
        let repo = if number % 40 == 7 { "small" } else { "large" };
        let (en, cy) = (words.map(|word| word.0).join(" "), words.map(|word| word.1).join(" "));
        rows += &json!({"repo": repo, "en": en, "cy": cy}).to_string();
        rows.push('\n');
    }
    rows
}

fn write_data(folder: &Path) {
    write(folder, "welsh/pairs.jsonl", &pairs());
    let clicks = "query,link,score\ncar tax,/pay-car-tax,3\nbirth,/register-birth,2\n";
    write(folder, "govuk-search/clickstream-train.csv", clicks);
    write(folder, "govuk-search/clickstream-dev.csv", clicks);
    write(folder, "govuk-search/paths.txt", "/pay-car-tax\n/register-birth\n/renew-licence\n");
    write(folder, "govuk-search/synonyms.yml", "- search: car, vehicle => car, vehicle\n");
    write(folder, "govuk-search/welsh.csv", "title,title_english\nTalu treth,Pay tax\n");
    let page = json!({
        "base_path": "/pay", "schema_name": "answer", "document_type": "answer", "title": "Pay tax",
        "locale": "en", "details": {"body": "<p>Pay the council by form.</p>"}, "links": {},
    });
    write(folder, "govuk-content-items/answer.json", &page.to_string());
    for part in ["noun", "verb", "adj", "adv"] {
        let line = "00001740 03 n 01 tax 0 000 | what is paid; \"he paid his tax\"\n";
        write(folder, &format!("wordnet/data.{part}"), line);
    }
}

#[test]
fn a_training_learns_welsh_and_gives_the_same_bytes_again() {
    let folder = tempfile::tempdir().unwrap();
    write_data(folder.path());
    let recipe = Recipe {
        dimensions: 16,
        words: 100,
        pieces: 200,
        steps: 60,
        batch: 64,
        ..Recipe::default()
    };
    let [first, second] = ["first", "second"].map(|name| {
        let place = folder.path().join(name);
        let arguments = Arguments {
            data: folder.path().to_owned(),
            wordnet: folder.path().join("wordnet"),
            state: place.clone(),
            out: place.clone(),
            kept: place.join("kept"),
        };
        let table = make(&arguments, &recipe, &Teacher::at_hand(), &mut Inputs::default()).unwrap();
        assert_eq!(fs::read(place.join("bilingual.bin")).unwrap(), table);
        (table, fs::read_to_string(place.join("bilingual.toml")).unwrap())
    });
    assert_eq!(first, second);
    let (table, provenance) = first;
    assert!(provenance.contains(&inputs::sha256(&table)), "{provenance}");
    assert!(provenance.contains("small"), "{provenance}");
    let provenance: toml::Value = toml::from_str(&provenance).unwrap();
    let found = provenance["figures"]["welsh_to_english"]["recall@10"].as_float().unwrap();
    assert!(found > 0.5, "of 102 texts that were never learned from, {found} are found");
}
