//! Reads what an srt-slurm recipe says about the images that it runs.
//!
//! A recipe declares `identity.container.image` and `identity.frameworks`, and names the
//! images to run: as a path, as a reference, or as an alias that the cluster's
//! `srtslurm.yaml` maps under `containers:`. A path may contain variables of the environment. A
//! lockfile is a recipe with a `lock:` section.

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
use yaml::{mapping, mapping_at, optional, text_at};

/// The packages that srt-slurm installs for its own frontend.
const OF_DYNAMO: [&str; 2] = ["ai-dynamo", "ai-dynamo-runtime"];

/// One variant of a recipe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipe {
    /// The variant: `override_NAME` or `zip_override_NAME[0]`; `None` if the file has no variants.
    pub variant: Option<String>,
    /// The expectations of the workers' image.
    pub expectations: Expectations,
    /// The place of the workers' image, if the recipe names it.
    pub image: Option<Located>,
    /// The other images, each once.
    pub others: Vec<NamedImage>,
    /// Warnings for its author about misspelt keys.
    pub warnings: Vec<String>,
}

impl Recipe {
    /// Reads a parsed recipe: the variants that `selector` matches, else all of them.
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
            // The text itself counts. An alias resolves to a path, which names no reference.
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

/// Returns the versions in `identity.frameworks`, and those that workers recorded.
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
    let declared = mapping_at(root, &["identity", "frameworks"])?;
    for (name, version) in declared.into_iter().flatten() {
        let field = format!("identity.frameworks.{name}");
        let Some(version) = version.as_str() else {
            let reason = "write the version in quotes: YAML reads a number otherwise";
            return Err(RecipeError::field(&field, reason));
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

/// Returns true if srt-slurm installs Dynamo: for its own frontend, which is the default, unless the recipe
/// says otherwise.
fn installs_dynamo(root: &Map<String, Value>) -> Result<bool, RecipeError> {
    let frontend = text_at(root, &["frontend", "type"])?.unwrap_or("dynamo");
    let dynamo = mapping_at(root, &["dynamo"])?;
    let install = dynamo.and_then(|dynamo| optional(dynamo, "install"));
    let wanted = match install {
        None => true,
        Some(Value::Bool(install)) => *install,
        Some(Value::String(text)) => {
            !["no", "off", "false"].contains(&text.to_ascii_lowercase().as_str())
        }
        Some(_) => {
            let reason = "it must be true or false";
            return Err(RecipeError::field("dynamo.install", reason));
        }
    };
    Ok(frontend == "dynamo" && wanted)
}
