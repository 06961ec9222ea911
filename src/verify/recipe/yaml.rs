//! Reads YAML that a user wrote, within limits. Errors name the line.

use std::path::Path;

use serde_json::{Map, Value};
use serde_saphyr::options::DuplicateKeyPolicy;
use serde_saphyr::{MessageFormatter as _, UserMessageFormatter};

use crate::given;

/// The largest file, in bytes. A lockfile lists the packages of every worker.
const LONGEST: u64 = 16 * 1024 * 1024;

/// The reason why a recipe, lockfile or cluster configuration cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecipeError {
    /// It cannot be read.
    #[error("{path}: {reason}")]
    File {
        /// The path as given.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// It is not YAML.
    #[error("{path}:{line}: {reason}")]
    Syntax {
        /// The path as given.
        path: String,
        /// From 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A field cannot be used.
    #[error("{field}: {reason}")]
    Field {
        /// Its name, with dots.
        field: String,
        /// What is wrong.
        reason: String,
    },
    /// A flag or another file is needed too.
    #[error("{0}")]
    Usage(String),
}

impl RecipeError {
    pub(super) fn field(field: &str, reason: &str) -> Self {
        Self::Field {
            field: field.to_owned(),
            reason: reason.to_owned(),
        }
    }

    pub(super) fn usage(reason: &str) -> Self {
        Self::Usage(reason.to_owned())
    }

    /// Returns the file and line for the start of a message.
    fn place(&self) -> String {
        match self {
            Self::Syntax { path, line, .. } => format!("{path}:{line}: "),
            _ => String::new(),
        }
    }

    /// Returns the error with the name of its variant.
    pub(super) fn of_variant(self, variant: Option<&str>) -> Self {
        match (self, variant) {
            (Self::Field { field, reason }, Some(variant)) => Self::Field {
                field: format!("{variant}: {field}"),
                reason,
            },
            (error, _) => error,
        }
    }

    /// Returns the error with the path of its file.
    #[must_use]
    pub fn of_file(self, path: &Path) -> Self {
        let path = path.display().to_string();
        match self {
            Self::File { .. } | Self::Syntax { .. } => self,
            Self::Field { .. } | Self::Usage(_) => Self::File {
                path,
                reason: self.to_string(),
            },
        }
    }
}

/// The content of a YAML file, as PyYAML reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// Its values.
    pub value: Value,
    /// A warning for the author: a key occurs twice, and the last one counts.
    pub warning: Option<String>,
    text: String,
}

impl Loaded {
    /// Returns an error about a field, with the file, and the line of the field if it is found.
    #[must_use]
    pub fn placed(&self, error: RecipeError, path: &Path) -> RecipeError {
        let RecipeError::Field { field, .. } = &error else {
            return error.of_file(path);
        };
        let (variant, field) = field.split_once(": ").unwrap_or(("", field));
        // A variant has the keys of the base that it does not set.
        let section = |name: &str| {
            let name = name.split('[').next().unwrap_or_default();
            let keys: Vec<&str> = [name].into_iter().chain(field.split('.')).collect();
            line_of(&self.text, &keys)
        };
        let own: Vec<&str> = field.split('.').collect();
        let line = section(variant).or_else(|| section("base"));
        match line.or_else(|| line_of(&self.text, &own)) {
            Some(line) => RecipeError::Syntax {
                path: path.display().to_string(),
                line,
                reason: error.to_string(),
            },
            None => error.of_file(path),
        }
    }
}

/// Returns the line of a key below other keys, in block style. For a key in a mapping in flow style, returns the
/// line where the mapping begins.
fn line_of(text: &str, keys: &[&str]) -> Option<u64> {
    let mut lines = (1..).zip(text.split('\n'));
    let mut parent = None;
    let mut found = None;
    for key in keys {
        let mut level = None;
        found = loop {
            let (number, line) = lines.next()?;
            let rest = line.trim_start_matches(' ');
            if rest.trim().is_empty() || rest.starts_with('#') {
                continue;
            }
            let indent = line.len().saturating_sub(rest.len());
            if parent.is_some_and(|parent| indent <= parent) {
                return None;
            }
            let (name, value) = rest.split_once(':').unwrap_or_default();
            let is_here = indent == *level.get_or_insert(indent);
            if is_here && name.trim_matches(['"', '\'', ' ']) == *key {
                if value.trim_start().starts_with('{') {
                    let last = keys.last().copied().unwrap_or_default();
                    let holds = *key == last || value.contains(last);
                    return holds.then_some(number);
                }
                parent = Some(indent);
                break Some(number);
            }
        };
    }
    found
}

/// Reads a YAML file.
///
/// # Errors
/// If it cannot be read, is too long, or is not one YAML document.
pub fn load(path: &Path) -> Result<Loaded, RecipeError> {
    let shown = path.display().to_string();
    let wrong = |reason: String| RecipeError::File {
        path: shown.clone(),
        reason,
    };
    let text = given::read_text(path, LONGEST).map_err(|error| wrong(error.to_string()))?;
    parse(&text, &shown)
}

fn parse(text: &str, shown: &str) -> Result<Loaded, RecipeError> {
    let syntax = |error: &serde_saphyr::Error| {
        let plain = error.without_snippet();
        RecipeError::Syntax {
            path: shown.to_owned(),
            line: plain.location().map_or(0, |location| location.line()),
            // The error's own text is for programmers, and repeats the place.
            reason: UserMessageFormatter.format_message(plain).into_owned(),
        }
    };
    let loaded = |value, warning| Loaded {
        value,
        warning,
        text: text.to_owned(),
    };
    let error = match serde_saphyr::from_str::<Value>(text) {
        Ok(value) => return Ok(loaded(value, None)),
        Err(error) => error,
    };
    let refused = syntax(&error);
    let serde_saphyr::Error::DuplicateMappingKey { .. } = error.without_snippet() else {
        return Err(refused);
    };
    let key = refused.to_string();
    let key = key.split('`').nth(1).unwrap_or_default();
    let place = refused.place();
    let warning =
        format!("{place}the key '{key}' is given twice; the last counts, as in srt-slurm");
    let options = serde_saphyr::options! { duplicate_keys: DuplicateKeyPolicy::LastWins };
    let value = serde_saphyr::from_str_with_options(text, options);
    let value = value.map_err(|error| syntax(&error))?;
    Ok(loaded(value, Some(warning)))
}

/// Returns the mapping of a section.
pub(super) fn mapping<'v>(
    value: &'v Value,
    name: &str,
) -> Result<&'v Map<String, Value>, RecipeError> {
    value
        .as_object()
        .ok_or_else(|| RecipeError::field(name, "it must be a mapping"))
}

/// Returns the value of a key. A null counts as absent.
pub(super) fn optional<'v>(map: &'v Map<String, Value>, key: &str) -> Option<&'v Value> {
    map.get(key).filter(|value| !value.is_null())
}

/// Returns the mapping at a path; `None` if a part of the path is absent.
pub(super) fn mapping_at<'v>(
    root: &'v Map<String, Value>,
    path: &[&str],
) -> Result<Option<&'v Map<String, Value>>, RecipeError> {
    let Some((last, sections)) = path.split_last() else {
        return Ok(Some(root));
    };
    let value = mapping_at(root, sections)?.and_then(|map| optional(map, last));
    value.map(|it| mapping(it, &path.join("."))).transpose()
}

/// Returns the text at a path; `None` if a part of the path is absent.
pub(super) fn text_at<'v>(
    root: &'v Map<String, Value>,
    path: &[&str],
) -> Result<Option<&'v str>, RecipeError> {
    let Some((last, sections)) = path.split_last() else {
        return Ok(None);
    };
    match mapping_at(root, sections)?.and_then(|map| optional(map, last)) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => {
            let reason = "it must be a text; write it in quotes";
            Err(RecipeError::field(&path.join("."), reason))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_key_is_found_below_its_own_section() {
        let text =
            "# a: 1\nbase:\n  a:\n    deep: {x: 1}\n  'b': 2\nother:\n\n  b: 3\n  a: {deep: 1}\n";
        for (keys, line) in [
            (&["base", "b"][..], Some(5)),
            (&["base", "a", "deep"], Some(4)),
            (&["base", "deep"], None),
            (&["other", "b"], Some(8)),
            (&["other", "a", "deep"], Some(9)),
            (&["other", "a", "x"], None),
            (&["other", "c"], None),
            (&["base", "c"], None),
            (&["none"], None),
        ] {
            assert_eq!(line_of(text, keys), line, "{keys:?}");
        }
    }

    #[test]
    fn the_last_of_two_keys_counts_and_is_told() {
        let loaded = parse("a: 1\nb: {c: u, c: v}\na: 2\n", "r.yaml").unwrap();
        assert_eq!(loaded.value["a"], 2);
        assert_eq!(loaded.value["b"]["c"], "v");
        let warning = loaded.warning.unwrap();
        assert!(warning.starts_with("r.yaml:2: "), "{warning}");
        assert_eq!(parse("a: 1", "r.yaml").unwrap().warning, None);
        assert!(parse("a: [", "r.yaml").is_err());
    }
}
