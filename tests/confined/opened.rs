//! When an image is opened, and what is not read.

use super::*;

/// Commands that read images, and what each may open once it is confined.
/// True where a call is about a file of an image.
fn names_an_image(arguments: &str) -> bool {
    [
        ".sqsh\"",
        ".sif\"",
        ".sqfs\"",
        "/index.json\"",
        "\"index.json\"",
    ]
    .iter()
    .any(|end| arguments.contains(end))
        // A file in a directory is looked at first, and opened by its descriptor.
        || arguments.contains("\"/proc/self/fd/")
}

#[test]
fn an_image_is_opened_only_when_the_program_is_confined() {
    let directory = prepared();
    for command in COMMANDS
        .iter()
        .filter(|command| **command != "man" && !command.starts_with("build-args"))
        .filter(|command| !command.starts_with(['c', 's']) || command.starts_with("show"))
    {
        let Some(trace) = traced(command, directory.path()) else {
            return;
        };
        let Some(confined) = trace
            .lines()
            .position(|line| line.contains("landlock_restrict_self") && line.ends_with("= 0"))
        else {
            say(
                "Landlock is not available on this kernel: that images are opened behind it was not checked",
            );
            return;
        };
        let (mut images, mut others) = (0, Vec::new());
        for (number, line) in trace.lines().enumerate() {
            let Some((call, arguments)) = calls(line).next() else {
                continue;
            };
            let is_image = names_an_image(arguments);
            if !call.starts_with("open") || arguments.contains("ENOENT") {
                continue;
            }
            // Looking for the file is no reading.
            if is_image && !arguments.contains("O_PATH") {
                images += 1;
                assert!(number > confined, "{command}: {line}");
            } else if number > confined && !arguments.contains("O_PATH") && !is_image {
                others.push(line.to_owned());
            }
        }
        // What a report has already is not opened again.
        let reads_images = !command.starts_with("merge") && !command.contains("--resume");
        assert!(
            images > 0 || !reads_images,
            "{command}: no image was opened"
        );
        let system = [
            "/etc/",
            "/lib/",
            "/usr/lib",
            "/proc/self/",
            // The C library asks, and does without.
            "/proc/sys/vm/overcommit_memory",
            "/sys/fs/cgroup",
            // The C library counts processors, and does without.
            "/sys/devices/system/cpu/online",
            "/proc/stat",
            "/run/systemd/userdb",
            "/dev/null",
        ];
        let given = [
            directory.path().display().to_string(),
            fixtures("").display().to_string(),
        ];
        for line in others {
            let known = line.contains("openat(AT_FDCWD") == line.contains("openat(AT_FDCWD, \"/");
            let is_given = given.iter().any(|given| line.contains(given.as_str()));
            let is_system = system
                .iter()
                .any(|system| line.contains(&format!("\"{system}")));
            let is_beneath = !line.contains("AT_FDCWD");
            assert!(
                known && (is_given || is_system || is_beneath),
                "{command}: {line}"
            );
        }
    }
}

#[test]
fn a_link_that_is_swapped_to_a_file_outside_is_not_read() {
    let directory = tempfile::tempdir().unwrap();
    let image = fixtures("classification/01-vllm-release.sqsh");
    let (given, other, link) = (
        directory.path().join("given.sqsh"),
        directory.path().join("other.sqsh"),
        directory.path().join("link.sqsh"),
    );
    fs::copy(&image, &given).unwrap();
    fs::copy(&image, &other).unwrap();
    for (target, answered) in [(&given, true), (&other, false)] {
        let _ = fs::remove_file(&link);
        symlink(&given, &link).unwrap();
        let mut child = Command::new(PROGRAM)
            .args(["show", "-v", "--format", "line", "-"])
            .arg(&link)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It waits for standard input, which comes first; by then it is confined.
        if !is_confined(child.id()) {
            let _ = child.kill();
            let mut errors = String::new();
            child
                .stderr
                .take()
                .unwrap()
                .read_to_string(&mut errors)
                .unwrap();
            let _ = child.wait();
            assert!(
                errors.contains("no Landlock") || errors.contains("could not be set up"),
                "{errors}"
            );
            say("Landlock is not available on this kernel: that it holds was not checked");
            return;
        }
        fs::remove_file(&link).unwrap();
        symlink(target, &link).unwrap();
        child.stdin.take().unwrap().write_all(b"{}").unwrap();
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(text.contains("v0.29.0"), answered, "{text}{errors}");
        assert_eq!(errors.contains("permission denied"), !answered, "{errors}");
    }
}

/// Whether a process has given up new privileges, which is how it confines itself, within a while.
fn is_confined(process: u32) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let blocked = status.contains("State:\tS");
        match status.lines().any(|line| line == "NoNewPrivs:\t1") {
            true => return true,
            // Blocked on standard input, and not confined.
            false if blocked && start.elapsed() > Duration::from_secs(5) => return false,
            false => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    false
}
