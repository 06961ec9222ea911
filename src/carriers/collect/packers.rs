//! Reads the records that packers other than enroot keep of an image's configuration.

use std::collections::HashSet;

use super::reader::{Need, Reader};
use crate::carriers::definition_file::{self, Definition, same_image};
use crate::carriers::oci_config::{self, Configuration, Place};
use crate::carriers::{Facts, ImageNames, Loss, NamedBy, Pair, charliecloud, singularity};
use crate::image::oci::sha256;

/// Reads the records of Charliecloud, Singularity and Apptainer. If enroot imported the image
/// later, its own files count, and the older record is the base's.
pub(super) fn packers(reader: &mut Reader<'_>, facts: &mut Facts) {
    let has = |facts: &Facts, path: &str| facts.present.contains(path);
    if has(facts, "/ch") && !is_older(reader, facts, &CHARLIECLOUD) {
        charliecloud(reader, facts);
    }
    if has(facts, singularity::DIRECTORY) && !is_older(reader, facts, &SINGULARITY) {
        singularity(reader, facts);
    }
}

/// Files of a tool. Each of its images has at least one.
const CHARLIECLOUD: [&str; 2] = [charliecloud::METADATA, charliecloud::CONFIG];
const SINGULARITY: [&str; 2] = [singularity::LABELS, "/.singularity.d/actions"];
/// The most files of a bootstrap history that are read.
const MAX_HISTORY: usize = 16;

/// Returns true if the importer's record is later than another tool's. Which of the two packed the image
/// is then only a guess, and neither record proves anything.
fn is_older(reader: &mut Reader<'_>, facts: &mut Facts, records: &[&str]) -> bool {
    if facts.import.is_none() {
        return false;
    }
    let mut times = records
        .iter()
        .filter_map(|record| Some((record, reader.mtime(record.as_bytes())?)));
    let Some((record, time)) = times.next() else {
        return true;
    };
    facts.import_doubtful = true;
    let imported = facts.mtimes.get("/etc/rc");
    let is_older = imported.is_some_and(|imported| *imported > time);
    let counts = if is_older { "/etc/rc" } else { record };
    let message = format!(
        "both /etc/rc and {record} say how the image was imported; sqsh-prov uses {counts}, which is later, but it proves nothing"
    );
    reader.note(Loss::minor("two-importers", message));
    is_older
}

/// Removes the facts from the importer's files. They are about the base.
fn forget_importer(facts: &mut Facts) {
    facts.import = None;
    facts.rc_local_edited = None;
    facts.environment_ordered = false;
}

fn charliecloud(reader: &mut Reader<'_>, facts: &mut Facts) {
    let place = Place {
        carrier: "charliecloud",
        path: charliecloud::CONFIG,
    };
    let pulled = reader.document(charliecloud::CONFIG, |bytes| {
        oci_config::parse(bytes, place)
    });
    let now = reader.document(charliecloud::METADATA, charliecloud::metadata);
    let now = now.map(|(now, _)| now);
    let Some((Some(mut pulled), bytes)) = pulled else {
        let Some(mut now) = now else {
            return;
        };
        let variables = reader.lines(charliecloud::ENVIRONMENT, Need::Wanted);
        if let Some(variables) = variables.filter(|_| now.environment.is_empty()) {
            now.environment = charliecloud::variables(&variables);
        }
        forget_importer(facts);
        now.into_facts(facts);
        facts.environment_ordered = false;
        (facts.entrypoint, facts.cmd) = (None, None);
        return;
    };
    forget_importer(facts);
    let steps = now.as_ref().map(|now| later_steps(&pulled, now));
    let steps = steps.unwrap_or_default();
    let is_built_on = !steps.is_empty();
    if let Some(now) = now.filter(|_| is_built_on) {
        // The pulled image is now the base.
        pulled.environment = now.environment;
        pulled.labels = now.labels;
        pulled.workdir = now.workdir;
        pulled.history = now.history;
        pulled.steps = now.steps;
        pulled.created = None;
    } else {
        let digest = place.pair("", "config", &sha256(&bytes));
        facts.digests.push(digest);
    }
    pulled.into_facts(facts);
    facts.environment_ordered = !is_built_on;
    if is_built_on {
        facts.named = Some(ImageNames {
            steps,
            ..ImageNames::default()
        });
    }
}

/// Returns how the image changed after it was pulled.
fn later_steps(pulled: &Configuration, now: &Configuration) -> Vec<Pair> {
    let mut steps = Vec::new();
    if charliecloud::was_built_on(pulled, now) {
        let later = now.history.iter().skip(pulled.history.len());
        steps.extend(later.cloned());
    }
    let last = |pairs: &[Pair], key: &str| -> Option<String> {
        let found = pairs.iter().rev().find(|pair| pair.key == key);
        found.map(|pair| pair.value.clone())
    };
    for (before, after) in [
        (&pulled.environment, &now.environment),
        (&pulled.labels, &now.labels),
    ] {
        // Tools add a search path to an image without one.
        let changed = after.iter().filter(|pair| match last(before, &pair.key) {
            Some(value) => value != pair.value,
            None => pair.key != "PATH",
        });
        steps.extend(changed.cloned());
    }
    steps
}

fn singularity(reader: &mut Reader<'_>, facts: &mut Facts) {
    let labels = reader.document(singularity::LABELS, |bytes| {
        singularity::labels(bytes, singularity::LABELS)
    });
    let Some((labels, _)) = labels else {
        return;
    };
    forget_importer(facts);
    let mut variables = Vec::new();
    for path in [
        singularity::DOCKER_ENVIRONMENT,
        singularity::OWN_ENVIRONMENT,
    ] {
        let script = reader.lines(path, Need::Wanted).unwrap_or_default();
        variables.extend(singularity::environment(&script, path));
    }
    facts.environment_ordered = !variables.is_empty();
    facts.environment = variables;
    facts.stray_environment_lines = Vec::new();
    let script = reader.text(singularity::RUNSCRIPT).unwrap_or_default();
    (facts.entrypoint, facts.cmd) = singularity::command(&script);
    facts.workdir = None;
    facts.volumes = Vec::new();
    facts.packer_labels = labels.packer;
    let definition = definition(reader, singularity::DEFINITION);
    let history = history(reader);
    let mut named = ImageNames::default();
    let pulled = singularity::pulled(&facts.packer_labels);
    // A build that adds to an image (`--update`) pulls nothing, whatever its definition says.
    let is_updated = !history.is_empty();
    match (pulled, definition.from) {
        (Some(pulled), Some(from))
            if !is_updated && !same_image(&pulled.reference.value, &from.value) =>
        {
            named.names.push(from);
        }
        (Some(pulled), _) => {
            named.names.push(pulled.reference);
            named.digest = pulled.digest;
        }
        (None, from) => named.names.extend(from),
    }
    let (mut steps, mut added) = (definition.steps, definition.labels);
    let mut first = None;
    for older in history {
        steps.extend(older.steps);
        added.extend(older.labels);
        first = first.or(older.from);
    }
    // Without steps, nothing says that the image is still the one that its history begins with.
    if named.names.is_empty() && !steps.is_empty() {
        named.names.extend(first);
    }
    named.by = NamedBy::Packer;
    named.steps = steps;
    facts.named = Some(named);
    // What `%labels` writes does not come from the image that was pulled.
    let added: HashSet<_> = added.iter().map(|it| (&it.key, &it.value)).collect();
    let is_added = |label: &Pair| added.contains(&(&label.key, &label.value));
    let (added, own) = labels.own.into_iter().partition(is_added);
    facts.labels = own;
    facts.packer_labels.extend::<Vec<_>>(added);
}

fn definition(reader: &mut Reader<'_>, path: &str) -> Definition {
    let bytes = reader.lines(path, Need::Wanted).unwrap_or_default();
    definition_file::parse(&bytes, path)
}

/// Returns the definitions of the images that the image was built from, the oldest first. Source:
/// apptainer/apptainer `internal/pkg/build/metadata.go`, which names them `Apptainer0`, `Apptainer1`; older
/// versions write `Singularity0`.
fn history(reader: &mut Reader<'_>) -> Vec<Definition> {
    let above = singularity::DIRECTORY.as_bytes();
    if !reader.has(above, singularity::HISTORY.as_bytes()) {
        return Vec::new();
    }
    let directory = format!("{}/{}", singularity::DIRECTORY, singularity::HISTORY);
    let paths = reader.entries(directory.as_bytes(), |_| true);
    let paths = paths.into_iter().map(String::from_utf8);
    let mut paths: Vec<String> = paths.filter_map(Result::ok).collect();
    let number = |path: &String| {
        let digits = path.trim_end_matches(|it: char| it.is_ascii_digit()).len();
        let digits = path.get(digits..).unwrap_or_default();
        digits.parse().unwrap_or(u64::MAX)
    };
    paths.sort_by_key(number);
    if paths.len() > MAX_HISTORY {
        paths.truncate(MAX_HISTORY);
        reader.over_limit(format!(
            "{directory} has more than {MAX_HISTORY} files; the rest were not read"
        ));
    }
    let parsed = paths.iter().map(|path| definition(reader, path));
    parsed.collect()
}
