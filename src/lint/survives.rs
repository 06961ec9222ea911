//! What becomes of each key when an image is imported by enroot, Apptainer or Charliecloud.
//!
//! enroot: NVIDIA/enroot `src/docker.sh` (`docker::configure`). Apptainer:
//! apptainer/apptainer `internal/pkg/build/sources/conveyorPacker_oci.go`; the inner part
//! of the configuration is in a SIF file only, as `oci-config.json`. Charliecloud: ch-image
//! keeps the whole configuration as `/ch/config.pulled.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::survey::{Image, Level, Survey};
use crate::carriers::{Pair, singularity};
use crate::redact;

/// One key at one level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Row {
    /// The variable, label, annotation or field; for an attestation its type.
    pub key: String,
    /// Its source.
    pub level: Level,
    /// The platforms or targets that have it; empty is all.
    pub images: Vec<String>,
    /// After `enroot import`.
    pub enroot: Outcome,
    /// After `apptainer build` or `pull`.
    pub apptainer: Outcome,
    /// After `ch-image pull`.
    pub charliecloud: Outcome,
}

/// What becomes of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Outcome {
    /// What becomes of it.
    pub fate: Fate,
    /// The file that keeps it; null if it is lost.
    pub place: Option<String>,
}

/// What becomes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It stays as it is.
    Kept,
    /// It stays, and its value is another: line breaks, a key that is cut.
    Altered,
    /// It is gone.
    Lost,
}

/// The file in which each importer keeps a key; `None` if it does not.
type Places = [Option<&'static str>; 3];

const RC: &str = "/etc/rc";
/// The place of the inner part of the configuration in Apptainer's SIF; a sandbox has none.
pub const SIF_CONFIG: &str = "oci-config.json in a SIF file";
const PULLED: &str = "/ch/config.pulled.json";

/// Returns a row for each key at each level.
pub(super) fn rows(survey: &Survey) -> Vec<Row> {
    let mut rows: BTreeMap<(Level, String), Row> = BTreeMap::new();
    for image in &survey.images {
        for row in of_image(image) {
            let row = rows.entry((row.level, row.key.clone())).or_insert(row);
            row.images.extend(image.name.clone());
        }
    }
    let mut rows: Vec<Row> = rows.into_values().collect();
    for row in &mut rows {
        row.images.dedup();
        if row.images.len() == survey.images.len() {
            row.images.clear();
        }
    }
    rows
}

fn of_image(image: &Image) -> Vec<Row> {
    const PAIRS: [Level; 5] = [
        Level::Env,
        Level::Label,
        Level::IndexAnnotation,
        Level::ManifestAnnotation,
        Level::DescriptorAnnotation,
    ];
    let mut rows = Vec::new();
    for level in PAIRS {
        for pair in image.pairs(level) {
            rows.push(row(
                &pair.key,
                level,
                places(level, &pair.key),
                altered(level, pair),
            ));
        }
    }
    for field in &image.fields {
        let level = if field.starts_with("moby.buildkit.") {
            Level::Buildinfo
        } else {
            Level::ConfigField
        };
        rows.push(row(field, level, places(level, field), [false; 2]));
    }
    for predicate in &image.predicates {
        rows.push(row(predicate, Level::Attestation, [None; 3], [false; 2]));
    }
    rows
}

/// Returns whether enroot, which writes variables and labels as lines, and Apptainer change the pair.
fn altered(level: Level, pair: &Pair) -> [bool; 2] {
    let breaks = pair.value.contains('\n');
    match level {
        Level::Env => [breaks || pair.value.contains("${"), false],
        Level::Label => [
            breaks || pair.key.contains(char::is_whitespace),
            singularity::writes(&pair.key),
        ],
        _ => [false; 2],
    }
}

fn row(key: &str, level: Level, places: Places, altered: [bool; 2]) -> Row {
    let outcome = |place: Option<&str>, altered: bool| Outcome {
        fate: match place {
            None => Fate::Lost,
            Some(_) if altered => Fate::Altered,
            Some(_) => Fate::Kept,
        },
        place: place.map(str::to_owned),
    };
    let [enroot, apptainer, charliecloud] = places;
    let [by_enroot, by_apptainer] = altered;
    Row {
        key: redact::name(key).to_owned(),
        level,
        images: Vec::new(),
        enroot: outcome(enroot, by_enroot),
        apptainer: outcome(apptainer, by_apptainer),
        charliecloud: outcome(charliecloud, false),
    }
}

fn places(level: Level, key: &str) -> Places {
    match level {
        Level::Env => [
            Some("/etc/environment"),
            Some("/.singularity.d/env"),
            Some(PULLED),
        ],
        Level::Label => [Some(RC), Some("/.singularity.d/labels.json"), Some(PULLED)],
        Level::ConfigField => match key {
            "config.Entrypoint" | "config.Cmd" => {
                [Some(RC), Some("/.singularity.d/runscript"), Some(PULLED)]
            }
            "config.WorkingDir" => [Some(RC), Some(SIF_CONFIG), Some(PULLED)],
            "config.Volumes" => [Some("/etc/fstab"), Some(SIF_CONFIG), Some(PULLED)],
            "config.User" | "config.ExposedPorts" | "config.StopSignal" => {
                [None, Some(SIF_CONFIG), Some(PULLED)]
            }
            _ => [None, None, Some(PULLED)],
        },
        Level::Buildinfo => [None, None, Some(PULLED)],
        Level::IndexAnnotation
        | Level::ManifestAnnotation
        | Level::DescriptorAnnotation
        | Level::Attestation
        | Level::BuildArg => [None; 3],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fates(level: Level, key: &str) -> [Fate; 3] {
        let row = row(key, level, places(level, key), [false; 2]);
        [row.enroot.fate, row.apptainer.fate, row.charliecloud.fate]
    }

    #[test]
    fn apptainer_puts_its_own_time_in_place_of_the_images() {
        let changed = |key: &str| {
            let pair = Pair {
                key: key.to_owned(),
                ..Pair::default()
            };
            altered(Level::Label, &pair)
        };
        assert_eq!(changed("org.opencontainers.image.created"), [false, true]);
        assert_eq!(changed("org.opencontainers.image.base.name"), [false, true]);
        assert_eq!(changed("org.opencontainers.image.revision"), [false; 2]);
        assert_eq!(changed("key with space"), [true, false]);
    }

    #[test]
    fn levels_survive_as_their_importers_keep_them() {
        use Fate::{Kept, Lost};
        for (level, key, expected) in [
            (Level::Env, "A", [Kept; 3]),
            (Level::Label, "a", [Kept; 3]),
            (Level::IndexAnnotation, "a", [Lost; 3]),
            (Level::ManifestAnnotation, "a", [Lost; 3]),
            (Level::DescriptorAnnotation, "a", [Lost; 3]),
            (Level::Attestation, "a", [Lost; 3]),
            (
                Level::Buildinfo,
                "moby.buildkit.buildinfo.v1",
                [Lost, Lost, Kept],
            ),
            (Level::ConfigField, "config.Entrypoint", [Kept; 3]),
            (Level::ConfigField, "config.Volumes", [Kept; 3]),
            (Level::ConfigField, "config.User", [Lost, Kept, Kept]),
            (Level::ConfigField, "created", [Lost, Lost, Kept]),
            (Level::ConfigField, "history", [Lost, Lost, Kept]),
        ] {
            assert_eq!(fates(level, key), expected, "{level:?} {key}");
        }
    }
}
