//! The command line: flags, and one file per command.

mod attest;
mod attesting;
mod audit;
mod build_args;
mod commands;
mod completions;
mod confine;
mod contracts;
mod diff;
mod exit;
mod global;
mod guess;
mod known;
mod lint;
mod man;
mod merge;
mod output;
mod parts;
mod place;
mod progress;
#[cfg(test)]
mod reference;
mod replace;
mod report_flags;
mod schema;
mod show;
mod sink;
mod verify;
mod within;

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _, Parser};

use commands::{Command, NAMES};
pub use exit::Exit;
use global::Global;

/// Say which pipeline built a container image file, from which commit, and which public image it is.
///
/// Reads only the file: uses no network, no mount and no root, and runs nothing in the image.
#[derive(Debug, Parser)]
#[command(name = "sqsh-prov", version = env!("SQSH_PROV_VERSION"), max_term_width = 100, after_help = EXIT_CODES)]
struct Program {
    #[command(flatten)]
    global: Global,
}

const EXIT_CODES: &str = "Exit codes:
  0    answered, or everything holds
  1    a check failed, a finding is an error, or two images differ
  2    could not tell: unreadable, damaged, over a limit; also an answer in part
  64   wrong usage
  130  interrupted";

/// Runs the program with these arguments, the first being its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let (command, global) = match parse(&arguments) {
        Ok(asked) => asked,
        Err(error) => {
            let hint = guess::hint(&error, &arguments);
            let error = match hint {
                Some(_) => guess::without_tips(error),
                None => guess::without_escape(error),
            };
            let exit = exit::from_clap(&error, &arguments);
            if let Some(hint) = hint {
                output::complain(&hint);
            }
            return exit;
        }
    };
    let answer = match &command {
        Command::Show(command) => command.run(&global),
        Command::Verify(command) => command.run(&global),
        Command::Audit(command) => command.run(&global),
        Command::Attest(command) => command.run(&global),
        Command::Known(command) => command.run(&global),
        Command::Merge(command) => command.run(&global),
        Command::Diff(command) => command.run(&global),
        Command::BuildArgs(command) => command.run(&global),
        Command::Lint(command) => command.run(&global),
        Command::Contracts(command) => command.run(&global),
        Command::Schema(command) => command.run(),
        Command::Completions(command) => command.run(program(NAMES)),
        Command::Man(command) => command.run(program(NAMES)),
    };
    answer.unwrap_or_else(|error| exit::report(&error, global.quiet))
}

/// Returns the program with these commands.
fn program(names: &[&str]) -> clap::Command {
    Command::add(Program::command(), names)
        .subcommand_required(true)
        .arg_required_else_help(true)
}

/// Parses the arguments. Builds only the command that seems to be called, which is faster. Errors and
/// help come from the whole program.
fn parse(arguments: &[OsString]) -> Result<(Command, Global), clap::Error> {
    let words = arguments.iter().skip(1).filter_map(|word| word.to_str());
    let called = words.filter(|word| NAMES.contains(word)).take(1);
    let one = program(&called.collect::<Vec<_>>()).try_get_matches_from(arguments);
    let mut matches = match one {
        Err(error) if error.kind() != ErrorKind::DisplayVersion => {
            program(NAMES).try_get_matches_from(arguments)?
        }
        answer => answer?,
    };
    let told = |error: clap::Error| error.format(&mut program(NAMES));
    let command = Command::called(&mut matches).map_err(told)?;
    let program = Program::from_arg_matches_mut(&mut matches).map_err(told)?;
    Ok((command, program.global))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::FromArgMatches as _;

    use super::{Command, NAMES, Program, parse, program};

    #[test]
    fn the_flags_are_consistent() {
        program(NAMES).debug_assert();
    }

    #[test]
    fn an_answer_is_the_same_with_one_command_and_with_all() {
        for line in [
            "",
            "--version",
            "-V show",
            "help show",
            "show",
            "show --help",
            "show --bad a.sqsh",
            "show a.sqsh",
            "sho a.sqsh",
            "show verify diff",
            "--verbose show audit",
            "--contracts show audit images",
            "--contracts show",
            "--mirror a=b verify a.sqsh --recipe show",
            "--color never audit show --color always",
            "-- show a.sqsh",
            "completions zsh",
            "contracts list",
        ] {
            let words: Vec<OsString> = ["sqsh-prov"]
                .into_iter()
                .chain(line.split_whitespace())
                .map(OsString::from)
                .collect();
            let told = |error: clap::Error| error.render().to_string();
            let all = program(NAMES).try_get_matches_from(&words).map(|mut all| {
                let command = Command::called(&mut all).unwrap();
                (command, Program::from_arg_matches(&all).unwrap().global)
            });
            let all = all.map_err(told).map(|asked| format!("{asked:?}"));
            let answer = parse(&words).map_err(told);
            let answer = answer.map(|asked| format!("{asked:?}"));
            assert_eq!(answer, all, "{line}");
        }
    }
}
