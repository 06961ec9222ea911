//! Reports of an audit, one file per format. All of them are sinks for the lines.

pub mod columns;
pub mod csv;
pub mod diff;
pub mod dot;
pub mod history;
pub mod html;
pub mod openmetrics;
mod page_data;
pub mod stream;
pub mod table;
pub mod tree;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use serde::Serialize;

use super::escape;
use crate::audit::Sink;
use crate::audit::family::FamilyRecord;
use crate::audit::findings::severity;
use crate::audit::record::{FindingRecord, Line, Record, SCHEMA, Skipped, Summary};
use crate::audit::sums::{add, sum};
use crate::finding::{Finding, Severity};
use crate::provenance::{Kind, PathText};

/// All lines of a report, for formats that need them together.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Report {
    /// Always `sqsh-prov-audit/1`.
    pub schema: String,
    /// The images.
    pub images: Vec<Record>,
    /// What was not read.
    pub skipped: Vec<Skipped>,
    /// Findings that need all images.
    pub findings: Vec<FindingRecord>,
    /// With `--lineage`: the family tree of all images, by content.
    pub families: Vec<FamilyRecord>,
    /// Totals of the run.
    pub summary: Summary,
}

impl Report {
    fn take(&mut self, line: Line) -> bool {
        match line {
            Line::Image(record) => self.images.push(*record),
            Line::Skipped(skipped) => self.skipped.push(skipped),
            Line::Finding(finding) => self.findings.push(finding),
            Line::Family(family) => self.families.push(*family),
            Line::Summary(summary) => {
                self.schema = SCHEMA.to_owned();
                self.summary = *summary;
                return true;
            }
        }
        false
    }

    /// Returns the findings about several images, by each image that they name.
    fn of_several(&self) -> HashMap<&PathText, Vec<Finding>> {
        let mut all: HashMap<&PathText, Vec<Finding>> = HashMap::new();
        for finding in &self.findings {
            let message = match &finding.keep {
                Some(keep) => format!("{}: {}", finding.message, shown_path(keep)),
                None => finding.message.clone(),
            };
            let of_one = Finding {
                code: finding.code.clone(),
                severity: finding.severity,
                message,
            };
            for path in &finding.paths {
                all.entry(path).or_default().push(of_one.clone());
            }
        }
        all
    }
}

/// How a report is rendered when all of it is there.
pub type Render = Box<dyn Fn(&Report) -> Result<String, serde_json::Error>>;

/// A sink that keeps all lines, and writes when the last is there.
pub struct Collected<W> {
    report: Report,
    render: Render,
    out: W,
}

impl<W: Write> Collected<W> {
    /// Writes to `out` what `render` makes.
    pub fn new(out: W, render: Render) -> Self {
        Self {
            report: Report::default(),
            render,
            out,
        }
    }
}

impl<W: Write> Sink for Collected<W> {
    fn line(&mut self, line: Line) -> io::Result<()> {
        if self.report.take(line) {
            let text = (self.render)(&self.report)?;
            self.out.write_all(text.as_bytes())?;
            self.out.flush()?;
        }
        Ok(())
    }
}

/// Returns a path that is safe to show.
fn shown_path(path: &PathText) -> String {
    escape::bytes(&crate::audit::paths::to_bytes(path))
}

/// Returns a size in the largest unit of which it has at least 1. Below 100 it has one decimal; a half is
/// rounded up. The page does the same (`size` in size.js).
fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
    let rounded = |of: u128, scale: u128| (of + scale / 2) / scale;
    let bytes = u128::from(bytes);
    let mut scale = 1;
    let mut units = UNITS.iter();
    let mut unit = units.next().copied().unwrap_or("B");
    while rounded(bytes, scale) >= 1000 {
        let Some(next) = units.next() else { break };
        scale *= 1000;
        unit = next;
    }
    let tenths = rounded(bytes * 10, scale);
    if scale == 1 || tenths >= 1000 {
        format!("{} {unit}", rounded(bytes, scale))
    } else {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    }
}

/// Says which part of the images a report is about; `None` for all.
fn part(summary: &Summary) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(shard) = summary.shard {
        parts.push(format!("only shard {}/{}", shard.index, shard.count));
    }
    if !summary.selection.is_empty() {
        parts.push(format!("only images with {}", summary.selection.join(", ")));
    }
    (!parts.is_empty()).then(|| escape::text(&parts.join("; ")).into_owned())
}

/// Counts the findings by severity and code. The severity of a finding can be lower than that of its code.
fn by_severity(report: &Report) -> Vec<(Severity, &str, u64)> {
    let mut all: BTreeMap<(&str, Severity), u64> = BTreeMap::new();
    for found in report.images.iter().flat_map(|image| &image.findings) {
        *all.entry((&found.code, found.severity)).or_default() += 1;
    }
    for (code, number) in &report.summary.findings {
        let own = all.iter().filter(|((own, _), _)| *own == code);
        let rest = number.saturating_sub(sum(own.map(|(_, number)| *number)));
        if rest > 0 {
            add(all.entry((code, severity(code))).or_default(), rest);
        }
    }
    let rows = all.into_iter();
    let rows = rows.map(|((code, severity), number)| (severity, code, number));
    rows.collect()
}

/// Returns a number with commas between the thousands.
fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Says whether an image is official.
fn official(official: Option<bool>) -> &'static str {
    match official {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}

fn images(number: u64) -> &'static str {
    if number == 1 { "image" } else { "images" }
}

/// Returns in a few words what an image is.
fn what(record: &Record) -> String {
    let Some(origin) = &record.origin else {
        return record.error.clone().unwrap_or_default();
    };
    let source = || {
        let repository = origin.repository.as_deref()?.strip_prefix("https://")?;
        Some(repository.strip_prefix("github.com/").unwrap_or(repository))
    };
    let base = origin.derived_from.as_ref();
    if let Some(base) = base.filter(|_| origin.kind == Kind::Derived) {
        return format!("on {base}");
    }
    let product = origin.product.as_ref().or(origin.publisher.as_ref());
    match (product, &origin.version) {
        (Some(product), Some(version)) => format!("{product} {version}"),
        (Some(product), None) => product.clone(),
        // Without a product, its source or the reference that it was pulled from says most.
        (None, _) => {
            let known = source().or(origin.imported.as_deref());
            known.unwrap_or_default().to_owned()
        }
    }
}

#[cfg(test)]
impl Report {
    /// Returns a report with one image.
    fn of_product(path: &str, product: &str) -> Self {
        let path = PathText::Text(path.to_owned());
        let mut record = Record::unread(path, crate::audit::record::FileFields::default());
        record.origin = Some(crate::audit::record::OriginSummary {
            product: Some(product.to_owned()),
            ..Default::default()
        });
        Self {
            images: vec![record],
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_counts_are_readable() {
        let sizes = [
            (0, "0 B"),
            (999, "999 B"),
            (4096, "4.1 kB"),
            (12_345_678_901, "12.3 GB"),
            (8192, "8.2 kB"),
            (99_949, "99.9 kB"),
            (99_950, "100 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (3_850_000_000_000, "3.9 TB"),
            (u64::MAX, "18447 PB"),
        ];
        for (bytes, text) in sizes {
            assert_eq!(size(bytes), text);
        }
        assert_eq!(count(5), "5");
        assert_eq!(count(1_234_567), "1,234,567");
    }
}
