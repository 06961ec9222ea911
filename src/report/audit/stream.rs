//! Formats that are written as the lines come: `ndjson` and `paths0`.

use std::io::{self, Write};

use crate::audit::Sink;
use crate::audit::paths;
use crate::audit::record::{Line, Record};
use crate::report::json;

/// One object on a line for each line of the report.
pub struct Ndjson<W> {
    out: W,
}

impl<W: Write> Ndjson<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write> Sink for Ndjson<W> {
    fn line(&mut self, line: Line) -> io::Result<()> {
        self.out.write_all(json::line(&line)?.as_bytes())?;
        if matches!(line, Line::Summary(_)) {
            self.out.flush()?;
        }
        Ok(())
    }
}

/// Paths, each with a NUL behind it, for `xargs -0`.
pub struct Paths0<W> {
    out: W,
    select: Vec<String>,
}

impl<W: Write> Paths0<W> {
    /// The paths of images with a finding of one of these codes; of all where there are
    /// none. Of copies, the one that is kept is not among them.
    pub fn new(out: W, select: Vec<String>) -> Self {
        Self { out, select }
    }
}

impl<W: Write> Sink for Paths0<W> {
    fn line(&mut self, line: Line) -> io::Result<()> {
        let selected = |code: &String| self.select.contains(code);
        let is_wanted = |record: &Record| {
            let mut findings = record.findings.iter();
            self.select.is_empty() || findings.any(|finding| selected(&finding.code))
        };
        let paths = match line {
            Line::Image(record) if is_wanted(&record) => vec![record.path],
            Line::Finding(finding) if selected(&finding.code) => finding.paths,
            Line::Skipped(skipped) if selected(&skipped.code) => vec![skipped.path],
            Line::Summary(_) => return self.out.flush(),
            _ => Vec::new(),
        };
        for path in paths {
            self.out.write_all(&paths::to_bytes(&path))?;
            self.out.write_all(b"\0")?;
        }
        Ok(())
    }
}
