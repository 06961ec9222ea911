//! Output for srt-slurm: a fingerprint to compare with those of its workers, and the `identity` block
//! of a recipe.
//!
//! The values are those that a worker's script writes (`generate_capture_script` of
//! `srtctl/core/fingerprint.py`), as far as the image's files tell them. `srtctl diff` then finds them
//! equal.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json as object};

use super::{escape, json, words};
use crate::inspect::Versions;
use crate::provenance::{MAY_GIVE_ANOTHER, Package, Provenance};
use crate::verify::installed_packages;

/// The value that srt-slurm writes if a probe finds nothing.
const UNAVAILABLE: &str = "unavailable";

/// The frameworks that srt-slurm asks for, by its names.
const FRAMEWORKS: [&str; 4] = ["vllm", "sglang", "tensorrt_llm", "dynamo"];

/// Starts of the names of variables that srt-slurm records.
const PREFIXES: [&str; 17] = [
    "CUDA_",
    "TORCH_",
    "PYTORCH_",
    "NCCL_",
    "VLLM_",
    "SGLANG_",
    "SGL_",
    "TRTLLM_",
    "TRT_LLM_",
    "TENSORRT_",
    "HF_",
    "TRANSFORMERS_",
    "DYN_",
    "NVIDIA_",
    "OMPI_",
    "UCX_",
    "NVSHMEM_",
];

/// Variables that name the build, and that its prefixes miss.
const MISSED: [&str; 3] = ["DYNAMO_COMMIT_SHA", "NEMO_RL_COMMIT", "SML_IMAGE_BUILD"];

/// Parts of variable names; the values of such variables are not recorded.
const SECRET: [&str; 6] = ["TOKEN", "KEY", "SECRET", "PASSWORD", "CREDENTIAL", "AUTH"];

#[derive(Serialize)]
struct Fingerprint {
    arch: String,
    os: String,
    gpu: Value,
    python_version: String,
    cuda_version: String,
    nccl_version: String,
    frameworks: BTreeMap<&'static str, String>,
    env: BTreeMap<String, String>,
    pip_packages: Value,
    labels: BTreeMap<String, String>,
}

/// The fingerprint as one bare object, indented, with a newline at the end.
///
/// # Errors
///
/// When the document cannot be serialised; none of its types does that.
pub fn fingerprint(
    document: &Provenance,
    versions: &Versions,
) -> Result<String, serde_json::Error> {
    let or_not = |value: Option<&String>| value.map_or(UNAVAILABLE, String::as_str).to_owned();
    let fingerprint = Fingerprint {
        arch: or_not(document.os.architecture.as_ref()),
        os: or_not(document.os.pretty_name.as_ref()),
        gpu: object!({"available": false}),
        python_version: or_not(versions.python.as_ref()),
        cuda_version: or_not(cuda(document, versions).as_ref()),
        nccl_version: or_not(nccl(document).as_ref()),
        frameworks: frameworks(document).into_iter().collect(),
        env: environment(document),
        pip_packages: object!({"image": frozen(&document.packages, versions)}),
        labels: masked(document.labels.clone()),
    };
    json::pretty(&fingerprint)
}

/// Returns the line of `nvcc --version`; srt-slurm's report compares the release in it. Without
/// `nvcc`, returns the release that the image declares.
fn cuda(document: &Provenance, versions: &Versions) -> Option<String> {
    let release = |version: &str| {
        let mut parts = version.split('.');
        Some(format!("{}.{}", parts.next()?, parts.next()?))
    };
    match &versions.nvcc {
        Some(version) => {
            let release = release(version)?;
            Some(format!(
                "Cuda compilation tools, release {release}, V{version}"
            ))
        }
        None => release(document.environment.get("CUDA_VERSION")?),
    }
}

/// Returns the version of the library that PyTorch installs, else of the image's own. It is a tuple of numbers,
/// as PyTorch prints it.
fn nccl(document: &Provenance) -> Option<String> {
    let version = |name| Some(installed_packages(document, name).first()?.version.clone());
    let packaged = ["nvidia-nccl-cu13", "nvidia-nccl-cu12"]
        .into_iter()
        .find_map(version);
    let of_image = || {
        let version = document.environment.get("NCCL_VERSION")?;
        let version = version.split('-').next().unwrap_or_default();
        (!version.is_empty()).then(|| version.to_owned())
    };
    let version = packaged.or_else(of_image)?;
    let numbers: Result<Vec<u32>, _> = version.split('.').take(3).map(str::parse).collect();
    match numbers.ok()?.as_slice() {
        [major, minor, patch] => Some(format!("({major}, {minor}, {patch})")),
        _ => None,
    }
}

/// Returns the frameworks of which exactly one version is installed.
fn frameworks(document: &Provenance) -> Vec<(&'static str, String)> {
    let one = |name: &'static str| {
        let copies = installed_packages(document, name);
        let (first, rest) = copies.split_first()?;
        let is_one = rest.iter().all(|other| other.version == first.version);
        is_one.then(|| (name, first.version.clone()))
    };
    FRAMEWORKS.into_iter().filter_map(one).collect()
}

fn environment(document: &Provenance) -> BTreeMap<String, String> {
    let mut environment = document.environment.clone();
    environment.retain(|name, _| {
        MISSED.contains(&name.as_str()) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    });
    masked(environment)
}

/// Masks the values of secret names in the way of srt-slurm.
fn masked(mut values: BTreeMap<String, String>) -> BTreeMap<String, String> {
    for (name, value) in &mut values {
        let upper = name.to_ascii_uppercase();
        if SECRET.iter().any(|part| upper.contains(part)) {
            *value = "***REDACTED***".to_owned();
        }
    }
    values
}

/// Returns the lines of `pip freeze`, sorted without regard to case.
fn frozen(packages: &[Package], versions: &Versions) -> Vec<String> {
    let line = |package: &Package| match &versions.installed {
        Some(installed) => {
            let spelling = installed.get(&package.path)?;
            Some(match &spelling.location {
                Some(location) => format!("{} @ {location}", spelling.name),
                None => format!("{}=={}", spelling.name, package.version),
            })
        }
        None => Some(frozen_line(package)),
    };
    let mut lines: Vec<String> = packages.iter().filter_map(line).collect();
    lines.sort_by_cached_key(|line| line.to_lowercase());
    lines.dedup();
    lines
}

/// Returns the line of a package from the document alone.
fn frozen_line(package: &Package) -> String {
    let file = |url: &str| {
        let ends = [".whl", ".zip", ".tar.gz", ".tgz"];
        url.starts_with("file:") || ends.iter().any(|end| url.ends_with(end))
    };
    match (package.url.as_deref(), package.commit.as_deref()) {
        (Some(url), _) if !package.editable && file(url) => format!("{} @ {url}", package.name),
        (Some(url), Some(commit)) if !package.editable => {
            let scheme = if url.starts_with("git+") { "" } else { "git+" };
            format!("{} @ {scheme}{url}@{commit}", package.name)
        }
        (Some(url), None) if !package.editable => format!("{} @ {url}", package.name),
        _ => format!("{}=={}", package.name, package.version),
    }
}

/// Returns the `identity` block of a recipe. A comment names each part that is left out because it is not
/// known.
#[must_use]
pub fn identity(document: &Provenance) -> String {
    let mut out = String::from("identity:\n");
    match image(document).as_deref().and_then(quoted) {
        Some(image) => out.push_str(&format!("  container:\n    image: {image}\n")),
        None => out.push_str(match document.origin.pull.reference {
            Some(_) => "  # container.image is left out: there are signs that somebody built on the public image\n",
            None => "  # container.image is left out: no public reference names this image\n",
        }),
    }
    let mut versions = Vec::new();
    for (name, version) in frameworks(document) {
        versions.push(match quoted(&version) {
            Some(version) => format!("    {name}: {version}\n"),
            None => format!("    # {name} is left out: its version has control characters\n"),
        });
    }
    if versions.is_empty() {
        out.push_str("  # frameworks is left out: none is installed that srt-slurm asks for\n");
    } else {
        out.push_str("  frameworks:\n");
        out.extend(versions);
    }
    out
}

/// Returns what to pull, with its tag and its digest as far as they are known.
fn image(document: &Provenance) -> Option<String> {
    let origin = &document.origin;
    let mut notes = origin.pull.notes.iter();
    let may_be_another = notes.any(|note| note == MAY_GIVE_ANOTHER);
    let reference = origin.pull.reference.as_deref();
    let reference = reference.filter(|_| origin.pull.ok && !may_be_another)?;
    let public = origin.public_reference.as_deref();
    let tag_of = |name: &str| public?.strip_prefix(name)?.strip_prefix(':');
    let reference = match (reference.split_once('@'), &origin.imported) {
        (Some((name, digest)), Some(import)) => match import.tag.as_deref().or(tag_of(name)) {
            Some(tag) => format!("{name}:{tag}@{digest}"),
            None => reference.to_owned(),
        },
        _ => reference.to_owned(),
    };
    Some(words::short_reference(&reference).to_owned())
}

/// Returns a YAML text in double quotes; `None` if it has hostile characters.
fn quoted(text: &str) -> Option<String> {
    let clean = !text.contains(escape::is_hostile);
    clean.then(|| Value::from(text).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn a_fingerprint_is_a_bare_object_without_nulls() {
        for document in [samples::release(), samples::unknown(), samples::hostile()] {
            let map: Value =
                serde_json::from_str(&fingerprint(&document, &Versions::default()).unwrap())
                    .unwrap();
            for key in [
                "arch",
                "os",
                "python_version",
                "cuda_version",
                "nccl_version",
            ] {
                assert!(map[key].is_string(), "{key}");
            }
            for key in ["frameworks", "env", "labels", "pip_packages", "gpu"] {
                assert!(map[key].is_object(), "{key}");
            }
            assert_eq!(map["gpu"], object!({"available": false}));
            assert!(map["pip_packages"]["image"].is_array());
        }
    }

    #[test]
    fn versions_are_written_as_a_worker_writes_them() {
        let mut document = samples::unknown();
        let set = |document: &mut Provenance, name: &str, value: &str| {
            document
                .environment
                .insert(name.to_owned(), value.to_owned());
        };
        set(&mut document, "CUDA_VERSION", "13.0.2");
        set(&mut document, "NCCL_VERSION", "2.28.9-1");
        set(&mut document, "PYTHON_VERSION", "3.1");
        let map = |document: &Provenance, versions: &Versions| -> Value {
            serde_json::from_str(&fingerprint(document, versions).unwrap()).unwrap()
        };
        let bare = map(&document, &Versions::default());
        assert_eq!(bare["cuda_version"], "13.0");
        assert_eq!(bare["nccl_version"], "(2, 28, 9)");
        assert_eq!(bare["python_version"], UNAVAILABLE);
        let versions = Versions {
            python: Some("3.12.3".to_owned()),
            nvcc: Some("13.0.88".to_owned()),
            ..Versions::default()
        };
        let full = map(&document, &versions);
        assert_eq!(
            full["cuda_version"],
            "Cuda compilation tools, release 13.0, V13.0.88"
        );
        assert_eq!(full["python_version"], "3.12.3");
    }

    #[test]
    fn variables_are_those_that_srt_slurm_records_and_the_build_s_own() {
        let mut document = samples::unknown();
        for name in [
            "VLLM_X",
            "DYNAMO_COMMIT_SHA",
            "PATH",
            "HF_TOKEN",
            "NCCL_AUTHENTICATED",
        ] {
            document.environment.insert(name.to_owned(), "v".to_owned());
        }
        let map: Value =
            serde_json::from_str(&fingerprint(&document, &Versions::default()).unwrap()).unwrap();
        assert_eq!(
            map["env"],
            object!({
                "DYNAMO_COMMIT_SHA": "v", "HF_TOKEN": "***REDACTED***",
                "NCCL_AUTHENTICATED": "***REDACTED***", "VLLM_X": "v"
            })
        );
    }

    #[test]
    fn packages_are_lines_of_pip_freeze() {
        let package = |name: &str, url: Option<&str>, commit: Option<&str>| Package {
            name: name.to_owned(),
            version: "1.0+cu130".to_owned(),
            url: url.map(str::to_owned),
            commit: commit.map(str::to_owned),
            ..Package::default()
        };
        let packages = [
            package("torch", None, None),
            package("Jinja2", None, Some("abcdef0")),
            package("a", Some("https://github.com/a/a"), Some("abcdef0")),
            package("b", Some("file:///b.whl"), None),
        ];
        assert_eq!(
            frozen(&packages, &Versions::default()),
            [
                "a @ git+https://github.com/a/a@abcdef0",
                "b @ file:///b.whl",
                "Jinja2==1.0+cu130",
                "torch==1.0+cu130"
            ]
        );
    }

    #[test]
    fn an_identity_is_yaml_that_reads_back() {
        let text = identity(&samples::release());
        let value: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(
            value["identity"]["container"]["image"],
            "vllm/vllm-openai:v0.29.0"
        );
        assert!(value["identity"]["frameworks"]["vllm"].is_string());
        for document in [samples::unknown(), samples::hostile(), samples::derived()] {
            let value: Value = serde_saphyr::from_str(&identity(&document)).unwrap();
            assert!(value.get("identity").is_some());
        }
    }
}
