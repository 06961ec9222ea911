//! Checks that the stamp is complete, if the product line has one.

use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::attribution::readings::packages::installed;
use crate::attribution::readings::reading::Carrier;
use crate::attribution::text::{is_older, public_version, version_of_tag};
use crate::attribution::verdict::kind::Verdict;
use crate::contracts::{Contract, Field, Role, Stamp};

use super::findings::Findings;

pub(super) fn check(found: &mut Findings, case: &Case, family: &Family, verdict: &Verdict) {
    found.missing(verdict.leaked_staging(), "staging-reference-in-stamp");
    let contract = &family.contract;
    // The stamp of an image that stands on another one of the publisher is in part its base's.
    let is_partly_own = !family.inherited.is_empty();
    if contract.stamps.is_empty() || contract.role != Role::Publisher || is_partly_own {
        return;
    }
    if !family.stamped {
        found.missing(!may_be_unstamped(case, family), "stamp-missing");
        return;
    }
    let whole = match contract.build {
        Some(_) => is_whole(family),
        None => is_filled(family),
    };
    found.missing(!whole, "stamp-incomplete");
    found.missing(
        contract.build.is_some() && !is_in_one_place(case, contract),
        "stamp-keys-apart",
    );
    found.missing(
        is_spilled_after_stamp(case, contract),
        "spilled-environment-lines",
    );
}

/// Returns true if the line never carries the stamp, or not yet in this version.
fn may_be_unstamped(case: &Case, family: &Family) -> bool {
    let line = case.line(family);
    let packages = installed(&family.contract, case.facts);
    let package = packages.first().map(|it| public_version(&it.version));
    let tag = case.tag().and_then(version_of_tag);
    let first = line.and_then(|line| line.stamped_from.as_deref());
    let before = first
        .zip(package.or(tag))
        .is_some_and(|(first, version)| is_older(version, first));
    before || line.is_some_and(|line| line.never_stamped)
}

/// Returns true if each of the publisher's own keys has a value, and the build's id is in variables and labels.
fn is_filled(family: &Family) -> bool {
    let mut stamps = family.contract.stamps.iter();
    stamps.all(|stamp| {
        let mut readings = family.real(stamp.field);
        let is_build = stamp.field == Field::BuildId && is_required(stamp);
        (!stamp.identifying || family.value(stamp.field).is_some())
            && (!stamp.whole || readings.all(|reading| is_full_commit(reading.value.trim())))
            && (!is_build || is_in_full(family, stamp))
    })
}

/// Returns true for the stamp that proves an official build: a whole commit, a reference that can be pulled, and
/// every field that the build writes in both variables and labels.
fn is_whole(family: &Family) -> bool {
    let mut commits = family.real(Field::Commit);
    let commit = commits.all(|reading| is_full_commit(reading.value.trim()));
    let reference =
        family.of(Field::Reference).next().is_none() || family.stamp_reference().is_some();
    let stamps = family.contract.stamps.iter();
    let mut required = stamps.filter(|stamp| is_required(stamp));
    commit && reference && required.all(|stamp| is_in_full(family, stamp))
}

/// Returns true for a stamp with the publisher's own keys in variables and in labels. A stamp with
/// only one of them is an alias.
fn is_required(stamp: &Stamp) -> bool {
    stamp.identifying && !stamp.environment.is_empty() && !stamp.label.is_empty()
}

fn is_in_full(family: &Family, stamp: &Stamp) -> bool {
    let has = |carrier: Carrier| {
        let mut readings = family.real(stamp.field);
        readings.any(|reading| reading.carrier == carrier)
    };
    has(Carrier::Environment) && has(Carrier::Label)
}

/// Returns true for a whole SHA-1, which the publishers' repositories use.
fn is_full_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Returns true if the variables are next to each other in the contract's order, as one instruction of
/// the build file sets them.
fn is_in_one_place(case: &Case, contract: &Contract) -> bool {
    if !case.facts.environment_ordered {
        return false;
    }
    let environment = &case.facts.environment;
    let stamps = contract.stamps.iter().filter(|stamp| is_required(stamp));
    let mut places = stamps.filter_map(|stamp| {
        let own = |key: &str| stamp.environment.iter().any(|known| known == key);
        environment.iter().rposition(|pair| own(&pair.key))
    });
    let Some(mut last) = places.next() else {
        return false;
    };
    places.all(|place| {
        let follows = place == last.saturating_add(1);
        last = place;
        follows
    })
}

/// Returns true if lines of a value with line breaks come after the stamp: they may have forged it.
fn is_spilled_after_stamp(case: &Case, contract: &Contract) -> bool {
    let own = |key: &str| {
        let mut stamps = contract.stamps.iter();
        stamps.any(|stamp| stamp.environment.iter().any(|known| known == key))
    };
    let environment = case.facts.environment.iter().rev();
    let last = environment
        .filter(|pair| own(&pair.key))
        .find_map(|pair| pair.source.line);
    let strays = &case.facts.stray_environment_lines;
    last.is_some_and(|last| strays.iter().any(|stray| *stray > last))
}
