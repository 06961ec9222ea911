//! Which images to look at, and what to expect of each.

use std::path::{Path, PathBuf};

use clap::Args;
use sqsh_prov::provenance::Kind;
use sqsh_prov::redact;
use sqsh_prov::verify::recipe::{self, Aliases, Located, Recipe, RecipeError};
use sqsh_prov::verify::{
    Expectations, ExpectedFramework, ExpectedImage, UsageError, commit_prefix,
};

use crate::cli::exit::Usage;
use crate::cli::show::refuse_uri;

// Which images, and what they must be. No doc comment: it would be the help of the command.
#[derive(Clone, Debug, Args)]
pub(super) struct Wanted {
    /// Image files; may be left out where the recipe or lockfile says which
    #[arg(value_name = "IMAGE")]
    pub(super) images: Vec<PathBuf>,
    /// The reference that it must be: any spelling, with a tag, a digest, or both. May be repeated
    #[arg(long = "image", value_name = "REF")]
    pub(super) references: Vec<String>,
    /// The commit that it must be built from, or its first 7 digits or more
    #[arg(long, value_name = "SHA")]
    pub(super) commit: Option<String>,
    /// The kind that it must declare itself to be. May be repeated: any of them
    #[arg(long = "kind", value_name = "KIND", value_parser = kind)]
    pub(super) kinds: Vec<Kind>,
    /// A known publisher's contract must be met in full
    #[arg(long)]
    pub(super) official: bool,
    /// Whose it must be. May be repeated: any of them
    #[arg(long = "publisher", value_name = "NAME")]
    pub(super) publishers: Vec<String>,
    /// The version of a package that must be installed, as exact text. May be repeated
    #[arg(long = "framework", value_name = "NAME=VERSION")]
    pub(super) frameworks: Vec<String>,
    /// Compare versions by PEP 440 without their local part: 0.20.0 is 0.20.0+cu130
    #[arg(long)]
    pub(super) framework_compatible: bool,
    /// A recipe of srt-slurm, which says what to expect
    #[arg(long, value_name = "FILE", conflicts_with = "lockfile")]
    pub(super) recipe: Option<PathBuf>,
    /// A lockfile of srt-slurm, which also says which file was used
    #[arg(long, value_name = "FILE")]
    pub(super) lockfile: Option<PathBuf>,
    /// The cluster's srtslurm.yaml, for the aliases in the recipe
    #[arg(long, value_name = "FILE")]
    pub(super) cluster_config: Option<PathBuf>,
    /// The variant of a recipe with a base: override_NAME, or 'zip_override_NAME[0]'
    #[arg(long, value_name = "NAME")]
    pub(super) variant: Option<String>,
    /// Also check the frontend, benchmark and telemetry images that the recipe names
    #[arg(long)]
    pub(super) all_images: bool,
}

fn kind(text: &str) -> Result<Kind, String> {
    serde_json::from_value(text.into()).map_err(|_| {
        "it is release, nightly, ci, pr, staging, local, derived or unknown".to_owned()
    })
}

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
    pub(super) fn new(command: &Wanted) -> anyhow::Result<Self> {
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

fn read_recipe(command: &Wanted) -> Result<Option<Recipe>, RecipeError> {
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

fn expectations(command: &Wanted, recipe: Option<&Recipe>) -> Result<Expectations, UsageError> {
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
        recipe_is_silent: recipe.is_some_and(|recipe| {
            let of_recipe = &recipe.expectations;
            of_recipe.images.is_empty() && of_recipe.frameworks.is_empty()
        }),
        ..Expectations::default()
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
