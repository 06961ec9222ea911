//! `csv`: a row for each image, for a spreadsheet (RFC 4180).

use super::{Report, shown_path};
use crate::audit::record::Record;
use crate::finding::{Finding, Severity};
use crate::provenance::Confidence;
use crate::report::escape;

/// The columns.
const HEADS: [&str; 35] = [
    "path",
    "size",
    "allocated",
    "mtime",
    "uid",
    "owner",
    "gid",
    "group",
    "compression",
    "inodes",
    "packed_at",
    "kind",
    "official",
    "publisher",
    "product",
    "version",
    "commit",
    "repository",
    "pipeline",
    "public_reference",
    "pull",
    "pull_ok",
    "imported",
    "digest",
    "derived_from",
    "created",
    "moving",
    "modified_after_import",
    "confidence",
    "architecture",
    "severity",
    "findings",
    "error",
    "content",
    "tree_id",
];

/// What a spreadsheet takes for the start of a formula, in one language or another: also in the wide
/// and small forms (Unicode, "Halfwidth and Fullwidth Forms", "Small Form Variants") and as the sign of
/// subtraction.
const FORMULA: [char; 13] = [
    '=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '−',
];

/// The report. A cell that a spreadsheet would take for a formula starts with `'`.
///
/// # Errors
/// When it cannot be written to memory, which does not happen.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    let of_several = report.of_several();
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let failed = |error: csv::Error| serde_json::Error::io(error.into());
    writer.write_record(HEADS).map_err(failed)?;
    for record in &report.images {
        let mut findings = record.findings.clone();
        findings.extend(of_several.get(&record.path).into_iter().flatten().cloned());
        let row = row(record, &findings);
        let row = row.iter().map(|cell| guarded(cell));
        writer.write_record(row).map_err(failed)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| serde_json::Error::io(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn row(record: &Record, findings: &[Finding]) -> Vec<String> {
    let file = &record.file;
    let origin = record.origin.clone().unwrap_or_default();
    let known = record.origin.is_some();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let only_known = |value: &str| {
        if known {
            value.to_owned()
        } else {
            String::new()
        }
    };
    let mut codes: Vec<&str> = findings.iter().map(|f| f.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let worst = findings.iter().map(|finding| finding.severity).max();
    vec![
        shown_path(&record.path),
        file.size.to_string(),
        file.allocated.to_string(),
        text(&file.mtime),
        file.uid.to_string(),
        text(&file.owner),
        file.gid.to_string(),
        text(&file.group),
        text(&file.compression),
        file.inodes.map(|n| n.to_string()).unwrap_or_default(),
        text(&file.packed_at),
        only_known(origin.kind.as_str()),
        origin.official.map(|o| o.to_string()).unwrap_or_default(),
        text(&origin.publisher),
        text(&origin.product),
        text(&origin.version),
        text(&origin.commit),
        text(&origin.repository),
        text(&origin.pipeline),
        text(&origin.public_reference),
        text(&origin.pull),
        only_known(&origin.pull_ok.to_string()),
        text(&origin.imported),
        text(&origin.digest),
        text(&origin.derived_from),
        text(&origin.created),
        only_known(&origin.moving.to_string()),
        only_known(&origin.modified_after_import.to_string()),
        only_known(confidence(origin.confidence)),
        text(&origin.architecture),
        worst.map(Severity::as_str).unwrap_or_default().to_owned(),
        codes.join(" "),
        text(&record.error),
        text(&record.keys.content),
        text(&record.keys.tree_id),
    ]
}

fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Corroborated => "corroborated",
        Confidence::Declared => "declared",
        Confidence::Inferred => "inferred",
        Confidence::None => "none",
    }
}

fn guarded(cell: &str) -> String {
    let shown = escape::text(cell);
    // Also behind spaces, which some spreadsheets drop.
    let starts = |text: &str| text.starts_with(FORMULA);
    if cell.starts_with(['\t', '\r', '\n']) || starts(cell) || starts(cell.trim_start()) {
        format!("'{shown}")
    } else {
        shown.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::record::{FileFields, OriginSummary};
    use crate::provenance::PathText;

    fn rows(path: &str, product: &str) -> Vec<Vec<String>> {
        let path = PathText::Text(path.to_owned());
        let mut record = Record::unread(path, FileFields::default());
        record.origin = Some(OriginSummary {
            product: Some(product.to_owned()),
            ..OriginSummary::default()
        });
        let report = Report {
            images: vec![record],
            ..Report::default()
        };
        let text = render(&report).unwrap();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(text.as_bytes());
        reader
            .records()
            .map(|row| row.unwrap().iter().map(str::to_owned).collect())
            .collect()
    }

    #[test]
    fn a_formula_is_no_formula_any_more() {
        for start in ["=", "+", "-", "@", "\t", "\r"] {
            let rows = rows("/x", &format!("{start}cmd|' /C calc'!A0"));
            assert_eq!(rows.len(), 2);
            assert!(rows[1][14].starts_with('\''), "{:?}", rows[1][14]);
        }
    }

    #[test]
    fn quotes_commas_and_lines_stay_in_their_cell() {
        let rows = rows("/a,b\"c\nd.sqsh", "x");
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[1].len(), HEADS.len());
        assert_eq!(rows[1][0], "/a,b\"c\\nd.sqsh");
        assert_eq!(rows[1][14], "x");
    }
}
