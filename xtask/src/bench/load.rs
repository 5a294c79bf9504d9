//! Readers who ask one question after the other, each over a connection of their own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What was measured.
pub(super) struct Measured {
    /// Milliseconds of each answer, ascending.
    pub(super) latencies: Vec<f64>,
    /// Requests that failed or were not answered with 200.
    pub(super) errors: u64,
    /// How long it went on.
    pub(super) seconds: f64,
}

impl Measured {
    /// The latency that so many in a hundred answers stay within.
    pub(super) fn percentile(&self, share: usize) -> f64 {
        let index = (self.latencies.len() * share).div_ceil(100).saturating_sub(1);
        self.latencies.get(index).copied().unwrap_or(f64::NAN)
    }
}

/// Lets `readers` ask for `duration`. `body` gives the request of each turn; turns are numbered over
/// all readers.
pub(super) fn run(
    address: SocketAddr,
    body: &(dyn Fn(usize) -> String + Sync),
    readers: usize,
    duration: Duration,
) -> Measured {
    static TURN: AtomicUsize = AtomicUsize::new(0);
    let began = Instant::now();
    let deadline = began + duration;
    let next = || body(TURN.fetch_add(1, Ordering::Relaxed));
    let results: Vec<(Vec<f64>, u64)> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..readers).map(|_| scope.spawn(|| ask_until(address, &next, deadline))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or((Vec::new(), 1))).collect()
    });
    let errors = results.iter().map(|(_, errors)| errors).sum();
    let mut latencies: Vec<f64> =
        results.into_iter().flat_map(|(latencies, _)| latencies).collect();
    latencies.sort_by(f64::total_cmp);
    Measured { latencies, errors, seconds: began.elapsed().as_secs_f64() }
}

/// One reader asks each of these once.
pub(super) fn ask_each(address: SocketAddr, bodies: &[String]) -> Measured {
    let began = Instant::now();
    let (mut latencies, mut errors, mut connection) = (Vec::new(), 0, None);
    for body in bodies {
        let asked = Instant::now();
        if ask(&mut connection, address, body).is_ok() {
            latencies.push(asked.elapsed().as_secs_f64() * 1000.0);
        } else {
            errors += 1;
        }
    }
    latencies.sort_by(f64::total_cmp);
    Measured { latencies, errors, seconds: began.elapsed().as_secs_f64() }
}

fn ask_until(
    address: SocketAddr,
    next: &(dyn Fn() -> String + Sync),
    deadline: Instant,
) -> (Vec<f64>, u64) {
    let mut latencies = Vec::new();
    let mut errors = 0;
    let mut connection = None;
    loop {
        let body = next();
        let began = Instant::now();
        if began >= deadline {
            return (latencies, errors);
        }
        if ask(&mut connection, address, &body).is_ok() {
            latencies.push(began.elapsed().as_secs_f64() * 1000.0);
        } else {
            errors += 1;
            connection = None;
        }
    }
}

fn ask(
    connection: &mut Option<BufReader<TcpStream>>,
    address: SocketAddr,
    body: &str,
) -> std::io::Result<()> {
    let mut reader = if let Some(reader) = connection.take() {
        reader
    } else {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        BufReader::new(stream)
    };
    let request = format!(
        "POST /api/v1/ask HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    reader.get_mut().write_all(request.as_bytes())?;
    read_answer(&mut reader)?;
    *connection = Some(reader);
    Ok(())
}

/// Reads a response with a `Content-Length`, and fails unless its status is 200.
fn read_answer(reader: &mut BufReader<TcpStream>) -> std::io::Result<()> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let succeeded = line.starts_with("HTTP/1.1 200");
    let mut length = 0;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    if succeeded && length > 0 { Ok(()) } else { Err(std::io::ErrorKind::InvalidData.into()) }
}
