//! The `build` of a Compose service.
//!
//! <https://docs.docker.com/reference/compose-file/build/>. Compose takes `$` for a variable,
//! also in quotes, and `$$` for the character. JSON strings are YAML strings (YAML 1.2, 10.2).

use std::collections::BTreeMap;

use crate::emit::Stamp;
use crate::report::json::escape;

/// Returns a file with each service's build: arguments, labels and tags, and a context if one is
/// given. Give it to `docker compose -f` after the project's own file, whose contexts stay.
#[must_use]
pub fn compose(stamp: &Stamp, services: &[String], context: Option<&str>) -> String {
    let mut out = String::from("services:\n");
    for service in services {
        out.push_str(&format!("  {}:\n    build:\n", string(service)));
        if let Some(context) = context {
            out.push_str(&format!("      context: {}\n", string(context)));
        }
        // An unknown value must not override the fallback in the project's own file.
        let known = |values: &BTreeMap<String, String>| -> BTreeMap<String, String> {
            let mut values = values.clone();
            values.retain(|key, _| !stamp.unknown.contains(key));
            values
        };
        map(&mut out, "args", &known(&stamp.build_args));
        map(&mut out, "labels", &known(&stamp.labels));
        if stamp.known_tags().next().is_some() {
            out.push_str("      tags:\n");
            for reference in stamp.known_tags() {
                out.push_str(&format!("        - {}\n", string(reference)));
            }
        }
    }
    out
}

fn map(out: &mut String, name: &str, values: &BTreeMap<String, String>) {
    if values.is_empty() {
        return;
    }
    out.push_str(&format!("      {name}:\n"));
    for (key, value) in values {
        out.push_str(&format!("        {}: {}\n", string(key), string(value)));
    }
}

/// A double-quoted string.
fn string(text: &str) -> String {
    escape(serde_json::Value::from(text.replace('$', "$$")).to_string())
}
