//! Forks: images with the keys of a publisher's contract that somebody else filled, and what was built on them.

use crate::attribution::case::Case;
use crate::attribution::make::{bare, sourced};
use crate::attribution::readings::families::Family;
use crate::attribution::readings::reading::Reading;
use crate::attribution::signs::place::repository_differs;
use crate::attribution::signs::runtime_changes;
use crate::attribution::signs::signal::Signal;
use crate::attribution::text::{
    is_among, parse_url, repository_owner, repository_url, same_commit, url_host,
};
use crate::contracts::Field;
use crate::provenance::Pipeline;
use crate::reference::Reference;

use super::ownership::Ownership;

/// Returns the ownership of a fork's image, or of one that somebody built on a fork's; `None` for the publisher's.
pub(super) fn ownership<'a>(case: &'a Case<'a>, family: &'a Family) -> Option<Ownership<'a>> {
    let stamp = Stamp::of(family);
    let on_top = stamp.as_ref().and_then(|stamp| on_top(case, family, stamp));
    on_top
        .or_else(|| by_source(case, family))
        .or_else(|| by_stamp(case, family, stamp?))
}

/// A stamp in which a fork names itself.
struct Stamp {
    page: Pipeline,
    /// The owner of the build page, in lower case.
    owner: String,
    reference: Reference,
}

impl Stamp {
    /// Returns the stamp, unless its build page or its reference is the publisher's.
    fn of(family: &Family) -> Option<Self> {
        let (_, reference) = family.stamp_reference()?;
        let page = parse_url(family.value(Field::Url)?)?;
        let owner = page.organization.as_deref()?.to_ascii_lowercase();
        let foreign = family.class.is_none()
            && family.contract.class_of(&reference.name()).is_none()
            && !is_built_by_publisher(family);
        foreign.then_some(Self {
            page,
            owner,
            reference,
        })
    }

    /// Returns a sign if the image was imported from a repository that is not the fork's, nor a mirror of it.
    fn elsewhere(&self, case: &Case) -> Option<Signal> {
        let import = case.registry_import()?;
        let imported = import.effective.as_ref()?;
        let own = &self.reference;
        let is_own = imported.same_repository(own)
            || imported.may_mirror(own)
            || self.names(imported.owner());
        (!is_own).then(|| {
            let sentence = "the file was imported from another repository than its stamp names";
            let expected = sourced(own.to_string(), bare("stamp"));
            repository_differs(sentence.to_owned(), import, imported.to_string(), expected)
        })
    }

    fn names(&self, owner: &str) -> bool {
        let mut owners = [self.owner.as_str(), self.reference.owner()].into_iter();
        owners.any(|own| own.eq_ignore_ascii_case(owner))
    }
}

/// Returns the ownership of an image that somebody built on a fork's: its source label names another owner of the
/// forge that built the fork, or the import does not name the fork, and a label or the start of a container was
/// changed. An import alone may be a copy.
fn on_top<'a>(case: &'a Case<'a>, family: &'a Family, stamp: &Stamp) -> Option<Ownership<'a>> {
    let label = case.generic.reading(Field::Source).and_then(|label| {
        let source = repository_url(&label.value)?;
        let is_own = stamp.names(&repository_owner(&source)?);
        (!is_own && is_foreign(case, family, &label.value)).then_some((label, source))
    });
    let page = stamp.page.url.as_deref();
    let same_forge = label
        .as_ref()
        .is_some_and(|(_, source)| url_host(source) == page.and_then(url_host));
    let elsewhere = stamp.elsewhere(case);
    let foreign = label.map(|(label, _)| foreign_source(label, page));
    let mut signals: Vec<Signal> = foreign.into_iter().collect();
    if elsewhere.is_some() {
        signals.extend(runtime_changes(case, family));
    }
    let changed = elsewhere.is_some() && !signals.is_empty();
    signals.extend(elsewhere);
    (same_forge || changed).then(|| Ownership {
        derived: true,
        on_fork: Some((family, stamp.owner.clone())),
        signals,
        ..Ownership::of(family, case)
    })
}

fn foreign_source(label: &Reading, page: Option<&str>) -> Signal {
    Signal::new(
        "source-differs",
        3,
        Field::Source.document_field(),
        "the source label names another owner than the build page and the reference of the stamp",
        [
            label.sourced(),
            sourced(page.unwrap_or_default(), bare("stamp")),
        ],
    )
}

/// Returns true if a source is neither the publisher's nor that of a base.
fn is_foreign(case: &Case, family: &Family, source: &str) -> bool {
    !is_among(&family.contract.source, source) && !case.belongs_to_inner(Field::Source, source)
}

/// Returns the ownership of an image from another source repository that has this contract's keys: a fork, or
/// an outer build with its own labels.
fn by_source<'a>(case: &'a Case<'a>, family: &'a Family) -> Option<Ownership<'a>> {
    let generic = &case.generic;
    let source = generic.source();
    let foreign = source.is_some_and(|url| is_foreign(case, family, &url));
    if family.class.is_some() || !foreign || !family.stamped {
        return None;
    }
    let stamped = case.stamped_commit(family);
    let internal = stamped
        .as_ref()
        .is_some_and(|(reading, _)| reading.internal);
    let same = match (generic.commit(), &stamped) {
        (Some((_, own)), Some((_, stamped))) => same_commit(&own.id, &stamped.id),
        (Some(_), None) => true,
        (None, _) => return None,
    };
    // A fork's builds have its own pages. Here only the source label was replaced: the stamp is the base's.
    if is_built_by_publisher(family) {
        return None;
    }
    let ownership = Ownership::of(family, case);
    // The base's contract knows no source label, so these labels are the image's own.
    if internal || family.contract.source.is_empty() {
        return Some(ownership.on_top_of(family));
    }
    (same || generic.channel.is_some()).then_some(Ownership {
        fork_of: Some(family),
        upstream_stamp: !same,
        ..ownership
    })
}

/// Returns true if the stamp has a build page of the publisher: the contract's pattern matches, or it has its owner.
fn is_built_by_publisher(family: &Family) -> bool {
    let contract = &family.contract;
    let Some(url) = family.value(Field::Url) else {
        return false;
    };
    let builds = contract.build.iter();
    let patterns: Vec<_> = builds
        .flat_map(|build| build.ci_url.iter().chain([&build.official_url]))
        .collect();
    if patterns.iter().any(|pattern| pattern.is_match(url)) {
        return true;
    }
    let page = parse_url(url);
    let owner = page.and_then(|page| Some(page.organization?.to_ascii_lowercase()));
    owner.is_some_and(|owner| {
        let own = |source: &String| repository_url(source).and_then(|url| repository_owner(&url));
        let mut sources = contract.source.iter().filter_map(own);
        let in_path = format!("/{owner}/");
        sources.any(|known| known == owner)
            || patterns
                .iter()
                .any(|pattern| pattern.as_str().contains(&in_path))
    })
}

/// Returns the ownership of a fork that builds with the upstream's build files. The source label is a fixed text in
/// these files.
fn by_stamp<'a>(case: &'a Case<'a>, family: &'a Family, stamp: Stamp) -> Option<Ownership<'a>> {
    let same_owner = stamp.reference.owner().eq_ignore_ascii_case(&stamp.owner);
    if !same_owner || family.contract.source.is_empty() {
        return None;
    }
    let mut signals: Vec<Signal> = stamp.elsewhere(case).into_iter().collect();
    for signal in &mut signals {
        signal.weight = 0;
    }
    Some(Ownership {
        fork_of: Some(family),
        fork_page: Some(stamp.page),
        publisher: Some(stamp.owner),
        signals,
        ..Ownership::of(family, case)
    })
}
