//! Puts the answer together from what the steps found.

use crate::provenance::{Conflict, Imported, MAY_GIVE_ANOTHER, Origin};

use super::answer::Attribution;
use super::case::Case;
use super::signs::changes::{self, Changes};
use super::signs::records;
use super::statement::{created, flags, lineage, pipeline, product, public, standing};
use super::support::{
    attribute, builds, checkouts, collect, confidence, conflicts, disagreeing, sidecar, warnings,
    withheld,
};
use super::verdict::commit::Built;
use super::verdict::kind::Verdict;
use super::verdict::official::Official;
use super::verdict::ownership::Ownership;

/// A reason why an image is not official: it is not what its reference names.
const SIGNS_OF_DERIVATION: &str = "signs-of-derivation";

/// The results of the earlier steps.
pub(super) struct Found<'a> {
    pub case: &'a Case<'a>,
    pub ownership: &'a Ownership<'a>,
    pub built: &'a Built,
    pub verdict: &'a Verdict,
    pub changes: &'a Changes,
    pub official: &'a Official,
    /// The conflict about a generic source that was taken for a base's.
    pub dispute: Option<Conflict>,
    /// The conflict about an architecture that differs from that of the programs.
    pub architecture: Option<Conflict>,
}

pub(super) fn assemble(found: &Found) -> Attribution {
    let (case, ownership, verdict) = (found.case, found.ownership, found.verdict);
    let mut conflicts = conflicts_of(found);
    let lineage = lineage::lineage(case, ownership);
    let mut origin = origin(found);
    origin.derived_from = lineage::derived_from(ownership, &lineage);
    let public_reference = origin.public_reference.as_deref();
    conflicts.extend(public::pull_conflict(
        case,
        ownership,
        &origin.pull,
        public_reference,
    ));
    origin.reasons = reasons(found, &conflicts);
    let mut evidence = collect::collect(case, ownership);
    evidence.extend(checkouts::evidence(case, found.built, &evidence));
    origin.confidence = confidence::confidence(&evidence);
    evidence.extend(found.changes.later.iter().flat_map(changes::evidence));
    evidence.extend(case.facts.builds.iter().flat_map(builds::details));
    evidence.extend(sidecar::evidence(case, &origin));
    conflicts.extend(sidecar::conflicts(case.facts, case.import(), &origin));
    let mut answer = Attribution {
        warnings: warnings::warnings(case, ownership, verdict, found.changes),
        origin,
        lineage,
        conflicts,
        evidence,
    };
    withheld::withhold(case, ownership, found.built, &mut answer);
    answer
}

fn conflicts_of(found: &Found) -> Vec<Conflict> {
    let (case, ownership) = (found.case, found.ownership);
    let signals = ownership.signals.iter();
    let mut all: Vec<Conflict> = signals.map(|signal| signal.conflict.clone()).collect();
    all.extend(found.dispute.iter().chain(&found.architecture).cloned());
    all.extend(records::conflicts(
        case,
        ownership.family,
        &ownership.bases,
        &ownership.signals,
    ));
    all.extend(conflicts::conflicts(case, ownership, found.verdict));
    all.extend(builds::conflicts(case, ownership));
    all.extend(disagreeing::conflicts(case, ownership.family));
    all.extend(attribute::conflicts(case, ownership));
    all.extend(checkouts::conflicts(case, ownership, found.built));
    all
}

/// Returns the origin without its base, reasons and confidence.
fn origin(found: &Found) -> Origin {
    let (case, ownership, verdict) = (found.case, found.ownership, found.verdict);
    let modified = found.changes.any();
    let public_reference = public::public_reference(case, ownership, verdict, modified);
    let mut pull = public::pull(
        case,
        ownership,
        verdict,
        public_reference.as_deref(),
        modified,
    );
    let is_another = found.official.reasons.contains(&SIGNS_OF_DERIVATION);
    if pull.ok && (is_another || found.changes.may_be_repacked()) {
        pull.notes.push(MAY_GIVE_ANOTHER.to_owned());
    }
    let (product, version) = product::product(case, ownership, found.built, verdict);
    Origin {
        kind: verdict.kind,
        official: found.official.official,
        publisher: ownership.publisher.clone(),
        prerelease: standing::is_prerelease(
            case,
            ownership,
            verdict.kind,
            &[public_reference.as_deref(), version.as_deref()],
        ),
        product,
        version,
        moving: standing::is_moving_import(case, ownership),
        modified_after_import: modified,
        commit: found.built.commit.clone(),
        pipeline: pipeline::pipeline(case, ownership),
        public_reference,
        pull,
        imported: imported(case, ownership),
        created: created::created(case, ownership),
        flags: flags::flags(case, ownership),
        ..Origin::default()
    }
}

/// Returns the import, with the tag that the attribute adds to a digest.
fn imported(case: &Case, ownership: &Ownership) -> Option<Imported> {
    let mut imported = case.import()?.document.clone();
    imported.tag = imported.tag.or_else(|| attribute::tag(case, ownership));
    Some(imported)
}

/// Returns the codes of all reasons, without repetitions.
fn reasons(found: &Found, conflicts: &[Conflict]) -> Vec<String> {
    let conflicts = conflicts.iter().map(|conflict| conflict.code.as_str());
    let kind = found.verdict.reasons.iter().copied();
    let others = found.changes.codes.iter().chain(&found.official.reasons);
    let mut reasons: Vec<String> = Vec::new();
    for code in kind.chain(conflicts).chain(others.copied()) {
        if !reasons.iter().any(|known| known == code) {
            reasons.push(code.to_owned());
        }
    }
    reasons
}
