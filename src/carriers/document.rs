//! Parses the provenance files of publishers, a JSON object or the plain part of YAML, into flat keys.
//!
//! Dots join nested keys. The elements of a list have numbers from 0. A value that is null or empty has no
//! key.

mod flat;
mod yaml;

use serde_json::Value;

pub use flat::DocumentError;
use flat::{Flat, MAX_DEPTH, joined};

use super::DocumentFormat;
use super::pair::{Pair, Place};
use crate::image::json::{self as limits, JsonError};

/// Flattens a document. `carrier` and `path` become the source of each key.
///
/// # Errors
/// If the document is not well formed, or is over a limit.
pub fn parse(
    bytes: &[u8],
    format: DocumentFormat,
    carrier: &str,
    path: &str,
) -> Result<Vec<Pair>, DocumentError> {
    let mut flat = Flat {
        place: Place { carrier, path },
        pairs: Vec::new(),
    };
    match format {
        DocumentFormat::Json => json(bytes, &mut flat)?,
        DocumentFormat::Yaml => yaml::parse(&String::from_utf8_lossy(bytes), &mut flat)?,
    }
    Ok(flat.pairs)
}

fn json(bytes: &[u8], flat: &mut Flat<'_>) -> Result<(), DocumentError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // A document with too many values is not read into memory.
    if limits::check(bytes) == Err(JsonError::TooMany) {
        return Err(DocumentError::TooMany);
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|error| {
        // The parser has its own limit of depth. Only its message says so.
        match error.to_string().starts_with("recursion limit") {
            true => DocumentError::TooDeep,
            false => DocumentError::Syntax("JSON"),
        }
    })?;
    if !value.is_object() {
        return Err(DocumentError::NotAnObject);
    }
    let mut lines = Lines {
        rest: bytes,
        line: 1,
    };
    flatten(&value, "", 0, &mut lines, flat)
}

fn flatten(
    value: &Value,
    prefix: &str,
    depth: usize,
    lines: &mut Lines<'_>,
    flat: &mut Flat<'_>,
) -> Result<(), DocumentError> {
    if depth > MAX_DEPTH {
        return Err(DocumentError::TooDeep);
    }
    let next = depth.saturating_add(1);
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                lines.advance(key);
                flatten(member, &joined(prefix, key)?, next, lines, flat)?;
            }
            Ok(())
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                flatten(item, &joined(prefix, &at.to_string())?, next, lines, flat)?;
            }
            Ok(())
        }
        Value::Null => Ok(()),
        _ => {
            let line = (lines.line != 0).then_some(lines.line);
            flat.push(prefix, &limits::text(value), line)
        }
    }
}

/// Finds the lines of keys in the text. Quotes in a string are escaped, so a quoted text before a colon is
/// always a key.
struct Lines<'a> {
    rest: &'a [u8],
    /// 0 once a key was not found: it is there twice, or has escapes.
    line: u32,
}

impl Lines<'_> {
    fn advance(&mut self, key: &str) {
        let needle = Value::from(key).to_string().into_bytes();
        let mut line = self.line;
        let mut rest = self.rest;
        while line != 0 {
            let Some(at) = rest.iter().position(|&byte| byte == b'"' || byte == b'\n') else {
                break;
            };
            let (_, found) = rest.split_at_checked(at).unwrap_or_default();
            if found.starts_with(b"\n") {
                line = line.saturating_add(1);
            } else if let Some(after) = found.strip_prefix(needle.as_slice())
                && after.trim_ascii_start().starts_with(b":")
            {
                (self.rest, self.line) = (after, line);
                return;
            }
            rest = found.get(1..).unwrap_or_default();
        }
        self.line = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::flat::MAX_VALUES;
    use super::*;

    fn flat(bytes: &[u8], format: DocumentFormat) -> Vec<(String, String, Option<u32>)> {
        let pairs = parse(bytes, format, "document", "/p").unwrap();
        pairs
            .into_iter()
            .map(|pair| (pair.key, pair.value, pair.source.line))
            .collect()
    }

    fn expect(found: &[(String, String, Option<u32>)], expected: &[(&str, &str, u32)]) {
        let found: Vec<_> = found
            .iter()
            .map(|(k, v, l)| (k.as_str(), v.as_str(), l.unwrap_or(0)))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn json_is_flattened_with_lines() {
        let text = br#"{
  "a": "x",
  "b": {"c": 1, "d": [true, null, "e\"b\": 1"]},

  "f.g": "", "n": null, "o": {}, "l": [],
  "b2": 1.5
}"#;
        expect(
            &flat(text, DocumentFormat::Json),
            &[
                ("a", "x", 2),
                ("b.c", "1", 3),
                ("b.d.0", "true", 3),
                ("b.d.2", "e\"b\": 1", 3),
                ("f.g", "", 5),
                ("b2", "1.5", 6),
            ],
        );
        // The second value counts; its line is not known.
        expect(
            &flat(
                b"{\"a\": 1,\n\"b\": 2,\n\"a\": 3, \"c\": 4}",
                DocumentFormat::Json,
            ),
            &[("a", "3", 1), ("b", "2", 2), ("c", "4", 3)],
        );
        expect(
            &flat(b"{\"\\u0061\": 1,\n\"b\": 2}", DocumentFormat::Json),
            &[("a", "1", 0), ("b", "2", 0)],
        );
    }

    #[test]
    fn json_that_breaks_a_bound_or_the_grammar_is_refused() {
        let deep = format!("{}1{}", "{\"a\":".repeat(70), "}".repeat(70));
        let deeper = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        let long = format!("{{\"{}\": 1}}", "k".repeat(2000));
        let many = format!("{{\"a\": [{}1]}}", "1,".repeat(MAX_VALUES));
        for (text, error) in [
            ("", DocumentError::Syntax("JSON")),
            ("{\"a\": 1", DocumentError::Syntax("JSON")),
            ("[1]", DocumentError::NotAnObject),
            ("1", DocumentError::NotAnObject),
            (deep.as_str(), DocumentError::TooDeep),
            (deeper.as_str(), DocumentError::TooDeep),
            (many.as_str(), DocumentError::TooMany),
            (long.as_str(), DocumentError::LongKey),
        ] {
            assert_eq!(
                parse(text.as_bytes(), DocumentFormat::Json, "c", "/p"),
                Err(error)
            );
        }
    }

    #[test]
    fn yaml_is_flattened_with_lines() {
        let text = br#"---
# comment
build_date: 2026-08-28T18:02:11Z   # when
vllm_version: 0.26.1rc1.dev960+g90104cfe4.d20260828
gpu_arch: 12.1a
base_image: nvidia/cuda:13.2.0-devel-ubuntu24.04
empty:
nothing: ~
build_args:
  vllm_ref: main
  hash: a#b
  vllm_prs: ""
  quoted: "a: b # \"c\"\n"
  single: 'it''s'
  inner:
    deep: 16
list:
  - one
  - "two"
same:
- three
"quoted key": x
text: |
  first
    second

after: null
url: https://h/a
"#;
        expect(
            &flat(text, DocumentFormat::Yaml),
            &[
                ("build_date", "2026-08-28T18:02:11Z", 3),
                ("vllm_version", "0.26.1rc1.dev960+g90104cfe4.d20260828", 4),
                ("gpu_arch", "12.1a", 5),
                ("base_image", "nvidia/cuda:13.2.0-devel-ubuntu24.04", 6),
                ("build_args.vllm_ref", "main", 10),
                ("build_args.hash", "a#b", 11),
                ("build_args.vllm_prs", "", 12),
                ("build_args.quoted", "a: b # \"c\"\n", 13),
                ("build_args.single", "it's", 14),
                ("build_args.inner.deep", "16", 16),
                ("list.0", "one", 18),
                ("list.1", "two", 19),
                ("same.0", "three", 21),
                ("quoted key", "x", 22),
                ("text", "first\n  second", 23),
                ("url", "https://h/a", 28),
            ],
        );
    }

    #[test]
    fn yaml_beyond_the_plain_part_is_refused() {
        let deep: String = (0..70)
            .map(|at| format!("{}k:\n", " ".repeat(at)))
            .collect();
        for (text, error) in [
            ("a\n", DocumentError::Syntax("YAML")),
            ("- a\n- b\n", DocumentError::NotAnObject),
            ("a: *anchor\n", DocumentError::Syntax("YAML")),
            ("a: \"open\n", DocumentError::Syntax("YAML")),
            ("a:\n\tb: c\n", DocumentError::Syntax("YAML")),
            ("a: b\n  c: d\n", DocumentError::Syntax("YAML")),
            ("a:\n    b: c\n  d: e\n", DocumentError::Syntax("YAML")),
            (deep.as_str(), DocumentError::TooDeep),
        ] {
            assert_eq!(
                parse(text.as_bytes(), DocumentFormat::Yaml, "c", "/p"),
                Err(error),
                "{text}"
            );
        }
        assert_eq!(parse(b"", DocumentFormat::Yaml, "c", "/p"), Ok(Vec::new()));
    }
}
