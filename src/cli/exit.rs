//! Exit codes, the same for every command.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::process::ExitCode;

use sqsh_prov::report::escape;

use super::output;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Answered, or everything holds.
    Success,
    /// A check failed, a finding is an error, or two images differ.
    Failed,
    /// Could not tell: unreadable, damaged, over a limit; also an answer in part.
    CouldNotTell,
    /// Wrong usage, or a file of the user's own that cannot be used.
    Usage,
    /// Interrupted; what was done by then is printed.
    Interrupted,
}

impl Exit {
    /// Returns the worse of two, for a command with several images.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Interrupted, _) | (_, Self::Interrupted) => Self::Interrupted,
            (Self::Usage, _) | (_, Self::Usage) => Self::Usage,
            (Self::CouldNotTell, _) | (_, Self::CouldNotTell) => Self::CouldNotTell,
            (Self::Failed, _) | (_, Self::Failed) => Self::Failed,
            (Self::Success, Self::Success) => Self::Success,
        }
    }

    /// Returns the exit of a check that saw only a part, or found something wrong.
    pub(super) fn of_check(partial: bool, failed: bool) -> Self {
        match (partial, failed) {
            (true, _) => Self::CouldNotTell,
            (false, true) => Self::Failed,
            (false, false) => Self::Success,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Failed => 1,
            Exit::CouldNotTell => 2,
            Exit::Usage => 64,
            Exit::Interrupted => 130,
        })
    }
}

/// What is wrong with the way that the program was called.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

/// Returns the error for a wrong use of the program.
pub(super) fn usage(message: impl fmt::Display) -> anyhow::Error {
    Usage(message.to_string()).into()
}

/// Prints what the parser of arguments says, and returns the exit: help is an answer, the rest is wrong usage.
/// The text repeats arguments, and an argument may be the name of a hostile file.
pub(super) fn from_clap(error: &clap::Error, arguments: &[OsString]) -> Exit {
    let hostile = |argument: &OsString| {
        let text = argument.to_string_lossy();
        text.chars().any(escape::is_hostile)
    };
    let printed = if arguments.iter().any(hostile) {
        output::complain(error.render().to_string().trim_end());
        Ok(())
    } else {
        error.print()
    };
    match printed {
        Err(failure) if failure.kind() != io::ErrorKind::BrokenPipe => Exit::CouldNotTell,
        _ if error.use_stderr() => Exit::Usage,
        _ => Exit::Success,
    }
}

/// Returns an error with its causes. The message of an error often ends with that of its cause, which is then
/// left out.
fn told(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain() {
        let text = cause.to_string();
        if told.ends_with(&text) {
            continue;
        }
        if !told.is_empty() {
            told.push_str(": ");
        }
        told.push_str(&text);
    }
    told
}

/// Prints what went wrong, and returns the exit.
pub(super) fn report(error: &anyhow::Error, quiet: bool) -> Exit {
    if !quiet {
        output::complain(&told(error));
        let known = error.downcast_ref::<sqsh_prov::Error>();
        output::excerpt(known.and_then(sqsh_prov::Error::excerpt));
    }
    if error.is::<Usage>() {
        Exit::Usage
    } else {
        Exit::CouldNotTell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_wins_over_one_and_zero_and_wrong_usage_over_all() {
        assert_eq!(Exit::Success.and(Exit::CouldNotTell), Exit::CouldNotTell);
        assert_eq!(Exit::CouldNotTell.and(Exit::Success), Exit::CouldNotTell);
        assert_eq!(Exit::CouldNotTell.and(Exit::Failed), Exit::CouldNotTell);
        assert_eq!(Exit::Failed.and(Exit::Success), Exit::Failed);
        assert_eq!(Exit::CouldNotTell.and(Exit::Usage), Exit::Usage);
        assert_eq!(Exit::Success.and(Exit::Success), Exit::Success);
    }

    #[test]
    fn a_report_that_cannot_be_written_is_no_success() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::BrokenPipe] {
            let error = anyhow::Error::from(io::Error::from(kind)).context("writing");
            assert_eq!(report(&error, true), Exit::CouldNotTell);
        }
    }
}
