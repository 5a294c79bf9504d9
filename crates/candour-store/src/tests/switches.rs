//! The contract of switches and of the audit.

use candour_core::PublicContacts;
use candour_core::redaction::redact;

use super::conversations::at;
use super::{Place, contract};
use crate::{AuditEntry, Database, Switch, SwitchState};

contract!(remembers_switches_and_who_set_them);

async fn remembers_switches_and_who_set_them(_: &Place, database: &Database) {
    assert_eq!(database.switches().await.unwrap(), [], "what was never set is on");
    let set = |switch: Switch, is_on: bool, why: &str, second: i64| SwitchState {
        switch,
        is_on,
        reason: redact(why, &PublicContacts::default()).text,
        set_by: "duty officer".into(),
        set_at: at(second),
    };
    let off = set(Switch::Answers, false, "A page is wrong. Ring 07700 900123", 1);
    let model = set(Switch::Model, false, "Too slow", 2);
    let on = set(Switch::Answers, true, "Mended", 3);
    for state in [&off, &model] {
        database.set_switch(state).await.unwrap();
    }
    assert_eq!(database.switches().await.unwrap(), [off.clone(), model.clone()]);
    database.set_switch(&on).await.unwrap();
    assert_eq!(database.switches().await.unwrap(), [on.clone(), model.clone()]);
    let noted = |state: &SwitchState, action: &str| AuditEntry {
        done_at: state.set_at,
        done_by: state.set_by.clone(),
        action: action.to_owned(),
        reason: state.reason.clone(),
    };
    let all = [
        noted(&on, "switch answers on"),
        noted(&model, "switch model off"),
        noted(&off, "switch answers off"),
    ];
    assert_eq!(database.audit(0, 10).await.unwrap(), all);
    assert_eq!(database.audit(0, 1).await.unwrap(), all[..1]);
    assert_eq!(database.audit(1, 1).await.unwrap(), all[1..2]);
    assert_eq!(database.purge_audit(at(2)).await.unwrap(), 1);
    database.note(&all[2]).await.unwrap();
    let left = [all[2].clone(), all[0].clone(), all[1].clone()];
    assert_eq!(database.audit(0, 10).await.unwrap(), left, "no position is given twice");
    assert!(!off.reason.as_str().contains("07700"), "what staff write is masked too");
}
