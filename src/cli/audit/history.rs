//! `sqsh-prov audit history`: saved reports, week by week.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use sqsh_prov::audit::history;
use sqsh_prov::report::audit::history as report;
use sqsh_prov::report::json;

use crate::cli::confine::Allowed;
use crate::cli::exit::{Exit, usage};
use crate::cli::global::Global;
use crate::cli::output;

/// The most reports in a directory.
const MOST_REPORTS: usize = 10_000;

/// Say what came, what went and what grew, from the saved reports in a directory
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov audit /shared/images --output /var/lib/sqsh-prov/$(date +%F).ndjson
  sqsh-prov audit history /var/lib/sqsh-prov
  sqsh-prov audit history /var/lib/sqsh-prov --format csv > weeks.csv

Reads the files whose names end in .ndjson, and takes the last complete report of each week (ISO \
8601, UTC). Names each report that it cannot use on standard error; the exit code is then 2.")]
pub(super) struct HistoryFlags {
    /// The directory with the reports
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// How to print the history
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A row for each week, for a person
    Table,
    /// One object with everything
    Json,
    /// A row for each week, for a spreadsheet
    Csv,
}

impl HistoryFlags {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let reports = self.reports()?;
        Allowed::reading([&self.directory]).confine(global.verbose);
        let history = history::read(&reports)?;
        for left in &history.left_out {
            let file = report::name(&left.report);
            let reason = &left.reason;
            // A reason that the reader gives names the file itself.
            global.complain(&match reason.starts_with(&file) {
                true => format!("left out: {reason}"),
                false => format!("left out: {file}: {reason}"),
            });
        }
        output::write(&match self.format {
            Format::Table => output::page(report::table(&history)),
            Format::Json => json::pretty(&history)?,
            Format::Csv => report::csv(&history),
        })?;
        Ok(Exit::of_check(!history.left_out.is_empty(), false))
    }

    fn reports(&self) -> anyhow::Result<Vec<PathBuf>> {
        let named = || self.directory.display().to_string();
        let mut reports = Vec::new();
        for entry in std::fs::read_dir(&self.directory).with_context(named)? {
            let path = entry.with_context(named)?.path();
            if path.extension().is_some_and(|end| end == "ndjson") {
                reports.push(path);
            }
        }
        reports.sort();
        if reports.is_empty() {
            let directory = named();
            let message = "there is no report (*.ndjson) in it; write one with `sqsh-prov audit PATH --output FILE.ndjson`";
            return Err(usage(format!("{directory}: {message}")));
        }
        if reports.len() > MOST_REPORTS {
            let directory = named();
            let message = format!("{directory}: more than {MOST_REPORTS} reports; keep one a week");
            return Err(usage(message));
        }
        Ok(reports)
    }
}
