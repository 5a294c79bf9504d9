//! Which addresses may be asked: paths of the publisher, at the hosts that the configuration names.

use candour_core::config;
use url::Url;

/// The publisher's addresses, checked.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    api: Url,
    site: Option<Url>,
}

/// Why an address is not asked: the stable reason, and the same for people.
pub(super) type Refusal = (&'static str, String);

impl Addresses {
    /// The addresses of the configuration.
    pub(super) fn new(content: &config::Content) -> Result<Self, String> {
        let site =
            if content.site.is_empty() { None } else { Some(base("content.site", &content.site)?) };
        Ok(Self { api: base("content.api", &content.api)?, site })
    }

    /// Where the Content API has the item of a path.
    pub(super) fn item(&self, path: &str) -> Result<Url, Refusal> {
        check_path(path).map_err(|why| ("invalid_path", why.to_owned()))?;
        let root = self.api.path().trim_end_matches('/');
        let mut url = self.api.clone();
        // Setting the path alone keeps scheme, host and port whatever the path contains.
        url.set_path(&format!("{root}{path}"));
        // Dots in a path may have climbed out of the API.
        if url.path() == root
            || url.path().strip_prefix(root).is_some_and(|rest| rest.starts_with('/'))
        {
            Ok(url)
        } else {
            Err(("invalid_path", format!("`{path}` leaves the Content API")))
        }
    }

    /// The path whose item an address of the Content API is, if it is one.
    pub(super) fn path_of_item(&self, url: &Url) -> Option<String> {
        let path = url.path().strip_prefix(self.api.path().trim_end_matches('/'))?;
        (self.allows(url).is_ok() && path.starts_with('/')).then(|| path.to_owned())
    }

    /// The path of what a list or sitemap names: a path already, or an address at the publisher.
    pub(super) fn path_of(&self, listed: &str) -> Result<String, Refusal> {
        let path = if listed.contains("://") || listed.starts_with("//") {
            let url =
                Url::parse(listed).map_err(|e| ("host_not_allowed", format!("`{listed}`: {e}")))?;
            self.allows(&url)?;
            self.path_of_item(&url).unwrap_or_else(|| url.path().to_owned())
        } else {
            listed.to_owned()
        };
        check_path(&path).map_err(|why| ("invalid_path", format!("`{listed}`: {why}")))?;
        Ok(path)
    }

    /// The address of the sitemap.
    pub(super) fn sitemap(&self) -> Result<Url, String> {
        let Some(site) = &self.site else {
            return Err(
                "`content.site` is empty, so there is no sitemap: set it in candour.toml".into()
            );
        };
        let mut url = site.clone();
        url.set_path(&format!("{}/sitemap.xml", site.path().trim_end_matches('/')));
        Ok(url)
    }

    /// Whether an address may be connected to: it has the scheme, host and port of `api` or `site`.
    pub(super) fn allows(&self, url: &Url) -> Result<(), Refusal> {
        let refuse = |why: &str| {
            Err(("host_not_allowed", format!("{} {why}", url.origin().ascii_serialization())))
        };
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("was given with a user name, which is never sent");
        }
        let known =
            std::iter::once(&self.api).chain(&self.site).any(|base| base.origin() == url.origin());
        if known {
            Ok(())
        } else {
            refuse("is neither the host of `content.api` nor of `content.site`")
        }
    }
}

/// Whether text is a path at a publisher, and why it is not.
pub(super) fn check_path(path: &str) -> Result<(), &'static str> {
    if !path.starts_with('/') || path.starts_with("//") {
        return Err("a path begins with one `/`");
    }
    if path.len() > 2048 {
        return Err("a path has at most 2048 bytes");
    }
    let foreign = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '?' | '#' | '\\');
    if path.contains(foreign) {
        return Err("a path has no white space, `?`, `#` or `\\`");
    }
    Ok(())
}

fn base(key: &str, text: &str) -> Result<Url, String> {
    let url = Url::parse(text)
        .map_err(|e| format!("`{key}` is not an address ({e}): mend it in candour.toml"))?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if plain {
        Ok(url)
    } else {
        Err(format!(
            "`{key}` must be an http or https address without user name, query or fragment"
        ))
    }
}
