//! `sqsh-prov schema`: the JSON schemas of the documents.

use clap::{Args, ValueEnum};
use sqsh_prov::report::{schema, verify};

use super::{Exit, output};

/// Print the JSON schema of the document that `show --format json` writes, or of another command's
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov schema > sqsh-prov-1.json
  sqsh-prov schema verify > sqsh-prov-verify-1.json")]
pub(super) struct Schema {
    /// The command whose document it is
    #[arg(value_enum, default_value_t = Of::Show)]
    of: Of,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Of {
    /// sqsh-prov/1
    Show,
    /// sqsh-prov-verify/1
    Verify,
}

impl Schema {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        output::write(&match self.of {
            Of::Show => schema::text(),
            Of::Verify => verify::schema(),
        })?;
        Ok(Exit::Success)
    }
}
