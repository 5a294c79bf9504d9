//! Contact pages and offices: as contacts for the route to a person, and as text so that they are found.

use candour_core::{Contact, Link, PhoneNumber};
use serde_json::Value;

use super::clean::one_line;
use super::item::{linked, list, text};
use super::resolve::resolved;
use super::schema::Written;
use super::{body, card};

/// A contact page.
pub(super) fn contact(written: &mut Written<'_>) {
    let title = written.page.title.clone();
    body::add(written.outline, &written.details["description"]);
    write(written, written.details);
    let contact = read(written, written.details, &title);
    written.page.contacts.extend(contact);
}

/// An organisation, office or group: its text, then how to reach it.
pub(super) fn office(written: &mut Written<'_>) {
    let details = written.details;
    body::add(written.outline, &details["body"]);
    if let Some(email) = text(details, "email") {
        let title = written.page.title.clone();
        let line = format!("{}: {}", written.word("Email", "E-bost"), one_line(email));
        written.outline.fresh();
        written.outline.block(card::from_lines([title.clone(), line], Vec::new()));
        written.page.contacts.push(Contact {
            title,
            emails: vec![one_line(email)],
            ..Contact::default()
        });
    }
    body::add(written.outline, &details["access_and_opening_times"]);
    for relation in ["contact", "main_office", "ordered_contacts"] {
        for other in linked(written.item, relation) {
            let title = one_line(
                text(other, "title")
                    .or_else(|| text(&other["details"], "title"))
                    .unwrap_or_default(),
            );
            if let Some(contact) = read(written, &other["details"], &title) {
                written.outline.fresh();
                written.outline.heading(2, &title, None);
                write_parts(written, &other["details"]);
                written.page.contacts.push(contact);
            }
        }
    }
}

fn write(written: &mut Written<'_>, details: &Value) {
    write_parts(written, details);
    for link in list(details, "quick_links") {
        let title = text(link, "title").unwrap_or_default().to_owned();
        written.action(&title, text(link, "url"));
    }
}

/// Every way to reach people, each under a heading that says which.
fn write_parts(written: &mut Written<'_>, details: &Value) {
    part(
        written,
        details,
        ["Online", "Ar-lein"],
        "contact_form_links",
        "more_info_contact_form",
        form_lines,
    );
    part(
        written,
        details,
        ["Phone", "Ffôn"],
        "phone_numbers",
        "more_info_phone_number",
        phone_lines,
    );
    part(
        written,
        details,
        ["Email", "E-bost"],
        "email_addresses",
        "more_info_email_address",
        email_lines,
    );
    part(
        written,
        details,
        ["Post", "Post"],
        "post_addresses",
        "more_info_post_address",
        post_lines,
    );
}

type Lines = fn(&Written<'_>, &Value) -> (Vec<String>, Vec<Link>);

fn part(
    written: &mut Written<'_>,
    details: &Value,
    name: [&'static str; 2],
    field: &str,
    more: &str,
    lines: Lines,
) {
    let entries = list(details, field);
    if entries.is_empty() && body::markup(&details[more]).is_none() {
        return;
    }
    let name = written.word(name[0], name[1]);
    written.outline.fresh();
    written.outline.heading(2, name, None);
    for entry in entries {
        let (mut rows, found) = lines(written, entry);
        rows.retain(|row| !row.is_empty());
        if !rows.is_empty() {
            let title = text(entry, "title").map_or_else(|| written.page.title.clone(), one_line);
            written.outline.block(card::from_lines([title].into_iter().chain(rows), found));
        }
        for field in ["description", "best_time_to_call"] {
            body::add_here(written.outline, &entry[field]);
        }
    }
    body::add_here(written.outline, &details[more]);
}

fn form_lines(written: &Written<'_>, form: &Value) -> (Vec<String>, Vec<Link>) {
    let url =
        text(form, "link").and_then(|url| resolved(&written.outline.site, &written.page.url, url));
    let label = one_line(text(form, "title").unwrap_or_default());
    (url.iter().cloned().collect(), url.map(|url| Link { label, url }).into_iter().collect())
}

fn phone_lines(written: &Written<'_>, phone: &Value) -> (Vec<String>, Vec<Link>) {
    let numbers = [
        ("number", written.word("Telephone", "Ffôn")),
        ("textphone", written.word("Textphone", "Ffôn testun")),
        ("international_phone", written.word("Outside UK", "O’r tu allan i’r DU")),
        ("fax", written.word("Fax", "Ffacs")),
    ];
    let numbers = numbers
        .into_iter()
        .filter_map(|(field, label)| Some(format!("{label}: {}", one_line(text(phone, field)?))));
    (numbers.chain(hours(phone)).collect(), Vec::new())
}

fn hours(phone: &Value) -> Vec<String> {
    body::markup(&phone["open_hours"]).map(|html| card::lines_of(&html)).unwrap_or_default()
}

fn email_lines(written: &Written<'_>, email: &Value) -> (Vec<String>, Vec<Link>) {
    let line = text(email, "email")
        .map(|email| format!("{}: {}", written.word("Email", "E-bost"), one_line(email)));
    (line.into_iter().collect(), Vec::new())
}

fn post_lines(_: &Written<'_>, address: &Value) -> (Vec<String>, Vec<Link>) {
    (vec![postal(address)], Vec::new())
}

fn postal(address: &Value) -> String {
    let fields = ["street_address", "locality", "region", "postal_code", "world_location"];
    let lines = fields
        .into_iter()
        .filter_map(|field| text(address, field))
        .flat_map(str::lines)
        .map(one_line);
    let lines: Vec<String> = lines
        .map(|line| line.trim_end_matches(',').to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    lines.join(", ")
}

/// The contact in a contact's details; `None` where it names no way to reach anyone.
fn read(written: &Written<'_>, details: &Value, title: &str) -> Option<Contact> {
    let email = |email: &Value| text(email, "email").map(one_line);
    let form = |form: &Value| {
        let url = resolved(&written.outline.site, &written.page.url, text(form, "link")?)?;
        Some(Link { label: one_line(text(form, "title").unwrap_or_default()), url })
    };
    let contact = Contact {
        title: title.to_owned(),
        phones: list(details, "phone_numbers")
            .iter()
            .flat_map(|phone| phones(written, phone))
            .collect(),
        emails: list(details, "email_addresses").iter().filter_map(email).collect(),
        addresses: list(details, "post_addresses")
            .iter()
            .map(postal)
            .filter(|address| !address.is_empty())
            .collect(),
        links: list(details, "contact_form_links").iter().filter_map(form).collect(),
    };
    let is_empty = contact.phones.is_empty()
        && contact.emails.is_empty()
        && contact.addresses.is_empty()
        && contact.links.is_empty();
    (!is_empty).then_some(contact)
}

fn phones(written: &Written<'_>, phone: &Value) -> Vec<PhoneNumber> {
    let title = one_line(text(phone, "title").unwrap_or_default());
    let hours = hours(phone).join(", ");
    let kinds = [
        ("number", ""),
        ("textphone", written.word("textphone", "ffôn testun")),
        ("international_phone", written.word("outside UK", "o’r tu allan i’r DU")),
    ];
    let number = |(field, kind): (&str, &str)| {
        let label =
            if kind.is_empty() { title.clone() } else { one_line(&format!("{title} {kind}")) };
        Some(PhoneNumber { label, number: one_line(text(phone, field)?), hours: hours.clone() })
    };
    kinds.into_iter().filter_map(number).collect()
}
