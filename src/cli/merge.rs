//! `sqsh-prov merge`: the reports of shards into one.

use std::path::PathBuf;

use clap::Args;
use sqsh_prov::audit::baseline::Baseline;
use sqsh_prov::audit::merge::{self, MergeError};

use super::audit;
use super::confine::Allowed;
use super::exit::{Exit, Usage};
use super::global::Global;
use super::sink::{self, Format};

/// Join the reports of an audit's shards into one
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov merge shard-*.ndjson --format html --output images.html
  sqsh-prov merge shard-*.ndjson --format ndjson --baseline last.ndjson --output today.ndjson
  sqsh-prov merge today.ndjson --format csv        (one report, in another format)

The reports are those of `audit --shard I/N --format ndjson`, all with the same --now. One that
is missing, there twice, cut off or interrupted is refused.")]
pub(super) struct Merge {
    /// Reports (ndjson)
    #[arg(value_name = "REPORT", required = true)]
    reports: Vec<PathBuf>,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Write the report to a file, which is replaced when it is complete; until then, and after an
    /// interrupt, what there is lies beside it as FILE.unfinished
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// With --format paths0: only paths with a finding of this code. May be repeated
    #[arg(long, value_name = "CODE")]
    select: Vec<String>,
    /// Also report what changed since this report (ndjson)
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

impl Merge {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        sink::check_select(&self.select, self.format)?;
        let baseline = self
            .baseline
            .as_deref()
            .map(Baseline::open)
            .transpose()
            .map_err(|error| Usage(error.to_string()))?;
        let allowed = Allowed::reading(&self.reports).replacing(self.output.as_deref());
        let run = |sink: &mut dyn sqsh_prov::audit::Sink| {
            allowed.confine(global.verbose);
            merge::merge(&self.reports, baseline, self.format.has_evidence(), sink).map_err(
                |error| match error {
                    MergeError::Io(error) => anyhow::Error::from(error),
                    other => Usage(other.to_string()).into(),
                },
            )
        };
        let summary = sink::with(
            self.format,
            &self.select,
            self.output.as_deref(),
            global,
            run,
        )?;
        Ok(audit::exit(&summary))
    }
}
