//! `sqsh-prov merge`: the reports of shards into one.

use std::path::PathBuf;

use clap::Args;
use sqsh_prov::audit::baseline::Baseline;
use sqsh_prov::audit::merge::{self, Keep, MergeError};

use super::audit;
use super::confine::Allowed;
use super::exit::{Exit, usage};
use super::global::Global;
use super::report_flags::ReportFlags;
use super::sink;

/// Join the reports of an audit's shards into one
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov merge shard-*.ndjson --format html --output images.html
  sqsh-prov merge shard-*.ndjson --format ndjson --baseline last.ndjson --output today.ndjson
  sqsh-prov merge today.ndjson --format csv        (one report, in another format)
  sqsh-prov merge shard-*.ndjson --lineage         (shards of audit --fingerprint)

Joins reports of `audit --shard I/N --format ndjson` that were made with the same --now. Fails if a \
shard is missing, given twice, cut off or interrupted.")]
pub(super) struct Merge {
    /// Reports (ndjson)
    #[arg(value_name = "REPORT", required = true)]
    reports: Vec<PathBuf>,
    #[command(flatten)]
    report: ReportFlags,
    /// Also report what changed since this report (ndjson)
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

impl Merge {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        self.report.check()?;
        if self.reports.iter().any(|report| report.as_os_str() == "-") {
            let message = "-: a report is read more than once, so that it must be a file; write standard input to one";
            return Err(usage(message));
        }
        let keep = Keep {
            evidence: self.report.format().has_evidence(),
            lineage: self.report.lineage(),
        };
        let baseline = self.baseline.as_deref().map(Baseline::open);
        let baseline = baseline.transpose().map_err(usage)?;
        let allowed = Allowed::reading(&self.reports).replacing(self.report.output.as_deref());
        let run = |sink: &mut dyn sqsh_prov::audit::Sink| {
            allowed.confine(global.verbose);
            merge::merge(&self.reports, baseline, keep, sink).map_err(told)
        };
        let summary = sink::with(&self.report, None, None, global, run)?;
        Ok(audit::exit(&summary))
    }
}

fn told(error: MergeError) -> anyhow::Error {
    match error {
        MergeError::Io(error) => error.into(),
        other => usage(other),
    }
}
