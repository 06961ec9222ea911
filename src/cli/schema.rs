//! `sqsh-prov schema`: the JSON schemas of what the program writes.

use clap::{Args, ValueEnum};

use super::{Exit, output};

/// Print the JSON schema of what a command writes
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov schema > sqsh-prov-1.json
  sqsh-prov schema verify > sqsh-prov-verify-1.json")]
pub(super) struct Schema {
    /// Of which command
    #[arg(value_enum, value_name = "COMMAND", default_value_t = Of::Show)]
    of: Of,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Of {
    /// `show --format json`
    Show,
    /// `verify --format json`
    Verify,
    /// A line of `audit --format ndjson`
    Audit,
    /// `diff --format json`
    Diff,
    /// `build-args --format json`
    Stamp,
    /// `lint --format json`
    Lint,
}

impl Schema {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        // As committed, which tests compare with the types.
        output::write(match self.of {
            Of::Show => sqsh_prov::report::schema::COMMITTED,
            Of::Verify => include_str!("../../schema/sqsh-prov-verify-1.json"),
            Of::Audit => include_str!("../../schema/sqsh-prov-audit-1.json"),
            Of::Diff => include_str!("../../schema/sqsh-prov-diff-1.json"),
            Of::Stamp => include_str!("../../schema/sqsh-prov-stamp-1.json"),
            Of::Lint => include_str!("../../schema/sqsh-prov-lint-1.json"),
        })?;
        Ok(Exit::Success)
    }
}
