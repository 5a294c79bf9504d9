//! The real program as a server, for tests that ask it over HTTP. It is killed where a test ends before it.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// Nothing may take longer: a hang fails a test instead of holding it up.
pub(crate) const PATIENCE: Duration = Duration::from_mins(3);

/// A server that runs.
pub(crate) struct Server {
    child: Child,
    log: PathBuf,
    pub(crate) address: String,
}

impl Server {
    /// Starts what `serve` says, which logs to a file, and waits until it says where it serves.
    pub(crate) fn start(serve: &mut Command, log: PathBuf) -> Self {
        let mut child = serve.stderr(File::create(&log).unwrap()).spawn().unwrap();
        let began = Instant::now();
        loop {
            let said = fs::read_to_string(&log).unwrap();
            let rest =
                said.split_once("Serving on http://").and_then(|(_, rest)| rest.split_once(' '));
            if let Some((address, _)) = rest {
                return Self { child, log, address: address.to_owned() };
            }
            assert!(child.try_wait().unwrap().is_none(), "the server ended at once: {said}");
            assert!(began.elapsed() < PATIENCE, "the server did not come up: {said}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends a request with these further headers, each with its end of line. Gives the status and the body.
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> (u16, String) {
        let mut stream = self.send(method, path, headers, body);
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }

    /// The same without waiting for what comes back.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        stream
    }

    /// Tells it to end, waits for that, and gives what it logged.
    pub(crate) fn stop(&mut self) -> String {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        let log = fs::read_to_string(&self.log).unwrap();
        assert!(status.success(), "{log}");
        log
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself. Otherwise this is the kill that no program can catch.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
