//! The JSON document of `verify`: schema `sqsh-prov-verify/1`.

use serde::{Deserialize, Serialize};

use super::outcome::{Check, Level, Outcome, Verdict, truncated};
use crate::finding::{Finding, Severity};
use crate::provenance::{Conflict, Origin, PathText, Warning};

/// The schema that this version writes.
pub const SCHEMA: &str = "sqsh-prov-verify/1";

/// The answer of `verify` about one image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Verification {
    /// Always `sqsh-prov-verify/1`.
    pub schema: String,
    /// The path as given; null if there is no file to check.
    pub path: Option<PathText>,
    /// The image's role in the recipe, if there is one: `model.container`.
    pub role: Option<String>,
    /// The variants of the recipe that ask this of it; empty where the recipe has none, or one was chosen.
    #[serde(default)]
    pub variants: Vec<String>,
    /// The answer in one word.
    pub verdict: Verdict,
    /// How far the answer reaches.
    pub level: Level,
    /// Every check.
    pub checks: Vec<Check>,
    /// The name of the policy that was applied.
    pub policy: Option<String>,
    /// The policy's findings.
    pub findings: Vec<Finding>,
    /// Codes that explain the origin: those of `origin.reasons` and of its conflicts.
    #[serde(default)]
    pub why: Vec<String>,
    /// Why the image could not be read; null if it was read.
    pub error: Option<String>,
    /// The image's origin, as in the document of `show`; null if it could not be read.
    pub origin: Option<Origin>,
}

impl Verification {
    /// Returns the answer about an image that was read.
    #[must_use]
    pub fn new(path: Option<PathText>, outcome: Outcome, origin: Option<Origin>) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            path,
            role: None,
            variants: Vec::new(),
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

    /// Returns the answer about an image that could not be read; the code says why.
    #[must_use]
    pub fn unreadable(path: PathText, code: &str, error: String) -> Self {
        let check = Check::undecidable("file.readable", code, error.clone());
        Self::without_document(path, check, error)
    }

    /// Returns the answer about a file that ends too early to be opened.
    #[must_use]
    pub fn truncated(path: PathText, error: String) -> Self {
        Self::without_document(path, truncated(&error), error)
    }

    /// Returns the answer about a layout or archive without an image for the wanted platform.
    #[must_use]
    pub fn of_another_platform(path: PathText, wanted: &str, error: String) -> Self {
        let check = Check::mismatch("platform", "platform-differs", &error).expected(wanted);
        Self::without_document(path, check, error)
    }

    fn without_document(path: PathText, check: Check, error: String) -> Self {
        let mut answer = Self::new(Some(path), Outcome::of(vec![check]), None);
        answer.error = Some(error);
        answer
    }

    /// Returns the answer about an image that a recipe names and that is in a registry: nothing is known
    /// of it before it is imported.
    #[must_use]
    pub fn in_registry(field: &str, text: &str) -> Self {
        let message = match field {
            "model.container" => {
                "it is in a registry, and there is no file to read; import it and give the IMAGE"
            }
            _ => {
                "it is in a registry, and there is no file to read; import it and name the file in the recipe"
            }
        };
        let check = Check::undecidable(field, "in-registry", message).actual(Some(text));
        let mut answer = Self::new(None, Outcome::of(vec![check]), None);
        answer.role = Some(field.to_owned());
        answer
    }

    /// Adds what explains the origin: reasons, conflicts, and files newer than the import.
    #[must_use]
    pub fn because(
        mut self,
        reasons: &[String],
        conflicts: &[Conflict],
        warnings: &[Warning],
    ) -> Self {
        let messages = conflicts.iter().map(|conflict| &conflict.message);
        let mut warnings = warnings.iter();
        let later = warnings.find(|warning| warning.code == "files-newer-than-import");
        let later = later.map(|warning| &warning.message);
        let all = reasons.iter().chain(later).chain(messages);
        self.why = all.cloned().collect();
        self
    }

    /// Returns the answer for `--strict`: "could not tell" becomes a mismatch.
    #[must_use]
    pub fn strict(mut self) -> Self {
        Outcome::be_strict(&mut self.checks);
        if self.verdict == Verdict::Undecidable {
            self.verdict = Verdict::Mismatch;
        }
        self
    }

    /// Adds the findings of a policy; an error counts as a mismatch.
    #[must_use]
    pub fn with_findings(mut self, policy: &str, findings: Vec<Finding>) -> Self {
        if findings.iter().any(|it| it.severity == Severity::Error) {
            self.verdict = Verdict::Mismatch;
        }
        self.policy = Some(policy.to_owned());
        self.findings = findings;
        self
    }
}
