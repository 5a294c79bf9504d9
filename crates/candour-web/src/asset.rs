//! Style, script and icon, carried in the program. The address holds the hash of all of them.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use candour_core::ContentHash;

use crate::failure::{Code, Failure};

struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

static ASSETS: [Asset; 6] = [
    Asset {
        name: "govuk-frontend.min.css",
        kind: CSS,
        bytes: include_bytes!(concat!(env!("OUT_DIR"), "/govuk-frontend.min.css")),
    },
    Asset {
        name: "govuk-frontend.min.js",
        kind: JAVASCRIPT,
        bytes: include_bytes!(concat!(env!("OUT_DIR"), "/govuk-frontend.min.js")),
    },
    Asset { name: "app.css", kind: CSS, bytes: include_bytes!("../assets/app.css") },
    Asset { name: "app.js", kind: JAVASCRIPT, bytes: include_bytes!("../assets/app.js") },
    Asset { name: "icon.svg", kind: "image/svg+xml", bytes: include_bytes!("../assets/icon.svg") },
    Asset {
        name: "licences.txt",
        kind: "text/plain; charset=utf-8",
        bytes: include_bytes!("../assets/licences.txt"),
    },
];

/// The folder of the assets: `/assets/0123456789ab`.
pub(crate) fn folder() -> &'static str {
    static FOLDER: LazyLock<String> = LazyLock::new(|| {
        let parts = ASSETS.iter().flat_map(|asset| [asset.name.as_bytes(), asset.bytes]);
        format!("/assets/{}", ContentHash::of_list(parts).short())
    });
    &FOLDER
}

/// `GET /assets/{hash}/{name}`. Under another hash the file is served too, for a page that was loaded
/// before an update, but it is not to be kept.
pub(crate) async fn serve(Path((hash, name)): Path<(String, String)>) -> Result<Response, Failure> {
    let asset = ASSETS
        .iter()
        .find(|asset| asset.name == name)
        .ok_or_else(|| Failure::from(Code::NotFound))?;
    let is_current = folder().strip_prefix("/assets/") == Some(hash.as_str());
    let cache = if is_current { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
    ];
    Ok((headers, asset.bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_only_govuk_may_use_is_served() {
        for asset in ASSETS.iter().filter(|asset| asset.name != "licences.txt") {
            let text = String::from_utf8_lossy(asset.bytes).to_lowercase();
            for word in ["gds transport", "crown", "crest", "#1d70b8", "sourcemappingurl"] {
                assert!(!text.contains(word), "{} holds {word}", asset.name);
            }
        }
        let style = String::from_utf8_lossy(ASSETS[0].bytes);
        assert!(style.contains(".govuk-button{") && style.contains(".govuk-generic-header{"));
        assert_eq!(style.matches('{').count(), style.matches('}').count());
    }
}
