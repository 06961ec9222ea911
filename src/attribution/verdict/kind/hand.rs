//! Builds by hand.

use crate::attribution::readings::families::Family;
use crate::attribution::readings::packages::installed;
use crate::carriers::python;
use crate::contracts::Field;
use crate::provenance::Via;

use super::row::Asked;

/// The tag is `local/…`, the pipeline is `local`, or there is neither a commit nor a build page.
pub(super) fn stamp_has_placeholders_only(asked: &Asked) -> bool {
    let family = asked.ownership.contract_in_use();
    family.is_some_and(|family| family.stamped && has_placeholders_only(asked, family))
}

fn has_placeholders_only(asked: &Asked, family: &Family) -> bool {
    let says_local = |field: Field, prefix: &str| {
        let mut readings = family.of(field);
        readings.any(|r| r.placeholder && r.value.trim().starts_with(prefix))
    };
    // A publisher who stamps neither a page nor a channel may release without a commit.
    let mut stamps = family.contract.stamps.iter();
    let has_url_key = stamps.any(|stamp| matches!(stamp.field, Field::Url | Field::Channel));
    let no_commit =
        family.of(Field::Commit).next().is_some() && family.value(Field::Commit).is_none();
    let import = asked.case.import();
    let in_daemon = import.is_some_and(|import| import.document.via == Via::Daemon);
    says_local(Field::Reference, "local/")
        || says_local(Field::Pipeline, "local")
        || ((has_url_key || in_daemon) && no_commit && family.value(Field::Url).is_none())
}

/// The commit says that the tree had changes, or the image's own version or package does.
pub(super) fn tree_is_dirty(asked: &Asked) -> bool {
    let commit = asked.built.commit.as_ref();
    let version = asked.case.generic.reading(Field::Version);
    // `git describe --dirty` ends so, and Go's own version with a plus sign.
    let described = version.is_some_and(|label| {
        let text = label.value.trim();
        text.ends_with("-dirty") || text.ends_with("+dirty")
    });
    commit.is_some_and(|commit| commit.dirty)
        || (asked.family.is_none() && described)
        || asked.family.is_some_and(|family| {
            let mut packages = installed(&family.contract, asked.case.facts).into_iter();
            packages.any(|package| python::is_dirty(&package.version))
        })
}
