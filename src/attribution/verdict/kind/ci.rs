//! Builds of continuous integration.

use crate::attribution::readings::import::Import;
use crate::attribution::signs::stage::is_ci_stage;
use crate::attribution::text::{is_bare_commit, is_published};
use crate::contracts::{Field, RepositoryClass, any_glob};
use crate::provenance::Kind;

use super::row::Asked;

/// The repository's name is one of CI images.
pub(super) fn by_name(asked: &Asked) -> bool {
    if is_settled(asked) || by_stage(asked) || by_tag(asked) {
        return false;
    }
    let import = asked.case.import();
    let reference = import.and_then(|import| import.effective.as_ref());
    reference.is_some_and(|reference| {
        let name = reference.repository.rsplit('/').next().unwrap_or_default();
        any_glob(&asked.case.registries.ci, name)
    })
}

/// The stamp's build page is one of the publisher's CI.
pub(super) fn by_page(asked: &Asked) -> bool {
    let family = asked.family.filter(|_| !is_staging(asked));
    let stamped = family.and_then(|family| {
        let page = family.contract.build.as_ref()?.ci_url.as_ref()?;
        Some((page, family.value(Field::Url)?))
    });
    stamped.is_some_and(|(page, url)| page.is_match(url))
}

/// The image is of a build stage that only CI has.
pub(super) fn by_stage(asked: &Asked) -> bool {
    let family = asked.family.filter(|_| !is_staging(asked));
    family.is_some_and(|family| is_ci_stage(asked.case, family))
}

/// The imported tag is one of CI builds.
pub(super) fn by_tag(asked: &Asked) -> bool {
    let family = asked.family.filter(|_| !is_staging(asked));
    let rule = family.and_then(|family| asked.case.imported_rule(family));
    rule.is_some_and(|rule| rule.kind == Kind::Ci)
}

/// The imported tag is nothing but a commit.
pub(super) fn by_commit_as_tag(asked: &Asked) -> bool {
    let import = asked.case.registry_import();
    !is_settled(asked)
        && import.is_some_and(|import| import.effective.is_some())
        && import.and_then(Import::tag).is_some_and(is_bare_commit)
}

/// Returns true if another rule decides: for a staging image, and for a published tag.
fn is_settled(asked: &Asked) -> bool {
    is_staging(asked)
        || asked
            .family
            .is_some_and(|family| is_published(asked.case.imported_rule(family)))
}

fn is_staging(asked: &Asked) -> bool {
    asked.class() == Some(RepositoryClass::Staging)
}
