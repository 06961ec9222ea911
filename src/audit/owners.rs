//! Names of users and groups, as `/etc/passwd` and `/etc/group` have them (passwd(5), group(5)).
//!
//! The C library's `getpwuid` would load the host's name service modules. These may connect to other
//! machines, and a statically linked program cannot load them. So an owner who is in no file has only
//! a number, unless the caller provides names or a name service.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Users or groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Accounts {
    /// Users, as in `/etc/passwd`.
    Users,
    /// Groups, as in `/etc/group`.
    Groups,
}

impl Accounts {
    /// Returns the name of the database for `getent` and in `/etc`.
    #[must_use]
    pub const fn database(self) -> &'static str {
        match self {
            Self::Users => "passwd",
            Self::Groups => "group",
        }
    }
}

/// Returns a name service's line for a number; `None` if it has none or does not answer.
pub type Ask = Arc<dyn Fn(Accounts, u32) -> Option<Vec<u8>> + Send + Sync>;

type Names = HashMap<u32, String>;

/// Names, read once, when first needed.
#[derive(Default)]
pub struct Owners {
    users: OnceLock<Names>,
    groups: OnceLock<Names>,
    ask: Option<Ask>,
    answers: Mutex<HashMap<(Accounts, u32), Option<String>>>,
}

impl Owners {
    /// Returns names of users from lines of `getent passwd`, and of groups from `/etc/group`.
    #[must_use]
    pub fn of_users(passwd: &[u8]) -> Self {
        Self {
            users: OnceLock::from(entries(passwd)),
            ..Self::default()
        }
    }

    /// Returns names from `/etc`. `ask` answers for missing numbers.
    #[must_use]
    pub fn asking(ask: Ask) -> Self {
        Self {
            ask: Some(ask),
            ..Self::default()
        }
    }

    /// Returns the user's name, if it is known.
    #[must_use]
    pub fn user(&self, uid: u32) -> Option<String> {
        self.name(&self.users, Accounts::Users, uid)
    }

    /// Returns the group's name, if it is known.
    #[must_use]
    pub fn group(&self, gid: u32) -> Option<String> {
        self.name(&self.groups, Accounts::Groups, gid)
    }

    fn name(&self, names: &OnceLock<Names>, accounts: Accounts, id: u32) -> Option<String> {
        let names = names.get_or_init(|| {
            let file = Path::new("/etc").join(accounts.database());
            entries(&std::fs::read(file).unwrap_or_default())
        });
        let asked = || {
            let ask = self.ask.as_ref()?;
            let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
            let answer = answers.entry((accounts, id)).or_insert_with(|| {
                let line = ask(accounts, id)?;
                entries(&line).remove(&id)
            });
            answer.clone()
        };
        names.get(&id).cloned().or_else(asked)
    }
}

impl std::fmt::Debug for Owners {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Owners").finish_non_exhaustive()
    }
}

/// Returns the names in lines `name:password:id:…`, by id; the first line of an id counts.
fn entries(text: &[u8]) -> Names {
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
    use std::sync::atomic::{AtomicU32, Ordering};

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
    fn users_of_a_file_stand_in_for_those_of_the_system() {
        let owners = Owners::of_users(b"ada:*:70001:70000:Ada:/home/ada:/bin/sh\n");
        assert_eq!(owners.user(70_001).as_deref(), Some("ada"));
        assert_eq!(owners.user(0), None);
        assert_eq!(owners.group(0).as_deref(), Some("root"));
    }

    #[test]
    fn a_name_service_is_asked_once_for_a_number_that_no_file_has() {
        let asked = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&asked);
        let owners = Owners::asking(Arc::new(move |accounts, id| {
            counted.fetch_add(1, Ordering::Relaxed);
            // A line of another number is no answer.
            let line = format!("ldap-user:x:{id}:\nother:x:7:\n");
            (accounts == Accounts::Users && id != 70_009).then(|| line.into_bytes())
        }));
        assert_eq!(owners.user(0).as_deref(), Some("root"));
        assert_eq!(asked.load(Ordering::Relaxed), 0);
        for _ in 0..3 {
            assert_eq!(owners.user(70_001).as_deref(), Some("ldap-user"));
            assert_eq!(owners.user(70_009), None);
            assert_eq!(owners.group(70_001), None);
        }
        assert_eq!(asked.load(Ordering::Relaxed), 3);
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
}
