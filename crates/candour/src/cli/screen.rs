//! `candour screen`: prints for each line of standard input what the pipeline would keep of it.

use std::io::{self, BufRead, BufReader, BufWriter, Read as _, Write};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use candour_assistant::{Preview, preview};
use candour_core::{Config, Locale, PublicContacts};
use clap::Args;

/// What is read of one line, in bytes: the rest is passed over, so that no line takes more memory.
const MOST_OF_A_LINE: usize = 1 << 18;

/// `candour screen`.
#[derive(Debug, Args)]
pub(crate) struct Screen {
    /// Print one JSON object for each line
    #[arg(long)]
    json: bool,

    /// The language of the interface, which short questions are taken to be in
    #[arg(long, value_name = "TAG", default_value = "en", value_parser = ["en", "cy"])]
    locale: String,

    /// The most characters of a question; of a longer one nothing is kept [default: as in a new
    /// candour.toml]
    #[arg(long, value_name = "CHARACTERS")]
    longest: Option<usize>,

    /// A telephone number or e-mail address that is public and is not masked; may be given again
    #[arg(long, value_name = "CONTACT")]
    public: Vec<String>,
}

impl Screen {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let mut config = Config::default();
        config.answers.max_question_characters =
            self.longest.unwrap_or(config.answers.max_question_characters);
        let locale = Locale::from(self.locale.as_str());
        let public = contacts(&self.public);
        let mut lines = BufReader::with_capacity(1 << 16, io::stdin().lock());
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        let mut line = Vec::new();
        while read_line(&mut lines, &mut line).context("standard input cannot be read")? {
            let kept = preview(&String::from_utf8_lossy(&line), &locale, &config, &public);
            if self.json {
                serde_json::to_writer(&mut out, &kept).map_err(io::Error::from)?;
            } else {
                describe(&kept, &mut out)?;
            }
            out.write_all(b"\n")?;
            if lines.buffer().is_empty() {
                // Whoever types, or waits for an answer to each line, sees it at once.
                out.flush()?;
            }
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Reads a line into `line` without its end. Returns whether there was one.
fn read_line(lines: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    lines.by_ref().take(MOST_OF_A_LINE as u64).read_until(b'\n', line)?;
    if line.is_empty() {
        return Ok(false);
    }
    if line.ends_with(b"\n") {
        line.pop();
    } else if line.len() == MOST_OF_A_LINE {
        lines.skip_until(b'\n')?;
    }
    if line.ends_with(b"\r") {
        line.pop();
    }
    Ok(true)
}

fn contacts(given: &[String]) -> PublicContacts {
    let mut public = PublicContacts::default();
    for contact in given {
        if contact.contains('@') { public.add_email(contact) } else { public.add_phone(contact) }
    }
    public
}

/// The form for people: the text, and under it what there is to say of it.
fn describe(kept: &Preview, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", kept.text)?;
    write!(out, "    {}, {}", kept.language, kept.route)?;
    for mask in &kept.masked {
        write!(out, ", {} at {}-{}", mask.kind.mask(), mask.start, mask.end)?;
    }
    for signal in &kept.signals {
        write!(out, ", signal {}", signal.key())?;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_where_it_ends_and_takes_no_more_than_it_may() {
        let mut text = b"one\r\n\ntwo\xff\n".to_vec();
        text.extend(vec![b'x'; MOST_OF_A_LINE * 2]);
        text.extend(b"\nlast");
        let (mut lines, mut line, mut lengths) = (text.as_slice(), Vec::new(), Vec::new());
        while read_line(&mut lines, &mut line).unwrap() {
            lengths.push(line.len());
        }
        assert_eq!(lengths, [3, 0, 4, MOST_OF_A_LINE, 4]);
    }
}
