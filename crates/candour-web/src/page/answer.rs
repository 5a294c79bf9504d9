//! One question with its answer, as it is shown: on the conversation page and by the script alike.

use askama::Template;
use candour_core::{
    Answer, AnswerChoice, AnswerSentence, AnswerStatus, Chosen, LinkKind, Locale, NoticeKind,
    Source, Turn, page_address,
};
use jiff::civil::Date;

use crate::language::Language;
use crate::page::contact::{ContactView, LinkView};
use crate::page::conversation::ChoiceError;
use crate::page::form::Scope;
use crate::page::layout::Layout;
use crate::page::link;
use crate::page::question::{audience_name, nation_name};
use crate::page::reader::Reader;
use crate::site::Site;

/// A question with its answer.
pub(crate) struct AnswerView {
    pub(crate) id: String,
    pub(crate) heading: String,
    pub(crate) asked: String,
    pub(crate) question: String,
    pub(crate) has_mask: bool,
    /// The language of the fixed words in the answer, where it is not the page's.
    pub(crate) lang: Option<&'static str>,
    pub(crate) message: Option<String>,
    /// What a reader who is asked for their circumstances can choose from.
    pub(crate) choices: Vec<ChoiceView>,
    /// Whether they can still choose.
    pub(crate) may_choose: bool,
    /// Whom the answer was to be for, which its forms carry on.
    pub(crate) scope: Scope,
    /// What is wrong with the choice.
    pub(crate) choice_error: Option<String>,
    /// Whom to call in danger or distress: before everything else.
    pub(crate) crisis: Vec<String>,
    pub(crate) warnings: Vec<String>,
    /// What the answer leaves open, which is said before it.
    pub(crate) limits: Vec<String>,
    pub(crate) notices: Vec<String>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) sources: Vec<SourceView>,
    /// What the reader can begin at once.
    pub(crate) start: Option<LinkView>,
    pub(crate) links: Vec<LinkView>,
    /// Who helps first.
    pub(crate) contacts: Vec<ContactView>,
    /// Who helps too.
    pub(crate) more_contacts: Vec<ContactView>,
    pub(crate) feedback: Option<FeedbackForm>,
}

/// One of several circumstances.
pub(crate) struct ChoiceView {
    /// How the form names it.
    pub(crate) value: String,
    /// The words of the guidance.
    pub(crate) label: String,
}

/// A sentence and the list items or table rows that continue it.
pub(crate) struct Block {
    /// What stands above it in its page, outermost first, where the block before stands elsewhere.
    pub(crate) above: Vec<String>,
    pub(crate) lead: Option<Line>,
    pub(crate) items: Vec<Item>,
}

/// A list item with the items inside it, or a table row.
pub(crate) struct Item {
    pub(crate) line: Line,
    pub(crate) inner: Vec<Line>,
}

impl Block {
    /// Whether it is the header of a table with rows that have a cell for each of its columns.
    pub(crate) fn is_table(&self) -> bool {
        let Some(lead) = &self.lead else { return false };
        let columns = lead.cells().len();
        let fits = |row: &Item| row.line.cells().len() == columns;
        columns > 1 && !self.items.is_empty() && self.items.iter().all(fits)
    }

    /// The language of what stands above it, where it is not this page's.
    pub(crate) fn lang(&self) -> Option<&str> {
        let first = self.lead.as_ref().or_else(|| self.items.first().map(|item| &item.line));
        first.and_then(|line| line.lang.as_deref())
    }
}

/// What is shown of one sentence.
pub(crate) struct Line {
    pub(crate) text: String,
    /// The language of the page it is quoted from, where it is not this page's.
    pub(crate) lang: Option<String>,
    pub(crate) sources: Vec<Cited>,
}

impl Line {
    /// The cells, where it is a row of a table.
    pub(crate) fn cells(&self) -> Vec<&str> {
        self.text.split('|').map(str::trim).collect()
    }
}

/// The number of a source, where a sentence cites it.
pub(crate) struct Cited {
    pub(crate) number: usize,
}

/// A source with its number.
pub(crate) struct SourceView {
    pub(crate) number: usize,
    pub(crate) link: LinkView,
    pub(crate) lang: Option<String>,
    pub(crate) heading: String,
    pub(crate) updated: Option<String>,
    pub(crate) nations: Option<String>,
    pub(crate) audiences: Option<String>,
}

/// A feedback form that must be mended.
#[derive(Clone)]
pub(crate) struct FeedbackForm {
    pub(crate) answer: String,
    pub(crate) verdict: String,
    pub(crate) comment: String,
    pub(crate) error: String,
    /// Whom the next answer is to be for, which has nothing to do with this one.
    pub(crate) scope: Scope,
    /// Whether the comment is what must be mended, and not the choice.
    pub(crate) is_about_comment: bool,
}

impl FeedbackForm {
    /// Where the error summary leads: the first choice, or the comment if that is what is wrong.
    pub(crate) fn target(&self) -> String {
        let field = if self.is_about_comment { "comment" } else { "feedback" };
        format!("{field}-{}", self.answer)
    }
}

/// An answer alone, which the script puts into the page.
#[derive(Template)]
#[template(path = "answer.html")]
pub(crate) struct AnswerFragment {
    l: Layout,
    a: AnswerView,
}

/// The answer of a turn alone.
pub(crate) fn fragment(site: &Site, reader: &Reader, turn: &Turn, scope: Scope) -> AnswerFragment {
    let layout = reader.layout_of(site, "/conversation", String::new());
    let view = AnswerView { scope, ..AnswerView::new(&layout, turn, None) };
    AnswerFragment { a: view, l: layout }
}

impl AnswerView {
    /// `number` counts the questions of the conversation, where that is known.
    pub(crate) fn new(l: &Layout, turn: &Turn, number: Option<usize>) -> Self {
        let answer = &turn.answer;
        let page_tag = l.lang();
        let answer_tag = Language::from(&answer.locale).tag();
        let of_kind = |wanted: fn(NoticeKind) -> bool| -> Vec<String> {
            let notices = answer.notices.iter().filter(|notice| wanted(notice.kind));
            notices.map(|notice| notice.text.clone()).collect()
        };
        let (start, links) = links(answer);
        let mut contacts = contacts(l, answer);
        let more_contacts = contacts.split_off(contacts.len().min(1));
        Self {
            id: turn.id.to_string(),
            heading: heading(l, answer.status),
            asked: match number {
                Some(number) => l.n("answer-asked-number", "number", number),
                None => l.t("answer-asked"),
            },
            question: turn.question.as_str().to_owned(),
            has_mask: answer.notices.iter().any(|notice| notice.kind == NoticeKind::Masked),
            lang: (answer_tag != page_tag).then_some(answer_tag),
            message: answer.message.clone(),
            choices: choices(answer),
            may_choose: true,
            scope: Scope::default(),
            choice_error: None,
            crisis: of_kind(|kind| kind == NoticeKind::Crisis),
            warnings: of_kind(is_warning),
            limits: of_kind(is_limit),
            notices: of_kind(|kind| {
                !is_warning(kind)
                    && !is_limit(kind)
                    && !matches!(kind, NoticeKind::Crisis | NoticeKind::Masked)
            }),
            blocks: blocks(answer, page_tag),
            sources: sources(l, answer),
            start,
            links,
            contacts,
            more_contacts,
            feedback: None,
        }
    }

    /// Where the error summary leads: the first choice, or the form of the next question.
    pub(crate) fn choice_target(&self, error: ChoiceError) -> String {
        match error {
            ChoiceError::Missing => format!("choice-{}-1", self.id),
            ChoiceError::Stale => "question".to_owned(),
        }
    }

    /// Whether this verdict was chosen on a form that must be mended.
    pub(crate) fn is_verdict(&self, key: &str) -> bool {
        self.feedback.as_ref().is_some_and(|form| form.verdict == key)
    }

    /// What is wrong with the choice on the form.
    pub(crate) fn verdict_error(&self) -> Option<&str> {
        self.feedback.as_ref().filter(|form| !form.is_about_comment).map(|form| form.error.as_str())
    }

    /// What is wrong with the comment on the form.
    pub(crate) fn comment_error(&self) -> Option<&str> {
        self.feedback.as_ref().filter(|form| form.is_about_comment).map(|form| form.error.as_str())
    }

    pub(crate) fn comment(&self) -> &str {
        self.feedback.as_ref().map_or("", |form| form.comment.as_str())
    }
}

/// The publisher's own warnings, and what changes whether the answer holds for the reader.
fn is_warning(kind: NoticeKind) -> bool {
    matches!(kind, NoticeKind::Alert | NoticeKind::Nation | NoticeKind::Withdrawn)
}

/// What the answer leaves open, whom it is for, or why it is not as expected.
fn is_limit(kind: NoticeKind) -> bool {
    matches!(
        kind,
        NoticeKind::Partial | NoticeKind::Language | NoticeKind::Audience | NoticeKind::Quoted
    )
}

fn heading(l: &Layout, status: AnswerStatus) -> String {
    match status {
        AnswerStatus::Answered => l.t("status-answered"),
        AnswerStatus::Partial => l.t("status-partial"),
        AnswerStatus::Abstained => l.t("status-abstained"),
        AnswerStatus::Clarify => l.t("status-clarify"),
        AnswerStatus::Signposted => l.t("status-signposted"),
    }
}

/// Sentences with the list items that follow them, each part of a page under its headings.
fn blocks(answer: &Answer, page_tag: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (at, sentence) in answer.sentences.iter().enumerate() {
        let above: Vec<String> = answer.headings_above(at).into_iter().map(str::to_owned).collect();
        let line = line(answer, sentence, page_tag);
        match blocks.last_mut() {
            Some(block) if sentence.item && above.is_empty() => add_item(block, sentence, line),
            _ if sentence.item => {
                let items = vec![Item { line, inner: Vec::new() }];
                blocks.push(Block { above, lead: None, items });
            }
            _ => blocks.push(Block { above, lead: Some(line), items: Vec::new() }),
        }
    }
    blocks
}

fn add_item(block: &mut Block, sentence: &AnswerSentence, line: Line) {
    match block.items.last_mut() {
        Some(item) if sentence.nested => item.inner.push(line),
        _ => block.items.push(Item { line, inner: Vec::new() }),
    }
}

fn line(answer: &Answer, sentence: &AnswerSentence, page_tag: &str) -> Line {
    let citations = sentence.citations.iter();
    let mut numbers: Vec<usize> =
        citations.filter_map(|citation| answer.source_number(citation)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let source = numbers.first().and_then(|number| answer.sources.get(number - 1));
    Line {
        text: sentence.text.clone(),
        lang: source.and_then(|source| foreign(&source.locale, page_tag)),
        sources: numbers.into_iter().map(|number| Cited { number }).collect(),
    }
}

fn sources(l: &Layout, answer: &Answer) -> Vec<SourceView> {
    let view = |(index, source): (usize, &Source)| SourceView {
        number: index + 1,
        link: LinkView { text: source.title.clone(), href: link::safe(&source.url) },
        lang: foreign(&source.locale, l.lang()),
        heading: source.heading.clone(),
        updated: source
            .updated
            .as_deref()
            .map(|date| l.t1("source-updated", "date", &day(l, date))),
        nations: (!source.nations.is_empty()).then(|| {
            let names: Vec<String> =
                source.nations.iter().map(|nation| nation_name(l, *nation)).collect();
            l.t1("source-nations", "nations", &names.join(", "))
        }),
        audiences: (!source.audiences.is_empty()).then(|| {
            let names: Vec<String> =
                source.audiences.iter().map(|audience| audience_name(l, *audience)).collect();
            l.t1("source-audiences", "audiences", &names.join("; "))
        }),
    };
    answer.sources.iter().enumerate().map(view).collect()
}

fn choices(answer: &Answer) -> Vec<ChoiceView> {
    let choices = answer.choices.iter().enumerate();
    let view = |(at, choice): (usize, &AnswerChoice)| ChoiceView {
        value: Chosen::Number(at).to_string(),
        label: choice.label.clone(),
    };
    choices.map(view).collect()
}

/// The first thing to begin, and where else to go, without the sources, which are listed anyway.
fn links(answer: &Answer) -> (Option<LinkView>, Vec<LinkView>) {
    let is_source = |url: &str| {
        answer.sources.iter().any(|source| page_address(&source.url) == page_address(url))
    };
    let mut start = None;
    let mut others = Vec::new();
    for to in &answer.links {
        let Some(href) = link::safe(&to.url) else { continue };
        let view = LinkView { text: to.label.clone(), href: Some(href) };
        if to.kind == LinkKind::Start && start.is_none() {
            start = Some(view);
        } else if to.kind == LinkKind::Start || !is_source(&to.url) {
            others.push(view);
        }
    }
    (start, others)
}

/// Those of the answer, and the one who always helps, once.
fn contacts(l: &Layout, answer: &Answer) -> Vec<ContactView> {
    let mut views: Vec<ContactView> = Vec::new();
    let ours = l.human.iter().cloned();
    for view in answer.contacts.iter().map(ContactView::new).chain(ours) {
        let is_shown = views.iter().any(|shown| {
            shown == &view || (shown.phones == view.phones && shown.emails == view.emails)
        });
        if !is_shown {
            views.push(view);
        }
    }
    views
}

/// The tag of a language that is not the page's.
fn foreign(locale: &Locale, page_tag: &str) -> Option<String> {
    (locale.tag() != page_tag).then(|| locale.tag().to_owned())
}

/// A date as people write it: 1 April 2026. What is no date stays as it is.
fn day(l: &Layout, iso: &str) -> String {
    let Some(date) = iso.get(..10).and_then(|date| date.parse::<Date>().ok()) else {
        return iso.to_owned();
    };
    let month = match date.month() {
        1 => l.t("month-1"),
        2 => l.t("month-2"),
        3 => l.t("month-3"),
        4 => l.t("month-4"),
        5 => l.t("month-5"),
        6 => l.t("month-6"),
        7 => l.t("month-7"),
        8 => l.t("month-8"),
        9 => l.t("month-9"),
        10 => l.t("month-10"),
        11 => l.t("month-11"),
        _ => l.t("month-12"),
    };
    format!("{} {month} {}", date.day(), date.year())
}
