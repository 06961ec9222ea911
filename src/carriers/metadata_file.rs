//! Parses the metadata file of a build, from `docker buildx build --metadata-file`, and exporter responses.
//! The file of `docker buildx bake` has an object for each target.
//!
//! `{"containerimage.digest": "sha256:…", "image.name": "ghcr.io/acme/server:1.4.2,…",
//! "containerimage.buildinfo/linux/amd64": {…}, "buildx.build.provenance": {…}}`
//! (docs.docker.com/reference/cli/docker/buildx/build, `--metadata-file`).

use serde_json::{Map, Value};

use super::Pair;
use super::build::{Build, BuildError};
use super::pair::Place;
use super::{build_record, buildinfo, slsa};
use crate::image::json;
use crate::image::oci::{Platform, is_index};

/// The name of the carrier.
const CARRIER: &str = "metadata-file";

const BUILD_INFO: &str = "containerimage.buildinfo";
const PROVENANCE: &str = "buildx.build.provenance";

/// The most targets of a bake file.
const MAX_TARGETS: usize = 1024;

/// The result of one target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// The target's name in a bake file; `None` for a file without targets.
    pub name: Option<String>,
    /// The names of the result: `ghcr.io/acme/server:1.4.2`.
    pub names: Vec<Pair>,
    /// The digests of the result; the keys are `index`, `manifest` and `config`.
    pub digests: Vec<Pair>,
    /// The annotations of the result.
    pub annotations: Vec<Pair>,
    /// A build for each platform, or one for all.
    pub builds: Vec<(Option<Platform>, Build)>,
}

/// The builds of one platform, and notes about the choice for a person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chosen {
    /// The builds of the platform, and those for all platforms.
    pub builds: Vec<Build>,
    /// A note that names the platform, if there are several and the caller asked for none.
    pub note: Option<String>,
    /// The platform, if there are several.
    pub platform: Option<Platform>,
    /// The commit of each platform, if they differ.
    pub commits_differ: Option<String>,
}

impl Target {
    /// Returns the builds for the wanted platform, else for this host's, else for the first.
    ///
    /// # Errors
    /// The existing platforms, if the wanted one is not among them.
    pub fn builds_for(
        &self,
        asked: Option<&Platform>,
        likely: &Platform,
    ) -> Result<Chosen, Vec<String>> {
        let platforms = self.platforms();
        let find = |wanted: &Platform| platforms.iter().find(|it| wanted.matches(it)).copied();
        let names = || -> Vec<String> { platforms.iter().map(ToString::to_string).collect() };
        let chosen = match asked {
            Some(asked) if !platforms.is_empty() => Some(find(asked).ok_or_else(names)?),
            _ => find(likely).or(platforms.first().copied()),
        };
        let builds = self.builds.iter();
        let builds =
            builds.filter(|(platform, _)| platform.is_none() || platform.as_ref() == chosen);
        let several = chosen.filter(|_| platforms.len() > 1);
        let unasked = several.filter(|_| asked.is_none());
        Ok(Chosen {
            builds: builds.map(|(_, build)| build.clone()).collect(),
            platform: several.cloned(),
            note: unasked.map(|chosen| {
                format!(
                    "it has builds for {}; {chosen} was read; --platform chooses another",
                    names().join(", ")
                )
            }),
            commits_differ: self.commits_differ(),
        })
    }

    /// Returns the platforms of the builds, each once.
    #[must_use]
    pub fn platforms(&self) -> Vec<&Platform> {
        let mut platforms: Vec<&Platform> = Vec::new();
        for (platform, _) in &self.builds {
            platforms.extend(platform.as_ref().filter(|it| !platforms.contains(it)));
        }
        platforms
    }

    /// Returns the commit of each platform, if they differ.
    fn commits_differ(&self) -> Option<String> {
        let commits = self.builds.iter().filter_map(|(platform, build)| {
            Some((platform.as_ref()?, build.commits.first()?.value.as_str()))
        });
        let commits: Vec<_> = commits.collect();
        let (_, first) = commits.first()?;
        let differ = commits.iter().any(|(_, commit)| commit != first);
        let shown = commits
            .iter()
            .map(|(platform, commit)| format!("{platform} {commit}"));
        differ.then(|| shown.collect::<Vec<_>>().join(", "))
    }
}

/// Parses the targets; `None` for other JSON.
///
/// # Errors
/// If it is not JSON, or it has a record of a build that cannot be read.
pub fn parse(bytes: &[u8], path: &str) -> Result<Option<Vec<Target>>, BuildError> {
    let document: Value = json::parse(bytes)?;
    let Some(document) = document.as_object() else {
        return Ok(None);
    };
    let place = Place {
        carrier: CARRIER,
        path,
    };
    if let Some(builds) = build_record::read(document, path)? {
        let target = Target {
            builds,
            ..Target::default()
        };
        return Ok(Some(vec![target]));
    }
    if is_target(document) {
        return Ok(Some(vec![target(None, document, place)?]));
    }
    let targets = document
        .iter()
        .filter_map(|(name, value)| Some((name, value.as_object()?)))
        .filter(|(_, target)| is_target(target));
    let mut found = Vec::new();
    for (name, value) in targets {
        if found.len() >= MAX_TARGETS {
            return Err(BuildError::TooMany("targets"));
        }
        found.push(target(Some(name), value, place)?);
    }
    Ok((!found.is_empty()).then_some(found))
}

fn is_target(document: &Map<String, Value>) -> bool {
    document.keys().any(|key| {
        key == "image.name" || key.starts_with("containerimage.") || key == "buildx.build.ref"
    })
}

fn target(
    name: Option<&String>,
    document: &Map<String, Value>,
    place: Place<'_>,
) -> Result<Target, BuildError> {
    let at = |key: &str| match name {
        Some(name) => format!("{name}.{key}"),
        None => key.to_owned(),
    };
    let text = |key: &str| document.get(key)?.as_str().filter(|text| !text.is_empty());
    let mut found = Target {
        name: name.cloned(),
        ..Target::default()
    };
    let names = text("image.name").unwrap_or_default().split(',');
    found.names = names
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| place.pair("", &at("image.name"), name))
        .collect();
    let descriptor = document.get("containerimage.descriptor");
    let media = descriptor.and_then(|it| it.get("mediaType")?.as_str());
    let level = match media.is_some_and(is_index) {
        true => "index",
        false => "manifest",
    };
    let digest = text("containerimage.digest")
        .map(|digest| ("containerimage.digest", digest))
        .or_else(|| {
            let digest = descriptor?.get("digest")?.as_str()?;
            Some(("containerimage.descriptor", digest))
        });
    let config = "containerimage.config.digest";
    let digests = [
        digest.map(|(key, digest)| (level, key, digest)),
        text(config).map(|digest| ("config", config, digest)),
    ];
    let digests = digests.into_iter().flatten();
    let digests = digests.map(|(level, key, digest)| place.named(level, &at(key), digest));
    found.digests = digests.collect();
    let annotations = descriptor.and_then(|it| it.get("annotations")?.as_object());
    let annotations = annotations.into_iter().flatten();
    let annotations = annotations.filter_map(|(key, value)| {
        let at = at("containerimage.descriptor.annotations");
        Some(place.named(key, &at, value.as_str()?))
    });
    found.annotations = annotations.collect();
    for (key, value) in document {
        if let Some(platform) = suffix(key, BUILD_INFO) {
            let build = buildinfo::parse_value(value, place.path, &at(key))?;
            found.builds.push((platform, build));
        } else if let Some(platform) = suffix(key, PROVENANCE) {
            let decoded = decoded(value)?;
            let predicate = decoded.get("predicate").unwrap_or(&decoded);
            let build = slsa::predicate_of(predicate, place.path, &at(key))?;
            found.builds.push((platform, build));
        }
    }
    Ok(found)
}

/// Returns the platform after a key and a slash; `None` for another key.
fn suffix(key: &str, wanted: &str) -> Option<Option<Platform>> {
    let rest = key.strip_prefix(wanted)?;
    if rest.is_empty() {
        return Some(None);
    }
    rest.strip_prefix('/').map(Platform::parse)
}

/// Returns the record, which some versions write as an object and others in base64.
fn decoded(value: &Value) -> Result<Value, BuildError> {
    match value {
        Value::String(text) => {
            let bytes = buildinfo::decode(text).ok_or(BuildError::NoJson)?;
            Ok(json::parse(&bytes)?)
        }
        other => Ok(other.clone()),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD as BASE64;
    use serde_json::json;

    use super::*;

    fn one(document: &Value) -> Target {
        let targets = parse(document.to_string().as_bytes(), "m.json").unwrap();
        let [target] = targets.unwrap().try_into().unwrap();
        target
    }

    fn bases(target: &Target, platform: &str) -> Vec<String> {
        let platform = Platform::parse(platform).unwrap();
        let chosen = target.builds_for(None, &platform).unwrap();
        let images = chosen.builds.iter().flat_map(|build| &build.images);
        images.map(|pair| pair.value.clone()).collect()
    }

    #[test]
    fn platforms_of_different_commits_are_said() {
        let of = |commit: &str| {
            let reference = "https://github.com/acme/server.git#refs/tags/v1";
            let source = json!({"type": "git", "ref": reference, "pin": commit});
            json!({"attrs": {"context": reference}, "sources": [source]})
        };
        let (one, other) = ("1".repeat(40), "2".repeat(40));
        let target = |second: &str| {
            super::tests::one(&json!({
                "containerimage.buildinfo/linux/amd64": of(&one),
                "containerimage.buildinfo/linux/arm64": of(second),
            }))
        };
        let said = |target: &Target| {
            target
                .builds_for(None, &Platform::host())
                .unwrap()
                .commits_differ
        };
        assert_eq!(said(&target(&one)), None);
        let differ = said(&target(&other)).unwrap();
        assert_eq!(differ, format!("linux/amd64 {one}, linux/arm64 {other}"));
    }

    #[test]
    fn each_platform_has_its_own_build_as_an_object_or_in_base64() {
        let of = |base: &str| json!({"sources": [{"type": "docker-image", "ref": base}]});
        let target = one(&json!({
            "containerimage.buildinfo/linux/amd64": of("a"),
            "containerimage.buildinfo/linux/arm64": BASE64.encode(of("b").to_string()),
            "containerimage.digest": "sha256:ab",
            "containerimage.descriptor": {"mediaType": "application/vnd.oci.image.index.v1+json"},
            "image.name": "ghcr.io/acme/server:1.4.2, ghcr.io/acme/server:latest,",
        }));
        assert_eq!(bases(&target, "linux/amd64"), ["a"]);
        assert_eq!(bases(&target, "linux/arm64/v8"), ["b"]);
        assert_eq!(bases(&target, "linux/s390x"), ["a"]);
        let other = Platform::parse("linux/s390x").unwrap();
        let platforms = target.builds_for(Some(&other), &other).unwrap_err();
        assert_eq!(platforms, ["linux/amd64", "linux/arm64"]);
        let note = target.builds_for(None, &other).unwrap().note.unwrap();
        assert!(note.contains("linux/amd64 was read"), "{note}");
        assert_eq!(target.digests[0].key, "index");
        let names: Vec<_> = target
            .names
            .iter()
            .map(|name| name.value.as_str())
            .collect();
        assert_eq!(
            names,
            ["ghcr.io/acme/server:1.4.2", "ghcr.io/acme/server:latest"]
        );
    }

    #[test]
    fn provenance_and_config_digest_are_read() {
        let target = one(&json!({
            "buildx.build.provenance": {"buildType": "x", "materials": [{"uri": "pkg:docker/debian@12"}]},
            "containerimage.config.digest": "sha256:01", "containerimage.digest": "sha256:02",
            "containerimage.descriptor": {"annotations": {"org.opencontainers.image.version": "1.4.2"}},
        }));
        assert_eq!(
            target.annotations[0].key,
            "org.opencontainers.image.version"
        );
        assert_eq!(bases(&target, "linux/amd64"), ["debian:12"]);
        let keys: Vec<_> = target
            .digests
            .iter()
            .map(|pair| pair.key.as_str())
            .collect();
        assert_eq!(keys, ["manifest", "config"]);
        let at = target.digests[1].source.key.as_deref();
        assert_eq!(at, Some("containerimage.config.digest"));
    }

    #[test]
    fn only_the_media_types_of_an_index_have_the_digest_of_an_index() {
        for (media, level) in [
            ("application/vnd.oci.image.index.v1+json", "index"),
            (
                "application/vnd.docker.distribution.manifest.list.v2+json",
                "index",
            ),
            ("application/vnd.oci.image.manifest.v1+json", "manifest"),
            ("application/vnd.acme.checklist.v1+json", "manifest"),
            ("application/vnd.acme.indexer.v1+json", "manifest"),
        ] {
            let target = one(&json!({
                "containerimage.digest": "sha256:ab",
                "containerimage.descriptor": {"mediaType": media},
            }));
            assert_eq!(target.digests[0].key, level, "{media}");
        }
    }

    #[test]
    fn bake_writes_one_object_for_each_target() {
        let text = json!({"buildx.build.warnings": [], "app": {"image.name": "a/app:1"},
            "tools": {"containerimage.digest": "sha256:02"}, "other": 1});
        let targets = parse(text.to_string().as_bytes(), "m.json")
            .unwrap()
            .unwrap();
        let names: Vec<_> = targets.iter().map(|t| t.name.as_deref().unwrap()).collect();
        assert_eq!(names, ["app", "tools"]);
        let at = targets[0].names[0].source.key.as_deref();
        assert_eq!(at, Some("app.image.name"));
    }

    #[test]
    fn other_json_is_no_metadata_file() {
        for text in [
            "{}",
            "[]",
            "{\"config\": {\"Env\": []}}",
            "{\"manifests\": []}",
        ] {
            assert_eq!(parse(text.as_bytes(), "m"), Ok(None), "{text}");
        }
        let bad = json!({"containerimage.buildinfo": 7});
        assert!(parse(bad.to_string().as_bytes(), "m").is_err());
    }
}
