//! No step is quadratic in what an image holds.

use super::*;

/// How many there are of what grows, the first time.
const FEW: usize = 300;

/// Returns the seconds that this thread has computed so far: others on the machine do not count.
fn computed() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds: f64 = text.split(' ').next().unwrap().parse().unwrap();
    nanoseconds / 1e9
}

/// An unpacked release with so many of something more.
fn grown(root: &Path, what: &str, count: usize) {
    let tree = "usr/local/lib/python3.12/dist-packages";
    let directory = |path: String| fs::create_dir_all(root.join(path)).unwrap();
    let lines = |path: &str, line: &dyn Fn(usize) -> String| {
        let text = fs::read_to_string(root.join(path)).unwrap();
        // Behind the importer's line, where its labels are.
        let (first, rest) = text.split_once('\n').unwrap();
        let more: String = (0..count).map(line).collect();
        fs::write(root.join(path), format!("{first}\n{more}{rest}")).unwrap();
    };
    match what {
        "labels" => lines("etc/rc", &|n| format!("# a.b.c{n} v\n")),
        "one label" => lines("etc/rc", &|n| format!("# ai.vllm.build.commit {n:040x}\n")),
        "variables" => lines("etc/environment", &|n| format!("A{n}=v\n")),
        "tokens" => lines("etc/environment", &|n| format!("A{n}=ghp_{n:036}\n")),
        _ => {}
    }
    for n in 0..count {
        match what {
            "packages" => directory(format!("{tree}/p{n}-1.0.dist-info")),
            "versions" => directory(format!("{tree}/vllm-0.29.{n}.dist-info")),
            "local versions" => directory(format!("{tree}/vllm-0.29.0+cu{n}.dist-info")),
            "commits" => directory(format!(
                "{tree}/vllm-0.29.0+g{:x}.dist-info",
                n + 0x100_0000
            )),
            "trees" => directory(format!("usr/lib/python3.{n}/site-packages")),
            "links" => symlink("python3", root.join(format!("usr/lib/python3.{n}"))).unwrap(),
            "checkouts" => directory(format!("workspace/{n}/.git")),
            _ => {}
        }
    }
}

#[test]
fn eight_times_as_much_takes_at_most_eight_times_as_long() {
    let inspector = Inspector::new(Options::default()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    for what in [
        "labels",
        "one label",
        "variables",
        "tokens",
        "packages",
        "versions",
        "local versions",
        "commits",
        "trees",
        "links",
        "checkouts",
    ] {
        let seconds = [1, 8].map(|times| {
            let root = directory.path().join(format!("{what}.{times}"));
            let release = fixture("classification", "01-vllm-release.sqsh");
            let unpacked = Command::new("unsquashfs")
                .args(["-quiet", "-no-progress", "-d"])
                .args([&root, &release])
                .output();
            // `scripts/test` says what is not installed.
            unpacked.ok().filter(|output| output.status.success())?;
            fs::create_dir_all(root.join("usr/lib/python3")).unwrap();
            grown(&root, what, FEW * times);
            let image = root.with_extension(format!("{times}.sqsh"));
            pack(&root, &image)?;
            let before = computed();
            inspector.inspect(&image).unwrap();
            Some(computed() - before)
        });
        let [Some(once), Some(eight)] = seconds else {
            return;
        };
        // Twice that for noise; what is quadratic takes 64 times as long.
        assert!(eight < 16.0 * once, "{what}: {once:.3} s, {eight:.3} s");
    }
}
