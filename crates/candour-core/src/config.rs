//! `candour.toml`: what one pilot is. What was written is `raw`; what it means is `Config`.
//!
//! Unknown keys are refused. `CANDOUR_SECTION__KEY` in the environment overrides a key. Reading the
//! file and the environment is the program's business: this is a pure function of both.

mod answers;
mod content;
mod generation;
mod monitoring;
mod pilot;
mod serve;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::hash::ContentHash;

pub use self::answers::Answers;
pub use self::content::{Content, Models, Search};
pub use self::generation::{Generation, Generator, Judge, Price, Rewriting, Routing, Transport};
pub use self::monitoring::Monitoring;
pub use self::pilot::{HumanContact, Pilot};
pub use self::serve::{Serve, Store};

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
    /// Which language model writes follow-up questions out, if any.
    pub rewriting: Rewriting,
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
        config.check()?;
        Ok(config)
    }

    /// The hash that names this configuration in records. Secrets are no part of it.
    pub fn hash(&self) -> ContentHash {
        // Every field can be written as JSON, and `database_url` is left out.
        ContentHash::of(serde_json::to_string(self).unwrap_or_default().as_bytes())
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.content.check()?;
        self.answers.check()?;
        self.generation.check()?;
        generation::check_beside(self)?;
        self.store.check()?;
        self.serve.check()?;
        self.monitoring.check()
    }
}

/// Refuses a value that is not as it must be.
fn require(is_so: bool, key: &'static str, expected: &'static str) -> Result<(), ConfigError> {
    if is_so { Ok(()) } else { Err(ConfigError::Range { key, expected }) }
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
            (
                "[[judge.models]]\ntransport = \"replay\"\nmodel = \"m\"\nendpoint = \"f\"\n[[rewriting.models]]\ntransport = \"replay\"\nmodel = \"m\"\nendpoint = \"f\"",
                "`rewriting.models` in candour.toml must be empty",
            ),
            ("[generation]\npounds_per_day = inf", "generation.pounds_per_day"),
            ("[generation]\npounds_per_reader = -1", "generation.pounds_per_reader"),
            ("[generation]\npounds_per_answer = nan", "generation.pounds_per_answer"),
            ("[generation]\ntokens_per_day = -1", "tokens_per_day"),
            (
                "[[judge.models]]\ntransport = \"replay\"\nmodel = \"m\"\nendpoint = \"f\"\nprice = { output = nan }",
                "`price` in candour.toml must be numbers from 0",
            ),
            (
                "[[judge.models]]\ntransport = \"replay\"\nmodel = \"m\"\nendpoint = \"f\"\nprice = { input = 1 }",
                "says what `output` costs too",
            ),
            (
                "[[judge.models]]\ntransport = \"openai\"\nmodel = \"m\"\nendpoint = \"f\"\nkey_variable = \"A\"\nkey_file = \"b\"",
                "`key_file` in candour.toml must be absent",
            ),
            (
                "[[judge.models]]\ntransport = \"anthropic\"\nmodel = \"m\"\nendpoint = \"https://a.example/v1/\"",
                "without `/v1`",
            ),
            ("[serve]\npublic_url = \"ask.example\"", "serve.public_url"),
            ("[serve]\npublic_url = \"https://ask.example/here\"", "serve.public_url"),
            ("[rewriting]\ndeadline_seconds = 0", "rewriting.deadline_seconds"),
            ("[store]\nretention_days = 0", "store.retention_days"),
            ("[store]\nretention_days = 4000000000", "must be from 1 to 36500"),
            ("[store]\naudit_retention_days = 36501", "store.audit_retention_days"),
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
