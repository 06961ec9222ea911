//! Packages out of the layers of layouts and archives.

use super::support::packages;
use super::*;
use sqsh_prov::image::oci::sha256;
use sqsh_prov::limits::Limits;

const SITE: &str = "usr/lib/python3.12/site-packages";

/// A layout with layers of these files; a content `-> X` is a link.
fn layered(root: &Path, layers: &[&[(&str, &str)]], environment: &[&str]) {
    let blobs = root.join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    let put = |bytes: &[u8], media: &str| {
        let digest = sha256(bytes);
        fs::write(blobs.join(&digest[7..]), bytes).unwrap();
        json!({"mediaType": media, "digest": digest, "size": bytes.len()})
    };
    let mut descriptors = Vec::new();
    for files in layers {
        let work = tempfile::tempdir().unwrap();
        let tree = work.path().join("tree");
        fs::create_dir(&tree).unwrap();
        write(&tree, files);
        let archive = work.path().join("layer.tar");
        tar_of(&tree, &archive);
        let bytes = fs::read(&archive).unwrap();
        descriptors.push(put(&bytes, "application/vnd.oci.image.layer.v1.tar"));
    }
    let digests: Vec<&Value> = descriptors.iter().map(|it| &it["digest"]).collect();
    let config = json!({"architecture": "amd64", "os": "linux", "config": {"Env": environment},
        "rootfs": {"type": "layers", "diff_ids": digests}});
    let config = put(
        config.to_string().as_bytes(),
        "application/vnd.oci.image.config.v1+json",
    );
    let manifest = json!({"schemaVersion": 2, "config": config, "layers": descriptors});
    let manifest = put(
        manifest.to_string().as_bytes(),
        "application/vnd.oci.image.manifest.v1+json",
    );
    let index = json!({"schemaVersion": 2, "manifests": [manifest]});
    fs::write(root.join("index.json"), index.to_string()).unwrap();
    fs::write(
        root.join("oci-layout"),
        r#"{"imageLayoutVersion": "1.0.0"}"#,
    )
    .unwrap();
}

fn write(tree: &Path, files: &[(&str, &str)]) {
    for (name, content) in files {
        let path = tree.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match content.strip_prefix("-> ") {
            Some(target) => std::os::unix::fs::symlink(target, path).unwrap(),
            None => fs::write(path, content).unwrap(),
        }
    }
}

fn with(path: &Path, options: Options) -> Value {
    let document = Inspector::new(options).unwrap().inspect(path).unwrap();
    serde_json::to_value(document).unwrap()
}

fn all() -> Options {
    Options {
        layers: true,
        all_packages: true,
        ..Options::default()
    }
}

fn package(name: &str, version: &str) -> (String, String) {
    let path = format!("{SITE}/{name}-{version}.dist-info/METADATA");
    (
        path,
        format!("Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n"),
    )
}

const STATUS: &str = "Package: libc6\nStatus: install ok installed\nVersion: 2.39-0\n\n";

/// What is left when all layers lie over one another.
fn write_layers(root: &Path) {
    let (old, new, gone) = (
        package("vllm", "0.28.0"),
        package("vllm", "0.29.0"),
        package("gone", "1.0"),
    );
    let lowest = [
        ("etc/os-release", "-> ../usr/lib/os-release"),
        ("usr/lib/os-release", "ID=ubuntu\nVERSION_ID=\"24.04\"\n"),
        (
            "var/lib/dpkg/status",
            "Package: old\nStatus: install ok installed\nVersion: 1\n\n",
        ),
        (old.0.as_str(), old.1.as_str()),
        (gone.0.as_str(), gone.1.as_str()),
        (
            "usr/lib/node_modules/left/package.json",
            "{\"name\": \"left\", \"version\": \"1.0.0\"}",
        ),
        ("root/large", "nothing that anybody reads"),
    ];
    let whiteout = format!("{SITE}/.wh.gone-1.0.dist-info");
    let other = format!("{SITE}/.wh.vllm-0.28.0.dist-info");
    let upper = [
        ("var/lib/dpkg/status", STATUS),
        (new.0.as_str(), new.1.as_str()),
        (whiteout.as_str(), ""),
        (other.as_str(), ""),
        ("usr/lib/node_modules/.wh..wh..opq", ""),
        (
            "usr/lib/node_modules/npm/package.json",
            "{\"name\": \"npm\", \"version\": \"10.0.0\"}",
        ),
    ];
    layered(root, &[&lowest, &upper], &["PATH=/bin"]);
}

#[test]
fn packages_come_out_of_layers_as_out_of_their_files() {
    let directory = tempfile::tempdir().unwrap();
    let layout = directory.path().join("layout");
    write_layers(&layout);
    let archive = directory.path().join("layout.tar");
    tar_of(&layout, &archive);
    let packed = directory.path().join("layout.tar.gz");
    fs::write(&packed, run("gzip", &[&"-c", &archive])).unwrap();
    // The same files, laid out by hand.
    let root = directory.path().join("root");
    let new = package("vllm", "0.29.0");
    write(
        &root,
        &[
            ("etc/os-release", "-> ../usr/lib/os-release"),
            ("usr/lib/os-release", "ID=ubuntu\nVERSION_ID=\"24.04\"\n"),
            ("var/lib/dpkg/status", STATUS),
            (new.0.as_str(), new.1.as_str()),
            (
                "usr/lib/node_modules/npm/package.json",
                "{\"name\": \"npm\", \"version\": \"10.0.0\"}",
            ),
        ],
    );
    let expected = with(&root, all());
    assert_eq!(
        packages(&expected),
        ["pypi vllm 0.29.0", "dpkg libc6 2.39-0", "npm npm 10.0.0"]
    );
    for path in [&layout, &archive, &packed] {
        let found = with(path, all());
        assert_eq!(found["packages"], expected["packages"]);
        assert_eq!(found["os"]["id"], "ubuntu");
        assert_ne!(found["origin"]["official"], true);
        // Nobody asked for them: layers are not read.
        assert_eq!(with(path, Options::default())["packages"], json!([]));
    }
    let python = Options {
        layers: true,
        ..Options::default()
    };
    assert_eq!(packages(&with(&layout, python)), ["pypi vllm 0.29.0"]);
}

/// The environment of the configuration says where a virtual environment is.
#[test]
fn a_virtual_environment_of_the_configuration_is_searched() {
    let directory = tempfile::tempdir().unwrap();
    let site = "srv/own/venv/lib/python3.12/site-packages";
    let metadata = format!("{site}/torch-2.13.0.dist-info/METADATA");
    let files = [(
        metadata.as_str(),
        "Metadata-Version: 2.4\nName: torch\nVersion: 2.13.0\n",
    )];
    layered(directory.path(), &[&files], &["VIRTUAL_ENV=/srv/own/venv"]);
    assert_eq!(
        packages(&with(directory.path(), all())),
        ["pypi torch 2.13.0"]
    );
}

#[test]
fn the_program_reads_layers_where_packages_are_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    write_layers(directory.path());
    let show = |arguments: &[&str]| {
        let mut command = assert_cmd::Command::cargo_bin("sqsh-prov").unwrap();
        let output = command
            .args(["show", "--format", "json"])
            .args(arguments)
            .arg(directory.path())
            .output()
            .unwrap();
        packages(&serde_json::from_slice(&output.stdout).unwrap())
    };
    assert_eq!(show(&[]), [""; 0]);
    assert_eq!(show(&["--packages"]), ["pypi vllm 0.29.0"]);
    assert_eq!(show(&["--packages=all"]).len(), 3);
}

#[test]
fn packages_that_were_asked_for_and_not_read_are_an_answer_in_part() {
    let directory = tempfile::tempdir().unwrap();
    write_layers(directory.path());
    let code = |arguments: &[&str]| {
        let mut command = assert_cmd::Command::cargo_bin("sqsh-prov").unwrap();
        let command = command.arg("show").args(arguments).arg(directory.path());
        command.output().unwrap().status.code()
    };
    assert_eq!(code(&["--packages"]), Some(0));
    let blobs = std::fs::read_dir(directory.path().join("blobs/sha256")).unwrap();
    for blob in blobs.map(|blob| blob.unwrap().path()) {
        let bytes = std::fs::read(&blob).unwrap();
        if !bytes.starts_with(b"{") {
            std::fs::write(&blob, vec![0; bytes.len()]).unwrap();
        }
    }
    assert_eq!(code(&[]), Some(0));
    assert_eq!(code(&["--packages"]), Some(2));
}

#[test]
fn what_cannot_be_read_of_layers_is_said() {
    let warned = |path: &Path, limits: Limits| {
        let document = with(path, Options { limits, ..all() });
        assert_eq!(document["packages"], json!([]));
        let warnings = document["warnings"].as_array().unwrap().clone();
        let found = warnings.iter().find(|it| it["code"] == "layers-not-read");
        found.unwrap()["message"].as_str().unwrap().to_owned()
    };
    let directory = tempfile::tempdir().unwrap();
    write_layers(directory.path());
    let limits = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limits
    };
    let message = warned(directory.path(), limits(|it| it.kept_bytes = 4));
    assert!(message.contains("kept_bytes"), "{message}");
    let message = warned(directory.path(), limits(|it| it.hashed_bytes = 9));
    assert!(message.contains("hashed_bytes"), "{message}");
    let message = warned(directory.path(), limits(|it| it.inodes = 3));
    assert!(message.contains("inodes"), "{message}");
    // A layer that is not what its digest says is not believed.
    for blob in fs::read_dir(directory.path().join("blobs/sha256")).unwrap() {
        let path = blob.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        if bytes.len() > 2048 {
            *bytes.last_mut().unwrap() = 1;
            fs::write(&path, bytes).unwrap();
        }
    }
    let message = warned(directory.path(), Limits::default());
    assert!(message.contains("sha256"), "{message}");
}
