//! Which build arguments carry a stamp, by their names.

use crate::contracts::{Contracts, Field, Role};

/// Names that projects give the commit, the page of the build and the reference.
const NAMES: [&str; 26] = [
    "BUILD_COMMIT",
    "BUILD_PIPELINE",
    "BUILD_REVISION",
    "BUILD_SHA",
    "BUILD_URL",
    "COMMIT",
    "COMMIT_HASH",
    "COMMIT_ID",
    "COMMIT_SHA",
    "GIT_COMMIT",
    "GIT_COMMIT_HASH",
    "GIT_COMMIT_SHA",
    "GIT_HASH",
    "GIT_REV",
    "GIT_REVISION",
    "GIT_SHA",
    "IMAGE_REF",
    "IMAGE_REVISION",
    "IMAGE_TAG",
    "REVISION",
    "SOURCE_COMMIT",
    "SOURCE_REVISION",
    "VCS_REF",
    "VCS_REVISION",
    "VCS_URL",
    "SOURCE_URL",
];

/// Ends of names that begin with a project's name.
const ENDS: [&str; 4] = [
    "_BUILD_COMMIT",
    "_BUILD_URL",
    "_BUILD_PIPELINE",
    "_IMAGE_TAG",
];

/// Beginnings of names that choose the base, and are no stamp.
const BASES: [&str; 8] = [
    "BASE_", "BUILDER_", "CUDA_", "DEVEL_", "DEV_", "FROM_", "PARENT_", "RUNTIME_",
];

/// Returns true for a build argument that identifies the build.
pub(in crate::lint) fn is_stamp(name: &str, contracts: &Contracts) -> bool {
    let upper = name.to_ascii_uppercase();
    if NAMES.contains(&upper.as_str()) {
        return true;
    }
    let ends = ENDS.iter().any(|end| upper.ends_with(end));
    if ends && !BASES.iter().any(|base| upper.starts_with(base)) && !upper.contains("_BASE_") {
        return true;
    }
    let telling = |field: Field| {
        matches!(
            field,
            Field::Commit
                | Field::Pipeline
                | Field::BuildId
                | Field::BuildNumber
                | Field::Url
                | Field::Reference
                | Field::Channel
        )
    };
    let publishers = contracts.all().iter().filter(|c| c.role != Role::Base);
    let mut stamps = publishers.flat_map(|contract| contract.filled_by(name));
    stamps.any(|stamp| telling(stamp.field))
}

/// Returns true for the name of a stamp that means a commit.
pub(in crate::lint) fn names_commit(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let parts = ["COMMIT", "SHA", "REV", "REF", "HASH"];
    parts.iter().any(|part| upper.contains(part)) && !upper.contains("IMAGE_REF")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_stamps_and_of_other_things() {
        let contracts = Contracts::built_in().unwrap();
        for name in [
            "VLLM_BUILD_COMMIT",
            "GIT_COMMIT",
            "git_sha",
            "ACME_IMAGE_TAG",
            "GITHUB_SHA",
        ] {
            assert!(is_stamp(name, &contracts), "{name}");
        }
        for name in [
            "VERSION",
            "BASE_IMAGE_TAG",
            "RUNTIME_IMAGE_TAG",
            "DEEPEP_COMMIT_HASH",
            "CUDA_VERSION",
            "TARGETARCH",
            "max_jobs",
        ] {
            assert!(!is_stamp(name, &contracts), "{name}");
        }
    }
}
