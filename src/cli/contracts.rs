//! `sqsh-prov contracts`: which publishers are known, and how.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use sqsh_prov::contracts::{Contracts as All, LoadError, check};
use sqsh_prov::report::contracts as report;

use super::exit::{Exit, usage};
use super::global::Global;
use super::output;

/// List, show or check contracts, which say how a publisher's images are recognised
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov contracts list
  sqsh-prov contracts show vllm
  sqsh-prov contracts check /etc/sqsh-prov/contracts.d/acme.toml

A contract says how a publisher's images are recognised. contracts/TEMPLATE.toml explains every \
key. Files in /etc/sqsh-prov/contracts.d and in --contracts DIR are added to the built-in \
contracts; a file with a known id replaces that contract. `check` exits with 1 if it finds a mistake.")]
pub(super) struct Contracts {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List all contracts, one per line
    List,
    /// Print the file of one contract
    Show {
        /// Its id, from `contracts list`
        name: String,
    },
    /// Report the mistakes in a contract file, with their lines
    Check {
        /// The contract file
        file: PathBuf,
    },
}

impl Contracts {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let load = || All::load(global.contracts.as_deref()).map_err(usage);
        match &self.action {
            Action::List => output::write(&report::list(&load()?))?,
            Action::Show { name } => {
                let all = load()?;
                let known = all.get(name).ok_or_else(|| usage(all.missing(name)))?;
                output::write(&report::file(known))?;
            }
            Action::Check { file } => {
                let contract = match check(file) {
                    Ok(contract) => contract,
                    Err(error @ LoadError::Invalid { .. }) => {
                        output::complain(&error.to_string());
                        return Ok(Exit::Failed);
                    }
                    Err(error) => return Err(usage(error)),
                };
                let all = load()?;
                let mistakes = all.mistakes(&contract);
                let file = file.display();
                if !mistakes.is_empty() {
                    for mistake in mistakes {
                        output::complain(&format!("{file}: {mistake}"));
                    }
                    return Ok(Exit::Failed);
                }
                let notes = All::built_in().map(|built_in| built_in.notes(&contract));
                for note in notes.unwrap_or_default() {
                    global.complain(&format!("{file}: note: {note}"));
                }
                output::write(&format!("{}: sound\n", contract.id))?;
            }
        }
        Ok(Exit::Success)
    }
}
