//! Hints for wrong arguments: the command or flag that was probably meant.

use std::ffi::OsString;
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Commands and flags of other programs, and what to write here.
const ELSEWHERE: [(&str, &str); 15] = [
    ("--colour", "--color"),
    ("--json", "--format json"),
    ("--ndjson", "--format ndjson"),
    ("--csv", "--format csv"),
    ("--html", "--format html"),
    ("--no-color", "--color never"),
    ("--no-colour", "--color never"),
    ("-f", "--format"),
    ("check", "verify"),
    ("compare", "diff"),
    ("info", "show"),
    ("inspect", "show"),
    ("list", "audit"),
    ("scan", "audit"),
    ("version", "--version"),
];

/// Flags that only some commands have, and what to do for the others.
const NOT_HERE: [(&str, &str); 3] = [
    (
        "--output",
        "only audit, merge and known build write to a file; here write '> FILE'",
    ),
    (
        "-j",
        "-j is for audit, the number of threads; --format json writes JSON",
    ),
    (
        "-o",
        "only audit, merge and known build write to a file; here write '> FILE'",
    ),
];

/// Removes the parser's own suggestions: of two hints, only one is right.
pub(super) fn without_tips(mut error: clap::Error) -> clap::Error {
    for kind in [
        ContextKind::Suggested,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedCommand,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ] {
        error.remove(kind);
    }
    error
}

/// Removes the advice to write `-- --flag` for an unknown flag. Nobody means a file of that name.
pub(super) fn without_escape(mut error: clap::Error) -> clap::Error {
    if error.kind() == ErrorKind::UnknownArgument {
        error.remove(ContextKind::Suggested);
    }
    error
}

/// Returns what to write instead, if the error names the wrong word.
pub(super) fn hint(error: &clap::Error, arguments: &[OsString]) -> Option<String> {
    let wrong = match error.kind() {
        ErrorKind::InvalidSubcommand => ContextKind::InvalidSubcommand,
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        _ => return None,
    };
    let ContextValue::String(word) = error.get(wrong)? else {
        return None;
    };
    let within = |command: &str| arguments.iter().any(|argument| argument == command);
    if wrong == ContextKind::InvalidSubcommand && within("known") {
        return Some(match &**word {
            "list" | "show" => "an index holds reports; `sqsh-prov known build` makes one, and the reports that it was made of list its images".to_owned(),
            _ => "write 'sqsh-prov known build'".to_owned(),
        });
    }
    if wrong == ContextKind::InvalidSubcommand && word == "history" {
        return Some("write 'sqsh-prov audit history'".to_owned());
    }
    let known = ELSEWHERE.iter().find(|(name, _)| name == word);
    if let Some((_, here)) = known {
        return Some(format!("write '{here}' in place of '{word}'"));
    }
    if let Some((_, said)) = NOT_HERE.iter().find(|(name, _)| name == word) {
        return Some((*said).to_owned());
    }
    let is_command = wrong == ContextKind::InvalidSubcommand;
    let place = arguments.iter().position(|argument| **argument == **word)?;
    if !is_command || !Path::new(arguments.get(place)?).exists() {
        return None;
    }
    let command = match Path::new(word).is_dir() {
        true => "audit",
        false => "show",
    };
    Some(format!(
        "'{word}' is there; write 'sqsh-prov {command} {word}'"
    ))
}
