//! The part of a report that somebody asked for, in the order that they asked for.

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;
use std::io;

use jiff::Timestamp;

use super::Sink;
use super::findings::age;
use super::paths;
use super::record::{FindingRecord, Line, Record, Summary};
use super::select::{Condition, kind_of, meets};
use super::totals::{Totals, directory, owner};
use crate::finding::Severity;

/// What images are put in order by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// The path, component by component.
    Path,
    /// The kind.
    Kind,
    /// Official first, then not, then what nobody can tell.
    Official,
    /// The publisher.
    Publisher,
    /// The owner.
    Owner,
    /// The commit.
    Commit,
    /// The size, largest first.
    Size,
    /// The age, oldest first; what has none is last.
    Age,
    /// The worst finding, errors first.
    Findings,
}

/// What images that belong together have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// The owner of the file.
    Owner,
    /// The publisher.
    Publisher,
    /// The directory.
    Directory,
}

impl GroupBy {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Publisher => "publisher",
            Self::Directory => "directory",
        }
    }

    /// The group that an image is in.
    #[must_use]
    pub fn of(self, record: &Record) -> String {
        match self {
            Self::Owner => owner(record),
            Self::Directory => directory(record),
            Self::Publisher => publisher(record)
                .unwrap_or(super::select::UNKNOWN)
                .to_owned(),
        }
    }
}

fn publisher(record: &Record) -> Option<&str> {
    record.origin.as_ref()?.publisher.as_deref()
}

/// Which images, and in which order.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// What an image must meet; all are taken where there is none.
    pub conditions: Vec<Condition>,
    /// The order; that of the paths where there is none.
    pub sort: Option<Sort>,
    /// The other way round.
    pub reverse: bool,
    /// Images of one group stand together.
    pub group: Option<GroupBy>,
}

impl View {
    /// True when the report is shown as it comes.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.conditions.is_empty() && !self.is_ordered()
    }

    fn is_ordered(&self) -> bool {
        self.sort.is_some() || self.group.is_some() || self.reverse
    }

    /// Findings about several images come after the images, so that these wait for them.
    fn waits(&self) -> bool {
        let finding = |condition: &Condition| matches!(condition, Condition::Finding(_));
        self.is_ordered() || self.conditions.iter().any(finding)
    }

    fn order(&self, one: &Held, other: &Held, now: Timestamp) -> Ordering {
        let (a, b) = (&one.record, &other.record);
        let paths = || paths::order(&paths::to_bytes(&a.path), &paths::to_bytes(&b.path));
        let text = |value: fn(&Record) -> Option<&str>| {
            // What has no value is last.
            let key = |record| value(record).map_or((true, ""), |text| (false, text));
            key(a).cmp(&key(b))
        };
        let sorted = match self.sort.unwrap_or(Sort::Path) {
            Sort::Path => Ordering::Equal,
            Sort::Kind => kind_of(a).cmp(kind_of(b)),
            Sort::Official => Reverse(official(a)).cmp(&Reverse(official(b))),
            Sort::Publisher => text(publisher),
            Sort::Commit => text(|record| record.origin.as_ref()?.commit.as_deref()),
            Sort::Owner => owner(a).cmp(&owner(b)),
            Sort::Size => b.file.size.cmp(&a.file.size),
            Sort::Age => {
                let days = |record| age(record, now).map(|(days, _)| days);
                days(b).cmp(&days(a))
            }
            Sort::Findings => other.severity.cmp(&one.severity),
        };
        let sorted = sorted.then_with(paths);
        let grouped = self
            .group
            .map_or(Ordering::Equal, |group| group.of(a).cmp(&group.of(b)));
        grouped.then(if self.reverse {
            sorted.reverse()
        } else {
            sorted
        })
    }
}

/// 2 for official, 1 for not, 0 where nobody can tell.
fn official(record: &Record) -> u8 {
    match record.origin.as_ref().and_then(|origin| origin.official) {
        Some(true) => 2,
        Some(false) => 1,
        None => 0,
    }
}

/// An image that waits for the findings about several.
struct Held {
    record: Record,
    severity: Option<Severity>,
}

/// A sink that passes on what a [`View`] asks for.
pub struct Viewed<'a> {
    view: &'a View,
    inner: &'a mut dyn Sink,
    /// Not known before the summary says it, where the report is an earlier one.
    now: Option<Timestamp>,
    totals: Totals,
    held: Vec<Record>,
    findings: Vec<FindingRecord>,
    /// What the images that were passed on have allocated, by path.
    kept: HashMap<Vec<u8>, u64>,
}

impl<'a> Viewed<'a> {
    /// Passes on to `inner`. Ages are counted to `now`, or to the time in the summary.
    pub fn new(view: &'a View, now: Option<Timestamp>, inner: &'a mut dyn Sink) -> Self {
        Self {
            view,
            inner,
            now,
            totals: Totals::new(now.unwrap_or(Timestamp::UNIX_EPOCH)),
            held: Vec::new(),
            findings: Vec::new(),
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
        let held = std::mem::take(&mut self.held);
        let findings = std::mem::take(&mut self.findings);
        let mut of_several: HashMap<Vec<u8>, Vec<(String, Severity)>> = HashMap::new();
        for finding in &findings {
            for path in &finding.paths {
                let about = of_several.entry(paths::to_bytes(path)).or_default();
                about.push((finding.code.clone(), finding.severity));
            }
        }
        let mut images = Vec::new();
        for record in held {
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

    /// What a finding about several images says of those that were passed on.
    fn rest(&self, mut finding: FindingRecord) -> Option<FindingRecord> {
        if self.view.conditions.is_empty() {
            return Some(finding);
        }
        if finding.code == "gone" {
            // Of what is gone only its path is known.
            let asked = Condition::Finding(finding.code.clone());
            return (self.view.conditions == [asked]).then_some(finding);
        }
        let kept = |path: &_| self.kept.contains_key(&paths::to_bytes(path));
        let all = finding.paths.len();
        finding.paths.retain(kept);
        if finding.reclaimable > 0 && finding.paths.len() < all {
            let allocated = |path| self.kept.get(&paths::to_bytes(path)).copied();
            finding.reclaimable = finding.paths.iter().filter_map(allocated).sum();
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
            // What was not looked at may be what was asked for.
            Line::Skipped(_) => self.pass(line),
            Line::Finding(finding) => {
                self.findings.push(finding);
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
                Line::Skipped(_) => {}
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
