//! Asks Buildkite's agent for the version of a release. sqsh-prov starts no other program, and starts this one
//! only in Buildkite, for a contract that asks for it, if no variable names the version.

use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// The agent answers within a second; a build must not wait for one that hangs.
pub const TIME_LIMIT: Duration = Duration::from_secs(10);

/// The longest answer, in bytes.
const LONGEST: u64 = 4096;

/// Returns what `buildkite-agent meta-data get KEY` prints, without the newline. `None` if no directory of `path`
/// has an agent, or if it fails, hangs, or prints more than one line.
///
/// The program is started without a shell, so the key is one argument. Its standard error is dropped.
#[must_use]
pub fn metadata(key: &str, path: &std::ffi::OsStr, limit: Duration) -> Option<String> {
    let program = std::env::split_paths(path)
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join("buildkite-agent"))
        .find(|program| is_program(program))?;
    let mut child = start(&program, key)?;
    let answer = answer(&mut child, limit);
    // A program that hangs is killed with all that it started. One that ended must not be killed: its number
    // may be another program's by now.
    if !matches!(child.try_wait(), Ok(Some(_))) {
        let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
        let _ = child.wait();
    }
    answer
}

fn start(program: &PathBuf, key: &str) -> Option<Child> {
    Command::new(program)
        .args(["meta-data", "get", key])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .ok()
}

/// Waits for the end of the output, and then of the program. Another process may keep the pipe open
/// longer, so a separate thread reads it and is not waited for.
fn answer(child: &mut Child, limit: Duration) -> Option<String> {
    let pipe = child.stdout.take()?;
    let until = Instant::now() + limit;
    let (sender, receiver) = mpsc::channel();
    let reader = std::thread::Builder::new().spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.take(LONGEST + 1).read_to_end(&mut bytes);
        let _ = sender.send(read.map(|_| bytes));
    });
    reader.ok()?;
    let bytes = receiver.recv_timeout(limit).ok()?.ok()?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => break,
            Ok(None) if Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(5));
            }
            _ => return None,
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    let line = text.trim_end_matches('\n');
    let fits = !line.is_empty() && u64::try_from(text.len()).is_ok_and(|n| n <= LONGEST);
    (fits && !line.contains('\n')).then(|| line.to_owned())
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path)
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
