//! Expectations of an image.

use crate::contracts::is_publisher;
use crate::image::oci::Platform;
use crate::provenance::Kind;
use crate::reference::{ParseError, Reference, is_digest};

/// The expectations of one image. Empty ones expect only that it is whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectations {
    /// The references that it must have been imported from, or be stamped with.
    pub images: Vec<ExpectedImage>,
    /// A commit, or the start of one: lower-case hex.
    pub commit: Option<String>,
    /// The allowed kinds; empty for any.
    pub kinds: Vec<Kind>,
    /// True if it must be official.
    pub official: bool,
    /// True if a trusted signer must have signed a statement that binds it.
    pub attested: bool,
    /// The names of the allowed signers; empty for any.
    pub attested_by: Vec<String>,
    /// The allowed publishers; empty for any.
    pub publishers: Vec<String>,
    /// Versions of packages.
    pub frameworks: Vec<ExpectedFramework>,
    /// True to compare versions by PEP 440 without their local part, not as texts.
    pub compatible: bool,
    /// The platform that its programs must be for; `None` for any.
    pub platform: Option<Platform>,
    /// True if a policy refuses images for their packages, so that they must be known.
    pub packages: bool,
    /// True if an expected digest that nothing can be compared with is a doubt.
    pub strict: bool,
    /// True if the given recipe or lockfile expects nothing of this image; the answer says so.
    pub recipe_is_silent: bool,
}

/// An expected image reference, and the field that expects it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedImage {
    /// The field of the check: `container.image`, `frontend.nginx_container`.
    pub field: String,
    /// The reference as it was written.
    pub text: String,
    /// The parsed reference.
    pub reference: Reference,
}

/// An expected version of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedFramework {
    /// As it was written: `tensorrt_llm`.
    pub name: String,
    /// The version.
    pub version: String,
    /// True to compare the version as text, as srt-slurm does for its recipes, and not by PEP 440.
    pub as_text: bool,
    /// What installs the package when the job starts. The image then does not decide its version.
    pub installed_by: Option<String>,
    /// The worker that recorded it in a lockfile; `None` if a person declared it.
    pub recorded_by: Option<String>,
}

/// The reason why an expectation is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// The text is no image reference.
    #[error("{0}")]
    Reference(#[from] ParseError),
    /// The text is a digest without a repository.
    #[error("'{0}' is a digest without a repository: give REPOSITORY@{0}")]
    DigestAlone(String),
    /// The text is no commit.
    #[error("'{0}' is not a commit: give 7 to 40 hex digits, or all 64 of a SHA-256 commit")]
    Commit(String),
    /// No publisher has such a name.
    #[error(
        "'{0}' is not the name of a publisher: give an id of `sqsh-prov contracts list`, or the owner of a repository"
    )]
    Publisher(String),
    /// The text is not `NAME=VERSION`.
    #[error("'{0}' is not NAME=VERSION, such as vllm=0.20.0")]
    Framework(String),
    /// No package can have this version.
    #[error("'{0}' is not a version; give one (PEP 440), such as 0.20.0, and no range")]
    NoVersion(String),
    /// The version does not follow PEP 440, and must be compared.
    #[error("'{version}' is not a version that --framework-compatible can compare (PEP 440)")]
    Version {
        /// The input.
        version: String,
    },
}

impl ExpectedImage {
    /// Returns an expectation of `container.image`.
    ///
    /// # Errors
    /// If the text is no image reference.
    pub fn new(text: &str) -> Result<Self, UsageError> {
        Self::of_field("container.image", text)
    }

    /// Returns an expectation of another field.
    ///
    /// # Errors
    /// If the text is no image reference, or a digest alone.
    pub fn of_field(field: &str, text: &str) -> Result<Self, UsageError> {
        if is_digest(text) {
            return Err(UsageError::DigestAlone(text.to_owned()));
        }
        Ok(Self {
            field: field.to_owned(),
            text: text.to_owned(),
            reference: Reference::parse(text)?,
        })
    }
}

impl ExpectedFramework {
    /// Parses `NAME=VERSION`.
    ///
    /// # Errors
    /// If one of the two is missing.
    pub fn parse(text: &str) -> Result<Self, UsageError> {
        match text.split_once('=') {
            Some((name, version))
                if is_name(name) && !version.is_empty() && !version.starts_with('=') =>
            {
                Ok(Self {
                    as_text: false,
                    ..Self::of_recipe(name, version, None)?
                })
            }
            _ => Err(UsageError::Framework(text.to_owned())),
        }
    }

    /// Returns an expectation of a recipe, which srt-slurm compares as text.
    ///
    /// # Errors
    /// If no package can have such a version.
    pub fn of_recipe(
        name: &str,
        version: &str,
        installed_by: Option<String>,
    ) -> Result<Self, UsageError> {
        if !is_version(version) {
            return Err(UsageError::NoVersion(version.to_owned()));
        }
        Ok(Self {
            name: name.to_owned(),
            version: version.to_owned(),
            as_text: true,
            installed_by,
            recorded_by: None,
        })
    }
}

/// Returns true if a package may have this version. Not every package follows PEP 440, but each version
/// begins with a number, and none is a range.
fn is_version(text: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || "._-+!".contains(c);
    let number = text.trim_start_matches(['v', 'V']);
    number.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(part)
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// Returns a commit, or the start of one, in lower case.
///
/// # Errors
/// If it is not 7 to 40 hex digits, or 64. A text of another length is a slip: no commit has as many.
pub fn commit_prefix(text: &str) -> Result<String, UsageError> {
    let is_hex = text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_commit = matches!(text.len(), 7..=40 | 64) && is_hex;
    is_commit
        .then(|| text.to_ascii_lowercase())
        .ok_or_else(|| UsageError::Commit(text.to_owned()))
}

impl Expectations {
    /// Checks that every version can be compared, and that a publisher can have each name.
    ///
    /// # Errors
    /// With `compatible`, if a version does not follow PEP 440. If no publisher has such a name.
    pub fn validate(&self) -> Result<(), UsageError> {
        if let Some(name) = self.publishers.iter().find(|name| !is_publisher(name)) {
            return Err(UsageError::Publisher(name.clone()));
        }
        let unreadable = |framework: &&ExpectedFramework| {
            framework.version.parse::<pep440_rs::Version>().is_err()
        };
        match self.frameworks.iter().find(unreadable) {
            Some(framework) if self.compatible => Err(UsageError::Version {
                version: framework.version.clone(),
            }),
            _ => Ok(()),
        }
    }
}
