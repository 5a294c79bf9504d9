//! The contract of staff sessions.

use candour_core::Redacted;

use super::conversations::at;
use super::{Place, contract};
use crate::{Act, BearerKey, Database, Grant, Key, Role};

contract!(a_session_ends_by_itself_on_request_and_with_its_key);

async fn key(database: &Database, number: u8, expires: Option<i64>) -> Key {
    let bearer = BearerKey::from_random(&[number; 36]);
    let grant = Grant {
        name: "duty officer".into(),
        role: Role::Staff,
        questions_per_minute: None,
        expires_at: expires.map(at),
    };
    database.create_key(&bearer, &grant, &act()).await.unwrap();
    database.key(&bearer).await.unwrap().unwrap()
}

fn act() -> Act {
    Act { actor: "test".into(), reason: Redacted::default(), at: at(0) }
}

async fn a_session_ends_by_itself_on_request_and_with_its_key(_: &Place, database: &Database) {
    let (kept, revoked) = (key(database, 1, None).await, key(database, 2, None).await);
    let expiring = key(database, 3, Some(5)).await;
    for (token, key) in [("one", &kept), ("two", &kept), ("three", &revoked), ("four", &expiring)] {
        database.begin_session(token, key, at(1), at(10)).await.unwrap();
    }
    let is_open = async |token: &str, second: i64| {
        database.session(token, at(second)).await.unwrap().is_some()
    };
    assert_eq!(database.session("one", at(9)).await.unwrap().unwrap().id, kept.id);
    assert!(!is_open("one", 10).await && !is_open("unknown", 2).await && !is_open("", 2).await);
    database.end_session("one").await.unwrap();
    assert!(!is_open("one", 2).await && is_open("two", 2).await, "each is ended by itself");
    assert!(is_open("three", 2).await);
    assert!(database.revoke_key(&revoked.id, &act()).await.unwrap());
    assert!(!is_open("three", 2).await, "it ends with its key");
    assert!(is_open("four", 4).await && !is_open("four", 5).await, "or when its key does");
    assert_eq!(database.purge_sessions(at(5)).await.unwrap(), 1, "of the revoked key");
    assert_eq!(database.purge_sessions(at(10)).await.unwrap(), 2);
    let noted = database.audit(0, 20).await.unwrap();
    let sign_ins = noted.iter().filter(|entry| entry.action.starts_with("sign in with key"));
    assert_eq!(sign_ins.count(), 4);
}
