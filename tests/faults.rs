//! Storage that fails, files that change while they are read, disks that are full: nothing is
//! lost that could be read, nothing is said that is wrong, and the rest goes on.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]

mod support;

use std::cell::Cell;
use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use sqsh_prov::attribution::attribute;
use sqsh_prov::carriers::{Facts, Pair, collect};
use sqsh_prov::contracts::Contracts;
use sqsh_prov::limits::Limits;
use sqsh_prov::squashfs::{ReadAt, Squashfs};
use sqsh_prov::{Inspector, Options};
use support::{fixture, pack};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sqsh-prov");
/// Most bytes of one read of a faulty source.
const PIECE: usize = 1024;
const EIO: i32 = 5;
const ESTALE: i32 = 116;

/// What a read does instead of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Fails with this error of the system.
    Error(i32),
    /// Fails, and so does every one after it: the server is gone.
    ErrorFromHere(i32),
    /// Is interrupted by a signal.
    Interrupted,
    /// Gives one byte.
    Short,
    /// Gives half of what was asked for, and so does every one after it.
    HalfFromHere,
    /// Gives nothing, as behind the end of a file that was truncated.
    End,
}

impl Fault {
    /// True for what a reader must not even notice.
    fn is_harmless(self) -> bool {
        matches!(self, Self::Interrupted | Self::Short | Self::HalfFromHere)
    }
}

struct Faulty<'b> {
    bytes: &'b [u8],
    fault: Fault,
    at: usize,
    reads: Cell<usize>,
}

impl ReadAt for Faulty<'_> {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.reads.replace(self.reads.get() + 1);
        // In small pieces, as storage may, so that there are many places to fail at.
        let asked = buf.len().min(PIECE);
        let part = |buf: &mut [u8], count: usize| self.bytes.read_at(offset, &mut buf[..count]);
        match self.fault {
            Fault::Error(code) if read == self.at => Err(io::Error::from_raw_os_error(code)),
            Fault::ErrorFromHere(code) if read >= self.at => {
                Err(io::Error::from_raw_os_error(code))
            }
            Fault::Interrupted if read == self.at => Err(io::ErrorKind::Interrupted.into()),
            Fault::Short if read == self.at => part(buf, asked.min(1)),
            Fault::HalfFromHere if read >= self.at => part(buf, asked.div_ceil(2)),
            Fault::End if read == self.at => Ok(0),
            _ => part(buf, asked),
        }
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.bytes.len() as u64)
    }
}

/// Ends what runs beside a test, also when the test fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Texts that are not in the other facts.
fn foreign(found: &Facts, whole: &Facts) -> Vec<String> {
    let mut all = Vec::new();
    let mut pairs = |name: &str, found: &[Pair], whole: &[Pair]| {
        all.extend(
            found
                .iter()
                .filter(|pair| !whole.contains(pair))
                .map(|pair| format!("{name} {pair:?}")),
        );
    };
    pairs("environment", &found.environment, &whole.environment);
    pairs("label", &found.labels, &whole.labels);
    pairs("torch", &found.torch, &whole.torch);
    pairs("history", &found.history, &whole.history);
    let uri = |facts: &Facts| facts.import.as_ref().and_then(|import| import.uri.clone());
    let mut differs = |name: &str, differs: bool| {
        if differs {
            all.push(name.to_owned());
        }
    };
    differs("import", uri(found).is_some() && uri(found) != uri(whole));
    differs(
        "entrypoint",
        found.entrypoint.is_some() && found.entrypoint != whole.entrypoint,
    );
    differs(
        "workdir",
        found.workdir.is_some() && found.workdir != whole.workdir,
    );
    differs(
        "os-release",
        found
            .os_release
            .iter()
            .any(|(key, value)| whole.os_release.get(key) != Some(value)),
    );
    differs(
        "machine",
        found.machine.is_some()
            && found.machine.as_ref().map(|m| &m.0) != whole.machine.as_ref().map(|m| &m.0),
    );
    let known = |package: &sqsh_prov::carriers::PackageFact| {
        whole.packages.iter().any(|other| {
            (&other.name, &other.version, &other.path)
                == (&package.name, &package.version, &package.path)
        })
    };
    differs("package", !found.packages.iter().all(known));
    all
}

#[test]
fn a_fault_at_any_read_loses_what_it_hits_and_says_so() {
    let contracts = Contracts::built_in().unwrap();
    let (wanted, limits) = (contracts.wanted(), Limits::default());
    let faults = [
        Fault::Error(EIO),
        Fault::Error(ESTALE),
        Fault::ErrorFromHere(ESTALE),
        Fault::Interrupted,
        Fault::Short,
        Fault::HalfFromHere,
        Fault::End,
    ];
    let mut runs = 0;
    for (directory, file) in [
        ("classification", "01-vllm-release.sqsh"),
        ("classification", "14-dynamo-vllm-runtime.sqsh"),
        ("carriers", "a-vllm-release.gzip-uncompressed.sqsh"),
        ("carriers", "a-vllm-release.gzip.sqsh"),
        ("carriers", "ch-a-vllm-release.sqfs"),
    ] {
        let bytes = fs::read(fixture(directory, file)).unwrap();
        let open = |fault, at| {
            let source = Faulty {
                bytes: &bytes,
                fault,
                at,
                reads: Cell::new(0),
            };
            Squashfs::open(source, &limits)
        };
        let intact = open(Fault::Short, usize::MAX).unwrap();
        let whole = collect(&intact, &wanted, &limits);
        let reads = intact.source().reads.get();
        assert!(reads > 0, "{file}");
        let verdict = attribute(&whole, &contracts, &[]).origin.official;
        for fault in faults {
            for at in 0..reads {
                runs += 1;
                let what = format!("{file}: {fault:?} at read {at}");
                let image = match open(fault, at) {
                    Ok(image) => image,
                    Err(error) => {
                        assert!(!fault.is_harmless(), "{what}: {error}");
                        let text = error.to_string();
                        assert!(
                            text.contains(|c: char| c.is_ascii_digit()),
                            "{what}: no offset in {text}"
                        );
                        continue;
                    }
                };
                let found = collect(&image, &wanted, &limits);
                if fault.is_harmless() {
                    assert!(found == whole, "{what}: {:?}", found.losses);
                    continue;
                }
                let foreign = foreign(&found, &whole);
                assert!(foreign.is_empty(), "{what}: {foreign:?}");
                if found != whole {
                    let named = found
                        .losses
                        .iter()
                        .any(|loss| loss.partial && loss.message.contains('/'));
                    assert!(
                        named,
                        "{what}: nothing says what was lost: {:?}",
                        found.losses
                    );
                    let official = attribute(&found, &contracts, &[]).origin.official;
                    assert!(
                        official != Some(true) || verdict == Some(true) && found.losses.is_empty(),
                        "{what}"
                    );
                }
            }
        }
    }
    assert!(runs > 200, "{runs}");
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SLURM_")) {
        command.env_remove(name);
    }
    command
        .current_dir(directory)
        .args(arguments)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
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
    let (Some(one), Some(other)) = (large(root, "oneone"), large(root, "others")) else {
        return;
    };
    let path = root.join("image.sqsh");
    fs::copy(&one, &path).unwrap();
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
    let (Some(one), Some(other)) = (large(root, "oneone"), large(root, "others")) else {
        return;
    };
    let path = root.join("image.sqsh");
    fs::copy(&one, &path).unwrap();
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

/// Which read of the file fails, and what the system says.
fn injected(image: &Path, inject: &str) -> Option<Output> {
    let output = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-P"])
        .arg(image)
        .args(["-e", "trace=pread64", "-e"])
        .arg(format!("inject=pread64:{inject}"))
        .arg(PROGRAM)
        .args(["show", "--format", "json"])
        .arg(image)
        .output();
    // A container may forbid to trace.
    output
        .ok()
        .filter(|output| !said(output).contains("strace: "))
}

#[test]
fn the_program_bears_what_the_kernel_says() {
    let image = fixture("carriers", "a-vllm-release.gzip-uncompressed.sqsh");
    let Some(whole) = injected(&image, "error=EIO:when=65000") else {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "strace"
        );
        return;
    };
    assert!(whole.status.success(), "{}", said(&whole));
    for inject in ["error=EINTR:when=1", "error=EINTR:when=2+2"] {
        let answer = injected(&image, inject).unwrap();
        assert!(
            answer.status.success() && answer.stdout == whole.stdout,
            "{inject}: {}",
            said(&answer)
        );
    }
    let mut failed = 0;
    for error in ["EIO", "ESTALE"] {
        for read in 1..=12 {
            let answer = injected(&image, &format!("error={error}:when={read}")).unwrap();
            if answer.stdout == whole.stdout {
                continue;
            }
            failed += 1;
            assert_eq!(
                answer.status.code(),
                Some(2),
                "{error} at {read}: {}",
                said(&answer)
            );
            let said = said(&answer) + &String::from_utf8_lossy(&answer.stdout);
            assert!(said.contains("os error"), "{error} at {read}: {said}");
        }
    }
    assert!(failed >= 6, "{failed}");
}

/// Files come and go, and become links, pipes and directories, while an audit runs.
#[test]
fn a_directory_that_changes_does_not_end_an_audit_or_lead_it_away() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let store = root.join("store");
    fs::create_dir_all(store.join("moving")).unwrap();
    let image = fixture("classification", "01-vllm-release.sqsh");
    // What a link leads to is not in the directory, and nobody's business.
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
        scope.spawn(|| {
            let kept = root.join("kept");
            while !over.load(Ordering::Relaxed) {
                fs::rename(&container, &kept).unwrap();
                symlink(&away, &container).unwrap();
                std::thread::sleep(Duration::from_micros(300));
                fs::remove_file(&container).unwrap();
                fs::rename(&kept, &container).unwrap();
                std::thread::sleep(Duration::from_micros(300));
            }
        });
        scope.spawn(|| {
            let names: Vec<PathBuf> = (0..40)
                .map(|number| store.join(format!("moving/{number:02}.sqsh")))
                .collect();
            for turn in (0..).take_while(|_| !over.load(Ordering::Relaxed)) {
                for (number, name) in names.iter().enumerate() {
                    let _ = fs::remove_file(name).or_else(|_| fs::remove_dir(name));
                    let _ = match (turn + number) % 6 {
                        0 => fs::copy(&image, name).map(drop),
                        1 => symlink(&secret, name),
                        2 => Command::new("mkfifo").arg(name).status().map(drop),
                        3 => fs::create_dir(name),
                        4 => fs::write(name, b"hsqs"),
                        _ => Ok(()),
                    };
                }
            }
        });
        let started = Instant::now();
        for _ in 0..15 {
            let output = run(
                root,
                &[
                    "audit",
                    "store",
                    "--format",
                    "ndjson",
                    "--now",
                    "2026-11-01",
                    "--rootfs",
                    "--all-files",
                ],
            );
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

fn store_with(root: &Path, images: usize) {
    fs::create_dir_all(root.join("store")).unwrap();
    for number in 0..images {
        let image = fixture("classification", "01-vllm-release.sqsh");
        fs::copy(image, root.join(format!("store/{number}.sqsh"))).unwrap();
    }
}

fn names(root: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_full_disk_leaves_the_old_report() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    store_with(root, 8);
    fs::write(root.join("report"), "old").unwrap();
    for format in ["ndjson", "html", "csv"] {
        // A limit of the shell's stands for a disk: 1 KiB, counted by bash.
        let script =
            format!("ulimit -f 1; exec {PROGRAM} audit store --format {format} --output report");
        let output = Command::new("bash")
            .current_dir(root)
            .args(["-c", &script])
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(2),
            "{format}: {} {}",
            output.status,
            said(&output)
        );
        assert!(
            said(&output).contains("report: the report cannot be written"),
            "{format}: {}",
            said(&output)
        );
        assert_eq!(
            fs::read_to_string(root.join("report")).unwrap(),
            "old",
            "{format}"
        );
        assert_eq!(names(root), ["report", "store"], "{format}");
    }
}

#[test]
fn a_device_is_written_to_and_stays_one() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    store_with(root, 1);
    assert!(
        Command::new("mkfifo")
            .arg(root.join("pipe"))
            .status()
            .unwrap()
            .success()
    );
    let reader = Command::new("cat")
        .arg(root.join("pipe"))
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let output = run(
        root,
        &["audit", "store", "--format", "csv", "--output", "pipe"],
    );
    let read = reader.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(read.stdout.starts_with(b"path,"));
    assert!(
        fs::metadata(root.join("pipe"))
            .unwrap()
            .file_type()
            .is_fifo()
    );
    assert_eq!(names(root), ["pipe", "store"]);
    // A device of the test's own, where it may make one: character device 1, 7 is /dev/full.
    let full = root.join("full");
    let made = Command::new("mknod")
        .arg(&full)
        .args(["c", "1", "7"])
        .output();
    if made.is_ok_and(|made| made.status.success())
        && fs::OpenOptions::new().write(true).open(&full).is_ok()
    {
        let output = run(
            root,
            &["audit", "store", "--format", "csv", "--output", "full"],
        );
        assert_eq!(output.status.code(), Some(2));
        assert!(
            said(&output).contains("full: the report cannot be written"),
            "{}",
            said(&output)
        );
        assert!(fs::metadata(&full).unwrap().file_type().is_char_device());
    }
    let output = run(root, &["audit", "store", "--output", "store"]);
    assert_eq!(output.status.code(), Some(2), "a directory is no report");
    assert_eq!(names(&root.join("store")), ["0.sqsh"]);
}

#[test]
fn several_audits_may_write_one_report_and_who_may_read_it_stays() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    store_with(root, 30);
    fs::write(root.join("report"), "old").unwrap();
    fs::set_permissions(root.join("report"), fs::Permissions::from_mode(0o600)).unwrap();
    let children: Vec<_> = (0..4)
        .map(|_| {
            Command::new(PROGRAM)
                .current_dir(root)
                .args([
                    "audit",
                    "store",
                    "--format",
                    "ndjson",
                    "--now",
                    "2026-11-01",
                    "--output",
                    "report",
                ])
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let whole = run(
        root,
        &[
            "audit",
            "store",
            "--format",
            "ndjson",
            "--now",
            "2026-11-01",
        ],
    );
    assert!(fs::read(root.join("report")).unwrap() == whole.stdout);
    assert_eq!(
        fs::metadata(root.join("report"))
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o600
    );
    assert_eq!(names(root), ["report", "store"]);
}

/// Whoever has the same process number on another machine, or was killed here, is in nobody's way.
#[test]
fn what_a_killed_run_has_left_is_in_nobodys_way() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    store_with(root, 1);
    // The shell has the number that the program will have.
    let script = format!(
        "for number in 0 1 2; do echo left > .report.$$.$number.tmp; done; exec {PROGRAM} audit store --format csv --output report"
    );
    let output = Command::new("bash")
        .current_dir(root)
        .args(["-c", &script])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        fs::read_to_string(root.join("report"))
            .unwrap()
            .starts_with("path,")
    );
    assert_eq!(names(root).len(), 5, "what is another's stays");
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
