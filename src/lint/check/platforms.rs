//! Platforms of one image that differ where they should not.

use std::collections::{BTreeMap, BTreeSet};

use crate::contracts::{Field, glob_matches};
use crate::lint::case::{Case, Subject};
use crate::lint::document::Finding;
use crate::lint::rules::{PLATFORM_STAMPS_DIFFER, PLATFORM_VALUES_DIFFER};
use crate::lint::survey::Level;

/// Variables and labels that may differ between platforms: compile targets, package names, library
/// paths, build times.
const OWN: [&str; 40] = [
    "*ARCH*",
    "*arch*",
    "*PLATFORM*",
    "*platform*",
    "*MACHINE*",
    "*CPU*",
    "*cpu*",
    "*CFLAGS*",
    "*CXXFLAGS*",
    "*LDFLAGS*",
    "*LIBRARY_PATH*",
    "*PRELOAD*",
    "*TRIPLE*",
    "*SHA256*",
    "*_SHA*SUM",
    "*CHECKSUM*",
    "*DIGEST*",
    "*digest*",
    "NV_*",
    "NVIDIA_REQUIRE_*",
    "CUDA_VERSION",
    "PATH",
    "JAVA_HOME",
    "*_HOME",
    "TORCH_CUDA_*",
    "PYTORCH_ROCM_*",
    "GPU_ARCHS",
    "*_URL_*",
    "*_DOWNLOAD_*",
    "org.opencontainers.image.created",
    "org.label-schema.build-date",
    "build-date",
    "release",
    "org.opencontainers.image.base.*",
    "io.buildpacks.*",
    "org.mobyproject.*",
    "com.nvidia.build.*",
    "NVIDIA_BUILD_ID",
    "SML_IMAGE_BUILD",
    "BUILD_DATE",
];

/// Fields of a stamp that all platforms of one image share.
const SHARED: [Field; 8] = [
    Field::Commit,
    Field::Source,
    Field::Pipeline,
    Field::Reference,
    Field::Version,
    Field::Channel,
    Field::Ref,
    Field::PullRequest,
];

pub(super) fn check(case: &Case, out: &mut Vec<Finding>) {
    let subjects = case.subjects.iter().filter(|s| s.image.known.configuration);
    let mut groups: BTreeMap<usize, Vec<&Subject>> = BTreeMap::new();
    for subject in subjects {
        groups.entry(subject.image.group).or_default().push(subject);
    }
    for subjects in groups.values().filter(|subjects| subjects.len() > 1) {
        for level in [Level::Env, Level::Label] {
            differing(case, subjects, level, out);
        }
    }
}

fn differing(case: &Case, subjects: &[&Subject], level: Level, out: &mut Vec<Finding>) {
    let keys: BTreeSet<&str> = subjects
        .iter()
        .flat_map(|subject| subject.image.pairs(level))
        .map(|pair| pair.key.as_str())
        .collect();
    for key in keys {
        let values: Vec<Option<&str>> = subjects
            .iter()
            .map(|subject| subject.image.value(level, key))
            .collect();
        if values.windows(2).all(|pair| pair.first() == pair.last()) {
            continue;
        }
        let stamped = subjects.iter().any(|subject| {
            subject.stamps.iter().any(|reading| {
                reading.source.key.as_deref() == Some(key) && SHARED.contains(&reading.field)
            })
        });
        if !stamped && OWN.iter().any(|own| glob_matches(own, key)) {
            continue;
        }
        let each: Vec<String> = subjects
            .iter()
            .zip(&values)
            .map(|(subject, value)| {
                let name = subject.image.name.as_deref().unwrap_or("an image");
                match value {
                    Some(value) => format!("\"{}\" on {name}", case.shown(key, value)),
                    None => format!("not set on {name}"),
                }
            })
            .collect();
        let rule = if stamped {
            &PLATFORM_STAMPS_DIFFER
        } else {
            &PLATFORM_VALUES_DIFFER
        };
        let message = format!("the {} {key} is {}", level.noun(), each.join(", "));
        out.push(Finding::new(rule, message).at(level, key));
    }
}
