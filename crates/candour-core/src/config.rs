//! `candour.toml`: what one pilot is. What was written is `raw`; what it means is `Config`.
//!
//! Unknown keys are refused. `CANDOUR_SECTION__KEY` in the environment overrides a key. Reading the
//! file and the environment is the program's business: this is a pure function of both.

mod generation;
mod monitoring;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::hash::ContentHash;
use crate::locale::Locale;
use crate::nation::Nation;
use crate::page::{Contact, Link, PhoneNumber};

pub use generation::{Generation, Generator, Judge, Price, Routing, Transport};
pub use monitoring::Monitoring;

/// One pilot, as configured. Every field has a default, so that an empty file is a valid pilot.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Who runs the assistant, and for whom.
    pub pilot: Pilot,
    /// Where the guidance comes from.
    pub content: Content,
    /// What helps to find the pages.
    pub search: Search,
    /// Where models come from.
    pub models: Models,
    /// How questions are answered.
    pub answers: Answers,
    /// Which language models compose answers, and what they may spend.
    pub generation: Generation,
    /// Which language model sorts the questions that rules leave open, if any.
    pub routing: Routing,
    /// Which language model looks at what another wrote, if any.
    pub judge: Judge,
    /// Who helps when the assistant cannot.
    pub contact: HumanContact,
    /// Where pages and the API are served.
    pub serve: Serve,
    /// What is kept, where and for how long.
    pub store: Store,
    /// What is watched in answers while the pilot runs.
    pub monitoring: Monitoring,
}

/// Who runs the assistant, and for whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pilot {
    /// The public body's name. The default says plainly that nobody has set it.
    pub body: String,
    /// The body's name in Welsh; the English name is used where it is absent.
    pub body_cy: Option<String>,
    /// What the assistant is called.
    pub service: String,
    /// What the assistant is called in Welsh.
    pub service_cy: Option<String>,
    /// Up to four questions to offer on the first page and at the end of `candour demo`.
    pub examples: Vec<String>,
    /// The same in Welsh.
    pub examples_cy: Vec<String>,
    /// The nation that most readers are in. It is assumed where a reader names none, and the answer
    /// says so. Absent by default: a body that serves all four should not assume one.
    pub nation: Option<Nation>,
}

impl Default for Pilot {
    fn default() -> Self {
        Self {
            body: "Unnamed public body".into(),
            body_cy: None,
            service: "Ask our guidance".into(),
            service_cy: Some("Gofynnwch i’n canllawiau".into()),
            examples: Vec::new(),
            examples_cy: Vec::new(),
            nation: None,
        }
    }
}

/// Where the guidance comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Content {
    /// What `candour ingest` reads when it is given no source: `govuk:/path`, `govuk:sitemap`,
    /// `govuk-list:FILE`, `dir:PATH`, `jsonl:PATH`, `beir:PATH`.
    pub sources: Vec<String>,
    /// The publisher's Content API. Only this host, and `site`'s, are ever connected to.
    pub api: String,
    /// The publisher's site: paths are resolved against it for readers. An empty string keeps paths.
    pub site: String,
    /// Requests a second. GOV.UK allows 10 for a client; half of that leaves room for others.
    pub requests_per_second: f64,
    /// The largest page that is read, in bytes. GOV.UK's longest publications are under 2 MB.
    pub max_page_bytes: usize,
    /// The licence of the text, shown to readers.
    pub licence: Option<String>,
}

impl Default for Content {
    fn default() -> Self {
        Self {
            sources: Vec::new(),
            api: "https://www.gov.uk/api/content".into(),
            site: "https://www.gov.uk".into(),
            requests_per_second: 5.0,
            max_page_bytes: 10 * 1024 * 1024,
            licence: Some("Open Government Licence v3.0".into()),
        }
    }
}

/// What helps to find the pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Search {
    /// What turns passages and questions into vectors: `default`, which comes with the program and
    /// needs nothing else, or `minilm` or `minilm-int8`, which know more English, take milliseconds a
    /// text rather than microseconds, and are obtained with `candour models pull`.
    pub embedder: String,
    /// A file of words and phrases that mean the same, as GOV.UK's own search lists them:
    /// `- search: licence, license => licence, license`. Absent by default: only a publisher knows
    /// which words its readers exchange.
    pub synonyms: Option<PathBuf>,
    /// A file of how often each page is read, with lines of `path,views`. Absent by default.
    pub views: Option<PathBuf>,
}

impl Default for Search {
    fn default() -> Self {
        Self { embedder: "default".into(), synonyms: None, views: None }
    }
}

/// Where models come from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Models {
    /// An address under which the files of a model lie. Absent by default: no host is connected to
    /// that is not named here or on the command line.
    pub mirror: Option<String>,
    /// The hosts that the mirror may redirect to, as model hubs do.
    pub hosts: Vec<String>,
}

/// How questions are answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    /// The longest question, in characters. GOV.UK Chat allows 300, which is too short for someone
    /// who explains their circumstances.
    pub max_question_characters: usize,
    /// The most units (sentences, list items, table rows) quoted in one answer.
    pub max_sentences: usize,
    /// Confidence below which no answer is given, 0 to 1. The default is calibrated on the sample's
    /// questions; see docs/answers.md.
    pub abstain_below: f32,
    /// A quoted page that was last changed more than this many days ago carries a notice.
    pub old_after_days: u32,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            max_question_characters: 2000,
            max_sentences: 6,
            abstain_below: 0.45,
            old_after_days: 730,
        }
    }
}

/// Who helps when the assistant cannot. Shown on every answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HumanContact {
    /// Who is reached: "Customer services".
    pub name: String,
    /// The same in Welsh.
    pub name_cy: Option<String>,
    /// A telephone number.
    pub phone: Option<String>,
    /// When it is answered.
    pub hours: Option<String>,
    /// The same in Welsh.
    pub hours_cy: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
    /// A page with more ways to get in touch.
    pub url: Option<String>,
}

impl HumanContact {
    /// As a contact in the reader's language.
    pub fn contact(&self, locale: &Locale) -> Contact {
        let welsh = *locale == Locale::Cy;
        let pick = |en: &str, cy: &Option<String>| match cy {
            Some(cy) if welsh => cy.clone(),
            _ => en.to_owned(),
        };
        let title = pick(&self.name, &self.name_cy);
        let phones = self.phone.iter().map(|number| PhoneNumber {
            label: String::new(),
            number: number.clone(),
            hours: pick(self.hours.as_deref().unwrap_or_default(), &self.hours_cy),
        });
        Contact {
            phones: phones.collect(),
            emails: self.email.iter().cloned().collect(),
            addresses: Vec::new(),
            links: self
                .url
                .iter()
                .map(|url| Link { label: title.clone(), url: url.clone() })
                .collect(),
            title,
        }
    }
}

/// Where pages and the API are served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Serve {
    /// The address to listen on. Only this machine by default: a reverse proxy adds TLS.
    pub listen: String,
    /// The address that readers use, such as `https://ask.example.gov.uk`. Cookies are marked
    /// `Secure` when it begins with `https`.
    pub public_url: Option<String>,
    /// Questions a minute from one reader before they are asked to wait. People ask fewer than 15.
    pub questions_per_minute: u32,
    /// Whether `/v1` and `/mcp` are for holders of a key alone. Off by default, as the guidance is
    /// public and each asker has a limit.
    pub require_key: bool,
    /// Whether `/mcp` is served. Off by default: it invites other assistants to speak from the body's
    /// guidance, which a body should decide on.
    pub mcp: bool,
}

impl Default for Serve {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            public_url: None,
            questions_per_minute: 15,
            require_key: false,
            mcp: false,
        }
    }
}

/// What is kept, where and for how long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// A PostgreSQL address for more than one replica; otherwise SQLite in the state directory.
    /// It may hold a password: set `CANDOUR_STORE__DATABASE_URL` rather than the file.
    #[serde(skip_serializing)]
    pub database_url: Option<String>,
    /// Conversations are deleted this many days after their last question. GOV.UK Chat keeps a year;
    /// a pilot rarely needs as long.
    pub retention_days: u32,
    /// What staff did is noted in the audit and deleted this many days later. Two years let an auditor
    /// look back over a whole pilot.
    pub audit_retention_days: u32,
    /// Hours until staff must give their key again on the staff pages: a working day.
    pub staff_session_hours: u32,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            database_url: None,
            retention_days: 90,
            audit_retention_days: 730,
            staff_session_hours: 12,
        }
    }
}

impl Config {
    /// The configuration that `text` (the file, empty when there is none) and the environment mean.
    pub fn resolve(
        text: &str,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let mut table: toml::Table =
            text.parse().map_err(|e: toml::de::Error| ConfigError::Syntax(e.to_string()))?;
        for (name, value) in environment {
            override_key(&mut table, name, value)?;
        }
        let config: Self =
            table.try_into().map_err(|e: toml::de::Error| ConfigError::Key(e.to_string()))?;
        config.check()
    }

    /// The hash that names this configuration in records. Secrets are no part of it.
    pub fn hash(&self) -> ContentHash {
        // Every field can be written as JSON, and `database_url` is left out.
        ContentHash::of(serde_json::to_string(self).unwrap_or_default().as_bytes())
    }

    fn check(self) -> Result<Self, ConfigError> {
        let out_of_range =
            |key: &'static str, expected: &'static str| Err(ConfigError::Range { key, expected });
        if !(0.1..=50.0).contains(&self.content.requests_per_second) {
            return out_of_range("content.requests_per_second", "from 0.1 to 50");
        }
        if self.content.max_page_bytes < 1024 {
            return out_of_range("content.max_page_bytes", "at least 1024");
        }
        if !(50..=20_000).contains(&self.answers.max_question_characters) {
            return out_of_range("answers.max_question_characters", "from 50 to 20000");
        }
        if !(1..=20).contains(&self.answers.max_sentences) {
            return out_of_range("answers.max_sentences", "from 1 to 20");
        }
        if !(0.0..=1.0).contains(&self.answers.abstain_below) {
            return out_of_range("answers.abstain_below", "from 0 to 1");
        }
        if !(1..=50).contains(&self.generation.passages) {
            return out_of_range("generation.passages", "from 1 to 50");
        }
        if !(64..=8192).contains(&self.generation.max_output_tokens) {
            return out_of_range("generation.max_output_tokens", "from 64 to 8192");
        }
        if !(1..=25).contains(&self.generation.deadline_seconds) {
            return out_of_range("generation.deadline_seconds", "from 1 to 25");
        }
        if self.generation.hedge_after_seconds == 0 {
            return out_of_range("generation.hedge_after_seconds", "at least 1");
        }
        // Both together end before the server gives a request up.
        if !(1..=25).contains(&self.judge.deadline_seconds) {
            return out_of_range("judge.deadline_seconds", "from 1 to 25");
        }
        let longest = self.generation.deadline_seconds + self.judge.deadline_seconds;
        if !self.judge.models.is_empty() && longest > 28 {
            return out_of_range(
                "judge.deadline_seconds",
                "no more than 28 together with generation.deadline_seconds",
            );
        }
        if !(1..=25).contains(&self.routing.deadline_seconds) {
            return out_of_range("routing.deadline_seconds", "from 1 to 25");
        }
        let longest = self.generation.deadline_seconds + self.routing.deadline_seconds;
        if !self.routing.models.is_empty() && longest > 28 {
            return out_of_range(
                "routing.deadline_seconds",
                "no more than 28 together with generation.deadline_seconds",
            );
        }
        if !self.routing.models.is_empty() && !self.judge.models.is_empty() {
            return out_of_range(
                "routing.models",
                "empty where judge.models is not, for an answer takes no more than two models",
            );
        }
        if self.store.retention_days == 0 {
            return out_of_range("store.retention_days", "at least 1");
        }
        if self.store.audit_retention_days == 0 {
            return out_of_range("store.audit_retention_days", "at least 1");
        }
        if !(1..=168).contains(&self.store.staff_session_hours) {
            return out_of_range("store.staff_session_hours", "from 1 to 168");
        }
        if self.serve.questions_per_minute == 0 {
            return out_of_range("serve.questions_per_minute", "at least 1");
        }
        self.monitoring.check()?;
        Ok(self)
    }
}

/// Sets `section.key` from `CANDOUR_SECTION__KEY`. Names of another form are not ours and are left alone.
fn override_key(table: &mut toml::Table, name: &str, value: &str) -> Result<(), ConfigError> {
    let Some((section, key)) = name.strip_prefix("CANDOUR_").and_then(|rest| rest.split_once("__"))
    else {
        return Ok(());
    };
    // A value that reads as TOML (a number, a list, a quoted string) is that; anything else is text.
    let parsed = format!("value = {value}").parse::<toml::Table>().ok();
    let value = parsed
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| toml::Value::String(value.to_owned()));
    let section = section.to_ascii_lowercase();
    let entry =
        table.entry(section.clone()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
    match entry {
        toml::Value::Table(entry) => {
            entry.insert(key.to_ascii_lowercase(), value);
            Ok(())
        }
        _ => Err(ConfigError::Key(format!("`{section}` must be a section, [{section}]"))),
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file is not TOML.
    #[error("candour.toml is not valid TOML; mend the marked line:\n{0}")]
    Syntax(String),
    /// A key is unknown or has a value of the wrong type.
    #[error("candour.toml (or a CANDOUR_… variable) has a key that cannot be used: {0}")]
    Key(String),
    /// A value is out of range.
    #[error("`{key}` in candour.toml must be {expected}")]
    Range {
        /// The key, with its section.
        key: &'static str,
        /// The range, in words.
        expected: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(Config::resolve("", &BTreeMap::new()).unwrap(), Config::default());
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let config = Config::resolve(
            "[serve]\nlisten = \"127.0.0.1:1\"\nquestions_per_minute = 3\n",
            &environment(&[
                ("CANDOUR_SERVE__LISTEN", "127.0.0.1:9"),
                ("CANDOUR_ANSWERS__MAX_SENTENCES", "4"),
                ("CANDOUR_CONTENT__SOURCES", r#"["dir:a"]"#),
                ("CANDOUR_STATE", "elsewhere"),
            ]),
        )
        .unwrap();
        assert_eq!(config.serve.listen, "127.0.0.1:9");
        assert_eq!(config.serve.questions_per_minute, 3);
        assert_eq!(config.answers.max_sentences, 4);
        assert_eq!(config.content.sources, ["dir:a"]);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, expected) in [
            ("[serve]\nlissen = \"x\"", "lissen"),
            ("[serve", "line 1"),
            ("serve = 3", "serve"),
            ("[answers]\nabstain_below = 2.0", "answers.abstain_below"),
            ("[judge]\ndeadline_seconds = 0", "judge.deadline_seconds"),
            (
                "[judge]\ndeadline_seconds = 9\n[[judge.models]]\ntransport = \"replay\"\nmodel = \"m\"\nendpoint = \"f\"",
                "generation.deadline_seconds",
            ),
            ("[routing]\ndeadline_seconds = 26", "routing.deadline_seconds"),
            (
                "[[judge.models]]\ntransport = \"replay\"\nmodel = \"m\"\nendpoint = \"f\"\n[[routing.models]]\ntransport = \"replay\"\nmodel = \"m\"\nendpoint = \"f\"",
                "no more than two models",
            ),
            ("[store]\nretention_days = 0", "store.retention_days"),
            ("[store]\nstaff_session_hours = 169", "store.staff_session_hours"),
            ("[monitoring]\nshare = 0.0", "monitoring.share"),
            ("[monitoring]\nmetrics = [\"charm\"]", "charm"),
            ("[monitoring]\nthresholds = { useful = 2.0 }", "monitoring.thresholds"),
            ("[monitoring]\nquotes_only_on = [\"language\"]", "monitoring.quotes_only_on"),
        ] {
            let message = Config::resolve(text, &BTreeMap::new()).unwrap_err().to_string();
            assert!(message.contains(expected), "{text:?} gave {message:?}");
        }
    }

    #[test]
    fn the_database_address_is_never_written_out() {
        let config = Config::resolve(
            "[store]\ndatabase_url = \"postgres://u:secret@h/d\"",
            &BTreeMap::new(),
        )
        .unwrap();
        assert!(!toml::to_string(&config).unwrap().contains("secret"));
    }
}
