//! Names of users and groups, as `/etc/passwd` and `/etc/group` have them (passwd(5), group(5)).
//!
//! The C library's `getpwuid` would load the host's name service modules, which may connect to
//! other machines, and which a statically linked program cannot load; `getent` would be another
//! program. So whoever stands in no file has a number and no name.

use std::collections::HashMap;
use std::path::Path;
use std::sync::OnceLock;

/// Names, read once and only where somebody asks.
#[derive(Debug, Default)]
pub struct Owners {
    users: OnceLock<HashMap<u32, String>>,
    groups: OnceLock<HashMap<u32, String>>,
}

impl Owners {
    /// The user's name, where a file has it.
    #[must_use]
    pub fn user(&self, uid: u32) -> Option<String> {
        name(&self.users, "passwd", uid)
    }

    /// The group's name, where a file has it.
    #[must_use]
    pub fn group(&self, gid: u32) -> Option<String> {
        name(&self.groups, "group", gid)
    }
}

fn name(names: &OnceLock<HashMap<u32, String>>, file: &str, id: u32) -> Option<String> {
    let names = names.get_or_init(|| {
        let text = std::fs::read(Path::new("/etc").join(file)).unwrap_or_default();
        entries(&text)
    });
    names.get(&id).cloned()
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
}
