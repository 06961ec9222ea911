//! Finds secrets in base64-encoded JSON, such as BuildKit's build sources in a label: anybody can decode it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Returns true for the base64 of a JSON object or list that contains a secret with a name.
pub(super) fn has_secret(raw: &str, is_masked: &dyn Fn(&str, &str) -> bool) -> bool {
    // The start of a JSON object or list in base64. Other texts are not decoded.
    let looks = ["ey", "ew", "Ww", "W3", "W1", "Wy"]
        .iter()
        .any(|start| raw.trim_start().starts_with(start));
    if !looks {
        return false;
    }
    let Ok(bytes) = BASE64.decode(raw.trim()) else {
        return false;
    };
    let Ok(value) = crate::image::json::parse::<serde_json::Value>(&bytes) else {
        return false;
    };
    in_value("", &value, is_masked)
}

fn in_value(name: &str, value: &serde_json::Value, is_masked: &dyn Fn(&str, &str) -> bool) -> bool {
    match value {
        serde_json::Value::String(text) => is_masked(name, text),
        serde_json::Value::Array(list) => list.iter().any(|inner| in_value(name, inner, is_masked)),
        serde_json::Value::Object(map) => {
            let mut pairs = map.iter();
            pairs.any(|(key, inner)| in_value(key, inner, is_masked))
        }
        _ => false,
    }
}
