//! Parses BuildKit's build sources, `moby.buildkit.buildinfo.v0` and `.v1`: the images, Git repositories
//! and files that went into a build, and the attributes of the frontend.
//!
//! `{"frontend": "dockerfile.v0", "attrs": {"build-arg:VERSION": "1.4.2", "context": "…"},
//! "sources": [{"type": "docker-image", "ref": "debian:12", "pin": "sha256:…"}], "deps": {}}`,
//! in base64 in an image's configuration, a label or an exporter's response. The types are those of
//! github.com/moby/buildkit v0.11.6, util/buildinfo/types. They are deprecated since, but still in use. A
//! build can leave them out, so an image without them says nothing.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::Value;

use super::Pair;
use super::build::{
    Build, BuildError, MAX_ENTRIES, fetched, is_commit, is_tool, pinned, split_git,
};
use super::pair::Place;
use crate::image::json;

/// The keys of the record in an image's configuration.
pub const CONFIG_KEYS: [&str; 2] = ["moby.buildkit.buildinfo.v1", "moby.buildkit.buildinfo.v0"];

/// The label with the record. Importers keep it, and child images inherit it.
pub const LABEL: &str = "org.mobyproject.buildkit.buildinfo.v0";

/// The name of the carrier.
const CARRIER: &str = "buildinfo";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BuildInfo {
    attrs: Option<BTreeMap<String, Option<String>>>,
    sources: Option<Vec<SourceEntry>>,
    deps: Option<BTreeMap<String, BuildInfo>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SourceEntry {
    r#type: String,
    r#ref: String,
    pin: Option<String>,
}

/// Parses a record: an object, or base64 in a string.
///
/// # Errors
/// If it is neither, or over a limit.
pub fn parse_value(value: &Value, path: &str, key: &str) -> Result<Build, BuildError> {
    match value {
        Value::String(text) => parse_encoded(text, path, key),
        Value::Object(_) => parse(value.to_string().as_bytes(), path, key),
        _ => Err(BuildError::NoJson),
    }
}

/// Parses the base64 of a record.
///
/// # Errors
/// As [`parse_value`].
pub fn parse_encoded(text: &str, path: &str, key: &str) -> Result<Build, BuildError> {
    let bytes = decode(text).ok_or(BuildError::NoJson)?;
    parse(&bytes, path, key)
}

/// Decodes base64 with line breaks.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let text: String = text.split_ascii_whitespace().collect();
    BASE64.decode(text).ok()
}

/// Parses the JSON of a record. `path` and `key` are its source.
///
/// # Errors
/// If it is other JSON, or over a limit.
pub fn parse(bytes: &[u8], path: &str, key: &str) -> Result<Build, BuildError> {
    let info: BuildInfo = json::parse(bytes)?;
    let place = Place {
        carrier: CARRIER,
        path,
    };
    let mut build = Build::default();
    let above = format!("{key}.attrs");
    let mut context = None;
    for (name, value) in info.attrs.iter().flatten() {
        let Some(value) = value.as_deref() else {
            continue;
        };
        build.attribute(name, value, place, &above);
        if name == "context" {
            context = Some(value);
        }
    }
    sources(&info, key, place, context, &mut build)?;
    Ok(build)
}

/// Adds the sources of a build, and of the builds that it depends on.
fn sources(
    info: &BuildInfo,
    key: &str,
    place: Place<'_>,
    context: Option<&str>,
    build: &mut Build,
) -> Result<(), BuildError> {
    for (index, source) in info.sources.iter().flatten().enumerate() {
        if build.images.len().saturating_add(build.sources.len()) >= MAX_ENTRIES {
            return Err(BuildError::TooMany("sources"));
        }
        let at = format!("{key}.sources[{index}]");
        let pin = source.pin.as_deref();
        match source.r#type.as_str() {
            "docker-image" | "image" if !is_tool(&source.r#ref) => {
                let value = pinned(&source.r#ref, pin);
                build.images.push(place.pair("", &at, &value));
            }
            "git" if context.is_some_and(|context| same(context, &source.r#ref)) => {
                from_context(&source.r#ref, pin, &at, place, build);
            }
            "git" | "http" => {
                let value = fetched(&source.r#ref, pin);
                build.sources.push(place.pair("", &at, &value));
            }
            _ => {}
        }
    }
    for (name, inner) in info.deps.iter().flatten() {
        sources(inner, &format!("{key}.deps.{name}"), place, None, build)?;
    }
    Ok(())
}

/// Returns true if both are one git URL, with or without credentials.
fn same(a: &str, b: &str) -> bool {
    split_git(a) == split_git(b)
}

/// Adds the source that is the build's context. BuildKit resolved its ref itself, so it comes first.
fn from_context(uri: &str, pin: Option<&str>, at: &str, place: Place<'_>, build: &mut Build) {
    let (url, reference) = split_git(uri);
    let pair = |value: &str| -> Pair { place.pair("", at, value) };
    if let Some(pin) = pin.filter(|pin| is_commit(pin)) {
        build.commits.insert(0, pair(pin));
    }
    build.repositories.insert(0, pair(&url));
    build.reference = build.reference.take().or(reference.map(|r| pair(&r)));
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIN: &str = "259a5aa5aa5bb3562d12cc631fe399f4788642c1";

    fn values(pairs: &[Pair]) -> Vec<&str> {
        pairs.iter().map(|pair| pair.value.as_str()).collect()
    }

    #[test]
    fn a_git_source_is_the_commit_only_where_it_is_the_context() {
        let source = format!(
            r#"{{"type": "git", "ref": "https://t0ken@github.com/a/b.git#main", "pin": "{PIN}"}}"#
        );
        let plain = format!(r#"{{"sources": [{source}]}}"#);
        let found = parse(plain.as_bytes(), "c.json", "k").unwrap();
        assert!(found.commits.is_empty() && found.repositories.is_empty());
        assert_eq!(
            values(&found.sources),
            [format!("https://github.com/a/b.git#main {PIN}")]
        );
        for suffix in [".git", ""] {
            let source = source.replace(".git", suffix);
            let context = format!(
                r#"{{"attrs": {{"context": "https://github.com/a/b{suffix}#main"}}, "sources": [{source}]}}"#
            );
            let found = parse(context.as_bytes(), "c.json", "k").unwrap();
            assert_eq!(values(&found.commits), [PIN]);
            let url = format!("https://github.com/a/b{suffix}");
            assert_eq!(values(&found.repositories), [url]);
            assert_eq!(found.reference.unwrap().value, "main");
            assert!(found.sources.is_empty());
        }
    }

    #[test]
    fn images_have_their_pins_and_old_types_count() {
        let text = r#"{"attrs": {"build-arg:A": "1", "build-arg:B": null, "vcs:revision": "abc"},
            "sources": [{"type": "image", "ref": "debian:12", "pin": "sha256:ab"},
                {"type": "docker-image", "ref": "alpine@sha256:cd", "pin": "sha256:ef"},
                {"type": "docker-image", "ref": "docker.io/docker/dockerfile:1", "pin": "sha256:01"}],
            "deps": {"base": {"sources": [{"type": "docker-image", "ref": "busybox", "pin": "bad"}],
                "attrs": {"vcs:revision": "of another build"}}}}"#;
        let found = parse(text.as_bytes(), "c.json", "k").unwrap();
        assert_eq!(
            values(&found.images),
            ["debian:12@sha256:ab", "alpine@sha256:cd", "busybox"]
        );
        assert_eq!(found.arguments.len(), 1);
        assert_eq!(found.arguments[0].key, "build-arg:A");
        assert_eq!(values(&found.commits), ["abc"]);
        let deep = &found.images[2].source;
        assert_eq!(deep.key.as_deref(), Some("k.deps.base.sources[0]"));
        assert_eq!(deep.carrier, "buildinfo");
    }

    #[test]
    fn objects_and_base64_are_read_and_nothing_else() {
        let object: Value =
            serde_json::from_str(r#"{"sources": [{"type": "docker-image", "ref": "a"}]}"#).unwrap();
        let encoded = Value::String(BASE64.encode(object.to_string()));
        let expected = parse_value(&object, "f", "k");
        assert_eq!(parse_value(&encoded, "f", "k"), expected);
        assert_eq!(expected.unwrap().images.len(), 1);
        for bad in [Value::from(1), Value::from("not base64!")] {
            assert_eq!(
                parse_value(&bad, "f", "k"),
                Err(BuildError::NoJson),
                "{bad}"
            );
        }
        let list = Value::String(BASE64.encode("[1"));
        assert!(matches!(
            parse_value(&list, "f", "k"),
            Err(BuildError::Json(_))
        ));
    }

    #[test]
    fn too_many_sources_are_an_error_and_never_cut() {
        let one = r#"{"type": "http", "ref": "https://a/b"},"#;
        let text = format!(
            r#"{{"sources": [{}]}}"#,
            one.repeat(MAX_ENTRIES + 1).trim_end_matches(',')
        );
        assert_eq!(
            parse(text.as_bytes(), "f", "k"),
            Err(BuildError::TooMany("sources"))
        );
    }
}
