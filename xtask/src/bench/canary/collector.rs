//! Keeps what a program tells a collector of traces, where it was built with the feature `otlp`.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;

/// Listens for as long as this program runs, and writes all that arrives to a file. Gives where.
pub(super) fn start(file: &Path) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let file = Arc::new(Mutex::new(File::create(file)?));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let file = Arc::clone(&file);
            // A connection that breaks has told all that it will.
            std::thread::spawn(move || take(stream, &file));
        }
    });
    Ok(address)
}

/// Takes one request after another, and thanks for each.
fn take(stream: TcpStream, file: &Mutex<File>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let start = head.len();
            if reader.read_line(&mut head)? == 0 {
                return Ok(());
            }
            let line = head[start..].to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            file.write_all(head.as_bytes())?;
            file.write_all(&body)?;
        }
        reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
    }
}
