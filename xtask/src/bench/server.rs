//! The release program, serving the sample on a free port of this machine from a scratch folder.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

use crate::step::root;

/// Names another build of the program to measure, for a comparison.
pub(super) const PROGRAM: &str = "CANDOUR_PROGRAM";

/// The program to measure: the release program, unless another is named.
pub(super) fn program() -> PathBuf {
    if let Some(program) = env::var_os(PROGRAM) {
        return program.into();
    }
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("release/candour")
}

/// The processor time, in seconds, of the programs that this one started and that have ended: other
/// work on the machine hardly changes it. Nothing where the system does not tell.
pub(super) fn processor_seconds() -> f64 {
    let status = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in brackets, may hold spaces; the times of children come 13 fields on.
    let fields = status.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(13).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// A folder that is removed when dropped.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Makes an empty folder.
    pub(super) fn new() -> Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("candour-bench-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A folder left behind in the temporary directory harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running program, stopped when dropped.
pub(super) struct Server {
    process: Child,
    address: SocketAddr,
}

/// The memory that a process holds, in millions of bytes, as Linux counts it.
pub(super) struct Resident {
    /// All of it.
    pub(super) all: f64,
    /// The part of mapped files that has been read.
    pub(super) files: f64,
}

impl Server {
    /// Starts `candour demo` and waits until it is ready.
    pub(super) fn start(scratch: &Scratch) -> Result<Self> {
        Self::run("demo", scratch.path(), scratch.path())
    }

    /// Starts `candour demo` with everything that it can say in a file, every way in open and traces sent to
    /// a collector, on another database where one is named.
    pub(super) fn logging(
        scratch: &Scratch,
        log: File,
        database: Option<&str>,
        collector: SocketAddr,
    ) -> Result<Self> {
        let mut command = Command::new(program());
        command.env("CANDOUR_LOG", "trace").stderr(log).env("CANDOUR_SERVE__MCP", "true");
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{collector}"));
        command.env("OTEL_PROPAGATORS", "tracecontext");
        command.envs(database.map(|url| ("CANDOUR_STORE__DATABASE_URL", url)));
        Self::spawn(command, "demo", scratch.path(), scratch.path())
    }

    /// Starts `candour serve` in a folder and waits until it is ready.
    pub(super) fn serve(folder: &Path, state: &Path) -> Result<Self> {
        Self::run("serve", folder, state)
    }

    fn run(command: &str, folder: &Path, state: &Path) -> Result<Self> {
        let mut quiet = Command::new(program());
        quiet.env("CANDOUR_LOG", "error").stderr(Stdio::null());
        Self::spawn(quiet, command, folder, state)
    }

    fn spawn(mut program: Command, command: &str, folder: &Path, state: &Path) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let process = program
            .args([command, "--listen", &address.to_string(), "--state"])
            .arg(state)
            .current_dir(folder)
            .env("CANDOUR_SERVE__QUESTIONS_PER_MINUTE", "1000000000")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("the release program could not be started")?;
        let mut server = Self { process, address };
        let deadline = Instant::now() + Duration::from_mins(1);
        while server.get("/api/v1/ready").is_err() {
            if server.process.try_wait()?.is_some() || Instant::now() > deadline {
                bail!("`candour {command}` did not become ready on {address}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Fetches a page, failing on any status but 200.
    pub(super) fn get(&self, path: &str) -> Result<String> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        )?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        if !response.starts_with("HTTP/1.1 200") {
            bail!("{path} answered {}", response.lines().next().unwrap_or("nothing"));
        }
        Ok(response)
    }

    /// The memory that the process holds.
    pub(super) fn resident(&self) -> Result<Resident> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))
            .context("memory can be read on Linux only")?;
        let figure = |name: &str| -> Result<f64> {
            let line =
                status.lines().find(|line| line.starts_with(name)).context("no such line")?;
            let kibibytes: f64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
            Ok(kibibytes * 1024.0 / 1e6)
        };
        Ok(Resident { all: figure("VmRSS:")?, files: figure("RssFile:")? })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
