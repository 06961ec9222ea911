//! Plants a directory of images, and knows what an audit must say of it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::Path;

use super::support::fixture;

/// What is in the directory.
#[derive(Debug, Default)]
pub struct Planted {
    pub images: u64,
    pub bytes: u64,
    pub reclaimable: u64,
    pub unreadable: u64,
    pub findings: BTreeMap<String, u64>,
    pub skipped: BTreeMap<String, u64>,
    pub kinds: BTreeMap<String, u64>,
}

/// A fixture, its kind, and what must be found of it on the first of November 2026.
type Model = (&'static str, &'static str, &'static [&'static str]);

const MODELS: [Model; 8] = [
    ("01-vllm-release.sqsh", "release", &[]),
    ("22-ngc-pytorch.sqsh", "release", &[]),
    ("05-vllm-staging.sqsh", "staging", &["staging"]),
    ("03-vllm-nightly.sqsh", "nightly", &["nightly-old"]),
    ("26a-ubuntu-24.04.sqsh", "release", &["moving-tag"]),
    (
        "24b-ubi9-child-inherited-vcs-ref.sqsh",
        "derived",
        &["conflicting-evidence", "derived"],
    ),
    ("25c-metadata-action-tag.sqsh", "release", &[]),
    ("32a-detached-head.sqsh", "unknown", &["unknown-kind"]),
];

/// When the images are packed: long before the audit.
const PACKED: u32 = 1_780_000_000;

/// Plants `count` images: every tenth a copy of the one before, the others each its own;
/// and beside them every hard case.
pub fn plant(root: &Path, count: u32) -> Planted {
    let mut planted = Planted::default();
    let mut before = Vec::new();
    let (mut moving, mut moving_newest) = (0, 0);
    for number in 0..count {
        let directory = root.join(format!("user{:02}/{}", number % 23, number % 3));
        fs::create_dir_all(&directory).unwrap();
        let path = directory.join(format!("image-{number:05}.sqsh"));
        let model = &MODELS[(number as usize / 10 + number as usize % 10) % MODELS.len()];
        let copy = number % 10 == 9;
        let (bytes, (name, kind, codes)) = if copy {
            let model = &MODELS[((number as usize - 1) / 10 + 8) % MODELS.len()];
            (before.clone(), model)
        } else {
            let mut bytes = fs::read(fixture("classification", model.0)).unwrap();
            bytes[8..12].copy_from_slice(&(PACKED + number).to_le_bytes());
            (bytes, model)
        };
        fs::write(&path, &bytes).unwrap();
        planted.image(&path, kind, codes);
        if copy {
            planted.reclaimable += allocated(&path);
            planted.add("duplicate-file", 1);
        }
        if name.starts_with("26a") {
            moving += 1;
            if !copy {
                moving_newest = 1;
            } else {
                // A copy of the newest so far is newest too.
                moving_newest += 1;
            }
        }
        before = bytes;
    }
    if moving > moving_newest {
        planted.add("older-copy", moving - moving_newest);
    }
    planted.hard_cases(root);
    planted
}

impl Planted {
    fn add(&mut self, code: &str, number: u64) {
        *self.findings.entry(code.to_owned()).or_default() += number;
    }

    fn image(&mut self, path: &Path, kind: &str, codes: &[&str]) {
        self.images += 1;
        self.bytes += fs::metadata(path).unwrap().len();
        *self.kinds.entry(kind.to_owned()).or_default() += 1;
        for code in codes {
            self.add(code, 1);
        }
    }

    fn hard_cases(&mut self, root: &Path) {
        let release = fs::read(fixture("classification", "01-vllm-release.sqsh")).unwrap();
        let names = root.join("hard");
        fs::create_dir_all(&names).unwrap();

        let path = names.join("vllm+vllm-openai+v0.28.0.sqsh");
        fs::write(&path, &release).unwrap();
        self.image(&path, "release", &["file-name-differs"]);

        let path = names.join("SAVED.SQSH");
        fs::copy(fixture("classification", "41-container-save.sqsh"), &path).unwrap();
        self.image(&path, "release", &["modified-after-import"]);

        for (name, bytes, finding) in [
            ("empty.sqsh", &b""[..], "empty"),
            ("text.sqfs", b"no image", "unreadable"),
        ] {
            let path = names.join(name);
            fs::write(&path, bytes).unwrap();
            self.image(&path, "unreadable", &[finding]);
            self.unreadable += 1;
        }
        // Neither name nor size of an image: not even looked at.
        fs::write(names.join("model.bin"), &release).unwrap();

        fs::hard_link(names.join("SAVED.SQSH"), names.join("saved-too.sqsh")).unwrap();
        symlink("empty.sqsh", names.join("link.sqsh")).unwrap();
        symlink("..", names.join("up")).unwrap();
        let stub = fs::File::create(names.join("stub.sqsh")).unwrap();
        stub.set_len(1 << 30).unwrap();
        for code in ["same-inode", "link", "offline"] {
            self.skipped.insert(code.to_owned(), 1);
        }
    }
}

fn allocated(path: &Path) -> u64 {
    fs::metadata(path).unwrap().blocks() * 512
}
