//! `sqsh-prov schema`: the JSON schema of the document.

use clap::Args;
use sqsh_prov::report::schema;

use super::{Exit, output};

/// Print the JSON schema of the document that `show --format json` writes
#[derive(Debug, Args)]
#[command(after_help = "Example:
  sqsh-prov schema > sqsh-prov-1.json")]
pub(super) struct Schema {}

impl Schema {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        output::write(&schema::text())?;
        Ok(Exit::Success)
    }
}
