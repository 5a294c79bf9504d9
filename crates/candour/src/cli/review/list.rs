//! `candour review list`: the reviews, with how far each has come and how far people agree.

use anyhow::Result;
use candour_evals::agreement::Agreement;
use candour_evals::review::{Progress, agreement, progress};
use candour_store::{Database, Review};
use serde_json::{Value, json};

use crate::cli::eval::table::{Table, figure};
use crate::cli::terminal;

/// Prints the reviews.
pub(super) async fn run(database: &Database, as_json: bool) -> Result<()> {
    let mut rows: Vec<(Review, Progress, Option<Agreement>)> = Vec::new();
    for review in database.reviews().await? {
        let drawn = database.review_drawn(&review.name).await?;
        let labels = database.review_labels(&review.name).await?;
        rows.push((review, progress(&drawn, &labels), agreement(&labels)?));
    }
    if as_json {
        let rows: Vec<Value> = rows.iter().map(|row| to_json(&row.0, &row.1, row.2)).collect();
        return terminal::print_json(&json!({ "reviews": rows }));
    }
    if rows.is_empty() {
        terminal::note("There is no review. `candour review create` makes one.");
        return Ok(());
    }
    let header = ["review", "state", "labels", "people", "to settle", "agree on", "kappa", "alpha"];
    let mut table = Table::new(&header);
    for (review, progress, agreement) in rows {
        let of = |value: &dyn Fn(&Agreement) -> Option<f64>| {
            agreement.as_ref().and_then(value).map(figure).unwrap_or_default()
        };
        table.row([
            review.name,
            if review.closed_at.is_some() { "closed" } else { "open" }.to_owned(),
            format!("{} of {}", progress.given, progress.wanted),
            progress.people.to_string(),
            progress.unsettled.to_string(),
            of(&|found| Some(found.share)),
            of(&|found| found.kappa),
            of(&|found| found.alpha.map(|alpha| alpha.value)),
        ]);
    }
    terminal::print(&table.text())
}

fn to_json(review: &Review, progress: &Progress, agreement: Option<Agreement>) -> Value {
    json!({
        "review": review.name,
        "question": review.about.question,
        "labels": review.about.labels,
        "source": review.about.source,
        "seed": review.about.seed,
        "created_at": review.created_at,
        "created_by": review.created_by,
        "closed_at": review.closed_at,
        "progress": progress,
        "agreement": agreement,
    })
}
