//! An override file for `docker buildx bake`.
//!
//! JSON that bake reads: <https://docs.docker.com/build/bake/reference/>. Its strings are HCL
//! templates, in which `${` and `%{` begin an expression:
//! <https://github.com/hashicorp/hcl/blob/main/json/spec.md>.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::emit::Stamp;

/// Returns targets of these names with arguments, labels, annotations and tags. Other fields keep the values of
/// the project's own file.
///
/// # Errors
/// If it cannot be serialised; its types cannot do that.
pub fn bake(stamp: &Stamp, targets: &[String]) -> Result<String, serde_json::Error> {
    // An unknown value must not override the fallback in the project's own file.
    let known = |(key, _): &(&String, &String)| !stamp.unknown.contains(*key);
    let map = |values: &BTreeMap<String, String>| -> Map<String, Value> {
        let literal = |(key, value): (&String, &String)| (key.clone(), hcl(value).into());
        values.iter().filter(known).map(literal).collect()
    };
    let annotations = stamp.annotations.iter().filter(known);
    let annotations = annotations.map(|(key, value)| hcl(&format!("index,manifest:{key}={value}")));
    let annotations: Vec<String> = annotations.collect();
    let mut target = json!({
        "args": map(&stamp.build_args),
        "labels": map(&stamp.labels),
        "annotations": annotations,
    });
    // An empty list would remove the tags of the project's own file.
    let tags: Vec<String> = stamp.known_tags().map(|tag| hcl(tag)).collect();
    if let (Some(target), false) = (target.as_object_mut(), tags.is_empty()) {
        target.insert("tags".to_owned(), tags.into());
    }
    let targets = targets.iter().map(|name| (name.clone(), target.clone()));
    let targets: Map<String, Value> = targets.collect();
    crate::report::json::pretty(&json!({ "target": targets }))
}

/// Escapes a text for an HCL template.
fn hcl(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}
