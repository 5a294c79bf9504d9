//! `candour switch`: stops answering, or the use of a model, at once and on every replica.

use std::process::ExitCode;

use anyhow::Result;
use candour_store::{Switch as Name, SwitchState};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::because::{By, reason};
use super::terminal;
use crate::app::Place;

/// `candour switch`.
#[derive(Debug, Args)]
pub(crate) struct Switch {
    /// What to switch; without it, how everything stands is shown
    #[arg(requires = "to")]
    what: Option<What>,

    /// Which way
    #[arg(requires = "reason")]
    to: Option<To>,

    /// Why, for the audit
    #[arg(long, value_parser = reason)]
    reason: Option<String>,

    #[command(flatten)]
    who: By,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// All answers. Off, readers are told whom to contact; who is in danger is still told who can help
    Answers,
    /// The language model. Off, answers are quotes
    Model,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum To {
    On,
    Off,
}

impl Switch {
    pub(crate) async fn run(self, place: &Place) -> Result<ExitCode> {
        let database = place.open_database().await?;
        if let (Some(what), Some(to), Some(reason)) = (self.what, self.to, self.reason) {
            let switch = match what {
                What::Answers => Name::Answers,
                What::Model => Name::Model,
            };
            let act = self.who.act(&reason);
            let state = SwitchState {
                switch,
                is_on: to == To::On,
                reason: act.reason,
                set_by: act.actor,
                set_at: act.at,
            };
            database.set_switch(&state).await?;
        }
        let set = database.switches().await?;
        database.close().await;
        let all = Name::ALL.map(|switch| (switch, set.iter().find(|state| state.switch == switch)));
        if self.json {
            terminal::print_json(&all.map(|(switch, state)| as_json(switch, state)))?;
        } else {
            let lines = all.map(|(switch, state)| as_line(switch, state));
            terminal::print(&lines.join("\n"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn as_json(switch: Name, state: Option<&SwitchState>) -> serde_json::Value {
    json!({
        "switch": switch.key(),
        "is_on": state.is_none_or(|state| state.is_on),
        "reason": state.map(|state| state.reason.as_str()),
        "set_by": state.map(|state| &state.set_by),
        "set_at": state.map(|state| state.set_at),
    })
}

fn as_line(switch: Name, state: Option<&SwitchState>) -> String {
    match state {
        None => format!("{:8} on", switch.key()),
        Some(state) => format!(
            "{:8} {:3} since {} by {}: {}",
            switch.key(),
            if state.is_on { "on" } else { "off" },
            state.set_at,
            state.set_by,
            state.reason.as_str()
        ),
    }
}
