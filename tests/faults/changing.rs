//! Images and directories that change while they are read.

use super::*;

/// Ends what runs beside a test, also when the test fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// An image large enough that it is not read at once, with this word in its environment, and as
/// long whatever the word is.
fn large(directory: &Path, word: &str) -> Option<PathBuf> {
    let root = directory.join(word);
    fs::create_dir_all(root.join("etc")).unwrap();
    for name in ["hostname", "os-release"] {
        fs::write(root.join("etc").join(name), format!("# {word}\n")).unwrap();
    }
    fs::write(
        root.join("etc/environment"),
        format!("WORD={word}\nAGAIN={word}\n"),
    )
    .unwrap();
    let mut state = 1_u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let noise: Vec<u8> = noise.take(300_000).collect();
    fs::write(root.join("noise"), noise).unwrap();
    pack(&root, &directory.join(format!("{word}.image")))
}

/// A copy of the first of two images, which is to change, and the two.
fn two(root: &Path) -> Option<(PathBuf, [PathBuf; 2])> {
    let images = [large(root, "oneone")?, large(root, "others")?];
    let path = root.join("image.sqsh");
    fs::copy(&images[0], &path).unwrap();
    Some((path, images))
}

/// The words that the image gives, and whether all of it was read.
fn words(inspector: &Inspector, path: &Path) -> Option<(Vec<String>, bool)> {
    let document = inspector.inspect(path).ok()?;
    Some((
        document.environment.values().cloned().collect(),
        document.is_partial(),
    ))
}

#[test]
fn an_image_that_is_replaced_while_it_is_read_is_one_or_the_other() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let Some((path, [one, other])) = two(root) else {
        return;
    };
    let inspector = Inspector::new(Options::default()).unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _stop = Stop(&over);
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                for image in [&one, &other] {
                    fs::copy(image, root.join("next")).unwrap();
                    fs::rename(root.join("next"), &path).unwrap();
                }
            }
        });
        for _ in 0..200 {
            let (words, partial) = words(&inspector, &path).unwrap();
            assert!(!partial, "a file that was replaced as a whole is whole");
            assert!(
                words == ["oneone", "oneone"] || words == ["others", "others"],
                "{words:?}"
            );
        }
    });
}

#[test]
fn an_image_that_is_written_over_while_it_is_read_is_never_both() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let Some((path, [one, other])) = two(root) else {
        return;
    };
    let images = [fs::read(&one).unwrap(), fs::read(&other).unwrap()];
    let inspector = Inspector::new(Options::default()).unwrap();
    let over = AtomicBool::new(false);
    let (mut whole, mut in_part, mut none) = (0, 0, 0);
    std::thread::scope(|scope| {
        let _stop = Stop(&over);
        scope.spawn(|| {
            for image in images.iter().cycle() {
                // Truncates, and writes anew.
                fs::write(&path, image).unwrap();
                std::thread::sleep(Duration::from_micros(300));
                if over.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        for _ in 0..400 {
            match words(&inspector, &path) {
                Some((words, false)) => {
                    whole += 1;
                    assert!(
                        words == ["oneone", "oneone"] || words == ["others", "others"],
                        "{words:?}"
                    );
                }
                Some((_, true)) => in_part += 1,
                None => none += 1,
            }
        }
    });
    assert_eq!(whole + in_part + none, 400);
    assert!(in_part + none > 0, "nothing was ever caught in the act");
}

/// Puts a link in a directory's place and takes it away again.
fn swap(container: &Path, away: &Path, kept: &Path, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        fs::rename(container, kept).unwrap();
        symlink(away, container).unwrap();
        std::thread::sleep(Duration::from_micros(300));
        fs::remove_file(container).unwrap();
        fs::rename(kept, container).unwrap();
        std::thread::sleep(Duration::from_micros(300));
    }
}

/// Makes each name one thing after the other.
fn shuffle(store: &Path, image: &Path, secret: &Path, over: &AtomicBool) {
    let names: Vec<PathBuf> = (0..40)
        .map(|number| store.join(format!("moving/{number:02}.sqsh")))
        .collect();
    for turn in (0..).take_while(|_| !over.load(Ordering::Relaxed)) {
        for (number, name) in names.iter().enumerate() {
            let _ = fs::remove_file(name).or_else(|_| fs::remove_dir(name));
            let _ = match (turn + number) % 6 {
                0 => fs::copy(image, name).map(drop),
                1 => symlink(secret, name),
                2 => Command::new("mkfifo").arg(name).status().map(drop),
                3 => fs::create_dir(name),
                4 => fs::write(name, b"hsqs"),
                _ => Ok(()),
            };
        }
    }
}

/// Files come and go, and become links, pipes and directories, while an audit runs.
#[test]
fn a_directory_that_changes_does_not_end_an_audit_or_lead_it_away() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let store = root.join("store");
    fs::create_dir_all(store.join("moving")).unwrap();
    let image = fixture("classification", "01-vllm-release.sqsh");
    // The target of a link is outside of the directory, and is not read.
    let secret = fixture("classification", "22-ngc-pytorch.sqsh");
    for number in 0..40 {
        fs::copy(&image, store.join(format!("steady-{number:02}.sqsh"))).unwrap();
    }
    // A root file system in whose place a link to another one stands at times.
    let (away, container) = (store.join("away"), store.join("container"));
    for (directory, name) in [(&away, "elsewhere"), (&container, "here")] {
        fs::create_dir_all(directory.join("etc")).unwrap();
        fs::create_dir(directory.join("usr")).unwrap();
        fs::write(directory.join("etc/os-release"), format!("ID={name}\n")).unwrap();
    }
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _stop = Stop(&over);
        scope.spawn(|| swap(&container, &away, &root.join("kept"), &over));
        scope.spawn(|| shuffle(&store, &image, &secret, &over));
        let started = Instant::now();
        for _ in 0..15 {
            let output = run(root, &[&AUDIT[..], &["--rootfs", "--all-files"]].concat());
            assert!(
                matches!(output.status.code(), Some(0..=2)),
                "{}",
                said(&output)
            );
            let report = String::from_utf8(output.stdout).unwrap();
            let lines: Vec<Value> = report
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            let steady = lines.iter().filter(|line| {
                line["path"]
                    .as_str()
                    .is_some_and(|path| path.contains("steady"))
            });
            let answered = steady
                .filter(|line| line["origin"]["publisher"] == "vllm")
                .count();
            assert_eq!(answered, 40);
            assert!(!report.contains("\"ngc\""), "a link was followed");
            let container = lines
                .iter()
                .find(|line| line["path"] == "store/container" && line["type"] == "image");
            if let Some(container) = container {
                assert!(!container.to_string().contains("elsewhere"), "{container}");
            }
            assert_eq!(lines.last().unwrap()["type"], "summary");
        }
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "{:?}",
            started.elapsed()
        );
    });
}

#[test]
fn an_image_whose_name_is_gone_is_read_to_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let Some(image) = large(root, "oneone") else {
        return;
    };
    let script = format!(
        "exec 3< {0}; rm {0}; exec {PROGRAM} show --field environment /proc/self/fd/3",
        image.display()
    );
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("oneone"));
}
