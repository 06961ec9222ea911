//! `--owners system`: the host's name service, asked by `getent` (nsswitch.conf(5), getent(1)).
//!
//! The program starts a shell before it confines itself; the shell stays unconfined. It reads lines
//! such as `passwd 1000`, and runs `getent` with these two words. The program writes only a fixed word
//! and a number, so no text of an image reaches the shell.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use sqsh_prov::audit::owners::{Accounts, Ask};

/// What the shell runs. An empty line ends each answer.
const SCRIPT: &str = "while read -r database id; do getent \"$database\" \"$id\"; echo; done";
/// The longest wait for an answer.
const ONE: Duration = Duration::from_secs(3);
/// The longest wait for all answers together.
const ALL: Duration = Duration::from_secs(60);

struct Service {
    /// `None` after an answer that did not come in time.
    questions: Option<ChildStdin>,
    answers: Receiver<Vec<u8>>,
    left: Duration,
    _shell: Child,
}

/// Starts the shell.
///
/// # Errors
/// If there is no shell or no `getent`.
pub(super) fn start() -> anyhow::Result<Ask> {
    let missing = "--owners system: `getent` is needed to ask the system's name service";
    let mut probe = Command::new("getent");
    probe.args(["passwd", "0"]).stdin(Stdio::null());
    probe.stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().context(missing)?;
    let mut shell = Command::new("/bin/sh")
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context(missing)?;
    let (send, answers) = mpsc::channel();
    let output = shell.stdout.take().context(missing)?;
    std::thread::Builder::new().spawn(move || {
        let mut answer = Vec::new();
        for line in BufReader::new(output).split(b'\n') {
            let Ok(line) = line else { break };
            if !line.is_empty() {
                answer.extend(line);
                answer.push(b'\n');
            } else if send.send(std::mem::take(&mut answer)).is_err() {
                break;
            }
        }
    })?;
    let service = Mutex::new(Service {
        questions: shell.stdin.take(),
        answers,
        left: ALL,
        _shell: shell,
    });
    Ok(Arc::new(move |accounts, id| {
        let mut service = service.lock().unwrap_or_else(PoisonError::into_inner);
        service.ask(accounts, id)
    }))
}

impl Service {
    fn ask(&mut self, accounts: Accounts, id: u32) -> Option<Vec<u8>> {
        let mut questions = self.questions.take()?;
        let question = format!("{} {id}\n", accounts.database());
        questions.write_all(question.as_bytes()).ok()?;
        let begun = Instant::now();
        // After a timeout it is not asked again: the next answer could belong to this question.
        let answer = self.answers.recv_timeout(ONE.min(self.left)).ok()?;
        self.left = self.left.saturating_sub(begun.elapsed());
        self.questions = Some(questions);
        Some(answer)
    }
}
