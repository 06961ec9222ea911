//! An answer in the words of the manifests.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a document of another shape fails the test"
)]

use serde_json::{Value, json};

/// The document's fields as the manifest calls them.
pub fn actual(document: &Value) -> Value {
    let via_daemon = document["origin"]["imported"]["via"] == "daemon";
    let origin = &document["origin"];
    let commit = &origin["commit"];
    let pipeline = &origin["pipeline"];
    let lineage: Vec<Value> = document["lineage"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| json!({"publisher": a["publisher"], "ref": a["reference"], "commit": a["commit"]}))
        .collect();
    json!({
        "kind": origin["kind"],
        "official": origin["official"],
        "publisher": origin["publisher"],
        "commit": commit["id"],
        "commit_full": commit["full"],
        "base_of_dirty_tree": commit["dirty"].as_bool().unwrap_or(false),
        "pipeline": if pipeline.is_null() { Value::Null } else { json!({
            "system": pipeline["system"], "org": pipeline["organization"], "slug": pipeline["slug"],
            "id": pipeline["id"], "build_number": pipeline["build"], "url": pipeline["url"],
        }) },
        "public_ref": origin["public_reference"],
        "pull": origin["pull"]["reference"],
        "pull_ok": origin["pull"]["ok"],
        "as_imported": origin["imported"][if via_daemon { "uri" } else { "reference" }],
        "derived_from": origin["derived_from"]["reference"],
        "lineage": lineage,
        "prerelease": origin["prerelease"],
        "moving": origin["moving"],
        "modified_after_import": origin["modified_after_import"],
    })
}
