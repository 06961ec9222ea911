//! `csv`: a row for each image, for a spreadsheet (RFC 4180).

use super::Report;
use super::columns::{
    COLUMNS, Column, OF_A_FAMILY, OF_A_SPREADSHEET, RECOGNISED, Row, has_recognised, named,
};
use crate::report::escape;

/// The characters with which a formula can begin in a spreadsheet. In some languages also the wide and small
/// forms (Unicode, "Halfwidth and Fullwidth Forms", "Small Form Variants") and the minus sign begin one.
const FORMULA: [char; 13] = [
    '=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '−',
];

/// Returns the report with these columns, or with the default ones if none is named. A cell that a spreadsheet
/// could take for a formula starts with `'`.
///
/// # Errors
/// If it cannot be written to memory, which does not happen.
pub fn render(report: &Report, columns: &[String]) -> Result<String, serde_json::Error> {
    let chosen: Vec<&Column> = if columns.is_empty() {
        let more = OF_A_FAMILY.iter().filter(|_| !report.families.is_empty());
        let known = [RECOGNISED].into_iter().filter(|_| has_recognised(report));
        let more = more.copied().chain(known).filter_map(named);
        COLUMNS.iter().take(OF_A_SPREADSHEET).chain(more).collect()
    } else {
        columns.iter().filter_map(|name| named(name)).collect()
    };
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let failed = |error: csv::Error| serde_json::Error::io(error.into());
    let heads = chosen.iter().map(|column| column.name);
    writer.write_record(heads).map_err(failed)?;
    for row in Row::all(report) {
        let cells = chosen.iter().map(|column| guarded(&(column.value)(&row)));
        writer.write_record(cells).map_err(failed)?;
    }
    let bytes = writer.into_inner();
    let bytes = bytes.map_err(|error| serde_json::Error::io(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn guarded(cell: &str) -> String {
    let shown = escape::text(cell);
    // Some spreadsheets drop the spaces in front of a formula.
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

    fn rows(path: &str, product: &str) -> Vec<Vec<String>> {
        let text = render(&Report::of_product(path, product), &[]).unwrap();
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
        assert_eq!(rows[1].len(), OF_A_SPREADSHEET);
        assert_eq!(rows[1][0], "/a,b\"c\\nd.sqsh");
        assert_eq!(rows[1][14], "x");
    }
}
