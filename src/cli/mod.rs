//! The command line: flags, and one file per command.

mod audit;
mod build_args;
mod commands;
mod completions;
mod confine;
mod contracts;
mod diff;
mod exit;
mod lint;
mod man;
mod merge;
mod output;
mod progress;
#[cfg(test)]
mod reference;
mod schema;
mod show;
mod sink;
mod verify;
mod within;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ColorChoice, Parser};

use commands::Command;
pub use exit::Exit;
use exit::Usage;

/// Which pipeline, commit and public image a container image file comes from.
///
/// Reads only the file: no network, no mount, no root, nothing in it is run.
#[derive(Debug, Parser)]
#[command(name = "sqsh-prov", version = env!("SQSH_PROV_VERSION"), max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

const EXIT_CODES: &str = "Exit codes:
  0    answered, or everything holds
  1    a check failed, a finding is an error, or two images differ
  2    could not tell: unreadable, damaged, over a limit; also an answer in part
  64   wrong usage
  130  interrupted";

/// Flags that every command has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
struct Global {
    /// When to colour; `auto` is on a terminal, and heeds NO_COLOR and CLICOLOR_FORCE
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
    /// A directory with contracts of your own, added to those built in
    #[arg(long, global = true, value_name = "DIR")]
    contracts: Option<PathBuf>,
    /// References that start with FROM stand for TO. May be repeated
    #[arg(long = "mirror", global = true, value_name = "FROM=TO", value_parser = mirror)]
    mirrors: Vec<(String, String)>,
    /// Say on standard error which image is being read, and where the system lacks Landlock
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    verbose: bool,
    /// Do not print errors; the exit code says what happened
    #[arg(short, long, global = true)]
    quiet: bool,
}

/// Runs the program with these arguments, the first being its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return exit::from_clap(&error, &arguments),
    };
    let answer = match &cli.command {
        Command::Show(command) => command.run(&cli.global),
        Command::Verify(command) => command.run(&cli.global),
        Command::Audit(command) => command.run(&cli.global),
        Command::Merge(command) => command.run(&cli.global),
        Command::Diff(command) => command.run(&cli.global),
        Command::BuildArgs(command) => command.run(&cli.global),
        Command::Lint(command) => command.run(&cli.global),
        Command::Contracts(command) => command.run(&cli.global),
        Command::Schema(command) => command.run(),
        Command::Completions(command) => command.run(),
        Command::Man(command) => command.run(),
    };
    answer.unwrap_or_else(|error| exit::report(&error, cli.global.quiet))
}

fn mirror(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((from, to)) if !from.is_empty() && !to.is_empty() => {
            Ok((from.to_owned(), to.to_owned()))
        }
        _ => Err("it is FROM=TO, such as harbor.example.org/dockerhub=docker.io".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::mirror;

    #[test]
    fn a_mirror_has_two_sides() {
        assert_eq!(
            mirror("a/b=docker.io"),
            Ok(("a/b".to_owned(), "docker.io".to_owned()))
        );
        for bad in ["", "a", "=b", "a="] {
            assert!(mirror(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_flags_are_consistent() {
        super::Cli::command().debug_assert();
    }
}
