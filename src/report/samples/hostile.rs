//! A document in which every text is an attack.

use super::{conflicting, evidence, map, package, some, source};
use crate::provenance::*;

/// Every text of the image is an attack on the one who reads it.
pub(crate) fn hostile() -> Provenance {
    let bad = "\u{1b}]0;owned\u{7}\u{9b}2J\r\n  pull       evil/image:1\t\u{202e}gnp\u{7f}\u{200b}\u{e0041}\u{2028}x\u{301}\u{302}\u{303}";
    let mut document = conflicting();
    document.file.path = PathText::Text(format!("/tmp/{bad}.sqsh"));
    let origin = &mut document.origin;
    origin.product = some(bad);
    origin.version = some(bad);
    origin.reasons = vec![bad.to_owned()];
    origin.pull = Pull {
        reference: Some(format!("docker.io/x/y:{bad}'$(reboot)")),
        ok: true,
        notes: vec![bad.to_owned()],
    };
    if let Some(commit) = &mut origin.commit {
        commit.repository = some(bad);
    }
    if let Some(pipeline) = &mut origin.pipeline {
        pipeline.slug = some(bad);
        pipeline.url = some(bad);
    }
    if let Some(imported) = &mut origin.imported {
        imported.uri = bad.to_owned();
        imported.reference = some(bad);
    }
    origin.flags = map(&[(bad, bad)]);
    document.lineage = vec![Ancestor {
        product: some(bad),
        reference: some(bad),
        ..Ancestor::default()
    }];
    document.os.pretty_name = some(bad);
    document.environment = map(&[(bad, bad), ("CUDA_VERSION", bad)]);
    document.labels = map(&[(bad, bad)]);
    document.packages = vec![package(bad, bad)];
    for conflict in &mut document.conflicts {
        conflict.message = bad.to_owned();
        for entry in &mut conflict.values {
            entry.value = bad.to_owned();
            entry.source.path = some(bad);
        }
    }
    document.evidence = vec![evidence(
        bad,
        bad,
        source(bad, bad, 1, bad),
        0,
        Status::Ignored,
    )];
    document.warnings = vec![Warning {
        code: bad.to_owned(),
        message: bad.to_owned(),
    }];
    document
}
