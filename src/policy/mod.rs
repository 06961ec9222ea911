//! What a site accepts: rules in a TOML file, applied to the document of an image.
//!
//! The same rules hold in `verify` and in `audit`. `policies/TEMPLATE.toml` explains every
//! option; the policies beside it are built in, and are named without a path.

mod attestation;
mod codes;
mod evaluate;
mod load;
mod rules;

pub use attestation::AttestationRule;
pub use codes::CODES;
pub use evaluate::evaluate;
pub use load::{PolicyError, built_in_names};
pub use rules::{
    AgeRule, ConflictRule, Flag, FrameworkRule, KindRule, ListRule, Policy, RequiredRule, Since,
    Unknown,
};

#[cfg(test)]
mod tests;
