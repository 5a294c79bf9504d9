//! What staff call the codes that records hold: kinds of answers, verdicts, stages, reasons, signals.
//!
//! A code that is not known here is shown as itself: a newer program may have written it.

use candour_core::{AnswerStatus, FeedbackVerdict, Metric, ReplyEnd};
use candour_evals::monitoring::State;
use jiff::Timestamp;
use jiff::tz::Offset;

use crate::page::layout::Layout;

/// What became of a question.
pub(super) fn status(l: &Layout, status: AnswerStatus) -> String {
    match status {
        AnswerStatus::Answered => l.t("staff-status-answered"),
        AnswerStatus::Partial => l.t("staff-status-partial"),
        AnswerStatus::Abstained => l.t("staff-status-abstained"),
        AnswerStatus::Clarify => l.t("staff-status-clarify"),
        AnswerStatus::Signposted => l.t("staff-status-signposted"),
    }
}

/// What a reader thinks.
pub(super) fn verdict(l: &Layout, verdict: FeedbackVerdict) -> String {
    match verdict {
        FeedbackVerdict::Useful => l.t("staff-verdict-useful"),
        FeedbackVerdict::NotUseful => l.t("staff-verdict-not-useful"),
        FeedbackVerdict::Wrong => l.t("staff-verdict-wrong"),
    }
}

/// A stage of answering.
pub(super) fn stage(l: &Layout, stage: &str) -> String {
    match stage {
        "screen" => l.t("staff-stage-screen"),
        "route" => l.t("staff-stage-route"),
        "retrieve" => l.t("staff-stage-retrieve"),
        "compose" => l.t("staff-stage-compose"),
        "rewrite" => l.t("staff-stage-rewrite"),
        "sort" => l.t("staff-stage-sort"),
        "write" => l.t("staff-stage-write"),
        "judge" => l.t("staff-stage-judge"),
        "verify" => l.t("staff-stage-verify"),
        "first_sentence" => l.t("staff-stage-first-sentence"),
        other => other.to_owned(),
    }
}

/// Why verification dropped something.
pub(super) fn dropped(l: &Layout, code: &str) -> String {
    match code {
        "judged" => l.t("staff-dropped-judged"),
        "unsure" => l.t("staff-dropped-unsure"),
        "uncited" => l.t("staff-dropped-uncited"),
        "citation_invalid" => l.t("staff-dropped-citation-invalid"),
        "source_stale" => l.t("staff-dropped-source-stale"),
        "number_missing" => l.t("staff-dropped-number-missing"),
        "comparator_changed" => l.t("staff-dropped-comparator-changed"),
        "date_missing" => l.t("staff-dropped-date-missing"),
        "nation_mismatch" => l.t("staff-dropped-nation-mismatch"),
        "polarity_changed" => l.t("staff-dropped-polarity-changed"),
        "modality_changed" => l.t("staff-dropped-modality-changed"),
        "condition_dropped" => l.t("staff-dropped-condition-dropped"),
        "entity_missing" => l.t("staff-dropped-entity-missing"),
        "support_low" => l.t("staff-dropped-support-low"),
        "link_not_allowed" => l.t("staff-dropped-link-not-allowed"),
        "instruction" => l.t("staff-dropped-instruction"),
        "opinion" => l.t("staff-dropped-opinion"),
        "language_mixed" => l.t("staff-dropped-language-mixed"),
        "leak" => l.t("staff-dropped-leak"),
        _ => l.t("staff-dropped-other"),
    }
}

/// What screening noticed.
pub(super) fn signal(l: &Layout, signal: &str) -> String {
    match signal {
        "crisis" => l.t("staff-signal-crisis"),
        "distress" => l.t("staff-signal-distress"),
        "abuse_reported" => l.t("staff-signal-abuse-reported"),
        "abuse" => l.t("staff-signal-abuse"),
        "injection_rule" => l.t("staff-signal-injection-rule"),
        "injection_model" => l.t("staff-signal-injection-model"),
        "encoded_text" => l.t("staff-signal-encoded-text"),
        "hidden_text" => l.t("staff-signal-hidden-text"),
        "lookalike_letters" => l.t("staff-signal-lookalike-letters"),
        "sentence_held_back" => l.t("staff-signal-sentence-held-back"),
        "model_refused" => l.t("staff-signal-model-refused"),
        other => other.to_owned(),
    }
}

/// What is looked at in answers.
pub(super) fn metric(l: &Layout, metric: Metric) -> String {
    match metric {
        Metric::Citations => l.t("metric-citations"),
        Metric::CitedRetrieved => l.t("metric-cited-retrieved"),
        Metric::QuotesExact => l.t("metric-quotes-exact"),
        Metric::Numbers => l.t("metric-numbers"),
        Metric::Links => l.t("metric-links"),
        Metric::Language => l.t("metric-language"),
        Metric::ReadingAge => l.t("metric-reading-age"),
        Metric::NoPersonalData => l.t("metric-no-personal-data"),
        Metric::NoCanary => l.t("metric-no-canary"),
        Metric::Abstained => l.t("metric-abstained"),
        Metric::Partial => l.t("metric-partial"),
        Metric::Dropped => l.t("metric-dropped"),
        Metric::Useful => l.t("metric-useful"),
    }
}

/// What can be said of a metric's threshold.
pub(super) fn state(l: &Layout, state: State) -> String {
    match state {
        State::NoThreshold => l.t("monitoring-state-none"),
        State::Waiting => l.t("monitoring-state-waiting"),
        State::Quiet => l.t("monitoring-state-quiet"),
        State::Broken => l.t("monitoring-state-broken"),
    }
}

/// How the answer of a model ended.
pub(super) fn end(l: &Layout, end: &str) -> String {
    match end {
        "whole" => l.t("staff-end-whole"),
        "cut_off" => l.t("staff-end-cut-off"),
        "unsure" => l.t("staff-end-unsure"),
        "no_answer" => l.t("staff-end-no-answer"),
        "refused" => l.t("staff-end-refused"),
        "failed" => l.t("staff-end-failed"),
        "timed_out" => l.t("staff-end-timed-out"),
        "spent" => l.t("staff-end-spent"),
        other => other.to_owned(),
    }
}

/// How it ended to ask a model for a decision.
pub(super) fn reply_end(l: &Layout, end: ReplyEnd) -> String {
    match end {
        ReplyEnd::Read => l.t("staff-reply-read"),
        ReplyEnd::Unreadable => l.t("staff-reply-unreadable"),
        ReplyEnd::Failed => l.t("staff-end-failed"),
        ReplyEnd::TimedOut => l.t("staff-end-timed-out"),
        ReplyEnd::Spent => l.t("staff-end-spent"),
    }
}

/// What became of a follow-up question that a model was to write out.
pub(super) fn rewrite_end(l: &Layout, end: &str) -> String {
    match end {
        "searched" => l.t("staff-rewrite-searched"),
        "same" => l.t("staff-rewrite-same"),
        "too_long" => l.t("staff-rewrite-too-long"),
        "link" => l.t("staff-rewrite-link"),
        "instruction" => l.t("staff-rewrite-instruction"),
        "nation" => l.t("staff-rewrite-nation"),
        "number_added" => l.t("staff-rewrite-number-added"),
        "word_added" => l.t("staff-rewrite-word-added"),
        "word_left_out" => l.t("staff-rewrite-word-left-out"),
        "unreadable" => l.t("staff-reply-unreadable"),
        "failed" => l.t("staff-end-failed"),
        "timed_out" => l.t("staff-end-timed-out"),
        "spent" => l.t("staff-end-spent"),
        other => other.to_owned(),
    }
}

/// A moment, to the second, in UTC.
pub(super) fn moment(time: Timestamp) -> String {
    Offset::UTC.to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
