//! Which file names which other: by `use`, and by paths in the code.
//!
//! An edge goes to the file that defines what is named: a module that only hands a name on is
//! passed by, so that `crate::squashfs::Error` is an edge to `squashfs/error.rs`. What only tests
//! compile, and who may see an item (`pub(in …)`), count for nothing. Neither does `mod` alone: a
//! parent may use its children, and a child may use its parent, but not both. Not seen are methods
//! of a type that a file got without naming it.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Token, item_end, says, tokens};

/// One file that names another, and the line where it first does.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Edge {
    pub from: String,
    pub to: String,
    pub line: usize,
}

/// The library's name, by which the program calls it.
const LIBRARY: &str = "sqsh_prov";

/// Words that a name follows.
const ITEMS: [&str; 7] = ["const", "enum", "fn", "static", "struct", "trait", "type"];

/// The modules of a crate, and what each says.
#[derive(Default)]
struct Crate {
    /// The file of each module.
    files: BTreeMap<Vec<String>, String>,
    /// Each path that a file names, from the crate's root or from the library's.
    named: Vec<(String, Vec<String>, usize)>,
    /// What each name that a module imports stands for.
    imported: BTreeMap<Vec<String>, Vec<String>>,
    /// Modules whose every name another module hands on.
    globs: BTreeMap<Vec<String>, Vec<Vec<String>>>,
    /// The items of each module.
    items: BTreeSet<Vec<String>>,
}

/// Every edge between files: first those of the library, then those of the program.
pub fn edges(sources: &[(String, String)]) -> Vec<Edge> {
    let texts: BTreeMap<&str, &str> = sources
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let library = Crate::read(&texts, "src/lib.rs");
    let program = Crate::read(&texts, "src/main.rs");
    let mut found = BTreeMap::new();
    for of in [&library, &program] {
        for (from, path, line) in &of.named {
            let to = match path.split_first() {
                Some((first, inside)) if first == LIBRARY => library.file(inside.to_vec()),
                _ => of.file(path.clone()),
            };
            if to != from {
                found.entry((from.clone(), to.to_owned())).or_insert(*line);
            }
        }
    }
    let edge = |((from, to), line)| Edge { from, to, line };
    found.into_iter().map(edge).collect()
}

impl Crate {
    fn read(texts: &BTreeMap<&str, &str>, root: &str) -> Self {
        let mut read = Self::default();
        let mut open = vec![(Vec::new(), root.to_owned())];
        while let Some((module, file)) = open.pop() {
            let Some(text) = texts.get(file.as_str()) else {
                continue;
            };
            let mut scan = Scan {
                tokens: &tokens(text),
                children: BTreeSet::new(),
                outside: Vec::new(),
                named: Vec::new(),
                imported: Vec::new(),
                globs: Vec::new(),
                items: Vec::new(),
            };
            scan.declared(0, scan.tokens.len());
            scan.paths(0, scan.tokens.len(), &module);
            for child in &scan.outside {
                let mut inner = module.clone();
                inner.push(child.clone());
                let below = inner.join("/");
                let names = [format!("src/{below}.rs"), format!("src/{below}/mod.rs")];
                let name = names
                    .into_iter()
                    .find(|name| texts.contains_key(name.as_str()));
                open.push((inner, name.unwrap_or_else(|| panic!("no file of {below}"))));
            }
            for (path, line) in scan.named {
                read.named.push((file.clone(), path, line));
            }
            read.imported.extend(scan.imported);
            for item in scan.items {
                read.items.insert([module.as_slice(), &[item]].concat());
            }
            read.globs.insert(module.clone(), scan.globs);
            read.files.insert(module, file);
        }
        read
    }

    /// The file that defines what a path names: past modules that only hand the name on.
    fn file(&self, mut path: Vec<String>) -> &str {
        for _ in 0..8 {
            let module = (0..=path.len())
                .rev()
                .find(|length| self.files.contains_key(&path[..*length]))
                .unwrap();
            let named = path.get(..=module).and_then(|name| self.handed_on(name));
            let Some(target) = named.filter(|target| target.first().is_none_or(|f| f != LIBRARY))
            else {
                return &self.files[&path[..module]];
            };
            let rest = path.split_off(module + 1);
            path = target;
            path.extend(rest);
        }
        panic!("{path:?} is handed on and on")
    }

    /// The path that a name of a module stands for, where the module does not define it.
    fn handed_on(&self, name: &[String]) -> Option<Vec<String>> {
        if let Some(target) = self.imported.get(name) {
            return Some(target.clone());
        }
        if self.items.contains(name) {
            return None;
        }
        let (item, module) = name.split_last()?;
        let globs = self.globs.get(module).into_iter().flatten();
        let mut targets = globs.map(|from| [from.as_slice(), std::slice::from_ref(item)].concat());
        targets.find(|target| self.items.contains(target))
    }
}

/// One file as it is read.
struct Scan<'t> {
    tokens: &'t [Token],
    /// Modules that the file declares, in it or beside it.
    children: BTreeSet<String>,
    /// Those beside it.
    outside: Vec<String>,
    named: Vec<(Vec<String>, usize)>,
    imported: Vec<(Vec<String>, Vec<String>)>,
    globs: Vec<Vec<String>>,
    items: Vec<String>,
}

impl Scan<'_> {
    /// What follows what only tests compile, where that stands here.
    fn past_tests(&self, at: usize) -> Option<usize> {
        says(self.tokens, at, &["#", "[", "cfg", "(", "test", ")", "]"])
            .then(|| item_end(self.tokens, at + 7))
    }

    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &token.text)
    }

    fn declared(&mut self, mut at: usize, end: usize) {
        while at < end {
            if let Some(after) = self.past_tests(at) {
                at = after;
                continue;
            }
            if ITEMS.contains(&self.text(at)) {
                self.items.push(self.text(at + 1).to_owned());
            }
            if self.text(at) == "mod" && [";", "{"].contains(&self.text(at + 2)) {
                let name = self.text(at + 1).to_owned();
                if self.text(at + 2) == ";" {
                    self.outside.push(name.clone());
                }
                self.children.insert(name);
            }
            at += 1;
        }
    }

    /// Every path between two places, seen from a module.
    fn paths(&mut self, mut at: usize, end: usize, module: &[String]) {
        while at < end {
            if let Some(after) = self.past_tests(at) {
                at = after;
            } else if self.text(at) == "mod" && self.text(at + 2) == "{" {
                let mut inner = module.to_vec();
                inner.push(self.text(at + 1).to_owned());
                let after = item_end(self.tokens, at);
                self.paths(at + 3, after, &inner);
                at = after;
            } else if self.text(at) == "use" {
                at = self.tree(at + 1, module, &mut Vec::new()) + 1;
            } else if says(self.tokens, at, &["pub", "(", "in"]) {
                // Who may see an item is not what the item needs.
                at = group_end(self.tokens, at + 1);
            } else if self.starts_path(at) {
                let line = self.tokens[at].line;
                let mut path = vec![self.text(at).to_owned()];
                while self.text(at + 1) == "::" && is_word(self.text(at + 2)) {
                    path.push(self.text(at + 2).to_owned());
                    at += 2;
                }
                self.add(&path, module, line);
                at += 1;
            } else {
                at += 1;
            }
        }
    }

    fn starts_path(&self, at: usize) -> bool {
        self.text(at + 1) == "::"
            && is_word(self.text(at))
            && (at == 0 || self.text(at - 1) != "::")
    }

    /// One branch of a `use`; returns the place of the sign after it.
    fn tree(&mut self, mut at: usize, module: &[String], before: &mut Vec<String>) -> usize {
        let length = before.len();
        let line = self.tokens[at].line;
        let mut alias = before.last().cloned().unwrap_or_default();
        loop {
            match self.text(at) {
                "{" => {
                    at += 1;
                    while self.text(at) != "}" {
                        at = self.tree(at, module, before);
                        if self.text(at) == "," {
                            at += 1;
                        }
                    }
                    at += 1;
                    break;
                }
                "::" => at += 1,
                "as" => {
                    alias = self.text(at + 1).to_owned();
                    at += 2;
                }
                "," | ";" | "}" => {
                    if let Some(mut path) = self.add(&before.clone(), module, line) {
                        let mut name = module.to_vec();
                        name.push(alias);
                        if path.last().is_some_and(|last| last == "*") {
                            path.pop();
                            self.globs.push(path);
                        } else if name != path {
                            self.imported.push((name, path));
                        }
                    }
                    break;
                }
                "self" if !before.is_empty() => at += 1,
                word => {
                    word.clone_into(&mut alias);
                    before.push(word.to_owned());
                    at += 1;
                }
            }
        }
        before.truncate(length);
        at
    }

    /// Keeps a path that leads into the crate or into the library, from the root.
    fn add(&mut self, path: &[String], module: &[String], line: usize) -> Option<Vec<String>> {
        let (first, mut inside) = path.split_first()?;
        let mut from = module.to_vec();
        match first.as_str() {
            "crate" => from.clear(),
            "self" => {}
            "super" => {
                from.pop();
                while let Some((word, further)) = inside.split_first()
                    && word == "super"
                {
                    from.pop();
                    inside = further;
                }
            }
            LIBRARY => {
                from = vec![LIBRARY.to_owned()];
            }
            child if self.children.contains(child) => from.push(child.to_owned()),
            _ => return None,
        }
        from.extend_from_slice(inside);
        self.named.push((from.clone(), line));
        Some(from)
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c == '_' || c.is_alphabetic())
}

/// The place after the next closing bracket.
fn group_end(tokens: &[Token], from: usize) -> usize {
    let close = tokens.iter().skip(from).position(|token| token.text == ")");
    close.map_or(tokens.len(), |close| from + close + 1)
}

/// Groups of names that lead to each other, each with the edges inside it.
pub fn circles(edges: &[Edge]) -> Vec<Vec<Edge>> {
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for edge in edges {
        next.entry(&edge.from).or_default().insert(&edge.to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> = next
        .keys()
        .map(|from| (*from, reach(&next, from)))
        .collect();
    let leads = |from: &str, to: &str| reached.get(from).is_some_and(|all| all.contains(to));
    let mut groups: BTreeMap<&str, Vec<Edge>> = BTreeMap::new();
    for edge in edges.iter().filter(|edge| leads(&edge.to, &edge.from)) {
        let with = |other: &&str| leads(&edge.from, other) && leads(other, &edge.from);
        let first = next.keys().copied().find(with).unwrap();
        groups.entry(first).or_default().push(edge.clone());
    }
    groups.into_values().collect()
}

fn reach<'n>(next: &BTreeMap<&'n str, BTreeSet<&'n str>>, from: &'n str) -> BTreeSet<&'n str> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        for to in next.get(name).into_iter().flatten() {
            if seen.insert(*to) {
                open.push(to);
            }
        }
    }
    seen
}
