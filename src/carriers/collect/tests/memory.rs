//! An image in memory that records the reads.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::image::{Error, FileKind, Image, Listing, Stat};

/// A time that builds are at; imports are later.
pub const BUILT: i64 = 1_780_000_000;

enum Node {
    File(Vec<u8>),
    Directory,
    Link(String),
    Fifo,
    Failing(Error),
}

/// Paths and their contents.
#[derive(Default)]
pub struct Memory {
    nodes: BTreeMap<String, (Node, i64)>,
    calls: RefCell<Vec<String>>,
}

impl Memory {
    pub fn new() -> Self {
        Self::default().directory("/")
    }

    pub fn file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.put(path, Node::File(bytes.as_ref().to_vec()))
    }

    pub fn directory(self, path: &str) -> Self {
        self.put(path, Node::Directory)
    }

    pub fn link(self, path: &str, target: &str) -> Self {
        self.put(path, Node::Link(target.to_owned()))
    }

    pub fn fifo(self, path: &str) -> Self {
        self.put(path, Node::Fifo)
    }

    pub fn failing(self, path: &str, error: Error) -> Self {
        self.put(path, Node::Failing(error))
    }

    pub fn at(mut self, path: &str, mtime: i64) -> Self {
        self.nodes.get_mut(path).unwrap().1 = mtime;
        self
    }

    /// The calls since the beginning, `read /etc/rc`.
    pub fn calls(&self) -> Vec<String> {
        self.calls.borrow().clone()
    }

    fn put(mut self, path: &str, node: Node) -> Self {
        let mut above = path;
        while let Some((parent, _)) = above.rsplit_once('/') {
            let parent_path = if parent.is_empty() { "/" } else { parent };
            self.nodes
                .entry(parent_path.to_owned())
                .or_insert((Node::Directory, BUILT));
            above = parent;
        }
        self.nodes.insert(path.to_owned(), (node, BUILT));
        self
    }

    fn find(&self, verb: &str, path: &[u8]) -> Result<(String, &(Node, i64)), Error> {
        let asked = String::from_utf8(path.to_vec()).unwrap();
        self.calls.borrow_mut().push(format!("{verb} {asked}"));
        let missing = || Error::NotFound {
            path: asked.clone(),
        };
        let mut todo: Vec<String> = asked.split('/').rev().map(str::to_owned).collect();
        let mut done = String::new();
        let mut hops = 0;
        while let Some(name) = todo.pop() {
            match name.as_str() {
                "" | "." => continue,
                ".." => {
                    done.truncate(done.rfind('/').unwrap_or(0));
                    continue;
                }
                _ => {}
            }
            let next = format!("{done}/{name}");
            match &self.nodes.get(&next).ok_or_else(missing)?.0 {
                Node::Link(target) => {
                    hops += 1;
                    if hops > 40 {
                        return Err(Error::Links {
                            path: asked,
                            reason: "more than 40 links".to_owned(),
                        });
                    }
                    if target.starts_with('/') {
                        done.clear();
                    }
                    todo.extend(target.split('/').rev().map(str::to_owned));
                }
                Node::Failing(error) => return Err(error.clone()),
                _ => done = next,
            }
        }
        if done.is_empty() {
            done.push('/');
        }
        let node = self.nodes.get(&done).ok_or_else(missing)?;
        Ok((done, node))
    }

    fn bytes(&self, verb: &str, path: &[u8]) -> Result<&[u8], Error> {
        match self.find(verb, path)? {
            (_, (Node::File(bytes), _)) => Ok(bytes),
            (path, (node, _)) => Err(Error::WrongKind {
                path,
                found: kind(node),
                wanted: FileKind::File,
            }),
        }
    }
}

fn kind(node: &Node) -> FileKind {
    match node {
        Node::File(_) | Node::Failing(_) => FileKind::File,
        Node::Directory => FileKind::Directory,
        Node::Link(_) => FileKind::Link,
        Node::Fifo => FileKind::Fifo,
    }
}

impl Image for Memory {
    fn read(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, Error> {
        let bytes = self.bytes("read", path)?;
        let size = bytes.len() as u64;
        if size > limit {
            let path = String::from_utf8_lossy(path).into_owned();
            return Err(Error::TooLarge {
                path,
                size,
                limit,
                limit_name: crate::limits::ONE_FILE,
            });
        }
        Ok(bytes.to_vec())
    }

    fn read_range(&self, path: &[u8], offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        let bytes = self.bytes("range", path)?;
        Ok(bytes
            .iter()
            .skip(usize::try_from(offset).unwrap())
            .take(length)
            .copied()
            .collect())
    }

    fn list(&self, path: &[u8]) -> Result<Listing, Error> {
        let (path, (node, _)) = self.find("list", path)?;
        if !matches!(node, Node::Directory) {
            return Err(Error::WrongKind {
                path,
                found: kind(node),
                wanted: FileKind::Directory,
            });
        }
        let prefix = if path == "/" {
            path
        } else {
            format!("{path}/")
        };
        let below = self.nodes.iter().filter_map(|(path, (node, _))| {
            let name = path.strip_prefix(&prefix)?;
            (!name.is_empty() && !name.contains('/')).then(|| (name, kind(node)))
        });
        Ok(below.collect())
    }

    fn stat(&self, path: &[u8]) -> Result<Stat, Error> {
        let (_, (node, mtime)) = self.find("stat", path)?;
        let size = if let Node::File(bytes) = node {
            bytes.len() as u64
        } else {
            0
        };
        Ok(Stat {
            kind: kind(node),
            size,
            mtime: *mtime,
            shared: None,
        })
    }
}
