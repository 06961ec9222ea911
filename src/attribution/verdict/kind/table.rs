//! The table of kinds. Each row has a reason and a condition.

use crate::contracts::RepositoryClass;
use crate::provenance::{Kind, Via};

use super::row::{Asked, Row};
use super::{ci, generic, hand, published, request};

/// The stamp names a staging image that was published under the imported tag.
pub(super) const LEAKED_STAGING: &str = "published-under-imported-tag";
/// The build page is the publisher's.
pub(super) const BY_BUILD_PAGE: &str = "publisher-build-page";
/// The stamp claims a release, and the build page is not the publisher's.
pub(super) const UNPROVEN_RELEASE: &str = "claims-release-unproven";
/// The stamp claims a nightly, and the build page is not the publisher's.
pub(super) const UNPROVEN_NIGHTLY: &str = "claims-nightly-unproven";

const fn row(code: &'static str, kind: fn(&Asked) -> Option<Kind>) -> Row {
    Row { code, kind }
}

/// Returns the kind if the condition holds.
fn when(holds: bool, kind: Kind) -> Option<Kind> {
    holds.then_some(kind)
}

/// The rows; the first that holds decides.
#[rustfmt::skip]
pub(super) const TABLE: [Row; 35] = [
    row("built-on-another-image", |it| when(it.ownership.derived, Kind::Derived)),
    row("contents-do-not-fit-import", |it| when(it.ownership.disowned, Kind::Unknown)),
    row("channel-key", generic::channel),
    row("pull-request-repository", |it| when(it.class() == Some(RepositoryClass::PullRequest), Kind::Pr)),
    row("pull-request-tag", |it| when(it.class() == Some(RepositoryClass::Ci) && request::by_tag(it), Kind::Pr)),
    row("ci-repository", |it| when(it.class() == Some(RepositoryClass::Ci), Kind::Ci)),
    row("pull-request-page", |it| when(request::by_publishers_page(it), Kind::Pr)),
    row("ci-build-page", |it| when(ci::by_page(it), Kind::Ci)),
    row("placeholder-stamp", |it| when(hand::stamp_has_placeholders_only(it), Kind::Local)),
    row("dirty-tree", |it| when(hand::tree_is_dirty(it), Kind::Local)),
    row("pull-request-tag", |it| when(request::by_tag(it), Kind::Pr)),
    row("pull-request-key", |it| when(request::by_key(it), Kind::Pr)),
    row("pull-request-ref", |it| when(request::by_ref(it), Kind::Pr)),
    row("pull-request-page", |it| when(request::by_page(it), Kind::Pr)),
    row("ci-repository", |it| when(ci::by_name(it), Kind::Ci)),
    row("ci-stage", |it| when(ci::by_stage(it), Kind::Ci)),
    row("ci-tag", |it| when(ci::by_tag(it), Kind::Ci)),
    row("commit-as-tag", |it| when(ci::by_commit_as_tag(it), Kind::Ci)),
    row("staging-repository", |it| when(it.class() == Some(RepositoryClass::Staging), Kind::Staging)),
    row(LEAKED_STAGING, published::under_imported_tag),
    row("staging-reference", |it| when(published::stamp_names_staging(it), Kind::Staging)),
    row("ci-reference", |it| when(published::stamp_names_ci(it), Kind::Ci)),
    row("tag-grammar", published::by_grammar),
    row(BY_BUILD_PAGE, published::by_build_page),
    row(UNPROVEN_NIGHTLY, |it| when(published::claims_unproven(it) == Some(Kind::Nightly), Kind::Unknown)),
    row(UNPROVEN_RELEASE, |it| when(published::claims_unproven(it).is_some(), Kind::Unknown)),
    row("by-reference-only", published::by_reference),
    row("by-recipe", published::by_recipe),
    row("by-package-version", published::by_package_version),
    row("contract-default", published::by_default),
    row("version-label", generic::version_label),
    row("git-tag-built", |it| when(generic::built_from_tag(it), Kind::Release)),
    row("git-tag-requested", |it| when(generic::requested_tag(it), Kind::Release)),
    row("imported-from-daemon", |it| when(is_from_daemon(it), Kind::Local)),
    row("nothing-says", |_| Some(Kind::Unknown)),
];

fn is_from_daemon(asked: &Asked) -> bool {
    let import = asked.case.import();
    asked.family.is_none() && import.is_some_and(|import| import.document.via == Via::Daemon)
}
