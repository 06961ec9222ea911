//! Every text of a document, with a token put in its place.

use serde_json::{Value, json};

use super::redact;
use crate::provenance::Provenance;
use crate::report::samples;

/// Where each text and each empty place of a document stands.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                places(inner, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(map) => {
            for (key, inner) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                places(inner, &format!("{at}/{key}"), found);
            }
        }
        Value::String(_) | Value::Null => found.push(at.to_owned()),
        Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A document that has something of everything.
fn full() -> Value {
    let mut all = serde_json::to_value(samples::hostile()).unwrap();
    let image = json!({"path": "/images/a.sqsh", "kind": "release", "official": null, "attested": false,
        "publisher": "p", "product": "p", "version": "1", "commit": "98dff2a", "public_reference": "a/b:c",
        "imported": "a/b:c", "digest": null, "listed_in": "list", "listed": null});
    let ancestor = json!({"publisher": "p", "product": "p", "version": "1", "commit": "98dff2a", "reference": "a/b:c"});
    all["origin"]["derived_from"] = ancestor.clone();
    all["lineage"] = json!([ancestor]);
    all["origin"]["commit"] =
        json!({"id": "98dff2a", "full": false, "dirty": false, "repository": "r"});
    let check = json!({"test": ["CMD-SHELL", "a"], "interval": "30s", "timeout": "1s", "start_period": "1s",
        "start_interval": "1s", "retries": 3});
    all["runtime"] = json!({"entrypoint": ["a"], "cmd": ["b"], "workdir": "c", "volumes": ["d"],
        "user": "e", "ports": ["8000/tcp"], "stop_signal": "SIGINT", "healthcheck": check});
    all["part"] = json!({"platform": "linux/amd64", "target": "t", "differs": ["labels.a"]});
    all["digests"] = json!({"index": "d", "manifest": "d", "config": "d"});
    all["history"] =
        json!([{"created": "t", "created_by": "RUN a", "comment": "c", "empty_layer": false}]);
    all["packages"] = json!([{"name": "a", "version": "1", "ecosystem": "pypi", "path": "/a", "commit": "98dff2a",
        "url": "https://example.org", "editable": false}]);
    all["inside"] =
        json!([{"name": "cuda", "version": "13", "source": "environment CUDA_VERSION"}]);
    all["integrity"] = json!([{"package": "a", "path": "/a", "files": 1, "changed": ["b"], "missing": ["c"], "extra": ["d"]}]);
    all["fingerprint"] = json!({"version": 1, "files": 1, "bytes": 1, "newest": null, "timed": true, "digest": "d",
        "untimed_digest": "d", "sample": "d", "paths": null, "contents": null,
        "packages": [{"name": "a", "version": "1", "record": "d"}]});
    all["recognised"] = json!([{"level": "same-package", "share": null, "added": null, "changed": null, "removed": null,
        "estimated": false, "base": false, "package": "a", "image": image}]);
    all["attestations"] = json!([{"level": "file", "status": "verified", "reason": "signed", "message": "m",
        "signer": "s", "issuer": "i", "predicate_type": "t", "subject": "sha256:0", "time": null, "path": "p"}]);
    all["warnings"] = json!([{"code": "c", "message": "m"}]);
    all
}

/// What this program writes, or the user names: no text of an image stands there.
const OWN: &[&str] = &[
    "/schema",
    "/file/path",
    "/file/compression",
    "/file/mtime",
    "/file/packed_at",
    "/file/tree_id",
    "/origin/reasons",
    "/origin/pull/notes",
    // Hexadecimal digits, or it is no commit.
    "/origin/commit/id",
    "/conflicts/code",
    "/conflicts/values/source/carrier",
    "/evidence/contract",
    "/evidence/source/carrier",
    "/packages/ecosystem",
    "/inside/name",
    "/fingerprint/contents",
    "/fingerprint/digest",
    "/fingerprint/newest",
    "/fingerprint/packages/record",
    "/fingerprint/paths",
    "/fingerprint/sample",
    "/fingerprint/untimed_digest",
    "/recognised/image/listed",
    "/recognised/image/listed_in",
    "/recognised/image/path",
    "/attestations/reason",
    "/attestations/time",
    "/warnings/code",
];

#[test]
fn a_token_is_masked_wherever_a_document_may_have_it() {
    let token = format!("glpat-{}", "Fake1Example2".repeat(2));
    let whole = full();
    serde_json::from_value::<Provenance>(whole.clone()).unwrap();
    let mut all = Vec::new();
    places(&whole, "", &mut all);
    let mut left = Vec::new();
    for place in &all {
        let mut changed = whole.clone();
        *changed.pointer_mut(place).unwrap() = json!(token);
        // Some places take a few words only.
        let Ok(mut document) = serde_json::from_value::<Provenance>(changed) else {
            continue;
        };
        redact(&mut document);
        if serde_json::to_string(&document).unwrap().contains(&token) {
            left.push(place.as_str());
        }
    }
    let own = |place: &&str| {
        let numberless: Vec<&str> = place
            .split('/')
            .filter(|part| part.parse::<u32>().is_err())
            .collect();
        OWN.contains(&numberless.join("/").as_str())
    };
    left.retain(|place| !own(place));
    assert!(all.len() > 80, "{}", all.len());
    assert_eq!(left, [""; 0]);
}
