//! Reads records of the build: attached statements, labels, and a metadata file beside the image.

use std::io;
use std::path::{Path, PathBuf};

use super::error::{Error, FormError, shown};
use super::input::Input;
use super::options::{Options, Sidecars};
use crate::carriers::metadata_file::{self, Target};
use crate::carriers::oci_config::Place;
use crate::carriers::{Build, BuildError, Facts, Loss, Pair, Sidecar, buildinfo, slsa};
use crate::image::oci::{Chosen, LevelKind, OciError, Platform};
use crate::noatime;
use crate::reference::{ImportUri, Reference};

/// Reads the statements that are attached to the chosen image.
pub(super) fn attached(chosen: &Chosen, facts: &mut Facts) {
    let mut manifests = chosen.levels.iter().rev();
    let manifest = manifests.find(|level| level.kind == LevelKind::Manifest);
    let digest = manifest.and_then(|level| level.digest.as_deref());
    for (path, bytes) in &chosen.attached.statements {
        match slsa::parse(bytes, path) {
            Ok(Some(statement)) => {
                let subjects = &statement.subjects;
                let about = subjects.is_empty()
                    || digest.is_some_and(|digest| subjects.iter().any(|it| it == digest));
                if about {
                    facts.builds.push(statement.build);
                } else {
                    facts.losses.push(Loss::minor(
                        "attestation-of-another-image",
                        format!(
                            "{path} is attached to this image, but says that it is about another: it was not believed"
                        ),
                    ));
                }
            }
            Ok(None) => {}
            Err(error) => facts.losses.push(unreadable(path, &error)),
        }
    }
    for message in &chosen.attached.lost {
        facts.losses.push(Loss::partial(
            "attestation-damaged",
            format!("a statement that is attached to the image cannot be read: {message}"),
        ));
    }
}

fn unreadable(place: &str, error: &BuildError) -> Loss {
    let message = format!("the build record cannot be read: {place}: {error}");
    Loss::minor("build-record-unreadable", message)
}

/// Reads a record in a label. The label may come from the base.
pub(super) fn of_labels(facts: &mut Facts) {
    let mut labels = facts.labels.iter().rev();
    let found = labels.find(|label| label.key == buildinfo::LABEL);
    let Some(label) = found.filter(|label| !label.value.trim().is_empty()) else {
        return;
    };
    let path = label.source.path.clone().unwrap_or_default();
    match buildinfo::parse_encoded(&label.value, &path, buildinfo::LABEL) {
        Ok(mut build) => {
            build.inheritable = true;
            facts.builds.push(build);
        }
        Err(error) => {
            let place = format!("label {}", buildinfo::LABEL);
            facts.losses.push(unreadable(&place, &error));
        }
    }
}

/// Reads the given metadata file, or the one beside the image.
pub(super) fn sidecar(
    input: &Input,
    options: &Options,
    asked: Option<&Platform>,
    facts: &mut Facts,
) -> Result<(), Error> {
    let (path, given) = match &options.sidecar {
        Sidecars::None => return Ok(()),
        Sidecars::File(path) => (path.clone(), true),
        Sidecars::Beside => match beside(input) {
            Some(path) => (path, false),
            None => return Ok(()),
        },
    };
    let found = read(&path, given, options.limits.json_file);
    let found = found.map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => None,
        _ => Some(FormError::Other(format!("it cannot be read: {source}"))),
    });
    let found = match found {
        Ok(bytes) => parse(&bytes, &path, asked, facts),
        Err(None) if !given => return Ok(()),
        Err(None) => return Err(Error::NotFound { path: shown(&path) }),
        Err(Some(reason)) => Err(reason),
    };
    match found {
        Ok(sidecar) => facts.sidecar = Some(sidecar),
        Err(reason) if given => {
            let path = shown(&path);
            return Err(Error::Form { path, reason });
        }
        // Anybody may have put it there, so the image is answered without it.
        Err(reason) => facts.losses.push(Loss::minor(
            "sidecar-unreadable",
            format!("{} was not used: {reason}", shown(&path)),
        )),
    }
    Ok(())
}

fn beside(input: &Input) -> Option<PathBuf> {
    if input.path.as_os_str() == "-" || input.is_directory() {
        return None;
    }
    Some(Sidecars::beside(&input.path))
}

/// Reads a regular file up to a limit, without waiting for a pipe. Follows a link only if the user gave it: anybody
/// who can write beside an image could let one lead to a file that only the user may read.
fn read(path: &Path, given: bool, limit: u64) -> io::Result<Vec<u8>> {
    use std::io::Read as _;
    let file = match given {
        true => noatime::open(path),
        false => noatime::open_no_link(path),
    };
    let file = file.map_err(|error| match rustix::io::Errno::from_io_error(&error) {
        Some(rustix::io::Errno::LOOP) if !given => {
            io::Error::other("it is a link, which is followed only if --sidecar names it")
        }
        _ => error,
    })?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    let most = limit.saturating_add(1);
    let count = file.take(most).read_to_end(&mut bytes)?;
    if u64::try_from(count).unwrap_or(u64::MAX) > limit {
        let message = format!("it is over the limit json_file of {limit} bytes");
        return Err(io::Error::other(message));
    }
    Ok(bytes)
}

fn parse(
    bytes: &[u8],
    path: &Path,
    asked: Option<&Platform>,
    facts: &mut Facts,
) -> Result<Sidecar, FormError> {
    let name = shown(path);
    if let Some(targets) = metadata_file::parse(bytes, &name)? {
        let target = chosen(targets, facts).ok_or_else(several)?;
        let likely = platform(facts);
        return Ok(Sidecar {
            builds: for_platform(&target, asked, &likely, &mut facts.losses)?.0,
            names: target.names,
            digests: target.digests,
        });
    }
    let statement = slsa::parse_any(bytes, &name)?.ok_or_else(|| {
        let text =
            "it is neither a metadata file of docker buildx build nor a provenance statement";
        FormError::Other(text.to_owned())
    })?;
    let place = Place {
        carrier: "slsa",
        path: &name,
    };
    let digests = statement.subjects.iter();
    let digests = digests.map(|digest| place.named("manifest", "subject", digest));
    Ok(Sidecar {
        digests: digests.collect(),
        builds: vec![statement.build],
        names: Vec::new(),
    })
}

/// Returns the builds of a target for a platform, and the platform if there are several; see
/// [`Target::builds_for`].
///
/// # Errors
/// `NoPlatform` if the target was not built for the requested platform.
pub(super) fn for_platform(
    target: &Target,
    asked: Option<&Platform>,
    likely: &Platform,
    losses: &mut Vec<Loss>,
) -> Result<(Vec<Build>, Option<Platform>), FormError> {
    let chosen = target.builds_for(asked, likely).map_err(|found| {
        let wanted = asked.map(ToString::to_string).unwrap_or_default();
        OciError::NoPlatform { wanted, found }
    })?;
    let note = chosen.note.map(|it| Loss::minor("image-chosen", it));
    losses.extend(note);
    losses.extend(chosen.commits_differ.map(|it| different_commits(&it)));
    Ok((chosen.builds, chosen.platform))
}

/// Makes the warning about platforms that were built from different commits.
pub(super) fn different_commits(commits: &str) -> Loss {
    Loss::minor(
        "platforms-of-different-commits",
        format!("its platforms were built from different commits: {commits}"),
    )
}

/// Returns the platform that the image names, else this host's.
fn platform(facts: &Facts) -> Platform {
    let of_programs = facts.machine.as_ref().map(|(machine, _)| machine.as_str());
    let declared = || facts.architecture.as_ref().map(|pair| pair.value.as_str());
    let known = of_programs.or_else(declared);
    let platform = known.and_then(|machine| Platform::parse(&format!("linux/{machine}")));
    platform.unwrap_or_else(Platform::host)
}

fn several() -> FormError {
    let text = "it has several targets, and none has a digest or name of this image";
    FormError::Other(text.to_owned())
}

/// Returns the target of the image: by digest, else by the name of the import.
fn chosen(mut targets: Vec<Target>, facts: &Facts) -> Option<Target> {
    if targets.len() == 1 {
        return targets.pop();
    }
    let line = facts.import.as_ref().and_then(|import| import.uri.as_ref());
    let line = line.map(|pair| ImportUri::parse(&pair.value));
    let typed = facts.image_uri.as_deref().map(ImportUri::typed);
    let uris: Vec<_> = line.into_iter().chain(typed).flatten().collect();
    let imported = uris.iter().filter_map(|uri| match uri {
        ImportUri::Registry(reference) => Some(reference),
        ImportUri::Daemon { name, .. } => name.as_ref(),
    });
    let by_digest = targets.iter().position(|target| {
        let known = facts.digests.iter().map(|pair| pair.value.as_str());
        let mut known = known.chain(imported.clone().filter_map(|it| it.digest.as_deref()));
        known.any(|known| target.digests.iter().any(|digest| digest.value == known))
    });
    let is_imported = |name: &Pair| {
        let name = Reference::parse(&name.value);
        name.is_ok_and(|name| {
            let mut imported = imported.clone();
            imported.any(|it| it.same_repository(&name) && it.tag == name.tag)
        })
    };
    let by_name = || {
        targets
            .iter()
            .position(|it| it.names.iter().any(is_imported))
    };
    let at = by_digest.or_else(by_name)?;
    Some(targets.swap_remove(at))
}
