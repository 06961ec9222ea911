//! Reads a SIF file: the image in its partition, and the records beside it.

use serde_json::{Map, Value};

use super::begun::Headed;
use super::error::Error;
use super::input::Input;
use super::opened::{Context, Opened, timestamp};
use super::squashfs;
use crate::carriers::oci_config::{self, Configuration, Place};
use crate::carriers::{Facts, Loss, Pair, definition_file, singularity};
use crate::image::json;
use crate::image::sif::{self, DESCRIPTOR, Descriptor, HEADER, Kind};
use crate::limits::Limits;
use crate::provenance::Format;
use crate::squashfs::{Offset, ReadAt as _};

pub(super) fn open<'i>(input: &'i Input, context: &Context) -> Result<Opened<'i>, Error> {
    let source = input.file()?;
    let size = source.size().map_err(|error| input.failed(error))?;
    let bytes = |offset, length| {
        let bytes = source.part(offset, length);
        bytes.map_err(|error| input.failed(error))
    };
    let header = sif::header(&bytes(0, HEADER as u64)?, size);
    let header = header.map_err(|error| input.error(error))?;
    let table = bytes(header.table, header.total.saturating_mul(DESCRIPTOR as u64))?;
    let pieces = sif::descriptors(&table, &header, size).map_err(|error| input.error(error))?;
    let (system, partition) = sif::system(&pieces).map_err(|error| input.error(error))?;

    let mut file = input.describe(Format::Sif);
    let part = Offset {
        inner: source,
        offset: system.offset,
        len: system.size,
    };
    let mut facts = squashfs::read(input, Box::new(part.clone()), context, &mut file)?;
    // enroot did not write this file, so a provenance line in it is at best the base's.
    facts.import_doubtful = true;
    // The time in the SIF header is more exact than that of the partition.
    file.packed_at = timestamp(header.created).or(file.packed_at);
    let machine = partition.architecture.or(header.architecture);
    if let Some(machine) = machine.filter(|_| facts.architecture.is_none()) {
        let place = Place {
            carrier: "sif",
            path: "",
        };
        let mut pair = place.pair("", "arch", machine);
        pair.source.path = None;
        facts.architecture = Some(pair);
    }
    for piece in &pieces {
        if let Err(reason) = beside(source, piece, &mut facts, &context.limits) {
            facts.losses.push(Loss::minor(
                "malformed-document",
                format!("the SIF descriptor {} was ignored: {reason}", piece.id),
            ));
        }
    }
    let is_signature = |piece: &&Descriptor| piece.kind == Kind::Signature;
    let signatures = pieces.iter().filter(is_signature).count();
    facts.losses.push(signed(signatures));
    Ok(Opened {
        file,
        facts,
        reads: source.reads(),
        again: Some(squashfs::again(part)),
        ..Opened::default()
    })
}

/// Returns the warning about signatures: they prove nothing until they are checked with a key.
fn signed(count: usize) -> Loss {
    if count == 0 {
        return Loss::minor("sif-unsigned", "the SIF file has no signature");
    }
    Loss::minor(
        "sif-signature-not-checked",
        format!(
            "the SIF file is signed ({count}); signatures of SIF are not checked here, `apptainer verify` does"
        ),
    )
}

/// Adds the facts of an object beside the partition that the image does not have.
fn beside(
    source: &Headed,
    piece: &Descriptor,
    facts: &mut Facts,
    limits: &Limits,
) -> Result<(), String> {
    if !matches!(piece.kind, Kind::Definition | Kind::Labels | Kind::Json) {
        return Ok(());
    }
    if piece.size > limits.json_file {
        return Err(format!(
            "its {} bytes are over the limit json_file of {} bytes",
            piece.size, limits.json_file
        ));
    }
    let bytes = source.part(piece.offset, piece.size);
    let bytes = bytes.map_err(|error| error.to_string())?;
    let bytes = bytes.trim_ascii();
    let place = Place {
        carrier: "sif",
        path: &piece.name,
    };
    if piece.kind == Kind::Definition {
        let mut definition = definition_file::parse(bytes, &piece.name);
        let named = facts.named.get_or_insert_default();
        if named.names.is_empty() {
            named.names.extend(definition.from.take());
        }
        if named.steps.is_empty() {
            // Without the image's own record, its labels and those of the definition are mixed.
            named.steps = match facts.packer_labels.is_empty() {
                true => definition.all_steps(),
                false => definition.steps,
            };
        }
        return Ok(());
    }
    let value: Map<String, Value> = json::parse(bytes).map_err(|error| error.to_string())?;
    let whole = oci_config::parse(bytes, place).ok().flatten();
    let configuration = whole.or_else(|| oci_config::parse_inner(bytes, place).ok().flatten());
    match configuration {
        Some(configuration) => fill(configuration, facts),
        None => labels(&value, &piece.name, facts),
    }
    Ok(())
}

/// Adds the configuration of the image that was pulled.
fn fill(configuration: Configuration, facts: &mut Facts) {
    if facts.environment.is_empty() {
        facts.environment = configuration.environment;
        facts.environment_ordered = true;
    }
    if facts.labels.is_empty() {
        facts.labels = configuration.labels;
    }
    if facts.volumes.is_empty() {
        facts.volumes = configuration.volumes;
    }
    facts.entrypoint = facts.entrypoint.take().or(Some(configuration.entrypoint));
    facts.cmd = facts.cmd.take().or(Some(configuration.cmd));
    facts.workdir = facts.workdir.take().or(configuration.workdir);
    facts.created = facts.created.take().or(configuration.created);
    facts.process = configuration.process;
    if facts.steps.is_empty() {
        facts.steps = configuration.steps;
    }
}

/// Adds labels from a plain object, or from the output of `singularity inspect`.
fn labels(value: &Map<String, Value>, path: &str, facts: &mut Facts) {
    let inspected = value
        .get("data")
        .and_then(|data| data.get("attributes")?.get("labels")?.as_object());
    let flat = inspected.unwrap_or(value);
    if !facts.labels.is_empty() || !flat.values().all(Value::is_string) {
        return;
    }
    let mut labels = singularity::split(flat, path);
    let rename = |pair: &mut Pair| "sif-label".clone_into(&mut pair.source.carrier);
    labels.own.iter_mut().for_each(rename);
    labels.packer.iter_mut().for_each(rename);
    if let Some(pulled) = singularity::pulled(&labels.packer) {
        let named = facts.named.get_or_insert_default();
        if named.names.is_empty() {
            named.names.push(pulled.reference);
            named.digest = pulled.digest;
        }
    }
    facts.labels = labels.own;
    facts.packer_labels.extend(labels.packer);
}
