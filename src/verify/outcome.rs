//! Checks and their results.

use serde::{Deserialize, Serialize};

use crate::contracts::Contracts;
use crate::given::without_numbers;
use crate::redact;

/// The end of a message about something that is a mismatch only because the check is strict.
pub(crate) const STRICT: &str = "; under --strict that is a mismatch";

/// The result of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The image is what was expected.
    Ok,
    /// The job decides when it starts.
    Declared,
    /// The image does not say enough.
    Undecidable,
    /// The image is something else.
    Mismatch,
}

/// How far an answer reaches; the first is the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The same digest.
    Digest,
    /// The same repository and tag.
    Reference,
    /// The same commit.
    Commit,
    /// The same version of a framework.
    Framework,
    /// No part of the expected identity could be checked.
    Declared,
}

/// One expectation, and what the image says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Check {
    /// What was checked: `container.image`, `commit`, `frameworks.vllm`, `file.whole` …
    pub field: String,
    /// What was expected.
    pub expected: Option<String>,
    /// What the image says.
    pub actual: Option<String>,
    /// The result.
    pub status: Status,
    /// How far it reaches, if it holds.
    pub level: Option<Level>,
    /// Stable, kebab-case.
    pub code: String,
    /// One sentence for a person.
    pub message: String,
}

impl Check {
    /// Masks secrets in its texts: a recipe's reference may contain a password, and an answer goes into logs.
    pub(super) fn new(
        field: impl Into<String>,
        status: Status,
        code: &str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into(),
            expected: None,
            actual: None,
            status,
            level: None,
            code: code.to_owned(),
            message: redact::text(&without_numbers(&message.into())).into_owned(),
        }
    }

    pub(super) fn ok(field: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self::new(field, Status::Ok, code, message)
    }

    pub(super) fn undecidable(
        field: impl Into<String>,
        code: &str,
        message: impl Into<String>,
    ) -> Self {
        Self::new(field, Status::Undecidable, code, message)
    }

    pub(super) fn mismatch(
        field: impl Into<String>,
        code: &str,
        message: impl Into<String>,
    ) -> Self {
        Self::new(field, Status::Mismatch, code, message)
    }

    pub(super) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(redact::text(&expected.into()).into_owned());
        self
    }

    pub(super) fn actual(mut self, actual: Option<impl Into<String>>) -> Self {
        self.actual = actual.map(|actual| redact::text(&actual.into()).into_owned());
        self
    }

    pub(super) fn level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }
}

/// All checks of one image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Every check, in the order of the expectations.
    pub checks: Vec<Check>,
    /// The strongest level of the checks that hold.
    pub level: Level,
}

/// The answer in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything that could be checked holds.
    Holds,
    /// Something is not as expected.
    Mismatch,
    /// Nothing contradicts the expectations, but something could not be decided.
    Undecidable,
}

impl Outcome {
    pub(crate) fn of(checks: Vec<Check>) -> Self {
        let level = checks
            .iter()
            .filter(|check| check.status == Status::Ok)
            .filter_map(|check| check.level)
            .min()
            .unwrap_or(Level::Declared);
        Self { checks, level }
    }

    /// Turns "could not tell" into a mismatch, for a site that accepts only what it knows.
    /// The codes stay, and say why.
    pub(crate) fn be_strict(checks: &mut [Check]) {
        for check in checks {
            if check.status == Status::Undecidable {
                check.status = Status::Mismatch;
                check.message.push_str(STRICT);
            }
        }
    }

    /// Returns the answer in one word. A mismatch is certain, whatever else could not be decided.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let has = |status| self.checks.iter().any(|check| check.status == status);
        if has(Status::Mismatch) {
            Verdict::Mismatch
        } else if has(Status::Undecidable) {
            Verdict::Undecidable
        } else {
            Verdict::Holds
        }
    }
}

/// What checks need in addition to the document.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The contracts, which say what tags mean.
    pub contracts: &'a Contracts,
    /// Pairs of a mirror's prefix and the prefix that it mirrors.
    pub mirrors: &'a [(String, String)],
}

/// Returns the check that fails for a file that ends too early.
#[must_use]
pub fn truncated(message: &str) -> Check {
    Check::mismatch("file.whole", "truncated", message)
        .expected("whole")
        .actual(Some("truncated"))
}
