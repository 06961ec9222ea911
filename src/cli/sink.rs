//! Where a report goes: standard output, or a file that is replaced as a whole.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::ValueEnum;
use sqsh_prov::audit::Sink;
use sqsh_prov::report::audit::{self, Collected, csv, html, stream, table};

use super::{Global, output};

/// How to print a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For a person at a terminal, with a summary at the end
    Table,
    /// One object with everything
    Json,
    /// One object on a line for each image, finding and the summary; as it goes
    Ndjson,
    /// A row for each image, for a spreadsheet
    Csv,
    /// One page for a browser, that loads nothing
    Html,
    /// Paths with a NUL behind each, for `xargs -0`; with --select, of some findings
    Paths0,
}

impl Format {
    /// True where the evidence is part of the format.
    pub(super) fn has_evidence(self) -> bool {
        matches!(self, Self::Json | Self::Ndjson | Self::Html)
    }
}

/// A file beside the wanted one, renamed to it when it is complete.
pub(super) struct Replaced {
    wanted: PathBuf,
    temporary: PathBuf,
    file: BufWriter<File>,
    kept: bool,
}

impl Replaced {
    fn create(wanted: &Path) -> io::Result<Self> {
        // Through a link to the file that it names, and not in the link's place.
        let wanted = fs::canonicalize(wanted).unwrap_or_else(|_| wanted.to_owned());
        let name = wanted
            .file_name()
            .ok_or_else(|| io::Error::from(io::ErrorKind::IsADirectory))?;
        let mut temporary = std::ffi::OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}.tmp", std::process::id()));
        let temporary = wanted.with_file_name(temporary);
        let file = File::create_new(&temporary)?;
        Ok(Self {
            wanted,
            temporary,
            file: BufWriter::new(file),
            kept: false,
        })
    }

    /// Puts it in its place.
    fn keep(mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        fs::rename(&self.temporary, &self.wanted)?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Runs with a sink for the format; the report is in its place only if that succeeds.
pub(super) fn with<T>(
    format: Format,
    select: &[String],
    path: Option<&Path>,
    global: &Global,
    run: impl FnOnce(&mut dyn Sink) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let Some(path) = path else {
        let mut out = BufWriter::new(io::stdout().lock());
        return run(&mut *sink(
            format,
            select,
            &mut out,
            output::width(),
            output::colour(global.color),
        ));
    };
    let named = || path.display().to_string();
    let mut file = Replaced::create(path).with_context(named)?;
    let answer = run(&mut *sink(format, select, &mut file.file, 120, false))?;
    file.keep().with_context(named)?;
    Ok(answer)
}

fn sink<'w>(
    format: Format,
    select: &[String],
    out: &'w mut dyn Write,
    width: usize,
    colour: bool,
) -> Box<dyn Sink + 'w> {
    let table = table::Table { width, colour };
    match format {
        Format::Ndjson => Box::new(stream::Ndjson::new(out)),
        Format::Paths0 => Box::new(stream::Paths0::new(out, select.to_vec())),
        Format::Json => Box::new(Collected::new(out, Box::new(audit::document))),
        Format::Csv => Box::new(Collected::new(out, Box::new(csv::render))),
        Format::Html => Box::new(Collected::new(out, Box::new(html::render))),
        Format::Table => Box::new(Collected::new(
            out,
            Box::new(move |report| Ok(table::render(report, &table))),
        )),
    }
}
