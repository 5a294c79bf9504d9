//! Whom a page is written for, as its publisher says it: in words of its own, or by where it files it.
//!
//! A page is for everyone unless its publisher says otherwise in words that are known here: one word that
//! is not could stand for any reader, so that it leaves the page for everyone.

use std::collections::BTreeSet;

use candour_core::Audience::{self, Business, Individual, Professional};
use serde_json::Value;

use super::item::{linked, text};

/// Topics of GOV.UK's main navigation that are for those who run a business or employ people.
const BUSINESS_TOPICS: [&str; 2] = ["business", "employing-people"];
/// Kinds of page that GOV.UK publishes for those who apply the rules: tax manuals are written for HMRC's
/// own staff, the Service Manual for teams that build public services.
const PROFESSIONAL_SCHEMAS: [&str; 4] = [
    "hmrc_manual",
    "hmrc_manual_section",
    "service_manual_guide",
    "service_manual_service_standard",
];

/// What publishers call an audience, in English and Welsh, in lower case.
const NAMES: [(Audience, &str); 3] = [
    (
        Individual,
        "individual, individuals, citizen, citizens, resident, residents, householder, householders, \
         employee, employees, worker, workers, parents, tenants, students, unigolion, dinasyddion, \
         preswylwyr, trigolion, gweithwyr, rhieni, tenantiaid, myfyrwyr",
    ),
    (
        Business,
        "business, businesses, businessaudience, small businesses, company, companies, employer, \
         employers, self-employed, self-employed people, sole traders, traders, busnes, busnesau, \
         cwmnïau, cyflogwyr, pobl hunangyflogedig, masnachwyr",
    ),
    (
        Professional,
        "professional, professionals, specialists, practitioners, advisers, advisors, tax agents, \
         accountants, solicitors, clinicians, health professionals, healthcare professionals, doctors, \
         nurses, teachers, social workers, gweithwyr proffesiynol, arbenigwyr, ymarferwyr, cynghorwyr, \
         athrawon, nyrsys, gweithwyr cymdeithasol",
    ),
];

/// The audiences in a list of names: `businesses, employers` or `[businesses, employers]`.
pub(crate) fn listed(written: &str) -> BTreeSet<Audience> {
    let written = written.trim().trim_matches(['[', ']']);
    all_known(written.split([',', ';', '|']))
}

/// The same in JSON: such a list, an array of names, or what schema.org calls an `Audience`.
pub(crate) fn in_json(value: &Value) -> BTreeSet<Audience> {
    match value {
        Value::String(written) => listed(written),
        Value::Array(several) => {
            let each: Vec<BTreeSet<Audience>> = several.iter().map(in_json).collect();
            // Beside one that is for everyone the others narrow nothing.
            let is_narrow = each.iter().all(|audiences| !audiences.is_empty());
            narrowed(each.into_iter().flatten().filter(|_| is_narrow).collect())
        }
        Value::Object(audience) => {
            let stated = audience.get("audienceType").or_else(|| audience.get("@type"));
            stated.map(in_json).unwrap_or_default()
        }
        _ => BTreeSet::new(),
    }
}

/// Whom an item of the Content API is for: by its schema, or where all topics that it is filed under are
/// for businesses.
pub(super) fn of_item(item: &Value) -> BTreeSet<Audience> {
    if text(item, "schema_name").is_some_and(|schema| PROFESSIONAL_SCHEMAS.contains(&schema)) {
        return BTreeSet::from([Professional]);
    }
    let topics = linked(item, "mainstream_browse_pages");
    let is_for_business = |topic: &&Value| {
        let path = text(topic, "base_path").unwrap_or_default();
        let name = path.strip_prefix("/browse/").and_then(|path| path.split('/').next());
        name.is_some_and(|name| BUSINESS_TOPICS.contains(&name))
    };
    if !topics.is_empty() && topics.iter().all(is_for_business) {
        return BTreeSet::from([Business]);
    }
    BTreeSet::new()
}

/// The audiences of all names, unless one is not known.
fn all_known<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<Audience> {
    let names = names.map(|name| name.trim().trim_matches(['"', '\'']).trim().to_lowercase());
    let audience_of = |name: String| {
        let mut all = NAMES.iter();
        all.find(|(_, known)| known.split(", ").any(|known| known == name)).map(|found| found.0)
    };
    let found: Option<BTreeSet<Audience>> =
        names.filter(|name| !name.is_empty()).map(audience_of).collect();
    narrowed(found.unwrap_or_default())
}

/// What is for every audience is for everyone.
fn narrowed(audiences: BTreeSet<Audience>) -> BTreeSet<Audience> {
    if audiences.len() == Audience::ALL.len() { BTreeSet::new() } else { audiences }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Extraction;
    use super::*;

    fn check(found: &BTreeSet<Audience>, expected: &[Audience], of: &str) {
        assert_eq!(found.iter().copied().collect::<Vec<_>>(), expected, "{of}");
    }

    #[test]
    fn publishers_have_words_of_their_own() {
        for (written, expected) in [
            ("business", &[Business][..]),
            (" Employers; self-employed people ", &[Business]),
            ("[\"tax agents\", 'employers']", &[Business, Professional]),
            ("Residents", &[Individual]),
            ("Cyflogwyr, Busnesau", &[Business]),
            ("Gweithwyr", &[Individual]),
            ("individuals, businesses, professionals", &[]),
            ("businesses, rebel alliance", &[]),
            ("general public", &[]),
            ("everyone", &[]),
            ("[]", &[]),
            (", ,", &[]),
            ("", &[]),
        ] {
            check(&listed(written), expected, written);
        }
    }

    #[test]
    fn json_may_say_it_in_several_shapes() {
        for (value, expected) in [
            (json!("employers"), &[Business][..]),
            (json!(["employers", "tax agents"]), &[Business, Professional]),
            (json!({"@type": "Audience", "audienceType": "Residents"}), &[Individual]),
            (json!({"@type": "BusinessAudience"}), &[Business]),
            (json!({"@type": "Audience"}), &[]),
            (
                json!([{"@type": "BusinessAudience"}, {"audienceType": ["nurses"]}]),
                &[Business, Professional],
            ),
            (json!(["employers", "droids"]), &[]),
            (json!(["employers", 7]), &[]),
            (json!(null), &[]),
        ] {
            check(&in_json(&value), expected, &value.to_string());
        }
    }

    #[test]
    fn topics_tell_where_all_of_them_are_for_businesses() {
        let filed = |schema: &str, paths: &[&str]| {
            let topics: Vec<Value> = paths.iter().map(|path| json!({"base_path": path})).collect();
            json!({"schema_name": schema, "links": {"mainstream_browse_pages": topics}})
        };
        for (item, expected) in [
            (filed("guide", &["/browse/business/licences"]), &[Business][..]),
            (filed("guide", &["/browse/business", "/browse/employing-people/pay"]), &[Business]),
            (filed("guide", &["/browse/business/tax", "/browse/tax/vat"]), &[]),
            (filed("guide", &["/browse/businesslike"]), &[]),
            (filed("guide", &["/browse/working/jobs"]), &[]),
            (filed("guide", &[]), &[]),
            (filed("hmrc_manual_section", &[]), &[Professional]),
            (json!({"schema_name": "guide", "links": {"mainstream_browse_pages": ["0f1e"]}}), &[]),
            (
                json!({"expanded_links": {"mainstream_browse_pages": [{"base_path": "/browse/employing-people"}]}}),
                &[Business],
            ),
        ] {
            check(&of_item(&item), expected, &item.to_string());
        }
    }

    #[test]
    fn a_page_says_it_in_its_metadata() {
        let html = |head: &str| {
            let text = format!("<title>T</title>{head}<main><p>Words.</p></main>");
            super::super::html_page(text.as_bytes(), "/a", "https://a.example/a")
        };
        let data =
            |json: &str| html(&format!("<script type=\"application/ld+json\">{json}</script>"));
        let markdown = |matter: &str| {
            let text = format!("---\ntitle: T\n{matter}\n---\nWords.");
            super::super::markdown_page(text.as_bytes(), "/a", "https://a.example/a")
        };
        for (read, expected) in [
            (html(r#"<meta name="DC.audience" content="Businesses">"#), &[Business][..]),
            (
                html(r#"<meta property="dcterms.audience" content="nurses, doctors">"#),
                &[Professional],
            ),
            (html(r#"<meta name="audience" content="all">"#), &[]),
            (
                data(r#"{"@type": "WebPage", "audience": {"audienceType": "employers"}}"#),
                &[Business],
            ),
            (data(r#"{"@graph": [{"@type": "Thing"}, {"audience": "tenants"}]}"#), &[Individual]),
            (data(r#"[{"audience": [{"@type": "BusinessAudience"}]}]"#), &[Business]),
            (data(r#"{"about": {"audience": "employers"}}"#), &[]),
            (data(r#"{"audience": "#), &[]),
            (markdown("audience: [employers, tax agents]"), &[Business, Professional]),
            (markdown("audience: Everyone"), &[]),
            (markdown("tags: business"), &[]),
        ] {
            let Extraction::Page(page) = &read else { panic!("{read:?}") };
            check(&page.page.audiences, expected, &format!("{read:?}"));
        }
    }
}
