//! A collector that keeps what it is sent, and may be told to hang.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// On a free port of this machine, for as long as the tests run.
pub(crate) struct Collector {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    hangs: AtomicBool,
    heads: Mutex<String>,
    bodies: Mutex<Vec<Vec<u8>>>,
}

impl Collector {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(stream.unwrap(), &shared));
            }
        });
        Self { address, state }
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers nothing from now on.
    pub(crate) fn hang(&self) {
        self.state.hangs.store(true, Ordering::Relaxed);
    }

    /// Answers again, also what waits.
    pub(crate) fn go_on(&self) {
        self.state.hangs.store(false, Ordering::Relaxed);
    }

    pub(crate) fn bodies(&self) -> Vec<Vec<u8>> {
        self.state.bodies.lock().unwrap().clone()
    }

    pub(crate) fn heads(&self) -> String {
        self.state.heads.lock().unwrap().clone()
    }

    /// Whether bytes stand anywhere in what was sent, as body or head.
    pub(crate) fn has(&self, bytes: &[u8]) -> bool {
        let is_in = |all: &[u8]| all.windows(bytes.len()).any(|part| part == bytes);
        let heads = self.heads();
        // The host that it was sent to is no news to a collector.
        let heads = heads.replace(&self.address.to_string(), "");
        self.bodies().iter().any(|body| is_in(body)) || is_in(heads.as_bytes())
    }
}

/// Takes requests until the other side closes.
fn serve(stream: TcpStream, state: &State) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).is_ok_and(|read| read == 0) {
                return;
            }
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse().ok())?
        });
        let mut body = vec![0; length.unwrap()];
        reader.read_exact(&mut body).unwrap();
        assert!(head.starts_with("POST /v1/traces "), "{head}");
        state.heads.lock().unwrap().push_str(&head);
        state.bodies.lock().unwrap().push(body);
        while state.hangs.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(20));
        }
        // Whoever waited may be gone.
        let _ = writer.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
}
