//! Recognises partial answers.

use crate::provenance::Provenance;

/// Codes of warnings about something that could not be read. The answer about an image with one of them is partial,
/// and the program exits with 2.
pub const PARTIAL_WARNINGS: [&str; 12] = [
    "attestation-damaged",
    "changed-while-read",
    "damaged",
    "importer-file-damaged",
    "importer-file-unreadable",
    "layers-not-read",
    "over-limit",
    "rpm-not-read",
    "timed-out",
    "tree-unreadable",
    "truncated",
    "unreadable-file",
];

impl Provenance {
    /// Returns true if part of the image could not be read. What this document lacks may then be in
    /// the image.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.file.whole == Some(false)
            || self
                .warnings
                .iter()
                .any(|warning| PARTIAL_WARNINGS.contains(&warning.code.as_str()))
    }

    /// Returns true if the files of the image were not read, so that its packages are not known. Those of a layout or
    /// archive are in its layers, and a configuration has none.
    #[must_use]
    pub fn is_without_files(&self) -> bool {
        !self.file.format.is_imported() && self.packages.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use crate::provenance::{Format, Warning};
    use crate::report::samples;

    #[test]
    fn damage_and_limits_leave_an_answer_in_part() {
        assert!(!samples::release().is_partial());
        for (code, partial) in [
            ("damaged", true),
            ("over-limit", true),
            ("timed-out", true),
            ("unreadable-file", true),
            ("rc-local-edited", false),
        ] {
            let mut document = samples::release();
            document.warnings = vec![Warning {
                code: code.to_owned(),
                message: String::new(),
            }];
            assert_eq!(document.is_partial(), partial, "{code}");
        }
        let mut document = samples::release();
        document.file.whole = Some(false);
        assert!(document.is_partial());
    }

    #[test]
    fn an_image_in_layers_without_packages_was_not_read() {
        let mut document = samples::release();
        assert!(!document.is_without_files());
        document.file.format = Format::OciLayout;
        assert!(!document.is_without_files());
        document.packages.clear();
        assert!(document.is_without_files());
        document.file.format = Format::Squashfs;
        assert!(!document.is_without_files());
    }
}
