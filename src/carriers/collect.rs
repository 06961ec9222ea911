//! Collects facts from an image. Only this part of the carriers reads: it knows where files are,
//! and reads as little as it can.

mod ahead;
mod checkouts;
mod kept;
mod later;
mod losses;
mod packages;
mod packers;
mod paths;
mod reader;
#[cfg(test)]
mod tests;
mod trees;

pub use checkouts::checkout_above;
pub use kept::kept;
use paths::{BASE_LABELS, PROGRAMS, join};
use reader::{Known, Need, Reader};

use super::{
    DocumentFormat, Facts, Loss, Pair, Wanted, document, elf, enroot_rc, environment, fstab,
    os_release, rc_local,
};
use crate::image::{FileKind, Image, shown};
use crate::limits::Limits;
use crate::provenance::Source;

/// Entries of the root directory by which tools are recognised.
const ROOT_MARKERS: [&str; 5] = [
    ".no.prefetch.landmark",
    ".prefetch.landmark",
    ".singularity.d",
    "ch",
    "stargz.index.json",
];
/// The most directories of `/opt` whose times are read.
const MAX_TIMES: usize = 16;

/// Reads the files that tools left in an image. A missing file is not an error. A file that cannot
/// be read becomes a [`Loss`], and collecting goes on.
#[must_use]
pub fn collect(image: &dyn Image, wanted: &Wanted, limits: &Limits) -> Facts {
    collect_with(image, None, wanted, limits)
}

/// Like [`collect`], for an image whose configuration has the environment.
#[must_use]
pub fn collect_with(
    image: &dyn Image,
    environment: Option<&[Pair]>,
    wanted: &Wanted,
    limits: &Limits,
) -> Facts {
    let reads_ahead = image.read_ahead();
    let mut reader = Reader::new(image, limits);
    let mut facts = Facts {
        packages_known: true,
        ..Facts::default()
    };
    let root = reader.list(b"/").unwrap_or_default();
    for name in ROOT_MARKERS {
        if root.find(name.as_bytes()).is_some() {
            facts.present.insert(format!("/{name}"));
        }
    }
    let etc = reader.list(b"/etc");
    if let Some(etc) = etc.filter(|_| reads_ahead) {
        if etc.find(b"rc").is_some() {
            image.times_ahead();
        }
        ahead::prefetch(&mut reader, wanted);
    }
    facts.packing = image.packing();
    // An image in layers was not imported.
    if environment.is_none() {
        importer(&mut reader, &mut facts);
    }
    packers::packers(&mut reader, &mut facts);
    system(&mut reader, &mut facts);
    if let Some(environment) = environment {
        facts.environment = environment.to_vec();
    }

    let trees = trees::find_trees(&mut reader, &facts.environment);
    packages::collect(&mut reader, &trees, wanted, &mut facts);
    checkouts::collect(&mut reader, wanted, &mut facts);
    documents(&mut reader, wanted, &mut facts);
    markers(&mut reader, wanted, &mut facts);
    machine(&mut reader, &mut facts);
    times(&mut reader, &mut facts);
    // Last, because it may use up the time limit.
    later::collect(&mut reader, &mut facts);
    facts.losses = reader.into_losses();
    facts
}

/// Reads the files of enroot: `/etc/rc` and its neighbours.
fn importer(reader: &mut Reader<'_>, facts: &mut Facts) {
    let variables = reader.lines("/etc/environment", Need::Essential);
    let volumes = reader.lines("/etc/fstab", Need::Wanted);
    let rc = reader.lines("/etc/rc", Need::Essential);
    let rc_local = reader.text("/etc/rc.local");

    let stub = rc_local.as_deref().is_some_and(rc_local::is_stub);
    let beside = enroot_rc::Beside {
        stub,
        environment_and_fstab: variables.is_some() && volumes.is_some(),
    };
    let parsed = rc.map(|rc| enroot_rc::parse_beside(&rc, beside));
    // If another program wrote `/etc/rc`, its neighbours are not the importer's either. The same
    // holds if the directory of a tool exists that keeps the environment elsewhere.
    let elsewhere = |path: &&str| facts.present.contains(*path);
    let is_foreign = match &parsed {
        Some(rc) => rc.is_none(),
        None => ["/.singularity.d", "/ch"].iter().any(elsewhere),
    };
    if !is_foreign {
        let environment = environment::parse(variables.as_deref().unwrap_or_default());
        facts.environment = environment.variables;
        facts.stray_environment_lines = environment.stray_lines;
    }
    if let Some(rc) = parsed.flatten() {
        if rc.is_damaged {
            let message = "/etc/rc is the importer's, but some of the importer's own lines are altered; the readable part was used";
            reader.note(Loss::partial("importer-file-damaged", message));
        }
        facts.import = Some(rc.import());
        facts.environment_ordered = variables.is_some();
        facts.labels = rc.labels;
        facts.entrypoint = rc.entrypoint;
        facts.cmd = rc.cmd;
        facts.workdir = rc.workdir;
        facts.volumes = fstab::volumes(volumes.as_deref().unwrap_or_default());
        facts.rc_edited = rc.is_edited;
        facts.rc_local_edited = rc_local.as_deref().map(rc_local::is_edited);
    }
    for path in [
        "/etc",
        "/etc/environment",
        "/etc/fstab",
        "/etc/group",
        "/etc/passwd",
        "/etc/rc",
        "/etc/rc.local",
        "/var/lib/dpkg/status",
    ] {
        if let Some(mtime) = reader.mtime(path.as_bytes()) {
            facts.mtimes.insert(path.to_owned(), mtime);
        }
    }
}

/// Reads the operating system, and the base image's labels that Red Hat's builds keep.
fn system(reader: &mut Reader<'_>, facts: &mut Facts) {
    let release = reader
        .lines("/etc/os-release", Need::Wanted)
        .or_else(|| reader.lines("/usr/lib/os-release", Need::Wanted));
    facts.os_release = os_release::parse(&release.unwrap_or_default());

    reader.list(b"/root");
    reader.list(b"/usr");
    for path in BASE_LABELS {
        let labels = document(reader, path, DocumentFormat::Json, "buildinfo");
        if labels.is_some() {
            facts.base_labels = labels;
            break;
        }
    }
}

/// Reads and flattens a document.
fn document(
    reader: &mut Reader<'_>,
    path: &str,
    format: DocumentFormat,
    carrier: &str,
) -> Option<Vec<Pair>> {
    let parse = |bytes: &[u8]| document::parse(bytes, format, carrier, path);
    reader.document(path, parse).map(|(pairs, _)| pairs)
}

/// Reads the provenance files that contracts name.
fn documents(reader: &mut Reader<'_>, wanted: &Wanted, facts: &mut Facts) {
    for (path, &format) in &wanted.documents {
        if let Some(pairs) = document(reader, path, format, "document") {
            facts.documents.insert(path.clone(), pairs);
        }
    }
}

/// Checks which marker paths of contracts exist.
fn markers(reader: &mut Reader<'_>, wanted: &Wanted, facts: &mut Facts) {
    let entrypoint = facts.program().cloned();
    let named = wanted.markers.iter().chain(wanted.documents.keys());
    for path in named.chain(&entrypoint) {
        let exists = match reader.known(path.as_bytes()) {
            _ if facts.documents.contains_key(path) => true,
            Known::Absent => false,
            Known::Is(_) => true,
            Known::Unknown => reader.stat(path.as_bytes()).is_some(),
        };
        if exists {
            facts.present.insert(path.clone());
        }
    }
}

/// Reads the architecture of a system program, or else of the entrypoint.
fn machine(reader: &mut Reader<'_>, facts: &mut Facts) {
    let entrypoint = facts.program().cloned();
    let programs = PROGRAMS.iter().map(|&path| path.to_owned());
    for path in programs.chain(entrypoint) {
        let header = reader.start(&path, elf::HEADER_BYTES);
        if let Some(machine) = header.as_deref().and_then(elf::machine) {
            let source = Source {
                carrier: "elf".to_owned(),
                path: Some(path),
                ..Source::default()
            };
            facts.machine = Some((machine.to_owned(), source));
            return;
        }
    }
}

/// Reads the times of the usual places for additions.
fn times(reader: &mut Reader<'_>, facts: &mut Facts) {
    let mut paths: Vec<Vec<u8>> = Vec::new();
    if matches!(reader.known(b"/app"), Known::Is(_)) {
        paths.push(b"/app".to_vec());
    }
    let opt = reader.list(b"/opt").unwrap_or_default();
    let directories = opt.iter().filter(|it| it.kind == FileKind::Directory);
    paths.extend(directories.map(|entry| join(b"/opt", entry.name)));
    for path in paths.iter().take(MAX_TIMES) {
        if let Some(mtime) = reader.mtime(path) {
            facts.mtimes.insert(shown(path), mtime);
        }
    }
}
