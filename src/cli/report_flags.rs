//! Flags of the commands that write a report of many images: `audit` and `merge`.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser as _};
use clap::{Args, ValueEnum};
use sqsh_prov::audit::codes;
use sqsh_prov::audit::record::Summary;
use sqsh_prov::audit::select::{Condition, UNKNOWN};
use sqsh_prov::audit::view::{GroupBy, Sort, View};
use sqsh_prov::report::audit::columns;

use super::exit::usage;

/// How to print a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For a person at a terminal, with a summary at the end
    Table,
    /// One object with everything
    Json,
    /// One object per line for each image, each finding and the summary, written as it goes
    Ndjson,
    /// One row per image, for a spreadsheet
    Csv,
    /// One self-contained page for a browser
    Html,
    /// Counts and bytes for Prometheus, for the textfile collector of node_exporter
    Openmetrics,
    /// The family tree, for Graphviz
    Dot,
    /// Paths, each ending in a NUL, for `xargs -0`; with --select, paths with certain findings
    Paths0,
}

impl Format {
    /// Returns true for formats that contain the evidence.
    pub(super) fn has_evidence(self) -> bool {
        matches!(self, Self::Json | Self::Ndjson | Self::Html)
    }

    /// Returns the format that belongs to the extension of a file's name.
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "html" | "htm" => Some(Self::Html),
            "csv" => Some(Self::Csv),
            "dot" | "gv" => Some(Self::Dot),
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "prom" => Some(Self::Openmetrics),
            _ => None,
        }
    }
}

/// The flags of a report: which images and columns, in which format, and where to.
#[derive(Debug, Args)]
pub(super) struct ReportFlags {
    /// How to print the report; by default as the extension of --output says, else a table
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// Write the report to a file. The file is replaced when the report is complete; until then, and
    /// after an interrupt, the unfinished report is FILE.unfinished
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Select images by kind, official (yes, no, unknown), publisher, owner, finding, recognised
    /// (same-content, contains, same-package, no) or older-than (90d, 12w). May be repeated: one key
    /// twice selects either value, two keys must both hold
    #[arg(long = "where", value_name = "KEY=VALUE")]
    conditions: Vec<Condition>,
    /// Sort the images
    #[arg(long, value_name = "KEY", value_parser = one_of(&Sort::ALL))]
    sort: Option<Sort>,
    /// Reverse the order
    #[arg(long)]
    reverse: bool,
    /// Group images by a common value
    #[arg(long, value_name = "KEY", value_parser = one_of(&GroupBy::ALL))]
    group_by: Option<GroupBy>,
    /// The columns of a table or a spreadsheet, separated by commas
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = column())]
    pub(super) columns: Vec<String>,
    /// Also say which image was built on which, and which are the same, from their content alone. Reads
    /// every directory of every image. Not for openmetrics and paths0; always on for dot
    #[arg(long)]
    lineage: bool,
    /// With --format paths0: print only paths that have a finding with this code. May be repeated
    #[arg(long, value_name = "CODE")]
    pub(super) select: Vec<String>,
}

fn column() -> impl clap::builder::TypedValueParser<Value = String> {
    let names = columns::all().map(|(name, help)| PossibleValue::new(name).help(help));
    PossibleValuesParser::new(names).map(|name| name)
}

/// Returns a parser for the words of a table; the help lists the words with their meanings.
fn one_of<T>(
    rows: &'static [(&'static str, T, &'static str)],
) -> impl clap::builder::TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    let value = |&(word, _, help): &'static (_, T, _)| PossibleValue::new(word).help(help);
    PossibleValuesParser::new(rows.iter().map(value)).try_map(|given| {
        let row = rows.iter().find(|(word, ..)| *word == given);
        row.map(|&(_, value, _)| value).ok_or("not one of them")
    })
}

/// Returns true if a file or directory could not be opened.
pub(super) fn has_unread_paths(summary: &Summary) -> bool {
    let codes = ["unreadable-directory", "no-permission", "no-such-path"];
    codes.iter().any(|code| summary.skipped.contains_key(*code))
}

impl ReportFlags {
    /// Returns a warning if the name of the output ends in an unknown extension.
    pub(super) fn surprise(&self) -> Option<String> {
        const PLAIN: [&str; 4] = ["txt", "text", "log", "out"];
        let path = self.output.as_deref().filter(|_| self.format.is_none())?;
        let ending = path.extension()?.to_str()?;
        let plain = PLAIN.contains(&ending) || Format::of(path).is_some();
        let path = path.display();
        (!plain).then(|| format!("{path}: it becomes a table in text; .html, .csv, .json, .ndjson, .prom and .dot choose their formats, as does --format"))
    }

    /// Returns the format that the user asked for.
    pub(super) fn format(&self) -> Format {
        let of_name = || self.output.as_deref().and_then(Format::of);
        self.format.or_else(of_name).unwrap_or(Format::Table)
    }

    /// Returns true if the user asked for the family tree.
    pub(super) fn lineage(&self) -> bool {
        self.lineage || self.format() == Format::Dot
    }

    /// Returns the selection of images and their order.
    pub(super) fn view(&self) -> View {
        View {
            conditions: self.conditions.clone(),
            reverse: self.reverse,
            sort: self.sort,
            group: self.group_by,
        }
    }

    /// Returns true if the user sees the last lines of the report on the terminal.
    pub(super) fn is_told_at_the_end(&self) -> bool {
        self.format() == Format::Table && self.output.is_none()
    }

    /// Returns true if a spreadsheet has the column.
    pub(super) fn has_column(&self, name: &str) -> bool {
        self.columns.is_empty() || self.columns.iter().any(|column| column == name)
    }

    /// Returns true if --where selects none of the images that could not be read.
    pub(super) fn leaves_out(&self, summary: &Summary) -> bool {
        let shows = |condition: &Condition| condition.text() == "kind=unreadable";
        let is_selection = !self.conditions.is_empty();
        is_selection && !has_unread_paths(summary) && !self.conditions.iter().any(shows)
    }

    /// Returns the publishers that --where names.
    pub(super) fn publishers(&self) -> impl Iterator<Item = &str> {
        let conditions = self.conditions.iter();
        conditions.filter_map(|condition| match condition {
            Condition::Publisher(name) if name != UNKNOWN => Some(name.as_str()),
            _ => None,
        })
    }

    /// Returns true if --where asks which known image an image contains.
    pub(super) fn asks_what_is_recognised(&self) -> bool {
        let mut conditions = self.conditions.iter();
        conditions.any(|condition| matches!(condition, Condition::Recognised(_)))
    }

    /// Refuses flags that the format would ignore, and codes that no finding has.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        if self.output.as_deref() == Some(Path::new("-")) {
            let message = "--output -: without --output the report goes to standard output; ./- is a file of that name";
            return Err(usage(message));
        }
        let format = self.format();
        let refused =
            |flag: &str, formats: &str| Err(usage(format!("{flag} is for --format {formats}")));
        if !self.select.is_empty() && format != Format::Paths0 {
            return refused("--select", "paths0");
        }
        if self.lineage && matches!(format, Format::Openmetrics | Format::Paths0) {
            return refused("--lineage", "table, json, ndjson, csv, html and dot");
        }
        if !self.columns.is_empty() && !matches!(format, Format::Table | Format::Csv) {
            return refused(
                "--columns",
                "table and csv; json and ndjson always hold all of them",
            );
        }
        let ordered = self.sort.is_some() || self.reverse || self.group_by.is_some();
        if ordered && format == Format::Openmetrics {
            return Err(usage("counts have no order; leave --sort out"));
        }
        codes::check(&self.select).map_err(|error| usage(format!("--select: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_output_chooses_its_format() {
        for (name, format) in [
            ("report.html", Some(Format::Html)),
            ("x.csv", Some(Format::Csv)),
            ("today.ndjson", Some(Format::Ndjson)),
            ("sqsh.prom", Some(Format::Openmetrics)),
            ("images.txt", None),
            ("html", None),
        ] {
            assert_eq!(Format::of(Path::new(name)), format, "{name}");
        }
    }
}
