//! Who must have signed a statement about an image.

use jiff::Timestamp;
use serde::Deserialize;

use crate::finding::Severity;
use crate::provenance::{Attestation, AttestedLevel, Provenance};

/// Who must have signed a statement about an image, and what of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AttestationRule {
    /// False switches the rule off.
    #[serde(default = "yes")]
    pub require: bool,
    /// Names of signers, as the trust data has them; empty takes any.
    #[serde(default)]
    pub by: Vec<String>,
    /// What of the image it must be about.
    #[serde(default = "binding")]
    pub level: Vec<AttestedLevel>,
    /// What it must say, by its predicate type; empty takes anything.
    #[serde(default)]
    pub predicates: Vec<String>,
    /// More days are too old.
    pub max_days: Option<u32>,
    /// How bad it is when there is no such statement.
    #[serde(default)]
    pub severity: Severity,
}

fn yes() -> bool {
    true
}

fn binding() -> Vec<AttestedLevel> {
    AttestedLevel::ALL
        .into_iter()
        .filter(|level| level.binds())
        .collect()
}

/// What is wrong: a code and a sentence.
pub(super) fn problem(
    rule: &AttestationRule,
    document: &Provenance,
    now: Timestamp,
) -> Option<(&'static str, String)> {
    let all = &document.attestations;
    let is_one = |it: &&Attestation| {
        let signer = it.signer.as_deref().unwrap_or_default();
        let kind = it.predicate_type.as_deref().unwrap_or_default();
        it.holds()
            && it.level.is_some_and(|level| rule.level.contains(&level))
            && (rule.by.is_empty() || rule.by.iter().any(|name| name == signer))
            && (rule.predicates.is_empty() || rule.predicates.iter().any(|it| it == kind))
    };
    let fit: Vec<&Attestation> = all.iter().filter(is_one).collect();
    if fit.is_empty() {
        let why = all.iter().find(|it| !it.holds());
        return Some(match why {
            Some(it) => (
                "policy-attestation-invalid",
                format!("{}: {}", it.path, it.message),
            ),
            None => (
                "policy-attestation-missing",
                "no signed statement about it satisfies the policy".to_owned(),
            ),
        });
    }
    let most = rule.max_days?;
    let age = |it: &&Attestation| {
        let time: Timestamp = it.time.as_ref()?.parse().ok()?;
        Some(now.as_second().saturating_sub(time.as_second()) / 86_400)
    };
    match fit.iter().filter_map(age).min() {
        Some(days) if days <= i64::from(most) => None,
        Some(days) => Some((
            "policy-attestation-old",
            format!("it was signed or made {days} days ago; more than {most} are too many"),
        )),
        None => Some((
            "policy-attestation-old",
            "the signed statement does not say when it was made".to_owned(),
        )),
    }
}
