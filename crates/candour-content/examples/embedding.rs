//! How long an embedder takes for each text, or what it makes of them: for measuring, and for
//! comparing with the reference.
//!
//! `cargo run --release -p candour-content --example embedding -- STATE NAME [--vectors] < texts`,
//! where each line of `texts` is a string in JSON. With `--vectors` each line of the output is a
//! vector in JSON; otherwise times are of the processor, not of the clock, on one thread.

#![expect(clippy::print_stdout, reason = "what is printed is what this is for")]

use std::error::Error;
use std::hint::black_box;
use std::io::stdin;
use std::path::Path;

use candour_content::index;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [state, name, rest @ ..] = arguments.as_slice() else {
        return Err("name a state directory and an embedder".into());
    };
    let texts: Vec<String> = stdin()
        .lines()
        .map(|line| Ok(serde_json::from_str(&line?)?))
        .collect::<Result<_, Box<dyn Error>>>()?;
    let before = processor_seconds()?;
    let embedder = index::embedder(name, Path::new(state))?;
    let opened = processor_seconds()? - before;
    if rest.iter().any(|argument| argument == "--vectors") {
        for text in &texts {
            println!("{}", serde_json::to_string(&embedder.embed(text))?);
        }
        return Ok(());
    }
    let before = processor_seconds()?;
    for text in &texts {
        black_box(embedder.embed(text));
    }
    let each = (processor_seconds()? - before) / texts.len().max(1) as f64;
    println!(
        "{}: opened in {:.0} ms; {} texts, {:.3} ms each, {:.1} a second",
        embedder.identity().name,
        opened * 1000.0,
        texts.len(),
        each * 1000.0,
        1.0 / each,
    );
    Ok(())
}

/// How long this process has been computing, by Linux's count in nanoseconds.
fn processor_seconds() -> Result<f64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/self/schedstat")?;
    let nanoseconds = text.split(' ').next().unwrap_or_default();
    Ok(nanoseconds.trim().parse::<f64>()? / 1e9)
}
