//! The two languages of the interface, and how an address says which.

use candour_core::Locale;

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Welsh,
}

impl Language {
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::Welsh];

    /// The language of a path, and the path without its prefix: `/cy/about` is Welsh, `/about`.
    pub(crate) fn of_path(path: &str) -> (Self, &str) {
        match path.strip_prefix("/cy") {
            Some("" | "/") => (Self::Welsh, "/"),
            Some(rest) if rest.starts_with('/') => (Self::Welsh, rest),
            _ => (Self::English, path),
        }
    }

    /// What stands before the paths of this language.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::English => "",
            Self::Welsh => "/cy",
        }
    }

    /// The address of a page in this language.
    pub(crate) fn href(self, path: &str) -> String {
        match (self, path) {
            (Self::Welsh, "/") => "/cy".to_owned(),
            _ => format!("{}{path}", self.prefix()),
        }
    }

    /// The BCP 47 tag.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Welsh => "cy",
        }
    }

    pub(crate) fn locale(self) -> Locale {
        match self {
            Self::English => Locale::En,
            Self::Welsh => Locale::Cy,
        }
    }

    /// The text of a configuration that has both languages; English where there is no Welsh.
    pub(crate) fn pick<'a>(self, english: &'a str, welsh: Option<&'a str>) -> &'a str {
        match self {
            Self::English => english,
            Self::Welsh => welsh.unwrap_or(english),
        }
    }
}

impl From<&Locale> for Language {
    fn from(locale: &Locale) -> Self {
        if *locale == Locale::Cy { Self::Welsh } else { Self::English }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_says_the_language() {
        for (path, expected) in [
            ("/", (Language::English, "/")),
            ("/about", (Language::English, "/about")),
            ("/cy", (Language::Welsh, "/")),
            ("/cy/", (Language::Welsh, "/")),
            ("/cy/about", (Language::Welsh, "/about")),
            ("/cycling", (Language::English, "/cycling")),
        ] {
            assert_eq!(Language::of_path(path), expected, "{path}");
        }
        assert_eq!(Language::Welsh.href("/"), "/cy");
        assert_eq!(Language::Welsh.href("/about"), "/cy/about");
    }
}
