//! From publisher to passage, and from query to passages.
//!
//! `source` brings what a publisher has published, `extract` reads it, `split` cuts it into citable
//! passages, `ingest` does these for all sources and keeps the outcome of every page, and `index`
//! turns the passages into an immutable snapshot and searches it. `models` obtains what an embedder
//! may need from elsewhere.

pub mod extract;
pub mod index;
pub mod ingest;
pub mod models;
pub mod prepared;
pub mod source;
pub mod split;
