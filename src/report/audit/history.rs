//! The history of an audit: a table, or a row of a spreadsheet for each week.

use super::{count, shown_path, size};
use crate::audit::history::{Growth, History, Sum, Week};
use crate::provenance::PathText;
use crate::report::escape;

/// The name of a report, made safe to show.
#[must_use]
pub fn name(report: &PathText) -> String {
    shown_path(report)
}

/// For a person at a terminal.
#[must_use]
pub fn table(history: &History) -> String {
    const HEADS: [&str; 8] = [
        "WEEK", "IMAGES", "SPACE", "CAME", "WENT", "CHANGED", "GREW", "MOST",
    ];
    let mut rows = vec![HEADS.map(str::to_owned)];
    rows.extend(history.weeks.iter().map(cells));
    let mut widths = [0; HEADS.len()];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in &rows {
        let last = HEADS.len() - 1;
        let cells = row.iter().zip(widths).enumerate();
        let line = cells.map(|(at, (cell, width))| match at {
            _ if at == 0 || at == last => format!("{cell:width$}"),
            _ => format!("{cell:>width$}"),
        });
        text.push_str(line.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn cells(week: &Week) -> [String; 8] {
    let sum = |sum: Option<Sum>| match sum {
        None | Some(Sum { images: 0, .. }) => "-".to_owned(),
        Some(sum) => format!("{} ({})", count(sum.images), size(sum.bytes)),
    };
    [
        week.week.clone(),
        count(week.total.images),
        size(week.total.bytes),
        sum(week.came),
        sum(week.went),
        sum(week.changed),
        week.grew.map_or_else(|| "-".to_owned(), signed),
        most(&week.owners),
    ]
}

fn signed(bytes: i64) -> String {
    let sign = match bytes {
        0 => "",
        1.. => "+",
        _ => "-",
    };
    format!("{sign}{}", size(bytes.unsigned_abs()))
}

fn most(growth: &[Growth]) -> String {
    let all = growth.iter();
    let all = all.map(|one| format!("{} {}", escape::text(&one.name), signed(one.bytes)));
    all.collect::<Vec<_>>().join(", ")
}

/// Returns a row for each week (RFC 4180). All cells are numbers and times; none can be a formula.
#[must_use]
pub fn csv(history: &History) -> String {
    let mut text = String::from(
        "week,now,images,bytes,came_images,came_bytes,went_images,went_bytes,changed_images,changed_bytes,renamed_images,renamed_bytes,grew_bytes\r\n",
    );
    for week in &history.weeks {
        let sum = |sum: Option<Sum>| match sum {
            Some(sum) => format!("{},{}", sum.images, sum.bytes),
            None => ",".to_owned(),
        };
        let grew = week.grew.map(|bytes| bytes.to_string()).unwrap_or_default();
        let cells = [
            week.week.clone(),
            escape::text(&week.now).replace([',', '"'], ""),
            week.total.images.to_string(),
            week.total.bytes.to_string(),
            sum(week.came),
            sum(week.went),
            sum(week.changed),
            sum(week.renamed),
            grew,
        ];
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history() -> History {
        let sum = |images, bytes| Some(Sum { images, bytes });
        let first = Week {
            week: "2026-W37".to_owned(),
            now: "2026-09-13T00:00:00Z".to_owned(),
            total: Sum {
                images: 1204,
                bytes: 18_200_000_000_000,
            },
            ..Week::default()
        };
        let second = Week {
            week: "2026-W38".to_owned(),
            came: sum(12, 310_000_000_000),
            went: sum(0, 0),
            changed: sum(2, 40_000_000_000),
            renamed: sum(0, 0),
            grew: Some(-2_500_000_000),
            owners: vec![Growth {
                name: "a\u{1b}da".to_owned(),
                bytes: 120_000_000_000,
            }],
            ..first.clone()
        };
        History {
            weeks: vec![first, second],
            ..History::default()
        }
    }

    #[test]
    fn a_row_for_each_week() {
        let expected = "\
WEEK      IMAGES    SPACE         CAME  WENT      CHANGED     GREW  MOST
2026-W37   1,204  18.2 TB            -     -            -        -
2026-W38   1,204  18.2 TB  12 (310 GB)     -  2 (40.0 GB)  -2.5 GB  a\\x1bda +120 GB
";
        assert_eq!(table(&history()), expected);
    }

    #[test]
    fn a_spreadsheet_has_numbers_only() {
        let text = csv(&history());
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(
            rows[1],
            "2026-W37,2026-09-13T00:00:00Z,1204,18200000000000,,,,,,,,,"
        );
        assert!(rows[2].ends_with(",12,310000000000,0,0,2,40000000000,0,0,-2500000000"));
        let columns = |row: &str| row.split(',').count();
        assert!(rows.iter().all(|row| columns(row) == columns(rows[0])));
    }
}
