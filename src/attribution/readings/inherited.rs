//! Tells whether the OCI labels are those of a base image: a build copies every label that it does not replace.

use crate::attribution::make::{conflict, sourced};
use crate::attribution::text::{
    CommitText, labelled_version, repository_owner, repository_path, repository_url, same_commit,
    same_repository, seconds, url_host, version_of_tag,
};
use crate::carriers::{Facts, LaterThanImport};
use crate::contracts::Field;
use crate::provenance::Conflict;
use crate::reference::Reference;

use super::generic::Generic;
use super::import::Import;
use super::packages::{of_package, packages_named};
use super::reading::{Carrier, Reading};

/// The most seconds from the time in the labels to the last file of the same build. Some builds write the time of
/// their commit.
const ONE_BUILD: i64 = 2 * 24 * 3600;

/// Returns the conflict if the labels, or the variables, name another project than the import, or two projects, and
/// another build than the tag or the files. A builder writes all of its labels at once (docker/metadata-action). One
/// of the two signs is not enough: a site may push under any name, and may build an old commit.
pub(super) fn conflict_of(
    generic: &Generic,
    facts: &Facts,
    import: Option<&Import>,
    carrier: Carrier,
    trusts_variables: bool,
) -> Option<Conflict> {
    let stamp = Stamp::of_carrier(generic, facts, import, carrier);
    let source = stamp.of(Field::Source)?;
    let commit = stamp.of(Field::Commit)?;
    if stamp.is_confirmed(commit, trusts_variables) || stamp.is_of_import(source, commit) {
        return None;
    }
    let project = stamp.other_project(source)?;
    let build = stamp
        .other_build()
        .or_else(|| stamp.other_commit(source, commit))?;
    let whose = match carrier {
        Carrier::Environment => "the variables",
        _ => "the labels",
    };
    let import = import.map(|import| sourced(&import.document.uri, import.source.clone()));
    Some(conflict(
        "labels-of-another-image",
        Field::Source.document_field(),
        format!("{whose} {project}, and {build}: they are those of a base image"),
        Vec::from_iter(std::iter::once(source.sourced()).chain(import)),
    ))
}

/// Returns the conflict if the labels have a source and a commit of the image's own, beside the title or the home page
/// of another project, and true if the version is the image's own, too.
pub(super) fn partly_of_base(
    generic: &Generic,
    facts: &Facts,
    import: Option<&Import>,
) -> Option<(Conflict, bool)> {
    let stamp = Stamp::of_carrier(generic, facts, import, Carrier::Label);
    let source = stamp.of(Field::Source)?;
    let title = stamp.of(Field::Product);
    let path = stamp.path_of(&source.value)?;
    let is_own = |name: &str| stamp.names(name) || shares_word(name, &path);
    let is_titled = title.is_some_and(|title| is_own(&title.value));
    let page = stamp.other_page(&source.value).filter(|page| {
        let name = page.rsplit('/').next().unwrap_or_default();
        !is_own(name) && !is_titled
    });
    let another_version = stamp.has_another_version();
    let told = match (page, title) {
        (Some(_), _) => stamp.of(Field::Url),
        (None, Some(title)) => (!is_titled && another_version).then_some(title),
        (None, None) => None,
    };
    let told = told.filter(|_| stamp.is_imported(source))?;
    let conflict = conflict(
        "labels-of-another-image",
        Field::Product.document_field(),
        "some labels are those of a base image: they name another project than the source label and the import",
        [told.sourced(), source.sourced()],
    );
    Some((conflict, !another_version))
}

/// Returns the source repository of the image that inherited labels describe, and true if a child replaced some of
/// them. A child may replace the source and keep the home page, which docker/metadata-action sets to the same URL.
pub(crate) fn described_source<'r>(
    readings: impl Iterator<Item = &'r Reading> + Clone,
    tag: Option<&str>,
) -> Option<(String, bool)> {
    let value = |field: Field| {
        let mut readings = readings.clone();
        let reading = readings.find(|reading| reading.is_real(field));
        reading.map(|reading| reading.value.as_str())
    };
    let source = repository_url(value(Field::Source)?)?;
    let page = value(Field::Url).and_then(repository_url);
    if let Some(page) = page.filter(|page| is_of_another_owner(page, &source)) {
        return Some((page, true));
    }
    let version = value(Field::Version).and_then(labelled_version);
    let tagged = tag.and_then(version_of_tag);
    let is_childs = tagged.is_some() && version.and_then(version_of_tag) == tagged;
    Some((source, is_childs))
}

/// What one carrier says, beside the import and the files.
struct Stamp<'a> {
    generic: &'a Generic,
    facts: &'a Facts,
    import: Option<&'a Import>,
    carrier: Carrier,
}

impl<'a> Stamp<'a> {
    fn of_carrier(
        generic: &'a Generic,
        facts: &'a Facts,
        import: Option<&'a Import>,
        carrier: Carrier,
    ) -> Self {
        Self {
            generic,
            facts,
            import: import.filter(|import| !import.is_a_hint()),
            carrier,
        }
    }

    fn of(&self, field: Field) -> Option<&'a Reading> {
        let mut readings = self.generic.real(field);
        readings.find(|reading| reading.carrier == self.carrier)
    }

    fn imported(&self) -> Option<&'a Reference> {
        let import = self.import?;
        import.effective.as_ref().or(import.daemon_name.as_ref())
    }

    /// Returns true if the imported repository has a word of the text in its path.
    fn names(&self, text: &str) -> bool {
        let imported = self.imported();
        imported.is_some_and(|imported| shares_word(text, &imported.repository))
    }

    /// Returns `acme/app` of `https://github.com/acme/app`.
    fn path_of(&self, source: &str) -> Option<String> {
        let url = repository_url(source)?;
        repository_path(&url).map(str::to_owned)
    }

    /// Returns true if the imported tag names the commit too; for a label, also if a variable of the image's own does.
    fn is_confirmed(&self, reading: &Reading, trusts_variables: bool) -> bool {
        let Some(commit) = CommitText::parse(&reading.value) else {
            return false;
        };
        let is_it = |text: &str| {
            CommitText::parse(text).is_some_and(|other| same_commit(&other.id, &commit.id))
        };
        let tag = self.import.and_then(Import::tag).unwrap_or_default();
        let mut commits = self.generic.real(Field::Commit);
        let by_variable = trusts_variables
            && self.carrier == Carrier::Label
            && commits.any(|other| other.carrier != Carrier::Label && is_it(&other.value));
        by_variable || tag.split(['-', '_', '.']).any(is_it)
    }

    /// Returns true if the source is the imported repository, and the commit is of it: the version is the tag's, or
    /// the home page is no other project's, or the other carrier names another source and another commit.
    fn is_of_import(&self, source: &Reading, commit: &Reading) -> bool {
        let version = self.of(Field::Version).is_some() && !self.has_another_version();
        let other = |field: Field, own: &Reading| {
            let mut others = self.generic.real(field);
            others.any(|other| other.carrier != self.carrier && other.value != own.value)
        };
        let others = other(Field::Source, source) && other(Field::Commit, commit);
        let page = self.other_page(&source.value).is_none();
        self.is_imported(source) && (version || others || page)
    }

    fn is_imported(&self, source: &Reading) -> bool {
        let path = self.path_of(&source.value).unwrap_or_default();
        self.imported().is_some_and(|imported| {
            let name = path.rsplit('/').next().unwrap_or_default();
            let same_owner = path.split('/').next() == Some(imported.owner());
            path.eq_ignore_ascii_case(&imported.repository) || (same_owner && self.names(name))
        })
    }

    /// Returns the home page if it is a repository of another owner than the source.
    fn other_page(&self, source: &str) -> Option<String> {
        let page = repository_url(&self.of(Field::Url)?.value)?;
        let source = repository_url(source)?;
        is_of_another_owner(&page, &source).then_some(page)
    }

    fn other_project(&self, source: &Reading) -> Option<&'static str> {
        let path = self.path_of(&source.value)?;
        let title = self.of(Field::Product).map(|title| title.value.as_str());
        let is_titled = title.is_some_and(|title| self.names(title));
        // Who packages a project names its home page, and the image after it.
        if let Some(page) = self.other_page(&source.value) {
            let name = page.rsplit('/').next().unwrap_or_default();
            return (!self.names(name) && !is_titled)
                .then_some("name two projects, by the source and by the URL");
        }
        // If version and time are both of another build, the owner alone does not make it the same project.
        let own = match self.has_another_version() && self.is_older() {
            true => path.rsplit('/').next().unwrap_or_default(),
            false => path.as_str(),
        };
        (self.imported().is_some() && !self.names(own) && !is_titled)
            .then_some("name another project than the import")
    }

    fn other_build(&self) -> Option<&'static str> {
        if self.has_another_version() {
            return Some("have another version than the tag");
        }
        self.is_older()
            .then_some("were written days before the last file")
    }

    /// Compares with the project's own package: `vllm` for github.com/vllm-project/vllm.
    fn other_commit(&self, source: &Reading, commit: &Reading) -> Option<&'static str> {
        let path = self.path_of(&source.value)?;
        let named = CommitText::parse(&commit.value)?;
        let packages = packages_named(self.facts, path.rsplit('/').next()?).into_iter();
        let mut commits = packages
            .flat_map(|package| of_package(self.facts, package))
            .peekable();
        commits.peek()?;
        commits
            .all(|(own, _)| !same_commit(&own.id, &named.id))
            .then_some("have another commit than the package")
    }

    fn has_another_version(&self) -> bool {
        let tag = self.import.and_then(Import::tag).unwrap_or_default();
        let labelled = self
            .of(Field::Version)
            .and_then(|label| version_of_tag(labelled_version(&label.value)?))
            .map(numbers)
            .filter(|numbers| numbers.iter().any(|number| *number > 0));
        let Some(labelled) = labelled.filter(|_| version_of_tag(tag).is_some()) else {
            return false;
        };
        // Tag 1.4 may be version 1.4.2, and so may cuda12.8-1.4.2.
        let same = |part: &str| {
            let tagged = numbers(part.trim_start_matches(|c: char| !c.is_ascii_digit()));
            let length = tagged.len().min(labelled.len());
            length > 0 && tagged.get(..length) == labelled.get(..length)
        };
        !tag.split(['-', '_', '+']).any(same)
    }

    fn is_older(&self) -> bool {
        let created = self.of(Field::Created);
        let created = created.and_then(|created| seconds(created.value.trim()));
        let LaterThanImport::Read(later) = &self.facts.later else {
            return false;
        };
        created.is_some_and(|created| later.before > created.saturating_add(ONE_BUILD))
    }
}

fn shares_word(text: &str, path: &str) -> bool {
    let path = words(path);
    words(text).iter().any(|word| path.contains(word))
}

/// Splits a path or a title into words, without those that many images have.
fn words(text: &str) -> Vec<String> {
    const COMMON: [&str; 8] = [
        "docker",
        "image",
        "images",
        "container",
        "containers",
        "base",
        "app",
        "apps",
    ];
    let words = text.split(|c: char| !c.is_alphanumeric());
    words
        .map(str::to_lowercase)
        .filter(|word| !word.is_empty() && !COMMON.contains(&word.as_str()))
        .collect()
}

/// Returns true for two repositories of one forge that have different owners.
fn is_of_another_owner(page: &str, source: &str) -> bool {
    url_host(page) == url_host(source)
        && repository_owner(page) != repository_owner(source)
        && !same_repository(page, source)
}

/// Returns the numbers of a version: 5, 1, 0 and 2 of `5.1.0rc2`.
fn numbers(version: &str) -> Vec<u64> {
    let digits = version.split(|c: char| !c.is_ascii_digit());
    digits.filter_map(|digits| digits.parse().ok()).collect()
}
