//! Finds misspelt keys among those that decide what is compared. srt-slurm has many other keys, and gets
//! more, so only a key that is close to one of these is reported.

use serde_json::{Map, Value};

use super::variants::is_variant;
use super::yaml::{RecipeError, mapping_at, optional};
use crate::suggestions::{SLIPS, distance};

/// Sections, the keys in them that sqsh-prov reads, and other keys of srt-slurm that are close to those
/// (`SrtConfig`, `ModelConfig`, `FrontendConfig`, `DynamoConfig` and `BenchmarkConfig` of
/// `srtctl/core/schema.py`).
const SECTIONS: [(&str, &[&str], &[&str]); 5] = [
    (
        "",
        &[
            "dynamo",
            "frontend",
            "identity",
            "lock",
            "model",
            "setup_script",
        ],
        &["base", "name", "slurm", "infra"],
    ),
    ("model", &["container"], &[]),
    ("frontend", &["type", "nginx_container"], &["env", "args"]),
    ("dynamo", &["install"], &["hash", "wheel"]),
    ("benchmark", &["container_image"], &[]),
];

/// The frontends of srt-slurm. The frontend decides whether Dynamo is installed.
const FRONTENDS: [&str; 4] = ["dynamo", "sglang", "trtllm_serve", "vllm"];

/// Returns warnings about misspelt keys.
pub(super) fn slips(root: &Map<String, Value>) -> Vec<String> {
    let mut told = Vec::new();
    for (section, read, others) in SECTIONS {
        let map = match section {
            "" => Some(root),
            name => root.get(name).and_then(Value::as_object),
        };
        for key in map.into_iter().flat_map(Map::keys) {
            if others.contains(&key.as_str()) {
                continue;
            }
            if let Some(near) = near(read, key) {
                let dot = if section.is_empty() { "" } else { "." };
                told.push(format!(
                    "{section}{dot}{key}: this key is unknown; the closest known name is '{near}'"
                ));
            }
        }
    }
    let frontend = root.get("frontend").and_then(|it| it.get("type"));
    if let Some(name) = frontend.and_then(Value::as_str)
        && let Some(near) = near(&FRONTENDS, name)
    {
        told.push(format!(
            "frontend.type: srt-slurm has no frontend '{name}'; the closest known name is '{near}'"
        ));
    }
    told
}

/// Returns the name that a misspelt key means; `None` if it is a name, or not close to one.
fn near<'n>(names: &[&'n str], key: &str) -> Option<&'n str> {
    let lower = key.to_ascii_lowercase().replace('-', "_");
    let slips = |name: &&str| distance(name, &lower) <= SLIPS.min(name.len() / 3);
    let is_one = names.contains(&key);
    names.iter().copied().find(slips).filter(|_| !is_one)
}

/// Refuses misspelt names of variants beside `base:`: nothing would read those sections.
pub(super) fn variants(root: &Map<String, Value>) -> Result<(), RecipeError> {
    let wrong = |key: &str, meant: &str| {
        let reason = format!("this section is unknown; the closest known name is '{meant}'");
        Err(RecipeError::field(key, &reason))
    };
    if !root.contains_key("base") {
        let slip = |key: &&String| near(&["base"], key).is_some();
        let changes = root.keys().any(|key| is_variant(key));
        return match root.keys().find(slip).filter(|_| changes) {
            Some(key) => wrong(key, "base"),
            None => Ok(()),
        };
    }
    for key in root.keys() {
        if key == "base" || key == "lock" || is_variant(key) {
            continue;
        }
        if let Some(meant) = meant(key) {
            return wrong(key, &meant);
        }
    }
    Ok(())
}

/// Returns the name of the variant that a misspelt key means: `override_older` for `overide_older`.
fn meant(key: &str) -> Option<String> {
    let text = key.to_ascii_lowercase().replace('-', "_");
    // This is how people disable a section.
    if text.starts_with(['_', '.']) {
        return None;
    }
    for start in ["zip_override_", "override_"] {
        let ends = text.match_indices('_').map(|(at, _)| at.saturating_add(1));
        // The whole text is a section with the prefix and without a name.
        for end in ends.chain([text.len()]) {
            let (head, rest) = text.split_at_checked(end)?;
            let slips = distance(head, start);
            let alike = head.starts_with(start.get(..1).unwrap_or_default());
            if slips < SLIPS || (slips == SLIPS && alike) {
                let name = if rest.is_empty() { "NAME" } else { rest };
                return Some(format!("{start}{name}"));
            }
        }
    }
    None
}

/// Keys of the `lock:` section that srt-slurm writes (`build_lock_section` of `srtctl/core/lockfile.py`).
const LOCK: [&str; 8] = [
    "version",
    "generated_at",
    "slurm",
    "resolved",
    "verification",
    "fingerprints",
    "resource_snapshot",
    "results",
];
const RESOLVED: [&str; 3] = ["model_path", "container_path", "log_dir"];
/// The known versions of the format.
const VERSIONS: [u64; 2] = [1, 2];

/// Refuses a `lock:` section of an unknown version, or with misspelt keys.
pub(super) fn lock(root: &Map<String, Value>) -> Result<(), RecipeError> {
    let Some(lock) = mapping_at(root, &["lock"])? else {
        return Ok(());
    };
    if let Some(version) = optional(lock, "version")
        && version.as_u64().is_none_or(|it| !VERSIONS.contains(&it))
    {
        let reason = format!("version {version} is not known to this program; it reads 1 and 2");
        return Err(RecipeError::field("lock.version", &reason));
    }
    let resolved = mapping_at(root, &["lock", "resolved"])?;
    for (name, map, known) in [
        ("lock", Some(lock), &LOCK[..]),
        ("lock.resolved", resolved, &RESOLVED),
    ] {
        for key in map.into_iter().flat_map(Map::keys) {
            if let Some(near) = near(known, key) {
                let reason = format!("this key is unknown; the closest known name is '{near}'");
                return Err(RecipeError::field(&format!("{name}.{key}"), &reason));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_slip_in_a_key_that_decides_is_told_and_another_key_is_not() {
        for (recipe, said) in [
            (json!({"frontned": {"type": "sglang"}}), "'frontend'"),
            (json!({"frontend": {"type": "sgland"}}), "'sglang'"),
            (json!({"frontend": {"tpye": "sglang"}}), "frontend.tpye"),
            (json!({"dynamo": {"instal": false}}), "'install'"),
            (json!({"Dynamo": {}}), "'dynamo'"),
            (json!({"setup-script": "x"}), "'setup_script'"),
            (json!({"modle": {}}), "'model'"),
            (json!({"model": {"contaner": "x"}}), "'container'"),
        ] {
            let told = slips(recipe.as_object().unwrap());
            assert!(
                told.len() == 1 && told[0].contains(said),
                "{recipe}: {told:?}"
            );
        }
        let fine = json!({
            "name": "x", "base": {}, "slurm": {}, "infra": {},
            "model": {"path": "x", "container": "y", "precision": "fp8", "stage_dir": "/x"},
            "frontend": {"type": "trtllm_serve", "args": {}, "env": {}, "nginx_raise_ulimit": true},
            "dynamo": {"install": false, "hash": "x", "version": null, "wheel": "x"},
        });
        assert!(slips(fine.as_object().unwrap()).is_empty());
    }

    #[test]
    fn a_slip_in_the_name_of_a_variant_never_drops_it() {
        for (key, said) in [
            ("overide_older", "'override_older'"),
            ("override-older", "'override_older'"),
            ("Override_x", "'override_x'"),
            ("zip_overide_sweep", "'zip_override_sweep'"),
            ("zipoverride_sweep", "'zip_override_sweep'"),
            ("overrides", "'override_NAME'"),
        ] {
            let recipe = json!({"base": {}, "override_a": {}, key: {}});
            let error = variants(recipe.as_object().unwrap())
                .unwrap_err()
                .to_string();
            assert!(
                error.starts_with(key) && error.contains(said),
                "{key}: {error}"
            );
        }
        let lost = json!({"bsae": {}, "override_a": {}});
        assert!(variants(lost.as_object().unwrap()).is_err());
        let fine = json!({"base": {}, "lock": {}, "override_a": {}, "zip_override_b": {}, "sweep": 1, "x_override_c": 1, "_override_d": 1});
        variants(fine.as_object().unwrap()).unwrap();
        variants(json!({"name": 1, "case": 1}).as_object().unwrap()).unwrap();
    }

    #[test]
    fn a_lock_section_that_is_not_understood_is_refused() {
        for (section, said) in [
            (json!({"version": 9}), "lock.version: version 9"),
            (json!({"version": "2"}), "lock.version"),
            (json!({"resolvd": {}}), "'resolved'"),
            (
                json!({"resolved": {"container_pat": "x"}}),
                "'container_path'",
            ),
        ] {
            let root = json!({"lock": section});
            let error = lock(root.as_object().unwrap()).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
        let fine = json!({"lock": {"version": 2, "resolved": {"log_dir": "x"}, "host": "n1"}});
        lock(fine.as_object().unwrap()).unwrap();
        lock(json!({"lock": null}).as_object().unwrap()).unwrap();
    }
}
