//! Where a report goes: standard output, or a file that is replaced when it is complete.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;
use clap::ValueEnum;
use sqsh_prov::audit::record::Summary;
use sqsh_prov::audit::{Sink, codes};
use sqsh_prov::report::audit::{self, Collected, csv, html, stream, table};
use sqsh_prov::report::escape;

use super::exit::Usage;
use super::global::Global;
use super::output;
use super::replace::{self, Target};

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

/// Refuses codes that nothing could be selected by.
pub(super) fn check_select(select: &[String], format: Format) -> Result<(), Usage> {
    if !select.is_empty() && format != Format::Paths0 {
        return Err(Usage("--select is for --format paths0".to_owned()));
    }
    codes::check(select).map_err(|error| Usage(format!("--select: {error}")))
}

/// Runs with a sink for the format; the report is in its place only if that succeeds and comes to its
/// end. One that was interrupted lies beside it.
pub(super) fn with(
    format: Format,
    select: &[String],
    path: Option<&Path>,
    global: &Global,
    run: impl FnOnce(&mut dyn Sink) -> anyhow::Result<Summary>,
) -> anyhow::Result<Summary> {
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
    let say = |message: &str| {
        if !global.quiet {
            output::complain(message);
        }
    };
    let unwritten = |error: anyhow::Error| match error.downcast_ref::<io::Error>() {
        Some(_) => {
            let message = "the report cannot be written; what was there before still is";
            error.context(format!("{}: {message}", path.display()))
        }
        None => error,
    };
    for left in replace::left_beside(path) {
        let left = left.display();
        say(&format!(
            "{left}: a run that was killed or interrupted has left this; --resume takes it where it is ndjson, or remove it"
        ));
    }
    let mut target = Target::create(path).with_context(named)?;
    let summary = run(&mut *sink(format, select, target.out(), 120, false)).map_err(unwritten)?;
    let failed = |error: io::Error| unwritten(error.into());
    if summary.complete {
        target.keep().map_err(failed)?;
    } else if let Some(name) = target.leave().map_err(failed)? {
        let name = path.with_file_name(name);
        let (name, path) = (name.display(), path.display());
        say(&format!(
            "interrupted: what was done is in {name}, and {path} is as it was"
        ));
    }
    Ok(summary)
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
        Format::Csv => Box::new(Collected::new(
            out,
            Box::new(|report| csv::render(report).map(inert)),
        )),
        Format::Html => Box::new(Collected::new(
            out,
            Box::new(|report| html::render(report).map(inert)),
        )),
        Format::Table => Box::new(Collected::new(
            out,
            Box::new(move |report| Ok(inert(table::render(report, &table)))),
        )),
    }
}

/// Without a line that a build system takes for a command.
fn inert(text: String) -> String {
    match escape::lines(&text) {
        Cow::Owned(inert) => inert,
        Cow::Borrowed(_) => text,
    }
}
