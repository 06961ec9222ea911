//! Where a report goes: standard output, or a file that is replaced when it is complete.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;
use jiff::Timestamp;
use sqsh_prov::audit::Sink;
use sqsh_prov::audit::record::Summary;
use sqsh_prov::audit::viewed::Viewed;
use sqsh_prov::report::audit::{
    Collected, Report, csv, dot, html, openmetrics, stream, table, tree,
};
use sqsh_prov::report::{escape, json};

use super::global::Global;
use super::output;
use super::replace::{self, Target};
use super::report_flags::{Format, ReportFlags};

/// Calls `run` with a sink for the chosen format. The report replaces the old file only if the run is complete.
/// The report of an interrupted run stays beside it.
pub(super) fn with(
    flags: &ReportFlags,
    now: Option<Timestamp>,
    resumed: Option<&Path>,
    global: &Global,
    run: impl FnOnce(&mut dyn Sink) -> anyhow::Result<Summary>,
) -> anyhow::Result<Summary> {
    let view = flags.view();
    let run = |inner: &mut dyn Sink| {
        if view.is_everything() {
            run(inner)
        } else {
            run(&mut Viewed::new(&view, now, inner))
        }
    };
    let Some(path) = flags.output.as_deref() else {
        let mut out = BufWriter::new(output::Stdout(io::stdout().lock()));
        let colour = output::colour(global.color);
        return run(&mut *sink(flags, &mut out, output::width(), colour));
    };
    // Over the shell's limit for file sizes, a write must fail, and not end the program.
    let over = Arc::new(AtomicBool::new(false));
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, over);
    let named = || path.display().to_string();
    if let Some(said) = flags.surprise() {
        global.complain(&said);
    }
    let unwritten = |error: anyhow::Error| match error.downcast_ref::<io::Error>() {
        Some(_) => {
            let message = "the report cannot be written; the earlier file is unchanged";
            error.context(format!("{}: {message}", path.display()))
        }
        None => error,
    };
    let left = replace::left_beside(path);
    let (used, left): (Vec<_>, Vec<_>) =
        left.into_iter().partition(|left| Some(&**left) == resumed);
    for left in left {
        let left = left.display();
        global.complain(&format!(
            "{left}: a run that was killed or interrupted left this file; give it to --resume if it is ndjson, or remove it"
        ));
    }
    let mut target = Target::create(path).with_context(named)?;
    let summary = run(&mut *sink(flags, target.out(), 120, false)).map_err(unwritten)?;
    let failed = |error: io::Error| unwritten(error.into());
    if summary.complete {
        target.keep().map_err(failed)?;
        // The report has everything that it had.
        for used in used {
            let _ = std::fs::remove_file(used);
        }
    } else if let Some(name) = target.leave().map_err(failed)? {
        let name = path.with_file_name(name);
        let rest = match path.exists() {
            true => format!(", and {} is as it was", path.display()),
            false => String::new(),
        };
        let name = name.display();
        global.complain(&format!("interrupted: what was done is in {name}{rest}"));
    }
    Ok(summary)
}

fn sink<'w>(
    flags: &ReportFlags,
    out: &'w mut dyn Write,
    width: usize,
    colour: bool,
) -> Box<dyn Sink + 'w> {
    let columns = flags.columns.clone();
    let group = flags.view().group;
    match flags.format() {
        Format::Ndjson => Box::new(stream::Ndjson::new(out)),
        Format::Paths0 => Box::new(stream::Paths0::new(out, flags.select.clone())),
        Format::Json => collected(out, json::pretty),
        Format::Csv => collected(out, move |report| csv::render(report, &columns).map(inert)),
        Format::Html => collected(out, |report| html::render(report).map(inert)),
        Format::Dot => collected(out, |report| Ok(inert(dot::render(report)))),
        Format::Openmetrics => collected(out, |report| Ok(openmetrics::render(report))),
        Format::Table => {
            let table = table::Table {
                width,
                colour,
                columns,
                group,
            };
            collected(out, move |report| {
                let text = table::render(report, &table) + &tree::render(report, width);
                Ok(inert(output::page(text)))
            })
        }
    }
}

fn collected<'w>(
    out: &'w mut dyn Write,
    render: impl Fn(&Report) -> Result<String, serde_json::Error> + 'static,
) -> Box<dyn Sink + 'w> {
    Box::new(Collected::new(out, Box::new(render)))
}

/// Escapes lines that a build system would take for commands.
fn inert(text: String) -> String {
    match escape::lines(&text) {
        Cow::Owned(inert) => inert,
        Cow::Borrowed(_) => text,
    }
}
