//! Names of users and groups. Each is asked for once: a directory service may be slow.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Names that are known by now.
#[derive(Debug, Default)]
pub struct Owners {
    users: Mutex<HashMap<u32, Option<String>>>,
    groups: Mutex<HashMap<u32, Option<String>>>,
}

impl Owners {
    /// The user's name, where it resolves.
    #[must_use]
    pub fn user(&self, uid: u32) -> Option<String> {
        known(&self.users, uid, || {
            let user = uzers::get_user_by_uid(uid)?;
            Some(user.name().to_string_lossy().into_owned())
        })
    }

    /// The group's name, where it resolves.
    #[must_use]
    pub fn group(&self, gid: u32) -> Option<String> {
        known(&self.groups, gid, || {
            let group = uzers::get_group_by_gid(gid)?;
            Some(group.name().to_string_lossy().into_owned())
        })
    }
}

fn known(
    names: &Mutex<HashMap<u32, Option<String>>>,
    id: u32,
    ask: impl FnOnce() -> Option<String>,
) -> Option<String> {
    let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
    names.entry(id).or_insert_with(ask).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_has_a_name_and_an_unused_number_none() {
        let owners = Owners::default();
        assert_eq!(owners.user(0).as_deref(), Some("root"));
        assert_eq!(owners.user(0).as_deref(), Some("root"));
        assert_eq!(owners.user(3_999_999_999), None);
        assert_eq!(owners.group(3_999_999_999), None);
    }
}
