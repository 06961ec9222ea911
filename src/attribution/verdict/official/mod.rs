//! Decides whether an image meets a known publisher's contract in full, from import to package.
//!
//! It is `true` if nothing is missing, `false` for a contradiction, else `null`.

mod agree;
mod findings;
mod import;
mod package;
mod stamp;

use crate::attribution::case::Case;
use crate::attribution::readings::families::Family;
use crate::attribution::signs::additions::PACKAGE_ADDED;
use crate::attribution::signs::changes::Changes;
use crate::attribution::signs::signal::Signal;
use crate::carriers::control::CONTROL_CHARACTER;
use crate::contracts::Line;
use crate::provenance::Kind;

use super::kind::Verdict;
use super::ownership::Ownership;

pub(crate) use agree::conflicts as versions;
use findings::Findings;
pub(crate) use import::tag_commit;

/// The answer, with codes that say why.
#[derive(Debug, Default)]
pub(crate) struct Official {
    pub official: Option<bool>,
    pub reasons: Vec<&'static str>,
}

pub(crate) fn official(
    case: &Case,
    ownership: &Ownership,
    verdict: &Verdict,
    changes: &Changes,
    architecture_differs: bool,
) -> Official {
    let mut found = Findings::default();
    found.against(changes.any(), "modified-after-import");
    found.against(changes.repacked, "repacked");
    let may_be_own = only_adds_a_package(&ownership.signals);
    found.against(
        (ownership.derived && !may_be_own) || ownership.disowned,
        "signs-of-derivation",
    );
    found.missing(may_be_own, PACKAGE_ADDED);
    match ownership.family {
        Some(family) => {
            published(&mut found, case, verdict);
            found.against(architecture_differs, "architecture-conflict");
            additions(&mut found, ownership);
            import::check(&mut found, case, family);
            stamp::check(&mut found, case, family, verdict);
            package::check(&mut found, case, family);
            agree::check(&mut found, case, family);
            contract(&mut found, case, family);
        }
        // Without a contract nothing shows that the image is not official.
        None => found.missing(!may_be_own, "no-contract-for-publisher"),
    }
    found.missing(case.facts.is_partial(), "image-read-in-part");
    let mut losses = case.facts.losses.iter();
    let joined = losses.any(|loss| loss.code == CONTROL_CHARACTER);
    found.missing(joined, CONTROL_CHARACTER);
    found.missing.extend(changes.doubts.iter().copied());
    let official = match (found.against.is_empty(), found.missing.is_empty()) {
        (false, _) => Some(false),
        (true, false) => None,
        (true, true) => Some(true),
    };
    let reasons = match official {
        Some(false) => found.against,
        _ => found.missing,
    };
    Official { official, reasons }
}

/// Checks that the image is a release or nightly. A claim without proof contradicts; no claim does not.
fn published(found: &mut Findings, case: &Case, verdict: &Verdict) {
    match verdict.kind {
        // The staging image may have been published: only the missing line would say it.
        Kind::Staging if case.import().is_none() => found.missing(true, "no-import-record"),
        Kind::Release | Kind::Nightly => {}
        // The kind's own reason says what speaks against it.
        Kind::Unknown => match verdict.unproven() {
            Some(code) => found.against(true, code),
            None => found.missing(true, "kind-unknown"),
        },
        _ => found.against(true, "not-a-published-kind"),
    }
}

/// Checks the signs of a build on top. A sign without weight is a change of the publisher's own build.
fn additions(found: &mut Findings, ownership: &Ownership) {
    let signals = &ownership.signals;
    let weighs = signals.iter().any(|signal| signal.weight > 0);
    found.against(weighs, "signs-of-derivation");
    found.missing(
        !weighs && !signals.is_empty(),
        "publisher-changed-its-build",
    );
}

/// Returns true if the only sign of a build on top is a package that the publisher itself adds in another image.
fn only_adds_a_package(signals: &[Signal]) -> bool {
    let mut weighs = signals.iter().filter(|signal| signal.weight > 0).peekable();
    weighs.peek().is_some() && weighs.all(|signal| signal.conflict.code == PACKAGE_ADDED)
}

/// Checks that the contract can tell an untouched image from a changed one.
fn contract(found: &mut Findings, case: &Case, family: &Family) {
    let line = case.line(family);
    found.missing(
        line.is_none_or(|line| !can_tell(line, family)),
        "contract-cannot-tell-changes",
    );
    found.missing(case.facts.entrypoint.is_none(), "entrypoint-unknown");
}

fn can_tell(line: &Line, family: &Family) -> bool {
    let any = |glob: &String| glob == "*";
    !line.entrypoints.is_empty() && !family.contract.environment.tail.iter().any(any)
}
