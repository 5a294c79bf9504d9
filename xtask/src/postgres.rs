//! A throw-away PostgreSQL for the store's contract tests.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, Result, bail};

use crate::step::{in_ci, install_debian};

/// A PostgreSQL server with its own data folder, stopped and removed when dropped.
pub(crate) struct Cluster {
    binaries: PathBuf,
    folder: PathBuf,
    port: u16,
}

impl Cluster {
    /// Starts a server on a free port of this machine.
    pub(crate) fn start() -> Result<Self> {
        let binaries = find_binaries().context(
            "PostgreSQL's server is not installed (Debian: `apt-get install postgresql`)",
        )?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let folder = std::env::temp_dir().join(format!("candour-postgres-{}", std::process::id()));
        // A folder of an earlier process with the same number is of no use to anyone.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        let cluster = Self { binaries, folder, port };
        cluster.initialise()?;
        Ok(cluster)
    }

    /// The address of its administrative database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://candour@127.0.0.1:{}/postgres", self.port)
    }

    /// Where all its files are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes all that its tables hold into a file, as text: in its own files long values are compressed.
    pub(crate) fn dump(&self, file: &Path) -> Result<()> {
        let mut dump = Command::new(self.binaries.join("pg_dump"));
        dump.arg("--dbname").arg(self.url()).stdout(fs::File::create(file)?);
        check(&dump.output()?)
    }

    fn initialise(&self) -> Result<()> {
        if is_root() {
            // PostgreSQL refuses to run as root, so its own user owns the folder.
            let mut own = Command::new("chown");
            check(&own.arg("postgres").arg(&self.folder).output()?)?;
        }
        let data = self.folder.join("data");
        let mut initdb = self.server_command("initdb");
        initdb
            .args(["--username=candour", "--auth=trust", "--encoding=UTF8", "--no-sync", "-D"])
            .arg(&data);
        check(&initdb.output()?)?;
        let options = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c fsync=off",
            self.port,
            self.folder.display()
        );
        let log = self.folder.join("log");
        let mut start = self.server_command("pg_ctl");
        start
            .args(["start", "--wait", "--silent", "-D"])
            .arg(&data)
            .arg("-l")
            .arg(&log)
            .arg("-o")
            .arg(options);
        check(&start.output()?)
    }

    /// A command of the server, as a user that it accepts.
    fn server_command(&self, name: &str) -> Command {
        let binary = self.binaries.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(binary);
            command
        } else {
            Command::new(binary)
        };
        command.current_dir(&self.folder);
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.server_command("pg_ctl");
        // If it does not stop, the tests' verdict still stands.
        let _ = stop
            .args(["stop", "--mode=immediate", "--silent", "-D"])
            .arg(self.folder.join("data"))
            .output();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

/// The folder with `initdb` and `pg_ctl`: on the path, or where Debian puts the newest version.
/// Debian's own wrappers on the path lead there, and not every one of them has `initdb`.
fn find_binaries() -> Option<PathBuf> {
    let search = || {
        let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
            .collect();
        versions.sort();
        let on_path =
            std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
        versions
            .into_iter()
            .rev()
            .chain(on_path.into_iter().flatten())
            .find(|folder| has_server(folder))
    };
    search().or_else(|| (in_ci() && install_debian(&["postgresql"])).then(search).flatten())
}

fn has_server(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"].iter().all(|name| folder.join(name).is_file())
}

fn check(output: &Output) -> Result<()> {
    if !output.status.success() {
        bail!(
            "PostgreSQL could not be started: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}
