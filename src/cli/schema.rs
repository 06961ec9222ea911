//! `sqsh-prov schema`: the JSON schemas of what the program writes.

use clap::{Args, ValueEnum};
use sqsh_prov::report::schema;

use super::exit::Exit;
use super::output;

/// Print the JSON schema of a command's output
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov schema > sqsh-prov-1.json
  sqsh-prov schema verify > sqsh-prov-verify-1.json")]
pub(super) struct Schema {
    /// Which output
    #[arg(value_enum, value_name = "COMMAND", default_value_t = Of::Show)]
    of: Of,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Of {
    /// `show --format json`
    Show,
    /// `show --format json` for several images
    ShowArray,
    /// `verify --format json`
    Verify,
    /// `verify --format json` for several images
    VerifyArray,
    /// A line of `audit --format ndjson`
    Audit,
    /// `audit --format json`
    AuditReport,
    /// `audit history --format json`
    AuditHistory,
    /// `diff --format json`
    Diff,
    /// `build-args --format json`
    Stamp,
    /// `lint --format json`
    Lint,
}

impl Schema {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let text = match self.of {
            Of::Show => schema::SHOW,
            Of::ShowArray => schema::SHOW_ARRAY,
            Of::Verify => schema::VERIFY,
            Of::VerifyArray => schema::VERIFY_ARRAY,
            Of::Audit => schema::AUDIT,
            Of::AuditReport => schema::AUDIT_REPORT,
            Of::AuditHistory => schema::AUDIT_HISTORY,
            Of::Diff => schema::DIFF,
            Of::Stamp => schema::STAMP,
            Of::Lint => schema::LINT,
        };
        output::write(text)?;
        Ok(Exit::Success)
    }
}
