//! A small pilot in memory: pages written as lines, found by the share of words that they hold.

use std::sync::Arc;

use candour_core::{
    Config, Hit, Link, Locale, Nation, NationScope, Nations, Page, PageId, Passage, PassageId,
    PublicContacts, SearchError, SearchQuery, Searcher, Unit, UnitKind, Withdrawal,
};
use serde_json::json;

use crate::words::stems;

/// Passages that are searched by shared words.
pub(crate) struct Memory(pub(crate) Vec<Hit>);

impl Searcher for Memory {
    fn search(&self, query: &SearchQuery) -> Result<Vec<Hit>, SearchError> {
        let locale = query.locale.clone().unwrap_or_default();
        let asked = stems(&query.text, &locale);
        let admitted = self.0.iter().filter(|hit| {
            query.locale.as_ref().is_none_or(|locale| *locale == hit.page.locale)
                && query.nation.is_none_or(|nation| hit.passage.scope.applies.contains(nation))
                && query.audience.is_none_or(|audience| hit.page.speaks_to(audience))
                && query.schema.as_ref().is_none_or(|schema| *schema == hit.page.schema)
                && (query.include_withdrawn || hit.page.withdrawn.is_none())
        });
        let mut hits: Vec<Hit> = admitted
            .map(|hit| {
                let text = format!(
                    "{} {} {}",
                    hit.page.title,
                    hit.passage.heading_path(),
                    hit.passage.text
                );
                let there = stems(&text, &locale);
                let shared = asked.iter().filter(|stem| there.contains(stem)).count();
                let coverage = shared as f32 / asked.len().max(1) as f32;
                Hit { score: coverage, coverage, similarity: coverage * 0.6, ..hit.clone() }
            })
            .filter(|hit| hit.coverage > 0.0)
            .collect();
        hits.sort_by(|a, b| {
            b.score.total_cmp(&a.score).then_with(|| a.passage.id.cmp(&b.passage.id))
        });
        hits.truncate(query.limit);
        Ok(hits)
    }

    fn snapshot(&self) -> String {
        "memory".to_owned()
    }

    fn public_contacts(&self) -> Arc<PublicContacts> {
        let mut public = PublicContacts::default();
        public.add_phone("029 2018 0110");
        Arc::new(public)
    }
}

/// A page with one passage for each text. A line that begins with `*` is an item of the line before
/// the items, one with `|` a row of the header before the rows, one with `+` a condition of the line
/// before it.
pub(crate) fn page(path: &str, title: &str, locale: &str, passages: &[(&str, &str)]) -> Vec<Hit> {
    let page: Page = serde_json::from_value(json!({
        "id": path, "url": format!("https://aberwen.example{path}"), "title": title, "locale": locale,
        "schema": "answer", "document_type": "answer", "updated_at": "2026-06-01T00:00:00Z",
        "scope": {"applies": Nations::ALL},
    }))
    .unwrap();
    let page = Arc::new(page);
    let passages = passages.iter().enumerate();
    passages.map(|(number, (heading, text))| hit(&page, number, heading, text)).collect()
}

fn hit(page: &Arc<Page>, number: usize, heading: &str, lines: &str) -> Hit {
    let mut text = String::new();
    let mut units: Vec<Unit> = Vec::new();
    let mut stem = None;
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (kind, words) = match line.split_at(1) {
            ("*", rest) => (UnitKind::Item, rest),
            ("|", rest) => (UnitKind::Row, rest),
            ("+", rest) => (UnitKind::Sentence, rest),
            _ => (UnitKind::Sentence, line),
        };
        let at = units.len() as u32;
        let needs = match kind {
            UnitKind::Item | UnitKind::Row => {
                let stem = *stem.get_or_insert(at - 1);
                let kind = if kind == UnitKind::Item { UnitKind::Stem } else { UnitKind::Header };
                units[stem as usize].kind = kind;
                vec![stem]
            }
            _ => {
                stem = None;
                if line.starts_with('+') {
                    units[at as usize - 1].needs.push(at);
                    vec![at - 1]
                } else {
                    Vec::new()
                }
            }
        };
        if !text.is_empty() {
            text.push('\n');
        }
        let start = text.len() as u32;
        text.push_str(words.trim());
        units.push(Unit { start, end: text.len() as u32, kind, needs });
    }
    let headings = if heading.is_empty() {
        json!([])
    } else {
        json!([{"level": 2, "text": heading, "id": "h"}])
    };
    let passage = Passage {
        id: PassageId(format!("{}#{number}", page.id)),
        page: PageId(page.id.0.clone()),
        url: format!("{}#h", page.url),
        headings: serde_json::from_value(headings).unwrap(),
        text,
        units,
        locale: page.locale.clone(),
        scope: NationScope::default(),
        links: Vec::new(),
    };
    Hit {
        passage: Arc::new(passage),
        page: Arc::clone(page),
        score: 0.0,
        coverage: 0.0,
        similarity: 0.0,
    }
}

/// Changes the pages of hits.
pub(crate) fn with_page(hits: Vec<Hit>, change: impl Fn(&mut Page)) -> Vec<Hit> {
    let changed = hits.into_iter().map(|mut hit| {
        change(Arc::make_mut(&mut hit.page));
        let scope = hit.page.scope.clone();
        Arc::make_mut(&mut hit.passage).scope = scope;
        hit
    });
    changed.collect()
}

/// A council with a few pages: enough for each rule of the path to show.
pub(crate) fn council() -> Memory {
    let mut hits = page(
        "/council-tax/discounts",
        "Council Tax discounts",
        "en",
        &[
            (
                "If you live alone",
                "You get 25% off your Council Tax bill if you are the only adult who lives in your home.\n+However, you must apply within 21 days of the change.\nA discount is not paid for more than 6 months.",
            ),
            (
                "Who is not counted",
                "You do not count someone if they are:\n* aged 17 or under\n* a full-time student\n* a live-in carer",
            ),
        ],
    );
    hits.extend(page("/parking/permits", "Resident parking permits", "en", &[
        ("How much it costs", "Permit | Price for 12 months\n| First car | £42\n| Second car | £78\n| Third car | £140"),
        ("How to apply", "Apply online at www.aberwen.example/apply/permit.\nCall 029 2018 0110 if you cannot."),
    ]));
    hits.extend(page(
        "/parking/visitor-permits",
        "Visitor parking permits",
        "en",
        &[("", "A book of 10 visitor permits costs £12.")],
    ));
    hits.extend(page(
        "/parking/permits.cy",
        "Trwyddedau parcio i breswylwyr",
        "cy",
        &[(
            "Faint mae’n ei gostio",
            "Trwydded | Pris am 12 mis\n| Car cyntaf | £42\n| Ail gar | £78",
        )],
    ));
    hits.extend(with_page(
        page(
            "/grant-2024",
            "Winter hardship grant 2024",
            "en",
            &[("", "The winter hardship grant is £150 for each household.")],
        ),
        |page| {
            page.withdrawn =
                Some(Withdrawal { explanation: "The grant closed in 2025.".into(), at: None });
        },
    ));
    hits.extend(with_page(
        page(
            "/attendance",
            "School attendance fines",
            "en",
            &[("", "The attendance fine is £60 for each parent.")],
        ),
        |page| {
            page.scope.applies = [Nation::Wales].into_iter().collect();
            page.scope.alternatives = vec![(Nation::England, "https://other.example/fines".into())];
            page.updated_at = Some("2020-03-04T00:00:00Z".parse().unwrap());
            page.alerts = vec!["Rules change in September.".into()];
            page.actions =
                vec![Link { label: "Pay a fine".into(), url: "https://pay.example/".into() }];
        },
    ));
    Memory(hits)
}

/// The pilot of that council.
pub(crate) fn config() -> Config {
    let text = "[pilot]\nbody = \"Aberwen Council\"\nnation = \"wales\"\n[contact]\nname = \"Customer services\"\nphone = \"029 2018 0100\"\n";
    Config::resolve(text, &std::collections::BTreeMap::new()).unwrap()
}

/// English, where a test does not care.
pub(crate) const EN: Locale = Locale::En;
