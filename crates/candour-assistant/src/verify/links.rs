//! Nothing leads anywhere that a retrieved page or the configuration does not name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use candour_core::{Answer, Hit};
use regex::Regex;

use super::{Against, Code};
use crate::mitigations::Mitigation;

/// Web addresses, e-mail addresses and telephone numbers as they stand in text.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\bhttps?://[^\s<>)]+|\bwww\.[^\s<>)]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b[^\s<>)]*|(?:\+44|\b0)\d[\d ]{7,}\d").ok()
});

/// Whether a text holds an address of any kind.
pub(crate) fn names_an_address(text: &str) -> bool {
    // Without the pattern nothing can be told, and everything may be one.
    ADDRESS.as_ref().is_none_or(|rule| rule.is_match(text))
}

/// Checks that every address in a sentence stands in what it cites.
pub(super) fn check(text: &str, quotes: &str) -> Result<(), Code> {
    // Without the pattern nothing can be checked, and what is not checked does not pass.
    let Some(rule) = ADDRESS.as_ref() else { return Err(Code::LinkNotAllowed) };
    let known: BTreeSet<String> = addresses(rule, quotes).collect();
    let mut addresses = addresses(rule, text);
    if addresses.all(|address| known.contains(&address)) {
        Ok(())
    } else {
        Err(Code::LinkNotAllowed)
    }
}

fn addresses(rule: &Regex, text: &str) -> impl Iterator<Item = String> {
    rule.find_iter(text).map(|address| {
        let address = address.as_str().trim_end_matches(['.', ',', ';', ':', '!', '?', '’', '”']);
        let is_phone = address.starts_with(['0', '+']);
        if is_phone { address.replace(' ', "") } else { address.to_lowercase() }
    })
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
            ("Apply at bit.ly/x", false),
            ("See refunds.info for more", false),
            ("E-mail tax@aberwen.example.evil.com", false),
            ("Call 029 2018 0111", false),
            ("No address, e.g. none. At 9.30am", true),
        ] {
            assert_eq!(check(text, quote).is_ok(), expected, "{text}");
        }
    }
}
