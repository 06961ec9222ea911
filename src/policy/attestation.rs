//! The rule about signed statements.

use jiff::Timestamp;
use serde::Deserialize;

use crate::finding::Severity;
use crate::provenance::{Attestation, AttestedLevel, Provenance};

/// The required signed statement about an image.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AttestationRule {
    /// False switches the rule off.
    #[serde(default = "yes")]
    pub require: bool,
    /// The names of the allowed signers in the trust data; empty for any.
    #[serde(default)]
    pub by: Vec<String>,
    /// The allowed levels: which part of the image the statement must bind.
    #[serde(default = "binding")]
    pub level: Vec<AttestedLevel>,
    /// The allowed predicate types; empty for any.
    #[serde(default)]
    pub predicates: Vec<String>,
    /// The greatest age of the statement, in days.
    pub max_days: Option<u32>,
    /// The severity if there is no such statement.
    #[serde(default)]
    pub severity: Severity,
}

pub(super) fn yes() -> bool {
    true
}

fn binding() -> Vec<AttestedLevel> {
    AttestedLevel::ALL
        .into_iter()
        .filter(|level| level.binds())
        .collect()
}

/// Returns the whole days from a time to another.
pub(super) fn days_between(time: Timestamp, now: Timestamp) -> i64 {
    now.as_second().saturating_sub(time.as_second()) / 86_400
}

/// Returns what is wrong: a code and a sentence.
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
        Some(days_between(time, now))
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
