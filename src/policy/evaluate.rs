//! Applies a policy to a document.

use jiff::Timestamp;
use pep440_rs::{Version, VersionSpecifiers};
use serde_json::Value;

use crate::contracts::{any_glob, glob_matches};
use crate::finding::{Finding, Severity};
use crate::provenance::{self, Kind, Provenance, Via};
use crate::reference::Reference;
use crate::verify::{STRICT, installed_packages};
use crate::words;

use super::attestation::{self, days_between};
use super::rules::{
    AgeRule, ConflictRule, Flag, FrameworkRule, KindRule, ListRule, Policy, RequiredRule, Since,
    Unknown,
};

struct Findings {
    all: Vec<Finding>,
    /// If true, "could not tell" is an error, unless the rule has `unknown = "ignore"`.
    strict: bool,
}

impl Findings {
    fn add(&mut self, code: &str, severity: Severity, message: String) {
        let mut known = words::findings_of_policies();
        debug_assert!(known.any(|known| known == code), "{code}");
        self.all.push(Finding {
            code: code.to_owned(),
            severity,
            message,
        });
    }

    /// Adds a finding that a rule does not hold. If "not known" is an error because the check is strict, so is this:
    /// whoever hides a fact must not be worse off than whoever states a wrong one.
    fn broken(
        &mut self,
        code: &str,
        unknown: Option<Unknown>,
        severity: Severity,
        message: String,
    ) {
        let raised = self.strict && severity != Severity::Error && unknown != Some(Unknown::Ignore);
        match raised {
            true => self.add(code, Severity::Error, format!("{message}{STRICT}")),
            false => self.add(code, severity, message),
        }
    }

    fn unknown(&mut self, code: &str, choice: Option<Unknown>, otherwise: Severity, message: &str) {
        self.not_known(code, Unknown::severity(choice, otherwise), message);
    }

    /// Adds a finding that something is not known, unless the severity is `None`.
    fn not_known(&mut self, code: &str, severity: Option<Severity>, message: &str) {
        match severity {
            None => {}
            Some(severity) if self.strict && severity != Severity::Error => {
                let message = format!("{message}{STRICT}");
                self.add(code, Severity::Error, message);
            }
            Some(severity) => self.add(code, severity, message.to_owned()),
        }
    }

    /// Applies a rule that holds or does not. `why` is added to its message.
    fn flag(&mut self, rule: Option<&Flag>, words: &Words, state: Option<bool>, why: &str) {
        let Some(rule) = rule.filter(|rule| rule.require) else {
            return;
        };
        let because = |message: &str| match why {
            "" => message.to_owned(),
            why => format!("{message}: {why}"),
        };
        match state {
            Some(true) => {}
            Some(false) => {
                let message = because(words.message);
                self.broken(words.code, rule.unknown, rule.severity, message);
            }
            None => self.unknown(
                &format!("{}-unknown", words.code),
                rule.unknown,
                rule.severity,
                &because(&format!("it is not known whether {}", words.wanted)),
            ),
        }
    }
}

/// Returns the findings of a policy, in the order of its options.
#[must_use]
pub fn evaluate(document: &Provenance, policy: &Policy, now: Timestamp) -> Vec<Finding> {
    let mut findings = Findings {
        all: Vec::new(),
        strict: policy.strict,
    };
    let origin = &document.origin;
    let whole = document.file.whole;
    let state = whole.map(|whole| whole && !document.is_partial());
    findings.flag(policy.whole.as_ref(), &WHOLE, state, "");
    if let Some(rule) = &policy.kinds {
        kinds(&mut findings, rule, origin.kind);
    }
    let why = words::against(origin);
    let state = origin.official;
    findings.flag(policy.official.as_ref(), &OFFICIAL, state, &why);
    if let Some(rule) = &policy.publishers {
        let name = origin.publisher.as_deref();
        list(&mut findings, rule, "policy-publisher", "publisher", name);
    }
    if let Some(rule) = policy.import.as_ref().filter(|rule| rule.require) {
        import(&mut findings, rule, document);
    }
    names(&mut findings, policy, document);
    if let Some(rule) = &policy.age {
        age(&mut findings, rule, document, now);
    }
    if let Some(rule) = &policy.labels {
        labels(&mut findings, rule, document);
    }
    if let Some(rule) = &policy.fields {
        fields(&mut findings, rule, document);
    }
    if let Some(rule) = &policy.conflicts {
        conflicts(&mut findings, rule, document);
    }
    let state = Some(!origin.modified_after_import);
    findings.flag(policy.unmodified.as_ref(), &UNMODIFIED, state, "");
    let state = origin.imported.as_ref().map(|_| !origin.moving);
    findings.flag(policy.fixed_tag.as_ref(), &FIXED_TAG, state, "");
    let state = origin.commit.as_ref().map(|commit| !commit.dirty);
    findings.flag(policy.clean_tree.as_ref(), &CLEAN_TREE, state, "");
    if let Some(rule) = policy.attestation.as_ref().filter(|rule| rule.require)
        && let Some((code, message)) = attestation::problem(rule, document, now)
    {
        findings.add(code, rule.severity, message);
    }
    if let Some(rule) = &policy.frameworks {
        frameworks(&mut findings, rule, document);
    }
    findings.all
}

/// The words for a rule that holds or does not.
struct Words {
    code: &'static str,
    /// The fact that the rule wants; the message says that it is not known.
    wanted: &'static str,
    /// The message for an image that breaks the rule.
    message: &'static str,
}

const WHOLE: Words = Words {
    code: "policy-not-whole",
    wanted: "the image is whole",
    message: "the image is truncated, or could be read in part only",
};
const OFFICIAL: Words = Words {
    code: "policy-not-official",
    wanted: "it is official",
    message: "it is not official",
};
const UNMODIFIED: Words = Words {
    code: "policy-modified",
    wanted: "it was not changed after the import",
    message: "it was changed after it was imported",
};
const FIXED_TAG: Words = Words {
    code: "policy-moving-tag",
    wanted: "it was imported under a tag that does not move",
    message: "it was imported under a tag that moves",
};
const CLEAN_TREE: Words = Words {
    code: "policy-dirty-tree",
    wanted: "it was built from a clean tree",
    message: "it was built from a tree with uncommitted changes",
};

/// Checks that the importer's own line names the publisher, or a mirror that the user names.
/// Worse evidence never gets a milder severity than better evidence.
fn import(findings: &mut Findings, rule: &Flag, document: &Provenance) {
    let origin = &document.origin;
    let says = |code: &str| origin.reasons.iter().any(|reason| reason == code);
    let warned = |code: &str| document.warnings.iter().any(|warning| warning.code == code);
    let line = origin
        .imported
        .as_ref()
        .filter(|it| it.via == Via::Registry);
    if says("import-unreadable") {
        let message = "the line about where it was pulled from has a form that no importer writes";
        let code = "policy-import-unreadable";
        findings.broken(code, rule.unknown, rule.severity, message.to_owned());
    } else if says("repository-not-official") || warned("unmapped-mirror") {
        let from = line.and_then(|import| import.reference.as_deref());
        let message = format!(
            "it was imported from {}, which is neither the publisher's nor a mirror that --mirror names",
            from.unwrap_or("elsewhere")
        );
        findings.broken(
            "policy-import-elsewhere",
            rule.unknown,
            rule.severity,
            message,
        );
    } else if line.is_none() {
        findings.unknown(
            "policy-import-unknown",
            rule.unknown,
            rule.severity,
            "no importer recorded which registry it was pulled from",
        );
    } else if says("import-line-may-be-a-label") {
        // Some genuine images have such a line, and nothing offline shows which: at most a warning, and an
        // error with --strict. A site that ignores a missing line ignores this one too.
        let chosen = Unknown::severity(rule.unknown, rule.severity);
        findings.not_known(
            "policy-import-unknown",
            chosen.min(Some(Severity::Warning)),
            "the line about its import may be a label that somebody wrote",
        );
    }
}

/// Checks the publisher, the registry and the repository.
fn names(findings: &mut Findings, policy: &Policy, document: &Provenance) {
    let import = document.origin.imported.as_ref();
    let reference = import.and_then(|import| import.reference.as_deref());
    let reference = reference.and_then(|text| Reference::parse(text).ok());
    let reference = reference.as_ref();
    if let Some(rule) = &policy.registries {
        let host = reference.map(|reference| reference.registry.as_str());
        list(findings, rule, "policy-registry", "registry", host);
    }
    if let Some(rule) = &policy.repositories {
        let name = reference.map(Reference::name);
        let name = name.as_deref();
        list(findings, rule, "policy-repository", "repository", name);
    }
}

fn labels(findings: &mut Findings, rule: &RequiredRule, document: &Provenance) {
    for label in &rule.require {
        let value = document.labels.get(label);
        if value.is_none_or(|value| value.trim().is_empty()) {
            let message = format!("it has no label {label}");
            findings.add("policy-label-missing", rule.severity, message);
        }
    }
}

fn fields(findings: &mut Findings, rule: &RequiredRule, document: &Provenance) {
    let document = provenance::to_value(document).unwrap_or_default();
    for field in &rule.require {
        if !is_known(&document, field) {
            let message = format!("{field} is not known");
            findings.add("policy-field-missing", rule.severity, message);
        }
    }
}

fn kinds(findings: &mut Findings, rule: &KindRule, kind: Kind) {
    let word = kind.as_str();
    if rule.forbid.contains(&kind) {
        let message = format!("its kind is {word}, which is forbidden");
        findings.broken(
            "policy-kind-forbidden",
            rule.unknown,
            rule.severity,
            message,
        );
    } else if !rule.require.is_empty() && !rule.require.contains(&kind) {
        if kind == Kind::Unknown {
            findings.unknown(
                "policy-kind-unknown",
                rule.unknown,
                rule.severity,
                "the image does not name its kind of build",
            );
        } else {
            let words: Vec<&str> = rule.require.iter().map(|kind| kind.as_str()).collect();
            let message = format!("its kind is {word}, not {}", words.join(" or "));
            findings.broken("policy-kind", rule.unknown, rule.severity, message);
        }
    }
}

fn list(findings: &mut Findings, rule: &ListRule, code: &str, what: &str, actual: Option<&str>) {
    let lower = |text: &str| text.to_ascii_lowercase();
    let matches = |globs: &[String], name: &str| {
        let mut globs = globs.iter().map(|glob| lower(glob));
        globs.any(|glob| glob_matches(&glob, &lower(name)))
    };
    match actual {
        None if rule.allow.is_empty() => {}
        None => findings.unknown(
            &format!("{code}-unknown"),
            rule.unknown,
            rule.severity,
            &format!("its {what} is not known"),
        ),
        Some(name) if matches(&rule.forbid, name) => {
            let message = format!("its {what} {name} is forbidden");
            let code = format!("{code}-forbidden");
            findings.broken(&code, rule.unknown, rule.severity, message);
        }
        Some(name) if !rule.allow.is_empty() && !matches(&rule.allow, name) => {
            let message = format!("its {what} {name} is not allowed");
            findings.broken(code, rule.unknown, rule.severity, message);
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
        let message = format!("when it was {verb} is not known");
        return findings.unknown("policy-age-unknown", rule.unknown, rule.severity, &message);
    };
    let (days, most) = (days_between(time, now), rule.max_days);
    if days > i64::from(most) {
        let message = format!("it was {verb} {days} days ago; more than {most} are too many");
        findings.broken("policy-age", rule.unknown, rule.severity, message);
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
            findings.add("policy-conflict", rule.severity, conflict.message.clone());
        }
    }
}

fn frameworks(findings: &mut Findings, rule: &FrameworkRule, document: &Provenance) {
    if document.is_without_files() {
        return unread(findings, rule);
    }
    for package in &rule.require {
        if !installed_packages(document, package).is_empty() {
            continue;
        }
        if document.is_partial() {
            let message = format!(
                "whether {package} is installed is not known: the image could be read in part only"
            );
            let code = "policy-framework-missing-unknown";
            findings.unknown(code, None, rule.severity, &message);
        } else {
            let message = format!("no package {package} is installed");
            findings.broken("policy-framework-missing", None, rule.severity, message);
        }
    }
    for (package, range) in &rule.versions {
        let Ok(range) = range.parse::<VersionSpecifiers>() else {
            continue;
        };
        for copy in installed_packages(document, package) {
            let why = match copy.version.parse::<Version>() {
                Ok(version) if range.contains(&version) => continue,
                Ok(_) => format!(", which is not {range}"),
                Err(_) => "; its version cannot be compared".to_owned(),
            };
            let message = format!("{} {} is installed{why}", copy.name, copy.version);
            findings.broken("policy-framework-version", None, rule.severity, message);
        }
    }
}

/// Answers about an image whose files were not read: nothing shows its packages, so each finding is at most a
/// warning, and an error only if the check is strict.
fn unread(findings: &mut Findings, rule: &FrameworkRule) {
    let severity = Some(rule.severity.min(Severity::Warning));
    let why = "the files of the image were not read";
    for package in &rule.require {
        let message = format!("whether {package} is installed is not known: {why}");
        findings.not_known("policy-framework-missing-unknown", severity, &message);
    }
    for (package, range) in &rule.versions {
        let message = format!("whether {package} is {range} is not known: {why}");
        findings.not_known("policy-framework-version-unknown", severity, &message);
    }
}
