//! What an image is built by: a Dockerfile, or a bake file.

mod bake;
mod compose;
mod dockerfile;
mod expand;
mod glob;
mod names;
mod raw;
mod script;
mod targets;
mod text;
mod words;
mod workflow;
mod worth;
mod yaml;

pub use self::bake::{Asked, Override, is_bake_json};
pub use self::dockerfile::{Built, Dockerfile, Fetched, Set, Undeclared};
pub(super) use self::names::{is_stamp, names_commit};
pub use self::raw::{Entry, Value};
pub use self::targets::{Annotation, Ci, Merge, Target, Targets};
pub use self::text::SourceError;
pub(super) use self::yaml::is_yaml;

/// What a text is, by its first words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A Dockerfile: `FROM` or `ARG`, after comments and directives.
    Dockerfile,
    /// HCL: a block or an attribute.
    Hcl,
}

/// What a text is; `None` for anything else.
#[must_use]
pub fn detect(text: &str) -> Option<Kind> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut in_comment = false;
    for line in text.split('\n') {
        let mut line = line.trim();
        if in_comment {
            let Some((_, rest)) = line.split_once("*/") else {
                continue;
            };
            in_comment = false;
            line = rest.trim();
        }
        if line.is_empty() || line.starts_with('#') || line.starts_with("//") {
            continue;
        }
        if let Some(rest) = line.strip_prefix("/*") {
            in_comment = !rest.contains("*/");
            continue;
        }
        let end = line.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
        let (word, rest) = line.split_at(end.unwrap_or(line.len()));
        let follows = rest.trim_start();
        let is_instruction = ["FROM", "ARG"]
            .iter()
            .any(|known| word.eq_ignore_ascii_case(known));
        return if is_instruction
            && rest.starts_with(char::is_whitespace)
            && !follows.starts_with('=')
        {
            Some(Kind::Dockerfile)
        } else if !word.is_empty()
            && (follows.starts_with(['"', '{', '=']) || is_label(follows))
            && !follows.starts_with("==")
        {
            Some(Kind::Hcl)
        } else {
            None
        };
    }
    None
}

/// Returns true for a block's label without quotes, as in `variable TAG {`.
fn is_label(text: &str) -> bool {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'));
    let (label, rest) = text.split_at(end.unwrap_or(text.len()));
    !label.is_empty() && rest.trim_start().starts_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_words_tell_what_a_text_is() {
        for (text, kind) in [
            (
                "# syntax=docker/dockerfile:1\n\nFROM a\n",
                Some(Kind::Dockerfile),
            ),
            ("arg A=1\nFROM a", Some(Kind::Dockerfile)),
            ("\u{feff}FROM a", Some(Kind::Dockerfile)),
            ("FROM\ta", Some(Kind::Dockerfile)),
            ("target \"a\" {}", Some(Kind::Hcl)),
            ("// c\n/* d\n e */\nTAG = \"x\"", Some(Kind::Hcl)),
            ("ARG = 1", Some(Kind::Hcl)),
            ("variable TAG {}", Some(Kind::Hcl)),
            ("", None),
            ("#!/bin/sh\necho", None),
            ("services:\n  a:", None),
            ("hello world", None),
            ("FROMAGE a", None),
            ("key: value", None),
        ] {
            assert_eq!(detect(text), kind, "{text:?}");
        }
    }
}
