//! What build tools wrote about the build: build sources and SLSA provenance.
//!
//! A record that is kept beside the image is the image's own. A record in a label may be the base's: it
//! counts only if there is no other.

use crate::carriers::{Build, Facts, Pair};
use crate::provenance::Pipeline;
use crate::reference::Reference;

use super::generic::Generic;
use super::import::Import;
use super::reading::Carrier;
use crate::attribution::text::{
    CommitText, parse_url, repository_url, same_commit, same_repository, version_of_tag,
};

/// The build records that speak for the image.
#[derive(Clone, Debug, Default)]
pub(crate) struct Builds<'f> {
    /// The image's own records, else those that it may have inherited.
    pub speaking: Vec<&'f Build>,
    /// The records that come from a metadata file about the image.
    pub bound: &'f [Build],
}

impl<'f> Builds<'f> {
    /// Chooses the records that speak for the image.
    pub(crate) fn read(
        facts: &'f Facts,
        import: Option<&Import>,
        generic: &Generic,
        stamped: bool,
    ) -> Self {
        let bound = bound(facts, import, generic, stamped);
        let own = facts.builds.iter().filter(|build| !build.inheritable);
        let mut speaking: Vec<&Build> = own.chain(bound).collect();
        if speaking.is_empty() && !stamped {
            speaking = facts.builds.iter().collect();
        }
        Self { speaking, bound }
    }

    /// Returns the records that cannot be a base's.
    pub(crate) fn own(&self) -> impl Iterator<Item = &'f Build> + '_ {
        let records = self.speaking.iter().copied();
        records.filter(|build| !build.inheritable)
    }

    /// Returns the commit of the build's context, and its repository.
    pub(crate) fn commit(&self, generic: &Generic) -> Option<(CommitText, Option<String>)> {
        let found = self.speaking.iter().find_map(|build| {
            let (_, mut text) = commit_of(build)?;
            // One of two records of a checkout may not know that it had changes.
            text.dirty = self.says_dirty(&text);
            Some((text, repository(build)))
        });
        found.filter(|(_, repository)| !self.contradicted(generic, repository.as_deref()))
    }

    fn says_dirty(&self, text: &CommitText) -> bool {
        let commits = self.speaking.iter().flat_map(|build| &build.commits);
        commits
            .filter_map(parsed)
            .any(|other| other.dirty && same_commit(&other.id, &text.id))
    }

    /// Returns true for a record that may belong to the base: the image's source label names another
    /// repository.
    fn contradicted(&self, generic: &Generic, repository: Option<&str>) -> bool {
        let inheritable = self.speaking.iter().all(|build| build.inheritable);
        let label = generic.source();
        inheritable
            && repository
                .zip(label)
                .is_some_and(|(own, label)| !same_repository(own, &label))
    }

    /// Takes labels for the base's if the image's own record names another repository and another commit
    /// than they do.
    pub(crate) fn set_aside_inherited_labels(&self, mut generic: Generic) -> Generic {
        if self.own().next().is_none() {
            return generic;
        }
        let Some((text, Some(repository))) = self.commit(&generic) else {
            return generic;
        };
        let other = generic
            .source()
            .is_some_and(|label| !same_repository(&label, &repository));
        let same = generic
            .commit()
            .is_some_and(|(_, label)| same_commit(&label.id, &text.id));
        if other && !same {
            generic.set_aside(Carrier::Label);
        }
        generic
    }

    /// Returns the git ref that was built, `refs/tags/v1.4.2`.
    pub(crate) fn reference(&self) -> Option<&'f Pair> {
        let mut all = self.speaking.iter();
        all.find_map(|build| build.reference.as_ref())
    }

    /// Returns the version in the git tag that was built, unless the image's own name says another.
    pub(crate) fn tagged_version(&self, import: Option<&Import>) -> Option<&'f str> {
        let text = self.reference()?.value.as_str();
        let version = version_of_tag(text.strip_prefix("refs/tags/").unwrap_or(text))?;
        let named = import.and_then(Import::tag).and_then(version_of_tag);
        (named.is_none_or(|named| named == version)).then_some(version)
    }

    /// Returns the run that a record names the page of.
    pub(crate) fn run(&self) -> Option<Pipeline> {
        let runs = self.speaking.iter().flat_map(|build| &build.runs);
        runs.filter_map(|page| parse_url(&page.value)).next()
    }

    /// Returns when the build was finished, as written.
    pub(crate) fn finished(&self) -> Option<&'f str> {
        let mut all = self.speaking.iter();
        all.find_map(|build| Some(build.finished.as_ref()?.value.as_str()))
    }

    /// Returns the images that went into the build.
    pub(crate) fn images(&self) -> Vec<Reference> {
        let mut all: Vec<Reference> = Vec::new();
        for pair in self.speaking.iter().flat_map(|build| &build.images) {
            if let Ok(reference) = Reference::parse(&pair.value)
                && !all.contains(&reference)
            {
                all.push(reference);
            }
        }
        all
    }
}

/// Returns the first commit of a record, as written and parsed.
pub(crate) fn commit_of(build: &Build) -> Option<(&Pair, CommitText)> {
    let mut all = build.commits.iter();
    all.find_map(|pair| Some((pair, parsed(pair)?)))
}

/// Parses a commit of a record.
pub(crate) fn parsed(pair: &Pair) -> Option<CommitText> {
    CommitText::parse(&pair.value)
}

/// Returns the source repository of a record, as a canonical URL.
pub(crate) fn repository(build: &Build) -> Option<String> {
    let mut all = build.repositories.iter();
    all.find_map(|pair| repository_url(&pair.value))
}

/// Returns the builds of a metadata file about this image, by its digest. They fill in what the image does
/// not say: it has no stamp, no commit and no other source.
fn bound<'f>(
    facts: &'f Facts,
    import: Option<&Import>,
    generic: &Generic,
    stamped: bool,
) -> &'f [Build] {
    let Some(sidecar) = &facts.sidecar else {
        return &[];
    };
    let recorded = facts.builds.iter().any(|build| !build.inheritable);
    if recorded || stamped || generic.commit().is_some() {
        return &[];
    }
    let repositories = sidecar.builds.iter().flat_map(|build| &build.repositories);
    let other = |label: String| {
        repositories
            .clone()
            .any(|pair| !same_repository(&pair.value, &label))
    };
    if generic.source().is_some_and(other) {
        return &[];
    }
    let imported = import.and_then(|import| import.document.digest.as_deref());
    let own = facts.digests.iter().map(|pair| pair.value.as_str());
    let is_own = |digest: &Pair| own.clone().chain(imported).any(|own| own == digest.value);
    match sidecar.digests.iter().any(is_own) {
        true => &sidecar.builds,
        false => &[],
    }
}
