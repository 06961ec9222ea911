//! Reads the predicate of a statement, in both versions.

use serde_json::Value;

use super::package_url::image;
use crate::carriers::build::{
    Build, BuildError, MAX_ENTRIES, fetched, is_commit, is_git, is_tool, split_git,
};
use crate::carriers::pair::{Pair, Place};
use crate::carriers::url::without_credentials;

/// The greatest depth of BuildKit's requests. A gateway frontend wraps the real request.
const MAX_REQUESTS: usize = 8;

pub(super) fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str().filter(|t| !t.is_empty())
}

pub(super) fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Reads one predicate.
pub(super) struct Reader<'a> {
    pub root: &'a Value,
    pub place: Place<'a>,
    pub key: &'a str,
}

impl Reader<'_> {
    pub fn v0_2(&self, build: &mut Build) -> Result<(), BuildError> {
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

    pub fn v1(&self, build: &mut Build) -> Result<(), BuildError> {
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

    /// Returns the place of a value for a person: `predicate.builder.id`.
    fn at(&self, pointer: &str) -> String {
        let plain = pointer
            .replace('/', ".")
            .replace("~1", "/")
            .replace("~0", "~");
        format!("{}{plain}", self.key)
    }

    fn value(&self, pointer: &str, value: &str) -> Pair {
        self.place.pair("", &self.at(pointer), value)
    }

    fn pair(&self, pointer: &str) -> Option<Pair> {
        Some(self.value(pointer, text(self.root, pointer)?))
    }

    /// Reads the context, if it is a Git repository.
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

    /// Reads the client's own checkout.
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
        let above = self.at(pointer);
        for (name, value) in arguments {
            if let Some(value) = value.as_str() {
                build.attribute(name, value, self.place, &above);
            }
        }
    }

    /// Reads the repository and the ref of the workflow, which GitHub's own builder names.
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

    /// Reads a page that may be the run's. An id that is not a URL means nothing outside of its builder.
    fn run(&self, pointer: &str, build: &mut Build) {
        let page = text(self.root, pointer).filter(|id| id.starts_with("https://"));
        build.runs.extend(page.map(|page| {
            // All attempts of a run have the run's page.
            let page = match page.split_once("/attempts/") {
                Some((run, _)) if run.contains("/actions/runs/") => run,
                _ => page,
            };
            self.value(pointer, &without_credentials(page))
        }));
    }
}
