//! Publishers as data: who stamps what, and what the tags mean.
//!
//! A contract is one TOML file. The ones in `contracts/` are compiled in; files in
//! `/etc/sqsh-prov/contracts.d` and in `--contracts DIR` add to them, and one with the
//! id of a known contract replaces it. `contracts/TEMPLATE.toml` explains every key.

mod agree;
mod build_args;
mod built_in;
mod contract;
mod example;
mod glob;
mod load;
mod mistakes;
mod pattern;
mod places;
mod signs;
mod sound;
#[cfg(test)]
mod tests;
mod values;

pub use agree::Place;
pub use build_args::{BuildArgs, Part, TagTemplate, parts};
pub use contract::{Contract, Role};
pub use glob::glob_matches;
pub use load::{Contracts, LoadError, SITE_DIRECTORY, check, is_publisher};
pub use pattern::Pattern;
pub(crate) use places::RepositoryClass;
pub use places::{Example, Line, Mirror, NameRule, Registries, Repositories, TagRule, any_glob};
pub use signs::{Build, EnvironmentRules, LabelRules, Markers, Noise, any_variable};
pub use values::{Document, Field, Flag, Recipe, Stamp};
