//! Recipes with a `base:`, and changes to it under `override_*` and `zip_override_*`.

use serde_json::{Map, Value};

use super::identity;
use super::yaml::{RecipeError, mapping};

/// One variant of a recipe.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Variant {
    /// The text that selects it; `None` if the file has no variants.
    pub(super) name: Option<String>,
    pub(super) root: Map<String, Value>,
}

/// Returns the name of a variant, if a key is the section of one: `NAME` for `zip_override_NAME`.
fn name_of(key: &str) -> Option<&str> {
    let key = key.strip_prefix("zip_").unwrap_or(key);
    key.strip_prefix("override_")
}

pub(super) fn is_variant(key: &str) -> bool {
    name_of(key).is_some()
}

/// Returns the variant that is asked for, or all variants, as srt-slurm submits them. For a recipe without
/// variants, returns the recipe itself.
pub(super) fn select(
    root: &Map<String, Value>,
    selector: Option<&str>,
) -> Result<Vec<Variant>, RecipeError> {
    let Some(base) = root.get("base").filter(|base| base.is_object()) else {
        return match selector {
            None => Ok(vec![Variant {
                name: None,
                root: root.clone(),
            }]),
            Some(_) => Err(RecipeError::usage(
                "the recipe has no variants (no base: section); leave --variant out",
            )),
        };
    };
    let base = mapping(base, "base")?;
    let mut variants = Vec::new();
    match selector {
        Some("base") => variants.push(Variant {
            name: Some("base".to_owned()),
            root: base.clone(),
        }),
        selector => {
            for (key, index) in keys(root, selector)? {
                let change = root.get(key).unwrap_or(&Value::Null);
                let change = mapping(change, key)?;
                // srt-slurm writes every key into a lockfile.
                if !root.contains_key("lock") {
                    identity::check_variant(key, change)?;
                }
                expand(base, key, change, index, &mut variants)?;
            }
        }
    }
    // The lock section of a lockfile is beside the base.
    if let Some(lock) = root.get("lock") {
        for variant in &mut variants {
            variant.root.insert("lock".to_owned(), lock.clone());
        }
    }
    Ok(variants)
}

/// Returns the sections that a selector matches, each with the selector's index, if it has one.
fn keys<'r>(
    root: &'r Map<String, Value>,
    selector: Option<&str>,
) -> Result<Vec<(&'r str, Option<usize>)>, RecipeError> {
    let mut all: Vec<&str> = root.keys().map(String::as_str).collect();
    all.retain(|key| is_variant(key));
    all.sort_unstable();
    let found: Vec<(&str, Option<usize>)> = match selector {
        None => all.iter().map(|key| (*key, None)).collect(),
        Some(glob) if glob.contains(['*', '?']) => {
            let matching = all.iter().filter(|key| matches(glob, key));
            matching.map(|key| (*key, None)).collect()
        }
        Some(name) => {
            let (key, index) = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
                Some((key, index)) => (key, index.parse::<usize>().ok()),
                None => (name, None),
            };
            let is = |full: &&&str| **full == key || name_of(full) == Some(key);
            let first = all.iter().find(is);
            first.map(|key| (*key, index)).into_iter().collect()
        }
    };
    if found.is_empty() {
        let names = names(root);
        return Err(RecipeError::usage(&match selector {
            Some(name) => format!("the recipe has no variant '{name}'; it has {names}"),
            None => "the recipe has a base but no variants; give --variant base".to_owned(),
        }));
    }
    Ok(found)
}

/// Matches as Python's `fnmatch` without sets: `*` is any text, `?` any character.
fn matches(glob: &str, text: &str) -> bool {
    let mut rest = glob.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let glob = rest.as_str();
            let ends = text.char_indices().map(|(at, _)| at);
            ends.chain([text.len()])
                .any(|at| text.get(at..).is_some_and(|text| matches(glob, text)))
        }
        Some(wanted) => {
            let mut others = text.chars();
            others
                .next()
                .is_some_and(|other| wanted == '?' || wanted == other)
                && matches(rest.as_str(), others.as_str())
        }
    }
}

fn expand(
    base: &Map<String, Value>,
    key: &str,
    change: &Map<String, Value>,
    index: Option<usize>,
    variants: &mut Vec<Variant>,
) -> Result<(), RecipeError> {
    if !key.starts_with("zip_override_") {
        variants.push(Variant {
            name: Some(key.to_owned()),
            root: merged(base, change),
        });
        return Ok(());
    }
    let length = zip_length(key, change)?;
    let wanted = match index {
        Some(index) if index < length => index..index.saturating_add(1),
        None => 0..length,
        Some(index) => {
            return Err(RecipeError::usage(&format!(
                "{key} has no variant [{index}]; it has [0] to [{}]",
                length.saturating_sub(1)
            )));
        }
    };
    variants.extend(wanted.map(|index| Variant {
        name: Some(format!("{key}[{index}]")),
        root: merged(base, &slice(change, index)),
    }));
    Ok(())
}

fn names(root: &Map<String, Value>) -> String {
    let mut names = vec!["base".to_owned()];
    for (key, value) in root {
        if key.starts_with("zip_override_") {
            let length = value
                .as_object()
                .and_then(|map| zip_length(key, map).ok())
                .unwrap_or(1);
            names.extend((0..length.min(8)).map(|index| format!("{key}[{index}]")));
        } else if key.starts_with("override_") {
            names.push(key.clone());
        }
    }
    names.join(", ")
}

/// Applies a change: maps are merged, lists and values replaced, and a null removes a key.
fn merged(base: &Map<String, Value>, change: &Map<String, Value>) -> Map<String, Value> {
    let mut out = base.clone();
    for (key, value) in change {
        match (value, out.get(key)) {
            (Value::Null, _) => {
                out.remove(key);
            }
            (Value::Object(change), Some(Value::Object(base))) => {
                let both = merged(base, change);
                out.insert(key.clone(), Value::Object(both));
            }
            _ => {
                out.insert(key.clone(), value.clone());
            }
        }
    }
    out
}

/// The most variants of a section; nobody submits more at once.
const MOST: usize = 10_000;

/// Returns how many variants a zip section makes; a list with one element applies to all.
fn zip_length(key: &str, change: &Map<String, Value>) -> Result<usize, RecipeError> {
    let mut lengths = Vec::new();
    lists(change, &mut lengths);
    lengths.sort_unstable();
    lengths.dedup();
    let wrong = |reason: String| Err(RecipeError::field(key, &reason));
    match lengths.as_slice() {
        [] => wrong("it has no list to make variants from".to_owned()),
        [0, ..] => wrong("it has an empty list".to_owned()),
        [1] => Ok(1),
        [length] | [1, length] if *length <= MOST => Ok(*length),
        [length] | [1, length] => wrong(format!(
            "it makes {length} variants, over the limit of {MOST}"
        )),
        _ => wrong("its lists must have one length, or one item".to_owned()),
    }
}

fn lists(change: &Map<String, Value>, lengths: &mut Vec<usize>) {
    for value in change.values() {
        match value {
            Value::Array(items) => lengths.push(items.len()),
            Value::Object(map) => lists(map, lengths),
            _ => {}
        }
    }
}

fn slice(change: &Map<String, Value>, index: usize) -> Map<String, Value> {
    change
        .iter()
        .map(|(key, value)| {
            let value = match value {
                Value::Array(items) => items
                    .get(index)
                    .or(items.first())
                    .cloned()
                    .unwrap_or(Value::Null),
                Value::Object(map) => Value::Object(slice(map, index)),
                other => other.clone(),
            };
            (key.clone(), value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_selects_as_fnmatch_does() {
        for (glob, text, expected) in [
            ("*", "override_a", true),
            ("override_*", "override_a", true),
            ("override_*", "zip_override_a", false),
            ("*_tp?", "override_tp8", true),
            ("*_tp?", "override_tp16", false),
            ("a*b*c", "aXbYbc", true),
            ("?", "", false),
        ] {
            assert_eq!(matches(glob, text), expected, "{glob} {text}");
        }
    }

    #[test]
    fn lists_of_a_zip_section_have_one_length() {
        let length = |text: &str| {
            let map: Map<String, Value> = serde_saphyr::from_str(text).unwrap();
            zip_length("zip_override_x", &map).ok()
        };
        assert_eq!(length("a: [1, 2]\nb: {c: [3, 4], d: 5}\ne: [6]"), Some(2));
        assert_eq!(length("a: [1]\nb: [2]"), Some(1));
        assert_eq!(length("a: [1, 2]\nb: [1, 2, 3]"), None);
        assert_eq!(length("a: []\nb: [1]"), None);
        assert_eq!(length("a: 1"), None);
    }
}
