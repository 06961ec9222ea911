//! Masks everything in the document that looks like a secret: more people see an image than its builder expected.
//!
//! A value is masked by its name (`HF_TOKEN`), by its shape (`ghp_…`, a PEM block, a webhook), or by
//! its place (the user of a URL, the values of a query, after `--password`). A value that was masked
//! by its name is also masked wherever else the document repeats it. Commit ids, digests and
//! references are never masked.

mod commands;
mod document;
mod encoded;
mod masker;
mod masking;
mod names;
mod percent;
mod piped;
mod programs;
mod rules;
mod scan;
mod shapes;
mod urls;
mod webhooks;

pub use document::redact;
pub use masker::Known;
pub(crate) use masker::plain;
pub use masking::{MASK, is_secret, name, text, value};

#[cfg(test)]
mod everywhere_tests;
#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod tests;
