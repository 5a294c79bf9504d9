//! Erasing a conversation because its reader wants it: the same for the page and for the API.

use candour_core::{ConversationId, Redacted, SaltedErasure};
use candour_store::EraseRequest;
use jiff::Timestamp;

use crate::asking::random;
use crate::failure::Failure;
use crate::site::Site;

/// Erases what is kept of a conversation, and what is in memory. The deletion receipt is for the reader;
/// none where there was nothing.
pub(crate) async fn erase(
    site: &Site,
    conversation: ConversationId,
) -> Result<Option<SaltedErasure>, Failure> {
    let request = EraseRequest {
        conversation,
        by: "reader".to_owned(),
        reason: Redacted::default(),
        at: Timestamp::now(),
        salt: random()?,
    };
    let erased = site.database.erase_conversation(&request).await?;
    site.assistant.forget();
    Ok(erased)
}
