//! Runs on one page, which is as short where they are several as where there is one. Where all that is known
//! of them is too much, runs are shown by their scores alone, and those for which not even that fits are
//! counted.

use super::RunReport;
use super::document::Section;
use super::html::length;
use super::words::Words;

/// So many bytes all runs may take: what is around them fits into what is left of a megabyte.
pub(super) const MOST: usize = 950_000;

/// The sections of a run that is alone on its page.
pub(super) fn of_one(words: &Words, run: &RunReport, percent: &str) -> Vec<Section> {
    let fits = |sections: &[Section]| sections.iter().map(length).sum::<usize>() <= MOST;
    let whole = run.sections(words, percent);
    if fits(&whole) {
        return whole;
    }
    let mut about = run.about(words);
    about.say(words.say("one_in_short"));
    let mut short = vec![about];
    if run.header.is_some() {
        short.push(run.scored(words, percent));
    }
    if !fits(&short) {
        short.truncate(1);
    }
    short
}

/// A section for each run that fits.
pub(super) fn sections(words: &Words, runs: &[RunReport], percent: &str) -> Vec<Section> {
    let short: Vec<Section> = runs.iter().map(|run| run.short(words, percent)).collect();
    let needed: usize = short.iter().map(length).sum();
    if needed > MOST {
        return as_many_as_fit(words, short);
    }
    let mut left = MOST - needed;
    let fuller = runs.iter().zip(short).map(|(run, short)| {
        let whole = run.whole(words, percent);
        let more = length(&whole).saturating_sub(length(&short));
        if more > left {
            return short;
        }
        left -= more;
        whole
    });
    fuller.collect()
}

fn as_many_as_fit(words: &Words, short: Vec<Section>) -> Vec<Section> {
    let all = short.len();
    let mut taken = 0;
    let fits = |section: &Section| {
        taken += length(section);
        taken <= MOST
    };
    let mut sections: Vec<Section> = short.into_iter().take_while(fits).collect();
    let mut rest = Section::new(words.say("runs_left_out"));
    rest.say(
        words.with("runs_left_out_count", &[("left", &(all - sections.len())), ("all", &all)]),
    );
    sections.push(rest);
    sections
}

impl RunReport {
    fn whole(&self, words: &Words, percent: &str) -> Section {
        let sections = self.sections(words, percent);
        Section { title: self.title.as_str().into(), blocks: Vec::new(), sections }
    }

    /// What it is a run of, and its scores.
    fn short(&self, words: &Words, percent: &str) -> Section {
        let mut section = Section { title: self.title.as_str().into(), ..Section::default() };
        section.say(words.say("run_in_short"));
        section.sections.push(self.about(words));
        if self.header.is_some() {
            section.sections.push(self.scored(words, percent));
        }
        section
    }
}
