//! Contracts and policies in TOML, references in recipes.
#![no_main]

mod scratch;

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sqsh_prov::contracts::{check, glob_matches};
use sqsh_prov::policy::Policy;

static FILE: LazyLock<PathBuf> = LazyLock::new(|| scratch::file(".toml"));

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
    let _ = Policy::parse("fuzz", text);
    if let Some((glob, rest)) = text.split_once('\n') {
        let _ = glob_matches(glob, rest);
    }
});
