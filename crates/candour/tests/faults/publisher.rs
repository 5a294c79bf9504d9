//! A publisher on a port of this machine, which answers as each test says.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use crate::server::PATIENCE;

/// A publisher on this machine. Each request is told to the test before it is answered.
pub(crate) struct Publisher {
    address: String,
    asked: Receiver<String>,
}

impl Publisher {
    /// Answers each path with what `answer` gives for it; a path with nothing is never answered.
    pub(crate) fn start(
        answer: impl Fn(&str, usize) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (tell, asked) = channel();
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            let counts = Arc::new(Mutex::new(BTreeMap::<String, usize>::new()));
            for stream in listener.incoming() {
                let (Ok(mut stream), tell) = (stream, tell.clone()) else { return };
                let (answer, counts) = (Arc::clone(&answer), counts.clone());
                std::thread::spawn(move || {
                    let Some(path) = path_asked(&stream) else { return };
                    let count = {
                        let mut counts = counts.lock().unwrap();
                        *counts.entry(path.clone()).and_modify(|count| *count += 1).or_insert(1)
                    };
                    // The test may have ended.
                    let _ = tell.send(path.clone());
                    match answer(&path, count) {
                        // The program may have gone away, as it should when it is sent too much.
                        Some(bytes) => drop(stream.write_all(&bytes)),
                        None => drop(stream.read(&mut [0])),
                    }
                });
            }
        });
        Self { address, asked }
    }

    pub(crate) fn configuration(&self) -> String {
        let address = &self.address;
        format!(
            "[content]\napi = \"http://{address}/api\"\nsite = \"http://{address}\"\nrequests_per_second = 50.0\n"
        )
    }

    pub(crate) fn wait_for(&self, path: &str) {
        while self.asked.recv_timeout(PATIENCE).unwrap() != path {}
    }
}

/// The path below the Content API that a request asks for.
fn path_asked(stream: &TcpStream) -> Option<String> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    lines.find(|line| line.as_ref().is_ok_and(String::is_empty))?.ok()?;
    Some(first.split(' ').nth(1)?.trim_start_matches("/api").to_owned())
}

pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// 16 MB of zero bytes in 100 kB: one literal, then copies of 258 bytes.
pub(crate) fn bomb() -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let (mut held, mut count) = (0_u32, 0);
    let mut push = |bits: u32, length: u32| {
        held |= bits << count;
        count += length;
        while count >= 8 {
            bytes.push(held.to_le_bytes()[0]);
            held >>= 8;
            count -= 8;
        }
    };
    push(0b011, 3);
    // Codes are written with their highest bit first.
    push(0b0000_1100, 8);
    for _ in 0..64_000 {
        push(0b1010_0011, 8);
        push(0, 5);
    }
    bytes
}
