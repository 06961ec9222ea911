//! `sqsh-prov completions`: what a shell completes.

use clap::Args;
use clap_complete::Shell;

use super::commands::NAMES;
use super::{Exit, output, program};

/// Print the completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov completions bash > ~/.local/share/bash-completion/completions/sqsh-prov
  sqsh-prov completions zsh > ~/.zfunc/_sqsh-prov           (with ~/.zfunc in fpath)
  sqsh-prov completions fish > ~/.config/fish/completions/sqsh-prov.fish

The packages install them.")]
pub(super) struct Completions {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let mut text = Vec::new();
        let mut command = program(NAMES);
        clap_complete::generate(self.shell, &mut command, "sqsh-prov", &mut text);
        output::write_bytes(&text)?;
        Ok(Exit::Success)
    }
}
