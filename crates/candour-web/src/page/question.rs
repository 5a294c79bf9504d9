//! The first page: what this is, and the question form.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;
use candour_core::{Audience, Nation, Stated};

use crate::failure::Failure;
use crate::language::Language;
use crate::page::form::Scope;
use crate::page::layout::Layout;
use crate::page::reader::Reader;
use crate::page::render;
use crate::site::Site;

/// The question page.
#[derive(Template)]
#[template(path = "question.html")]
pub(crate) struct QuestionPage {
    l: Layout,
    form: QuestionForm,
    examples: Vec<String>,
    /// Whether there is any guidance to answer from.
    is_ready: bool,
}

/// The form, as it is filled in.
pub(crate) struct QuestionForm {
    pub(crate) question: String,
    /// What was chosen of it.
    pub(crate) scope: Scope,
    pub(crate) limit: usize,
    /// What must be mended, in words.
    pub(crate) error: Option<String>,
    pub(crate) is_follow_up: bool,
    /// The nation that is assumed where none is chosen.
    pub(crate) assumed: Option<Nation>,
    /// The audiences that can be chosen; none where all guidance is for everyone.
    pub(crate) audiences: Vec<Audience>,
}

impl QuestionForm {
    pub(crate) fn empty(site: &Site) -> Self {
        Self {
            question: String::new(),
            scope: Scope::default(),
            limit: site.config.answers.max_question_characters,
            error: None,
            is_follow_up: false,
            assumed: site.config.pilot.nation,
            audiences: audiences(site),
        }
    }

    /// The name of the nation that is assumed, where it is if nothing is chosen.
    pub(crate) fn assumed_name(&self, l: &Layout) -> Option<String> {
        self.assumed.filter(|_| !self.goes_on_with_nation()).map(|nation| nation_name(l, nation))
    }

    /// Whether what was said of the nation before holds where nothing is chosen.
    pub(crate) fn goes_on_with_nation(&self) -> bool {
        self.is_follow_up && self.scope.nation == Stated::Nothing
    }

    /// Whether what was said of the role before holds where nothing is chosen.
    pub(crate) fn goes_on_with_role(&self) -> bool {
        self.is_follow_up && self.scope.audience == Stated::Nothing
    }

    /// How a form names that its reader is not sure. Where nothing was said before, that says nothing.
    pub(crate) fn unsure(&self) -> &'static str {
        if self.is_follow_up { Stated::<Nation>::UNKNOWN } else { "" }
    }

    /// Whether it was said that the nation is not known.
    pub(crate) fn is_nation_unknown(&self) -> bool {
        self.scope.nation == Stated::Unknown
    }

    /// Whether it was said that the role is not known.
    pub(crate) fn is_role_unknown(&self) -> bool {
        self.scope.audience == Stated::Unknown
    }

    /// Whether the nation with this key is the chosen one.
    pub(crate) fn is_nation(&self, key: &str) -> bool {
        self.scope.nation.known().is_some_and(|nation| nation.key() == key)
    }

    /// The roles that can be chosen.
    pub(crate) fn roles(&self, l: &Layout) -> Vec<RoleView> {
        let view = |audience: &Audience| RoleView {
            key: audience.key(),
            name: role_name(l, *audience),
            is_chosen: self.scope.audience == Stated::Is(*audience),
        };
        self.audiences.iter().map(view).collect()
    }
}

/// A role that can be chosen.
pub(crate) struct RoleView {
    pub(crate) key: &'static str,
    pub(crate) name: String,
    pub(crate) is_chosen: bool,
}

/// Those whom some of the guidance is written for, and beside them whoever asks for themselves.
fn audiences(site: &Site) -> Vec<Audience> {
    let written_for = site.index.audiences();
    let is_offered =
        |audience: &Audience| *audience == Audience::Individual || written_for.contains(audience);
    let all = Audience::ALL.into_iter().filter(|_| !written_for.is_empty());
    all.filter(is_offered).collect()
}

/// `GET /`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    reader: Reader,
) -> Result<Html<String>, Failure> {
    page(&site, &reader, QuestionForm::empty(&site))
}

/// The page with the form as given.
pub(crate) fn page(
    site: &Site,
    reader: &Reader,
    form: QuestionForm,
) -> Result<Html<String>, Failure> {
    let pilot = &site.config.pilot;
    let examples = match reader.language {
        Language::Welsh if !pilot.examples_cy.is_empty() => &pilot.examples_cy,
        _ => &pilot.examples,
    };
    let mut layout = reader.layout_of(site, "/", reader.words().t("question-title"));
    layout.has_error = form.error.is_some();
    render(&QuestionPage {
        examples: examples.iter().take(4).cloned().collect(),
        is_ready: site.index.statistics().is_some(),
        l: layout,
        form,
    })
}

/// The name of a nation in the reader's language.
pub(crate) fn nation_name(l: &Layout, nation: Nation) -> String {
    match nation {
        Nation::England => l.t("nation-england"),
        Nation::Scotland => l.t("nation-scotland"),
        Nation::Wales => l.t("nation-wales"),
        Nation::NorthernIreland => l.t("nation-northern-ireland"),
    }
}

/// The readers that an audience is made of, in the reader's language.
pub(crate) fn audience_name(l: &Layout, audience: Audience) -> String {
    match audience {
        Audience::Individual => l.t("audience-individuals"),
        Audience::Business => l.t("audience-businesses"),
        Audience::Professional => l.t("audience-professionals"),
    }
}

/// In which role somebody asks, in the reader's language.
pub(crate) fn role_name(l: &Layout, audience: Audience) -> String {
    match audience {
        Audience::Individual => l.t("role-individual"),
        Audience::Business => l.t("role-business"),
        Audience::Professional => l.t("role-professional"),
    }
}
