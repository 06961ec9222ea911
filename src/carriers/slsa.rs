//! SLSA provenance v0.2 and v1 in in-toto statements, as BuildKit attaches them to images
//! and as other builders sign them.
//!
//! `{"_type": "https://in-toto.io/Statement/v1", "predicateType":
//! "https://slsa.dev/provenance/v1", "subject": [{"digest": {"sha256": "…"}}], "predicate": {…}}`,
//! bare or in a DSSE envelope. Predicates: slsa.dev/spec/v0.2/provenance and v1.0/provenance;
//! BuildKit's parameters: docs.docker.com/build/metadata/attestations/slsa-definitions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value};

use super::build::{
    Build, BuildError, MAX_ENTRIES, fetched, is_commit, is_git, is_tool, pinned, split_git,
};
use super::oci_config::Place;
use super::url::without_credentials;
use crate::image::json::{self, JsonError};

/// What every predicate type of provenance starts with.
pub const PREDICATE: &str = "https://slsa.dev/provenance/";

/// What the carrier is called in sources.
const CARRIER: &str = "slsa";

/// How deep BuildKit's requests are looked into: gateway frontends wrap the real one.
const MAX_REQUESTS: usize = 8;

/// A statement about an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its type: `https://slsa.dev/provenance/v1`.
    pub predicate: String,
    /// Digests of what it is about, `sha256:<64hex>`; empty where it names none.
    pub subjects: Vec<String>,
    /// Names of what it is about, package URLs as a rule.
    pub names: Vec<String>,
    /// What it says.
    pub build: Build,
}

/// Reads a statement, bare or in a DSSE envelope; `None` for JSON that is something else,
/// such as the statement of a list of packages.
///
/// # Errors
/// Where it is no JSON, or over a limit.
pub fn parse(bytes: &[u8], path: &str) -> Result<Option<Statement>, BuildError> {
    let document: Value = json::parse(bytes)?;
    let document = match envelope(&document) {
        Some(payload) => json::parse(&payload?)?,
        None => document,
    };
    let is_provenance = text(&document, "/predicateType").is_some_and(|t| t.starts_with(PREDICATE));
    let Some(predicate) = document.get("predicate").filter(|_| is_provenance) else {
        return Ok(None);
    };
    let subjects = list(&document, "/subject");
    let digests = subjects.iter().filter_map(|subject| {
        let hex = text(subject, "/digest/sha256")?;
        Some(format!("sha256:{hex}"))
    });
    Ok(Some(Statement {
        predicate: text(&document, "/predicateType")
            .unwrap_or_default()
            .to_owned(),
        subjects: digests.collect(),
        names: subjects
            .iter()
            .filter_map(|subject| Some(text(subject, "/name")?.to_owned()))
            .collect(),
        build: predicate_of(predicate, path, "predicate")?,
    }))
}

/// The payload of a DSSE envelope (github.com/secure-systems-lab/dsse); signatures are
/// not checked.
fn envelope(document: &Value) -> Option<Result<Vec<u8>, BuildError>> {
    let of = |document: &Value| {
        let media = text(document, "/payloadType")?;
        let payload = text(document, "/payload")?;
        (media.contains("in-toto")).then(|| BASE64.decode(payload).map_err(|_| BuildError::NoJson))
    };
    // A sigstore bundle has the envelope in a field.
    of(document).or_else(|| of(document.get("dsseEnvelope")?))
}

/// Reads a predicate of either version; `key` is where it stands.
///
/// # Errors
/// Where it is over a limit.
pub fn predicate_of(predicate: &Value, path: &str, key: &str) -> Result<Build, BuildError> {
    let reader = Reader {
        root: predicate,
        place: Place {
            carrier: CARRIER,
            path,
        },
        key,
    };
    let mut build = Build::default();
    if predicate.get("buildDefinition").is_some() {
        reader.v1(&mut build)?;
    } else {
        reader.v0_2(&mut build)?;
    }
    Ok(build)
}

/// True for what is a predicate of either version.
#[must_use]
pub fn is_predicate(value: &Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    has("buildDefinition") || (has("buildType") && (has("builder") || has("invocation")))
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str().filter(|t| !t.is_empty())
}

fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

struct Reader<'a> {
    root: &'a Value,
    place: Place<'a>,
    key: &'a str,
}

impl Reader<'_> {
    fn v0_2(&self, build: &mut Build) -> Result<(), BuildError> {
        const METADATA: &str = "/metadata/https:~1~1mobyproject.org~1buildkit@v1#metadata";
        self.config_source("/invocation/configSource", build);
        self.vcs(&format!("{METADATA}/vcs"), build);
        self.arguments("/invocation/parameters/args", build);
        self.materials("/materials", build)?;
        self.run("/builder/id", build);
        for spelling in ["buildInvocationID", "buildInvocationId"] {
            self.run(&format!("/metadata/{spelling}"), build);
        }
        build.finished = self.pair("/metadata/buildFinishedOn");
        Ok(())
    }

    fn v1(&self, build: &mut Build) -> Result<(), BuildError> {
        const EXTERNAL: &str = "/buildDefinition/externalParameters";
        self.config_source(&format!("{EXTERNAL}/configSource"), build);
        self.vcs("/runDetails/metadata/buildkit_metadata/vcs", build);
        let mut request = format!("{EXTERNAL}/request");
        for _ in 0..MAX_REQUESTS {
            self.arguments(&format!("{request}/args"), build);
            request.push_str("/root/request");
        }
        self.workflow(&format!("{EXTERNAL}/workflow"), build);
        self.materials("/buildDefinition/resolvedDependencies", build)?;
        self.run("/runDetails/builder/id", build);
        for spelling in ["invocationId", "invocationID"] {
            self.run(&format!("/runDetails/metadata/{spelling}"), build);
        }
        build.finished = self.pair("/runDetails/metadata/finishedOn");
        Ok(())
    }

    /// Where a value stands, for a person: `predicate.builder.id`.
    fn at(&self, pointer: &str) -> String {
        let plain = pointer
            .replace('/', ".")
            .replace("~1", "/")
            .replace("~0", "~");
        format!("{}{plain}", self.key)
    }

    fn value(&self, pointer: &str, value: &str) -> super::Pair {
        self.place.pair("", &self.at(pointer), value)
    }

    fn pair(&self, pointer: &str) -> Option<super::Pair> {
        Some(self.value(pointer, text(self.root, pointer)?))
    }

    /// A git context; any other is no commit.
    fn config_source(&self, pointer: &str, build: &mut Build) {
        let at = |name: &str| format!("{pointer}/{name}");
        let Some(uri) = text(self.root, &at("uri")) else {
            return;
        };
        let digests = [at("digest/sha1"), at("digest/gitCommit")];
        let commit = digests
            .iter()
            .find_map(|at| Some((at, text(self.root, at)?)))
            .filter(|(_, commit)| is_commit(commit));
        if commit.is_none() && !is_git(uri) {
            return;
        }
        build
            .commits
            .extend(commit.map(|(at, commit)| self.value(at, commit)));
        let (url, reference) = split_git(uri);
        build.repositories.push(self.value(&at("uri"), &url));
        build.reference = reference.map(|reference| self.value(&at("uri"), &reference));
    }

    /// What the client said of its own checkout.
    fn vcs(&self, pointer: &str, build: &mut Build) {
        build
            .commits
            .extend(self.pair(&format!("{pointer}/revision")));
        let at = format!("{pointer}/source");
        let source = text(self.root, &at).map(|url| self.value(&at, &without_credentials(url)));
        build.repositories.extend(source);
    }

    fn arguments(&self, pointer: &str, build: &mut Build) {
        let Some(arguments) = self.root.pointer(pointer).and_then(Value::as_object) else {
            return;
        };
        let at = |name: &str| format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        let given =
            |map: &Map<String, Value>, name: &str| map.get(name)?.as_str().map(str::to_owned);
        for (name, value) in arguments {
            let Some(value) = value.as_str().filter(|_| name.starts_with("build-arg:")) else {
                continue;
            };
            let mut pair = self.value(&at(name), value);
            pair.key.clone_from(name);
            build.arguments.push(pair);
        }
        if let Some(revision) = given(arguments, "vcs:revision") {
            build
                .commits
                .push(self.value(&at("vcs:revision"), &revision));
        }
        if let Some(source) = given(arguments, "vcs:source") {
            let source = without_credentials(&source);
            build
                .repositories
                .push(self.value(&at("vcs:source"), &source));
        }
    }

    /// GitHub's own builder says the repository and the ref of the workflow.
    fn workflow(&self, pointer: &str, build: &mut Build) {
        let Some(repository) = text(self.root, &format!("{pointer}/repository")) else {
            return;
        };
        let plain = without_credentials(repository);
        let at = format!("{pointer}/repository");
        build.repositories.push(self.value(&at, &plain));
        build.reference = build
            .reference
            .take()
            .or(self.pair(&format!("{pointer}/ref")));
        const DEPENDENCIES: &str = "/buildDefinition/resolvedDependencies";
        for (index, material) in list(self.root, DEPENDENCIES).iter().enumerate() {
            let of_repository = text(material, "/uri").is_some_and(|uri| {
                let (url, _) = split_git(uri);
                url.trim_end_matches(".git") == plain.trim_end_matches(".git")
            });
            let commit = text(material, "/digest/gitCommit").filter(|_| of_repository);
            if let Some(commit) = commit.filter(|commit| is_commit(commit)) {
                let at = format!("{DEPENDENCIES}/{index}/digest/gitCommit");
                build.commits.push(self.value(&at, commit));
            }
        }
    }

    fn materials(&self, pointer: &str, build: &mut Build) -> Result<(), BuildError> {
        let materials = list(self.root, pointer);
        if materials.len() > MAX_ENTRIES {
            return Err(BuildError::TooMany("materials"));
        }
        for (index, material) in materials.iter().enumerate() {
            let Some(uri) = text(material, "/uri") else {
                continue;
            };
            let digest = ["sha256", "sha1", "gitCommit"]
                .iter()
                .find_map(|algorithm| {
                    let hex = text(material, &format!("/digest/{algorithm}"))?;
                    Some((*algorithm, hex))
                });
            let at = format!("{pointer}/{index}");
            if let Some(image) = image(uri, digest) {
                if !is_tool(&image) {
                    build.images.push(self.value(&at, &image));
                }
                continue;
            }
            let pin = digest.map(|(algorithm, hex)| match algorithm {
                "sha256" => format!("sha256:{hex}"),
                _ => hex.to_owned(),
            });
            let own = build.repositories.first().zip(build.commits.first());
            let is_context = own.is_some_and(|(repository, commit)| {
                split_git(uri).0 == repository.value && Some(&commit.value) == pin.as_ref()
            });
            if !is_context {
                let value = fetched(uri, pin.as_deref());
                build.sources.push(self.value(&at, &value));
            }
        }
        Ok(())
    }

    /// A page that may be the run's; ids that are no URL name nothing outside their builder.
    fn run(&self, pointer: &str, build: &mut Build) {
        let page = text(self.root, pointer).filter(|id| id.starts_with("https://"));
        build.runs.extend(page.map(|page| {
            // Every attempt of a run has the run's page.
            let page = match page.split_once("/attempts/") {
                Some((run, _)) if run.contains("/actions/runs/") => run,
                _ => page,
            };
            self.value(pointer, &without_credentials(page))
        }));
    }
}

/// The reference in a package URL of an image, `pkg:docker/debian@12-slim?platform=linux%2Famd64`
/// (github.com/package-url/purl-spec), with the digest that it was resolved to.
fn image(uri: &str, digest: Option<(&str, &str)>) -> Option<String> {
    let rest = uri
        .strip_prefix("pkg:docker/")
        .or_else(|| uri.strip_prefix("pkg:oci/"))?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (name, version) = match path.rsplit_once('@') {
        Some((name, version)) => (percent_decoded(name)?, Some(percent_decoded(version)?)),
        None => (percent_decoded(path)?, None),
    };
    let asked = |wanted: &str| {
        query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (key == wanted).then(|| percent_decoded(value)).flatten()
        })
    };
    let name = asked("repository_url").unwrap_or(name);
    let tag = asked("tag").or_else(|| version.clone().filter(|v| !v.contains(':')));
    let reference = match tag {
        Some(tag) => format!("{name}:{tag}"),
        None => name,
    };
    let resolved = digest
        .filter(|(algorithm, _)| *algorithm == "sha256")
        .map(|(_, hex)| format!("sha256:{hex}"));
    let pin = resolved
        .or_else(|| asked("digest"))
        .or_else(|| version.filter(|v| v.starts_with("sha256:")));
    Some(pinned(&reference, pin.as_deref()))
}

/// `None` where what is encoded is no UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        let digits = std::str::from_utf8(&digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// True where the text is an in-toto statement, an envelope of one, or a bare predicate.
///
/// # Errors
/// Where it is no JSON.
pub fn parse_any(bytes: &[u8], path: &str) -> Result<Option<Statement>, BuildError> {
    if let Some(statement) = parse(bytes, path)? {
        return Ok(Some(statement));
    }
    let document: Value = json::parse(bytes).map_err(|error: JsonError| error)?;
    if !is_predicate(&document) {
        return Ok(None);
    }
    Ok(Some(Statement {
        predicate: String::new(),
        subjects: Vec::new(),
        names: Vec::new(),
        build: predicate_of(&document, path, "")?,
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const COMMIT: &str = "9a43e5c93336380b9d912d7665ddbae4ba21db3a";

    fn values(pairs: &[super::super::Pair]) -> Vec<&str> {
        pairs.iter().map(|pair| pair.value.as_str()).collect()
    }

    fn statement(version: &str, predicate: &Value) -> Vec<u8> {
        json!({"_type": "https://in-toto.io/Statement/v1",
            "predicateType": format!("https://slsa.dev/provenance/{version}"),
            "subject": [{"name": "pkg:docker/a@1", "digest": {"sha256": "ab"}}],
            "predicate": predicate})
        .to_string()
        .into_bytes()
    }

    fn build(version: &str, predicate: &Value) -> Build {
        let found = parse(&statement(version, predicate), "blob").unwrap();
        found.unwrap().build
    }

    #[test]
    fn package_urls_become_references_with_their_digests() {
        let sha = Some(("sha256", "cd"));
        for (uri, digest, expected) in [
            (
                "pkg:docker/debian@12-slim?platform=linux%2Famd64",
                sha,
                Some("debian:12-slim@sha256:cd"),
            ),
            (
                "pkg:docker/ghcr.io/acme/x@1.0",
                sha,
                Some("ghcr.io/acme/x:1.0@sha256:cd"),
            ),
            (
                "pkg:docker/localhost%3A5000/x@1",
                None,
                Some("localhost:5000/x:1"),
            ),
            (
                "pkg:docker/golang?digest=sha256:ef",
                None,
                Some("golang@sha256:ef"),
            ),
            (
                "pkg:docker/golang@sha256%3Aef",
                None,
                Some("golang@sha256:ef"),
            ),
            (
                "pkg:oci/debian@sha256%3Aef?repository_url=docker.io%2Flibrary%2Fdebian&tag=12",
                None,
                Some("docker.io/library/debian:12@sha256:ef"),
            ),
            ("pkg:docker/bad%zz@1", None, None),
            ("https://example.com/x", sha, None),
        ] {
            assert_eq!(image(uri, digest).as_deref(), expected, "{uri}");
        }
    }

    #[test]
    fn a_git_context_is_the_commit_and_a_git_material_is_not() {
        let found = build(
            "v0.2",
            &json!({
                "builder": {"id": "https://github.com/acme/server/actions/runs/7/attempts/2"},
                "buildType": "https://mobyproject.org/buildkit@v1",
                "invocation": {"configSource": {
                    "uri": "https://ghp_x@github.com/acme/server.git#refs/tags/v1.4.2",
                    "digest": {"sha1": COMMIT}}},
                "materials": [
                    {"uri": "https://github.com/acme/server.git#refs/tags/v1.4.2", "digest": {"sha1": COMMIT}},
                    {"uri": "https://github.com/acme/plugins.git#main", "digest": {"sha1": "235b94ea8026d9f1312e66b317b66fca327843d0"}},
                    {"uri": "pkg:docker/docker/dockerfile@1", "digest": {"sha256": "01"}},
                    {"uri": "https://example.com/f?sig=s3cret", "digest": {"sha256": "02"}}],
            }),
        );
        assert_eq!(values(&found.commits), [COMMIT]);
        assert_eq!(
            values(&found.repositories),
            ["https://github.com/acme/server.git"]
        );
        assert_eq!(found.reference.unwrap().value, "refs/tags/v1.4.2");
        assert_eq!(
            values(&found.runs),
            ["https://github.com/acme/server/actions/runs/7"]
        );
        assert!(found.images.is_empty());
        assert_eq!(
            values(&found.sources),
            [
                "https://github.com/acme/plugins.git#main 235b94ea8026d9f1312e66b317b66fca327843d0",
                "https://example.com/f?sig= sha256:02"
            ]
        );
    }

    #[test]
    fn arguments_are_found_however_deep_the_frontend_is_wrapped() {
        let found = build(
            "v1",
            &json!({
                "buildDefinition": {"externalParameters": {
                    "configSource": {"path": "Dockerfile"},
                    "request": {"args": {"build-arg:A": "1", "source": "docker/dockerfile:1"},
                        "root": {"request": {"args": {"build-arg:B": "2",
                            "vcs:source": "https://u:p@gitlab.com/a/b.git",
                            "vcs:revision": format!("{COMMIT}-dirty")}}}}}},
                "runDetails": {"builder": {"id": ""}, "metadata": {
                    "invocationId": "p1u2", "invocationID": "https://ci.example/runs/7",
                    "finishedOn": "2026-09-03T10:02:11.35+02:00"}},
            }),
        );
        assert_eq!(values(&found.arguments), ["1", "2"]);
        assert_eq!(values(&found.commits), [format!("{COMMIT}-dirty")]);
        assert_eq!(values(&found.repositories), ["https://gitlab.com/a/b.git"]);
        assert_eq!(values(&found.runs), ["https://ci.example/runs/7"]);
        let at = found.finished.unwrap().source;
        assert_eq!(
            at.key.as_deref(),
            Some("predicate.runDetails.metadata.finishedOn")
        );
    }

    #[test]
    fn the_workflows_repository_names_the_commit_of_githubs_own_statements() {
        let found = build(
            "v1",
            &json!({
                "buildDefinition": {"buildType": "https://actions.github.io/buildtypes/workflow/v1",
                    "externalParameters": {"workflow": {"ref": "refs/heads/main",
                        "repository": "https://github.com/acme/server", "path": ".github/workflows/r.yml"}},
                    "resolvedDependencies": [{"uri": "git+https://github.com/acme/server@refs/heads/main",
                        "digest": {"gitCommit": COMMIT}}]},
                "runDetails": {"builder": {"id": "https://github.com/actions/runner/github-hosted"},
                    "metadata": {"invocationId": "https://github.com/acme/server/actions/runs/7/attempts/1"}},
            }),
        );
        assert_eq!(values(&found.commits), [COMMIT]);
        assert_eq!(found.reference.unwrap().value, "refs/heads/main");
        assert!(found.sources.is_empty());
        assert!(values(&found.runs).contains(&"https://github.com/acme/server/actions/runs/7"));
    }

    #[test]
    fn envelopes_are_opened_and_other_statements_left() {
        let bare = statement("v1", &json!({"buildDefinition": {}}));
        let envelope = json!({"payloadType": "application/vnd.in-toto+json",
            "payload": BASE64.encode(&bare), "signatures": []});
        let bundle = json!({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "dsseEnvelope": envelope});
        let expected = parse(&bare, "f").unwrap();
        assert_eq!(expected.as_ref().unwrap().subjects, ["sha256:ab"]);
        for text in [envelope.to_string(), bundle.to_string()] {
            assert_eq!(parse(text.as_bytes(), "f"), Ok(expected.clone()));
        }
        let packages = json!({"predicateType": "https://spdx.dev/Document", "predicate": {}});
        assert_eq!(parse(packages.to_string().as_bytes(), "f"), Ok(None));
        assert!(parse(b"{", "f").is_err());
        let bad = json!({"payloadType": "application/vnd.in-toto+json", "payload": "%"});
        assert_eq!(
            parse(bad.to_string().as_bytes(), "f"),
            Err(BuildError::NoJson)
        );
    }

    #[test]
    fn too_many_materials_are_an_error_and_never_cut() {
        let many = vec![json!({"uri": "https://a/b"}); MAX_ENTRIES + 1];
        let text = statement("v0.2", &json!({"materials": many}));
        assert_eq!(parse(&text, "f"), Err(BuildError::TooMany("materials")));
    }
}
