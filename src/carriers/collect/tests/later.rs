//! What is asked about the time after the import, and what becomes of the answers.

use std::cell::Cell;

use super::*;
use crate::carriers::LaterThanImport;
use crate::image::{Image, Later, Listing, Stat};

/// Answers this, and remembers for which moment.
struct Timed {
    files: Memory,
    answer: Result<Option<Later>, Error>,
    asked: Cell<Option<(i64, usize)>>,
}

impl Image for Timed {
    fn read(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, Error> {
        self.files.read(path, limit)
    }

    fn read_range(&self, path: &[u8], offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        self.files.read_range(path, offset, length)
    }

    fn list(&self, path: &[u8]) -> Result<Listing, Error> {
        self.files.list(path)
    }

    fn stat(&self, path: &[u8]) -> Result<Stat, Error> {
        self.files.stat(path)
    }

    fn later_than(&self, since: i64, names: usize) -> Result<Option<Later>, Error> {
        self.asked.set(Some((since, names)));
        self.answer.clone()
    }
}

/// The facts of an image that answers this, and the moment that it was asked for.
fn asked(files: Memory, answer: Result<Option<Later>, Error>) -> (Facts, Option<i64>) {
    let image = Timed {
        files,
        answer,
        asked: Cell::new(None),
    };
    let facts = collect(&image, &Wanted::default(), &Limits::default());
    (facts, image.asked.get().map(|(since, _)| since))
}

#[test]
fn the_moment_is_that_of_the_last_file_that_the_importer_wrote() {
    let rc = BUILT + HOUR;
    // enroot writes the stub behind /etc/rc, at times in the next second.
    for (stub, since) in [
        (rc, rc),
        (rc + 1, rc + 1),
        (rc + 10, rc + 10),
        (rc + 11, rc),
        (rc - 1, rc),
    ] {
        let image = imported().at("/etc/rc", rc).at("/etc/rc.local", stub);
        let (facts, asked) = asked(image, Ok(Some(Later::default())));
        assert_eq!(asked, Some(since), "{stub}");
        assert_eq!(facts.later, LaterThanImport::Read(Later::default()));
    }
}

#[test]
fn an_edited_rc_local_moves_nothing() {
    let rc = BUILT + HOUR;
    let image = imported()
        .file("/etc/rc.local", "export EVIL=1\n")
        .at("/etc/rc", rc)
        .at("/etc/rc.local", rc + 1);
    assert_eq!(asked(image, Ok(None)).1, Some(rc));
}

#[test]
fn without_an_import_nothing_is_asked() {
    for rc in [None, Some("#!/bin/sh\n# runlevel 3\n")] {
        let mut image = Memory::new().file("/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
        if let Some(rc) = rc {
            image = image.file("/etc/rc", rc);
        }
        let (facts, asked) = asked(image, Ok(Some(Later::default())));
        assert_eq!((facts.later, asked), (LaterThanImport::NotAsked, None));
    }
}

#[test]
fn a_form_without_times_says_nothing() {
    let (facts, asked) = asked(imported(), Ok(None));
    assert!(asked.is_some());
    assert_eq!(facts.later, LaterThanImport::NotAsked);
}

#[test]
fn damage_and_a_limit_make_the_answer_partial() {
    let path = || "the time of every inode".to_owned();
    for (error, code, partial) in [
        (
            Error::TooLarge {
                path: path(),
                size: 9,
                limit: 8,
                limit_name: "inodes",
            },
            "inode-times-over-limit",
            true,
        ),
        (Error::TimedOut { path: path() }, "timed-out", false),
        (
            Error::Damaged {
                path: path(),
                reason: "the table ends".to_owned(),
            },
            "inode-times-damaged",
            true,
        ),
    ] {
        let (facts, _) = asked(imported(), Err(error));
        let LaterThanImport::Unknown {
            code: found,
            message,
        } = &facts.later
        else {
            panic!("{:?}", facts.later);
        };
        assert_eq!(*found, code);
        assert!(message.contains("is not known"), "{message}");
        assert_eq!(facts.is_partial(), partial, "{code}: {:?}", facts.losses);
    }
}
