//! The JSON document of `verify`: schema `sqsh-prov-verify/1`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::outcome::{Check, Level, Outcome, Status, Verdict, truncated};
use crate::finding::{Finding, Severity};
use crate::provenance::{Conflict, Origin, PathText, Warning};

/// The schema that this version writes.
pub const SCHEMA: &str = "sqsh-prov-verify/1";

/// The answer of `verify` about one image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// Always `sqsh-prov-verify/1`.
    pub schema: String,
    /// The image, as given; null where there is no file to look at.
    pub path: Option<PathText>,
    /// What the image is in the recipe, where one names it: `model.container`.
    pub role: Option<String>,
    /// The answer in one word.
    pub verdict: Verdict,
    /// How far the answer reaches.
    pub level: Level,
    /// Every check.
    pub checks: Vec<Check>,
    /// The policy that was applied.
    pub policy: Option<String>,
    /// What the policy found.
    pub findings: Vec<Finding>,
    /// Why the image is what it is: the codes of `origin.reasons`, and what its sources disagree on.
    #[serde(default)]
    pub why: Vec<String>,
    /// Why the image could not be read; null where it was.
    pub error: Option<String>,
    /// What the image says of itself, as in the document of `show`; null where it could not be read.
    pub origin: Option<Origin>,
}

impl Verification {
    /// The answer about an image that was read.
    #[must_use]
    pub fn new(path: Option<PathText>, outcome: Outcome, origin: Option<Origin>) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            path,
            role: None,
            verdict: outcome.verdict(),
            level: outcome.level,
            checks: outcome.checks,
            policy: None,
            findings: Vec::new(),
            why: Vec::new(),
            error: None,
            origin,
        }
    }

    /// The answer about an image that could not be read; the code says why.
    #[must_use]
    pub fn unreadable(path: PathText, code: &str, error: String) -> Self {
        let check = Check::new("file.readable", Status::Undecidable, code, error.clone());
        let mut answer = Self::new(Some(path), Outcome::of(vec![check]), None);
        answer.error = Some(error);
        answer
    }

    /// The answer about a file that ends too early to be opened.
    #[must_use]
    pub fn truncated(path: PathText, error: String) -> Self {
        let mut answer = Self::new(Some(path), Outcome::of(vec![truncated(&error)]), None);
        answer.error = Some(error);
        answer
    }

    /// The answer about the workers' image where it is in a registry: nothing can be said of it
    /// before it is imported.
    #[must_use]
    pub fn in_registry(text: &str) -> Self {
        let message = "it is in a registry, and no file to read; import it and give the IMAGE";
        let check = Check::new(
            "model.container",
            Status::Undecidable,
            "in-registry",
            message,
        )
        .actual(Some(text));
        let mut answer = Self::new(None, Outcome::of(vec![check]), None);
        answer.role = Some("model.container".to_owned());
        answer
    }

    /// The answer about an image that is in a registry, so that there is nothing to read.
    #[must_use]
    pub fn elsewhere(field: &str, text: &str) -> Self {
        let message = "there is no file of it: a registry reference, or an alias that nothing resolves (declared, not verifiable offline)";
        let check = Check::new(field, Status::Declared, "not-a-file", message).actual(Some(text));
        let mut answer = Self::new(None, Outcome::of(vec![check]), None);
        answer.role = Some(field.to_owned());
        answer
    }

    /// The answer about a layout or archive that has no image for the platform asked for.
    #[must_use]
    pub fn of_another_platform(path: PathText, wanted: &str, error: String) -> Self {
        let check = Check::new("platform", Status::Mismatch, "platform-differs", &error);
        let check = check.expected(wanted);
        let mut answer = Self::new(Some(path), Outcome::of(vec![check]), None);
        answer.error = Some(error);
        answer
    }

    /// Adds why the image is what it is: reasons, conflicts, and which files are later than the import.
    #[must_use]
    pub fn because(
        mut self,
        reasons: &[String],
        conflicts: &[Conflict],
        warnings: &[Warning],
    ) -> Self {
        let messages = conflicts.iter().map(|conflict| &conflict.message);
        let mut later = warnings.iter();
        let later = later.find(|warning| warning.code == "files-newer-than-import");
        let later = later.map(|warning| &warning.message);
        let all = reasons.iter().chain(later).chain(messages);
        self.why = all.cloned().collect();
        self
    }

    /// The same answer for a site that lets nothing through that it does not know: what could not be
    /// told is a mismatch.
    #[must_use]
    pub fn strict(mut self) -> Self {
        Outcome::be_strict(&mut self.checks);
        if self.verdict == Verdict::Undecidable {
            self.verdict = Verdict::Mismatch;
        }
        self
    }

    /// Adds what a policy found; an error is as good as a mismatch.
    #[must_use]
    pub fn with_findings(mut self, policy: &str, findings: Vec<Finding>) -> Self {
        if findings
            .iter()
            .any(|finding| finding.severity == Severity::Error)
        {
            self.verdict = Verdict::Mismatch;
        }
        self.policy = Some(policy.to_owned());
        self.findings = findings;
        self
    }
}
