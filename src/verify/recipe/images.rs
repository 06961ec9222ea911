//! Which images a recipe names, and where they are.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::yaml::{RecipeError, mapping, optional};
use crate::verify::expectations::ExpectedImage;

/// Aliases of images: the `containers:` of `srtslurm.yaml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aliases(BTreeMap<String, String>);

/// Where an image that a recipe names is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Located {
    /// A file.
    File(PathBuf),
    /// In a registry, or under an alias that nothing resolves: there is no file to look at.
    Elsewhere(String),
}

/// An image that a recipe names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedImage {
    /// Where the recipe names it: `frontend.nginx_container`.
    pub field: String,
    /// Where it is.
    pub located: Located,
    /// What it must be, where the recipe's own word for it is a reference.
    pub expected: Option<ExpectedImage>,
}

impl Aliases {
    /// The aliases of a cluster's configuration.
    ///
    /// # Errors
    /// Where `containers` is not a map of texts.
    pub fn from_cluster(config: &Value) -> Result<Self, RecipeError> {
        let root = mapping(config, "the cluster configuration")?;
        let mut aliases = BTreeMap::new();
        if let Some(containers) = optional(root, "containers") {
            for (name, value) in mapping(containers, "containers")? {
                let Some(path) = value.as_str() else {
                    return Err(RecipeError::field(
                        &format!("containers.{name}"),
                        "it must be a text",
                    ));
                };
                aliases.insert(name.clone(), path.to_owned());
            }
        }
        Ok(Self(aliases))
    }

    pub(super) fn resolve<'a>(&'a self, text: &'a str) -> &'a str {
        self.0.get(text).map_or(text, String::as_str)
    }
}

/// Keys whose texts name an image, wherever they stand.
const KEYS: [&str; 4] = ["container", "container_image", "image", "nginx_container"];

/// Sections in which such a key is somebody's data.
const OPAQUE: [&str; 9] = [
    "args",
    "container_mounts",
    "env",
    "environment",
    "extra_args",
    "identity",
    "lock",
    "sbatch_directives",
    "srun_options",
];

/// Ends of such sections' names: `prefill_environment`, `vllm_config`.
const OPAQUE_ENDS: [&str; 3] = ["_environment", "_extra_args", "_config"];

/// Ends of the names of image files.
const FILES: [&str; 5] = [".sqsh", ".squashfs", ".sqfs", ".sif", ".img"];

/// Deeper nesting than any recipe has.
const DEEPEST: usize = 32;

/// A path, as srt-slurm tells it from a reference.
fn is_path(text: &str) -> bool {
    text.starts_with(['/', '.', '~', '$']) || FILES.iter().any(|end| text.ends_with(end))
}

/// The reference that a recipe's own word for an image is; an alias or a path is none.
pub(super) fn reference_of(text: &str) -> Option<ExpectedImage> {
    let shaped =
        text.contains('/') || text.contains('#') || text.contains(':') || text.contains('@');
    if is_path(text) || !shaped {
        return None;
    }
    ExpectedImage::new(text).ok()
}

/// Where the image is, after aliases are resolved.
pub(super) fn locate(text: &str) -> Located {
    // The shell of the job expands these, and there is no such shell here.
    if is_path(text) && !text.contains('$') && !text.starts_with('~') {
        Located::File(PathBuf::from(text))
    } else {
        Located::Elsewhere(text.to_owned())
    }
}

/// Every image beside the workers' own, each file once.
pub(super) fn others(
    root: &Map<String, Value>,
    aliases: &Aliases,
    main: Option<&Located>,
) -> Vec<NamedImage> {
    let mut all = Vec::new();
    walk(root, &mut Vec::new(), &mut |path, text| {
        let field = path.join(".");
        let located = locate(aliases.resolve(text));
        if field == "model.container" || Some(&located) == main {
            return;
        }
        let mut expected = reference_of(text);
        if let Some(expected) = &mut expected {
            expected.field.clone_from(&field);
        }
        let image = NamedImage {
            field,
            located,
            expected,
        };
        let known = |other: &NamedImage| {
            other.located == image.located
                && other.expected.as_ref().map(|e| &e.reference)
                    == image.expected.as_ref().map(|e| &e.reference)
        };
        if !all.iter().any(known) {
            all.push(image);
        }
    });
    all
}

fn walk<'v>(
    map: &'v Map<String, Value>,
    path: &mut Vec<&'v str>,
    found: &mut impl FnMut(&[&str], &str),
) {
    for (key, value) in map {
        let opaque =
            OPAQUE.contains(&key.as_str()) || OPAQUE_ENDS.iter().any(|end| key.ends_with(end));
        if opaque || path.len() >= DEEPEST {
            continue;
        }
        path.push(key);
        match value {
            Value::String(text) if KEYS.contains(&key.as_str()) => found(path, text),
            Value::Object(map) => walk(map, path, found),
            Value::Array(items) => {
                for item in items {
                    if let Value::Object(map) = item {
                        walk(map, path, found);
                    }
                }
            }
            _ => {}
        }
        path.pop();
    }
}
