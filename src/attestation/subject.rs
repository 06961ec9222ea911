//! Finds out which part of an image a statement is about.

use std::cell::OnceCell;

use super::statement::Subject;
use crate::image::content::ALGORITHM;
use crate::provenance::AttestedLevel;

/// The digests of one image. Each is computed when it is first needed.
pub trait Measure {
    /// Returns the SHA-256 of the file, 64 hex digits. An error says why it is not known.
    fn file(&self) -> Result<String, String>;
    /// Returns the content digest, 64 hex digits.
    fn content(&self) -> Result<String, String>;
    /// Returns the digests of the manifest and of the indexes above it, `sha256:…`, if they were read.
    fn manifests(&self) -> Vec<String>;
    /// Checks that everything that the manifest names has its digest. This reads all of it.
    fn layers(&self) -> Result<(), String>;
    /// Returns the digest by which the image says it was imported, `sha256:…`.
    fn import(&self) -> Option<String>;
}

/// The digests that are known so far.
pub struct Measured<'m> {
    source: &'m dyn Measure,
    file: OnceCell<Result<String, String>>,
    content: OnceCell<Result<String, String>>,
}

impl std::fmt::Debug for Measured<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Measured")
            .field("file", &self.file)
            .field("content", &self.content)
            .finish_non_exhaustive()
    }
}

/// The relation of a statement to this image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// It is about this image.
    To(AttestedLevel, String),
    /// It is about another image, or about a file that was not read.
    Nothing,
    /// It may be about this image; the digest could not be computed.
    Unknown(String),
}

impl<'m> Measured<'m> {
    /// Starts without any digest.
    #[must_use]
    pub fn new(source: &'m dyn Measure) -> Self {
        Self {
            source,
            file: OnceCell::new(),
            content: OnceCell::new(),
        }
    }

    /// Returns the SHA-256 of the file.
    pub fn file(&self) -> &Result<String, String> {
        self.file.get_or_init(|| self.source.file())
    }

    /// Returns the content digest.
    pub fn content(&self) -> &Result<String, String> {
        self.content.get_or_init(|| self.source.content())
    }

    /// Returns the digest by which the image says it was imported.
    #[must_use]
    pub fn import(&self) -> Option<String> {
        self.source.import()
    }

    /// Returns the strongest level at which one of the subjects is this image. It computes cheap
    /// digests first, and only those that a subject may have.
    pub(super) fn bind(&self, subjects: &[Subject]) -> Bound {
        let of = |algorithm: &'static str| {
            let digests = subjects.iter().flat_map(|subject| &subject.digests);
            let found = digests.filter(move |(name, _)| name == algorithm);
            found.map(|(_, hex)| hex.as_str())
        };
        let (mut import, mut unknown) = (None, None);
        if of("sha256").next().is_some() {
            let manifests = self.source.manifests();
            if let Some(hex) = of("sha256").find(|hex| is_one(&manifests, hex)) {
                match self.source.layers() {
                    Ok(()) => return Bound::To(AttestedLevel::Manifest, format!("sha256:{hex}")),
                    Err(reason) => unknown = Some(reason),
                }
            }
            let declared = self.import();
            import = of("sha256").find(|hex| is_one(declared.as_slice(), hex));
        }
        // A statement about manifests is not about a file, so hashing the file would be useless.
        let of_manifests = import.is_some() && of(ALGORITHM).next().is_none();
        if of("sha256").next().is_some() && !of_manifests {
            match self.file() {
                Ok(known) => {
                    if let Some(hex) = of("sha256").find(|hex| hex == known) {
                        return Bound::To(AttestedLevel::File, format!("sha256:{hex}"));
                    }
                }
                Err(reason) => unknown = Some(reason.clone()),
            }
        }
        if of(ALGORITHM).next().is_some() {
            match self.content() {
                Ok(known) => {
                    if let Some(hex) = of(ALGORITHM).find(|hex| hex == known) {
                        return Bound::To(AttestedLevel::Content, format!("{ALGORITHM}:{hex}"));
                    }
                }
                Err(reason) => unknown = Some(reason.clone()),
            }
        }
        match (import, unknown) {
            (Some(hex), _) => Bound::To(AttestedLevel::Import, format!("sha256:{hex}")),
            (None, Some(reason)) => Bound::Unknown(reason),
            (None, None) => Bound::Nothing,
        }
    }
}

fn is_one(known: &[String], hex: &str) -> bool {
    let mut known = known.iter();
    known.any(|known| known.strip_prefix("sha256:") == Some(hex))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// An image whose digests are repeated digits; it notes what was asked for.
    #[derive(Default)]
    struct Noted(RefCell<Vec<&'static str>>);

    impl Noted {
        fn note<T>(&self, what: &'static str, found: T) -> T {
            self.0.borrow_mut().push(what);
            found
        }
    }

    impl Measure for Noted {
        fn file(&self) -> Result<String, String> {
            self.note("file", Ok("1".repeat(64)))
        }

        fn content(&self) -> Result<String, String> {
            self.note("content", Ok("2".repeat(64)))
        }

        fn manifests(&self) -> Vec<String> {
            vec![format!("sha256:{}", "3".repeat(64))]
        }

        fn layers(&self) -> Result<(), String> {
            self.note("layers", Ok(()))
        }

        fn import(&self) -> Option<String> {
            Some(format!("sha256:{}", "4".repeat(64)))
        }
    }

    #[test]
    fn nothing_is_hashed_that_no_subject_could_be() {
        for (algorithm, digit, level, asked) in [
            ("sha256", "3", Some(AttestedLevel::Manifest), vec!["layers"]),
            ("sha256", "1", Some(AttestedLevel::File), vec!["file"]),
            ("sha256", "4", Some(AttestedLevel::Import), vec![]),
            ("sha256", "5", None, vec!["file"]),
            (
                ALGORITHM,
                "2",
                Some(AttestedLevel::Content),
                vec!["content"],
            ),
            ("sha512", "1", None, vec![]),
        ] {
            let noted = Noted::default();
            let subject = Subject {
                name: None,
                digests: vec![(algorithm.to_owned(), digit.repeat(64))],
            };
            let bound = Measured::new(&noted).bind(&[subject]);
            let found = match bound {
                Bound::To(level, _) => Some(level),
                Bound::Nothing | Bound::Unknown(_) => None,
            };
            assert_eq!(
                (found, noted.0.take()),
                (level, asked),
                "{algorithm} {digit}"
            );
        }
    }
}
