//! Keys of machine clients and staff, and what they may do. Who gave and took them is in the audit.
//!
//! The secret of a key is 256 random bits, so that its plain SHA-256 gives nothing away: there is nothing
//! to guess, and slow hashes are for words that people choose. It is shown once and never stored.

use std::fmt;

use candour_core::hash::hexadecimal;
use candour_core::{ContentHash, Redacted};
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::AssertSqlSafe;
use subtle::ConstantTimeEq as _;

use crate::audit;
use crate::rows::{damaged, microseconds, plain, time};
use crate::{AuditEntry, Database, StoreError};

/// What a key allows. Each allows what those before it do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Asks questions, as a program.
    Machine,
    /// Sees how the service does.
    Staff,
    /// Changes how the service works.
    Admin,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 3] = [Self::Machine, Self::Staff, Self::Admin];

    /// The name in the database and on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Staff => "staff",
            Self::Admin => "admin",
        }
    }

    /// The role of that name.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }
}

/// What every key begins with.
const PREFIX: &str = "candour_";

/// A key as its holder sends it: `candour_` with its identifier and its secret, both in hexadecimal.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerKey {
    id: String,
    secret: String,
}

impl BearerKey {
    /// A key from random bytes: 4 name it, 32 are its secret.
    pub fn from_random(bytes: &[u8; 36]) -> Self {
        let (id, secret) = bytes.split_at(4);
        Self { id: hexadecimal(id), secret: hexadecimal(secret) }
    }

    /// Reads a key; `None` where the text has not the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let fits = id.len() == 8 && secret.len() == 64;
        (fits && id.bytes().chain(secret.bytes()).all(is_hex))
            .then(|| Self { id: id.to_owned(), secret: secret.to_owned() })
    }

    /// Whether a text is meant for a key of ours, though it may be none: cut, mistyped, in upper case.
    pub fn is_meant(text: &str) -> bool {
        text.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
    }

    /// What names the key, and may be told.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The whole key, to be shown once.
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}_{}", self.id, self.secret)
    }

    fn hash(&self) -> ContentHash {
        ContentHash::of(self.secret.as_bytes())
    }
}

impl fmt::Debug for BearerKey {
    /// The secret stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BearerKey({})", self.id)
    }
}

/// What a key is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Whose it is, for people.
    pub name: String,
    /// What it allows.
    pub role: Role,
    /// Its own limit, where it has one.
    pub questions_per_minute: Option<u32>,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
}

/// A key as it is kept: all but its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// What names it.
    pub id: String,
    /// What it is for.
    pub grant: Grant,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The day, in UTC, on which it was last used.
    pub last_used_on: Option<Date>,
}

impl Key {
    /// Whether it is neither revoked nor past its end.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.grant.expires_at.is_none_or(|end| now < end)
    }
}

/// Who does something, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: Redacted,
    /// When.
    pub at: Timestamp,
}

impl Database {
    /// Keeps a new key.
    pub async fn create_key(
        &self,
        bearer: &BearerKey,
        grant: &Grant,
        act: &Act,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT INTO keys (id, hash, name, role, questions_per_minute, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(bearer.id())
        .bind(bearer.hash().as_str())
        .bind(plain(&grant.name))
        .bind(grant.role.key())
        .bind(grant.questions_per_minute.map(i64::from))
        .bind(microseconds(act.at))
        .bind(grant.expires_at.map(microseconds))
        .execute(&mut *transaction)
        .await?;
        audit::insert(&mut transaction, &act.entry(format!("create key {}", bearer.id()))).await?;
        Ok(transaction.commit().await?)
    }

    /// Revokes a key. False where there is no such key that is not revoked already.
    pub async fn revoke_key(&self, id: &str, act: &Act) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let done =
            sqlx::query("UPDATE keys SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL")
                .bind(microseconds(act.at))
                .bind(plain(id))
                .execute(&mut *transaction)
                .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        audit::insert(&mut transaction, &act.entry(format!("revoke key {id}"))).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The key that this is, if its secret is right, valid or not. How long the comparison takes does
    /// not tell how much of the secret is right.
    pub async fn key(&self, bearer: &BearerKey) -> Result<Option<Key>, StoreError> {
        let hash: Option<String> = sqlx::query_scalar("SELECT hash FROM keys WHERE id = $1")
            .bind(bearer.id())
            .fetch_optional(&self.pool)
            .await?;
        let Some(hash) = hash else { return Ok(None) };
        if !bool::from(hash.as_bytes().ct_eq(bearer.hash().as_str().as_bytes())) {
            return Ok(None);
        }
        let row: Option<KeyRow> =
            sqlx::query_as(AssertSqlSafe(format!("SELECT {COLUMNS} FROM keys WHERE id = $1")))
                .bind(bearer.id())
                .fetch_optional(&self.pool)
                .await?;
        row.map(read_key).transpose()
    }

    /// Every key, the newest first.
    pub async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM keys ORDER BY created_at DESC, id");
        let rows: Vec<KeyRow> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&self.pool).await?;
        rows.into_iter().map(read_key).collect()
    }

    /// Notes that a key was used on a day.
    pub async fn note_key_use(&self, id: &str, day: Date) -> Result<(), StoreError> {
        sqlx::query("UPDATE keys SET last_used_on = $1 WHERE id = $2")
            .bind(day.to_string())
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

impl Act {
    /// What the audit says of it.
    pub(crate) fn entry(&self, action: String) -> AuditEntry {
        AuditEntry {
            done_at: self.at,
            done_by: self.actor.clone(),
            action,
            reason: self.reason.clone(),
        }
    }
}

/// What is read of a key, in the order of `KeyRow`.
pub(crate) const COLUMNS: &str =
    "id, name, role, questions_per_minute, created_at, expires_at, revoked_at, last_used_on";

pub(crate) type KeyRow =
    (String, String, String, Option<i64>, i64, Option<i64>, Option<i64>, Option<String>);

pub(crate) fn read_key(row: KeyRow) -> Result<Key, StoreError> {
    let (id, name, role, limit, created_at, expires_at, revoked_at, last_used_on) = row;
    let role = Role::of_key(&role)
        .ok_or_else(|| damaged("role of a key", &format!("`{role}` is not one")))?;
    let limit = limit.map(u32::try_from).transpose();
    let day = last_used_on.map(|day| day.parse::<Date>()).transpose();
    Ok(Key {
        id,
        grant: Grant {
            name,
            role,
            questions_per_minute: limit.map_err(|why| damaged("limit of a key", &why))?,
            expires_at: expires_at.map(time).transpose()?,
        },
        created_at: time(created_at)?,
        revoked_at: revoked_at.map(time).transpose()?,
        last_used_on: day.map_err(|why| damaged("day of a key", &why))?,
    })
}
