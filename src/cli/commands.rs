//! The commands. Only the flags of the called command are built, unless the help needs all of them:
//! building them takes longer than the rest of the program's start.

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Error, FromArgMatches};

use super::{
    attest, audit, build_args, completions, contracts, diff, known, lint, man, merge, schema, show,
    verify,
};

macro_rules! commands {
    ($(#[doc = $about:literal] $name:literal => $command:ident($flags:ty),)*) => {
        /// The command that the user called, with its flags.
        #[derive(Debug)]
        pub(super) enum Command {
            $(#[doc = $about] $command($flags),)*
        }

        /// The names of all commands.
        pub(super) const NAMES: &[&str] = &[$($name),*];

        impl Command {
            /// Adds the commands that have these names to the program.
            pub(super) fn add(mut program: clap::Command, names: &[&str]) -> clap::Command {
                $(if names.contains(&$name) {
                    program = program.subcommand(
                        clap::Command::new($name)
                            .about($about.trim_ascii_start())
                            .defer(<$flags as Args>::augment_args),
                    );
                })*
                program
            }

            /// Returns the command that was called.
            pub(super) fn called(matches: &mut ArgMatches) -> Result<Self, Error> {
                let (name, mut matches) = matches
                    .remove_subcommand()
                    .ok_or_else(|| Error::new(ErrorKind::MissingSubcommand))?;
                match name.as_str() {
                    $($name => <$flags>::from_arg_matches_mut(&mut matches).map(Self::$command),)*
                    _ => Err(Error::new(ErrorKind::InvalidSubcommand)),
                }
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
    /// Say where all images below a directory come from, and what is wrong with them
    "audit" => Audit(Box<audit::Audit>),
    /// Print a statement about an image, to sign with a tool that you trust
    "attest" => Attest(attest::Attest),
    /// Join the reports of an audit's shards into one
    "merge" => Merge(merge::Merge),
    /// Compare two images
    "diff" => Diff(diff::Diff),
    /// Print what to stamp into an image that you build
    "build-args" => BuildArgs(build_args::BuildArgs),
    /// Find what an import would lose or misread, before you publish an image
    "lint" => Lint(lint::Lint),
    /// List, show or check contracts, which say how a publisher's images are recognised
    "contracts" => Contracts(contracts::Contracts),
    /// Make an index of known images, to recognise other images
    "known" => Known(known::KnownFlags),
    /// Print the JSON schema of a command's output
    "schema" => Schema(schema::Schema),
    /// Print the completions for a shell
    "completions" => Completions(completions::Completions),
    /// Print a manual page, or write all of them into a directory
    "man" => Man(man::Man),
}

#[cfg(test)]
mod tests {
    use super::NAMES;
    use crate::cli::program;

    #[test]
    fn a_command_is_told_by_the_same_words_before_its_flags_are_put_together() {
        let about = |program: &clap::Command| {
            let commands = program.get_subcommands();
            commands
                .filter(|command| command.get_name() != "help")
                .map(|command| command.get_about().map(ToString::to_string))
                .collect::<Vec<_>>()
        };
        let mut built = program(NAMES);
        built.build();
        assert_eq!(about(&program(NAMES)), about(&built));
    }
}
