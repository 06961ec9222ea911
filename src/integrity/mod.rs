//! Hashes the files of installed packages and compares them with what the packages'
//! `RECORD` says: the one check that finds a patched file which no metadata shows.
//!
//! Files are streamed, on several cores, each with a reader of its own.

mod hash;
mod losses;
mod plan;
mod room;
mod rows;

use crate::carriers::{IntegrityFact, Loss, PackageFact};
use crate::limits::Limits;

use room::Room;

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
///
/// One after the other, so that what one of them takes is free for the next.
#[must_use]
pub fn check(
    open: &Open<'_>,
    packages: &[&PackageFact],
    all: &[PackageFact],
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
    let mut room = Room::new(*limits);
    for package in packages {
        match plan::plan(image.as_ref(), package, &mut room, &mut findings.losses) {
            plan::Outcome::Plan(plan) => {
                let mut result = hash::all(open, &plan, &room, progress, &mut findings.losses);
                result.extra =
                    plan::strangers(image.as_ref(), &plan, all, &mut room, &mut findings.losses);
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
mod tests;
