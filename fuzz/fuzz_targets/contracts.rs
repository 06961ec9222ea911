//! Contracts and policies in TOML, recipes, lockfiles and a cluster's configuration in YAML; and images judged by them.
#![no_main]

mod gate;
mod scratch;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sqsh_prov::contracts::{check, glob_matches};
use sqsh_prov::policy::Policy;
use sqsh_prov::provenance::Provenance;
use sqsh_prov::verify::recipe::{Recipe, Site, load};
use sqsh_prov::{Inspector, Options};

static FILE: LazyLock<PathBuf> = LazyLock::new(|| scratch::file(".toml"));

static INSPECTOR: LazyLock<Inspector> =
    LazyLock::new(|| Inspector::new(Options::default()).unwrap());

/// A release, a child image, and one that is told little of.
static DOCUMENTS: LazyLock<Vec<Provenance>> = LazyLock::new(|| {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let names = [
        "classification/01-vllm-release.sqsh",
        "classification/42-env-label-conflict.sqsh",
        "carriers/j-bare.sqsh",
    ];
    names
        .map(|name| INSPECTOR.inspect(&fixtures.join(name)).unwrap())
        .into()
});

fuzz_target!(|text: &str| {
    std::fs::write(&*FILE, text).unwrap();
    if let Ok(contract) = check(&FILE) {
        for repository in contract.official_repositories() {
            let _ = (
                contract.line_of(repository),
                contract.tag_rule(repository, "v1.2.3-rc1"),
            );
        }
        let _ = contract.unmirrored("example.org/a/b");
    }
    if let Ok(policy) = Policy::parse("fuzz", text) {
        gate::by(&policy, &DOCUMENTS);
    }
    if let Some((glob, rest)) = text.split_once('\n') {
        let _ = glob_matches(glob, rest);
    }
    let Ok(loaded) = load(&FILE) else {
        return;
    };
    let site = Site::from_cluster(&loaded.value).unwrap_or_default();
    let site = site.with_environment([("HOME".to_owned(), "/h".to_owned())]);
    for selector in [None, Some("override_*")] {
        let recipes = Recipe::read(&loaded.value, selector, &site);
        for recipe in recipes.into_iter().flatten().take(3) {
            if recipe.expectations.validate().is_ok() {
                gate::strict(&DOCUMENTS[0], INSPECTOR.contracts(), &recipe.expectations);
            }
        }
    }
});
