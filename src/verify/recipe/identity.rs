//! Refuses misspelt and empty sections of a recipe's expectations: they would expect nothing.

use serde_json::{Map, Value};

use super::yaml::{RecipeError, mapping};
use crate::suggestions::{SLIPS, closest, distance, hint};

/// The section with the expectations.
const IDENTITY: &str = "identity";
const SECTIONS: [&str; 3] = ["container", "frameworks", "model"];

/// Refuses unknown keys and empty sections. A lockfile may have empty sections: srt-slurm writes every
/// key into it.
pub(super) fn check(root: &Map<String, Value>) -> Result<(), RecipeError> {
    let is_slip =
        |key: &&String| *key != IDENTITY && distance(&key.to_ascii_lowercase(), IDENTITY) <= SLIPS;
    if let Some(slip) = root.keys().find(is_slip) {
        let reason = "there is no such section; it is 'identity'";
        return Err(RecipeError::field(slip, reason));
    }
    let filled_in = !root.contains_key("lock");
    let Some(identity) = section(root, IDENTITY, IDENTITY, filled_in)? else {
        return Ok(());
    };
    known(identity, IDENTITY, &SECTIONS)?;
    if let Some(container) = section(identity, "container", "identity.container", filled_in)? {
        known(container, "identity.container", &["image"])?;
        let is_empty = |image: &Value| match image {
            Value::Null => true,
            Value::String(text) => text.trim().is_empty(),
            _ => false,
        };
        if filled_in && container.get("image").is_none_or(is_empty) {
            return Err(empty("identity.container.image"));
        }
    }
    section(identity, "frameworks", "identity.frameworks", filled_in)?;
    if let Some(model) = section(identity, "model", "identity.model", filled_in)? {
        known(model, "identity.model", &["repo", "revision"])?;
    }
    Ok(())
}

/// Refuses a variant that removes all that is expected with `identity: null`. What remains of a section of which it
/// removes a part is checked as in any recipe.
pub(super) fn check_variant(key: &str, change: &Map<String, Value>) -> Result<(), RecipeError> {
    match change.get(IDENTITY) {
        Some(Value::Null) => Err(RecipeError::field(
            &format!("{key}.{IDENTITY}"),
            "null removes what the base expects; say what this variant expects",
        )),
        _ => Ok(()),
    }
}

/// Returns a section, if the recipe has it. With `filled_in`, an empty one is an error.
fn section<'v>(
    map: &'v Map<String, Value>,
    key: &str,
    name: &str,
    filled_in: bool,
) -> Result<Option<&'v Map<String, Value>>, RecipeError> {
    let section = match map.get(key) {
        None => return Ok(None),
        Some(Value::Null) => None,
        Some(value) => Some(mapping(value, name)?),
    };
    match filled_in && section.is_none_or(Map::is_empty) {
        true => Err(empty(name)),
        false => Ok(section),
    }
}

fn empty(name: &str) -> RecipeError {
    RecipeError::field(
        name,
        "it is empty; say what is expected, or remove the section",
    )
}

fn known(map: &Map<String, Value>, name: &str, keys: &[&str]) -> Result<(), RecipeError> {
    let Some(key) = map.keys().find(|key| !keys.contains(&key.as_str())) else {
        return Ok(());
    };
    let near = hint(closest(keys.iter().copied(), key));
    let all = keys.join(", ");
    let reason = format!("this key is unknown; the known keys are: {all}{near}");
    Err(RecipeError::field(&format!("{name}.{key}"), &reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_slip_of_the_pen_is_never_an_expectation_of_nothing() {
        for (recipe, said) in [
            (
                json!({"identiy": {"container": {"image": "a/b:1"}}}),
                "identiy",
            ),
            (json!({"Identity": {}}), "Identity"),
            (json!({"identity": null}), "identity: it is empty"),
            (json!({"identity": {}}), "identity: it is empty"),
            (
                json!({"identity": {"contaner": {}}}),
                "closest known name is 'container'",
            ),
            (
                json!({"identity": {"container": {"imgae": "a"}}}),
                "closest known name is 'image'",
            ),
            (
                json!({"identity": {"container": {"image": " "}}}),
                "container.image",
            ),
            (
                json!({"identity": {"container": {"image": null}}}),
                "container.image",
            ),
            (
                json!({"identity": {"frameworks": {}}}),
                "identity.frameworks",
            ),
            (
                json!({"identity": {"model": {"rpeo": "x"}}}),
                "closest known name is 'repo'",
            ),
        ] {
            let error = check(recipe.as_object().unwrap()).unwrap_err().to_string();
            assert!(error.contains(said), "{recipe}: {error}");
        }
        for fine in [
            json!({}),
            json!({"environment": 1, "identity": {"model": {"repo": "x", "revision": "y"}}}),
            json!({"identity": null, "lock": {}}),
            json!({"identity": {"container": {"image": null}, "frameworks": {}}, "lock": {}}),
        ] {
            check(fine.as_object().unwrap()).unwrap();
        }
    }
}
