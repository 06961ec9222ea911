//! The commands. The flags of one are put together when it is called or its help is asked for: those
//! of all take longer than everything else that a start does.

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Error, FromArgMatches, Subcommand};

use super::{
    audit, build_args, completions, contracts, diff, lint, man, merge, schema, show, verify,
};

macro_rules! commands {
    ($(#[doc = $about:literal] $name:literal => $command:ident($flags:ty),)*) => {
        /// What is asked for.
        #[derive(Debug)]
        pub(super) enum Command {
            $(#[doc = $about] $command($flags),)*
        }

        impl Subcommand for Command {
            fn augment_subcommands(program: clap::Command) -> clap::Command {
                program$(.subcommand(
                    clap::Command::new($name)
                        .about($about.trim_ascii_start())
                        .defer(<$flags as Args>::augment_args),
                ))*
            }

            fn augment_subcommands_for_update(program: clap::Command) -> clap::Command {
                Self::augment_subcommands(program)
            }

            fn has_subcommand(name: &str) -> bool {
                [$($name),*].contains(&name)
            }
        }

        impl FromArgMatches for Command {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
                Self::from_arg_matches_mut(&mut matches.clone())
            }

            fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, Error> {
                let (name, mut matches) = matches
                    .remove_subcommand()
                    .ok_or_else(|| Error::new(ErrorKind::MissingSubcommand))?;
                match name.as_str() {
                    $($name => <$flags>::from_arg_matches_mut(&mut matches).map(Self::$command),)*
                    _ => Err(Error::new(ErrorKind::InvalidSubcommand)),
                }
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
                *self = Self::from_arg_matches(matches)?;
                Ok(())
            }
        }
    };
}

// A new command: its file, `mod` in `mod.rs`, a line here and one in `run`.
commands! {
    /// Say where an image comes from
    "show" => Show(show::Show),
    /// Check that an image is what you expect, before a job starts
    "verify" => Verify(Box<verify::Verify>),
    /// Say what all images below a directory are, and what is wrong with them
    "audit" => Audit(audit::Audit),
    /// Join the reports of an audit's shards into one
    "merge" => Merge(merge::Merge),
    /// Say what two images differ in
    "diff" => Diff(diff::Diff),
    /// Print what to stamp into an image, so that its origin can be read after an import
    "build-args" => BuildArgs(build_args::BuildArgs),
    /// Say what of an image would be lost or misread, before it is published
    "lint" => Lint(lint::Lint),
    /// List, show or check the contracts that images are judged by
    "contracts" => Contracts(contracts::Contracts),
    /// Print the JSON schema of what a command writes
    "schema" => Schema(schema::Schema),
    /// Print the completions for a shell
    "completions" => Completions(completions::Completions),
    /// Print a manual page, or write all of them into a directory
    "man" => Man(man::Man),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use crate::cli::Cli;

    #[test]
    fn a_command_is_told_by_the_same_words_before_its_flags_are_put_together() {
        let about = |program: &clap::Command| {
            let commands = program.get_subcommands();
            commands
                .filter(|command| command.get_name() != "help")
                .map(|command| command.get_about().map(ToString::to_string))
                .collect::<Vec<_>>()
        };
        let mut built = Cli::command();
        built.build();
        assert_eq!(about(&Cli::command()), about(&built));
    }
}
