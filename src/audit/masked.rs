//! Records of earlier reports, without what looks like a secret.

use std::borrow::Cow;

use super::record::{Record, Skipped};
use crate::redact;

impl Skipped {
    /// As [`Record::redact`].
    pub fn redact(&mut self) {
        for text in [&mut self.code, &mut self.message] {
            if let Cow::Owned(masked) = redact::text(text) {
                *text = masked;
            }
        }
    }
}

impl Record {
    /// Masks what looks like a secret: a report of an earlier version may have let it through.
    pub fn redact(&mut self) {
        let keys = &mut self.keys;
        let mut texts: Vec<&mut String> = Vec::new();
        texts.extend(
            [&mut keys.moving, &mut keys.content, &mut keys.tree_id]
                .into_iter()
                .flatten(),
        );
        texts.extend(self.error.iter_mut());
        let fingerprint = self.fingerprint.iter_mut();
        for package in fingerprint.flat_map(|fingerprint| &mut fingerprint.packages) {
            texts.extend([&mut package.name, &mut package.version]);
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
        if let Some(origin) = &mut self.origin {
            let of_origin = [
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
            texts.extend(of_origin.into_iter().flatten());
            texts.extend(&mut origin.reasons);
        }
        for text in texts {
            if let Cow::Owned(masked) = redact::text(text) {
                *text = masked;
            }
        }
    }
}
