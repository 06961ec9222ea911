//! Whether a known publisher's contract is met in full, from import to package.

use crate::attribution::case::Case;
use crate::attribution::readings::class::RepositoryClass;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::import::Import;
use crate::attribution::readings::packages::installed;
use crate::attribution::readings::recipe::fill;
use crate::attribution::readings::recipe::recipe;
use crate::attribution::signs::changes::Changes;
use crate::attribution::text::{
    CommitText, is_moving, is_older, is_published, public_version, same_commit, same_version,
    version_of_tag,
};
use crate::attribution::verdict::kind::Verdict;
use crate::attribution::verdict::ownership::Ownership;
use crate::contracts::{Field, Line, Role, TagRule};
use crate::provenance::{Kind, SourcedValue, Via};

/// The answer, with codes that say why.
#[derive(Debug, Default)]
pub(crate) struct Official {
    pub official: Option<bool>,
    pub reasons: Vec<String>,
}

/// `true` needs everything; a contradiction is `false`; anything missing is `null`.
pub(crate) fn official(
    case: &Case,
    ownership: &Ownership,
    verdict: &Verdict,
    changes: &Changes,
    architecture_differs: bool,
) -> Official {
    let mut against: Vec<&str> = Vec::new();
    let mut missing: Vec<&str> = Vec::new();
    match verdict.kind {
        Kind::Release | Kind::Nightly => {}
        Kind::Unknown if !verdict.unproven() => missing.push("kind-unknown"),
        _ => against.push("not-a-published-kind"),
    }
    if changes.any() {
        against.push("modified-after-import");
    } else if changes.unseen {
        missing.push("file-times-put-back");
    }
    match ownership.family {
        Some(family) => {
            if architecture_differs {
                against.push("architecture-conflict");
            }
            imported(case, family, &mut against, &mut missing);
            stamped(case, family, verdict, &mut missing);
        }
        None => missing.push("no-contract-for-publisher"),
    }
    if !ownership.signals.is_empty() && !ownership.derived {
        against.push("signs-of-derivation");
    }
    let official = match (against.is_empty(), missing.is_empty()) {
        (false, _) => Some(false),
        (true, false) => None,
        (true, true) => Some(true),
    };
    let reasons = if against.is_empty() { missing } else { against };
    Official {
        official,
        reasons: reasons.into_iter().map(str::to_owned).collect(),
    }
}

/// The file came from one of the publisher's official repositories, under a tag that fits.
fn imported(case: &Case, family: &Family, against: &mut Vec<&str>, missing: &mut Vec<&str>) {
    let Some(import) = case.import() else {
        missing.push("no-import-record");
        return;
    };
    match import.document.via {
        Via::Registry => {}
        Via::Daemon => {
            missing.push("imported-from-daemon");
            return;
        }
        Via::Unknown => {
            missing.push("import-unproven");
            return;
        }
    }
    let Some(reference) = &import.effective else {
        missing.push("import-unreadable");
        return;
    };
    match family.class {
        Some(RepositoryClass::Official) => {}
        Some(RepositoryClass::Elsewhere) => {
            missing.push("repository-not-official");
            return;
        }
        _ => {
            against.push("repository-not-official");
            return;
        }
    }
    if reference.irregular {
        against.push("reference-irregular");
    }
    if import.document.digest.is_some() {
        return;
    }
    let Some(tag) = reference.tag.as_deref() else {
        return;
    };
    let rule = family.contract.tag_rule(&reference.name(), tag);
    let fits = is_published(rule)
        || rule.is_none()
            && is_moving(None, case.registries, tag)
            && family.stamp_reference().is_some();
    let by_stamp = family
        .stamp_reference()
        .and_then(|(_, stamped)| stamped.tag)
        .is_some_and(|stamped| case.compatible_tag(family, import, tag, &stamped));
    if !fits && !by_stamp {
        against.push("tag-fits-nothing");
    }
    let released = rule.is_some_and(|rule| rule.kind == Kind::Release && !rule.moving);
    if released && version_differs(case, family, tag) || contents_differ(case, family, rule, tag) {
        against.push("tag-is-another-version");
    }
    if tag_commit(case, family).is_some() {
        missing.push("tag-commit-differs");
    }
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
    let tagged = tag.split('-').next().unwrap_or(tag);
    let numbers = |c: char| c.is_ascii_digit() || c == '.';
    let held = line.version.as_deref();
    let held = held.and_then(|template| fill(case.facts, template));
    // 12.5 is a release of 12.
    let fits = |held: &str| tagged == held || tagged.starts_with(&format!("{held}."));
    tagged.chars().all(numbers) && held.is_some_and(|held| !fits(&held))
}

/// The commit that the imported tag names, where the stamp names another and not this tag: first the
/// stamp's, then the tag's.
pub(crate) fn tag_commit(case: &Case, family: &Family) -> Option<[SourcedValue; 2]> {
    let import = case.import()?;
    let rule = case.imported_rule(family)?;
    let named = CommitText::parse(rule.pattern.capture(import.tag()?, "commit")?)?;
    let (reading, stamped) = family.commit(&case.package_commits(&family.contract))?;
    if family.stamp_reference().is_some() || same_commit(&named.id, &stamped.id) {
        return None;
    }
    let tag = SourcedValue {
        value: named.id,
        source: import.source.clone(),
    };
    Some([reading.sourced(), tag])
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
    let plain = tag.strip_prefix('v').unwrap_or(tag) == tagged;
    plain && !packages.is_empty() && !packages.iter().any(|p| same_version(&p.version, tagged))
}

/// True for the rest of a value with line breaks behind the stamp, which may have forged it.
fn is_spilled_after_stamp(case: &Case, family: &Family) -> bool {
    let own = |key: &str| {
        let mut stamps = family.contract.stamps.iter();
        stamps.any(|stamp| stamp.environment.iter().any(|known| known == key))
    };
    let environment = case.facts.environment.iter().rev();
    let last = environment
        .filter(|pair| own(&pair.key))
        .find_map(|pair| pair.source.line);
    let strays = &case.facts.stray_environment_lines;
    last.is_some_and(|last| strays.iter().any(|stray| *stray > last))
}

fn is_full_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The stamp is whole where the line has one, and the markers and the package are there.
fn stamped(case: &Case, family: &Family, verdict: &Verdict, missing: &mut Vec<&str>) {
    let contract = &family.contract;
    if verdict.leaked_staging() {
        missing.push("staging-reference-in-stamp");
    }
    let line = case.line(family);
    let packages = installed(contract, case.facts);
    let mut versions: Vec<&str> = packages
        .iter()
        .map(|p| public_version(&p.version))
        .collect();
    versions.dedup();
    if contract.build.is_some() && versions.len() > 1 {
        missing.push("several-package-versions");
    }
    let holds_package = line.is_none_or(|line| !line.no_package);
    if contract.package.is_some() && holds_package && packages.is_empty() {
        missing.push(if case.facts.packages_known {
            "package-missing"
        } else {
            "packages-unknown"
        });
    }
    let tag = case.import().and_then(Import::tag).and_then(version_of_tag);
    let version = packages
        .first()
        .map(|package| public_version(&package.version))
        .or(tag);
    let before = line
        .and_then(|line| line.stamped_from.as_deref())
        .zip(version)
        .is_some_and(|(first, version)| is_older(version, first));
    let unstamped_is_fine = before || line.is_some_and(|line| line.never_stamped);
    let expects = !contract.stamps.is_empty() && contract.role == Role::Publisher;
    if expects && !family.stamped && !unstamped_is_fine {
        missing.push("stamp-missing");
    }
    if expects && family.stamped {
        // Where an official build is told by its stamp, every key of it must be there.
        let required = |field: Field| {
            contract.build.is_some() && contract.stamps.iter().any(|stamp| stamp.field == field)
        };
        let has = |field: Field| {
            family.value(field).is_some() || (!required(field) && family.of(field).next().is_none())
        };
        // What the publisher's build writes is a whole commit and a reference that can be pulled.
        let whole = |field: Field| match field {
            _ if !required(field) => true,
            Field::Commit => family.value(field).is_some_and(is_full_commit),
            _ => family.stamp_reference().is_some(),
        };
        let fields = [Field::Commit, Field::Reference];
        if !fields.into_iter().all(|field| has(field) && whole(field)) {
            missing.push("stamp-incomplete");
        }
        if is_spilled_after_stamp(case, family) {
            missing.push("spilled-environment-lines");
        }
    }
    if line.is_none_or(|line| !can_tell(line, family)) {
        missing.push("contract-cannot-tell-changes");
    }
    if case.facts.entrypoint.is_none() {
        missing.push("entrypoint-unknown");
    }
    if case.facts.is_partial() {
        missing.push("image-read-in-part");
    }
}

/// True when the contracts can tell an untouched image from a changed one.
fn can_tell(line: &Line, family: &Family) -> bool {
    !line.entrypoints.is_empty()
        && !family
            .contract
            .environment
            .tail
            .iter()
            .any(|glob| glob == "*")
}
