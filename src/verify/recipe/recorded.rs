//! The versions that workers recorded in a lockfile.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::yaml::{RecipeError, mapping_at};
use crate::verify::frameworks::package_of;

/// Names by which srt-slurm records frameworks (`framework_versions` of `srtctl/core/fingerprint.py`).
const FRAMEWORKS: [&str; 4] = ["dynamo", "sglang", "tensorrt_llm", "vllm"];
/// srt-slurm's word for a version that a probe did not find.
const UNAVAILABLE: &str = "unavailable";

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Recorded {
    pub(super) framework: &'static str,
    pub(super) version: String,
}

/// Returns each version of a framework in `lock.fingerprints` once, with the first worker that recorded it.
pub(super) fn frameworks(
    root: &Map<String, Value>,
) -> Result<BTreeMap<Recorded, String>, RecipeError> {
    let mut all = BTreeMap::new();
    let workers = mapping_at(root, &["lock", "fingerprints"])?;
    for (worker, fingerprint) in workers.into_iter().flatten() {
        for (framework, version) in of_worker(fingerprint) {
            let recorded = Recorded { framework, version };
            all.entry(recorded).or_insert_with(|| worker.clone());
        }
    }
    Ok(all)
}

/// Returns the versions in `frameworks` of a worker, else those in the lines of `pip freeze`.
fn of_worker(fingerprint: &Value) -> Vec<(&'static str, String)> {
    let known = |name: &str| {
        let package = package_of(name);
        FRAMEWORKS.into_iter().find(|it| package_of(it) == package)
    };
    let stated = fingerprint.get("frameworks").and_then(Value::as_object);
    if let Some(stated) = stated.filter(|stated| !stated.is_empty()) {
        let texts = stated.iter().filter_map(|(name, version)| {
            let version = version.as_str().filter(|version| *version != UNAVAILABLE)?;
            Some((known(name)?, version.to_owned()))
        });
        return texts.collect();
    }
    let sources = fingerprint.get("pip_packages");
    let lists = sources
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::values);
    let lists = lists.chain(sources).filter_map(Value::as_array);
    let lines = lists.flatten().filter_map(Value::as_str);
    let pinned = lines.filter_map(|line| {
        let (name, version) = line.split_once("==")?;
        Some((known(name.trim())?, version.trim().to_owned()))
    });
    pinned.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_worker_s_versions_are_read_from_both_places_once() {
        let root = json!({"lock": {"fingerprints": {
            "agg_w0": {"frameworks": {"vllm": "0.29.0", "dynamo": "unavailable"},
                       "pip_packages": {"pip": ["vllm==9"]}},
            "agg_w1": {"pip_packages": {"pip": ["vllm==0.29.0", "torch==2", "ai-dynamo==1.2.0", "x @ y"]}},
            "agg_w2": {"pip_packages": ["tensorrt-llm==1.3.0rc1"]},
            "broken": 3,
        }}});
        let all = frameworks(root.as_object().unwrap()).unwrap();
        let all: Vec<(&str, &str, &str)> = all
            .iter()
            .map(|(it, worker)| (it.framework, it.version.as_str(), worker.as_str()))
            .collect();
        assert_eq!(
            all,
            [
                ("dynamo", "1.2.0", "agg_w1"),
                ("tensorrt_llm", "1.3.0rc1", "agg_w2"),
                ("vllm", "0.29.0", "agg_w0"),
            ]
        );
        assert!(frameworks(json!({"lock": {"fingerprints": 3}}).as_object().unwrap()).is_err());
        assert!(
            frameworks(json!({}).as_object().unwrap())
                .unwrap()
                .is_empty()
        );
    }
}
