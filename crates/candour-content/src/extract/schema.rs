//! Which part of an item holds its text, for every schema of the publisher.

use candour_core::{Link, Page};
use serde_json::Value;

use super::clean::one_line;
use super::item::{list, text};
use super::outline::{Outline, heading};
use super::resolve::{at_site, resolved};
use super::{body, consultation, contact, landing, listing, service};

/// What kind of item a schema is.
pub(super) enum Kind {
    /// Unpublished.
    Gone,
    /// Moved.
    Redirect,
    /// A pointer to another site.
    External,
    /// Links to other pages, and no text of its own.
    Navigation,
    /// A page with text, and what writes it.
    Written(Writer),
}

/// Writes the text of an item into the outline, and what it learns on the way into the page.
pub(super) type Writer = fn(&mut Written<'_>);

/// An item while its text is being written.
pub(super) struct Written<'a> {
    /// The whole item.
    pub(super) item: &'a Value,
    /// Its details.
    pub(super) details: &'a Value,
    /// What is known of the page.
    pub(super) page: Page,
    /// Its text.
    pub(super) outline: &'a mut Outline,
}

/// The kind of an item with the schema `name`.
pub(super) fn kind(name: &str, document_type: &str) -> Kind {
    if matches!(document_type, "gone" | "vanish" | "substitute" | "unpublishing") {
        return Kind::Gone;
    }
    match name {
        "gone" | "vanish" | "substitute" | "unpublishing" => Kind::Gone,
        "redirect" => Kind::Redirect,
        "external_content" => Kind::External,
        _ if is_navigation(name) => Kind::Navigation,
        "guide" => Kind::Written(guide),
        "travel_advice" => Kind::Written(travel_advice),
        "transaction" => Kind::Written(service::transaction),
        "local_transaction" => Kind::Written(service::local_transaction),
        "place" => Kind::Written(service::place),
        "licence" => Kind::Written(service::licence),
        "simple_smart_answer" => Kind::Written(service::smart_answer),
        "step_by_step_nav" => Kind::Written(service::step_by_step),
        "manual" | "hmrc_manual" | "hmrc_manual_section" => Kind::Written(listing::manual),
        "document_collection" => Kind::Written(listing::collection),
        "publication" => Kind::Written(listing::publication),
        "specialist_document" => Kind::Written(listing::specialist_document),
        "statistics_announcement" => Kind::Written(listing::statistics_announcement),
        "consultation" | "call_for_evidence" => Kind::Written(consultation::consultation),
        "landing_page" | "plan_for_change_landing_page" => Kind::Written(landing::landing),
        "contact" => Kind::Written(contact::contact),
        "organisation" | "worldwide_organisation" | "worldwide_office" | "working_group" => {
            Kind::Written(contact::office)
        }
        "fatality_notice" => Kind::Written(fatality_notice),
        "topical_event" => Kind::Written(topical_event),
        "history" => Kind::Written(history),
        _ if is_plain(name) => Kind::Written(plain),
        _ => Kind::Written(unknown),
    }
}

fn is_navigation(name: &str) -> bool {
    const NAVIGATION: &[&str] = &[
        "completed_transaction",
        "content_block",
        "coronavirus_landing_page",
        "email_alert_signup",
        "facet",
        "facet_group",
        "facet_value",
        "field_of_operation",
        "fields_of_operation",
        "finder",
        "finder_email_signup",
        "get_involved",
        "homepage",
        "how_government_works",
        "mainstream_browse_page",
        "organisations_homepage",
        "search",
        "service_manual_homepage",
        "service_manual_service_toolkit",
        "service_manual_topic",
        "service_sign_in",
        "special_route",
        "taxon",
        "topic",
        "travel_advice_index",
        "world_location",
        "world_location_news",
        "government",
        "role_appointment",
        "link_collection",
    ];
    NAVIGATION.contains(&name) || name.ends_with("_index") || name.starts_with("content_block")
}

/// Schemas whose whole text is `details.body`.
fn is_plain(name: &str) -> bool {
    const PLAIN: &[&str] = &[
        "answer",
        "calendar",
        "case_study",
        "corporate_information_page",
        "detailed_guide",
        "help_page",
        "html_publication",
        "manual_section",
        "news_article",
        "person",
        "role",
        "service_manual_guide",
        "service_manual_service_standard",
        "smart_answer",
        "speech",
        "statistical_data_set",
        "take_part",
        "topical_event_about_page",
        "worldwide_corporate_information_page",
    ];
    PLAIN.contains(&name)
}

fn plain(written: &mut Written<'_>) {
    body::add(written.outline, &written.details["body"]);
}

fn guide(written: &mut Written<'_>) {
    let base = written.page.url.clone();
    for (at, part) in list(written.details, "parts").iter().enumerate() {
        // The first part lives at the page's own address.
        let slug = text(part, "slug").filter(|_| at > 0);
        let url = slug.map_or_else(
            || base.clone(),
            |slug| format!("{}/{}", base.trim_end_matches('/'), slug.trim()),
        );
        let title = text(part, "title").map(|title| heading(1, title));
        written.outline.part(&url, title.into_iter().collect());
        body::add(written.outline, &part["body"]);
    }
}

fn travel_advice(written: &mut Written<'_>) {
    let country = written.details["country"]["name"].as_str().map(one_line).unwrap_or_default();
    let alerts = list(written.details, "alert_status").iter().filter_map(Value::as_str);
    written.page.alerts = alerts.map(|alert| travel_alert(alert, &country)).collect();
    body::add(written.outline, &written.details["change_description"]);
    guide(written);
}

/// A travel alert as a sentence; one that is not known yet is told with its own words.
fn travel_alert(alert: &str, country: &str) -> String {
    let advice = match alert {
        "avoid_all_travel_to_parts" => "all travel to parts of",
        "avoid_all_travel_to_whole_country" => "all travel to",
        "avoid_all_but_essential_travel_to_parts" => "all but essential travel to parts of",
        "avoid_all_but_essential_travel_to_whole_country" => "all but essential travel to",
        other => {
            return format!("Travel alert for {country}: {}.", one_line(&other.replace('_', " ")));
        }
    };
    format!("The Foreign, Commonwealth and Development Office advises against {advice} {country}.")
}

fn fatality_notice(written: &mut Written<'_>) {
    body::add(written.outline, &written.details["roll_call_introduction"]);
    for casualty in list(written.details, "casualties") {
        body::add_here(written.outline, casualty);
    }
    plain(written);
}

fn topical_event(written: &mut Written<'_>) {
    plain(written);
    let about = &written.details["about"];
    let url = text(about, "slug").map(|slug| format!("{}/{slug}", written.page.url));
    if let (Some(url), Some(title)) = (url, text(about, "title")) {
        written.outline.part(&url, vec![heading(1, title)]);
        body::add(written.outline, &about["body"]);
    }
}

fn history(written: &mut Written<'_>) {
    body::add(written.outline, &written.details["lead_paragraph"]);
    plain(written);
}

/// Fields that hold text in the schemas that are known, in the order in which pages show them.
const TEXT_FIELDS: &[&str] = &[
    "lead_paragraph",
    "introduction",
    "introductory_paragraph",
    "summary",
    "body",
    "need_to_know",
    "what_you_need_to_know",
    "more_information",
];

/// Of a schema that is not known: the fields that hold text in others, then any other HTML.
fn unknown(written: &mut Written<'_>) {
    tracing::debug!(
        page.path = written.page.id.as_str(),
        page.schema = written.page.schema,
        "schema_unknown: read by its field names"
    );
    guide(written);
    let base = written.page.url.clone();
    written.outline.part(&base, Vec::new());
    for field in TEXT_FIELDS {
        body::add(written.outline, &written.details[field]);
    }
    if let Some(fields) = written.details.as_object() {
        let others = fields
            .iter()
            .filter(|(name, _)| !TEXT_FIELDS.contains(&name.as_str()) && *name != "parts");
        others.for_each(|(_, value)| any_html(written.outline, value));
    }
}

/// Adds every HTML text inside a value. serde_json has bounded how deep it goes.
fn any_html(outline: &mut Outline, value: &Value) {
    match value {
        Value::String(text) if text.contains("</") => body::add(outline, value),
        Value::Array(_) if body::markup(value).is_some() => body::add(outline, value),
        Value::Array(values) => values.iter().for_each(|value| any_html(outline, value)),
        Value::Object(fields) => fields.values().for_each(|value| any_html(outline, value)),
        _ => {}
    }
}

impl Written<'_> {
    /// Adds something that a reader can do from here.
    pub(super) fn action(&mut self, label: &str, url: Option<&str>) {
        let url = url.and_then(|url| resolved(&self.outline.site, &self.page.url, url));
        if let Some(url) = url {
            let link = Link { label: one_line(label), url };
            if !self.page.actions.contains(&link) {
                self.page.actions.push(link);
            }
        }
    }

    /// The address of a path at the publisher.
    pub(super) fn address(&self, path: &str) -> String {
        at_site(&self.outline.site, path)
    }

    /// A fixed word in the language of the page: Welsh for Welsh, else English.
    pub(super) fn word(&self, english: &'static str, welsh: &'static str) -> &'static str {
        if self.page.locale == candour_core::Locale::Cy { welsh } else { english }
    }
}
