//! Statements that are to be signed: in-toto Statement v1.

use serde_json::{Map, Value, json};

use crate::attestation::{DOCUMENT, IMPORT};
use crate::image::content::ALGORITHM;
use crate::provenance::{self, Provenance};
use crate::report::json;

/// What a statement is made of.
#[derive(Debug)]
pub struct Statement<'s> {
    /// What this program says of the image.
    pub document: &'s Provenance,
    /// What the image is called.
    pub name: &'s str,
    /// The SHA-256 of the file, 64 hex digits, where it is one.
    pub file: Option<&'s str>,
    /// The content digest, 64 hex digits.
    pub content: Option<&'s str>,
    /// The digest of what the importer wrote, `sha256:…`.
    pub settings: Option<&'s str>,
    /// Digests of the manifest and its indexes, `sha256:…`: its own, or those of the layout that its
    /// content was compared with.
    pub manifests: &'s [String],
    /// Who imported the image.
    pub importer: Option<&'s str>,
    /// When the statement is made, RFC 3339.
    pub made: &'s str,
}

/// The statement, indented, with a newline at its end. Every byte of it is signed.
///
/// # Errors
/// None in a build that passes its tests.
pub fn render(statement: &Statement<'_>) -> Result<String, serde_json::Error> {
    let (kind, predicate) = match statement.importer {
        Some(importer) => (
            "https://slsa.dev/provenance/v1",
            import(statement, importer),
        ),
        None => (DOCUMENT, document(statement)?),
    };
    json::pretty(&json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects(statement),
        "predicateType": kind,
        "predicate": predicate,
    }))
}

/// A subject for each digest: they are digests of different things.
fn subjects(statement: &Statement<'_>) -> Vec<Value> {
    let name = statement.name;
    let one = |algorithm: &str, hex: &str| json!({"name": name, "digest": {algorithm: hex}});
    let mut subjects = Vec::new();
    subjects.extend(statement.file.map(|hex| one("sha256", hex)));
    subjects.extend(statement.content.map(|hex| one(ALGORITHM, hex)));
    if statement.file.is_none() {
        let own = statement.manifests.last();
        subjects.extend(own.map(|digest| one("sha256", hex(digest))));
    }
    subjects
}

fn hex(digest: &str) -> &str {
    digest.strip_prefix("sha256:").unwrap_or(digest)
}

/// The document without what is of the machine that it was made on.
fn document(statement: &Statement<'_>) -> Result<Value, serde_json::Error> {
    let document = statement.document;
    let own = Provenance {
        file: provenance::File {
            path: provenance::PathText::Text(statement.name.to_owned()),
            uid: None,
            gid: None,
            mtime: None,
            inode: None,
            allocated: None,
            ..document.file.clone()
        },
        attestations: Vec::new(),
        ..document.clone()
    };
    let mut predicate = serde_json::to_value(own)?;
    if let Value::Object(fields) = &mut predicate {
        fields.insert("made".to_owned(), json!(statement.made));
        fields.insert("settings".to_owned(), json!(statement.settings));
        if statement.file.is_some() && !statement.manifests.is_empty() {
            fields.insert("manifests".to_owned(), json!(statement.manifests));
        }
    }
    Ok(predicate)
}

/// SLSA provenance v1 of an import.
fn import(statement: &Statement<'_>, importer: &str) -> Value {
    let document = statement.document;
    let imported = document.origin.imported.as_ref();
    let uri = imported.map(|imported| imported.uri.clone());
    let reference = imported.and_then(|imported| imported.reference.clone());
    let mut sources: Vec<Value> = Vec::new();
    let declared = imported.and_then(|imported| imported.digest.clone());
    for digest in declared.iter().chain(statement.manifests) {
        let source = json!({"uri": reference, "digest": {"sha256": hex(digest)}});
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    let mut metadata = Map::new();
    metadata.insert("finishedOn".to_owned(), json!(document.file.packed_at));
    json!({
        "buildDefinition": {
            "buildType": IMPORT,
            "externalParameters": {"uri": uri, "reference": reference},
            "internalParameters": {"settings": statement.settings, "made": statement.made},
            "resolvedDependencies": sources,
        },
        "runDetails": {"builder": {"id": importer}, "metadata": metadata},
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::escape::is_hostile;
    use crate::report::samples;

    #[test]
    fn a_statement_about_a_hostile_image_is_safe_to_show() {
        let document = samples::hostile();
        let statement = |importer| Statement {
            document: &document,
            name: "a\u{202e}b\u{2028}c\u{1b}[31m",
            file: Some("0"),
            content: None,
            settings: None,
            manifests: &[],
            importer,
            made: "2026-11-30T00:00:00Z",
        };
        for importer in [None, Some("https://importer.example.org\u{202e}")] {
            let text = render(&statement(importer)).unwrap();
            assert!(!text.contains(|c| is_hostile(c) && c != '\n'), "{text}");
            let read: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(read["subject"][0]["name"], statement(None).name);
        }
    }
}
