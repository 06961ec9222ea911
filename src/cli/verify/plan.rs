//! Which images to look at, and what to expect of each.

use std::path::{Path, PathBuf};

use clap::Args;
use sqsh_prov::provenance::Kind;
use sqsh_prov::redact;
use sqsh_prov::verify::recipe::{self, Located, Recipe, RecipeError, Site};
use sqsh_prov::verify::{
    Expectations, ExpectedFramework, ExpectedImage, UsageError, commit_prefix,
};

use crate::cli::exit::usage;
use crate::cli::show::refuse_uri;

// Which images, and what they must be. No doc comment: it would be the help of the command.
#[derive(Clone, Debug, Args)]
pub(super) struct Wanted {
    /// Image files; not needed if the recipe or lockfile names the file
    #[arg(value_name = "IMAGE")]
    pub(super) images: Vec<PathBuf>,
    /// The reference that the image must have, with a tag, a digest, or both. May be repeated
    #[arg(long = "image", value_name = "REF")]
    pub(super) references: Vec<String>,
    /// The commit that it must be built from; 7 to 40 hex digits, or all 64 of a SHA-256 commit
    #[arg(long, value_name = "SHA")]
    pub(super) commit: Option<String>,
    /// The kind that it must have. May be repeated: one of them must match
    #[arg(long = "kind", value_name = "KIND", value_parser = kind)]
    pub(super) kinds: Vec<Kind>,
    /// It must be official: meet a known publisher's contract in full
    #[arg(long)]
    pub(super) official: bool,
    /// A trusted signer must have signed a statement about this file, its content or its manifest
    #[arg(long)]
    pub(super) attested: bool,
    /// This signer must have signed it; the trust data has the names. May be repeated: one suffices
    #[arg(long = "attested-by", value_name = "NAME")]
    pub(super) attested_by: Vec<String>,
    /// The publisher that it must be from. May be repeated: one of them must match
    #[arg(long = "publisher", value_name = "NAME")]
    pub(super) publishers: Vec<String>,
    /// A package that must be installed, and its version. Compares by PEP 440: 0.29 is 0.29.0, but
    /// not 0.29.0+cu129. May be repeated
    #[arg(long = "framework", value_name = "NAME=VERSION")]
    pub(super) frameworks: Vec<String>,
    /// Compare versions without their local part: 0.20.0 is 0.20.0+cu130
    #[arg(long)]
    pub(super) framework_compatible: bool,
    /// Expect what this recipe of srt-slurm declares
    #[arg(long, value_name = "FILE", conflicts_with = "lockfile")]
    pub(super) recipe: Option<PathBuf>,
    /// Expect what this lockfile of srt-slurm records; it also names the image file
    #[arg(long, value_name = "FILE")]
    pub(super) lockfile: Option<PathBuf>,
    /// The cluster's srtslurm.yaml, for the aliases in the recipe; by default the file that
    /// SRTSLURM_CONFIG names, else srtslurm.yaml in the working directory or the two above it
    #[arg(long, value_name = "FILE")]
    pub(super) cluster_config: Option<PathBuf>,
    /// The variant of a recipe with a base: base, override_NAME, zip_override_NAME,
    /// 'zip_override_NAME[0]', or a glob; by default all but the base
    #[arg(long, value_name = "NAME")]
    pub(super) variant: Option<String>,
    /// Also check the frontend, benchmark and telemetry images that the recipe names
    #[arg(long)]
    pub(super) all_images: bool,
}

fn kind(text: &str) -> Result<Kind, String> {
    serde_json::from_value(text.into()).map_err(|_| {
        "a kind is one of release, nightly, ci, pr, staging, local, derived, unknown".to_owned()
    })
}

/// The images to check.
pub(super) struct Plan {
    pub(super) targets: Vec<Target>,
    /// Warnings for the author of the recipe.
    pub(super) warnings: Vec<String>,
}

/// One image.
#[derive(PartialEq)]
pub(super) struct Target {
    /// The file; empty if there is none.
    pub(super) path: PathBuf,
    /// The image's role in the recipe; `None` for the workers' image.
    pub(super) role: Option<String>,
    /// The variants of the recipe that ask for it; empty where there is one only.
    pub(super) variants: Vec<String>,
    pub(super) expectations: Expectations,
    /// The recipe's text, if it does not name a file.
    pub(super) elsewhere: Option<String>,
    /// True for the images that the policy is about.
    pub(super) main: bool,
    /// True if the command line names the file in place of the recipe.
    given: bool,
}

impl Plan {
    /// Reads the recipe, and puts together what is expected.
    ///
    /// # Errors
    /// If something that the user gave cannot be used, as wrong usage.
    pub(super) fn new(command: &Wanted) -> anyhow::Result<Self> {
        let mut images = command.images.iter();
        images.try_for_each(|image| refuse_uri(image))?;
        let mut warnings = Vec::new();
        match targets(command, &mut warnings) {
            Ok(targets) => Ok(Self { targets, warnings }),
            Err(error) => {
                warnings.insert(0, error);
                let told: Vec<String> = warnings.iter().map(|it| masked(it, command)).collect();
                Err(usage(told.join("; ")))
            }
        }
    }
}

/// Masks secrets in an error: an error about a reference quotes the reference, which may have a
/// password. The name of the user's own file stays, even if it looks like the name of a secret.
fn masked(error: &str, command: &Wanted) -> String {
    let files = [&command.recipe, &command.cluster_config];
    let named = files.into_iter().flatten().find_map(|file| {
        let name = file.display().to_string();
        let rest = error.strip_prefix(&name)?.strip_prefix(':')?;
        Some(format!("{name}:{}", redact::text(rest)))
    });
    named.unwrap_or_else(|| redact::text(error).into_owned())
}

fn targets(command: &Wanted, warnings: &mut Vec<String>) -> Result<Vec<Target>, String> {
    let (recipes, site) = read_recipes(command, warnings).map_err(|error| error.to_string())?;
    let several = recipes.len() > 1;
    let mut targets = Vec::new();
    for recipe in recipes {
        let variant = recipe.variant.clone().filter(|_| several);
        let variant = variant.as_deref();
        let expectations = expectations(command, &recipe).map_err(|error| error.to_string())?;
        let given = command.images.iter().cloned().map(Located::File);
        let mut images: Vec<Located> = given.collect();
        if images.is_empty() {
            images.push(image_of(command, &recipe, &site)?);
        }
        for image in images {
            let given = !command.images.is_empty();
            let target = Target::main(image, expectations.clone(), given);
            add(&mut targets, target, variant);
        }
        if command.all_images {
            for other in others(recipe, &command.images, &site)? {
                add(&mut targets, other, variant);
            }
        }
    }
    let named = targets.into_iter().map(|(mut target, variants)| {
        target.under(variants);
        target
    });
    Ok(named.collect())
}

impl Target {
    fn main(image: Located, expectations: Expectations, given: bool) -> Self {
        let (path, elsewhere) = match image {
            Located::File(path) => (path, None),
            Located::Registry(text) | Located::Unknown(text) => (PathBuf::new(), Some(text)),
        };
        Self {
            path,
            role: None,
            variants: Vec::new(),
            expectations,
            elsewhere,
            main: true,
            given,
        }
    }

    /// Names the variants in the role.
    fn under(&mut self, variants: Vec<String>) {
        self.variants = variants;
        if !self.variants.is_empty() {
            let variants = self.variants.join(", ");
            let role = self.role.as_deref();
            let role = role.unwrap_or(match self.given {
                true => "given for model.container",
                false => "model.container",
            });
            self.role = Some(format!("{role} of {variants}"));
        }
    }
}

/// Adds a target of a variant. Variants with an equal target share it.
fn add(targets: &mut Vec<(Target, Vec<String>)>, target: Target, variant: Option<&str>) {
    let variant = variant.map(str::to_owned);
    match targets.iter_mut().find(|(other, _)| *other == target) {
        Some((_, variants)) => variants.extend(variant),
        None => targets.push((target, variant.into_iter().collect())),
    }
}

/// Returns the recipe in each of its variants, and the site. Without a recipe, returns an empty one.
fn read_recipes(
    command: &Wanted,
    warnings: &mut Vec<String>,
) -> Result<(Vec<Recipe>, Site), RecipeError> {
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
            None => Ok((vec![Recipe::default()], Site::default())),
        };
    };
    let site = site(command, warnings)?;
    let mut loaded = recipe::load(path)?;
    warnings.extend(loaded.warning.take());
    let value = &loaded.value;
    let recipes = Recipe::read(value, command.variant.as_deref(), &site)
        .map_err(|error| loaded.placed(error, path))?;
    for said in recipes.iter().flat_map(|recipe| &recipe.warnings) {
        let said = format!("{}: {said}", path.display());
        if !warnings.contains(&said) {
            warnings.push(said);
        }
    }
    if command.lockfile.is_some() && value.get("lock").is_none() {
        let error =
            RecipeError::Usage("it has no lock: section; give a recipe with --recipe".to_owned());
        return Err(error.of_file(path));
    }
    Ok((recipes, site))
}

/// Returns the aliases of the cluster, and the environment.
fn site(command: &Wanted, warnings: &mut Vec<String>) -> Result<Site, RecipeError> {
    let read = |path: &Path, warnings: &mut Vec<String>| {
        let mut loaded = recipe::load(path)?;
        warnings.extend(loaded.warning.take());
        let site = Site::from_cluster(&loaded.value);
        site.map_err(|error| loaded.placed(error, path))
    };
    let site = match (&command.cluster_config, found(warnings)) {
        (Some(path), _) => read(path, warnings)?,
        // srt-slurm ignores a broken file that it found by itself.
        (None, Some(path)) => read(&path, warnings).unwrap_or_else(|error| {
            warnings.push(format!("{error}; it is left out"));
            Site::default()
        }),
        (None, None) => Site::default(),
    };
    let texts = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Ok(site.with_environment(texts))
}

/// Finds the cluster's configuration like srt-slurm (`find_cluster_config_path`).
fn found(warnings: &mut Vec<String>) -> Option<PathBuf> {
    const NAME: &str = "srtslurm.yaml";
    if let Some(named) = std::env::var_os("SRTSLURM_CONFIG").filter(|named| !named.is_empty()) {
        let named = PathBuf::from(named);
        if named.exists() {
            return Some(named);
        }
        let named = named.display();
        warnings.push(format!(
            "{named}: there is no such file; SRTSLURM_CONFIG names it"
        ));
        return None;
    }
    let here = std::env::current_dir().ok()?;
    let mut places = here.ancestors().take(3).map(|place| place.join(NAME));
    places.find(|path| path.exists())
}

fn expectations(command: &Wanted, recipe: &Recipe) -> Result<Expectations, UsageError> {
    let of_recipe = recipe.expectations.clone();
    let images = command
        .references
        .iter()
        .map(|text| ExpectedImage::new(text));
    let frameworks = command
        .frameworks
        .iter()
        .map(|text| ExpectedFramework::parse(text));
    let mut expectations = Expectations {
        images: images.collect::<Result<_, _>>()?,
        commit: command.commit.as_deref().map(commit_prefix).transpose()?,
        kinds: command.kinds.clone(),
        official: command.official,
        attested: command.attested || !command.attested_by.is_empty(),
        attested_by: command.attested_by.clone(),
        publishers: command.publishers.clone(),
        frameworks: frameworks.collect::<Result<_, _>>()?,
        compatible: command.framework_compatible,
        recipe_is_silent: (command.recipe.is_some() || command.lockfile.is_some())
            && of_recipe.images.is_empty()
            && of_recipe.frameworks.is_empty(),
        ..Expectations::default()
    };
    expectations.images.extend(of_recipe.images);
    expectations.frameworks.extend(of_recipe.frameworks);
    expectations.validate()?;
    Ok(expectations)
}

/// Returns the workers' image of the recipe.
fn image_of(command: &Wanted, recipe: &Recipe, site: &Site) -> Result<Located, String> {
    if command.recipe.is_none() && command.lockfile.is_none() {
        return Err("no IMAGE is given; see --help".to_owned());
    }
    match &recipe.image {
        Some(Located::Unknown(text)) => {
            let said = unknown("the recipe's image", text, site);
            Err(format!("{said}, or give the IMAGE"))
        }
        Some(image) => Ok(image.clone()),
        None => Err("the recipe does not say which image; give the IMAGE".to_owned()),
    }
}

/// Returns the other images that the recipe names.
fn others(recipe: Recipe, given: &[PathBuf], site: &Site) -> Result<Vec<Target>, String> {
    let mut targets = Vec::new();
    for image in recipe.others {
        let mut target = Target {
            path: PathBuf::new(),
            role: Some(image.field),
            variants: Vec::new(),
            expectations: Expectations {
                images: image.expected.into_iter().collect(),
                ..Expectations::default()
            },
            elsewhere: None,
            main: false,
            given: false,
        };
        match image.located {
            Located::File(path) if given.iter().any(|one| one.as_path() == Path::new(&path)) => {
                continue;
            }
            Located::File(path) => target.path = path,
            Located::Registry(text) => target.elsewhere = Some(text),
            Located::Unknown(text) => {
                let field = target.role.unwrap_or_default();
                return Err(unknown(&format!("the recipe's {field}"), &text, site));
            }
        }
        targets.push(target);
    }
    Ok(targets)
}

/// Returns the error for an image that is neither a file nor a reference.
fn unknown(what: &str, text: &str, site: &Site) -> String {
    let advice = site.advice(text);
    format!("{what} '{text}' is neither a file nor a reference: {advice}")
}
