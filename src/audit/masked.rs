//! Masks secrets in records of earlier reports.

use std::borrow::Cow;

use super::record::{OriginSummary, Record, Skipped};
use crate::redact;

impl Skipped {
    /// See [`Record::redact`].
    pub fn redact(&mut self) {
        redact::plain(&mut self.code);
        redact::plain(&mut self.message);
    }
}

impl Record {
    /// Masks values that look like secrets: an earlier version may not have masked them.
    pub fn redact(&mut self) {
        let mut texts: Vec<&mut String> = Vec::new();
        let keys = &mut self.keys;
        let of_keys = [
            &mut keys.moving,
            &mut keys.content,
            &mut keys.tree_id,
            &mut keys.settings,
            &mut keys.known,
            &mut keys.judged_by,
        ];
        texts.extend(of_keys.into_iter().flatten());
        texts.extend(self.error.iter_mut());
        for fingerprint in self.fingerprint.iter_mut() {
            texts.extend([&mut fingerprint.digest, &mut fingerprint.untimed_digest]);
            texts.extend(fingerprint.newest.iter_mut());
            for package in &mut fingerprint.packages {
                texts.extend([&mut package.name, &mut package.version, &mut package.record]);
            }
        }
        for attested in self.attested.iter_mut() {
            texts.extend(attested.signer.iter_mut().chain(&mut attested.invalid));
        }
        for known in &mut self.recognised {
            redact::plain(&mut known.image.listed_in);
            texts.extend(known.package.iter_mut().chain(known.image.texts()));
        }
        texts.extend(self.conflicts.iter_mut().chain(&mut self.warnings));
        for finding in &mut self.findings {
            texts.extend([&mut finding.code, &mut finding.message]);
        }
        for line in &mut self.evidence {
            let name = line.source.rsplit(' ').next().unwrap_or_default();
            if let Cow::Owned(masked) = redact::value(name, &line.value) {
                line.value = masked;
            }
            texts.extend([&mut line.field, &mut line.value, &mut line.source]);
        }
        let file = &mut self.file;
        let of_file = [
            &mut file.owner,
            &mut file.group,
            &mut file.compression,
            &mut file.packed_at,
            &mut file.mtime,
            &mut file.ctime,
        ];
        texts.extend(of_file.into_iter().flatten());
        texts.extend(self.origin.iter_mut().flat_map(of_origin));
        texts.into_iter().for_each(redact::plain);
    }
}

/// Returns the texts of an origin.
fn of_origin(origin: &mut OriginSummary) -> Vec<&mut String> {
    let options = [
        &mut origin.publisher,
        &mut origin.product,
        &mut origin.version,
        &mut origin.commit,
        &mut origin.repository,
        &mut origin.pipeline,
        &mut origin.public_reference,
        &mut origin.pull,
        &mut origin.imported,
        &mut origin.digest,
        &mut origin.derived_from,
        &mut origin.created,
        &mut origin.architecture,
        &mut origin.os,
    ];
    let options = options.into_iter().flatten();
    options.chain(&mut origin.reasons).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::audit::attested::Attested;
    use crate::audit::record::{EvidenceLine, FileFields, Line};
    use crate::finding::{Finding, Severity};
    use crate::provenance::{Fingerprint, PackageRecord, PathText, Recognised, Status};

    const SECRET: &str = "ghp_0123456789abcdefghij0123456789abcdef";
    /// What a report has in words of its own, bytes in base64, and paths, which are left as they are.
    const OWN: [&str; 11] = [
        "type",
        "schema",
        "path",
        "sample",
        "paths",
        "contents",
        "level",
        "severity",
        "status",
        "confidence",
        "kind",
    ];

    /// A record with everything in it that one can have.
    fn whole() -> Value {
        let mut record = Record::unread(PathText::default(), FileFields::default());
        record.origin = Some(OriginSummary::default());
        record.attested = Some(Attested::default());
        record.recognised = vec![Recognised::default()];
        record.fingerprint = Some(Fingerprint::default());
        record.evidence = vec![EvidenceLine {
            field: String::new(),
            value: String::new(),
            source: String::new(),
            status: Status::Alone,
        }];
        record.findings = vec![Finding {
            code: String::new(),
            severity: Severity::Info,
            message: String::new(),
        }];
        let mut whole = serde_json::to_value(Line::Image(Box::new(record))).unwrap();
        let package = serde_json::to_value(PackageRecord::default()).unwrap();
        for (pointer, value) in [
            ("/fingerprint/packages", json!([package])),
            ("/conflicts", json!([""])),
            ("/warnings", json!([""])),
            ("/origin/reasons", json!([""])),
        ] {
            *whole.pointer_mut(pointer).unwrap() = value;
        }
        whole
    }

    /// Collects every place of a text in the schema, with a foreign text in it.
    fn places(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                let fields = fields
                    .iter()
                    .filter(|(name, _)| !OWN.contains(&name.as_str()));
                fields.for_each(|(name, value)| places(value, &format!("{at}/{name}"), found));
            }
            Value::Array(values) => {
                let values = values.iter().enumerate();
                values.for_each(|(number, value)| places(value, &format!("{at}/{number}"), found));
            }
            Value::String(_) | Value::Null => found.push(at.to_owned()),
            Value::Bool(_) | Value::Number(_) => {}
        }
    }

    #[test]
    fn a_secret_in_any_text_of_an_earlier_report_is_masked() {
        let whole = whole();
        let mut all = Vec::new();
        places(&whole, "", &mut all);
        let mut planted = 0;
        for place in all {
            let mut line = whole.clone();
            *line.pointer_mut(&place).unwrap() = json!(format!("token {SECRET}"));
            let Ok(Line::Image(mut record)) = Line::parse(line.to_string().as_bytes()) else {
                // The value is a number, or one of a few words.
                continue;
            };
            planted += 1;
            record.redact();
            let text = serde_json::to_string(&record).unwrap();
            assert!(!text.contains(SECRET), "{place}: {text}");
        }
        assert!(planted >= 50, "{planted}");
    }
}
