//! What a sitemap says: the pages of a site with their dates, or further sitemaps.

use quick_xml::events::Event;
use quick_xml::reader::Reader;

/// What one sitemap file lists.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sitemap {
    /// Further sitemaps.
    pub(super) sitemaps: Vec<Location>,
    /// Pages.
    pub(super) pages: Vec<Location>,
}

/// One entry of a sitemap.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Location {
    /// Its address.
    pub(super) address: String,
    /// When it last changed, as the publisher writes it.
    pub(super) changed: Option<String>,
}

/// The text of an entry is cut here; an address has at most 2,048 characters.
const LONGEST: usize = 4096;

/// Reads a sitemap; what is wrong with it, where it is not one.
pub(super) fn parse(bytes: &[u8]) -> Result<Sitemap, String> {
    let text = std::str::from_utf8(bytes).map_err(|e| format!("it is not UTF-8: {e}"))?;
    let mut reader = Reader::from_str(text);
    let (mut sitemap, mut entry, mut path) = (Sitemap::default(), Location::default(), Vec::new());
    let mut is_sitemap = false;
    loop {
        let event = reader.read_event().map_err(|e| at(&reader, &e.to_string()))?;
        match event {
            Event::Start(start) => {
                is_sitemap |= path.is_empty() && is_root(start.local_name().as_ref());
                if path.len() > DEEPEST {
                    return Err(at(&reader, "elements are nested too deeply"));
                }
                path.push(start.local_name().as_ref().to_owned());
            }
            Event::Empty(root) => {
                is_sitemap |= path.is_empty() && is_root(root.local_name().as_ref());
            }
            Event::End(_) => match path.pop().as_deref() {
                Some("url") => sitemap.pages.extend(taken(&mut entry)),
                Some("sitemap") => sitemap.sitemaps.extend(taken(&mut entry)),
                _ => {}
            },
            Event::Text(text) => note(&mut entry, &path, &text),
            Event::CData(text) => note(&mut entry, &path, &text),
            Event::GeneralRef(name) => {
                let character =
                    name.resolve_char_ref().ok().flatten().or_else(|| named_character(&name));
                note(&mut entry, &path, character.map(String::from).as_deref().unwrap_or_default());
            }
            Event::Eof if is_sitemap && path.is_empty() => return Ok(sitemap),
            Event::Eof => return Err(at(&reader, "this is not a whole sitemap")),
            _ => {}
        }
    }
}

/// A sitemap has three levels; more than this is something else.
const DEEPEST: usize = 16;

fn is_root(name: &str) -> bool {
    matches!(name, "urlset" | "sitemapindex")
}

/// The characters that XML has names for. No other entity is looked up, so none can be expanded.
fn named_character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}

/// Adds text to the field of the entry that it stands in.
fn note(entry: &mut Location, path: &[String], text: &str) {
    let [.., parent, field] = path else { return };
    if !matches!(parent.as_str(), "url" | "sitemap") {
        return;
    }
    let field = match field.as_str() {
        "loc" => &mut entry.address,
        "lastmod" => entry.changed.get_or_insert_default(),
        _ => return,
    };
    if field.len() + text.len() <= LONGEST {
        field.push_str(text);
    }
}

/// The entry, unless it has no address; a new one begins.
fn taken(entry: &mut Location) -> Option<Location> {
    let Location { address, changed } = std::mem::take(entry);
    let changed = changed.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let address = address.trim().to_owned();
    (!address.is_empty()).then_some(Location { address, changed })
}

fn at(reader: &Reader<&[u8]>, why: &str) -> String {
    format!("{why} (at byte {})", reader.buffer_position())
}
