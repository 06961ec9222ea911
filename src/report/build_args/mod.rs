//! The stamp of a build, one file per output format. Only these files escape values, each for its own format.

mod args;
mod bake;
mod compose;
mod dockerfile;
mod env;
mod explain;
mod labels;
mod tag;
#[cfg(test)]
mod tests;

pub use args::{args, args_quoted};
pub use bake::bake;
pub use compose::compose;
pub use dockerfile::dockerfile;
pub use env::env;
pub use explain::explain;
pub use labels::labels;
pub use tag::tag;
