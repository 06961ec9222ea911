//! What one unreadable file or directory takes away is taken away: it changes nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]

#[path = "mutate_support/facts.rs"]
#[allow(dead_code, reason = "whole documents are compared elsewhere")]
mod facts;
mod squashfs_support;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::thread::available_parallelism;

use facts::{Stated, changed, stated_of};
use sqsh_prov::attribution::attribute;
use sqsh_prov::carriers::collect;
use sqsh_prov::contracts::Contracts;
use sqsh_prov::image::{Error, Image, Later, Listing, Packing, Stat};
use sqsh_prov::limits::Limits;
use squashfs_support::{fixtures, open_fixture};

/// An image with one path that cannot be read, nor anything below it.
struct Without<'a> {
    image: &'a dyn Image,
    lost: Vec<Vec<u8>>,
    /// What was asked for, and is there.
    touched: RefCell<BTreeSet<Vec<u8>>>,
}

impl Without<'_> {
    fn ask<T>(&self, path: &[u8], there: Result<T, Error>) -> Result<T, Error> {
        if there.is_ok() {
            self.touched.borrow_mut().insert(path.to_vec());
        }
        let is_lost = self.lost.iter().any(|lost| {
            path.strip_prefix(&lost[..])
                .is_some_and(|rest| lost == b"/" || rest.is_empty() || rest.starts_with(b"/"))
        });
        match is_lost {
            true => Err(Error::Damaged {
                path: String::from_utf8_lossy(path).into_owned(),
                reason: "lost".to_owned(),
            }),
            false => there,
        }
    }
}

impl Image for Without<'_> {
    fn read(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, Error> {
        self.ask(path, self.image.read(path, limit))
    }

    fn read_range(&self, path: &[u8], offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        self.ask(path, self.image.read_range(path, offset, length))
    }

    fn list(&self, path: &[u8]) -> Result<Listing, Error> {
        self.ask(path, self.image.list(path))
    }

    fn stat(&self, path: &[u8]) -> Result<Stat, Error> {
        self.ask(path, self.image.stat(path))
    }

    // The inodes are there, whichever path is lost.
    fn later_than(&self, since: i64, names: usize) -> Result<Option<Later>, Error> {
        self.image.later_than(since, names)
    }

    fn packing(&self) -> Option<Packing> {
        self.image.packing()
    }
}

/// What is said of it, and what was read for that.
fn said(
    image: &dyn Image,
    contracts: &Contracts,
    lost: Vec<Vec<u8>>,
) -> (Stated, BTreeSet<Vec<u8>>) {
    let image = Without {
        image,
        lost,
        touched: RefCell::default(),
    };
    let facts = collect(&image, &contracts.wanted(), &Limits::default());
    let answer = attribute(&facts, contracts, &[]);
    let stated = stated_of(&answer.origin, &answer.lineage);
    (stated, image.touched.into_inner())
}

/// Loses what `losses` makes of the paths that were read, and compares what is said; an image for each
/// processor at a time.
fn assert_nothing_else(least: usize, losses: impl Fn(&[Vec<u8>]) -> Vec<Vec<Vec<u8>>> + Sync) {
    let contracts = Contracts::built_in().unwrap();
    let left = Mutex::new(fixtures());
    let next = || left.lock().unwrap().pop();
    let work = || {
        let (mut wrong, mut tried) = (Vec::new(), 0);
        while let Some((path, offset)) = next() {
            tried += differences(&path, offset, &contracts, &losses, &mut wrong);
        }
        (wrong, tried)
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads = available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined.map(Result::unwrap).collect()
    });
    let tried: usize = results.iter().map(|(_, tried)| tried).sum();
    let wrong: Vec<_> = results.into_iter().flat_map(|(wrong, _)| wrong).collect();
    assert!(tried > least, "{tried}");
    assert!(
        wrong.is_empty(),
        "{} of {tried}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Adds what is said differently of one image; how many losses there were.
fn differences(
    path: &Path,
    offset: u64,
    contracts: &Contracts,
    losses: impl Fn(&[Vec<u8>]) -> Vec<Vec<Vec<u8>>>,
    wrong: &mut Vec<String>,
) -> usize {
    let image = open_fixture(path, offset, &Limits::default());
    let (intact, touched) = said(&image, contracts, Vec::new());
    let touched: Vec<_> = touched.into_iter().collect();
    let losses = losses(&touched);
    let count = losses.len();
    for lost in losses {
        let names: Vec<_> = lost.iter().map(|lost| text(lost)).collect();
        let (now, _) = said(&image, contracts, lost);
        for field in changed(&intact, &now) {
            wrong.push(format!(
                "{} without {}: {field} {:?} -> {:?}",
                path.file_name().unwrap().display(),
                names.join(" and "),
                intact.get(&field),
                now[&field]
            ));
        }
    }
    count
}

fn text(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

#[test]
fn one_path_that_is_lost_changes_nothing_that_is_said() {
    assert_nothing_else(1000, |touched| {
        touched.iter().map(|path| vec![path.clone()]).collect()
    });
}

#[test]
fn two_paths_that_are_lost_change_nothing_that_is_said() {
    // A third of the pairs; which, differs from image to image.
    assert_nothing_else(5000, |touched| {
        let mut pairs = Vec::new();
        for (at, first) in touched.iter().enumerate() {
            let behind = touched.iter().skip(at + 1);
            pairs.extend(behind.map(|second| vec![first.clone(), second.clone()]));
        }
        pairs.into_iter().step_by(3).collect()
    });
}
