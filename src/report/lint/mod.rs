//! The answer of `lint`: for a person, as SARIF, and as markdown.

mod human;
mod markdown;
mod sarif;
mod words;

pub use human::human;
pub use markdown::markdown;
pub use sarif::sarif;
pub use words::form;
