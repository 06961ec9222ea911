//! What an srt-slurm recipe says about the images that it runs.
//!
//! A recipe declares `identity.container.image` and `identity.frameworks`, and names the
//! images to run: as a path, as a reference, or as an alias that the cluster's
//! `srtslurm.yaml` maps under `containers:`. Variables in paths are those of the environment. A lockfile is a recipe with a `lock:` section.

mod identity;
mod images;
mod keys;
mod recorded;
mod variants;
mod yaml;

use serde_json::{Map, Value};

use super::expectations::{Expectations, ExpectedFramework, ExpectedImage};

pub use images::{Located, NamedImage, Site};
pub use yaml::{Loaded, RecipeError, load};
use yaml::{mapping, optional, text_at};

/// Names of the frameworks that srt-slurm installs for its own frontend.
const OF_DYNAMO: [&str; 2] = ["ai-dynamo", "ai-dynamo-runtime"];

/// What one recipe says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipe {
    /// Which variant it is, `override_NAME` or `zip_override_NAME[0]`; `None` if the file has none.
    pub variant: Option<String>,
    /// What the workers' image must be.
    pub expectations: Expectations,
    /// Where the workers' image is, where the recipe says.
    pub image: Option<Located>,
    /// The other images, each once.
    pub others: Vec<NamedImage>,
    /// What its author should know: keys that nearly are those that decide.
    pub warnings: Vec<String>,
}

impl Recipe {
    /// Reads a recipe that was parsed: the variants that are asked for, else all of them.
    ///
    /// # Errors
    /// If it is not a recipe, lacks the variant, or declares what cannot be compared.
    pub fn read(
        document: &Value,
        selector: Option<&str>,
        site: &Site,
    ) -> Result<Vec<Self>, RecipeError> {
        if document.is_null() {
            return Err(RecipeError::usage("the recipe is empty"));
        }
        let root = mapping(document, "the recipe")?;
        keys::variants(root)?;
        keys::lock(root)?;
        let variants = variants::select(root, selector)?;
        let mut recipes = Vec::new();
        for variant in variants {
            let name = variant.name.clone();
            let recipe = Self::of(&variant.root, variant.name, site);
            recipes.push(recipe.map_err(|error| error.of_variant(name.as_deref()))?);
        }
        Ok(recipes)
    }

    fn of(
        root: &Map<String, Value>,
        variant: Option<String>,
        site: &Site,
    ) -> Result<Self, RecipeError> {
        identity::check(root)?;
        let model_container = text_at(root, &["model", "container"])?;
        let expected = match text_at(root, &["identity", "container", "image"])? {
            Some(image) => Some(ExpectedImage::new(image).map_err(|error| {
                RecipeError::field("identity.container.image", &error.to_string())
            })?),
            // Before aliases are resolved: afterwards it is a path, which says nothing.
            None => model_container.and_then(images::reference_of),
        };
        let expectations = Expectations {
            images: expected.into_iter().collect(),
            frameworks: frameworks(root)?,
            ..Expectations::default()
        };
        let image = match text_at(root, &["lock", "resolved", "container_path"])? {
            Some(path) => Some(site.locate(path)),
            None => model_container.map(|text| site.locate(text)),
        };
        Ok(Self {
            variant,
            warnings: keys::slips(root),
            expectations,
            others: images::others(root, site, image.as_ref()),
            image,
        })
    }
}

/// `identity.frameworks`, what workers recorded, and what will install them.
fn frameworks(root: &Map<String, Value>) -> Result<Vec<ExpectedFramework>, RecipeError> {
    let script = text_at(root, &["setup_script"])?.filter(|script| !script.trim().is_empty());
    let dynamo = installs_dynamo(root)?;
    let mut all = Vec::new();
    let installed_by = |name: &str| {
        let of_dynamo = OF_DYNAMO.contains(&super::frameworks::package_of(name).as_str());
        match script {
            Some(script) => Some(format!("setup_script {script} may install another")),
            None if dynamo && of_dynamo => Some("dynamo.install installs it".to_owned()),
            None => None,
        }
    };
    let identity = optional(root, "identity").map(|it| mapping(it, "identity"));
    let declared = identity
        .transpose()?
        .and_then(|identity| optional(identity, "frameworks"))
        .map(|declared| mapping(declared, "identity.frameworks"));
    for (name, version) in declared.transpose()?.into_iter().flatten() {
        let field = format!("identity.frameworks.{name}");
        let Some(version) = version.as_str() else {
            return Err(RecipeError::field(
                &field,
                "write the version in quotes: YAML reads a number otherwise",
            ));
        };
        let declared = ExpectedFramework::of_recipe(name, version, installed_by(name));
        all.push(declared.map_err(|error| RecipeError::field(&field, &error.to_string()))?);
    }
    for (recorded, worker) in recorded::frameworks(root)? {
        let package = super::frameworks::package_of(recorded.framework);
        let same = |it: &ExpectedFramework| {
            super::frameworks::package_of(&it.name) == package && it.version == recorded.version
        };
        if all.iter().any(same) {
            continue;
        }
        let by = installed_by(recorded.framework);
        if let Ok(mut it) = ExpectedFramework::of_recipe(recorded.framework, &recorded.version, by)
        {
            it.recorded_by = Some(worker);
            all.push(it);
        }
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
