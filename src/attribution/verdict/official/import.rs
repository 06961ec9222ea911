//! Checks that the file was pulled from an official repository of the publisher, under a tag of its
//! scheme.

use crate::attribution::case::Case;
use crate::attribution::readings::class::RepositoryClass;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::import::Import;
use crate::attribution::readings::packages::{installed, is_another_version, of_package};
use crate::attribution::readings::recipe::{fill, recipe};
use crate::attribution::text::{
    CommitText, is_moving, is_published, public_version, same_commit, version_of_tag,
};
use crate::contracts::TagRule;
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

/// Returns true for a provenance line that no importer writes: somebody wrote it on purpose, and its
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
        // The publisher's own staging and CI: the kind says that such builds are not published.
        Some(_) => return,
    }
    found.missing(may_be_a_label(case), "import-line-may-be-a-label");
    found.against(reference.irregular, "reference-irregular");
    if let Some(tag) = reference
        .tag
        .as_deref()
        .filter(|_| reference.digest.is_none())
    {
        check_tag(found, case, family, import, tag);
    }
}

/// Before 4.2 enroot writes labels only, and a label with the key `enroot-provenance:` becomes
/// line 1. Builders sort labels by key: where they are sorted, and one of them sorts before that
/// key, line 1 was no label (rules.md, section 11).
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
}

/// The distribution, or the version that the line's contents say, is not what the tag begins with.
fn contents_differ(case: &Case, family: &Family, rule: Option<&TagRule>, tag: &str) -> bool {
    let Some(line) = case.line(family) else {
        return false;
    };
    let differs = |key: &str, wanted: Option<&str>| {
        let held = case.facts.os_release.get(key);
        held.zip(wanted)
            .is_some_and(|(held, wanted)| held != wanted)
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
    // 12.5 is a release of 12.
    let fits = |held: &str| tagged == held || tagged.starts_with(&format!("{held}."));
    tagged.chars().all(numbers) && held.is_some_and(|held| !fits(&held))
}

/// Returns `24.04` of a tag with a part `ubuntu2404`.
fn tagged_ubuntu(tag: &str) -> Option<String> {
    let mut parts = tag.split('-');
    let digits = parts.find_map(|part| part.strip_prefix("ubuntu"))?;
    let (year, month) = digits.split_at_checked(2)?;
    let numbers = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit());
    numbers.then(|| format!("{year}.{month}"))
}

/// The tag is of another version than what the contract's recipe reads, or than the package
/// that releases are tagged after.
fn version_differs(case: &Case, family: &Family, tag: &str) -> bool {
    let contract = &family.contract;
    let Some(tagged) = version_of_tag(tag) else {
        return false;
    };
    if !contract.recipes.is_empty() {
        let cooked = recipe(case.facts, contract).and_then(|cooked| cooked.version);
        return cooked.is_some_and(|version| public_version(&version) != tagged);
    }
    let packages = installed(contract, case.facts);
    // A preview is called after the release that it comes before.
    let preview = tag.split(['-', '.']).any(|part| {
        let word = part.trim_end_matches(|c: char| c.is_ascii_digit());
        matches!(word, "dev" | "rc" | "alpha" | "beta" | "preview")
    });
    !preview && is_another_version(&packages, tagged)
}

fn package_of_another_commit(case: &Case, family: &Family, named: &str) -> Option<SourcedValue> {
    let packages = installed(&family.contract, case.facts);
    let commits = packages
        .into_iter()
        .flat_map(|package| of_package(case.facts, package));
    let commits: Vec<_> = commits.collect();
    let same = commits.iter().any(|(text, _)| same_commit(&text.id, named));
    let (text, source) = commits.into_iter().next().filter(|_| !same)?;
    Some(SourcedValue {
        value: text.id,
        source,
    })
}

/// Returns the stamp's commit, else the package's, and the tag's, where the imported tag names another
/// commit than the stamp and the stamp names no tag.
pub(crate) fn tag_commit(case: &Case, family: &Family) -> Option<[SourcedValue; 2]> {
    let import = case.import()?;
    let rule = case.imported_rule(family)?;
    let named = CommitText::parse(rule.pattern.capture(import.tag()?, "commit")?)?;
    let tag = SourcedValue {
        value: named.id.clone(),
        source: import.source.clone(),
    };
    let commits = case.package_commits(&family.contract);
    match family.commit(&commits) {
        Some((reading, stamped)) => {
            let differs =
                family.stamp_reference().is_none() && !same_commit(&named.id, &stamped.id);
            differs.then(|| [reading.sourced(), tag])
        }
        // Without a stamp the publisher's package says which commit was built.
        None => package_of_another_commit(case, family, &named.id).map(|package| [package, tag]),
    }
}
