//! Hashes the files of installed packages and compares them with what the packages'
//! `RECORD` says: the one check that finds a patched file which no metadata shows.
//!
//! Files are streamed, on several cores, each with a reader of its own.

mod hash;
mod losses;
mod plan;

use crate::carriers::{IntegrityFact, Loss, PackageFact};

pub use hash::{Open, Progress};

/// What was found, and what could not be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// Each checked package.
    pub packages: Vec<IntegrityFact>,
    /// What could not be checked, and why.
    pub losses: Vec<Loss>,
}

/// Checks these packages. `all` are the packages of the image: what one of them lists
/// is no stranger in a directory that it shares with another.
#[must_use]
pub fn check(
    open: &Open<'_>,
    packages: &[&PackageFact],
    all: &[PackageFact],
    progress: Option<&dyn Progress>,
) -> Findings {
    let mut findings = Findings::default();
    let image = match open() {
        Ok(image) => image,
        Err(message) => {
            findings.losses.push(Loss {
                code: "damaged",
                message,
                partial: true,
            });
            return findings;
        }
    };
    let mut plans = Vec::new();
    for package in packages {
        match plan::plan(image.as_ref(), package, &mut findings.losses) {
            plan::Outcome::Plan(plan) => plans.push(plan),
            plan::Outcome::NoRecord => findings.packages.push(IntegrityFact {
                package: package.name.clone(),
                path: package.path.clone(),
                ..IntegrityFact::default()
            }),
            plan::Outcome::Nothing => {}
        }
    }
    let results = hash::all(open, &plans, progress, &mut findings.losses);
    for (plan, mut result) in plans.iter().zip(results) {
        let strangers = plan::strangers(image.as_ref(), plan, all, &mut findings.losses);
        result.extra = strangers;
        findings.packages.push(result);
    }
    if let Some(progress) = progress {
        progress.finish();
    }
    findings
}

#[cfg(test)]
mod tests;
