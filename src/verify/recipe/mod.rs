//! What an srt-slurm recipe says about the images that it runs.
//!
//! A recipe declares `identity.container.image` and `identity.frameworks`, and names the
//! images to run: as a path, as a reference, or as an alias that the cluster's
//! `srtslurm.yaml` maps under `containers:`. A lockfile is a recipe with a `lock:` section.

mod images;
mod variants;
mod yaml;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::{Expectations, ExpectedFramework, ExpectedImage};

pub use yaml::{RecipeError, load};

/// Names of the frameworks that srt-slurm installs for its own frontend.
const OF_DYNAMO: [&str; 2] = ["ai-dynamo", "ai-dynamo-runtime"];

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

/// What one recipe says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipe {
    /// What the workers' image must be.
    pub expectations: Expectations,
    /// Where the workers' image is, where the recipe says.
    pub image: Option<Located>,
    /// The other images, each once.
    pub others: Vec<NamedImage>,
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

    fn resolve<'a>(&'a self, text: &'a str) -> &'a str {
        self.0.get(text).map_or(text, String::as_str)
    }
}

impl Recipe {
    /// Reads a recipe that was parsed, in one of its variants.
    ///
    /// # Errors
    /// Where it is not a recipe, lacks the variant, or declares what cannot be compared.
    pub fn read(
        document: &Value,
        variant: Option<&str>,
        aliases: &Aliases,
    ) -> Result<Self, RecipeError> {
        let root = variants::select(mapping(document, "the recipe")?, variant)?;
        let model_container = text_at(&root, &["model", "container"])?;
        let expected = match text_at(&root, &["identity", "container", "image"])? {
            Some(image) => Some(ExpectedImage::new(image).map_err(|error| {
                RecipeError::field("identity.container.image", &error.to_string())
            })?),
            // Before aliases are resolved: afterwards it is a path, which says nothing.
            None => model_container.and_then(images::reference_of),
        };
        let expectations = Expectations {
            images: expected.into_iter().collect(),
            frameworks: frameworks(&root)?,
            ..Expectations::default()
        };
        let image = match text_at(&root, &["lock", "resolved", "container_path"])? {
            Some(path) => Some(images::locate(path)),
            None => model_container.map(|text| images::locate(aliases.resolve(text))),
        };
        Ok(Self {
            expectations,
            others: images::others(&root, aliases, image.as_ref()),
            image,
        })
    }
}

/// `identity.frameworks`, and what will install them.
fn frameworks(root: &Map<String, Value>) -> Result<Vec<ExpectedFramework>, RecipeError> {
    let Some(identity) = optional(root, "identity") else {
        return Ok(Vec::new());
    };
    let Some(declared) = optional(mapping(identity, "identity")?, "frameworks") else {
        return Ok(Vec::new());
    };
    let script = text_at(root, &["setup_script"])?.filter(|script| !script.trim().is_empty());
    let dynamo = installs_dynamo(root)?;
    let mut all = Vec::new();
    for (name, version) in mapping(declared, "identity.frameworks")? {
        let field = format!("identity.frameworks.{name}");
        let Some(version) = version.as_str() else {
            return Err(RecipeError::field(
                &field,
                "write the version in quotes, so that YAML does not read a number",
            ));
        };
        let of_dynamo = OF_DYNAMO.contains(&super::frameworks::package_of(name).as_str());
        let installed_by = match script {
            Some(script) => Some(format!("setup_script {script} may install another")),
            None if dynamo && of_dynamo => Some("dynamo.install installs it".to_owned()),
            None => None,
        };
        all.push(ExpectedFramework {
            name: name.clone(),
            version: version.to_owned(),
            installed_by,
        });
    }
    Ok(all)
}

/// srt-slurm installs Dynamo for its own frontend unless told not to; that frontend is the default.
fn installs_dynamo(root: &Map<String, Value>) -> Result<bool, RecipeError> {
    let frontend = text_at(root, &["frontend", "type"])?.unwrap_or("dynamo");
    let install = optional(root, "dynamo")
        .map(|dynamo| mapping(dynamo, "dynamo"))
        .transpose()?
        .and_then(|dynamo| optional(dynamo, "install"));
    let wanted = match install {
        None => true,
        Some(Value::Bool(install)) => *install,
        Some(Value::String(text)) => {
            !["no", "off", "false"].contains(&text.to_ascii_lowercase().as_str())
        }
        Some(_) => {
            return Err(RecipeError::field(
                "dynamo.install",
                "it must be true or false",
            ));
        }
    };
    Ok(frontend == "dynamo" && wanted)
}

fn mapping<'v>(value: &'v Value, name: &str) -> Result<&'v Map<String, Value>, RecipeError> {
    value
        .as_object()
        .ok_or_else(|| RecipeError::field(name, "it must be a mapping"))
}

/// The value of a key; null is as good as absent.
fn optional<'v>(map: &'v Map<String, Value>, key: &str) -> Option<&'v Value> {
    map.get(key).filter(|value| !value.is_null())
}

/// The text at a path; `None` where a part of the path is absent.
fn text_at<'v>(
    root: &'v Map<String, Value>,
    path: &[&str],
) -> Result<Option<&'v str>, RecipeError> {
    let mut map = root;
    let mut walked = String::new();
    let Some((last, sections)) = path.split_last() else {
        return Ok(None);
    };
    for section in sections {
        walked.push_str(section);
        let Some(next) = optional(map, section) else {
            return Ok(None);
        };
        map = mapping(next, &walked)?;
        walked.push('.');
    }
    walked.push_str(last);
    match optional(map, last) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(RecipeError::field(
            &walked,
            "it must be a text; write it in quotes",
        )),
    }
}
