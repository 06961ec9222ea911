//! Lists the packages in rpm's database. It has one of three formats, each with the headers of
//! packages (<https://github.com/rpm-software-management/rpm>, `lib/backend`): SQLite since RHEL 9
//! and Fedora 33, a Berkeley DB hash before, and ndb at SUSE.

mod berkeley;
mod bytes;
mod header;
mod ndb;
mod sqlite;

pub use bytes::Unreadable;

use super::system_packages::{Installed, MOST};

/// Returns the packages of a database, and the reason why there may be more. It leaves out keys of
/// signatures, which rpm lists as packages named `gpg-pubkey`.
#[must_use]
pub fn packages(database: &[u8]) -> (Vec<Installed>, Option<Unreadable>) {
    let mut found = Vec::new();
    let mut each = |header: &[u8], at: usize| {
        let package = header::package(header, at)?;
        if package.name == "gpg-pubkey" {
            return Ok(());
        }
        if found.len() >= MOST {
            return Err(Unreadable::TooMany(MOST));
        }
        found.push(package);
        Ok(())
    };
    let read = if database.starts_with(sqlite::MAGIC) {
        sqlite::headers(database, &mut each)
    } else if database.starts_with(ndb::MAGIC) {
        ndb::headers(database, &mut each)
    } else if berkeley::is_one(database) {
        berkeley::headers(database, &mut each)
    } else {
        Err(Unreadable::Unknown)
    };
    (found, read.err())
}
