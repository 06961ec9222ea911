//! Whether an image is what somebody expects: a list of checks, and how far they reach.
//!
//! Nothing is read again here. What cannot be decided from the document is *undecidable*,
//! and what happens only when the job runs is *declared*; neither is a mismatch.

pub mod document;
mod expectations;
mod frameworks;
mod image;
mod origin;
pub mod recipe;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::contracts::Contracts;
use crate::provenance::{Integrity, Provenance};
use crate::redact;

pub use expectations::{Expectations, ExpectedFramework, ExpectedImage, UsageError, commit_prefix};
pub(crate) use frameworks::installed as installed_packages;
pub use frameworks::normalised as normalised_package;

/// What became of one check.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The image is what was expected.
    Ok,
    /// It will only be so, or not, when the job runs.
    Declared,
    /// The image does not say enough.
    Undecidable,
    /// The image is something else.
    Mismatch,
}

/// How far an answer reaches; the first is the strongest.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
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
    /// Nothing of the expected identity could be checked.
    Declared,
}

/// One thing that was expected, and what the image says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// What was checked: `container.image`, `commit`, `frameworks.vllm`, `file.whole` …
    pub field: String,
    /// What was expected.
    pub expected: Option<String>,
    /// What the image says.
    pub actual: Option<String>,
    /// What became of it.
    pub status: Status,
    /// How far it reaches, where it holds.
    pub level: Option<Level>,
    /// Stable, kebab-case.
    pub code: String,
    /// One sentence for a person.
    pub message: String,
}

impl Check {
    /// A recipe's reference may have a password in it, and an answer goes into logs.
    fn new(
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
            message: redact::text(&message.into()).into_owned(),
        }
    }

    fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(redact::text(&expected.into()).into_owned());
        self
    }

    fn actual(mut self, actual: Option<impl Into<String>>) -> Self {
        self.actual = actual.map(|actual| redact::text(&actual.into()).into_owned());
        self
    }

    fn level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }
}

/// All checks of one image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Every check, in the order of the expectations.
    pub checks: Vec<Check>,
    /// The strongest level that a check which holds reaches.
    pub level: Level,
}

/// The answer in one word.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything that could be checked holds.
    Holds,
    /// Something is not as expected.
    Mismatch,
    /// Nothing contradicts, but something could not be decided.
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

    /// The answer in one word: a mismatch is certain, whatever else could not be decided.
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

/// What checks need to know beside the document.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// Tags mean what the publishers' contracts say.
    pub contracts: &'a Contracts,
    /// Pairs of a mirror's prefix and what it mirrors.
    pub mirrors: &'a [(String, String)],
}

/// Checks one image. The file being whole is always one of the checks.
#[must_use]
pub fn check(document: &Provenance, expectations: &Expectations, rules: Rules<'_>) -> Outcome {
    let mut checks = vec![whole(document)];
    let truncated = document.file.whole == Some(false);
    if document.is_partial() && !truncated {
        checks.push(Check::new(
            "file.readable",
            Status::Undecidable,
            "image-read-in-part",
            "part of the image could not be read, so that what is in it may differ from what was read",
        ));
    }
    let packages = document.integrity.iter().flatten();
    checks.extend(packages.map(intact));
    for expected in &expectations.images {
        checks.push(image::check(document, expected, rules));
    }
    if let Some(commit) = &expectations.commit {
        checks.push(origin::commit(document, commit));
    }
    if !expectations.kinds.is_empty() {
        checks.push(origin::kind(document, &expectations.kinds));
    }
    if expectations.official {
        checks.push(origin::official(document));
    }
    if !expectations.publishers.is_empty() {
        checks.push(origin::publisher(document, &expectations.publishers));
    }
    for framework in &expectations.frameworks {
        checks.push(frameworks::check(
            document,
            framework,
            expectations.compatible,
        ));
    }
    Outcome::of(checks)
}

/// An image that is shorter than it says would not start.
fn whole(document: &Provenance) -> Check {
    match document.file.whole {
        Some(true) => Check::new(
            "file.whole",
            Status::Ok,
            "whole",
            "the file is as long as the image in it",
        ),
        Some(false) => {
            truncated("the file is shorter than the image in it; import or copy it again")
        }
        None => Check::new(
            "file.whole",
            Status::Declared,
            "whole-unknown",
            "an image of this form does not say how long it is (not verifiable offline)",
        ),
    }
    .expected("whole")
}

/// With the files hashed: those of a package are what its own record says.
fn intact(package: &Integrity) -> Check {
    let field = format!("integrity.{}", package.package);
    let different = package.changed.iter().chain(&package.missing);
    let first: Vec<&str> = different.clone().take(3).map(String::as_str).collect();
    let count = different.count();
    if count == 0 {
        let message = format!("{} files are what the package's record says", package.files);
        return Check::new(field, Status::Ok, "files-intact", message);
    }
    let more = count.saturating_sub(first.len());
    let more = if more > 0 {
        format!(", and {more} more")
    } else {
        String::new()
    };
    let message = "files are missing, or not what the package's record says";
    Check::new(field, Status::Mismatch, "files-changed", message)
        .expected("files as recorded")
        .actual(Some(format!("{}{more}", first.join(", "))))
}

/// The check that fails for a file that ends too early.
#[must_use]
pub fn truncated(message: &str) -> Check {
    Check::new("file.whole", Status::Mismatch, "truncated", message)
        .expected("whole")
        .actual(Some("truncated"))
}

#[cfg(test)]
mod tests;
