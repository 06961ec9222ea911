//! What the program asks of the system: it reads what it was given, and nothing else. Shown by
//! strace over every command on every fixture; and that Landlock holds it to that.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sqsh-prov");

/// Every command: its words, with FIXTURES for all of them, ONE and TWO for an image each,
/// RECIPE for a recipe, REPORT for a report and OUTPUT for a file that is not there yet.
/// A new command is a line here.
const COMMANDS: &[&str] = &[
    "show FIXTURES",
    "show --format json --evidence FIXTURES",
    "show --format ndjson --packages --env --labels --reveal FIXTURES",
    "show --format line FIXTURES",
    "show --field origin.commit.id FIXTURES",
    "show --format shell ONE",
    "show --format taskprolog ONE",
    "show --format srt-slurm-fingerprint ONE",
    "show --format srt-slurm-identity ONE",
    "show --deep ONE TWO",
    "show OCI",
    "verify FIXTURES",
    "verify --timeout none --image vllm/vllm-openai:v0.29.0 ONE TWO",
    "verify --policy publishable --official --deep ONE",
    "audit DIRECTORY",
    "audit DIRECTORY --format ndjson --rootfs --all-files --deep --tree-id -o OUTPUT",
    "audit DIRECTORY --format html",
    "audit DIRECTORY --format csv --resume REPORT",
    "merge REPORT --format json -o OUTPUT",
    "diff ONE TWO",
    "lint ONE",
    "lint --survives OCI",
    "build-args",
    "build-args --contract vllm --format json",
    "contracts list",
    "contracts show vllm",
    "contracts check CONTRACT",
    "schema",
    "completions bash",
    "man",
];

/// Calls that change nothing outside of the process. Opening, threads and programs are looked at one by one.
const HARMLESS: &[&str] = &[
    "access",
    "arch_prctl",
    "brk",
    "clock_gettime",
    "clock_nanosleep",
    "close",
    "exit",
    "exit_group",
    "fadvise64",
    "fcntl",
    "fgetxattr",
    "fstat",
    "fstatfs",
    "fsync",
    "futex",
    "getcwd",
    "getdents64",
    "getegid",
    "geteuid",
    "getgid",
    "getpid",
    "getrandom",
    "gettid",
    "getuid",
    "ioctl",
    "landlock_add_rule",
    "landlock_create_ruleset",
    "landlock_restrict_self",
    "lseek",
    "lstat",
    "madvise",
    "membarrier",
    "mmap",
    "mprotect",
    "mremap",
    "munmap",
    "newfstatat",
    "poll",
    "prctl",
    "pread64",
    "prlimit64",
    "read",
    "readlink",
    "readlinkat",
    "rseq",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sched_getaffinity",
    "sched_yield",
    "set_robust_list",
    "set_tid_address",
    "sigaltstack",
    "stat",
    "statfs",
    "statx",
    "sysinfo",
    "tgkill",
    "umask",
    "uname",
    "write",
    "writev",
];

fn fixtures(directory: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(directory)
}

fn images() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = ["carriers", "classification"]
        .iter()
        .flat_map(|group| fs::read_dir(fixtures(group)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|extension| extension != "json"))
        .collect();
    found.sort();
    assert!(found.len() > 60);
    found
}

/// The words of a command.
fn words(command: &str, directory: &Path) -> Vec<PathBuf> {
    let one = fixtures("classification/01-vllm-release.sqsh");
    let mut words = Vec::new();
    for word in command.split(' ') {
        match word {
            "FIXTURES" => words.extend(images()),
            "ONE" => words.push(one.clone()),
            "TWO" => words.push(fixtures("carriers/e-derived.sqsh")),
            "OCI" => words.push(fixtures("oci/i-layout-two-platform")),
            "DIRECTORY" => words.push(directory.join("images")),
            "REPORT" => words.push(directory.join("report.ndjson")),
            "CONTRACT" => {
                words.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts/vllm.toml"))
            }
            "OUTPUT" => words.push(directory.join("out/report")),
            other => words.push(other.into()),
        }
    }
    words
}

/// One line of a trace: the call, and its arguments with what it returned.
fn calls(trace: &str) -> impl Iterator<Item = (&str, &str)> {
    trace.lines().filter_map(|line| {
        let line = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        // What a second thread interrupted goes on in another line.
        let line = line.strip_prefix("<... ").unwrap_or(line);
        if line.contains(" resumed>") || line.starts_with("+++") || line.starts_with("---") {
            return None;
        }
        line.split_once('(')
    })
}

/// What a command did that it must not do.
fn offences(trace: &str, command: &str, directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut programs = 0;
    let output = command
        .contains("OUTPUT")
        .then(|| directory.join("out").display().to_string());
    for (call, arguments) in calls(trace) {
        let in_output = output
            .as_ref()
            .is_some_and(|output| arguments.contains(output.as_str()));
        let harmless = match call {
            "execve" => {
                programs += 1;
                programs == 1
            }
            "clone" | "clone3" => arguments.contains("CLONE_THREAD"),
            "open" | "openat" | "openat2" => {
                let writes = [
                    "O_WRONLY",
                    "O_RDWR",
                    "O_CREAT",
                    "O_TRUNC",
                    "O_APPEND",
                    "O_TMPFILE",
                ];
                !writes.iter().any(|flag| arguments.contains(flag)) || in_output
            }
            "rename" | "renameat" | "renameat2" => in_output,
            // A report that takes an old one's place keeps its permissions.
            "fchmod" => output.is_some(),
            other => HARMLESS.contains(&other),
        };
        if !harmless {
            found.push(format!("{command}: {call}({arguments}"));
        }
    }
    found
}

/// Runs under strace; `None` where that is not possible.
fn traced(command: &str, directory: &Path) -> Option<String> {
    let trace = directory.join("trace");
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-qq", "-s", "300", "-o"])
        .arg(&trace)
        .arg(PROGRAM);
    strace.args(words(command, directory));
    let status = strace
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match status {
        Ok(status) => {
            let code = status.code();
            assert!(matches!(code, Some(0..=2)), "{command}: exit {code:?}");
            Some(fs::read_to_string(trace).unwrap())
        }
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "strace: {error}");
            say("skipped: strace is not installed");
            None
        }
    }
}

/// On standard error even where the test passes.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn prepared() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let (images, out) = (
        directory.path().join("images"),
        directory.path().join("out"),
    );
    fs::create_dir_all(images.join("container/etc")).unwrap();
    fs::write(images.join("container/etc/os-release"), "ID=debian\n").unwrap();
    fs::create_dir(out).unwrap();
    for image in self::images().iter().take(12) {
        fs::copy(image, images.join(image.file_name().unwrap())).unwrap();
    }
    let report = Command::new(PROGRAM)
        .args(["audit", "--format", "ndjson", "-o"])
        .arg(directory.path().join("report.ndjson"))
        .arg(&images)
        .output()
        .unwrap();
    assert!(
        directory.path().join("report.ndjson").exists(),
        "{report:?}"
    );
    directory
}

#[test]
fn no_command_writes_connects_or_starts_a_program() {
    let directory = prepared();
    for command in COMMANDS {
        let Some(trace) = traced(command, directory.path()) else {
            return;
        };
        assert!(calls(&trace).count() > 20, "{command}: {trace}");
        let found = offences(&trace, command, directory.path());
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

#[test]
fn a_trace_of_something_else_is_not_harmless() {
    let directory = Path::new("/tmp");
    for bad in [
        "1 openat(AT_FDCWD, \"/etc/x\", O_WRONLY|O_CREAT|O_CLOEXEC, 0666) = 3",
        "1 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3",
        "1 unlink(\"/x\") = 0",
        "1 clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD}, 88) = 7",
        "1 execve(\"/a\", [\"a\"], 0x0) = 0\n1 execve(\"/bin/sh\", [\"sh\"], 0x0) = 0",
        "1 setxattr(\"/x\", \"user.y\", \"z\", 1, 0) = 0",
        "1 ptrace(PTRACE_TRACEME) = 0",
    ] {
        assert_eq!(offences(bad, "show ONE", directory).len(), 1, "{bad}");
    }
}

/// Commands that read images, and what each may open once it is confined.
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
            let is_image = [
                ".sqsh\"",
                ".sif\"",
                ".sqfs\"",
                "/index.json\"",
                "\"index.json\"",
            ]
            .iter()
            .any(|end| arguments.contains(end))
                // A file in a directory is looked at first, and opened by its descriptor.
                || arguments.contains("\"/proc/self/fd/");
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
