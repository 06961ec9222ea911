//! `sqsh-prov schema`: the JSON schemas of what the program writes.

use clap::{Args, ValueEnum};
use sqsh_prov::report::schema::committed;

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
        let schema = match self.of {
            Of::Show => committed::SHOW,
            Of::ShowArray => committed::SHOW_ARRAY,
            Of::Verify => committed::VERIFY,
            Of::VerifyArray => committed::VERIFY_ARRAY,
            Of::Audit => committed::AUDIT,
            Of::AuditReport => committed::AUDIT_REPORT,
            Of::AuditHistory => committed::AUDIT_HISTORY,
            Of::Diff => committed::DIFF,
            Of::Stamp => committed::STAMP,
            Of::Lint => committed::LINT,
        };
        output::write(schema)?;
        Ok(Exit::Success)
    }
}
