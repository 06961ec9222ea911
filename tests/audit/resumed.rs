//! What is taken from an earlier report: nothing that was changed in place with its time put back.

use super::*;
use std::fs::FileTimes;
use std::os::unix::fs::FileExt as _;
use std::time::{Duration, SystemTime};

#[test]
fn a_file_that_was_changed_in_place_with_its_time_put_back_is_read_again() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    fs::create_dir(root.join("store")).unwrap();
    let path = root.join("store/a.sqsh");
    fs::copy(
        support::fixture("classification", "01-vllm-release.sqsh"),
        &path,
    )
    .unwrap();
    let other = fs::read(support::fixture("classification", "26a-ubuntu-24.04.sqsh")).unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
    let put_back = |path: &Path| {
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_times(FileTimes::new().set_modified(time)).unwrap();
    };
    put_back(&path);
    audit(root, &["--format", "ndjson", "--output", "1"]);
    let size = fs::metadata(&path).unwrap().len();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.write_all_at(&other, 0).unwrap();
    file.set_len(size).unwrap();
    put_back(&path);
    let official = |report: &str| lines(report)[0]["origin"]["official"].clone();
    assert_eq!(official(&fs::read_to_string(root.join("1")).unwrap()), true);
    let resumed = audit(root, &["--format", "ndjson", "--resume", "1"]);
    assert_ne!(official(&resumed), true, "{resumed}");
    let baseline = audit(root, &["--format", "ndjson", "--baseline", "1"]);
    assert!(baseline.contains("\"code\":\"replaced\""), "{baseline}");
}

#[test]
fn what_was_judged_by_other_rules_is_read_again() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    fs::create_dir(root.join("store")).unwrap();
    fs::create_dir(root.join("contracts")).unwrap();
    let image = support::fixture("classification", "01-vllm-release.sqsh");
    fs::copy(image, root.join("store/a.sqsh")).unwrap();
    let policy = |text: &str| {
        let text = format!("schema = 1\nname = \"p\"\n{text}\n");
        fs::write(root.join("policy.toml"), text).unwrap();
    };
    let ndjson = ["--format", "ndjson"];
    let run = |arguments: &[&str]| audit(root, &[&ndjson[..], arguments].concat());
    let resumed = |arguments: &[&str]| {
        let report = run(&[arguments, &["--resume", "1"]].concat());
        report.contains("\"policy-").then_some("policy")
    };
    policy("[publishers]\nallow = [\"sglang\"]");
    let asked = ["--policy", "policy.toml"];
    run(&[&asked[..], &["--output", "1"]].concat());
    assert_eq!(resumed(&asked), Some("policy"));
    assert_eq!(resumed(&[]), None, "no policy is asked any more");
    policy("[publishers]\nallow = [\"vllm\"]");
    assert_eq!(resumed(&asked), None, "the policy of now holds");
    run(&["--output", "1"]);
    policy("[publishers]\nallow = [\"sglang\"]");
    assert_eq!(resumed(&asked), Some("policy"), "no policy was asked then");
    // What is judged by the same rules is taken over.
    let keys = |report: &str| lines(report)[0]["keys"]["judged_by"].clone();
    let first = keys(&fs::read_to_string(root.join("1")).unwrap());
    assert_eq!(keys(&run(&[])), first);
    for other in [
        &["--deep"][..],
        &["--mirror", "a.example/b=docker.io"],
        &["--policy", "publishable"],
    ] {
        assert_ne!(keys(&run(other)), first, "{other:?}");
    }
}

#[test]
fn a_file_that_was_touched_since_the_baseline_is_said_to_be() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    fs::create_dir(root.join("store")).unwrap();
    let path = root.join("store/a.sqsh");
    let image = fs::read(support::fixture("classification", "01-vllm-release.sqsh")).unwrap();
    fs::write(&path, image).unwrap();
    audit(root, &["--format", "ndjson", "--output", "1"]);
    let same = audit(root, &["--format", "ndjson", "--baseline", "1"]);
    assert!(!same.contains("\"code\":\"touched\""), "{same}");
    std::thread::sleep(Duration::from_millis(20));
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let touched = audit(root, &["--format", "ndjson", "--baseline", "1"]);
    assert!(touched.contains("\"code\":\"touched\""), "{touched}");
}
