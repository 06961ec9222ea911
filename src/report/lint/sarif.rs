//! SARIF 2.1.0, which code hosts show beside a change
//! (docs.oasis-open.org/sarif/sarif/v2.1.0).

use serde_json::{Map, Value, json};

use super::words::{command, path};
use crate::finding::Severity;
use crate::lint::document::{Document, Finding};
use crate::lint::{RULES, Rule};
use crate::report::json;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The address that describes the rules: the page of the crate's documentation.
const HELP: &str = "https://docs.rs/sqsh-prov/latest/sqsh_prov/lint/";

/// As SARIF, indented, with a newline at the end: one run for all inputs. `unread` says of each input
/// without a document why it could not be read.
///
/// # Errors
/// If it cannot be serialised; none of its types does that.
pub fn sarif(documents: &[Document], unread: &[String]) -> Result<String, serde_json::Error> {
    let rules: Vec<Value> = RULES.iter().map(|rule| described(rule)).collect();
    let mut results = Vec::new();
    let mut notifications = Vec::new();
    for document in documents {
        let findings = document.findings.iter().flatten();
        results.extend(findings.map(|finding| result(document, finding)));
        notifications.extend(document.warnings.iter().map(|warning| {
            json!({
                "level": if document.input.partial { "error" } else { "note" },
                "message": {"text": warning.message},
                "descriptor": {"id": warning.code},
            })
        }));
    }
    notifications.extend(unread.iter().map(|message| {
        json!({
            "level": "error",
            "message": {"text": message},
            "descriptor": {"id": "unreadable"},
        })
    }));
    let partial = documents.iter().any(|document| document.input.partial);
    json::pretty(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "sqsh-prov",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": !partial && unread.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    }))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn described(rule: &Rule) -> Value {
    let (meaning, change) = (sentence(rule.meaning), sentence(rule.change));
    json!({
        "id": rule.code,
        "shortDescription": {"text": meaning},
        "fullDescription": {"text": format!("{meaning} {change}")},
        "help": {"text": change},
        "helpUri": HELP,
        "defaultConfiguration": {"level": level(rule.severity)},
    })
}

/// Returns the text with a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).chain(['.']).collect()
}

fn result(document: &Document, finding: &Finding) -> Value {
    let (message, change) = (sentence(&finding.message), sentence(&finding.change));
    let mut text = format!("{message} {change}");
    if let Some(command) = command(finding) {
        text.push_str(&format!("\n\n{command}"));
    }
    let name = path(&document.input.path);
    let file = finding.path.as_deref().unwrap_or(&name);
    let mut physical = Map::new();
    physical.insert("artifactLocation".to_owned(), json!({"uri": uri(file)}));
    if let Some(line) = finding.line {
        physical.insert("region".to_owned(), json!({"startLine": line}));
    }
    let mut location = Map::new();
    location.insert("physicalLocation".to_owned(), Value::Object(physical));
    let logical = logical(finding);
    if !logical.is_empty() {
        location.insert("logicalLocations".to_owned(), Value::Array(logical));
    }
    let index = RULES.iter().position(|rule| rule.code == finding.code);
    let key = finding.key.as_deref().unwrap_or_default();
    let print = format!("{}/{key}/{}", finding.code, finding.images.join(","));
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": [location],
        "partialFingerprints": {"sqshProvLint/v1": print},
    });
    if let (false, Some(object)) = (finding.edits.is_empty(), result.as_object_mut()) {
        object.insert("fixes".to_owned(), json!([fix(&name, finding)]));
    }
    result
}

/// Returns the edits that fix the finding.
fn fix(name: &str, finding: &Finding) -> Value {
    let changes = finding.edits.iter().map(|edit| {
        let file = edit.path.as_deref().unwrap_or(name);
        let lines = edit.insert.iter().map(|line| format!("{line}\n"));
        json!({
            "artifactLocation": {"uri": uri(file)},
            "replacements": [{
                "deletedRegion": {
                    "startLine": edit.line,
                    "startColumn": 1,
                    "endLine": edit.line.saturating_add(edit.remove),
                    "endColumn": 1,
                },
                "insertedContent": {"text": lines.collect::<String>()},
            }],
        })
    });
    json!({
        "description": {"text": sentence(&finding.change)},
        "artifactChanges": changes.collect::<Vec<_>>(),
    })
}

/// Returns the place within the image: level, key, platform.
fn logical(finding: &Finding) -> Vec<Value> {
    let Some(level) = finding.level else {
        return Vec::new();
    };
    let key = finding.key.as_deref().unwrap_or_default();
    let level = level.words();
    let name = if key.is_empty() { level } else { key };
    let images: &[String] = match finding.images.as_slice() {
        [] => &[String::new()],
        images => images,
    };
    let members = images.iter().map(|image| {
        let mut parts = vec![image, level, key];
        parts.retain(|part| !part.is_empty());
        json!({"name": name, "fullyQualifiedName": parts.join(" / "), "kind": "member"})
    });
    members.collect()
}

/// Returns a path as a URI. A relative path stays relative to the directory of the run.
fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    if path.starts_with('/') {
        out.push_str("file://");
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_uri() {
        assert_eq!(uri("a b/ü:x#y"), "a%20b/%C3%BC%3Ax%23y");
        assert_eq!(uri("/etc/rc"), "file:///etc/rc");
    }
}
