//! Policies: the rules of a site in a TOML file, applied to the document of an image.
//!
//! `verify` and `audit` apply the same rules. `policies/TEMPLATE.toml` explains every option. The
//! policies beside it are built in; users name them without a path.

mod attestation;
mod evaluate;
mod load;
mod rules;

pub use crate::words::{conflicts as conflict_codes, findings_of_policies as codes};
pub use attestation::AttestationRule;
pub use evaluate::evaluate;
pub use load::PolicyError;
pub use rules::{
    AgeRule, ConflictRule, Flag, FrameworkRule, KindRule, ListRule, Policy, RequiredRule, Since,
    SourceText, Unknown,
};

#[cfg(test)]
mod tests;
