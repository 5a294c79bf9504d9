//! Signatures of requests to Amazon's services: AWS Signature Version 4.

use candour_core::ContentHash;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use reqwest::Url;
use sha2::Sha256;

/// What every request carries.
pub(super) const CONTENT: &str = "application/json";
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// What requests to Bedrock are signed for.
const SERVICE: &str = "bedrock";

/// Who signs.
pub(super) struct Credentials<'a> {
    id: &'a str,
    secret: &'a str,
    session: Option<&'a str>,
}

impl<'a> Credentials<'a> {
    /// `ID:SECRET` or `ID:SECRET:TOKEN`; `None` for any other key.
    pub(super) fn parse(key: &'a str) -> Option<Self> {
        let (id, rest) = key.trim().split_once(':')?;
        let is_id = (16..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
        let (secret, session) = match rest.split_once(':') {
            Some((secret, session)) => (secret, Some(session)),
            None => (rest, None),
        };
        is_id.then_some(Self { id, secret, session })
    }
}

/// The headers that make `POST address` with this body a signed request.
pub(super) fn headers(
    credentials: &Credentials<'_>,
    address: &Url,
    region: &str,
    body: &[u8],
    now: Timestamp,
) -> Vec<(&'static str, String)> {
    let time = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let day = &time[..8];
    let host = match (address.host_str().unwrap_or_default(), address.port()) {
        (host, Some(port)) => format!("{host}:{port}"),
        (host, None) => host.to_owned(),
    };
    let mut signed = vec![("content-type", CONTENT), ("host", &host), ("x-amz-date", &time)];
    signed.extend(credentials.session.map(|token| ("x-amz-security-token", token)));
    let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let lines: Vec<String> =
        signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let lines = lines.concat();
    // The path is encoded once in the address, and once more here.
    let path = address.path().split('/').map(encode).collect::<Vec<_>>().join("/");
    let canonical = format!("POST\n{path}\n\n{lines}\n{names}\n{}", ContentHash::of(body));
    let scope = format!("{day}/{region}/{SERVICE}/aws4_request");
    let digest = ContentHash::of(canonical.as_bytes());
    let text = format!("{ALGORITHM}\n{time}\n{scope}\n{digest}");
    let first = authenticate(format!("AWS4{}", credentials.secret).as_bytes(), day.as_bytes());
    let key = [region, SERVICE, "aws4_request"]
        .iter()
        .fold(first, |key, part| authenticate(&key, part.as_bytes()));
    let signature = ContentHash::of_digest(authenticate(&key, text.as_bytes()));
    let id = credentials.id;
    let authorization = format!(
        "{ALGORITHM} Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}"
    );
    let mut headers = vec![("authorization", authorization), ("x-amz-date", time.clone())];
    headers.extend(credentials.session.map(|token| ("x-amz-security-token", token.to_owned())));
    headers
}

/// A part of a path, with everything but letters, digits and `-._~` as percent signs.
pub(super) fn encode(part: &str) -> String {
    let encoded = part.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    });
    encoded.collect()
}

fn authenticate(key: &[u8], message: &[u8]) -> [u8; 32] {
    // A key of any length will do.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As botocore 1.44.8 signs the same request.
    #[test]
    fn signatures_are_those_of_botocore() {
        let id = "AKIDEXAMPLE000000";
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let address = format!(
            "https://bedrock-runtime.eu-west-2.amazonaws.com/model/{}/invoke-with-response-stream",
            encode("eu.some-model-v1:0")
        );
        let address = Url::parse(&address).unwrap();
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        for (token, names, signature) in [
            (
                "",
                "content-type;host;x-amz-date",
                "9e8680b82778d993d2a93f2f6765179d459ac75f10ef0b3519179573266623c2",
            ),
            (
                ":a/session+token==",
                "content-type;host;x-amz-date;x-amz-security-token",
                "d8212369688c918d8c697418461898e006c672e5c2bb2cd40bacca2b82fe7bc8",
            ),
        ] {
            let key = format!("{id}:{secret}{token}");
            let credentials = Credentials::parse(&key).unwrap();
            let headers = headers(&credentials, &address, "eu-west-2", b"{\"max_tokens\":1}", now);
            let expected = format!(
                "AWS4-HMAC-SHA256 Credential={id}/20261125/eu-west-2/bedrock/aws4_request, \
                 SignedHeaders={names}, Signature={signature}"
            );
            assert_eq!(headers[0], ("authorization", expected));
        }
    }

    #[test]
    fn a_bedrock_key_is_no_pair_of_credentials() {
        for key in ["ABSKQmVkcm9ja0FQSUtleS1hYmNkZWY=", "short:secret", "not an id at all:secret"] {
            assert!(Credentials::parse(key).is_none(), "{key}");
        }
    }
}
