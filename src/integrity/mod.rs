//! Hashes the files of installed packages and compares them with the packages' `RECORD`. No other
//! check finds a patched file that no metadata shows.
//!
//! Several cores stream the files, each through its own reader.

mod content;
mod hash;
mod losses;
mod others;
mod parallel;
mod plan;
mod room;
mod rows;
mod strangers;
mod surroundings;

use std::collections::BTreeSet;

use crate::carriers::{IntegrityFact, Loss, PackageFact};
use crate::limits::Limits;

use others::Others;
use parallel::Hashing;
use room::Room;

pub use content::{ContentError, content};
pub use parallel::{Open, Progress};
pub use surroundings::Surroundings;

/// The results of the checks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// Each checked package.
    pub packages: Vec<IntegrityFact>,
    /// What could not be checked, and why.
    pub losses: Vec<Loss>,
}

/// Checks these packages and the files beside them, one package after the other, to free the memory of
/// each. Of all other packages, checks the files that their records list.
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
            findings.losses.push(Loss::partial("damaged", message));
            return findings;
        }
    };
    if packages.len() > limits.checked_packages {
        let message = format!(
            "{} packages are over the limit checked_packages of {}; the files of the rest were not checked",
            packages.len(),
            limits.checked_packages
        );
        findings.losses.push(Loss::partial("over-limit", message));
    }
    let mut room = Room::new(*limits);
    for package in packages.iter().take(limits.checked_packages) {
        let (image, losses) = (image.as_ref(), &mut findings.losses);
        match plan::plan(image, package, &mut room, losses) {
            plan::Outcome::Plan(plan) => {
                let plans = std::slice::from_ref(&plan);
                let hashing = Hashing {
                    open,
                    room: &room,
                    progress,
                };
                for mut result in hash::all(hashing, plans, losses) {
                    if !plan.editable {
                        let found = strangers::strangers(image, &plan, around, &mut room, losses);
                        (result.extra, result.beside) = (found.own, found.beside);
                    }
                    room.keep(&mut result, losses);
                    findings.packages.push(result);
                }
            }
            plan::Outcome::NoRecord => {
                findings.packages.push(plan::without_record(package));
            }
            plan::Outcome::Nothing => {}
        }
    }
    let others = Others {
        open,
        image: image.as_ref(),
        progress,
    };
    let paths: BTreeSet<&str> = packages.iter().map(|it| it.path.as_str()).collect();
    let rest = around.packages.iter();
    let rest = rest.filter(|package| !paths.contains(package.path.as_str()));
    let rest: Vec<&PackageFact> = rest.collect();
    let found = others.check(&rest, around.packages, &mut room, &mut findings.losses);
    findings.packages.extend(found);
    if let Some(progress) = progress {
        progress.finish();
    }
    findings
}

#[cfg(test)]
mod limit_tests;
#[cfg(test)]
mod others_tests;
#[cfg(test)]
mod strangers_tests;
#[cfg(test)]
mod tests;
