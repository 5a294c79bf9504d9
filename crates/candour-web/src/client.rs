//! Who asks, as far as a server can tell: the address at the other end.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};

/// The address of the reader. A proxy on this machine is believed about whom it speaks for, by the
/// last entry it added; from anywhere else that header is what anyone can write.
pub(crate) fn address(parts: &Parts) -> IpAddr {
    let peer = peer(&parts.extensions);
    if peer.is_loopback() { forwarded_for(&parts.headers).unwrap_or(peer) } else { peer }
}

/// Whether the request comes from this machine itself and through no proxy.
pub(crate) fn is_local(parts: &Parts) -> bool {
    let passed_on = ["x-forwarded-for", "x-real-ip", "forwarded", "via"];
    peer(&parts.extensions).is_loopback()
        && passed_on.iter().all(|name| !parts.headers.contains_key(*name))
}

fn peer(extensions: &Extensions) -> IpAddr {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| peer.ip().to_canonical())
}

fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    let entry = last.rsplit(',').next()?.trim();
    // Some proxies add the port: `192.0.2.1:80`, `[2001:db8::1]:80`.
    let with_port = || entry.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(with_port)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn only_a_proxy_on_this_machine_is_believed() {
        for (peer, forwarded, expected) in [
            ("192.0.2.7:1", Some("198.51.100.1"), "192.0.2.7"),
            ("127.0.0.1:1", Some("203.0.113.9, 198.51.100.1"), "198.51.100.1"),
            ("127.0.0.1:1", Some("rubbish"), "127.0.0.1"),
            ("127.0.0.1:1", None, "127.0.0.1"),
            ("[::1]:1", Some("2001:db8::1"), "2001:db8::1"),
            ("127.0.0.1:1", Some("203.0.113.9, 198.51.100.1:4711"), "198.51.100.1"),
            ("127.0.0.1:1", Some("[2001:db8::1]:4711"), "2001:db8::1"),
            ("127.0.0.1:1", Some("[2001:db8::1]"), "2001:db8::1"),
        ] {
            let mut request =
                Request::builder().extension(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
            if let Some(forwarded) = forwarded {
                request = request.header("x-forwarded-for", forwarded);
            }
            let (parts, ()) = request.body(()).unwrap().into_parts();
            let expected: IpAddr = expected.parse().unwrap();
            assert_eq!(address(&parts), expected, "{peer} {forwarded:?}");
            let is_direct = forwarded.is_none() && expected.is_loopback();
            assert_eq!(is_local(&parts), is_direct, "{peer} {forwarded:?}");
        }
    }
}
