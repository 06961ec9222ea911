//! Hashes the files of installed packages and compares them with what the packages'
//! `RECORD` says: the one check that finds a patched file which no metadata shows.
//!
//! Files are streamed, on several cores, each with a reader of its own.

mod hash;
mod plan;

use std::fmt;

use crate::carriers::{IntegrityFact, Loss, PackageFact};
use crate::image::{Error, Image};

/// Opens the image once more; each thread reads through one of its own.
pub type Open<'a> = dyn Fn() -> Result<Box<dyn Image + 'a>, String> + Sync + 'a;

/// Who wants to know how far hashing has come.
pub trait Progress: fmt::Debug + Send + Sync {
    /// So many bytes are about to be hashed, as far as the records say.
    fn start(&self, bytes: u64);
    /// So many more bytes were hashed.
    fn advance(&self, bytes: u64);
    /// Nothing more is to be done for this image.
    fn finish(&self);
}

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

/// Notes why something was not read, with the code that says it.
fn lose(losses: &mut Vec<Loss>, error: &Error) {
    let code = match error {
        Error::TooLarge { .. } => "over-limit",
        Error::TimedOut { .. } => "timed-out",
        Error::Damaged { .. } => "damaged",
        Error::Links { .. } | Error::NotFound { .. } | Error::WrongKind { .. } => "unreadable-file",
    };
    let loss = Loss {
        code,
        message: error.to_string(),
        partial: true,
    };
    let again = losses
        .iter()
        .any(|known| known.message == loss.message || (code == "timed-out" && known.code == code));
    if again || losses.len() > MAX_LOSSES {
        return;
    }
    losses.push(if losses.len() < MAX_LOSSES {
        loss
    } else {
        Loss {
            code: "unreadable-file",
            message: "more files of packages could not be read".to_owned(),
            partial: true,
        }
    });
}

/// More of them say nothing new.
const MAX_LOSSES: usize = 20;

fn text(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

#[cfg(test)]
mod tests;
