//! What every page has around its content: header, navigation, language toggle, footer.

use std::borrow::Borrow;
use std::fmt::Display;

use candour_core::{Config, Transport};

use crate::asset;
use crate::language::Language;
use crate::page::contact::ContactView;
use crate::site::Site;
use crate::words::words;

/// The frame of a page, and the words in its language. Templates know it as `l`.
pub(crate) struct Layout {
    language: Language,
    /// The path of the page without its language, for the toggle.
    path: String,
    /// What the page is called, in the browser's title bar too.
    pub(crate) title: String,
    /// Whether something on a form must be mended, which the browser's title says first.
    pub(crate) has_error: bool,
    /// Whether an answer is on the page.
    pub(crate) has_answer: bool,
    pub(crate) service: String,
    pub(crate) body: String,
    pub(crate) licence: Option<String>,
    pub(crate) assets: &'static str,
    /// Whether a language model may write answers.
    pub(crate) writes: bool,
    /// Where questions are sent to language models, whatever for; nowhere without one.
    pub(crate) models: Option<String>,
    /// How to reach a person.
    pub(crate) human: Option<ContactView>,
    /// Whose pages these are, where they are for staff.
    pub(crate) staff: Option<String>,
}

impl Layout {
    pub(crate) fn new(site: &Site, language: Language, path: &str, title: String) -> Self {
        let pilot = &site.config.pilot;
        Self {
            language,
            path: path.to_owned(),
            title,
            has_error: false,
            has_answer: false,
            service: language.pick(&pilot.service, pilot.service_cy.as_deref()).to_owned(),
            body: language.pick(&pilot.body, pilot.body_cy.as_deref()).to_owned(),
            licence: site.config.content.licence.clone(),
            assets: asset::folder(),
            writes: !site.config.generation.models.is_empty(),
            models: hosts(&site.config),
            human: ContactView::of_config(site, language),
            staff: None,
        }
    }

    /// The words for a key.
    pub(crate) fn t(&self, key: &str) -> String {
        words(self.language).t(key)
    }

    /// The words for a key, with one text put in.
    pub(crate) fn t1(&self, key: &str, name: &str, value: &dyn Display) -> String {
        words(self.language).t1(key, name, value)
    }

    /// The words for a key that depend on a number, which templates hand over by reference.
    pub(crate) fn n(&self, key: &str, name: &str, number: impl Borrow<usize>) -> String {
        words(self.language).n(key, name, *number.borrow())
    }

    /// The address of a page in this language.
    pub(crate) fn href(&self, path: &str) -> String {
        self.language.href(path)
    }

    pub(crate) fn lang(&self) -> &'static str {
        self.language.tag()
    }

    pub(crate) fn is_welsh(&self) -> bool {
        self.language == Language::Welsh
    }

    /// This page in the other language.
    pub(crate) fn other_href(&self) -> String {
        match self.language {
            Language::English => Language::Welsh.href(&self.path),
            Language::Welsh => Language::English.href(&self.path),
        }
    }

    pub(crate) fn navigation(&self) -> Vec<NavigationItem> {
        if self.staff.is_some() {
            return vec![
                self.item("/staff", self.t("staff-overview-title")),
                self.item("/staff/conversations", self.t("staff-conversations-title")),
                self.item("/staff/feedback", self.t("staff-feedback-title")),
                self.item("/staff/signals", self.t("staff-signals-title")),
                self.item("/staff/reviews", self.t("staff-reviews-title")),
                self.item("/staff/monitoring", self.t("staff-monitoring-title")),
                self.item("/staff/switches", self.t("staff-switches-title")),
                self.item("/staff/audit", self.t("staff-audit-title")),
            ];
        }
        vec![
            self.item("/", self.t("nav-ask")),
            self.item("/conversation", self.t("nav-conversation")),
            self.item("/about", self.t("nav-about")),
        ]
    }

    fn item(&self, path: &str, text: String) -> NavigationItem {
        NavigationItem { href: self.href(path), text, is_current: self.path == path }
    }
}

/// One link of the navigation.
pub(crate) struct NavigationItem {
    pub(crate) href: String,
    pub(crate) text: String,
    pub(crate) is_current: bool,
}

/// The places that models are reached at, whatever they are asked for, each once.
fn hosts(config: &Config) -> Option<String> {
    let Config { generation, routing, rewriting, judge, .. } = config;
    let models = [&generation.models, &routing.models, &rewriting.models, &judge.models];
    let mut hosts: Vec<&str> = Vec::new();
    for model in models.into_iter().flatten() {
        let address = model.endpoint.split_once("://").map_or(model.endpoint.as_str(), |url| url.1);
        let host = address.split('/').next().unwrap_or_default();
        if model.transport != Transport::Replay && !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    (!hosts.is_empty()).then(|| hosts.join(", "))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_model_that_is_sent_a_question_is_named() {
        for list in ["generation", "routing", "rewriting", "judge"] {
            let text = format!(
                "[[{list}.models]]\ntransport = \"openai\"\nmodel = \"m\"\nendpoint = \"https://{list}.example/v1\""
            );
            let config = Config::resolve(&text, &BTreeMap::new()).unwrap();
            assert_eq!(hosts(&config), Some(format!("{list}.example")), "{list}");
        }
        assert_eq!(hosts(&Config::default()), None);
    }
}
