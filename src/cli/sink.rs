//! Where a report goes: standard output, or a file that is replaced as a whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;
use clap::ValueEnum;
use sqsh_prov::audit::{Sink, codes};
use sqsh_prov::report::audit::{self, Collected, csv, html, stream, table};

use super::exit::Usage;
use super::global::Global;
use super::output;

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

/// Names that are tried for the file beside the wanted one: on a file system that several
/// machines share, another process may have the same number.
const ATTEMPTS: u32 = 64;

/// Where a report goes that goes into a file.
enum Target {
    /// A file beside the wanted one, renamed to it when it is complete.
    Replaced {
        wanted: PathBuf,
        temporary: PathBuf,
        file: BufWriter<File>,
        kept: bool,
    },
    /// A device or pipe, which cannot be replaced: it is written to.
    Written(BufWriter<File>),
}

impl Target {
    fn create(wanted: &Path) -> io::Result<Self> {
        // Through a link to the file that it names, and not in the link's place.
        let before = fs::metadata(wanted).ok();
        if before.as_ref().is_some_and(|it| !it.is_file()) {
            let file = OpenOptions::new().write(true).open(wanted)?;
            return Ok(Self::Written(BufWriter::new(file)));
        }
        let wanted = fs::canonicalize(wanted).unwrap_or_else(|_| wanted.to_owned());
        let (temporary, file) = beside(&wanted)?;
        let target = Self::Replaced {
            wanted,
            temporary,
            file: BufWriter::new(file),
            kept: false,
        };
        // Who may not read the old report may not read the new one.
        if let (Some(before), Self::Replaced { file, .. }) = (before, &target) {
            file.get_ref().set_permissions(before.permissions())?;
        }
        Ok(target)
    }

    fn out(&mut self) -> &mut dyn Write {
        match self {
            Self::Replaced { file, .. } | Self::Written(file) => file,
        }
    }

    /// Puts it in its place.
    fn keep(mut self) -> io::Result<()> {
        match &mut self {
            Self::Written(file) => file.flush(),
            Self::Replaced {
                wanted,
                temporary,
                file,
                kept,
            } => {
                file.flush()?;
                file.get_ref().sync_all()?;
                fs::rename(temporary, wanted)?;
                *kept = true;
                Ok(())
            }
        }
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Self::Replaced {
            temporary,
            kept: false,
            ..
        } = self
        {
            let _ = fs::remove_file(temporary);
        }
    }
}

/// A new file in the directory of the wanted one.
fn beside(wanted: &Path) -> io::Result<(PathBuf, File)> {
    let name = wanted
        .file_name()
        .ok_or_else(|| io::Error::from(io::ErrorKind::IsADirectory))?;
    let mut attempt = 0;
    loop {
        let mut temporary = std::ffi::OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}.{attempt}.tmp", std::process::id()));
        let temporary = wanted.with_file_name(temporary);
        match File::create_new(&temporary) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < ATTEMPTS => {
                attempt += 1;
            }
            other => return other.map(|file| (temporary, file)),
        }
    }
}

/// Refuses codes that nothing could be selected by.
pub(super) fn check_select(select: &[String], format: Format) -> Result<(), Usage> {
    if !select.is_empty() && format != Format::Paths0 {
        return Err(Usage("--select is for --format paths0".to_owned()));
    }
    codes::check(select).map_err(|error| Usage(format!("--select: {error}")))
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
    // Over a limit of the shell's, a write is to fail like any other, and not to end the program.
    let over = Arc::new(AtomicBool::new(false));
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, over);
    let named = || path.display().to_string();
    let unwritten = |error: anyhow::Error| match error.downcast_ref::<io::Error>() {
        Some(_) => {
            let message = "the report cannot be written; what was there before still is";
            error.context(format!("{}: {message}", path.display()))
        }
        None => error,
    };
    let mut target = Target::create(path).with_context(named)?;
    let answer = run(&mut *sink(format, select, target.out(), 120, false)).map_err(unwritten)?;
    target
        .keep()
        .map_err(anyhow::Error::from)
        .map_err(unwritten)?;
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
