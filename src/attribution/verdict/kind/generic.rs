//! Kinds that generic keys declare.

use crate::attribution::text::{is_semver, labelled_version, public_version, version_of_tag};
use crate::contracts::Field;
use crate::provenance::Kind;

use super::row::Asked;

/// Returns the kind from a key that only names the channel.
pub(super) fn channel(asked: &Asked) -> Option<Kind> {
    let Some(family) = asked.family else {
        return asked.case.generic.channel;
    };
    let value = family.value(Field::Channel)?.trim();
    let kind = family.contract.channels.get(value).copied()?;
    let request = asked.case.generic.reading(Field::PullRequest).is_some();
    Some(match kind {
        Kind::Ci if value == "dev" && request => Kind::Pr,
        kind => kind,
    })
}

/// The version label of an image with a source repository of its own.
pub(super) fn version_label(asked: &Asked) -> Option<Kind> {
    let generic = &asked.case.generic;
    // An import by digest has no tag. Without a stamp, the version label says the kind.
    let import = asked.case.registry_import();
    let untagged = import.is_some_and(|import| import.tag().is_none());
    let open = asked
        .family
        .is_none_or(|family| untagged && !family.stamped && family.class.is_some());
    if !open || asked.ownership.publisher.is_none() || !generic.is_own() {
        return None;
    }
    let label = &generic.reading(Field::Version)?.value;
    if label.trim() == "nightly" {
        return Some(Kind::Nightly);
    }
    is_semver(labelled_version(label)?).then_some(Kind::Release)
}

/// The build tool recorded that a version's git tag was built.
pub(super) fn built_from_tag(asked: &Asked) -> bool {
    let case = asked.case;
    asked.family.is_none()
        && asked.ownership.publisher.is_some()
        && case.builds.tagged_version(case.import()).is_some()
}

/// A build from a Git context: the tag that was asked for is the package's version.
pub(super) fn requested_tag(asked: &Asked) -> bool {
    let built = asked.built;
    let version = built.requested_revision.as_deref().and_then(|revision| {
        version_of_tag(revision.strip_prefix("refs/tags/").unwrap_or(revision))
    });
    let package = built.package.as_ref();
    asked.family.is_none()
        && version
            .zip(package)
            .is_some_and(|(version, package)| public_version(&package.version) == version)
}
