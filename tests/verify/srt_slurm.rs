//! What srt-slurm's own functions said of made-up cases (commit c88ef73, `tests/data/srt-slurm`):
//! its preflight of recipes, and a fingerprint that its worker wrote.

use super::*;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;

fn recorded(name: &str) -> Value {
    let path = format!("{}/tests/data/srt-slurm/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// What the program says of each image of a recipe, in the words of the preflight; what cannot be
/// used is `None`.
fn answer(recipe: &Path, cluster: &Path, selector: Option<&str>) -> Option<BTreeSet<String>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["verify", "--format", "json"])
        .env("IMAGES", fixture("classification", ""))
        .env(
            "HOME",
            Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"),
        )
        .env("SRTSLURM_CONFIG", cluster)
        .env_remove("UNSET_HERE")
        .arg("--recipe")
        .arg(recipe);
    command.args(selector.map(|selector| format!("--variant={selector}")));
    let output = command.output().unwrap();
    if output.status.code() == Some(64) {
        return None;
    }
    let answers: Value = serde_json::from_slice(&output.stdout).unwrap();
    let answers = answers.as_array().cloned().unwrap_or(vec![answers]);
    let class = |answer: &Value| {
        let code = answer["checks"][0]["code"].as_str();
        match (code, answer["error"].as_str()) {
            (Some("in-registry"), _) => "registry",
            (_, Some(error)) if error.contains("no such file") => "refused",
            _ => "file",
        }
    };
    let code = output.status.code();
    let classes: BTreeSet<String> = answers.iter().map(|a| class(a).to_owned()).collect();
    let certain = classes.iter().all(|class| class == "file");
    assert_eq!(
        code,
        Some(if certain { 0 } else { 2 }),
        "{}",
        recipe.display()
    );
    Some(classes)
}

#[test]
fn a_recipe_is_refused_where_srt_slurm_refuses_it() {
    let recorded = recorded("preflight.json");
    let directory = tempfile::tempdir().unwrap();
    let (cluster, recipe) = (
        directory.path().join("c.yaml"),
        directory.path().join("r.yaml"),
    );
    // JSON is YAML.
    fs::write(&cluster, recorded["cluster"].to_string()).unwrap();
    for case in recorded["cases"].as_array().unwrap() {
        fs::write(&recipe, case["recipe"].as_str().unwrap()).unwrap();
        let answer = answer(&recipe, &cluster, case["selector"].as_str());
        let expected: BTreeSet<String> = case["containers"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|class| class.as_str().unwrap().to_owned())
            .collect();
        match answer {
            // One that cannot be found is a recipe that cannot be used.
            None => assert!(
                case["error"] == true || expected.contains("refused"),
                "{case}"
            ),
            Some(answer) => assert_eq!(answer, expected, "{case}"),
        }
    }
}

#[test]
fn a_fingerprint_is_what_a_worker_of_the_same_image_writes() {
    let recorded = recorded("worker.json");
    let worker = &recorded["fingerprint"];
    let root = tempfile::tempdir().unwrap();
    for (name, text) in recorded["root"].as_object().unwrap() {
        let (path, text) = (root.path().join(name), text.as_str().unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match text.strip_prefix("-> ") {
            Some(target) => symlink(target, path).unwrap(),
            None => fs::write(path, text).unwrap(),
        }
    }
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .args(["show", "--format", "srt-slurm-fingerprint"])
        .arg(root.path())
        .output()
        .unwrap();
    let ours: Value = serde_json::from_slice(&output.stdout).unwrap();
    // What its diff and its report compare.
    let fields = recorded["compared"].as_array().unwrap();
    for field in fields.iter().map(|field| field.as_str().unwrap()) {
        assert_eq!(ours[field], worker[field], "{field}");
    }
    assert_eq!(ours["frameworks"], worker["frameworks"]);
    assert_eq!(ours["env"], worker["env"]);
    assert_eq!(
        ours["pip_packages"]["image"],
        worker["pip_packages"]["python3"]
    );
    // What only a running container has.
    let keys = |value: &Value| -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    let running: Vec<String> = keys(worker).difference(&keys(&ours)).cloned().collect();
    assert_eq!(running, ["cpu", "hostname", "model", "timestamp"]);
}
