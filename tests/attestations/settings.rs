//! The digest of the files that an importer writes, which the content digest leaves out.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use sqsh_prov::{Inspector, Options};

use crate::trees::{config, import, layout, root};

fn settings(image: &Path) -> Option<String> {
    let inspector = Inspector::new(Options::default()).unwrap();
    inspector.bindings(image, false).unwrap().settings
}

fn imported(at: &Path) {
    root(at);
    import(at, "docker://registry-1.docker.io#library/a:1");
}

#[test]
fn four_plain_files_are_hashed_without_the_line_of_the_import() {
    let directory = tempfile::tempdir().unwrap();
    imported(directory.path());
    let mut expected = Sha256::new();
    expected.update("sqsh-prov settings 1\n");
    let rc = "\nmkdir -p \"/work/dir\" 2> /dev/null\ncd \"/work/dir\" && unset OLDPWD || exit 1\n";
    for text in [rc, "# a comment\n", "A=1\n", ""] {
        expected.update((text.len() as u64).to_le_bytes());
        expected.update(text);
    }
    let digest = expected.finalize();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(settings(directory.path()).unwrap(), format!("sha256:{hex}"));
}

#[test]
fn a_link_to_a_file_is_not_that_file() {
    for name in ["rc", "rc.local", "environment", "fstab"] {
        let directory = tempfile::tempdir().unwrap();
        let at = |path: &str| directory.path().join(path);
        imported(directory.path());
        let file = settings(directory.path());
        fs::create_dir_all(at("dev/shm")).unwrap();
        fs::rename(at("etc").join(name), at("dev/shm").join(name)).unwrap();
        symlink(format!("/dev/shm/{name}"), at("etc").join(name)).unwrap();
        let link = settings(directory.path());
        assert!(link.is_some() && link != file, "{name}");
        fs::remove_file(at("etc").join(name)).unwrap();
        symlink(format!("/dev/{name}"), at("etc").join(name)).unwrap();
        let other = settings(directory.path());
        assert!(other.is_some() && other != link, "{name}");
    }
}

#[test]
fn a_missing_file_is_no_empty_file_and_no_directory() {
    for name in ["rc", "rc.local", "environment", "fstab"] {
        let directory = tempfile::tempdir().unwrap();
        imported(directory.path());
        let file = directory.path().join("etc").join(name);
        let mut seen = vec![settings(directory.path())];
        fs::remove_file(&file).unwrap();
        seen.push(settings(directory.path()));
        fs::create_dir(&file).unwrap();
        seen.push(settings(directory.path()));
        fs::remove_dir(&file).unwrap();
        fs::write(&file, "another text").unwrap();
        seen.push(settings(directory.path()));
        assert!(seen.iter().all(Option::is_some), "{name}: {seen:?}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 4, "{name}");
    }
}

#[test]
fn no_importer_wrote_into_a_layout() {
    let directory = tempfile::tempdir().unwrap();
    let layout = layout(&directory.path().join("l"), &[vec![0; 1024]], &config());
    assert_eq!(settings(&layout), None);
}
