//! Names of users and groups. Each is asked for once: a directory service may be slow.
//!
//! The C library's `getpwuid` loads the host's name service modules, which a statically linked
//! program cannot do, or does with a C library that does not fit them. So `/etc/passwd` and
//! `/etc/group` are read here (passwd(5), group(5)), and users of LDAP, SSSD and so on are asked
//! for with the host's own `getent` (getent(1)), which is linked to fit.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Where `getent` is; never looked for on the PATH, as an administrator may run an audit.
const GETENT: [&str; 2] = ["/usr/bin/getent", "/bin/getent"];

/// A directory service that takes longer for one name is not asked again.
const PATIENCE: Duration = Duration::from_secs(5);

/// Names that are known by now.
#[derive(Debug, Default)]
pub struct Owners {
    users: Names,
    groups: Names,
    /// Set when `getent` did not answer in time.
    gave_up: AtomicBool,
}

#[derive(Debug, Default)]
struct Names {
    local: OnceLock<HashMap<u32, String>>,
    asked: Mutex<HashMap<u32, Option<String>>>,
}

impl Owners {
    /// The user's name, where it resolves.
    #[must_use]
    pub fn user(&self, uid: u32) -> Option<String> {
        self.name(&self.users, "passwd", uid)
    }

    /// The group's name, where it resolves.
    #[must_use]
    pub fn group(&self, gid: u32) -> Option<String> {
        self.name(&self.groups, "group", gid)
    }

    fn name(&self, names: &Names, database: &str, id: u32) -> Option<String> {
        let local = names.local.get_or_init(|| {
            let text = std::fs::read(Path::new("/etc").join(database)).unwrap_or_default();
            entries(&text)
        });
        if let Some(name) = local.get(&id) {
            return Some(name.clone());
        }
        let mut asked = names.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let ask = || self.ask(database, id);
        asked.entry(id).or_insert_with(ask).clone()
    }

    /// What `getent` says.
    fn ask(&self, database: &str, id: u32) -> Option<String> {
        if self.gave_up.load(Ordering::Relaxed) {
            return None;
        }
        let getent = GETENT.iter().find(|path| Path::new(path).exists())?;
        let child = Command::new(getent)
            .args([database, &id.to_string()])
            .env_clear()
            // Pipes, as a confined program may not open /dev/null.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        match answer(child, PATIENCE) {
            Ok(line) => entries(&line).remove(&id),
            Err(TooSlow) => {
                self.gave_up.store(true, Ordering::Relaxed);
                None
            }
        }
    }
}

struct TooSlow;

/// What the program prints, if it ends in time; a line fits into a pipe.
fn answer(mut child: Child, patience: Duration) -> Result<Vec<u8>, TooSlow> {
    let started = Instant::now();
    while let Ok(None) = child.try_wait() {
        if started.elapsed() > patience {
            let _ = child.kill();
            let _ = child.wait();
            return Err(TooSlow);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let output = child.wait_with_output();
    Ok(output.map(|output| output.stdout).unwrap_or_default())
}

/// The names of `name:password:id:…` lines, by id; the first of an id counts.
fn entries(text: &[u8]) -> HashMap<u32, String> {
    let mut names = HashMap::new();
    for line in text.split(|&byte| byte == b'\n') {
        let mut parts = line.split(|&byte| byte == b':');
        let (name, id) = (parts.next(), parts.nth(1));
        let id = id.and_then(|id| std::str::from_utf8(id).ok()?.parse().ok());
        if let (Some(name), Some(id)) = (name.filter(|name| !name.is_empty()), id) {
            names
                .entry(id)
                .or_insert_with(|| String::from_utf8_lossy(name).into_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_has_a_name_and_an_unused_number_none() {
        let owners = Owners::default();
        assert_eq!(owners.user(0).as_deref(), Some("root"));
        assert_eq!(owners.group(0).as_deref(), Some("root"));
        assert_eq!(owners.user(3_999_999_999), None);
        assert_eq!(owners.group(3_999_999_999), None);
    }

    #[test]
    fn lines_of_passwd_and_group() {
        let names = entries(
            b"root:x:0:0:root:/root:/bin/sh\n# note\n\nada:x:1000:\ntoor:x:0:0\n:x:7:\nlong:x:4294967296:\n+::::\nbob:*:12",
        );
        let mut names: Vec<_> = names.into_iter().collect();
        names.sort();
        let expected = [(0, "root"), (12, "bob"), (1000, "ada")];
        assert_eq!(names, expected.map(|(id, name)| (id, name.to_owned())));
    }

    #[test]
    fn getent_answers_for_those_in_no_file() {
        let owners = Owners::default();
        // It is asked here for one that a file has too, as no directory service can be counted on.
        assert_eq!(owners.ask("passwd", 0).as_deref(), Some("root"));
        assert_eq!(owners.ask("passwd", 3_999_999_999), None);
    }

    #[test]
    fn a_directory_service_that_hangs_is_given_up() {
        let sleeper = Command::new("sleep").arg("60").spawn().unwrap();
        let started = Instant::now();
        assert!(answer(sleeper, Duration::from_millis(20)).is_err());
        assert!(started.elapsed() < Duration::from_secs(30));
    }
}
