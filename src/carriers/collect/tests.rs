mod git;
mod later;
mod losses;
mod memory;
mod python;

use std::collections::BTreeSet;

use memory::{BUILT, Memory};

use super::*;
use crate::image::Error;

const RELEASE_RC: &[u8] = include_bytes!("../testdata/a-vllm-release.rc");
const NASTY_RC: &[u8] = include_bytes!("../testdata/i-nasty.rc");
const NASTY_ENVIRONMENT: &[u8] = include_bytes!("../testdata/i-nasty.environment");
const HOUR: i64 = 3600;
const ELF: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\xb7\0 and more";

fn wanted(packages: &[&str]) -> Wanted {
    let packages = packages.iter().map(|&name| name.to_owned()).collect();
    Wanted {
        packages,
        ..Wanted::default()
    }
}

fn facts(image: &Memory, wanted: &Wanted) -> Facts {
    let facts = collect(image, wanted, &Limits::default());
    let calls = image.calls();
    let listings: Vec<_> = calls
        .iter()
        .filter(|call| call.starts_with("list "))
        .collect();
    let unique: BTreeSet<_> = listings.iter().collect();
    assert_eq!(
        unique.len(),
        listings.len(),
        "a directory was listed twice: {calls:#?}"
    );
    facts
}

/// What every import has.
fn imported() -> Memory {
    Memory::new()
        .file("/etc/rc", RELEASE_RC)
        .file(
            "/etc/environment",
            "PATH=/usr/local/bin:/usr/bin:/bin\nVLLM_BUILD_COMMIT=abc\n",
        )
        .file(
            "/etc/fstab",
            "${ENROOT_ROOTFS}/data /data none x-create=dir,bind,rw,nosuid,nodev\n",
        )
        .file(
            "/etc/rc.local",
            "# This file is sourced by /etc/rc when the container starts.\n",
        )
        .link("/etc/os-release", "../usr/lib/os-release")
        .file("/etc/passwd", "root:x:0:0::/root:/bin/sh\n")
        .file("/usr/lib/os-release", "ID=ubuntu\nVERSION_ID=\"24.04\"\n")
        .link("/bin", "usr/bin")
        .link("/usr/bin/sh", "dash")
        .file("/usr/bin/dash", ELF)
        .directory("/vllm-workspace")
        .at("/etc/rc", BUILT + 100 * HOUR)
}

const PACKAGES: &str = "/usr/local/lib/python3.12/dist-packages";

fn release() -> Memory {
    imported()
        .file(
            &format!("{PACKAGES}/vllm-0.29.0.dist-info/METADATA"),
            "Name: vllm\nVersion: 0.29.0\n",
        )
        .file(
            &format!("{PACKAGES}/vllm/_version.py"),
            "__version__ = version = '0.29.0'\n\n__commit_id__ = commit_id = 'g98dff2a81'\n",
        )
        .file(
            &format!("{PACKAGES}/torch-2.13.0+cu130.dist-info/METADATA"),
            "Name: torch\n",
        )
        .file(
            &format!("{PACKAGES}/torch/version.py"),
            "git_version = 'abc'\ncuda: Optional[str] = '13.0'\n",
        )
        .file(
            &format!("{PACKAGES}/flashinfer_python-0.6.18.dist-info/METADATA"),
            "Name: flashinfer-python\n\n",
        )
}

#[test]
fn an_import_is_read_in_few_calls() {
    let image = release();
    let facts = facts(&image, &wanted(&["vllm", "torch", "flashinfer-python"]));
    assert_eq!(
        facts.import.as_ref().unwrap().uri.as_ref().unwrap().value,
        "docker://registry-1.docker.io#vllm/vllm-openai:v0.23.0"
    );
    assert_eq!(
        (
            facts.labels.len(),
            facts.environment.len(),
            facts.environment_ordered
        ),
        (10, 2, true)
    );
    assert_eq!(
        (facts.workdir.as_deref(), facts.volumes.as_slice()),
        (Some("/vllm-workspace"), &["/data".to_owned()][..])
    );
    assert_eq!(facts.rc_local_edited, Some(false));
    assert_eq!(
        facts.os_release.get("VERSION_ID").map(String::as_str),
        Some("24.04")
    );
    let (machine, source) = facts.machine.unwrap();
    assert_eq!(
        (machine.as_str(), source.path.as_deref()),
        ("aarch64", Some("/bin/sh"))
    );
    let packages: Vec<_> = facts
        .packages
        .iter()
        .map(|it| (it.name.as_str(), it.version.as_str()))
        .collect();
    assert_eq!(
        packages,
        [
            ("flashinfer-python", "0.6.18"),
            ("torch", "2.13.0+cu130"),
            ("vllm", "0.29.0")
        ]
    );
    let vllm = facts.packages.last().unwrap();
    let commit = vllm.commit_id.as_ref().unwrap();
    assert_eq!(
        (commit.value.as_str(), commit.source.line, vllm.mtime),
        ("g98dff2a81", Some(3), Some(BUILT))
    );
    assert_eq!(facts.torch.len(), 2);
    assert_eq!(facts.mtimes.get("/etc/rc"), Some(&(BUILT + 100 * HOUR)));
    assert_eq!(facts.mtimes.get(PACKAGES), Some(&BUILT));
    assert_eq!(facts.losses, []);
    let calls = image.calls();
    assert!(calls.len() <= 36, "{} calls: {calls:#?}", calls.len());
    // The root has no /opt, /root, /srv …, and nothing below them is read.
    assert!(
        !calls.iter().any(|call| call.contains(" /opt")
            || call.contains(" /root")
            || call.contains(" /srv"))
    );
}

#[test]
fn a_hostile_environment_is_read_line_by_line() {
    let image = imported()
        .file("/etc/rc", NASTY_RC)
        .file("/etc/environment", NASTY_ENVIRONMENT);
    let facts = facts(&image, &Wanted::default());
    assert_eq!(facts.stray_environment_lines, [3, 6, 28]);
    assert!(facts.environment.iter().all(|pair| pair.key != "AAAA"));
    assert_eq!(
        facts.entrypoint,
        Some(vec!["/bin/sh".to_owned(), "-c".to_owned()])
    );
}

#[test]
fn another_tools_files_are_not_the_importers() {
    let decoy = "#!/bin/sh\n# org.example.base label\nexit 0\n";
    let other = imported()
        .file("/etc/rc", decoy)
        .file("/ch/metadata.json", "{}");
    let charliecloud = facts(&other, &Wanted::default());
    assert_eq!(
        (
            charliecloud.import,
            charliecloud.environment,
            charliecloud.labels
        ),
        (None, vec![], vec![])
    );
    assert_eq!(
        (charliecloud.entrypoint, charliecloud.volumes),
        (None, Vec::<String>::new())
    );
    assert!(charliecloud.present.contains("/ch"));
    let without_rc = Memory::new().file("/etc/environment", "A=b\n");
    let plain = facts(&without_rc, &Wanted::default());
    assert_eq!(
        (
            plain.environment.len(),
            plain.environment_ordered,
            plain.losses
        ),
        (1, false, vec![])
    );
    let singularity = Memory::new()
        .file("/etc/environment", "A=b\n")
        .directory("/.singularity.d");
    assert_eq!(facts(&singularity, &Wanted::default()).environment, []);
}

#[test]
fn hostile_paths_are_not_followed() {
    let long = "a/".repeat(100_000);
    let rc = format!("cd \"/{long}\" && unset OLDPWD || exit 1\n");
    let environment = format!("PYTHONPATH=/{long}\nPATH=/../../x/bin:/{long}bin\n");
    let image = imported()
        .file("/etc/rc", rc)
        .file("/etc/environment", environment);
    let facts = facts(&image, &Wanted::default());
    assert_eq!(facts.losses, []);
    assert!(
        image
            .calls()
            .iter()
            .all(|call| call.len() < 4200 && !call.contains(".."))
    );
}

#[test]
fn after_the_time_is_over_nothing_more_is_asked_for() {
    let error = Error::TimedOut {
        path: "/etc/environment".to_owned(),
    };
    let image = release().failing("/etc/environment", error);
    let facts = facts(&image, &wanted(&["vllm"]));
    assert_eq!(
        facts
            .losses
            .iter()
            .map(|loss| loss.code)
            .collect::<Vec<_>>(),
        ["timed-out"]
    );
    assert_eq!(
        image.calls(),
        ["list /", "list /etc", "read /etc/environment"]
    );
}

#[test]
fn what_contracts_ask_for_is_looked_up_through_listings() {
    let image = imported()
        .file(
            "/opt/velox-testing/provenance.json",
            "{\n  \"velox_sha\": \"8cf9\"\n}",
        )
        .file(
            "/workspace/build-metadata.yaml",
            "vllm_commit: 9010\nbuild_args:\n  vllm_ref: main\n",
        )
        .file("/root/buildinfo/labels.json", "{\"vcs-ref\": \"1b61\"}")
        .file("/opt/nvidia/nvidia_entrypoint.sh", "")
        .file("/stargz.index.json", "");
    let mut wanted = Wanted::default();
    for path in [
        "/opt/nvidia/nvidia_entrypoint.sh",
        "/opt/dynamo/.launch_screen",
        "/etc/shinit_v2",
        "/home/ray/pip-freeze.txt",
    ] {
        wanted.markers.insert(path.to_owned());
    }
    wanted.documents.insert(
        "/opt/velox-testing/provenance.json".to_owned(),
        DocumentFormat::Json,
    );
    wanted.documents.insert(
        "/workspace/build-metadata.yaml".to_owned(),
        DocumentFormat::Yaml,
    );
    wanted
        .documents
        .insert("/opt/absent.json".to_owned(), DocumentFormat::Json);
    let facts = facts(&image, &wanted);
    let present: Vec<_> = facts.present.iter().map(String::as_str).collect();
    assert_eq!(
        present,
        [
            "/opt/nvidia/nvidia_entrypoint.sh",
            "/opt/velox-testing/provenance.json",
            "/stargz.index.json",
            "/workspace/build-metadata.yaml"
        ]
    );
    let velox = facts
        .documents
        .get("/opt/velox-testing/provenance.json")
        .unwrap();
    assert_eq!(
        (velox[0].value.as_str(), velox[0].source.line),
        ("8cf9", Some(2))
    );
    assert_eq!(
        facts
            .documents
            .get("/workspace/build-metadata.yaml")
            .unwrap()[1]
            .key,
        "build_args.vllm_ref"
    );
    assert_eq!(facts.base_labels.unwrap()[0].key, "vcs-ref");
    let calls = image.calls();
    assert!(
        !calls.iter().any(|call| call.contains("dynamo")
            || call.contains("ray")
            || call.contains("absent")
            || call.contains("shinit")),
        "{calls:#?}"
    );
}
