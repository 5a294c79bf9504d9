//! The official clients of the providers take the stand-in for the real thing.
//!
//! `cargo xtask test` installs them and names their Python in CANDOUR_CLIENTS_PYTHON.

#![expect(clippy::print_stderr, reason = "a test says why it is skipped")]

use std::path::Path;
use std::process::Command;

use candour_standin::{Script, Standin};

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_official_clients_are_content() {
    let Some(python) = std::env::var_os("CANDOUR_CLIENTS_PYTHON") else {
        eprintln!(
            "skipped: `cargo xtask test` installs the clients and sets CANDOUR_CLIENTS_PYTHON"
        );
        return;
    };
    let standin = Standin::start(Script::default()).await.unwrap();
    let mut run = Command::new(python);
    run.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk.py")).arg(standin.address());
    let output = tokio::task::spawn_blocking(move || run.output()).await.unwrap().unwrap();
    let (said, wrong) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{wrong}");
    assert_eq!(said.lines().filter(|line| line.starts_with("ok ")).count(), 14, "{said}");
}
