//! Checks that the file was pulled from an official repository of the publisher, under a tag of its
//! scheme.

use crate::attribution::case::Case;
use crate::attribution::make::sourced;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::import::Import;
use crate::attribution::readings::packages::{installed, is_another_version, of_package};
use crate::attribution::readings::recipe::fill;
use crate::attribution::text::{
    is_among, is_moving, is_published, public_version, same_commit, version_of_tag,
};
use crate::contracts::{RepositoryClass, TagRule};
use crate::provenance::{Kind, SourcedValue, Via};
use crate::reference::Reference;

use super::findings::Findings;

/// Checks where the file was pulled from.
pub(super) fn check(found: &mut Findings, case: &Case, family: &Family) {
    let Some(import) = case.import() else {
        return found.missing(true, "no-import-record");
    };
    if is_unreadable(case) {
        return found.against(true, "import-unreadable");
    }
    match (import.document.via, &import.effective) {
        (Via::Daemon, _) => found.missing(true, "imported-from-daemon"),
        (Via::Unknown, _) | (Via::Registry, None) => found.missing(true, "import-unproven"),
        (Via::Registry, Some(reference)) => registry(found, case, family, import, reference),
    }
}

/// Returns true for a provenance line that no importer writes: somebody wrote it on purpose, so its
/// reference is not reliable.
fn is_unreadable(case: &Case) -> bool {
    let import = case.facts.import.as_ref();
    import.is_some_and(|import| import.unreadable.is_some())
}

fn registry(
    found: &mut Findings,
    case: &Case,
    family: &Family,
    import: &Import,
    reference: &Reference,
) {
    match family.class {
        Some(RepositoryClass::Official) => {}
        Some(RepositoryClass::Elsewhere) => return found.missing(true, "repository-not-official"),
        None => return found.against(true, "repository-not-official"),
        // For the publisher's own staging and CI, the kind says that the build is not published.
        Some(_) => return,
    }
    found.missing(may_be_a_label(case), "import-line-may-be-a-label");
    found.against(reference.irregular, "reference-irregular");
    let tag = reference.tag.as_deref();
    if let Some(tag) = tag.filter(|_| reference.digest.is_none()) {
        check_tag(found, case, family, import, tag);
    }
}

/// Returns true if line 1 may be a label. Before 4.2 enroot writes only labels, so a label with the key
/// `enroot-provenance:` becomes line 1. Builders sort labels by key. If the labels are sorted, and one of
/// them sorts before that key, line 1 is not a label.
fn may_be_a_label(case: &Case) -> bool {
    let import = case.facts.import.as_ref();
    !import.is_some_and(|import| import.label_keys_sorted && import.label_before_line)
}

fn check_tag(found: &mut Findings, case: &Case, family: &Family, import: &Import, tag: &str) {
    let rule = case.imported_rule(family);
    let stamped = family.stamp_reference();
    let moving = is_moving(rule, case.registries, tag) && stamped.is_some();
    let by_stamp = stamped
        .and_then(|(_, stamped)| stamped.tag)
        .is_some_and(|stamped| case.compatible_tag(family, import, tag, &stamped));
    let fits = is_published(rule) || moving || by_stamp;
    // A tag that matches no rule is only unknown; a tag with another meaning contradicts.
    found.missing(!fits && rule.is_none(), "tag-unknown");
    found.against(!fits && rule.is_some(), "tag-fits-nothing");
    let released = rule.is_some_and(|rule| rule.kind == Kind::Release && !rule.moving);
    let differs =
        released && version_differs(case, family, tag) || contents_differ(case, family, rule, tag);
    found.against(differs, "tag-is-another-version");
    found.missing(tag_commit(case, family).is_some(), "tag-commit-differs");
    found.missing(is_unreleased(case, family, rule), "versions-differ");
}

/// Returns true for `latest` on a package between two releases: the tag names a release, and the version of the
/// package, `0.30.1rc1.dev412`, names none.
fn is_unreleased(case: &Case, family: &Family, rule: Option<&TagRule>) -> bool {
    let moving = rule.is_some_and(|rule| rule.kind == Kind::Release && rule.moving);
    let packages = installed(&family.contract, case.facts);
    let is_between = |version: &str| public_version(version).contains(".dev");
    let all = packages.iter().all(|package| is_between(&package.version));
    moving && family.contract.owns_package() && all && !packages.is_empty()
}

/// Returns true if the distribution or the version in the image is another one than in the tag.
fn contents_differ(case: &Case, family: &Family, rule: Option<&TagRule>, tag: &str) -> bool {
    let Some(line) = case.line(family) else {
        return false;
    };
    let differs = |key: &str, wanted: Option<&str>| {
        let held = case.facts.os_release.get(key).zip(wanted);
        held.is_some_and(|(held, wanted)| held != wanted)
    };
    let codename = rule.and_then(|rule| rule.pattern.capture(tag, "codename"));
    if differs("ID", line.os.as_deref()) || differs("VERSION_CODENAME", codename) {
        return true;
    }
    if tagged_ubuntu(tag).is_some_and(|tagged| differs("VERSION_ID", Some(&tagged))) {
        return true;
    }
    let tagged = tag.split('-').next().unwrap_or(tag);
    let numbers = |c: char| c.is_ascii_digit() || c == '.';
    let held = line.version.as_deref();
    let held = held.and_then(|template| fill(case.facts, template));
    // Tag 12.5 is a release of version 12.
    let fits = |held: &str| tagged == held || tagged.starts_with(&format!("{held}."));
    tagged.chars().all(numbers) && held.is_some_and(|held| !fits(&held))
}

/// Returns `24.04` for a tag with the part `ubuntu2404` or `ubuntu24.04`.
fn tagged_ubuntu(tag: &str) -> Option<String> {
    let mut parts = tag.split('-');
    let digits = parts.find_map(|part| part.strip_prefix("ubuntu"))?;
    let digits = digits.replacen('.', "", 1);
    let (year, month) = digits.split_at_checked(2)?;
    let numbers = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit());
    numbers.then(|| format!("{year}.{month}"))
}

/// Returns true if the tag has another version than the contract's recipe, or than the package.
fn version_differs(case: &Case, family: &Family, tag: &str) -> bool {
    let contract = &family.contract;
    // In `2.56.0.574304` of Ray the last part is of the commit.
    let named = case.tag_part(family, "version");
    let Some(tagged) = named.or_else(|| version_of_tag(tag)) else {
        return false;
    };
    if !contract.recipes.is_empty() {
        let cooked = case.own_recipe(family).and_then(|cooked| cooked.version);
        return cooked.is_some_and(|version| !is_of_version(tag, tagged, public_version(&version)));
    }
    let packages = installed(contract, case.facts);
    // The tag of a preview names the release that follows it.
    let preview = tag.split(['-', '.']).any(|part| {
        let word = part.trim_end_matches(|c: char| c.is_ascii_digit());
        matches!(word, "dev" | "rc" | "alpha" | "beta" | "preview")
    });
    !preview && is_another_version(&packages, tagged)
}

/// Returns true if the tag names the version: 24.05 or 24.05-tf2 in 24.05-tf2-py3.
fn is_of_version(tag: &str, tagged: &str, version: &str) -> bool {
    let rest = tag.strip_prefix(version);
    tagged == version || rest.is_some_and(|rest| rest.starts_with('-'))
}

fn package_of_another_commit(case: &Case, family: &Family, named: &str) -> Option<SourcedValue> {
    let packages = installed(&family.contract, case.facts).into_iter();
    let commits: Vec<_> = packages.flat_map(|it| of_package(case.facts, it)).collect();
    let same = commits.iter().any(|(text, _)| same_commit(&text.id, named));
    let (text, source) = commits.into_iter().next().filter(|_| !same)?;
    Some(sourced(text.id, source))
}

/// Returns the stamp's commit, or without a stamp the package's, and the tag's, if the two differ. A stamp
/// that names a tag is not compared.
pub(crate) fn tag_commit(case: &Case, family: &Family) -> Option<[SourcedValue; 2]> {
    let named = case.tag_part(family, "commit")?;
    let tag = sourced(named, case.import()?.source.clone());
    match case.stamped_commit(family) {
        Some((reading, stamped)) => {
            let differs = family.stamp_reference().is_none() && !same_commit(named, &stamped.id);
            differs.then(|| [reading.sourced(), tag])
        }
        // Without a stamp the publisher's package says which commit was built, or the labels.
        None => {
            let differs = package_of_another_commit(case, family, named);
            differs
                .or_else(|| labelled_commit(case, family, named))
                .map(|other| [other, tag])
        }
    }
}

/// Returns the commit of the labels if they name the publisher's source, and another commit.
fn labelled_commit(case: &Case, family: &Family, named: &str) -> Option<SourcedValue> {
    let (reading, text) = case.generic.commit()?;
    let source = case.generic.source()?;
    let is_publishers = is_among(&family.contract.source, &source);
    (is_publishers && !same_commit(&text.id, named)).then(|| reading.sourced())
}
