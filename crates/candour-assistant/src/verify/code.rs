//! Why parts of an answer were dropped.

use serde::Deserialize;

/// Why a sentence or a link was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    /// A model wrote it and cites nothing for it.
    Uncited,
    /// It cites nothing, or not what stands there.
    CitationInvalid,
    /// It cites a passage that has changed, or a withdrawn page.
    SourceStale,
    /// A number, amount, percentage, age or duration is not in what it cites, or counts something else.
    NumberMissing,
    /// A limit is turned round, added or left out.
    ComparatorChanged,
    /// A date, weekday or tax year is not in what it cites.
    DateMissing,
    /// It is about another nation than its passage, or than the question.
    NationMismatch,
    /// It denies what its passage affirms, or the other way round.
    PolarityChanged,
    /// It makes a duty of a permission, or the other way round.
    ModalityChanged,
    /// It leaves out a condition, or sets one of its own.
    ConditionDropped,
    /// A name or code is not in what it cites.
    EntityMissing,
    /// Too little of what it says is in what it cites.
    SupportLow,
    /// It leads somewhere that no retrieved page names.
    LinkNotAllowed,
    /// It holds personal data, a mask, or a mark of the instructions to the model.
    Leak,
    /// It speaks to a system or its judge.
    Instruction,
    /// It is an opinion, or about politics.
    Opinion,
    /// It is in another language than the answer.
    LanguageMixed,
    /// The judge took it away, or gave no verdict on it.
    Judged,
    /// All that passed is too unsure to be the answer.
    Unsure,
}

impl Code {
    /// The name in logs and records.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Uncited => "uncited",
            Self::CitationInvalid => "citation_invalid",
            Self::SourceStale => "source_stale",
            Self::NumberMissing => "number_missing",
            Self::ComparatorChanged => "comparator_changed",
            Self::DateMissing => "date_missing",
            Self::NationMismatch => "nation_mismatch",
            Self::PolarityChanged => "polarity_changed",
            Self::ModalityChanged => "modality_changed",
            Self::ConditionDropped => "condition_dropped",
            Self::EntityMissing => "entity_missing",
            Self::SupportLow => "support_low",
            Self::LinkNotAllowed => "link_not_allowed",
            Self::Leak => "leak",
            Self::Instruction => "instruction",
            Self::Opinion => "opinion",
            Self::LanguageMixed => "language_mixed",
            Self::Judged => "judged",
            Self::Unsure => "unsure",
        }
    }
}
