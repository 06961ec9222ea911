//! Makes the document of facts and their attribution.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::attribution::Attribution;
use crate::carriers::{Facts, PackageFact, Pair, oci_config, python};
use crate::provenance::{
    self, Digests, Integrity, Os, Package, Part, PathText, Provenance, Runtime, SCHEMA,
};

/// Returns the document of an image. The results of checking files are not in it yet.
pub(super) fn document(
    file: provenance::File,
    facts: &Facts,
    attribution: Attribution,
) -> Provenance {
    // Of several pairs with one key, the last counts.
    let map = |pairs: &[Pair]| -> BTreeMap<String, String> {
        let pairs = pairs.iter();
        pairs
            .map(|pair| (pair.key.clone(), pair.value.clone()))
            .collect()
    };
    let os = |key: &str| facts.os_release.get(key).cloned();
    Provenance {
        schema: SCHEMA.to_owned(),
        file,
        part: part(facts),
        origin: attribution.origin,
        lineage: attribution.lineage,
        conflicts: attribution.conflicts,
        evidence: attribution.evidence,
        environment: map(&facts.environment),
        labels: map(&facts.labels),
        runtime: Runtime {
            entrypoint: facts.entrypoint.clone().unwrap_or_default(),
            cmd: facts.cmd.clone().unwrap_or_default(),
            workdir: facts.workdir.clone(),
            volumes: facts.volumes.clone(),
            user: facts.process.user.clone(),
            ports: facts.process.ports.clone(),
            stop_signal: facts.process.stop_signal.clone(),
            healthcheck: facts.process.healthcheck.clone(),
        },
        digests: digests(facts),
        history: facts.steps.clone(),
        packages: facts.packages.iter().map(package).collect(),
        inside: Vec::new(),
        os: Os {
            id: os("ID"),
            version_id: os("VERSION_ID"),
            pretty_name: os("PRETTY_NAME"),
            architecture: architecture(facts),
        },
        integrity: None,
        fingerprint: None,
        recognised: Vec::new(),
        attestations: Vec::new(),
        warnings: attribution.warnings,
    }
}

/// Returns the architecture of the programs in the image, else that of its configuration.
fn architecture(facts: &Facts) -> Option<String> {
    let machine = facts.machine.as_ref().map(|(machine, _)| machine.clone());
    let declared = facts.architecture.as_ref();
    machine.or_else(|| declared.map(|pair| oci_config::machine(&pair.value).to_owned()))
}

/// Returns which of several images in a file this is.
fn part(facts: &Facts) -> Option<Part> {
    (facts.platform.is_some() || facts.target.is_some()).then(|| Part {
        platform: facts.platform.clone(),
        target: facts.target.clone(),
        differs: Vec::new(),
    })
}

/// Returns the digests of the image. The outermost of several indexes is the one that was pushed.
fn digests(facts: &Facts) -> Digests {
    let find = |key: &str| {
        let found = facts.digests.iter().find(|pair| pair.key == key);
        found.map(|pair| pair.value.clone())
    };
    Digests {
        index: find("index"),
        manifest: find("manifest"),
        config: find("config"),
    }
}

/// Returns the digests of the manifest and of its indexes, for an image in a registry's form.
pub(super) fn manifests(facts: &Facts) -> Vec<String> {
    let digests = facts.digests.iter();
    let digests = digests.filter(|pair| matches!(pair.key.as_str(), "manifest" | "index"));
    digests.map(|pair| pair.value.clone()).collect()
}

/// Returns the results for all packages that could be checked.
pub(super) fn checked(facts: &Facts) -> Vec<Integrity> {
    let checked = facts.integrity.iter().filter(|fact| fact.has_record);
    checked
        .map(|fact| Integrity {
            package: fact.package.clone(),
            path: fact.path.clone(),
            listed_only: fact.listed_only,
            files: fact.files,
            changed: fact.changed.clone(),
            missing: fact.missing.clone(),
            extra: [fact.extra.clone(), fact.beside.clone()].concat(),
        })
        .collect()
}

fn package(fact: &PackageFact) -> Package {
    let direct = fact.direct_url.as_ref();
    let of_version = python::commit_of_version(&fact.version);
    Package {
        name: fact.name.clone(),
        version: fact.version.clone(),
        ecosystem: "pypi".to_owned(),
        path: fact.path.clone(),
        commit: direct
            .and_then(|direct| direct.commit.clone())
            .or_else(|| of_version.map(|(commit, _)| commit))
            .or_else(|| fact.commit_id.as_ref().map(|pair| pair.value.clone())),
        url: direct.map(|direct| direct.url.clone()),
        editable: direct.is_some_and(|direct| direct.editable),
    }
}

impl From<&Path> for PathText {
    fn from(path: &Path) -> Self {
        match path.to_str() {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Bytes {
                bytes: BASE64.encode(path.as_os_str().as_bytes()),
            },
        }
    }
}
