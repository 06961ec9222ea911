//! `openmetrics`: counts and bytes for Prometheus.
//!
//! The text is OpenMetrics 1.0 (github.com/prometheus/OpenMetrics, specification/OpenMetrics.md).
//! It has gauges only and no time stamps. So the textfile collector of node_exporter, which reads the
//! older text format of Prometheus, can read it too.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Report, by_severity, official, part};
use crate::audit::record::Group;
use crate::audit::select::{UNKNOWN, kind_of};
use crate::report::escape;

/// The report in numbers.
#[must_use]
pub fn render(report: &Report) -> String {
    let summary = &report.summary;
    let mut page = Page(String::new());
    let groups = groups(report);
    page.family("images", "", "Images by kind, publisher and official mark.");
    for (labels, group) in &groups {
        page.sample("images", labels, group.images);
    }
    page.family("image_bytes", "bytes", "Bytes of these images.");
    for (labels, group) in &groups {
        page.sample("image_bytes", labels, group.bytes);
    }
    page.family(
        "findings",
        "",
        "Images by the code of their findings and how much these matter.",
    );
    for (severity, code, count) in by_severity(report) {
        let labels = labels(&[("code", code), ("severity", severity.as_str())]);
        page.sample("findings", &labels, count);
    }
    page.family(
        "skipped",
        "",
        "Files and directories that were not looked at, by reason.",
    );
    for (code, count) in &summary.skipped {
        page.sample("skipped", &labels(&[("code", code)]), *count);
    }
    let now: Timestamp = summary.now.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let now = u64::try_from(now.as_second()).unwrap_or(0);
    for (name, unit, help, value) in [
        (
            "unreadable_images",
            "",
            "Images that could not be read.",
            summary.unreadable,
        ),
        (
            "partial_images",
            "",
            "Images that could be read only in part.",
            summary.partial,
        ),
        (
            "allocated_bytes",
            "bytes",
            "Bytes that all images take on disk.",
            summary.allocated,
        ),
        (
            "reclaimable_bytes",
            "bytes",
            "Bytes that would be freed by removing copies and further imports, as far as these were asked for.",
            summary.reclaimable,
        ),
        (
            "audit_complete",
            "",
            "1 when the audit came to its end and this is of all images; 0 for a shard or a selection too.",
            u64::from(summary.complete && part(summary).is_none()),
        ),
        (
            "audit_timestamp_seconds",
            "seconds",
            "When the audit was made.",
            now,
        ),
    ] {
        page.family(name, unit, help);
        page.sample(name, "", value);
    }
    page.0.push_str("# EOF\n");
    page.0
}

fn groups(report: &Report) -> BTreeMap<String, Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for record in &report.images {
        let origin = record.origin.as_ref();
        let official = official(origin.and_then(|origin| origin.official));
        let publisher = origin.and_then(|origin| origin.publisher.as_deref());
        let labels = labels(&[
            ("kind", kind_of(record)),
            ("official", official),
            ("publisher", publisher.unwrap_or(UNKNOWN)),
        ]);
        let group = groups.entry(labels).or_default();
        group.images += 1;
        group.bytes = group.bytes.saturating_add(record.file.size);
    }
    groups
}

/// Returns labels in braces. OpenMetrics escapes `\`, `"` and newlines in a value. `escape::text` has already
/// replaced newlines and everything that a terminal acts on.
fn labels(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| {
        let value = escape::text(value);
        let value = value.replace('\\', "\\\\").replace('"', "\\\"");
        format!("{name}=\"{value}\"")
    });
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
}

struct Page(String);

impl Page {
    fn family(&mut self, name: &str, unit: &str, help: &str) {
        let name = format!("sqsh_prov_{name}");
        self.0.push_str(&format!("# TYPE {name} gauge\n"));
        if !unit.is_empty() {
            self.0.push_str(&format!("# UNIT {name} {unit}\n"));
        }
        self.0.push_str(&format!("# HELP {name} {help}\n"));
    }

    fn sample(&mut self, name: &str, labels: &str, value: u64) {
        let line = format!("sqsh_prov_{name}{labels} {value}\n");
        self.0.push_str(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::record::{FileFields, OriginSummary, Record};
    use crate::audit::totals::Totals;
    use crate::provenance::{Kind, PathText};

    fn image(publisher: &str, official: Option<bool>, size: u64) -> Record {
        let file = FileFields {
            size,
            ..FileFields::default()
        };
        let mut record = Record::unread(PathText::Text("/x".to_owned()), file);
        record.origin = Some(OriginSummary {
            kind: Kind::Release,
            official,
            publisher: Some(publisher.to_owned()),
            ..OriginSummary::default()
        });
        record
    }

    fn rendered(images: Vec<Record>) -> String {
        let totals = Totals::new("2026-09-20T00:00:00Z".parse().unwrap());
        render(&Report {
            images,
            summary: totals.finish(|summary| summary.complete = true),
            ..Report::default()
        })
    }

    #[test]
    fn images_are_counted_by_kind_publisher_and_mark() {
        let text = rendered(vec![
            image("vllm", Some(true), 10),
            image("vllm", Some(true), 20),
            image("vllm", None, 1),
        ]);
        for line in [
            r#"sqsh_prov_images{kind="release",official="yes",publisher="vllm"} 2"#,
            r#"sqsh_prov_image_bytes{kind="release",official="yes",publisher="vllm"} 30"#,
            r#"sqsh_prov_images{kind="release",official="unknown",publisher="vllm"} 1"#,
            "sqsh_prov_audit_timestamp_seconds 1789862400",
            "sqsh_prov_audit_complete 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(text.ends_with("\n# EOF\n"));
    }

    #[test]
    fn a_publisher_cannot_end_its_label_or_its_line() {
        let hostile = "a\"} 9\nsqsh_prov_images{kind=\"x\\\u{1b}[31m";
        let text = rendered(vec![image(hostile, None, 1)]);
        let families = ["# TYPE ", "# UNIT ", "# HELP ", "# EOF"];
        for line in text.lines() {
            let comment = families.iter().any(|start| line.starts_with(start));
            let (name, value) = line.rsplit_once(' ').unwrap();
            let sample = name.starts_with("sqsh_prov_") && value.parse::<u64>().is_ok();
            assert!(comment || sample, "{line}");
            assert!(!line.contains('\u{1b}'));
        }
        assert_eq!(text.matches("\nsqsh_prov_images{").count(), 1);
    }

    #[test]
    fn every_sample_has_its_family_before_it() {
        let text = rendered(vec![image("vllm", None, 1)]);
        let mut family = "";
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                family = rest.strip_suffix(" gauge").unwrap();
            } else if !line.starts_with('#') {
                let name = line.split(['{', ' ']).next().unwrap();
                assert_eq!(name, family);
            }
        }
    }
}
