//! Which images to look at, and what to expect of each.

use std::path::{Path, PathBuf};

use sqsh_prov::redact;
use sqsh_prov::verify::recipe::{self, Aliases, Located, Recipe, RecipeError};
use sqsh_prov::verify::{
    Expectations, ExpectedFramework, ExpectedImage, UsageError, commit_prefix,
};

use super::super::show::refuse_uri;
use super::{Usage, Verify};

/// Everything to look at.
pub(super) struct Plan {
    pub(super) targets: Vec<Target>,
}

/// One image.
pub(super) struct Target {
    /// Empty where there is no file.
    pub(super) path: PathBuf,
    /// What it is in the recipe, for those beside the workers' own.
    pub(super) role: Option<String>,
    pub(super) expectations: Expectations,
    /// What the recipe says where there is no file.
    pub(super) elsewhere: Option<String>,
    /// True for the images that the policy is about.
    pub(super) main: bool,
}

impl Target {
    pub(super) fn name(&self) -> String {
        match &self.elsewhere {
            Some(text) => text.clone(),
            None => self.path.display().to_string(),
        }
    }
}

impl Plan {
    /// Reads the recipe, and puts together what is expected.
    ///
    /// # Errors
    /// [`Usage`] where something that the user gave cannot be used.
    pub(super) fn new(command: &Verify) -> anyhow::Result<Self> {
        command
            .images
            .iter()
            .try_for_each(|image| refuse_uri(image))?;
        // What is wrong with a reference is said with the reference, and its password.
        let usage = |text: String| Usage(redact::text(&text).into_owned());
        let recipe = read_recipe(command).map_err(|error| usage(error.to_string()))?;
        let expectations =
            expectations(command, recipe.as_ref()).map_err(|error| usage(error.to_string()))?;
        let mut images = command.images.clone();
        if images.is_empty() {
            images.push(image_of(recipe.as_ref()).map_err(usage)?);
        }
        let mut targets: Vec<Target> = images
            .into_iter()
            .map(|path| Target {
                path,
                role: None,
                expectations: expectations.clone(),
                elsewhere: None,
                main: true,
            })
            .collect();
        if let (true, Some(recipe)) = (command.all_images, recipe) {
            targets.extend(others(recipe, &command.images));
        }
        Ok(Self { targets })
    }
}

fn read_recipe(command: &Verify) -> Result<Option<Recipe>, RecipeError> {
    let Some(path) = command.recipe.as_ref().or(command.lockfile.as_ref()) else {
        let unused = [
            (command.cluster_config.is_some(), "--cluster-config"),
            (command.variant.is_some(), "--variant"),
            (command.all_images, "--all-images"),
        ];
        return match unused.iter().find(|(given, _)| *given) {
            Some((_, flag)) => Err(RecipeError::Usage(format!(
                "{flag} needs --recipe or --lockfile"
            ))),
            None => Ok(None),
        };
    };
    let aliases = match &command.cluster_config {
        Some(config) => {
            Aliases::from_cluster(&recipe::load(config)?).map_err(|error| error.of_file(config))?
        }
        None => Aliases::default(),
    };
    let document = recipe::load(path)?;
    let recipe = Recipe::read(&document, command.variant.as_deref(), &aliases)
        .map_err(|error| error.of_file(path))?;
    if command.lockfile.is_some() && document.get("lock").is_none() {
        let error =
            RecipeError::Usage("it has no lock: section; give a recipe with --recipe".to_owned());
        return Err(error.of_file(path));
    }
    Ok(Some(recipe))
}

fn expectations(command: &Verify, recipe: Option<&Recipe>) -> Result<Expectations, UsageError> {
    let of_recipe = recipe
        .map(|recipe| recipe.expectations.clone())
        .unwrap_or_default();
    let images: Result<Vec<_>, _> = command
        .references
        .iter()
        .map(|text| ExpectedImage::new(text))
        .collect();
    let frameworks: Result<Vec<_>, _> = command
        .frameworks
        .iter()
        .map(|text| ExpectedFramework::parse(text))
        .collect();
    let mut expectations = Expectations {
        images: images?,
        commit: command.commit.as_deref().map(commit_prefix).transpose()?,
        kinds: command.kinds.clone(),
        official: command.official,
        publishers: command.publishers.clone(),
        frameworks: frameworks?,
        compatible: command.framework_compatible,
    };
    expectations.images.extend(of_recipe.images);
    expectations.frameworks.extend(of_recipe.frameworks);
    expectations.validate()?;
    Ok(expectations)
}

/// The workers' image, as the recipe says.
fn image_of(recipe: Option<&Recipe>) -> Result<PathBuf, String> {
    let Some(recipe) = recipe else {
        return Err("no IMAGE is given; see --help".to_owned());
    };
    match &recipe.image {
        Some(Located::File(path)) => Ok(path.clone()),
        Some(Located::Elsewhere(text)) => Err(format!(
            "the recipe's image '{text}' is no file: where it is an alias, give --cluster-config; \
             where it is in a registry, import it and give the IMAGE"
        )),
        None => Err("the recipe does not say which image; give the IMAGE".to_owned()),
    }
}

/// The other images that the recipe names.
fn others(recipe: Recipe, given: &[PathBuf]) -> Vec<Target> {
    let mut targets = Vec::new();
    for image in recipe.others {
        let mut target = Target {
            path: PathBuf::new(),
            role: Some(image.field),
            expectations: Expectations {
                images: image.expected.into_iter().collect(),
                ..Expectations::default()
            },
            elsewhere: None,
            main: false,
        };
        match image.located {
            Located::File(path) if given.iter().any(|one| one.as_path() == Path::new(&path)) => {
                continue;
            }
            Located::File(path) => target.path = path,
            Located::Elsewhere(text) => target.elsewhere = Some(text),
        }
        targets.push(target);
    }
    targets
}
