//! What an image is built by: a Dockerfile, or a bake file.

mod bake;
mod dockerfile;
mod hcl;
mod names;
mod words;

pub use self::bake::{Annotation, Bake, Entry, Target, Value};
pub use self::dockerfile::{Built, Dockerfile, Undeclared};
pub(super) use self::names::is_stamp;

/// Why a text is no Dockerfile or bake file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Its syntax is not that of a Dockerfile.
    #[error("it is a Dockerfile that cannot be read: {0}")]
    Dockerfile(String),
    /// Its syntax is not HCL.
    #[error("it is a bake file that cannot be read: {0}")]
    Hcl(String),
    /// No JSON.
    #[error("it is a bake file that cannot be read: {0}")]
    Json(#[from] crate::image::json::JsonError),
}

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
            && follows.starts_with(['"', '{', '='])
            && !follows.starts_with("==")
        {
            Some(Kind::Hcl)
        } else {
            None
        };
    }
    None
}

/// The line that an offset stands on, from 1.
fn line_of(text: &str, offset: usize) -> u32 {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    let breaks = before.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(breaks).unwrap_or(u32::MAX).saturating_add(1)
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

    #[test]
    fn lines_are_counted_from_one() {
        assert_eq!(line_of("a\nb\nc", 0), 1);
        assert_eq!(line_of("a\nb\nc", 2), 2);
        assert_eq!(line_of("a\nb\nc", 99), 3);
    }
}
