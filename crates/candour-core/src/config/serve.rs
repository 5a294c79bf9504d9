//! `[serve]` and `[store]`: where pages and the API are served, and what is kept of what is asked there.

use serde::{Deserialize, Serialize};

use super::{ConfigError, require};

/// Where pages and the API are served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Serve {
    /// The address to listen on. Only this machine by default: a reverse proxy adds TLS.
    pub listen: String,
    /// The address that readers use, such as `https://ask.example.gov.uk`. Cookies are marked
    /// `Secure` when it begins with `https`.
    pub public_url: Option<String>,
    /// Questions a minute from one reader before they are asked to wait. People ask fewer than 15.
    pub questions_per_minute: u32,
    /// Whether `/v1` and `/mcp` are for holders of a key alone. Off by default, as the guidance is
    /// public and each asker has a limit.
    pub require_key: bool,
    /// Whether `/mcp` is served. Off by default: it invites other assistants to speak from the body's
    /// guidance, which a body should decide on.
    pub mcp: bool,
}

impl Default for Serve {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            public_url: None,
            questions_per_minute: 15,
            require_key: false,
            mcp: false,
        }
    }
}

impl Serve {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        require(self.questions_per_minute > 0, "serve.questions_per_minute", "at least 1")?;
        require(
            self.public_url.as_deref().is_none_or(is_origin),
            "serve.public_url",
            "where readers find it, with `https://` or `http://` and without a path",
        )
    }
}

/// Whether it is a scheme and a host, which is what browsers say that they come from.
fn is_origin(address: &str) -> bool {
    let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    host.is_some_and(|host| {
        let host = host.trim_end_matches('/');
        !host.is_empty() && !host.contains(['/', '?', '#', '@', ' '])
    })
}

/// The longest that anything may be kept: a hundred years. A time that goes back beyond what can be reckoned
/// would delete nothing.
const MOST_DAYS: u32 = 36_500;

/// What is kept, where and for how long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// A PostgreSQL address for more than one replica; otherwise SQLite in the state directory.
    /// It may hold a password: set `CANDOUR_STORE__DATABASE_URL` rather than the file.
    #[serde(skip_serializing)]
    pub database_url: Option<String>,
    /// Conversations are deleted this many days after their last question. GOV.UK Chat keeps a year;
    /// a pilot rarely needs as long.
    pub retention_days: u32,
    /// What staff did is noted in the audit and deleted this many days later. Two years let an auditor
    /// look back over a whole pilot.
    pub audit_retention_days: u32,
    /// Hours until staff must give their key again on the staff pages: a working day.
    pub staff_session_hours: u32,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            database_url: None,
            retention_days: 90,
            audit_retention_days: 730,
            staff_session_hours: 12,
        }
    }
}

impl Store {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let is_so = |days: u32| (1..=MOST_DAYS).contains(&days);
        let expected = "from 1 to 36500";
        require(is_so(self.retention_days), "store.retention_days", expected)?;
        require(is_so(self.audit_retention_days), "store.audit_retention_days", expected)?;
        require(
            (1..=168).contains(&self.staff_session_hours),
            "store.staff_session_hours",
            "from 1 to 168",
        )
    }
}
