//! In which role a question is asked, from its words.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use candour_core::Audience;

use super::Role;
use super::names::Names;

/// The role that the reader chose, else the one that the question tells.
///
/// A choice comes before words here, other than with nations: what is read from words is who someone is,
/// not what they ask about, and they must be able to say that it is wrong.
pub(crate) fn of(text: &str, chosen: Option<Audience>) -> Role {
    if chosen.is_some() {
        return Role { audience: chosen, is_chosen: true };
    }
    let told = NAMES.as_ref().map(|names| names.found_in(text)).unwrap_or_default();
    // Whoever speaks in two roles asks in neither.
    let audience = told.first().copied().filter(|first| told.iter().all(|other| other == first));
    Role { audience, is_chosen: false }
}

static NAMES: LazyLock<Option<Names<Audience>>> = LazyLock::new(|| {
    let phrases: BTreeMap<String, Vec<String>> =
        toml::from_str(include_str!("audiences.toml")).unwrap_or_default();
    let names = phrases.into_iter().flat_map(|(key, phrases)| {
        let audience = Audience::from_key(&key);
        phrases.into_iter().map(move |phrase| (audience, phrase))
    });
    Names::new(&names.collect::<Vec<_>>())
});

#[cfg(test)]
mod tests {
    use Audience::{Business, Individual, Professional};

    use super::*;

    #[test]
    fn roles_are_read_from_words() {
        for (text, expected) in [
            ("Do I have to register my business?", Some(Business)),
            ("How much holiday do I give my employees", Some(Business)),
            ("I'm an employer, what is statutory sick pay?", Some(Business)),
            ("We employ 3 people. What must we pay?", Some(Business)),
            ("As a business, can we get rates relief?", Some(Business)),
            ("My shop’s rateable value is £9,500", Some(Business)),
            ("A oes rhaid i mi gofrestru fy musnes?", Some(Business)),
            ("Faint o wyliau mae fy ngweithwyr yn eu cael?", Some(Business)),
            ("Rwy’n gyflogwr. Beth yw’r rheolau?", Some(Business)),
            ("Mae gen i weithwyr sy’n sâl", Some(Business)),
            ("Dw i’n gyflogwr. Beth yw’r rheolau?", Some(Business)),
            ("Faint o wyliau mae fy nghyflogai yn eu cael?", Some(Business)),
            ("Can my employer refuse my holiday?", Some(Individual)),
            ("As an employee, do I get sick pay?", Some(Individual)),
            ("All fy nghyflogwr wrthod fy ngwyliau?", Some(Individual)),
            ("Can my patients get a Blue Badge?", Some(Professional)),
            ("I am asking on behalf of a client", Some(Professional)),
            ("All fy nghleifion gael Bathodyn Glas?", Some(Professional)),
            ("My employer says that I run a business", None),
            ("I'm self-employed. Which expenses can I claim?", None),
            ("Rwy’n hunangyflogedig. Pa dreth ydw i’n ei thalu?", None),
            ("Will my company pay me while I am ill?", None),
            ("My client does not pay my invoice", None),
            ("When does the business rates office open?", None),
            ("I do not employ anyone", None),
            ("I employ nobody", None),
            ("Is it the same as a business lease?", None),
            ("How do I register as a GP patient?", None),
            ("That is none of my business", None),
            ("Can I park with my staff pass?", None),
            ("Who is the largest employer here?", None),
            ("How do I start a business?", None),
            ("Do my businesslike neighbours need a permit?", None),
            ("", None),
        ] {
            let role = of(text, None);
            assert_eq!((role.audience, role.is_chosen), (expected, false), "{text}");
        }
        let chosen = of("Do I have to register my business?", Some(Individual));
        assert_eq!((chosen.audience, chosen.is_chosen), (Some(Individual), true));
    }

    #[test]
    fn every_phrase_is_under_a_role_or_under_none() {
        let phrases: BTreeMap<String, Vec<String>> =
            toml::from_str(include_str!("audiences.toml")).unwrap();
        for (key, phrases) in &phrases {
            assert!(key == "none" || Audience::from_key(key).is_some(), "{key}");
            for phrase in phrases {
                assert_eq!(of(phrase, None).audience, Audience::from_key(key), "{phrase}");
            }
        }
    }
}
