use std::collections::BTreeSet;

use super::memory::BUILT;
use super::*;
use crate::image::{FileKind, Listing, Stat};

const HOUR: i64 = 3600;

/// The directories that packages were found in.
fn trees_of(facts: &Facts) -> BTreeSet<&str> {
    let paths = facts.packages.iter().map(|package| package.path.as_str());
    paths
        .filter_map(|path| Some(path.rsplit_once('/')?.0))
        .collect()
}

#[test]
fn packages_are_found_in_every_usual_tree() {
    let mut image = imported();
    let trees = [
        "/usr/lib/python3/dist-packages",
        "/usr/lib/python3.9/site-packages",
        "/usr/lib64/python3.9/site-packages",
        "/usr/local/lib/python3.10/site-packages",
        "/usr/local/lib64/python3.10/site-packages",
        "/opt/conda/lib/python3.11/site-packages",
        "/opt/dynamo/venv/lib/python3.12/site-packages",
        "/venv/lib/python3.12/site-packages",
        "/.venv/lib/python3.12/site-packages",
        "/app/.venv/lib/python3.12/site-packages",
        "/workspace/.venv/lib/python3.12/site-packages",
        "/root/.local/lib/python3.12/site-packages",
        "/home/a/env/lib/python3.12/site-packages",
        "/home/b/env/lib/python3.12/site-packages",
        "/extra",
        "/layers/paketo-buildpacks_pip-install/packages/lib/python3.12/site-packages",
    ];
    for (at, tree) in trees.iter().enumerate() {
        image = image.file(&format!("{tree}/acme-1.{at}.dist-info/METADATA"), "");
    }
    let environment = "PATH=/home/a/env/bin:/usr/bin:/bin:$HOME/bin\nVIRTUAL_ENV=/home/b/env/\nPYTHONPATH=/extra:relative\n";
    let image = image
        .file("/etc/environment", environment)
        .link("/usr/lib/python3.8", "python3.9")
        .link("/opt/linked", "conda");
    let facts = facts(&image, &Wanted::default());
    assert_eq!(trees_of(&facts), trees.into_iter().collect());
    assert_eq!(facts.packages.len(), trees.len());
}

#[test]
fn names_of_metadata_that_say_no_version_are_read_only_where_wanted() {
    let tree = "/usr/lib/python3/dist-packages";
    let image = imported()
        .file(&format!("{tree}/legacy-0.9.egg-info"), "Name: legacy\n")
        .file(&format!("{tree}/six-1.16.0.egg-info/PKG-INFO"), "")
        .file(
            &format!("{tree}/Acme.Plugin_X-1!2.0.post1+local.7.dist-info/METADATA"),
            "Name: Acme-Plugin.X\n",
        )
        .file(
            &format!("{tree}/my_tool.egg-info/PKG-INFO"),
            "Name: my-tool\nVersion: 3\n",
        )
        .file(
            &format!("{tree}/other.egg-info/PKG-INFO"),
            "Name: other\nVersion: 3\n",
        )
        .file(&format!("{tree}/noversion.dist-info"), "");
    let facts = facts(&image, &wanted(&["my-tool", "acme-plugin-x"]));
    let found: Vec<_> = facts
        .packages
        .iter()
        .map(|it| (it.name.as_str(), it.version.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("Acme-Plugin.X", "1!2.0.post1+local.7"),
            ("legacy", "0.9"),
            ("my-tool", "3"),
            ("six", "1.16.0")
        ]
    );
}

#[test]
fn times_of_packages_are_asked_for_only_where_something_was_added() {
    let added = format!("{PACKAGES}/acme_hotfix-0.3.dist-info");
    let image = |mtime| {
        release()
            .directory(&added)
            .at(&added, mtime)
            .at(PACKAGES, mtime)
    };
    let time = |image: &Memory| {
        let facts = facts(image, &wanted(&["vllm"]));
        facts
            .packages
            .iter()
            .find(|it| it.name == "acme_hotfix")
            .unwrap()
            .mtime
    };
    assert_eq!(time(&image(BUILT + HOUR)), None);
    assert_eq!(time(&image(BUILT + 7 * HOUR)), Some(BUILT + 7 * HOUR));
    let after_import = image(BUILT + 2 * HOUR).at("/etc/rc", BUILT + HOUR);
    assert_eq!(time(&after_import), Some(BUILT + 2 * HOUR));
}

#[test]
fn a_listing_that_names_wrong_kinds_hides_no_package() {
    /// Its listings say that every directory is a fifo, as a damaged one may.
    struct Fifos(Memory);

    impl Image for Fifos {
        fn read(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, Error> {
            self.0.read(path, limit)
        }

        fn read_range(&self, path: &[u8], offset: u64, length: usize) -> Result<Vec<u8>, Error> {
            self.0.read_range(path, offset, length)
        }

        fn list(&self, path: &[u8]) -> Result<Listing, Error> {
            let mut wrong = Listing::default();
            for mut entry in self.0.list(path)?.iter() {
                if entry.kind == FileKind::Directory {
                    entry.kind = FileKind::Fifo;
                }
                wrong.push(path, entry, &Limits::default())?;
            }
            Ok(wrong)
        }

        fn stat(&self, path: &[u8]) -> Result<Stat, Error> {
            self.0.stat(path)
        }
    }

    let tree = "/usr/local/lib/python3.12/dist-packages";
    let image = imported()
        .file(&format!("{tree}/acme-1.0.dist-info/METADATA"), "")
        .file(
            "/opt/venv/lib/python3.12/site-packages/b-2.dist-info/METADATA",
            "",
        );
    let facts = collect(&Fifos(image), &Wanted::default(), &Limits::default());
    let names: BTreeSet<_> = facts.packages.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, BTreeSet::from(["acme", "b"]));
}

/// An image with packages of publishers, each with another way to say its version.
fn versions() -> Memory {
    let tree = "/usr/local/lib/python3.12/dist-packages";
    let url = r#"{"url": "file:///src/sglang/python", "dir_info": {"editable": true}}"#;
    imported()
        .file(
            &format!("{tree}/vllm-0.29.0.dist-info/METADATA"),
            "Metadata-Version: 2.4\nName: vllm\nVersion: 0.29.1\n",
        )
        .file(
            &format!("{tree}/vllm-0.29.0.dist-info/RECORD"),
            "vllm/x.py,,\n",
        )
        .file(
            &format!("{tree}/vllm-0.29.0.dist-info/entry_points.txt"),
            "",
        )
        .file(
            &format!("{tree}/vllm/_version.py"),
            "__version__ = version = '0.29.0'\n",
        )
        .file(
            &format!("{tree}/vllm/version.py"),
            "__version__ = 'other'\n",
        )
        .file(
            &format!("{tree}/tensorrt_llm-1.2.0.dist-info/METADATA"),
            "Name: tensorrt_llm\nVersion: 1.2.0\n",
        )
        .file(
            &format!("{tree}/tensorrt_llm/version.py"),
            "# comment\n__version__ = \"1.2.0rc1\"\n",
        )
        .file(
            &format!("{tree}/torch-2.13.0.dist-info/METADATA"),
            "Name: torch\nVersion: 2.13.0\n",
        )
        .file(
            &format!("{tree}/torch/version.py"),
            "__version__ = '2.13.0+cu130'\ngit_version = 'abc'\n",
        )
        .file(&format!("{tree}/sglang-0.5.dist-info/direct_url.json"), url)
        .file(
            "/src/sglang/python/sglang/_version.py",
            "__version__ = '0.5.dev1'\n__commit_id__ = 'g390e6c2ee'\n",
        )
        .file(
            &format!("{tree}/acme-1.egg-info/PKG-INFO"),
            "Name: acme\nVersion: 1\n",
        )
        .file(
            &format!("{tree}/acme-1.egg-info/installed-files.txt"),
            "../acme.py\n",
        )
        .file(&format!("{tree}/plain-1.egg-info/SOURCES.txt"), "")
        .file(&format!("{tree}/other-7.dist-info/RECORD"), "")
}

#[test]
fn what_a_wanted_package_says_of_its_version_is_read_from_each_place() {
    let image = versions();
    let names = ["vllm", "tensorrt-llm", "torch", "sglang", "acme", "plain"];
    let facts = facts(&image, &wanted(&names));
    let found: Vec<_> = facts
        .packages
        .iter()
        .map(|it| {
            let version = it.version_file.as_ref();
            (
                it.name.as_str(),
                it.metadata_version.as_deref(),
                version.map(|pair| pair.value.as_str()),
                it.has_record,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("acme", Some("1"), None, true),
            ("other", None, None, false),
            ("plain", None, None, false),
            ("sglang", None, Some("0.5.dev1"), false),
            ("tensorrt_llm", Some("1.2.0"), Some("1.2.0rc1"), false),
            ("torch", Some("2.13.0"), Some("2.13.0+cu130"), false),
            ("vllm", Some("0.29.1"), Some("0.29.0"), true),
        ]
    );
    let source = |at: usize| &facts.packages[at].version_file.as_ref().unwrap().source;
    assert_eq!(
        (source(4).path.as_deref(), source(4).line),
        (
            Some("/usr/local/lib/python3.12/dist-packages/tensorrt_llm/version.py"),
            Some(2)
        )
    );
    let commit = facts.packages[3].commit_id.as_ref().unwrap();
    assert_eq!(commit.value, "g390e6c2ee");
    let reads = image.calls();
    let of_torch = reads
        .iter()
        .filter(|call| call.ends_with("torch/version.py"));
    assert_eq!(of_torch.count(), 1);
    assert!(!reads.iter().any(|call| call.contains("vllm/version.py")));
    assert!(!reads.iter().any(|call| call.contains("other-7")));
}

#[test]
fn environments_are_found_wherever_people_put_them() {
    let trees = [
        "/home/user/.local/lib/python3.12/site-packages",
        "/home/user/venv/lib/python3.12/site-packages",
        "/home/user/work/env/lib/python3.12/site-packages",
        "/opt/conda/envs/vllm/lib/python3.12/site-packages",
        "/root/target",
        "/srv/named/lib/python3.12/site-packages",
        "/workspace/env/lib/python3.11/site-packages",
    ];
    let mut image = imported()
        .file("/home/user/venv/pyvenv.cfg", "")
        .file("/home/user/work/env/pyvenv.cfg", "")
        .file("/workspace/env/conda-meta/history", "")
        .file(
            "/etc/environment",
            "CONDA_DEFAULT_ENV=/srv/named\nPATH=/home/user/.local/bin\n",
        );
    for tree in trees {
        image = image.file(&format!("{tree}/acme-1.0.dist-info/METADATA"), "");
    }
    let facts = facts(&image, &Wanted::default());
    assert_eq!(trees_of(&facts), trees.into_iter().collect());
    assert_eq!(facts.losses, []);
}

#[test]
fn what_is_asked_for_grows_no_faster_than_what_the_image_holds() {
    let calls = |count: usize| {
        let mut image = imported();
        let mut environment = String::new();
        for number in 0..count {
            image = image
                .link(&format!("/usr/lib/python3.{number}"), "python3")
                .directory(&format!("/workspace/{number}"))
                .directory(&format!("/opt/tool{number}"));
            environment.push_str(&format!("PATH=/x{number}/bin\nPYTHONPATH=/y{number}\n"));
        }
        let image = image.file("/etc/environment", environment);
        let facts = facts(&image, &Wanted::default());
        assert!(
            facts.losses.iter().all(|loss| loss.code == "over-limit"),
            "{:?}",
            facts.losses
        );
        let said = facts.losses.len();
        assert_eq!(said > 0, count > 60, "{:?}", facts.losses);
        image.calls().len()
    };
    let counts = [16, 32, 64, 128, 256, 512, 1024].map(calls);
    for pair in counts.windows(2) {
        assert!(pair[1] <= 2 * pair[0], "{counts:?}");
    }
    // Beyond the limits nothing more is asked for.
    assert!(counts[6] < counts[4] + 100, "{counts:?}");
}
