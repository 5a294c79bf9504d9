//! Keys: found by their secret alone, and never without a trace.

use candour_core::PublicContacts;
use candour_core::redaction::redact;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};

use super::{Place, contract};
use crate::{Act, BearerKey, Database, Grant, Role};

contract!(
    a_key_is_found_by_its_secret,
    a_revoked_key_stays_known,
    of_a_secret_only_the_hash_is_kept,
);

fn bearer(first: u8) -> BearerKey {
    let mut bytes = [7; 36];
    bytes[0] = first;
    BearerKey::from_random(&bytes)
}

fn act(reason: &str, seconds: i64) -> Act {
    let at = Timestamp::from_second(1_700_000_000 + seconds).unwrap();
    let reason = redact(reason, &PublicContacts::default()).text;
    Act { actor: "jo".into(), reason, at }
}

fn machine() -> Grant {
    let (name, role) = ("Evaluator".into(), Role::Machine);
    Grant { name, role, questions_per_minute: Some(120), expires_at: None }
}

async fn a_key_is_found_by_its_secret(_: &Place, database: &Database) {
    let ends = act("", 0).at + SignedDuration::from_hours(1);
    let staff = Grant { role: Role::Staff, expires_at: Some(ends), ..machine() };
    database.create_key(&bearer(1), &machine(), &act("tests", 0)).await.unwrap();
    database.create_key(&bearer(2), &staff, &act("tests", 1)).await.unwrap();
    assert!(database.create_key(&bearer(2), &staff, &act("again", 2)).await.is_err());

    let found = database.key(&bearer(2)).await.unwrap().unwrap();
    assert_eq!((&found.id, &found.grant), (&bearer(2).id().to_owned(), &staff));
    assert!(found.is_valid(act("", 5).at) && !found.is_valid(ends));
    let mut forged = [9; 36];
    forged[..4].copy_from_slice(&[2, 7, 7, 7]);
    let forged = BearerKey::from_random(&forged);
    assert_eq!(forged.id(), found.id);
    assert_eq!(database.key(&forged).await.unwrap(), None);
    assert_eq!(database.key(&bearer(3)).await.unwrap(), None);

    assert_eq!(found.last_used_on, None);
    let day = date(2026, 11, 25);
    database.note_key_use(&found.id, day).await.unwrap();
    let listed = database.keys().await.unwrap();
    let ids: Vec<&str> = listed.iter().map(|key| key.id.as_str()).collect();
    assert_eq!(ids, [bearer(2).id(), bearer(1).id()]);
    assert_eq!((listed[0].last_used_on, listed[1].last_used_on), (Some(day), None));
}

async fn a_revoked_key_stays_known(_: &Place, database: &Database) {
    database.create_key(&bearer(1), &machine(), &act("the pilot", 0)).await.unwrap();
    let id = bearer(1).id().to_owned();
    assert!(database.revoke_key(&id, &act("lost", 9)).await.unwrap());
    assert!(!database.revoke_key(&id, &act("twice", 10)).await.unwrap());
    assert!(!database.revoke_key("0", &act("nobody's", 10)).await.unwrap());
    let found = database.key(&bearer(1)).await.unwrap().unwrap();
    assert_eq!(found.revoked_at, Some(act("", 9).at));
    assert!(!found.is_valid(act("", 20).at));
    let noted = database.audit(0, 9).await.unwrap();
    let noted: Vec<(&str, &str, &str)> = noted
        .iter()
        .map(|entry| (entry.action.as_str(), entry.done_by.as_str(), entry.reason.as_str()))
        .collect();
    let (revoked, created) = (format!("revoke key {id}"), format!("create key {id}"));
    assert_eq!(noted, [(revoked.as_str(), "jo", "lost"), (created.as_str(), "jo", "the pilot")]);
}

async fn of_a_secret_only_the_hash_is_kept(place: &Place, database: &Database) {
    let key = bearer(1);
    database.create_key(&key, &machine(), &act("tests", 0)).await.unwrap();
    assert!(!format!("{key:?}").contains("0707070707"));
    let Some(folder) = place.folder() else { return };
    database.close().await;
    let secret = key.expose();
    let secret = secret.rsplit('_').next().unwrap();
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(secret));
    }
}

#[test]
fn only_keys_are_read_as_keys() {
    let key = bearer(1);
    assert_eq!(BearerKey::parse(&key.expose()), Some(key.clone()));
    let whole = key.expose();
    for text in [
        "",
        "sk-123",
        "candour_",
        &whole[1..],
        &whole[..whole.len() - 1],
        &whole.to_uppercase(),
        &format!("{whole}0"),
        &whole.replace('7', "é"),
    ] {
        assert_eq!(BearerKey::parse(text), None, "{text}");
    }
    for role in Role::ALL {
        assert_eq!(Role::of_key(role.key()), Some(role));
    }
}
