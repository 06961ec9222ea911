//! The input of a stamp.

use super::ci::Build;
use super::environment::Environment;
use crate::contracts::Contract;

/// The input of a stamp.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Suffix of the image's tag: `cu129-ubuntu2404`; empty for none.
    pub variant: &'a str,
    /// The contract of the image.
    pub contract: &'a Contract,
    /// The variables.
    pub environment: &'a Environment,
    /// The facts that CI or the checkout says.
    pub build: Build,
    /// The machine, as `uname -m` prints it: `x86_64`.
    pub machine: &'a str,
    /// Today in UTC, `20261121`.
    pub date: &'a str,
    /// The answer of [`agent::metadata`](super::agent::metadata).
    pub agent_version: Option<String>,
}
