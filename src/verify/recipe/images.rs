//! Finds the images that a recipe names.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::yaml::{RecipeError, mapping, mapping_at};
use crate::reference::Reference;
use crate::suggestions::{closest, hint};
use crate::verify::expectations::ExpectedImage;

/// The context of a recipe: the `containers:` of `srtslurm.yaml`, and the environment for variables in
/// paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    containers: BTreeMap<String, String>,
    /// The end of the message about a configuration without a section `containers`: the closest key.
    without_containers: Option<String>,
    environment: BTreeMap<String, String>,
}

/// The place of an image that a recipe names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Located {
    /// A file.
    File(PathBuf),
    /// In a registry; it is imported when the job starts.
    Registry(String),
    /// An unknown alias, or a path with a variable that is not set.
    Unknown(String),
}

/// An image that a recipe names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedImage {
    /// The field that names it: `frontend.nginx_container`.
    pub field: String,
    /// Its place.
    pub located: Located,
    /// What it must be, if the recipe names it by a reference.
    pub expected: Option<ExpectedImage>,
}

impl Site {
    /// Returns a site with the aliases of a cluster's configuration.
    ///
    /// # Errors
    /// If `containers` is not a map of texts.
    pub fn from_cluster(config: &Value) -> Result<Self, RecipeError> {
        let root = mapping(config, "the cluster configuration")?;
        let mut site = Self::default();
        if let Some(containers) = mapping_at(root, &["containers"])? {
            for (name, value) in containers {
                let Some(path) = value.as_str() else {
                    let field = format!("containers.{name}");
                    return Err(RecipeError::field(&field, "it must be a text"));
                };
                site.containers.insert(name.clone(), path.to_owned());
            }
        } else {
            let near = closest(root.keys().map(String::as_str), "containers");
            site.without_containers = Some(match near {
                Some(near) if near != "containers" => format!(" (it has '{near}')"),
                _ => String::new(),
            });
        }
        Ok(site)
    }

    /// Returns the site with the variables of an environment.
    #[must_use]
    pub fn with_environment(
        mut self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        self.environment.extend(variables);
        self
    }

    /// Returns what to do about a name of an image that means nothing here.
    #[must_use]
    pub fn advice(&self, text: &str) -> String {
        const NAMED: usize = 10;
        if text.contains('$') || text.starts_with('~') {
            return "set its variable".to_owned();
        }
        if let Some(near) = &self.without_containers {
            return format!("the cluster configuration has no containers: section{near}");
        }
        if self.containers.is_empty() {
            return "if it is an alias, give --cluster-config".to_owned();
        }
        let names = || self.containers.keys().map(String::as_str);
        let mut listed: Vec<&str> = names().take(NAMED).collect();
        if self.containers.len() > NAMED {
            listed.push("…");
        }
        format!(
            "the cluster configuration has no such alias (it has {}){}",
            listed.join(", "),
            hint(closest(names(), text))
        )
    }

    pub(super) fn resolve<'a>(&'a self, text: &'a str) -> &'a str {
        self.containers.get(text).map_or(text, String::as_str)
    }

    /// Returns where the image with this name is, by the rules of srt-slurm's `RuntimeContext.from_config` and
    /// of its preflight.
    pub(super) fn locate(&self, text: &str) -> Located {
        let expanded = self.expand(self.resolve(text));
        if expanded.contains('$') || expanded.starts_with('~') {
            return Located::Unknown(expanded);
        }
        if expanded.contains(':') && !expanded.starts_with(['/', '.']) {
            return Located::Registry(expanded);
        }
        match is_path(&expanded) {
            true => Located::File(PathBuf::from(expanded)),
            false => Located::Unknown(expanded),
        }
    }

    /// Replaces `$NAME`, `${NAME}` and a leading `~`. A variable that is not set stays as it is.
    fn expand(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let (name, behind) = match after.strip_prefix('{').and_then(|s| s.split_once('}')) {
                Some(found) => found,
                None => after.split_at(after.find(|c| !word(c)).unwrap_or(after.len())),
            };
            match self.environment.get(name) {
                Some(value) => {
                    out.push_str(value);
                    rest = behind;
                }
                None => {
                    out.push('$');
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        let home = self.environment.get("HOME");
        match (out.strip_prefix('~'), home) {
            (Some(below), Some(home)) if below.is_empty() || below.starts_with('/') => {
                format!("{}{below}", home.trim_end_matches('/'))
            }
            _ => out,
        }
    }
}

/// Keys that name an image, at any depth.
const KEYS: [&str; 4] = ["container", "container_image", "image", "nginx_container"];

/// Sections in which such a key is ordinary data.
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

/// Ends of the names of such sections: `prefill_environment`, `vllm_config`.
const OPAQUE_ENDS: [&str; 3] = ["_environment", "_extra_args", "_config"];

/// Ends of the names of image files.
const FILES: [&str; 5] = [".sqsh", ".squashfs", ".sqfs", ".sif", ".img"];

/// The greatest depth that is searched; no recipe is deeper.
const DEEPEST: usize = 32;

/// Returns true for a path, which srt-slurm distinguishes from a reference like this.
fn is_path(text: &str) -> bool {
    text.starts_with(['/', '.', '~', '$']) || FILES.iter().any(|end| text.ends_with(end))
}

/// Returns the reference in a recipe's text for an image; `None` for an alias or a path.
pub(super) fn reference_of(text: &str) -> Option<ExpectedImage> {
    if is_path(text) || !text.contains(['/', '#', ':', '@']) {
        return None;
    }
    ExpectedImage::new(text).ok()
}

/// Returns every image except the workers' own, each once.
pub(super) fn others(
    root: &Map<String, Value>,
    site: &Site,
    main: Option<&Located>,
) -> Vec<NamedImage> {
    let mut all = Vec::new();
    walk(root, &mut Vec::new(), &mut |path, text| {
        let field = path.join(".");
        let located = site.locate(text);
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
            other.located == image.located && reference(other) == reference(&image)
        };
        if !all.iter().any(known) {
            all.push(image);
        }
    });
    all
}

fn reference(image: &NamedImage) -> Option<&Reference> {
    Some(&image.expected.as_ref()?.reference)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_where_srt_slurm_looks_for_it() {
        let config = serde_json::json!({"containers": {
            "short": "/i/short.sqsh", "var": "$IMAGES/var.sqsh", "far": "nvcr.io#nvidia/a:1",
            "lmsysorg/sglang:v0.5": "/i/sglang.sqsh",
        }});
        let set = [("IMAGES", "/i"), ("HOME", "/home/me/")];
        let set = set.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let site = Site::from_cluster(&config).unwrap().with_environment(set);
        let file = |path: &str| Located::File(PathBuf::from(path));
        for (text, expected) in [
            ("short", file("/i/short.sqsh")),
            ("var", file("/i/var.sqsh")),
            ("far", Located::Registry("nvcr.io#nvidia/a:1".to_owned())),
            ("lmsysorg/sglang:v0.5", file("/i/sglang.sqsh")),
            (
                "lmsysorg/sglang:v0.6",
                Located::Registry("lmsysorg/sglang:v0.6".to_owned()),
            ),
            (
                "docker://a/b:c",
                Located::Registry("docker://a/b:c".to_owned()),
            ),
            ("${IMAGES}/x.sqsh", file("/i/x.sqsh")),
            (
                "$IMAGESX/x.sqsh",
                Located::Unknown("$IMAGESX/x.sqsh".to_owned()),
            ),
            (
                "${IMAGES/x.sqsh",
                Located::Unknown("${IMAGES/x.sqsh".to_owned()),
            ),
            ("~/x.sqsh", file("/home/me/x.sqsh")),
            (
                "~other/x.sqsh",
                Located::Unknown("~other/x.sqsh".to_owned()),
            ),
            ("./x:1.sqsh", file("./x:1.sqsh")),
            ("images/x.sqsh", file("images/x.sqsh")),
            ("none", Located::Unknown("none".to_owned())),
        ] {
            assert_eq!(site.locate(text), expected, "{text}");
        }
        let bare = Site::default();
        assert_eq!(bare.locate("~/x"), Located::Unknown("~/x".to_owned()));
    }
}
