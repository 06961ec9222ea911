//! Checks whether an image is the expected one: a list of checks, and how far they reach.
//!
//! No check reads the image again. What the document does not decide is *undecidable*, and what
//! happens only when the job runs is *declared*. Neither is a mismatch.

mod attested;
pub mod document;
mod expectations;
mod frameworks;
mod image;
mod importer;
mod intact;
mod origin;
mod outcome;
pub mod recipe;

use crate::partial::PARTIAL_WARNINGS;
use crate::provenance::Provenance;
use crate::words;

pub use expectations::{Expectations, ExpectedFramework, ExpectedImage, UsageError, commit_prefix};
pub(crate) use frameworks::installed as installed_packages;
pub(crate) use image::NO_DIGEST;
pub use origin::platform_of;
pub(crate) use outcome::STRICT;
pub use outcome::{Check, Level, Outcome, Rules, Status, Verdict, truncated};

/// Checks one image. One of the checks is always that the file is whole.
#[must_use]
pub fn check(document: &Provenance, expectations: &Expectations, rules: Rules<'_>) -> Outcome {
    let mut checks = vec![whole(document)];
    let truncated = document.file.whole == Some(false);
    if document.is_partial() && !truncated {
        checks.push(in_part(document));
    }
    if let Some(platform) = &expectations.platform {
        checks.push(origin::platform(document, platform));
    }
    if expectations.recipe_is_silent {
        checks.push(Check::new(
            "recipe",
            Status::Declared,
            "recipe-expects-nothing",
            "the recipe expects nothing of this image: neither identity.container.image nor identity.frameworks is set",
        ));
    }
    checks.extend(intact::checks(document));
    for expected in &expectations.images {
        checks.push(image::check(document, expected, rules, expectations.strict));
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
    if expectations.attested {
        checks.push(attested::check(document, &expectations.attested_by));
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
    if expectations.packages && document.is_without_files() {
        checks.push(frameworks::unlisted("packages"));
    }
    Outcome::of(checks)
}

/// Returns the check that names what of the image could not be read, by the codes of its warnings.
fn in_part(document: &Provenance) -> Check {
    let codes = document.warnings.iter().map(|warning| &warning.code);
    let codes = codes.filter(|code| PARTIAL_WARNINGS.contains(&code.as_str()));
    let message = format!(
        "part of the image could not be read ({}): it may contain something else",
        words::list(codes)
    );
    Check::undecidable("file.readable", "image-read-in-part", message)
}

/// Checks that the file is whole. A shorter one would not start.
fn whole(document: &Provenance) -> Check {
    match document.file.whole {
        Some(true) => Check::ok("file.whole", "whole", "all of the image is in the file"),
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

#[cfg(test)]
mod tests;
