//! Addresses: what a link in a page leads to, as an absolute address or a path at the publisher.

use url::Url;

/// A base for pages that have a path only; it never leaves this file.
const NOWHERE: &str = "https://nowhere.invalid";

/// The address of `path` at `site`; without a site, the path itself.
pub(super) fn at_site(site: &str, path: &str) -> String {
    if path.starts_with('/') { format!("{site}{path}") } else { path.to_owned() }
}

/// What `href` on the page at `page` leads to. `None` for addresses that run or carry something
/// (`javascript:`, `data:`…) and for what is no address at all.
pub(super) fn resolved(site: &str, page: &str, href: &str) -> Option<String> {
    let href: String = href.trim().chars().filter(|c| !c.is_control()).collect();
    if href.is_empty() {
        return None;
    }
    if let Some(rest) = href.strip_prefix('/')
        && !rest.starts_with(['/', '\\'])
    {
        return Some(at_site(site_of(site, page), &href));
    }
    let base = Url::parse(page).ok().or_else(|| Url::parse(NOWHERE).ok()?.join(page).ok())?;
    let url = base.join(&href).ok()?;
    match url.scheme() {
        "http" | "https" => {
            let address = String::from(url);
            Some(address.strip_prefix(NOWHERE).map_or_else(|| address.clone(), str::to_owned))
        }
        "mailto" | "tel" => Some(href),
        _ => None,
    }
}

/// The site of a page: as given, or the origin of the page's own address.
fn site_of<'a>(site: &'a str, page: &'a str) -> &'a str {
    let after_scheme = page.find("://").map(|at| at + 3);
    match after_scheme {
        Some(start) if site.is_empty() => {
            let end = page[start..].find(['/', '?', '#']).map_or(page.len(), |at| start + at);
            &page[..end]
        }
        _ => site,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_where_a_browser_would_go() {
        for (site, page, href, expected) in [
            (
                "https://a.example",
                "https://a.example/x/y",
                "/z?q=1#f",
                Some("https://a.example/z?q=1#f"),
            ),
            ("", "/x/y", "/z", Some("/z")),
            ("", "/x/y", "z", Some("/x/z")),
            ("", "/x/y", "#part", Some("/x/y#part")),
            ("", "https://b.example/x", "/z", Some("https://b.example/z")),
            ("", "/x", "//c.example/z", Some("https://c.example/z")),
            ("", "/x", "mailto:a@b.example", Some("mailto:a@b.example")),
            ("", "/x", "tel:+44 29 2018 0510", Some("tel:+44 29 2018 0510")),
            ("", "/x", " JavaScript:alert(1)", None),
            ("", "/x", "java\nscript:alert(1)", None),
            ("", "/x", "data:text/html,x", None),
            ("", "/x", "", None),
        ] {
            assert_eq!(resolved(site, page, href).as_deref(), expected, "{href}");
        }
    }
}
