//! Consultations and calls for evidence: their dates, their outcome and the ways to respond.

use candour_core::{Link, Locale};
use serde_json::Value;

use super::clean::one_line;
use super::item::{list, text};
use super::schema::Written;
use super::{body, card, listing};

/// The text of a consultation or call for evidence.
pub(super) fn consultation(written: &mut Written<'_>) {
    let details = written.details;
    for field in ["final_outcome_detail", "outcome_detail"] {
        body::add(written.outline, &details[field]);
    }
    html_list(written, "final_outcome_documents");
    html_list(written, "outcome_documents");
    body::add(written.outline, &details["public_feedback_detail"]);
    html_list(written, "public_feedback_documents");
    body::add(written.outline, &details["body"]);
    dates(written);
    ways_to_respond(written);
    let elsewhere = written.word("Respond on another website", "Ymateb ar wefan arall");
    written.action(elsewhere, text(details, "held_on_another_website_url"));
    listing::attachments(written);
}

/// A day and time as people write it; what is not a time is left as it is.
pub(super) fn spelled(written: &str, locale: &Locale) -> String {
    const ENGLISH: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const WELSH: [&str; 12] = [
        "Ionawr",
        "Chwefror",
        "Mawrth",
        "Ebrill",
        "Mai",
        "Mehefin",
        "Gorffennaf",
        "Awst",
        "Medi",
        "Hydref",
        "Tachwedd",
        "Rhagfyr",
    ];
    // Eight digits can be a date as well as a reference.
    if written.trim().as_bytes().get(4) != Some(&b'-') {
        return one_line(written);
    }
    let Ok(pieces) = jiff::fmt::temporal::Pieces::parse(written.trim()) else {
        return one_line(written);
    };
    let date = pieces.date();
    let month = usize::try_from(date.month() - 1).unwrap_or_default();
    let month = if *locale == Locale::Cy { WELSH[month] } else { ENGLISH[month] };
    format!("{} {month} {}", date.day(), date.year())
}

fn dates(written: &mut Written<'_>) {
    let labels = [
        ("opening_date", written.word("Opening date", "Dyddiad agor")),
        ("closing_date", written.word("Closing date", "Dyddiad cau")),
    ];
    let locale = written.page.locale.clone();
    let date = |(field, label): (&str, &str)| {
        Some((label.to_owned(), spelled(text(written.details, field)?, &locale)))
    };
    let facts: Vec<(String, String)> = labels.into_iter().filter_map(date).collect();
    written.outline.fresh();
    written.outline.facts(facts);
}

fn ways_to_respond(written: &mut Written<'_>) {
    let ways = &written.details["ways_to_respond"];
    let online = written.word("Respond online", "Ymateb ar-lein");
    written.action(online, text(ways, "link_url"));
    let title = written.word("Ways to respond", "Ffyrdd o ymateb");
    let email = text(ways, "email")
        .map(|email| format!("{}: {}", written.word("Email", "E-bost"), one_line(email)));
    let link = text(ways, "link_url").map(|url| format!("{online}: {}", one_line(url)));
    let form = text(ways, "attachment_url").map(|url| {
        format!("{}: {}", written.word("Response form", "Ffurflen ymateb"), one_line(url))
    });
    let address = text(ways, "postal_address").map(|address| {
        let lines: Vec<String> =
            address.lines().map(one_line).filter(|line| !line.is_empty()).collect();
        format!("{}: {}", written.word("Post", "Post"), lines.join(", "))
    });
    let lines: Vec<String> = [link, email, form, address].into_iter().flatten().collect();
    if !lines.is_empty() {
        written.outline.fresh();
        let found = text(ways, "link_url")
            .map(|url| Link { label: one_line(url), url: url.trim().to_owned() });
        written.outline.block(card::from_lines(
            [title.to_owned()].into_iter().chain(lines),
            found.into_iter().collect(),
        ));
    }
}

fn html_list(written: &mut Written<'_>, field: &str) {
    for html in
        list(written.details, field).iter().filter(|value| matches!(value, Value::String(_)))
    {
        body::add(written.outline, html);
    }
}
