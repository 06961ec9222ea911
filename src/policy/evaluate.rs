//! Applying a policy to a document.

use jiff::Timestamp;
use pep440_rs::{Version, VersionSpecifiers};
use serde_json::Value;

use crate::contracts::any_glob;
use crate::finding::{Finding, Severity};
use crate::provenance::{self, Kind, Provenance};
use crate::reference::Reference;
use crate::verify::installed_packages;

use super::{
    AgeRule, CODES, ConflictRule, Flag, FrameworkRule, KindRule, ListRule, Policy, Since, Unknown,
};

/// Fields of the document that a policy can require.
pub(super) const FIELDS: [&str; 17] = [
    "origin.commit.id",
    "origin.commit.repository",
    "origin.created",
    "origin.imported.digest",
    "origin.imported.reference",
    "origin.imported.tag",
    "origin.imported.uri",
    "origin.official",
    "origin.pipeline.build",
    "origin.pipeline.id",
    "origin.pipeline.url",
    "origin.product",
    "origin.public_reference",
    "origin.publisher",
    "origin.pull.reference",
    "origin.version",
    "os.architecture",
];

struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, code: &str, severity: Severity, message: String) {
        debug_assert!(CODES.contains(&code), "{code}");
        self.0.push(Finding {
            code: code.to_owned(),
            severity,
            message,
        });
    }

    fn unknown(&mut self, code: &str, choice: Option<Unknown>, otherwise: Severity, message: &str) {
        if let Some(severity) = Unknown::severity(choice, otherwise) {
            self.add(code, severity, message.to_owned());
        }
    }
}

/// What the policy finds, in the order of its options.
#[must_use]
pub fn evaluate(document: &Provenance, policy: &Policy, now: Timestamp) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    let origin = &document.origin;
    let import = origin.imported.as_ref();
    let reference = import
        .and_then(|import| import.reference.as_deref())
        .and_then(|text| Reference::parse(text).ok());
    if let Some(rule) = &policy.whole {
        let whole = document.file.whole;
        let state = whole.map(|whole| whole && !document.is_partial());
        flag(
            &mut findings,
            rule,
            "policy-not-whole",
            state,
            (
                "the image is whole",
                "the image is truncated, or could be read in part only",
            ),
        );
    }
    if let Some(rule) = &policy.kinds {
        kinds(&mut findings, rule, origin.kind);
    }
    if let Some(rule) = &policy.official {
        flag(
            &mut findings,
            rule,
            "policy-not-official",
            origin.official,
            ("it is official", "it is not official"),
        );
    }
    if let Some(rule) = &policy.publishers {
        list(
            &mut findings,
            rule,
            "policy-publisher",
            "publisher",
            origin.publisher.as_deref(),
        );
    }
    if let Some(rule) = &policy.registries {
        let host = reference
            .as_ref()
            .map(|reference| reference.registry.as_str());
        list(&mut findings, rule, "policy-registry", "registry", host);
    }
    if let Some(rule) = &policy.repositories {
        let name = reference.as_ref().map(Reference::name);
        list(
            &mut findings,
            rule,
            "policy-repository",
            "repository",
            name.as_deref(),
        );
    }
    if let Some(rule) = &policy.age {
        age(&mut findings, rule, document, now);
    }
    if let Some(rule) = &policy.labels {
        for label in &rule.require {
            if document
                .labels
                .get(label)
                .is_none_or(|value| value.trim().is_empty())
            {
                findings.add(
                    "policy-label-missing",
                    rule.severity,
                    format!("it has no label {label}"),
                );
            }
        }
    }
    if let Some(rule) = &policy.fields {
        let document = provenance::to_value(document).unwrap_or_default();
        for field in &rule.require {
            if !is_known(&document, field) {
                findings.add(
                    "policy-field-missing",
                    rule.severity,
                    format!("{field} is not known"),
                );
            }
        }
    }
    if let Some(rule) = &policy.conflicts {
        conflicts(&mut findings, rule, document);
    }
    if let Some(rule) = &policy.unmodified {
        let state = Some(!origin.modified_after_import);
        flag(
            &mut findings,
            rule,
            "policy-modified",
            state,
            (
                "it was changed after it was imported",
                "it was changed after it was imported",
            ),
        );
    }
    if let Some(rule) = &policy.fixed_tag {
        let state = import.map(|_| !origin.moving);
        flag(
            &mut findings,
            rule,
            "policy-moving-tag",
            state,
            (
                "it was imported under a tag that moves",
                "it was imported under a tag that moves",
            ),
        );
    }
    if let Some(rule) = &policy.clean_tree {
        let state = origin.commit.as_ref().map(|commit| !commit.dirty);
        flag(
            &mut findings,
            rule,
            "policy-dirty-tree",
            state,
            (
                "it was built from a clean tree",
                "it was built from a tree with changes that are not in the commit",
            ),
        );
    }
    if let Some(rule) = &policy.frameworks {
        frameworks(&mut findings, rule, document);
    }
    findings.0
}

fn flag(
    findings: &mut Findings,
    rule: &Flag,
    code: &str,
    state: Option<bool>,
    (wanted, message): (&str, &str),
) {
    if !rule.require {
        return;
    }
    match state {
        Some(true) => {}
        Some(false) => findings.add(code, rule.severity, message.to_owned()),
        None => findings.unknown(
            &format!("{code}-unknown"),
            rule.unknown,
            rule.severity,
            &format!("it is not known whether {wanted}"),
        ),
    }
}

fn kinds(findings: &mut Findings, rule: &KindRule, kind: Kind) {
    let word = kind.as_str();
    if rule.forbid.contains(&kind) {
        findings.add(
            "policy-kind-forbidden",
            rule.severity,
            format!("its kind is {word}, which is forbidden"),
        );
    } else if !rule.require.is_empty() && !rule.require.contains(&kind) {
        if kind == Kind::Unknown {
            findings.unknown(
                "policy-kind-unknown",
                rule.unknown,
                rule.severity,
                "the image does not say what kind of build it is",
            );
        } else {
            let words: Vec<&str> = rule.require.iter().map(|kind| kind.as_str()).collect();
            findings.add(
                "policy-kind",
                rule.severity,
                format!("its kind is {word}, not {}", words.join(" or ")),
            );
        }
    }
}

fn list(findings: &mut Findings, rule: &ListRule, code: &str, what: &str, actual: Option<&str>) {
    match actual {
        None if rule.allow.is_empty() => {}
        None => findings.unknown(
            &format!("{code}-unknown"),
            rule.unknown,
            rule.severity,
            &format!("its {what} is not known"),
        ),
        Some(name) if any_glob(&rule.forbid, name) => {
            findings.add(
                &format!("{code}-forbidden"),
                rule.severity,
                format!("its {what} {name} is forbidden"),
            );
        }
        Some(name) if !rule.allow.is_empty() && !any_glob(&rule.allow, name) => {
            findings.add(
                code,
                rule.severity,
                format!("its {what} {name} is not one that is allowed"),
            );
        }
        Some(_) => {}
    }
}

fn age(findings: &mut Findings, rule: &AgeRule, document: &Provenance, now: Timestamp) {
    let (time, verb) = match rule.since {
        Since::Created => (document.origin.created.as_deref(), "built"),
        Since::Packed => (document.file.packed_at.as_deref(), "packed"),
    };
    let Some(time) = time.and_then(|time| time.parse::<Timestamp>().ok()) else {
        findings.unknown(
            "policy-age-unknown",
            rule.unknown,
            rule.severity,
            &format!("when it was {verb} is not known"),
        );
        return;
    };
    let days = now.as_second().saturating_sub(time.as_second()) / 86_400;
    if days > i64::from(rule.max_days) {
        findings.add(
            "policy-age",
            rule.severity,
            format!(
                "it was {verb} {days} days ago; more than {} are too many",
                rule.max_days
            ),
        );
    }
}

fn is_known(document: &Value, field: &str) -> bool {
    document
        .pointer(&format!("/{}", field.replace('.', "/")))
        .is_some_and(|value| !value.is_null())
}

fn conflicts(findings: &mut Findings, rule: &ConflictRule, document: &Provenance) {
    for conflict in &document.conflicts {
        if any_glob(&rule.forbid, &conflict.code) && !any_glob(&rule.allow, &conflict.code) {
            findings.add(
                "policy-conflict",
                rule.severity,
                format!("{}: {}", conflict.code, conflict.message),
            );
        }
    }
}

fn frameworks(findings: &mut Findings, rule: &FrameworkRule, document: &Provenance) {
    for package in &rule.require {
        if installed_packages(document, package).is_empty() {
            findings.add(
                "policy-framework-missing",
                rule.severity,
                format!("no package {package} is installed"),
            );
        }
    }
    for (package, range) in &rule.versions {
        let Ok(range) = range.parse::<VersionSpecifiers>() else {
            continue;
        };
        for copy in installed_packages(document, package) {
            match copy.version.parse::<Version>() {
                Ok(version) if range.contains(&version) => {}
                Ok(_) => findings.add(
                    "policy-framework-version",
                    rule.severity,
                    format!(
                        "{} {} is installed, which is not {range}",
                        copy.name, copy.version
                    ),
                ),
                Err(_) => findings.add(
                    "policy-framework-version",
                    rule.severity,
                    format!(
                        "{} {} is installed, whose version cannot be compared",
                        copy.name, copy.version
                    ),
                ),
            }
        }
    }
}
