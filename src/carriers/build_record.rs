//! Reads records of a build as tools print them, without a metadata file around them.
//!
//! * BuildKit's build sources, decoded: `{"frontend": …, "attrs": {…}, "sources": […]}`, also
//!   under their key in an image's configuration, `moby.buildkit.buildinfo.v1`.
//! * `docker buildx imagetools inspect --format '{{json .Provenance}}'`: `{"SLSA": {…}}`, or one for each
//!   platform.
//! * `docker buildx history inspect --format json`: `{"Ref": …, "VCSRevision": …, "Materials": […]}`.

use serde_json::{Map, Value, json};

use super::build::{Build, BuildError};
use super::{buildinfo, slsa};
use crate::image::oci::Platform;

/// The key in the sources of such a record.
const KEY: &str = "record";
const SLSA: &str = "SLSA";

/// A build for each platform, or one for all.
type Builds = Vec<(Option<Platform>, Build)>;

/// Reads a record; `None` for other JSON.
///
/// # Errors
/// If it cannot be read, or is over a limit.
pub(super) fn read(
    document: &Map<String, Value>,
    path: &str,
) -> Result<Option<Builds>, BuildError> {
    let is_configuration = document.contains_key("config");
    for key in buildinfo::CONFIG_KEYS {
        if let Some(value) = document.get(key).filter(|_| !is_configuration) {
            return one(buildinfo::parse_value(value, path, key)?);
        }
    }
    if is_buildinfo(document) {
        let value = Value::Object(document.clone());
        return one(buildinfo::parse_value(&value, path, KEY)?);
    }
    if let Some(predicate) = document.get(SLSA) {
        return one(predicate_of(predicate, path, SLSA)?);
    }
    let mut builds = Vec::new();
    for (platform, value) in document {
        let (Some(known), Some(predicate)) = (Platform::parse(platform), value.get(SLSA)) else {
            continue;
        };
        let key = format!("{platform}.{SLSA}");
        builds.push((Some(known), predicate_of(predicate, path, &key)?));
    }
    if !builds.is_empty() {
        return Ok(Some(builds));
    }
    match history(document) {
        Some(value) => one(buildinfo::parse_value(&value, path, "history")?),
        None => Ok(None),
    }
}

fn one(build: Build) -> Result<Option<Builds>, BuildError> {
    Ok(Some(vec![(None, build)]))
}

fn predicate_of(value: &Value, path: &str, key: &str) -> Result<Build, BuildError> {
    let predicate = value.get("predicate").unwrap_or(value);
    slsa::predicate_of(predicate, path, key)
}

/// Returns true for decoded build sources: each has a type and a reference.
fn is_buildinfo(document: &Map<String, Value>) -> bool {
    let sources = document.get("sources").and_then(Value::as_array);
    let is_source = |value: &Value| value.get("type").is_some() && value.get("ref").is_some();
    let frontend = document.contains_key("frontend") && document.contains_key("attrs");
    match sources {
        Some(sources) => sources.iter().all(is_source) && (frontend || !sources.is_empty()),
        None => frontend,
    }
}

/// Converts the output of `docker buildx history inspect` into build sources (github.com/docker/buildx,
/// commands/history/inspect.go).
fn history(document: &Map<String, Value>) -> Option<Value> {
    let text = |key: &str| document.get(key)?.as_str().filter(|text| !text.is_empty());
    text("Ref")?;
    let list = |key: &str| document.get(key).and_then(Value::as_array);
    let materials = list("Materials");
    if text("VCSRevision").is_none() && materials.is_none() {
        return None;
    }
    let mut attrs = Map::new();
    for (key, name) in [
        ("VCSRevision", "vcs:revision"),
        ("VCSRepository", "vcs:source"),
        ("Context", "context"),
    ] {
        attrs.extend(text(key).map(|value| (name.to_owned(), json!(value))));
    }
    for argument in list("BuildArgs").into_iter().flatten() {
        let field = |key: &str| argument.get(key).and_then(Value::as_str);
        if let (Some(name), Some(value)) = (field("Name"), field("Value")) {
            attrs.insert(format!("build-arg:{name}"), json!(value));
        }
    }
    let materials = materials.into_iter().flatten();
    let sources: Vec<Value> = materials.filter_map(material).collect();
    Some(json!({"attrs": attrs, "sources": sources}))
}

/// Converts a material into a source: an image by its package URL, a Git repository, or a file.
fn material(value: &Value) -> Option<Value> {
    let uri = value.get("URI")?.as_str()?;
    let digests = value.get("Digests").and_then(Value::as_array);
    let digest = digests.and_then(|all| all.first()?.as_str());
    let Some(image) = uri.strip_prefix("pkg:docker/") else {
        // The digest of a Git repository is a commit. A pin has no name of the algorithm.
        let commit = digest.and_then(|digest| digest.strip_prefix("sha1:"));
        let kind = if commit.is_some() { "git" } else { "http" };
        return Some(json!({"type": kind, "ref": uri, "pin": commit.or(digest)}));
    };
    let image = image.split('?').next().unwrap_or_default();
    let image = match image.rsplit_once('@') {
        Some((name, tag)) => format!("{}:{tag}", name.replace("%2F", "/")),
        None => image.to_owned(),
    };
    Some(json!({"type": "docker-image", "ref": image, "pin": digest}))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "9a43e5c93336380b9d912d7665ddbae4ba21db3a";

    fn found(document: &Value) -> Option<Builds> {
        read(document.as_object().unwrap(), "r.json").unwrap()
    }

    fn values(document: &Value) -> (Vec<String>, Vec<String>, Vec<String>) {
        let [(_, build)]: [_; 1] = found(document).unwrap().try_into().unwrap();
        let texts =
            |pairs: &[super::super::Pair]| pairs.iter().map(|pair| pair.value.clone()).collect();
        (
            texts(&build.commits),
            texts(&build.images),
            texts(&build.sources),
        )
    }

    #[test]
    fn records_of_every_form_are_read() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let sources = json!({"sources": [
            {"type": "docker-image", "ref": "alpine:3.20", "pin": digest},
            {"type": "git", "ref": "https://u:p@github.com/acme/lib.git#main", "pin": COMMIT}]});
        let image = format!("alpine:3.20@{digest}");
        let git = format!("https://github.com/acme/lib.git#main {COMMIT}");
        let expected = (vec![], vec![image.clone()], vec![git.clone()]);
        assert_eq!(values(&sources), expected);
        assert_eq!(
            values(&json!({"moby.buildkit.buildinfo.v1": sources})),
            expected
        );
        let history = json!({"Ref": "x", "VCSRevision": COMMIT, "VCSRepository": "https://github.com/acme/server",
            "BuildArgs": [{"Name": "V", "Value": "1"}],
            "Materials": [{"URI": "pkg:docker/alpine@3.20?platform=linux%2Famd64", "Digests": [digest]},
                {"URI": "https://github.com/acme/lib.git#main", "Digests": [format!("sha1:{COMMIT}")]}]});
        assert_eq!(
            values(&history),
            (vec![COMMIT.to_owned()], vec![image], vec![git])
        );
        let predicate = json!({"buildType": "x", "materials": [{"uri": "pkg:docker/debian@12"}]});
        assert_eq!(values(&json!({"SLSA": predicate})).1, ["debian:12"]);
        let both = json!({"linux/amd64": {"SLSA": predicate}, "linux/arm64": {"SLSA": predicate}});
        assert_eq!(found(&both).unwrap().len(), 2);
    }

    #[test]
    fn other_json_is_no_record() {
        for text in [
            "{}",
            "{\"sources\": []}",
            "{\"sources\": [1]}",
            "{\"Ref\": \"x\"}",
            "{\"config\": {}}",
            "{\"a/b\": {}}",
        ] {
            assert_eq!(found(&serde_json::from_str(text).unwrap()), None, "{text}");
        }
    }
}
