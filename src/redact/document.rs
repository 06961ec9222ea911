//! Masks every place of the document that may contain a secret.

use super::commands;
use super::masker::{Masker, optional, plain};
use super::masking::MASK;
use crate::provenance::{Ancestor, Integrity, Origin, Provenance, Runtime};

/// Masks every secret-looking value of the document.
pub fn redact(document: &mut Provenance) {
    let mut masker = Masker::default();
    named(document, &mut masker);
    // Now all secrets with names are known; other texts may repeat them.
    repeated(document, &masker);
}

/// Masks values that have a name, and values that cannot repeat a secret with a name.
fn named(document: &mut Provenance, masker: &mut Masker) {
    masker.map(&mut document.environment);
    masker.map(&mut document.labels);
    masker.map(&mut document.file.xattrs);
    masker.map(&mut document.origin.flags);
    for entry in &mut document.evidence {
        masker.sourced(&entry.field, &mut entry.source, &mut entry.value);
    }
    for conflict in &mut document.conflicts {
        for entry in &mut conflict.values {
            masker.sourced(&conflict.field, &mut entry.source, &mut entry.value);
        }
    }
    commands::mask_words(&mut document.runtime.entrypoint, MASK);
    commands::mask_words(&mut document.runtime.cmd, MASK);
    process(&mut document.runtime);
    for step in &mut document.history {
        optional([&mut step.created, &mut step.created_by, &mut step.comment]);
    }
    let digests = &mut document.digests;
    optional([
        &mut digests.index,
        &mut digests.manifest,
        &mut digests.config,
    ]);
    if let Some(part) = &mut document.part {
        optional([&mut part.platform, &mut part.target]);
        part.differs.iter_mut().for_each(plain);
    }
    origin(&mut document.origin);
    document.lineage.iter_mut().for_each(ancestor);
    for package in &mut document.packages {
        optional([&mut package.url, &mut package.commit]);
        all([&mut package.name, &mut package.version, &mut package.path]);
    }
    for part in &mut document.inside {
        all([&mut part.version, &mut part.source]);
    }
    for it in &mut document.recognised {
        it.package
            .iter_mut()
            .chain(it.image.texts())
            .for_each(plain);
    }
    let fingerprint = document.fingerprint.iter_mut();
    for package in fingerprint.flat_map(|fingerprint| &mut fingerprint.packages) {
        all([&mut package.name, &mut package.version]);
    }
    let os = &mut document.os;
    optional([
        &mut os.id,
        &mut os.version_id,
        &mut os.pretty_name,
        &mut os.architecture,
    ]);
}

fn all<const N: usize>(slots: [&mut String; N]) {
    slots.into_iter().for_each(plain);
}

fn origin(origin: &mut Origin) {
    optional([
        &mut origin.publisher,
        &mut origin.product,
        &mut origin.version,
        &mut origin.created,
        &mut origin.public_reference,
        &mut origin.pull.reference,
    ]);
    if let Some(commit) = &mut origin.commit {
        optional([&mut commit.repository]);
    }
    if let Some(pipeline) = &mut origin.pipeline {
        optional([
            &mut pipeline.system,
            &mut pipeline.organization,
            &mut pipeline.slug,
            &mut pipeline.id,
            &mut pipeline.url,
        ]);
    }
    if let Some(import) = &mut origin.imported {
        plain(&mut import.uri);
        optional([&mut import.reference, &mut import.tag, &mut import.digest]);
    }
    origin.derived_from.iter_mut().for_each(ancestor);
}

fn ancestor(ancestor: &mut Ancestor) {
    optional([
        &mut ancestor.publisher,
        &mut ancestor.product,
        &mut ancestor.version,
        &mut ancestor.commit,
        &mut ancestor.reference,
    ]);
}

/// Masks the fields of the configuration about the process, except the words of its command.
fn process(runtime: &mut Runtime) {
    let slots = runtime.user.iter_mut().chain(&mut runtime.ports);
    slots.chain(&mut runtime.stop_signal).for_each(plain);
    if let Some(check) = &mut runtime.healthcheck {
        commands::mask_words(&mut check.test, MASK);
        let times = check.interval.iter_mut().chain(&mut check.timeout);
        let times = times.chain(&mut check.start_period);
        times.chain(&mut check.start_interval).for_each(plain);
    }
}

/// Masks texts that may repeat a secret.
fn repeated(document: &mut Provenance, masker: &Masker) {
    for conflict in &mut document.conflicts {
        plain(&mut conflict.field);
        masker.free(&mut conflict.message);
        if !is_identity(&conflict.field) {
            let values = conflict.values.iter_mut();
            values.for_each(|entry| masker.free(&mut entry.value));
        }
    }
    for entry in &mut document.evidence {
        plain(&mut entry.field);
        if !is_identity(&entry.field) {
            masker.free(&mut entry.value);
        }
    }
    for warning in &mut document.warnings {
        masker.free(&mut warning.message);
    }
    for package in document.integrity.iter_mut().flatten() {
        integrity(package, masker);
    }
    for it in &mut document.attestations {
        masker.free(&mut it.message);
        plain(&mut it.path);
        optional([
            &mut it.signer,
            &mut it.issuer,
            &mut it.predicate_type,
            &mut it.subject,
        ]);
    }
    let runtime = &mut document.runtime;
    let words = runtime.entrypoint.iter_mut().chain(&mut runtime.cmd);
    let words = words.chain(&mut runtime.workdir);
    let words = words.chain(&mut runtime.volumes);
    let check = runtime.healthcheck.iter_mut();
    let words = words.chain(check.flat_map(|check| &mut check.test));
    let steps = document.history.iter_mut();
    let words = words.chain(steps.filter_map(|step| step.created_by.as_mut()));
    let values = document.environment.values_mut();
    let values = values.chain(document.labels.values_mut());
    let values = values.chain(document.file.xattrs.values_mut());
    let urls = document.packages.iter_mut();
    let urls = urls.filter_map(|package| package.url.as_mut());
    words
        .chain(values)
        .chain(urls)
        .for_each(|slot| masker.free(slot));
}

fn integrity(package: &mut Integrity, masker: &Masker) {
    plain(&mut package.package);
    plain(&mut package.path);
    let lists = [
        &mut package.changed,
        &mut package.missing,
        &mut package.extra,
    ];
    for file in lists.into_iter().flatten() {
        masker.free(file);
    }
}

/// Returns true for fields that identify the image. They must stay, even if a variable called `KEY`
/// has the same value.
fn is_identity(field: &str) -> bool {
    let section = field.split('.').next().unwrap_or_default();
    ["origin", "lineage", "file", "os"].contains(&section)
        && !field.starts_with("origin.flags")
        && !field.starts_with("file.xattrs")
}
