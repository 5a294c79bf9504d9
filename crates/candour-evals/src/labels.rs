//! Answers that a model judged and people labelled in part: a table in CSV, or JSON Lines.
//!
//! Columns: `id`, `judge`, `human` (empty where nobody looked), and where they are known `cluster`,
//! `stratum` (within which labels were drawn at random), `chance` (of being labelled, where some answers
//! were likelier to be), `unjudged` (why `judge` is empty: `failed`, or `inapplicable`), `metric` (what the label is of, where a table has labels of several) and
//! `annotator_1`, `annotator_2` and so on, one for each person and empty where that person did not look: what
//! each said before they settled on `human`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;

use candour_store::Unjudged;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::scored::number;

/// No honest table of labels is larger.
const LARGEST: u64 = 1 << 30;

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Label {
    /// Names the answer.
    pub id: String,
    /// What the label is of, where the table says.
    pub metric: Option<String>,
    /// What the judge says.
    pub judge: Option<f64>,
    /// Why it says nothing, where that is known: else it is taken to have failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unjudged: Option<Unjudged>,
    /// What people say; nothing where nobody looked.
    pub human: Option<f64>,
    /// What the answer has in common with others.
    pub cluster: Option<String>,
    /// The chance that it had of being labelled.
    pub chance: Option<f64>,
    /// The stratum within which labels were drawn at random.
    pub stratum: Option<String>,
    /// What each person said who looked, by the name of the person's column.
    #[serde(flatten)]
    pub annotators: BTreeMap<String, String>,
}

/// Reads a table of labels. The name of the file says what it is: `.csv`, else JSON Lines.
pub fn read(path: &Path) -> Result<Vec<Label>, LabelError> {
    read_if(path, |_| Ok(()))
}

/// The same of a table in which every label is as it should be: else what is wrong with it is told by line.
pub fn read_if(
    path: &Path,
    is_right: impl Fn(&Label) -> Result<(), String>,
) -> Result<Vec<Label>, LabelError> {
    let named = || path.display().to_string();
    let unreadable = |error| LabelError::Unreadable { path: named(), error };
    let about = fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() || about.len() > LARGEST {
        let error = std::io::Error::other("it is no plain file, or larger than 1 GiB");
        return Err(unreadable(error));
    }
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let is_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let rows = if is_csv { csv_rows(&text) } else { json_rows(&text) };
    let mut seen = BTreeSet::new();
    let mut labels = Vec::new();
    for row in rows {
        let (line, label) = row
            .and_then(|(line, row)| {
                let label = label(&row).and_then(|label| is_right(&label).map(|()| label));
                Ok((line, label.map_err(|why| (line, why))?))
            })
            .map_err(|(line, why)| LabelError::Row { path: named(), line, why })?;
        if !seen.insert((label.metric.clone(), label.id.clone())) {
            let why = format!("another row before it has the id {:?}", label.id);
            return Err(LabelError::Row { path: named(), line, why });
        }
        labels.push(label);
    }
    if labels.is_empty() {
        return Err(LabelError::Empty { path: named() });
    }
    Ok(labels)
}

/// The table as CSV, as `read` takes it. Columns that no answer has are left out.
pub fn to_csv(labels: &[Label]) -> Result<String, csv::Error> {
    let people: BTreeSet<&String> =
        labels.iter().flat_map(|label| label.annotators.keys()).collect();
    let mut people: Vec<&str> = people.into_iter().map(String::as_str).collect();
    // The tenth comes after the second.
    people.sort_by_key(|name| name.len());
    let names = ["id", "judge", "human", "metric", "cluster", "stratum", "chance", "unjudged"];
    let names = [&names[..], &people].concat();
    let rows: Vec<Vec<String>> = labels.iter().map(|label| cells(label, &people)).collect();
    let is_kept =
        |at: &usize| *at < 3 || rows.iter().any(|row| row.get(*at).is_some_and(|c| !c.is_empty()));
    let kept: Vec<usize> = (0..names.len()).filter(is_kept).collect();
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(kept.iter().filter_map(|at| names.get(*at)))?;
    for row in &rows {
        table.write_record(kept.iter().filter_map(|at| row.get(*at)))?;
    }
    let bytes = table.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// An answer's cells, the last of them for what each of these people said.
fn cells(label: &Label, people: &[&str]) -> Vec<String> {
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut cells = vec![
        label.id.clone(),
        number(label.judge),
        number(label.human),
        text(&label.metric),
        text(&label.cluster),
        text(&label.stratum),
        number(label.chance),
        label.unjudged.map_or_else(String::new, |why| why.key().to_owned()),
    ];
    let said = |person: &&str| label.annotators.get(*person).cloned().unwrap_or_default();
    cells.extend(people.iter().map(said));
    cells
}

/// A row with the line on which it begins, or what is wrong there.
type Row = Result<(u64, Map<String, Value>), (u64, String)>;

fn json_rows(text: &str) -> Vec<Row> {
    let lines = text.trim_start_matches('\u{feff}').lines().zip(1..);
    let lines = lines.filter(|(line, _)| !line.trim().is_empty());
    let parse = |(line, at): (&str, u64)| match serde_json::from_str(line) {
        Ok(Object(row)) => Ok((at, row)),
        Err(error) => Err((at, error.to_string())),
    };
    lines.map(parse).collect()
}

/// A JSON object that says nothing twice: of two values one would be lost.
struct Object(Map<String, Value>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut keys: A) -> Result<Object, A::Error> {
                let mut row = Map::new();
                while let Some((key, value)) = keys.next_entry::<String, Value>()? {
                    if row.contains_key(&key) {
                        return Err(A::Error::custom(format!("it has `{key}` twice")));
                    }
                    row.insert(key, value);
                }
                Ok(Object(row))
            }
        }
        from.deserialize_map(Keys)
    }
}

fn csv_rows(text: &str) -> Vec<Row> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return vec![Err((1, error.to_string()))],
    };
    let mut names = BTreeSet::new();
    let twice = header.iter().map(str::trim).find(|name| !name.is_empty() && !names.insert(*name));
    if let Some(name) = twice {
        return vec![Err((
            1,
            format!("there are two columns `{name}`, and one of them would be lost"),
        ))];
    }
    let row = |record: Result<csv::StringRecord, csv::Error>| match record {
        Ok(record) => {
            let line = record.position().map_or(0, |position| begins_on(position, text));
            let cells = header.iter().zip(&record).filter(|(_, cell)| !cell.trim().is_empty());
            let cells = cells.map(|(name, cell)| (name.trim().to_owned(), cell.trim().into()));
            Ok((line, cells.collect()))
        }
        Err(error) => {
            let line = error.position().map_or(0, csv::Position::line);
            Err((line, error.to_string()))
        }
    };
    reader.records().map(row).collect()
}

/// The line on which a row begins: its position may still be before line breaks that belong to no row, as the
/// second half of one of Windows.
fn begins_on(position: &csv::Position, text: &str) -> u64 {
    let before = text.as_bytes().iter().skip(position.byte() as usize);
    let breaks = before.take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + breaks.filter(|byte| **byte == b'\n').count() as u64
}

fn label(row: &Map<String, Value>) -> Result<Label, String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let some = |name: &str| row.get(name).filter(|value| !value.is_null());
    let read = |name: &str| match some(name) {
        None => Ok(None),
        Some(value) => match number(value) {
            Some(number) => Ok(Some(number)),
            None => Err(format!("`{name}` is {value}, and should be a number, yes, no, C or I")),
        },
    };
    let id = some("id").map(text).filter(|id| !id.is_empty()).ok_or("it has no `id`")?;
    let annotators = row
        .iter()
        .filter(|(name, value)| name.starts_with("annotator_") && !value.is_null())
        .map(|(name, value)| (name.clone(), text(value)))
        .filter(|(_, said)| !said.is_empty())
        .collect();
    let judge = read("judge")?;
    let unjudged = some("unjudged").map(text).map(|said| match said.as_str() {
        _ if judge.is_some() => Err("it has both `judge` and `unjudged`".to_owned()),
        "failed" => Ok(Unjudged::Failed),
        "inapplicable" => Ok(Unjudged::Inapplicable),
        _ => Err(format!("`unjudged` is {said:?}, and should be failed or inapplicable")),
    });
    Ok(Label {
        id,
        metric: some("metric").map(text),
        judge,
        unjudged: unjudged.transpose()?,
        human: read("human")?,
        cluster: some("cluster").map(text),
        chance: read("chance")?,
        stratum: some("stratum").map(text),
        annotators,
    })
}

/// Why a table of labels cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LabelError {
    /// The file cannot be read.
    #[error("{path} cannot be read ({error}): check the name")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// A row is not what it should be.
    #[error("{path} line {line}: {why}; mend the row, or leave it out")]
    Row {
        /// The file.
        path: String,
        /// The number of the line, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// There is nothing to read.
    #[error(
        "{path} has no rows: each has an `id`, what the `judge` says and, where somebody looked, what the `human` says"
    )]
    Empty {
        /// The file.
        path: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(name: &str, text: &str) -> Result<Vec<Label>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let place = format!("{}/", folder.path().display());
        read(&path).map_err(|error| error.to_string().replace(&place, ""))
    }

    fn said(by: &[(u32, &str)]) -> BTreeMap<String, String> {
        by.iter().map(|(who, said)| (format!("annotator_{who}"), (*said).to_owned())).collect()
    }

    #[test]
    fn both_kinds_of_table_say_the_same() {
        let csv = "\u{feff}id,judge,human,cluster,chance,annotator_2,annotator_1\r\na,1,C,\"p, q\",0.5,no,yes\r\n\r\nb,0.25,,r,1,,\n";
        let json = "{\"id\":\"a\",\"judge\":true,\"human\":\"yes\",\"cluster\":\"p, q\",\"chance\":0.5,\"annotator_1\":\"yes\",\"annotator_2\":\"no\",\"more\":[]}\n\n{\"id\":\"b\",\"judge\":0.25,\"human\":null,\"cluster\":\"r\",\"chance\":1}";
        let found = read_text("a.csv", csv).unwrap();
        assert_eq!(found, read_text("a.jsonl", json).unwrap());
        assert_eq!((found[0].human, found[1].human), (Some(1.0), None));
        assert_eq!(found[0].annotators, said(&[(1, "yes"), (2, "no")]));
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let label = |id: &str, human| Label {
            id: id.to_owned(),
            metric: Some("faithfulness".to_owned()),
            judge: Some(0.1 + 0.2),
            unjudged: None,
            human,
            cluster: Some("p, \"q\"".to_owned()),
            chance: Some(1.0 / 3.0),
            stratum: Some("2".to_owned()),
            annotators: BTreeMap::new(),
        };
        let mut labels = vec![label("a\n,b", Some(0.5)), label("c", None), label("ŵ", Some(1.0))];
        labels[0].annotators = said(&[(10, "right"), (2, "wrong")]);
        labels[2].annotators = said(&[(2, "right"), (3, "ddim yn siŵr")]);
        (labels[1].judge, labels[1].unjudged) = (None, Some(Unjudged::Inapplicable));
        let text = to_csv(&labels).unwrap();
        assert!(text.contains("chance,unjudged,annotator_2,annotator_3,annotator_10\n"), "{text}");
        assert_eq!(read_text("a.csv", &text).unwrap(), labels, "{text}");
        let plain =
            Label { metric: None, cluster: None, chance: None, stratum: None, ..label("a", None) };
        assert_eq!(to_csv(&[plain]).unwrap(), "id,judge,human\na,0.30000000000000004,\n");
    }

    #[test]
    fn what_is_wrong_is_named_by_line() {
        let cases = [
            ("a.csv", "", "a.csv has no rows"),
            ("a.csv", "id,judge\na,maybe\n", "a.csv line 2: `judge` is \"maybe\""),
            ("a.csv", "id,judge\r\na,1\r\n\r\nb,maybe\r\n", "a.csv line 4: `judge` is \"maybe\""),
            ("a.csv", "id,judge\n\n\na,maybe\n", "a.csv line 4: `judge` is \"maybe\""),
            ("a.csv", "id,judge\na,1\na,1\n", "a.csv line 3: another row before it has the id"),
            ("a.csv", "id,metric\na,x\na,y\na,x\n", "a.csv line 4: another row before it"),
            ("a.csv", "id,judge\na,1,2\n", "a.csv line 2: CSV error"),
            ("a.csv", "id,judge,unjudged\na,,n/a\n", "a.csv line 2: `unjudged` is \"n/a\""),
            ("a.csv", "id,judge,unjudged\na,1,failed\n", "a.csv line 2: it has both"),
            ("a.csv", "id,human,human\na,1,0\n", "a.csv line 1: there are two columns `human`"),
            ("a.csv", "id,judge, judge \na,1,0\n", "a.csv line 1: there are two columns `judge`"),
            (
                "a.jsonl",
                "{\"id\":1,\"human\":1,\"human\":0}",
                "a.jsonl line 1: it has `human` twice",
            ),
            ("a.csv", "judge\n1\n", "a.csv line 2: it has no `id`"),
            ("a.jsonl", "{\"id\":1,\"judge\":1}\n[]", "a.jsonl line 2: invalid type"),
            ("a.jsonl", "{\"id\":1,\"judge\":[1]}", "a.jsonl line 1: `judge` is [1]"),
        ];
        for (name, text, expected) in cases {
            let error = read_text(name, text).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
        // A spreadsheet may leave columns behind that have no name.
        assert!(read_text("a.csv", "id,judge,,\na,1,,\n").is_ok());
        assert!(read(Path::new("/nowhere.csv")).is_err() && read(Path::new("/")).is_err());
    }
}
