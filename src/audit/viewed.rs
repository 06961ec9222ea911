//! A sink that passes on a selected part of a report.

use std::collections::HashMap;
use std::io;

use jiff::Timestamp;

use super::Sink;
use super::family::FamilyRecord;
use super::paths;
use super::record::{FindingRecord, Line, Record, Summary};
use super::select::{Condition, meets};
use super::sums::sum;
use super::totals::Totals;
use super::view::{Held, View};
use crate::finding::Severity;

/// A sink that passes on the lines that a [`View`] selects.
pub struct Viewed<'a> {
    view: &'a View,
    inner: &'a mut dyn Sink,
    /// The time that ages are counted to. An earlier report has it in its summary, at the end.
    now: Option<Timestamp>,
    totals: Totals,
    held: Vec<Record>,
    findings: Vec<FindingRecord>,
    families: Vec<FamilyRecord>,
    /// The allocated bytes of the images that were passed on, by path.
    kept: HashMap<Vec<u8>, u64>,
}

impl<'a> Viewed<'a> {
    /// Passes lines on to `inner`. Ages are counted to `now`, or to the time in the summary.
    pub fn new(view: &'a View, now: Option<Timestamp>, inner: &'a mut dyn Sink) -> Self {
        Self {
            view,
            inner,
            now,
            totals: Totals::new(now.unwrap_or(Timestamp::UNIX_EPOCH)),
            held: Vec::new(),
            findings: Vec::new(),
            families: Vec::new(),
            kept: HashMap::new(),
        }
    }

    fn pass(&mut self, line: Line) -> io::Result<()> {
        self.totals.add(&line);
        self.inner.line(line)
    }

    fn image(&mut self, record: Box<Record>) -> io::Result<()> {
        let path = paths::to_bytes(&record.path);
        self.kept.insert(path, record.file.allocated);
        self.pass(Line::Image(record))
    }

    fn end(&mut self, mut summary: Summary) -> io::Result<()> {
        let told = summary.now.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let now = self.now.unwrap_or(told);
        self.totals.count_ages_to(now);
        let findings = std::mem::take(&mut self.findings);
        let mut of_several: HashMap<Vec<u8>, Vec<(String, Severity)>> = HashMap::new();
        for finding in &findings {
            for path in &finding.paths {
                let about = of_several.entry(paths::to_bytes(path)).or_default();
                about.push((finding.code.clone(), finding.severity));
            }
        }
        let mut images = Vec::new();
        for record in std::mem::take(&mut self.held) {
            let others = of_several.get(&paths::to_bytes(&record.path));
            let others = others.map(Vec::as_slice).unwrap_or_default();
            let own = record.findings.iter().map(|finding| &*finding.code);
            let codes: Vec<&str> = own
                .chain(others.iter().map(|(code, _)| code.as_str()))
                .collect();
            if meets(&self.view.conditions, &record, &codes, now) {
                let worst = others.iter().map(|(_, severity)| *severity).max();
                let severity = record.severity().max(worst);
                images.push(Held { record, severity });
            }
        }
        if self.view.is_ordered() {
            images.sort_by(|one, other| self.view.order(one, other, now));
        }
        for Held { record, .. } in images {
            self.image(Box::new(record))?;
        }
        for finding in findings {
            if let Some(finding) = self.rest(finding) {
                self.pass(Line::Finding(finding))?;
            }
        }
        // The tree covers all images.
        for family in std::mem::take(&mut self.families) {
            let line = Line::Family(Box::new(family));
            if self.view.conditions.is_empty() {
                self.totals.add(&line);
            }
            self.inner.line(line)?;
        }
        let totals = std::mem::replace(&mut self.totals, Totals::new(now));
        let conditions = self.view.conditions.iter().map(Condition::text);
        let shown = totals.finish(|shown| {
            shown.complete = summary.complete;
            shown.shard = summary.shard;
            shown.roots = std::mem::take(&mut summary.roots);
            shown.tree_id = summary.tree_id;
            shown.not_images = summary.not_images;
            shown.selection = conditions.collect();
        });
        self.inner.line(Line::Summary(Box::new(shown)))
    }

    /// Returns a finding about several images, restricted to those that were passed on.
    fn rest(&self, mut finding: FindingRecord) -> Option<FindingRecord> {
        if self.view.conditions.is_empty() {
            return Some(finding);
        }
        if finding.code == "gone" {
            // Only the path of such a file is known.
            let asked = Condition::Finding(finding.code.clone());
            return (self.view.conditions == [asked]).then_some(finding);
        }
        let kept = |path: &_| self.kept.contains_key(&paths::to_bytes(path));
        let all = finding.paths.len();
        finding.paths.retain(kept);
        if finding.reclaimable > 0 && finding.paths.len() < all {
            let allocated = |path| self.kept.get(&paths::to_bytes(path)).copied();
            finding.reclaimable = sum(finding.paths.iter().filter_map(allocated));
        }
        (!finding.paths.is_empty()).then_some(finding)
    }
}

impl Sink for Viewed<'_> {
    fn line(&mut self, line: Line) -> io::Result<()> {
        match line {
            Line::Image(record) => match self.now.filter(|_| !self.view.waits()) {
                None => {
                    self.held.push(*record);
                    Ok(())
                }
                Some(now) if meets(&self.view.conditions, &record, &[], now) => self.image(record),
                Some(_) => Ok(()),
            },
            // A skipped file may be one of the selected images.
            Line::Skipped(_) => self.pass(line),
            Line::Finding(finding) => {
                self.findings.push(finding);
                Ok(())
            }
            Line::Family(family) => {
                self.families.push(*family);
                Ok(())
            }
            Line::Summary(summary) => self.end(*summary),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::findings::finding;
    use crate::audit::record::{FileFields, OriginSummary, SCHEMA};
    use crate::audit::view::{GroupBy, Sort};
    use crate::provenance::{Kind, PathText};

    fn image(path: &str, size: u64, kind: Kind) -> Line {
        let file = FileFields {
            size,
            allocated: size,
            ..FileFields::default()
        };
        let mut record = Record::unread(PathText::Text(path.to_owned()), file);
        record.origin = Some(OriginSummary {
            kind,
            ..OriginSummary::default()
        });
        if kind == Kind::Local {
            record.findings = vec![finding("local", "")];
        }
        Line::Image(Box::new(record))
    }

    fn report() -> Vec<Line> {
        let copies = FindingRecord {
            schema: SCHEMA.to_owned(),
            code: "duplicate-file".to_owned(),
            severity: Severity::Warning,
            keep: Some(PathText::Text("/a/1".to_owned())),
            paths: ["/a/2", "/b/3"]
                .map(|path| PathText::Text(path.to_owned()))
                .to_vec(),
            reclaimable: 60,
            ..FindingRecord::default()
        };
        vec![
            image("/a/1", 10, Kind::Local),
            image("/a/2", 20, Kind::Release),
            image("/b/3", 40, Kind::Nightly),
            image("/b/4", 30, Kind::Release),
            Line::Finding(copies),
            Line::Summary(Box::new(Summary {
                complete: true,
                images: 4,
                ..Summary::default()
            })),
        ]
    }

    /// The paths of the images, what comes back, and the summary.
    fn shown(view: &View) -> (Vec<String>, u64, Summary) {
        let (mut images, mut back, mut summary) = (Vec::new(), 0, Summary::default());
        let mut sink = |line: Line| {
            match line {
                Line::Image(record) => {
                    images.push(paths::to_path(&record.path).display().to_string());
                }
                Line::Finding(finding) => back += finding.reclaimable,
                Line::Summary(last) => summary = *last,
                Line::Skipped(_) | Line::Family(_) => {}
            }
            Ok(())
        };
        let mut viewed = Viewed::new(view, Some(Timestamp::UNIX_EPOCH), &mut sink);
        for line in report() {
            viewed.line(line).unwrap();
        }
        (images, back, summary)
    }

    fn only(conditions: &[&str]) -> View {
        View {
            conditions: conditions
                .iter()
                .map(|text| text.parse().unwrap())
                .collect(),
            ..View::default()
        }
    }

    #[test]
    fn the_summary_and_the_findings_are_of_what_is_shown() {
        let (images, back, summary) = shown(&only(&["kind=release"]));
        assert_eq!(images, ["/a/2", "/b/4"]);
        assert_eq!(back, 20);
        assert_eq!((summary.images, summary.bytes), (2, 50));
        assert_eq!(summary.reclaimable, 20);
        assert_eq!(summary.findings["duplicate-file"], 1);
        assert!(summary.complete);
        assert_eq!(summary.selection, ["kind=release"]);
    }

    #[test]
    fn a_finding_about_several_images_selects_them() {
        let (images, back, _) = shown(&only(&["finding=duplicate-file"]));
        assert_eq!(images, ["/a/2", "/b/3"]);
        assert_eq!(back, 60);
        let (images, back, _) = shown(&only(&["finding=local"]));
        assert_eq!((images, back), (vec!["/a/1".to_owned()], 0));
    }

    #[test]
    fn images_are_in_the_order_that_is_asked_for() {
        let mut view = View {
            sort: Some(Sort::Size),
            ..View::default()
        };
        assert_eq!(shown(&view).0, ["/b/3", "/b/4", "/a/2", "/a/1"]);
        view.reverse = true;
        assert_eq!(shown(&view).0, ["/a/1", "/a/2", "/b/4", "/b/3"]);
        view.group = Some(GroupBy::Directory);
        assert_eq!(shown(&view).0, ["/a/1", "/a/2", "/b/4", "/b/3"]);
        view.reverse = false;
        assert_eq!(shown(&view).0, ["/a/2", "/a/1", "/b/3", "/b/4"]);
        view.group = None;
        view.sort = Some(Sort::Findings);
        view.reverse = true;
        assert_eq!(shown(&view).0, ["/b/4", "/b/3", "/a/2", "/a/1"]);
    }

    #[test]
    fn without_conditions_nothing_is_left_out() {
        let (images, back, summary) = shown(&View::default());
        assert_eq!((images.len(), back, summary.images), (4, 60, 4));
        assert!(summary.selection.is_empty());
    }
}
