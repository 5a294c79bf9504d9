//! Who sends a request: someone with a key and a role, or an address like any other.
//!
//! A key comes as `Authorization: Bearer …`. It is looked up with every request, so that one that is
//! revoked ends with the next. Where no key is asked for, what does not begin as ours do is no key at
//! all: clients of chat completions must send something.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use candour_store::{BearerKey, Key, Role};
use jiff::Timestamp;
use jiff::tz::Offset;

use crate::client;
use crate::failure::{Code, Failure};
use crate::rate::Asker;
use crate::site::Site;

/// Whoever sends a request.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    address: IpAddr,
    key: Option<Key>,
}

impl Caller {
    /// Lets through only holders of a key with this role, or one that allows more.
    pub(crate) fn require(&self, role: Role) -> Result<(), Failure> {
        match &self.key {
            None => Err(Code::KeyMissing.into()),
            Some(key) if key.grant.role >= role => Ok(()),
            Some(_) => Err(Code::RoleMissing.into()),
        }
    }

    /// Counts one question against the limit of the key, or else of the address.
    pub(crate) fn take_turn(&self, site: &Site) -> Result<(), Failure> {
        let (asker, per_minute) = self.limited(site);
        site.take_turn(&asker, per_minute)
    }

    /// Whose questions and whose budget these are.
    pub(crate) fn asker(&self) -> Asker {
        match &self.key {
            Some(key) => Asker::Key(key.id.clone()),
            None => Asker::of_address(self.address),
        }
    }

    fn limited(&self, site: &Site) -> (Asker, u32) {
        let everyone = site.config.serve.questions_per_minute;
        let own = self.key.as_ref().and_then(|key| key.grant.questions_per_minute);
        (self.asker(), own.unwrap_or(everyone))
    }

    /// How many questions are left, under the names that proxies and clients know.
    fn rate_limit_headers(&self, site: &Site) -> [(HeaderName, HeaderValue); 3] {
        let (asker, per_minute) = self.limited(site);
        let (left, until_full) = site.rate.left(&asker, per_minute, Instant::now());
        [
            (HeaderName::from_static("ratelimit-limit"), per_minute.into()),
            (HeaderName::from_static("ratelimit-remaining"), left.into()),
            (HeaderName::from_static("ratelimit-reset"), until_full.as_secs().into()),
        ]
    }
}

impl FromRequestParts<Arc<Site>> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Failure> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let address = client::address(parts);
        let key = match bearer(&parts.headers)? {
            Some(bearer) => Some(valid_key(site, &bearer).await?),
            None => None,
        };
        Ok(Self { address, key })
    }
}

/// Lets in who may use the endpoints for programs, and tells each answer how many are left.
pub(crate) async fn programs(
    State(site): State<Arc<Site>>,
    caller: Caller,
    mut request: Request,
    next: Next,
) -> Response {
    if site.config.serve.require_key
        && let Err(failure) = caller.require(Role::Machine)
    {
        return failure.into_response();
    }
    request.extensions_mut().insert(caller.clone());
    let mut response = next.run(request).await;
    response.headers_mut().extend(caller.rate_limit_headers(&site));
    response
}

/// The key that a request comes with. One that begins as ours do and is none was mistyped or cut, and
/// whoever sent it is told so.
fn bearer(headers: &HeaderMap) -> Result<Option<BearerKey>, Failure> {
    let text = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, key)) = text.and_then(|text| text.trim().split_once(' ')) else {
        return Ok(None);
    };
    let key = key.trim();
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    match BearerKey::parse(key) {
        None if BearerKey::is_meant(key) => Err(Code::KeyInvalid.into()),
        parsed => Ok(parsed),
    }
}

/// The key, if it is one and still holds. The day on which it is used is noted once.
pub(crate) async fn valid_key(site: &Site, bearer: &BearerKey) -> Result<Key, Failure> {
    let now = Timestamp::now();
    let key = site.database.key(bearer).await?;
    let key = key.filter(|key| key.is_valid(now)).ok_or_else(|| Failure::from(Code::KeyInvalid))?;
    let today = Offset::UTC.to_datetime(now).date();
    if key.last_used_on != Some(today) {
        site.database.note_key_use(&key.id, today).await?;
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use candour_core::Redacted;
    use candour_store::{Act, Grant};
    use jiff::SignedDuration;

    use super::*;
    use crate::tests::{Pilot, Reply, sample_config, sample_index};

    const QUESTION: &str =
        r#"{"model":"assistant","messages":[{"role":"user","content":"Which bin is for glass?"}]}"#;

    async fn pilot(require_key: bool) -> Pilot {
        let mut config = sample_config();
        config.serve.require_key = require_key;
        Pilot::with(config, sample_index()).await
    }

    async fn key(pilot: &Pilot, number: u8, grant: Grant) -> BearerKey {
        let key = BearerKey::from_random(&[number; 36]);
        let act = Act { actor: "test".into(), reason: Redacted::default(), at: Timestamp::now() };
        pilot.site.database.create_key(&key, &grant, &act).await.unwrap();
        key
    }

    fn grant(role: Role) -> Grant {
        Grant { name: "test".into(), role, questions_per_minute: None, expires_at: None }
    }

    async fn ask(pilot: &Pilot, authorization: &str) -> Reply {
        let request = Request::post("/v1/chat/completions")
            .header(AUTHORIZATION, authorization)
            .header("content-type", "application/json");
        pilot.send(request.body(Body::from(QUESTION)).unwrap()).await
    }

    fn sent(key: &BearerKey) -> String {
        format!("Bearer {}", key.expose())
    }

    #[tokio::test]
    async fn where_a_key_is_required_only_a_valid_one_is_let_in() {
        let pilot = pilot(true).await;
        let valid = key(&pilot, 1, grant(Role::Machine)).await;
        let past = Some(Timestamp::now() - SignedDuration::from_secs(1));
        let expired = key(&pilot, 2, Grant { expires_at: past, ..grant(Role::Machine) }).await;
        let revoked = key(&pilot, 3, grant(Role::Admin)).await;
        let act = Act { actor: "test".into(), reason: Redacted::default(), at: Timestamp::now() };
        pilot.site.database.revoke_key(revoked.id(), &act).await.unwrap();
        let unknown = BearerKey::from_random(&[4; 36]);
        for (authorization, status, code) in [
            (sent(&valid), 200, None),
            (sent(&valid).replace("Bearer", "bearer"), 200, None),
            (sent(&expired), 401, Some("key_invalid")),
            (sent(&revoked), 401, Some("key_invalid")),
            (sent(&unknown), 401, Some("key_invalid")),
            ("Bearer sk-nothing".into(), 401, Some("key_missing")),
            (format!("Basic {}", valid.expose()), 401, Some("key_missing")),
            (String::new(), 401, Some("key_missing")),
        ] {
            let reply = ask(&pilot, &authorization).await;
            assert_eq!(reply.status.as_u16(), status, "{authorization}: {}", reply.text);
            assert_eq!(reply.json()["error"]["code"].as_str(), code, "{authorization}");
            let challenge = if status == 401 { "Bearer" } else { "" };
            assert_eq!(reply.header("www-authenticate"), challenge);
        }
        let used = pilot.site.database.keys().await.unwrap();
        let used: Vec<&str> = used
            .iter()
            .filter(|key| key.last_used_on.is_some())
            .map(|key| key.id.as_str())
            .collect();
        assert_eq!(used, [valid.id()]);
        assert_eq!(pilot.get("/v1/models").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(pilot.get("/api/v1/health").await.status, StatusCode::OK);
    }

    #[tokio::test]
    async fn where_none_is_required_a_wrong_one_is_still_told() {
        let pilot = pilot(false).await;
        assert_eq!(ask(&pilot, "Bearer sk-nothing").await.status, StatusCode::OK);
        let valid = key(&pilot, 1, grant(Role::Machine)).await;
        let sent_whole = sent(&valid);
        assert_eq!(ask(&pilot, &sent_whole).await.status, StatusCode::OK);
        let (half, last) = (sent_whole.len() / 2, sent_whole.len() - 1);
        for wrong in [
            sent(&BearerKey::from_random(&[4; 36])),
            sent_whole[..last].to_owned(),
            sent_whole[..half].to_owned(),
            format!("{sent_whole}0"),
            format!("Bearer {}", valid.expose().to_uppercase()),
            format!("Bearer  {} ", valid.expose().replace("candour", "Candour")),
            "Bearer candour_".into(),
        ] {
            let reply = ask(&pilot, &wrong).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{wrong}");
            assert_eq!(reply.json()["error"]["code"], "key_invalid", "{wrong}");
        }
    }

    #[tokio::test]
    async fn each_key_has_its_own_limit() {
        let pilot = pilot(true).await;
        let two = Grant { questions_per_minute: Some(2), ..grant(Role::Machine) };
        let first = key(&pilot, 1, two.clone()).await;
        let second = key(&pilot, 2, two).await;
        for left in ["1", "0"] {
            let reply = ask(&pilot, &sent(&first)).await;
            assert_eq!(reply.status, StatusCode::OK);
            let of = |name| reply.header(name);
            assert_eq!((of("ratelimit-limit"), of("ratelimit-remaining")), ("2", left));
        }
        let reply = ask(&pilot, &sent(&first)).await;
        assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(reply.json()["error"]["code"], "rate_limit_exceeded");
        assert_eq!(reply.json()["error"]["type"], "rate_limit_error");
        let seconds = |name| reply.header(name).parse::<u64>().unwrap();
        assert!((1..=30).contains(&seconds("retry-after")));
        assert!((1..=60).contains(&seconds("ratelimit-reset")));
        assert_eq!(ask(&pilot, &sent(&second)).await.status, StatusCode::OK);
    }

    /// Whoever measures a deployment over its JSON API takes nothing from readers at the same address.
    #[tokio::test]
    async fn a_key_counts_for_itself_in_the_json_api_too() {
        let pilot = pilot(false).await;
        let one = Grant { questions_per_minute: Some(1), ..grant(Role::Machine) };
        let held = key(&pilot, 1, one).await;
        let ask = async |authorization: Option<String>| {
            let mut request =
                Request::post("/api/v1/ask").header("content-type", "application/json");
            if let Some(authorization) = authorization {
                request = request.header(AUTHORIZATION, authorization);
            }
            let body = Body::from(r#"{"question":"Which bin is for glass?"}"#);
            pilot.send(request.body(body).unwrap()).await.status
        };
        assert_eq!(ask(Some(sent(&held))).await, StatusCode::OK);
        assert_eq!(ask(Some(sent(&held))).await, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(ask(None).await, StatusCode::OK);
        let unknown = BearerKey::from_random(&[4; 36]);
        assert_eq!(ask(Some(sent(&unknown))).await, StatusCode::UNAUTHORIZED);
        let cut = sent(&held)[..40].to_owned();
        assert_eq!(ask(Some(cut)).await, StatusCode::UNAUTHORIZED);
    }

    #[tokio::test]
    async fn metrics_are_for_this_machine_and_for_staff() {
        let pilot = pilot(false).await;
        let machine = key(&pilot, 1, grant(Role::Machine)).await;
        let staff = key(&pilot, 2, grant(Role::Staff)).await;
        let get = async |address: &str, authorization: String| {
            let request = Request::get("/metrics")
                .header("x-forwarded-for", address)
                .header(AUTHORIZATION, authorization);
            pilot.send(request.body(Body::empty()).unwrap()).await
        };
        assert_eq!(pilot.get("/metrics").await.status, StatusCode::OK);
        for (authorization, status, code) in [
            (String::new(), 401, Some("key_missing")),
            (sent(&machine), 403, Some("role_missing")),
            (sent(&staff), 200, None),
        ] {
            let reply = get("192.0.2.1", authorization).await;
            assert_eq!(reply.status.as_u16(), status, "{}", reply.text);
            assert_eq!(code.is_some(), reply.header("content-type") == "application/json");
            if let Some(code) = code {
                assert_eq!(reply.json()["error"]["code"], code);
            }
        }
        assert_eq!(get("127.0.0.1", String::new()).await.status, StatusCode::UNAUTHORIZED);
    }
}
