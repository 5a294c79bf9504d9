//! Keeping what a command measured: in the pilot's store where there is one, and otherwise saying that it
//! is nowhere but where the command left it.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use candour_core::evidence::RESULT;
use candour_core::{Evidence, SaltedEvidence};
use candour_evals::evidence::{Found, Outcome};
use candour_store::{Blobs, DatabaseAddress};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Kept;
use crate::app::Place;

/// What became of what a command measured.
pub(crate) enum Entered {
    /// It is in the store.
    Kept(Box<SaltedEvidence>),
    /// There is no store.
    NoStore,
    /// The store did not take it.
    Failed(anyhow::Error),
}

/// Leaves what was measured in its folder, and keeps it.
pub(crate) async fn leave(place: &Place, folder: &Path, outcome: &Outcome) -> Result<Entered> {
    outcome.write(folder)?;
    Ok(keep(place, &Found::at(folder)?).await)
}

/// Keeps what was measured. A measurement that may have taken hours never fails for this.
pub(crate) async fn keep(place: &Place, found: &Found) -> Entered {
    let kept = async {
        let Some(kept) = open(place).await? else { return Ok(Entered::NoStore) };
        let entered = enter(&kept, found).await;
        kept.database.close().await;
        entered.map(|entered| Entered::Kept(Box::new(entered)))
    };
    kept.await.unwrap_or_else(Entered::Failed)
}

/// Opens the evidence of a pilot, where the state directory belongs to one: none is begun by measuring.
pub(crate) async fn open(place: &Place) -> Result<Option<Kept>> {
    let has_store = match place.database_address()? {
        DatabaseAddress::Sqlite(file) => file.is_file(),
        DatabaseAddress::Postgres(_) => true,
    };
    if !has_store {
        return Ok(None);
    }
    let database = place.open_database().await?;
    Ok(Some(Kept { database, blobs: Blobs::in_state(&place.state) }))
}

/// Enters what was measured, and the files that it is made from, in the store.
pub(super) async fn enter(kept: &Kept, found: &Found) -> Result<SaltedEvidence> {
    let (blobs, found) = (kept.blobs.clone(), found.clone());
    // The record names what was kept: each file is read once, and hashed as it is copied.
    let kept_files = tokio::task::spawn_blocking(move || -> Result<Evidence> {
        let mut files = BTreeMap::new();
        files.insert(RESULT.to_owned(), blobs.keep(found.result.as_slice())?);
        for (name, path) in &found.files {
            let file =
                File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
            let file = blobs.keep(file)?;
            ensure!(
                found.read_from.as_ref().is_none_or(|read| *read == file),
                "{} changed while it was read: give the command again",
                path.display()
            );
            files.insert(name.clone(), file);
        }
        Ok(found.of_files(files))
    });
    let evidence = kept_files.await.context("the files could not be kept")??;
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).context("the system gives no random numbers")?;
    Ok(kept.database.keep_evidence(&evidence, Timestamp::now(), salt).await?)
}

impl Entered {
    /// What to tell whoever gave the command; `folder` is where it left its files, if anywhere.
    pub(crate) fn words(&self, folder: Option<&Path>) -> String {
        let add = folder.map(|folder| format!("`candour evidence add {}`", folder.display()));
        match self {
            Self::Kept(kept) => format!(
                "Evidence {}, to which the log commits at position {}",
                kept.evidence.hash().short(),
                kept.log_position
            ),
            Self::NoStore => match add {
                Some(add) => format!(
                    "This is not kept as evidence yet, for this state directory has no store: {add} begins one and enters it."
                ),
                None => "This is not kept as evidence, for this state directory has no store: `candour ingest` begins one; then give the command again.".to_owned(),
            },
            Self::Failed(error) => {
                let next = add.unwrap_or_else(|| "the same command".to_owned());
                format!("This is not kept as evidence yet, for the store did not take it ({error}): mend that, and {next} enters it.")
            }
        }
    }

    /// The same for programs.
    pub(crate) fn as_json(&self) -> Value {
        match self {
            Self::Kept(kept) => json!(kept.evidence.hash()),
            Self::NoStore | Self::Failed(_) => Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use candour_evals::inspect_log::{Header, LogWriter, Sample, Score, Spec, Status};
    use candour_store::Database;

    use super::*;

    fn write_log(path: &Path, value: f64) {
        let header = Header { status: Status::Success, ..Header::started(Spec::default()) };
        let mut log = LogWriter::create(path, &header).unwrap();
        let mut sample = Sample::new("a", 1, "Is it?", "yes");
        sample.scores.insert("s".to_owned(), Score::new(value));
        log.append(&sample).unwrap();
        log.finish(&header).unwrap();
    }

    /// Figures of one log are not kept with the bytes of another.
    #[tokio::test]
    async fn a_log_that_was_replaced_while_it_was_read_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("candour.db");
        let database = Database::open(&DatabaseAddress::Sqlite(file)).await.unwrap();
        let kept = Kept { database, blobs: Blobs::in_state(folder.path()) };
        let path = folder.path().join("a.eval");
        write_log(&path, 1.0);
        let found = Found::at(&path).unwrap();
        let entered = enter(&kept, &found).await.unwrap();
        assert_eq!(entered.evidence, found.evidence().unwrap());
        std::fs::remove_file(&path).unwrap();
        write_log(&path, 0.0);
        let error = enter(&kept, &found).await.unwrap_err().to_string();
        assert!(error.contains("a.eval changed while it was read"), "{error}");
    }
}
