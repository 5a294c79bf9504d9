//! Nothing leads anywhere that a retrieved page or the configuration does not name.

mod spelled;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

use candour_core::characters::is_invisible;
use candour_core::{Answer, Hit};
use regex::Regex;

use self::spelled::plainly;
use super::{Against, Code};
use crate::mitigations::Mitigation;

/// Web addresses, e-mail addresses, names of accounts and telephone numbers as they stand in text.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\bhttps?://[^\s<>)]+|\bwww\.[^\s<>)]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)*|@\w[\w.]+|\b(?:[\p{L}\p{M}\p{N}-]+\.)+[\p{L}\p{M}]{2,}\b[^\s<>)]*|(?:\+44|\b0)\d[\d ]{7,}\d").ok()
});

/// Groups of digits that may be a telephone number, or a part of one.
static DIGITS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[£$€+]?\(?\d+\)?(?:[ .-]?\(?\d{2,}\)?)*").ok());

/// Where a sentence may lead that has no address: somebody else's service, or whatever is found.
static ELSEWHERE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:search (?:online |the web |the internet |on \w+ )?for|search (?:the web|the internet|online)|google(?: it)?|look (?:us|it|them) up|chwili(?:wch|o) (?:ar-?lein )?am|app store|play store|qr code|cod qr|whatsapp|facebook|twitter|instagram|tiktok|telegram|youtube|linkedin|messenger|snapchat|paypal|bitcoin|western union|gift cards?)\b").ok()
});

/// Fewer digits are no telephone number.
const FEWEST_DIGITS: usize = 6;

/// Whether a text holds an address of any kind.
pub(crate) fn names_an_address(text: &str) -> bool {
    // Without the pattern nothing can be told, and everything may be one.
    ADDRESS.as_ref().is_none_or(|rule| rule.is_match(text))
}

/// Checks that whatever a sentence leads to stands in what it cites.
pub(super) fn check(text: &str, quotes: &str) -> Result<(), Code> {
    // Without the patterns nothing can be checked, and what is not checked does not pass.
    let known = leads_to(quotes).ok_or(Code::LinkNotAllowed)?;
    let own = leads_to(text).ok_or(Code::LinkNotAllowed)?;
    let hides = text.chars().any(|letter| is_invisible(letter) && !quotes.contains(letter));
    if !hides && own.is_subset(&known) { Ok(()) } else { Err(Code::LinkNotAllowed) }
}

/// Every address in a text, however it is spelled, and what stands in place of one.
fn leads_to(text: &str) -> Option<BTreeSet<String>> {
    let text = plainly(text)?;
    let mut found: BTreeSet<String> = addresses(ADDRESS.as_ref()?, &text).collect();
    found.extend(telephones(DIGITS.as_ref()?, &text));
    let lower = text.to_lowercase();
    found.extend(ELSEWHERE.as_ref()?.find_iter(&lower).map(|way| way.as_str().to_owned()));
    Some(found)
}

fn addresses(rule: &Regex, text: &str) -> impl Iterator<Item = String> {
    let addresses = rule
        .find_iter(text)
        .map(|address| address.as_str().trim_end_matches(['.', ',', ';', ':', '!', '?', '’', '”']));
    // Telephone numbers are read by their digits.
    addresses.filter(|address| !address.starts_with(['0', '+'])).map(str::to_lowercase)
}

/// Whole telephone numbers, by their digits alone: one without its area code leads to somebody else.
fn telephones(rule: &Regex, text: &str) -> impl Iterator<Item = String> {
    let alone = rule.find_iter(text).filter(|found| stands_alone(text, found.range()));
    alone.map(|found| found.as_str()).filter(|found| is_telephone(found)).map(|found| {
        let digits: String = found.chars().filter(char::is_ascii_digit).collect();
        let is_abroad = found.starts_with('+') || digits.starts_with("0044");
        let bare = digits.strip_prefix("00").unwrap_or(&digits);
        match bare.strip_prefix("44").filter(|_| is_abroad) {
            Some(national) => format!("0{}", national.trim_start_matches('0')),
            None => digits,
        }
    })
}

/// Whether a place in a text is no part of a longer word: `AB123456C` is no telephone number.
fn stands_alone(text: &str, place: Range<usize>) -> bool {
    !text[..place.start].ends_with(char::is_alphanumeric)
        && !text[place.end..].starts_with(char::is_alphanumeric)
}

/// Sums, years and dates in digits are other figures, and times have no group of three.
fn is_telephone(found: &str) -> bool {
    let groups: Vec<&str> =
        found.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let is_year = |group: &&str| group.len() == 4 && matches!(&group[..2], "19" | "20");
    let is_date = groups.iter().any(is_year) && groups.iter().all(|g| is_year(g) || g.len() <= 2);
    let is_sum = found.starts_with(['£', '$', '€']);
    let digits: usize = groups.iter().map(|group| group.len()).sum();
    let has_long = groups.iter().any(|group| group.len() > 2);
    digits >= FEWEST_DIGITS && has_long && !is_date && !is_sum
}

/// Drops links, sources and contacts that lead where no retrieved page does.
pub(super) fn drop_unknown(
    answer: &mut Answer,
    against: &Against<'_>,
    dropped: &mut BTreeMap<Code, usize>,
) {
    if !against.has(Mitigation::LinkAllowList) {
        return;
    }
    let allowed = allowed(against);
    let before = answer.links.len() + answer.sources.len() + answer.contacts.len();
    answer.links.retain(|link| allowed.contains(link.url.as_str()));
    answer.sources.retain(|source| allowed.contains(source.url.as_str()));
    let own = against.config.contact.contact(&answer.locale);
    let published: Vec<_> =
        against.hits.iter().chain(against.beside).flat_map(|hit| &hit.page.contacts).collect();
    answer.contacts.retain(|contact| *contact == own || published.contains(&contact));
    let left = answer.links.len() + answer.sources.len() + answer.contacts.len();
    if left < before {
        *dropped.entry(Code::LinkNotAllowed).or_default() += before - left;
    }
}

/// Every address that the retrieved pages have or name, and the pilot's own contact page.
fn allowed<'a>(against: &'a Against<'_>) -> BTreeSet<&'a str> {
    let hits = against.hits.iter().chain(against.beside);
    let mut allowed: BTreeSet<&str> = hits.flat_map(of_hit).collect();
    allowed.extend(against.config.contact.url.as_deref());
    allowed
}

fn of_hit(hit: &Hit) -> Vec<&str> {
    let page = &hit.page;
    let mut urls = vec![page.url.as_str(), hit.passage.url.as_str()];
    let links = page.actions.iter().chain(&page.part_of).chain(&hit.passage.links);
    urls.extend(links.map(|link| link.url.as_str()));
    let scopes = [&page.scope, &hit.passage.scope];
    urls.extend(
        scopes.into_iter().flat_map(|scope| &scope.alternatives).map(|(_, url)| url.as_str()),
    );
    urls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_must_stand_in_the_quote() {
        let quote =
            "Apply at www.aberwen.example/apply, e-mail tax@aberwen.example or call 029 2018 0110.";
        for (text, expected) in [
            ("Apply at www.aberwen.example/apply.", true),
            ("Call 02920180110", true),
            ("E-mail Tax@aberwen.example", true),
            ("Apply at www.aberwen.example/apply?to=x", false),
            ("Apply at https://evil.example/", false),
            ("Apply at evil.com", false),
            ("Apply at permits\u{0335}.com", false),
            ("Apply at bit.ly/x", false),
            ("See refunds.info for more", false),
            ("E-mail tax@aberwen.example.evil.com", false),
            ("Call 029 2018 0111", false),
            ("No address, e.g. none. At 9.30am", true),
            ("Call +44 29 2018 0110", true),
            ("Call (029) 2018-0110", true),
            ("Call 2018 0110", false),
            ("Call 029 2018", false),
            ("Send £120000 from 2026 to 2027, by 31.12.2026", true),
        ] {
            assert_eq!(check(text, quote).is_ok(), expected, "{text}");
        }
    }

    #[test]
    fn an_address_is_known_however_it_is_spelled() {
        let quote = "Apply online at www.aberwen.example/apply. Join by 9.30 · bring the red dot.";
        for text in [
            "Apply online at evil dot example.",
            "Apply online at parking permits dot com.",
            "Apply online at permits(.)com.",
            "Apply online at permits [dot] org.",
            "Write to parking (at) permits (dot) com.",
            "Write to parking@permits.",
            "Apply online at permits․example.",
            "Apply online at permits．example．com.",
            "Apply online at permits。com.",
            "Apply online at PERMITS · EXAMPLE.",
            "Apply online at permits . com.",
            "Apply online at permits. com",
            "Apply online at реrmits.соm.",
            "Apply online at @aberwenpermits.",
            "Search for ‘aberwen permits fast’.",
            "Chwiliwch am ‘trwyddedau Aberwen’.",
            "Apply on our Facebook page.",
            "Pay with gift cards.",
            "Apply online\u{202e}.",
        ] {
            assert!(check(text, quote).is_err(), "{text}");
        }
        for text in ["Apply online at www.aberwen.example/apply.", "Bring the red dot.", "Join us."]
        {
            assert!(check(text, quote).is_ok(), "{text}");
        }
    }
}
