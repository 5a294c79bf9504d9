//! `GET /api/v1/openapi.json`: the API, described for programs. `openapi.json` in this crate is what
//! was promised; a test compares the two.

use std::fmt::Write as _;

use axum::Json;
use utoipa::OpenApi;

use crate::failure::Code;
use crate::{api, openai};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Candour",
        description = "Questions to a public body's own published guidance, answered with citations. Every answer is made by a computer and may be wrong."
    ),
    paths(
        api::ask::ask,
        api::ask::stream,
        api::answers::show,
        api::answers::receipt,
        api::sources::show,
        api::feedback::give,
        api::conversations::show,
        api::conversations::delete,
        api::search::search,
        api::health::health,
        api::health::ready,
        api::health::version,
        openai::completions::complete,
        openai::models::list,
        openai::models::show,
    )
)]
struct Document;

/// `GET /api/v1/openapi.json`
pub(crate) async fn show() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}

/// The document, with the table of errors in its words.
fn document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    let mut words = document.info.description.take().unwrap_or_default();
    words.push_str(
        "\n\nEvery failure is {\"error\":{\"code\",\"message\"}} with one of these codes:\n",
    );
    for code in Code::ALL {
        let (status, name, message) = code.row();
        // Writing to a String cannot fail.
        let _ = write!(words, "\n- `{name}` ({status}): {message}");
    }
    document.info.description = Some(words);
    document
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// After a change that is meant, run the tests once with `UPDATE_OPENAPI=1` and read the difference.
    #[test]
    fn the_api_is_what_was_promised() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
        let now = document().to_pretty_json().unwrap() + "\n";
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            std::fs::write(&file, &now).unwrap();
        }
        let promised = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            now == promised,
            "the API differs from openapi.json: if that is meant, set UPDATE_OPENAPI=1 once"
        );
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = serde_json::to_value(document()).unwrap();
        let text = document.to_string();
        let mut count = 0;
        for part in text.split("\"$ref\":\"#").skip(1) {
            let pointer = part.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer} leads nowhere");
            count += 1;
        }
        assert!(count > 20, "only {count} references were looked at");
    }
}
