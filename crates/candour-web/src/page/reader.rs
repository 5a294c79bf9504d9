//! Who reads a page, as its request says: language, conversation, address.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use candour_core::ConversationId;

use crate::client;
use crate::cookie;
use crate::failure::Failure;
use crate::language::Language;
use crate::page::layout::Layout;
use crate::rate::Asker;
use crate::site::Site;
use crate::words::{Words, words};

/// The reader of a page.
pub(crate) struct Reader {
    pub(crate) language: Language,
    /// The path without its language.
    path: String,
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) address: IpAddr,
}

impl Reader {
    /// The frame of the page that was asked for, with the title that is kept under a key.
    pub(crate) fn layout(&self, site: &Site, title: String) -> Layout {
        Layout::new(site, self.language, &self.path, title)
    }

    /// The frame of another page than the one that was asked for, to which the toggle leads.
    pub(crate) fn layout_of(&self, site: &Site, path: &str, title: String) -> Layout {
        Layout::new(site, self.language, path, title)
    }

    pub(crate) fn words(&self) -> &'static Words {
        words(self.language)
    }

    /// Counts one question against the reader's limit.
    pub(crate) fn take_turn(&self, site: &Site) -> Result<(), Failure> {
        take_turn(site, self.address)
    }
}

/// Counts one question against the limit of an address.
pub(crate) fn take_turn(site: &Site, address: IpAddr) -> Result<(), Failure> {
    site.take_turn(&Asker::of_address(address), site.config.serve.questions_per_minute)
}

impl FromRequestParts<Arc<Site>> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Site>) -> Result<Self, Infallible> {
        let original = parts.extensions.get::<OriginalUri>();
        let path = original.map_or(&parts.uri, |OriginalUri(uri)| uri).path();
        let (language, path) = Language::of_path(path);
        Ok(Self {
            language,
            path: path.to_owned(),
            conversation: cookie::conversation(&parts.headers),
            address: client::address(parts),
        })
    }
}
