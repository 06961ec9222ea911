//! `sqsh-prov completions`: what a shell completes.

use clap::{Args, ValueEnum};
use clap_complete::aot::{Bash, Fish, Zsh, generate};

use super::exit::Exit;
use super::output;

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

/// The shells of Linux clusters. `clap_complete::Shell` would put the code for other shells into the program
/// too.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    Bash,
    Fish,
    Zsh,
}

impl Completions {
    pub(super) fn run(&self, mut program: clap::Command) -> anyhow::Result<Exit> {
        let mut text = Vec::new();
        let name = "sqsh-prov";
        match self.shell {
            Shell::Bash => generate(Bash, &mut program, name, &mut text),
            Shell::Fish => generate(Fish, &mut program, name, &mut text),
            Shell::Zsh => generate(Zsh, &mut program, name, &mut text),
        }
        output::write_bytes(&text)?;
        Ok(Exit::Success)
    }
}
