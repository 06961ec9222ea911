//! What is known when a stamp is made.

use super::ci::Build;
use super::environment::Environment;
use crate::contracts::Contract;

/// Everything that a stamp is made of.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Suffix of the image's tag: `cu129-ubuntu2404`; empty for none.
    pub variant: &'a str,
    /// Whose image it is.
    pub contract: &'a Contract,
    /// The variables.
    pub environment: &'a Environment,
    /// What CI or the checkout says.
    pub build: Build,
    /// What `uname -m` says: `x86_64`.
    pub machine: &'a str,
    /// Today in UTC, `20261121`.
    pub date: &'a str,
    /// What [`agent::metadata`](super::agent::metadata) said.
    pub agent_version: Option<String>,
}
