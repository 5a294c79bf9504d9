//! Where a database is, as text in the configuration. A password in it is never shown.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::StoreError;

/// Where the database is. Neither `Display` nor `Debug` shows a password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseAddress {
    /// A file on this machine.
    Sqlite(PathBuf),
    /// A PostgreSQL server, by URL.
    Postgres(String),
}

impl DatabaseAddress {
    /// Reads `sqlite:PATH`, `postgres://…` or `postgresql://…`.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let text = text.trim();
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text.strip_prefix("sqlite:").unwrap_or_default();
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() {
            return Err(StoreError::Address(without_password(text)));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }

    /// The SQLite database of a state directory.
    pub fn in_state(state: &Path) -> Self {
        Self::Sqlite(state.join("candour.sqlite"))
    }
}

impl fmt::Display for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The address with `***` for the password, and without the parameters, which can hold one too. It
/// also has to serve for text that is no valid URL, so it hides too much rather than too little.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.split('@').next_back().unwrap_or_default().to_owned();
    };
    let (before_host, host) = rest.rsplit_once('@').unwrap_or(("", rest));
    let host = host.split('?').next().unwrap_or_default();
    match before_host.split_once(':') {
        Some((user, _)) => format!("{scheme}://{user}:***@{host}"),
        None if before_host.is_empty() => format!("{scheme}://{host}"),
        None => format!("{scheme}://{before_host}@{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_addresses() {
        let sqlite = |path: &str| Some(DatabaseAddress::Sqlite(PathBuf::from(path)));
        let postgres = |url: &str| Some(DatabaseAddress::Postgres(url.to_owned()));
        for (text, expected) in [
            ("sqlite:state/candour.sqlite", sqlite("state/candour.sqlite")),
            ("sqlite:///var/lib/c.sqlite", sqlite("/var/lib/c.sqlite")),
            (" sqlite:/a b/ü?.sqlite ", sqlite("/a b/ü?.sqlite")),
            ("postgres://db/candour", postgres("postgres://db/candour")),
            ("postgresql://u:p@db/candour", postgres("postgresql://u:p@db/candour")),
            ("sqlite:", None),
            ("sqlite://", None),
            ("mysql://db/candour", None),
            ("candour.sqlite", None),
            ("", None),
        ] {
            assert_eq!(DatabaseAddress::parse(text).ok(), expected, "{text}");
        }
        let expected = DatabaseAddress::Sqlite(PathBuf::from("state/candour.sqlite"));
        assert_eq!(DatabaseAddress::in_state(Path::new("state")), expected);
    }

    #[test]
    fn never_shows_a_password() {
        for (url, shown) in [
            ("postgres://ann:s3cret@db:5432/candour", "postgres://ann:***@db:5432/candour"),
            ("postgres://ann:s3c@ret@db/candour", "postgres://ann:***@db/candour"),
            ("postgres://ann@db/candour", "postgres://ann@db/candour"),
            ("postgres://db/candour?user=ann&password=s3cret", "postgres://db/candour"),
            ("postgresql://db/candour", "postgresql://db/candour"),
        ] {
            let address = DatabaseAddress::parse(url).unwrap();
            assert_eq!(address.to_string(), shown);
            assert_eq!(format!("{address:?}"), shown);
        }
        for wrong in ["mysql://ann:s3cret@db/c", "ann:s3cret@db/c", "mysql://db/c?password=s3cret"]
        {
            let error = DatabaseAddress::parse(wrong).unwrap_err();
            assert!(!error.to_string().contains("s3c"), "{error}");
        }
    }
}
