//! Forms that readers send: fields that are missing are empty, fields that are unknown are ignored.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{FromRequest, RawForm, Request};
use candour_core::{Audience, Chosen, Nation, Stated};

use crate::failure::{Code, Failure};
use crate::site::Site;

/// The fields of a form; of a field that is sent twice, the last.
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    /// The fields that the query of an address holds, as a form that is sent by GET does.
    pub(crate) fn of_query(query: Option<&str>) -> Self {
        Self(parse(query.unwrap_or_default().as_bytes()))
    }

    /// What was typed into a field.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    /// The circumstances that were chosen, if any.
    pub(crate) fn chosen(&self) -> Option<Chosen> {
        Chosen::parse(self.text("choice"))
    }

    /// Whom the answer is to be for, as far as that was said.
    pub(crate) fn scope(&self) -> Scope {
        Scope {
            nation: Stated::read(self.text("nation"), Nation::from_key),
            audience: Stated::read(self.text("audience"), Audience::from_key),
        }
    }
}

/// Whom an answer is for, as far as a reader said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) nation: Stated<Nation>,
    pub(crate) audience: Stated<Audience>,
}

impl Scope {
    /// What the query of an address names.
    pub(crate) fn of_query(query: Option<&str>) -> Self {
        Form::of_query(query).scope()
    }

    /// The fields that carry it in a form, by name and value.
    pub(crate) fn fields(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let nation = named(self.nation, Nation::key).map(|key| ("nation", key));
        let audience = named(self.audience, Audience::key).map(|key| ("audience", key));
        nation.into_iter().chain(audience)
    }

    /// The query that names it, with its question mark; empty where nothing was said.
    pub(crate) fn query(self) -> String {
        let fields = self.fields().map(|(name, value)| format!("{name}={value}"));
        let fields: Vec<String> = fields.collect();
        if fields.is_empty() { String::new() } else { format!("?{}", fields.join("&")) }
    }
}

/// What names it in a form, where something was said.
fn named<T>(said: Stated<T>, key: fn(T) -> &'static str) -> Option<&'static str> {
    match said {
        Stated::Nothing => None,
        Stated::Unknown => Some(Stated::<T>::UNKNOWN),
        Stated::Is(value) => Some(key(value)),
    }
}

impl FromRequest<Arc<Site>> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Self, Failure> {
        let RawForm(bytes) = RawForm::from_request(request, site).await.map_err(|rejection| {
            let code =
                match axum::response::IntoResponse::into_response(rejection).status().as_u16() {
                    413 => Code::TooLarge,
                    415 => Code::UnsupportedMediaType,
                    _ => Code::InvalidRequest,
                };
            Failure::from(code)
        })?;
        Ok(Self(parse(&bytes)))
    }
}

fn parse(bytes: &[u8]) -> BTreeMap<String, String> {
    let pairs = bytes.split(|byte| *byte == b'&').map(|pair| {
        let split = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        (decode(&pair[..split]), decode(pair.get(split + 1..).unwrap_or_default()))
    });
    pairs.collect()
}

/// `application/x-www-form-urlencoded`, where a `%` that begins no escape stands for itself.
fn decode(bytes: &[u8]) -> String {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'+', _) => decoded.push(b' '),
            (b'%', [high, low, beyond @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high << 4 | low);
                    rest = beyond;
                }
                _ => decoded.push(b'%'),
            },
            _ => decoded.push(*first),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_browsers_send() {
        for (sent, expected) in [
            ("question=How+much%3F", "How much?"),
            ("a=b&question=1%2B1%3D2&c", "1+1=2"),
            ("question=50%+off+%zz", "50% off %zz"),
            ("question=%F0%9F%98%80%00", "😀\0"),
            ("question=%FF", "\u{fffd}"),
            ("question=%", "%"),
            ("", ""),
            ("question=a&question=b", "b"),
        ] {
            let form = Form(parse(sent.as_bytes()));
            assert_eq!(form.text("question"), expected, "{sent}");
        }
    }
}
