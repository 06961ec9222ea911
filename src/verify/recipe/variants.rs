//! Recipes with a `base:` and changes to it under `override_*` and `zip_override_*`.

use serde_json::{Map, Value};

use super::yaml::{RecipeError, mapping};

/// The recipe itself, or the variant of it that was asked for.
pub(super) fn select(
    root: &Map<String, Value>,
    variant: Option<&str>,
) -> Result<Map<String, Value>, RecipeError> {
    let Some(base) = root.get("base").filter(|base| base.is_object()) else {
        return match variant {
            None => Ok(root.clone()),
            Some(_) => Err(RecipeError::usage(
                "the recipe has no variants (no base: section); leave --variant out",
            )),
        };
    };
    let base = mapping(base, "base")?;
    let mut selected = match variant {
        None => {
            return Err(RecipeError::usage(&format!(
                "the recipe has variants; name one with --variant: {}",
                names(root)
            )));
        }
        Some("base") => base.clone(),
        Some(name) => changed(root, base, name)?,
    };
    // The lock section of a lockfile stands beside the base.
    if let Some(lock) = root.get("lock") {
        selected.insert("lock".to_owned(), lock.clone());
    }
    Ok(selected)
}

fn changed(
    root: &Map<String, Value>,
    base: &Map<String, Value>,
    name: &str,
) -> Result<Map<String, Value>, RecipeError> {
    let (key, index) = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
        Some((key, index)) => (key, index.parse::<usize>().ok()),
        None => (name, None),
    };
    let found = [
        key.to_owned(),
        format!("override_{key}"),
        format!("zip_override_{key}"),
    ]
    .into_iter()
    .filter(|key| key.starts_with("override_") || key.starts_with("zip_override_"))
    .find_map(|key| root.get_key_value(&key));
    let Some((key, change)) = found else {
        return Err(RecipeError::usage(&format!(
            "the recipe has no variant '{name}'; it has {}",
            names(root)
        )));
    };
    let change = mapping(change, key)?;
    if !key.starts_with("zip_override_") {
        return Ok(merged(base, change));
    }
    let length = zip_length(change);
    match index {
        Some(index) if index < length => Ok(merged(base, &slice(change, index))),
        None if length == 1 => Ok(merged(base, &slice(change, 0))),
        _ => Err(RecipeError::usage(&format!(
            "{key} has the variants 0 to {}; name one: --variant '{key}[0]'",
            length.saturating_sub(1)
        ))),
    }
}

fn names(root: &Map<String, Value>) -> String {
    let mut names = vec!["base".to_owned()];
    for (key, value) in root {
        if key.starts_with("zip_override_") {
            let length = value.as_object().map_or(1, zip_length);
            names.extend((0..length.min(8)).map(|index| format!("{key}[{index}]")));
        } else if key.starts_with("override_") {
            names.push(key.clone());
        }
    }
    names.join(", ")
}

/// Maps are merged, lists and values replaced, null removes.
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

/// How many variants the lists of a zip section make; lists of one stand for all.
fn zip_length(change: &Map<String, Value>) -> usize {
    change
        .values()
        .map(|value| match value {
            Value::Array(items) => items.len(),
            Value::Object(map) => zip_length(map),
            _ => 1,
        })
        .max()
        .unwrap_or(1)
        .max(1)
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
