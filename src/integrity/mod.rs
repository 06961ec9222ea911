//! Hashes the files of installed packages and compares them with what the packages'
//! `RECORD` says: the one check that finds a patched file which no metadata shows.
//!
//! Files are streamed, on several cores, each with a reader of its own.

mod content;
mod hash;
mod losses;
mod parallel;
mod plan;
mod room;
mod rows;
mod strangers;
mod surroundings;

use crate::carriers::{IntegrityFact, Loss, PackageFact};
use crate::limits::Limits;

use room::Room;

pub use content::{ContentError, content};
pub use parallel::{Open, Progress};
pub use surroundings::Surroundings;

/// What was found, and what could not be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// Each checked package.
    pub packages: Vec<IntegrityFact>,
    /// What could not be checked, and why.
    pub losses: Vec<Loss>,
}

/// Checks these packages.
///
/// One after the other, so that what one of them takes is free for the next.
#[must_use]
pub fn check(
    open: &Open<'_>,
    packages: &[&PackageFact],
    around: &Surroundings<'_>,
    limits: &Limits,
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
    if packages.len() > limits.checked_packages {
        let message = format!(
            "{} packages are over the limit checked_packages of {}; the files of the rest were not checked",
            packages.len(),
            limits.checked_packages
        );
        findings
            .losses
            .push(plan::note("over-limit", message, true));
    }
    let mut room = Room::new(*limits);
    for package in packages.iter().take(limits.checked_packages) {
        match plan::plan(image.as_ref(), package, &mut room, &mut findings.losses) {
            plan::Outcome::Plan(plan) => {
                let mut result = hash::all(open, &plan, &room, progress, &mut findings.losses);
                let image = image.as_ref();
                let strangers =
                    strangers::strangers(image, &plan, around, &mut room, &mut findings.losses);
                (result.extra, result.beside) = (strangers.own, strangers.beside);
                room.keep(&mut result, &mut findings.losses);
                findings.packages.push(result);
            }
            plan::Outcome::NoRecord => findings.packages.push(IntegrityFact {
                package: package.name.clone(),
                path: package.path.clone(),
                ..IntegrityFact::default()
            }),
            plan::Outcome::Nothing => {}
        }
    }
    if let Some(progress) = progress {
        progress.finish();
    }
    findings
}

#[cfg(test)]
mod limit_tests;
#[cfg(test)]
mod strangers_tests;
#[cfg(test)]
mod tests;
