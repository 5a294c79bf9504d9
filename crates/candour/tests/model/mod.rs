//! A model on a port of this machine, which counts what it is asked: each test says how it replies.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

/// What is said to the body of a request: the HTTP status, the type of the content, and the content.
type Reply = fn(&Value) -> (u16, &'static str, String);

/// A model that replies a moment later.
#[derive(Clone)]
pub(crate) struct Model {
    reply: Reply,
    asked: Arc<Mutex<BTreeMap<String, u32>>>,
}

impl Model {
    pub(crate) fn new(reply: Reply) -> Self {
        Self { reply, asked: Arc::default() }
    }

    /// Serves until the process ends. Gives the address.
    pub(crate) fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/v1", listener.local_addr().unwrap());
        let model = self.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let model = model.clone();
                std::thread::spawn(move || model.talk(&stream));
            }
        });
        address
    }

    /// How often it was asked what, by the first message of a request.
    pub(crate) fn asked(&self) -> BTreeMap<String, u32> {
        self.asked.lock().unwrap().clone()
    }

    /// Answers requests on one connection until it ends.
    fn talk(&self, mut stream: &TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream);
        loop {
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
                let line = line.trim_end().to_lowercase();
                if let Some(value) = line.strip_prefix("content-length:") {
                    length = value.trim().parse().ok()?;
                }
                if line.is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).ok()?;
            let body: Value = serde_json::from_slice(&body).ok()?;
            let asked = body["messages"][0]["content"].as_str()?.to_owned();
            *self.asked.lock().unwrap().entry(asked).or_default() += 1;
            std::thread::sleep(Duration::from_millis(2));
            let (status, kind, answer) = (self.reply)(&body);
            let head = format!(
                "HTTP/1.1 {status} Said\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
                answer.len()
            );
            stream.write_all(format!("{head}{answer}").as_bytes()).ok()?;
        }
    }
}
