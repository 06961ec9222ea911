//! Looks for statements about an image, and computes the digests that bind them.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Instant;

use sha2::{Digest as _, Sha256};

use super::input::{Input, Source};
use super::opened::{Again, Layers};
use crate::attestation::{
    Candidate, Index, Judged, Measure, Measured, SITE_DIRECTORY, Settings, Trust, apply, beside,
    judge,
};
use crate::image::oci::{Attachment, named};
use crate::image::written;
use crate::integrity::{self, Progress};
use crate::limits::Limits;
use crate::provenance::{Provenance, Warning};
use crate::squashfs::ReadAt as _;

/// Who is trusted, and where statements are looked for.
#[derive(Debug, Default)]
pub struct Attesting {
    /// Who is trusted.
    pub trust: Trust,
    /// Directories with statements, beside the site's own.
    pub directories: Vec<PathBuf>,
    /// Files with statements about every image that is read.
    pub files: Vec<PathBuf>,
    /// How much is looked at.
    pub look: Look,
    /// When it is, in seconds since 1970; a key may be valid for a time.
    pub now: i64,
}

/// How much is looked at to find statements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// Nothing.
    #[default]
    Nowhere,
    /// Statements beside the image or attached to it, and those that name its file or a digest that it
    /// declares. The image is hashed only for a statement of a trusted signer.
    Near,
    /// If none of these is believed and binds the image, also all statements by the digest of the file. The file
    /// is hashed for that.
    Otherwise,
    /// Also all statements by the digest of the file. The file is hashed for that.
    Everywhere,
}

/// Where statements are looked for, with an index. The index is built when it is first needed.
#[derive(Debug, Default)]
pub(super) struct Attestations {
    pub asked: Attesting,
    index: OnceLock<Index>,
    /// The statements in the files that the user named. Each file is read once for all images.
    given: OnceLock<Vec<Result<Candidate, String>>>,
}

/// An open image.
pub(super) struct Subject<'i> {
    pub input: &'i Input,
    pub again: Option<Again<'i>>,
    pub layers: Option<Layers<'i>>,
    /// Statements and signatures that are attached to it.
    pub attached: Vec<Attachment>,
    /// Digests of its manifest, and of the indexes that name it.
    pub manifests: Vec<String>,
    pub limits: Limits,
    pub progress: Option<&'i dyn Progress>,
}

/// The digests that bind a statement to an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bindings {
    /// The SHA-256 of the file, 64 hex digits; `None` for a directory.
    pub file: Option<String>,
    /// The content digest, 64 hex digits, if requested.
    pub content: Option<String>,
    /// The digest of what the importer wrote, `sha256:…`; `None` for a form in layers, or if it cannot be
    /// read.
    pub settings: Option<String>,
    /// Digests of the indexes and the manifest of a layout, the manifest last.
    pub manifests: Vec<String>,
}

pub(super) fn bindings(subject: &Subject<'_>, content: bool) -> Result<Bindings, String> {
    let source = Digests::of(subject, None);
    let file = Some(source.file()?).filter(|hex| !hex.is_empty());
    let content = content.then(|| source.content()).transpose()?;
    let content = content.filter(|hex| !hex.is_empty());
    source.layers()?;
    Ok(Bindings {
        file,
        content,
        settings: source.settings().digest().map(str::to_owned),
        manifests: source.manifests(),
    })
}

impl Attestations {
    pub(super) fn new(asked: Attesting) -> Self {
        Self {
            asked,
            ..Self::default()
        }
    }

    pub(super) fn are_asked(&self) -> bool {
        self.asked.look != Look::Nowhere
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let site = PathBuf::from(SITE_DIRECTORY);
            let mut all: Vec<PathBuf> = Some(site).filter(|it| it.is_dir()).into_iter().collect();
            all.extend(self.asked.directories.iter().cloned());
            Index::build(&all)
        })
    }

    fn given(&self) -> &[Result<Candidate, String>] {
        self.given.get_or_init(|| {
            let files = self.asked.files.iter();
            files.map(|path| Candidate::read(path)).collect()
        })
    }

    /// Looks for statements about an image and puts what they say into its document.
    pub(super) fn attest(&self, subject: &Subject<'_>, document: &mut Provenance) {
        let import = document.origin.imported.as_ref();
        let import = import.and_then(|imported| imported.digest.clone());
        let source = Digests::of(subject, import);
        let measured = Measured::new(&source);
        let mut lost = Vec::new();
        let by_digest = self.asked.look == Look::Everywhere;
        let near = self.candidates(subject, &measured, by_digest, &[], &mut lost);
        let judge_all =
            |candidate: &Candidate| judge(candidate, &self.asked.trust, &measured, self.asked.now);
        let mut judged: Vec<Judged> = near.iter().flat_map(judge_all).collect();
        let binds = |it: &Judged| it.verdict.as_ref().is_some_and(|it| it.level.binds());
        if self.asked.look == Look::Otherwise && !judged.iter().any(binds) {
            let all = self.candidates(subject, &measured, true, &near, &mut lost);
            let is_new = |it: &Candidate| near.iter().all(|near| near.path != it.path);
            judged.extend(all.iter().filter(|it| is_new(it)).flat_map(judge_all));
        }
        lost.sort_unstable();
        lost.dedup();
        let warnings = lost.into_iter().map(|reason| Warning {
            code: "attestation-unreadable".to_owned(),
            message: format!("a statement about images was not used: {reason}"),
        });
        document.warnings.extend(warnings);
        if judged.is_empty() {
            return;
        }
        let believed = judged.iter().any(|it| it.verdict.is_some());
        let settings = match believed {
            true => source.settings(),
            false => Settings::None,
        };
        apply(document, judged, &settings);
    }

    /// Returns possible statements about the image: attached ones, given ones, and files. A file that
    /// was read before is not read again.
    fn candidates(
        &self,
        subject: &Subject<'_>,
        measured: &Measured<'_>,
        by_digest: bool,
        known: &[Candidate],
        lost: &mut Vec<String>,
    ) -> Vec<Candidate> {
        let attached = subject.attached.iter().map(|it| Candidate {
            path: it.path.clone(),
            bytes: it.bytes.clone(),
            signature: it.signature.clone(),
        });
        let mut found: Vec<Candidate> = attached.collect();
        for given in self.given() {
            match given {
                Ok(candidate) => found.push(candidate.clone()),
                Err(reason) => lost.push(reason.clone()),
            }
        }
        let path = &subject.input.path;
        let mut paths: Vec<PathBuf> = Vec::new();
        if path.as_os_str() != "-" {
            paths.extend(beside(path));
        }
        let index = self.index();
        lost.extend(index.lost.iter().cloned());
        if !index.is_empty() {
            let mut digests = subject.manifests.clone();
            digests.extend(measured.import());
            if by_digest {
                let content = index.has_content.then(|| measured.content());
                for digest in std::iter::once(measured.file()).chain(content) {
                    match digest {
                        Ok(digest) => digests.push(digest.clone()),
                        Err(reason) => lost.push(format!("no statement is found by it: {reason}")),
                    }
                }
            }
            let name = path.file_name().and_then(|name| name.to_str());
            let of_index = index.about(&digests, name).into_iter();
            paths.extend(of_index.map(Path::to_owned));
        }
        paths.sort_unstable();
        paths.dedup();
        let is_known = |path: &Path| {
            let path = path.display().to_string();
            known.iter().any(|it| it.path == path)
        };
        paths.retain(|path| !self.asked.files.contains(path) && !is_known(path));
        for path in paths {
            match Candidate::read(&path) {
                Ok(candidate) => found.push(candidate),
                Err(reason) => lost.push(reason),
            }
        }
        found
    }
}

/// The digests of one image.
struct Digests<'s, 'i> {
    subject: &'s Subject<'i>,
    import: Option<String>,
    started: Instant,
    /// The result of reading and hashing all layers. That takes long, and two functions need it.
    layers: OnceCell<Result<String, String>>,
}

impl<'s, 'i> Digests<'s, 'i> {
    fn of(subject: &'s Subject<'i>, import: Option<String>) -> Self {
        Self {
            subject,
            import,
            started: Instant::now(),
            layers: OnceCell::new(),
        }
    }

    /// Returns the limits for reading the whole image in the time that is left.
    fn limits(&self) -> Limits {
        let mut limits = self.subject.limits.deep();
        let left = limits.time;
        limits.time = left.map(|time| time.saturating_sub(self.started.elapsed()));
        limits
    }

    /// Returns the digest of all layers together; `None` for a form without layers.
    fn merged(&self) -> Option<&Result<String, String>> {
        let layers = self.subject.layers.as_ref()?;
        Some(self.layers.get_or_init(|| layers(&self.limits())))
    }

    /// Returns the digest of what an importer writes. A form in layers has no importer.
    fn settings(&self) -> Settings {
        let again = match (&self.subject.layers, &self.subject.again) {
            (None, Some(again)) => again,
            _ => return Settings::None,
        };
        let limits = &self.subject.limits;
        let image = again(limits).ok();
        let read = image.and_then(|image| written::settings(&*image, limits.text_file).ok());
        read.map_or(Settings::Unreadable, |written| match written.any {
            true => Settings::Written(written.digest),
            false => Settings::Absent(written.digest),
        })
    }
}

fn hex(digest: String) -> String {
    digest
        .strip_prefix("sha256:")
        .map(str::to_owned)
        .unwrap_or(digest)
}

impl Measure for Digests<'_, '_> {
    fn file(&self) -> Result<String, String> {
        file(self.subject.input, &self.limits(), self.subject.progress)
    }

    fn content(&self) -> Result<String, String> {
        match self.merged() {
            Some(layers) => layers.clone().map(hex),
            None => content(self.subject, &self.limits()),
        }
    }

    fn manifests(&self) -> Vec<String> {
        match self.subject.layers {
            Some(_) => self.subject.manifests.clone(),
            None => Vec::new(),
        }
    }

    fn layers(&self) -> Result<(), String> {
        if self.subject.manifests.is_empty() {
            return Ok(());
        }
        self.merged()
            .map_or(Ok(()), |layers| layers.clone().map(drop))
    }

    fn import(&self) -> Option<String> {
        self.import.clone()
    }
}

/// Returns the content digest of an image, 64 hex digits.
pub(super) fn content(subject: &Subject<'_>, limits: &Limits) -> Result<String, String> {
    if let Some(layers) = &subject.layers {
        return layers(limits).map(hex);
    }
    let Some(again) = &subject.again else {
        return Err("there are no files in this form".to_owned());
    };
    let open = || again(limits);
    integrity::content(&open, limits, subject.progress)
        .map(hex)
        .map_err(|error| error.to_string())
}

/// Returns the SHA-256 of a file, 64 hex digits; an empty text for other inputs.
pub(super) fn file(
    input: &Input,
    limits: &Limits,
    progress: Option<&dyn Progress>,
) -> Result<String, String> {
    const PIECE: usize = 1024 * 1024;
    let Source::File(source) = &input.source else {
        return Ok(String::new());
    };
    let size = source.size().map_err(|error| error.to_string())?;
    let limit = limits.hashed_bytes;
    if size > limit {
        return Err(format!(
            "{size} bytes are over the limit hashed_bytes of {limit} bytes"
        ));
    }
    if let Some(progress) = progress {
        progress.start(size);
    }
    let started = Instant::now();
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE];
    let mut at = 0_u64;
    let result = loop {
        if limits.time.is_some_and(|limit| started.elapsed() > limit) {
            break Err("the time limit is over".to_owned());
        }
        match source.read_at(at, &mut piece) {
            Ok(0) => break Ok(()),
            Ok(count) => {
                hash.update(piece.get(..count).unwrap_or_default());
                let count = u64::try_from(count).unwrap_or(u64::MAX);
                at = at.saturating_add(count);
                if let Some(progress) = progress {
                    progress.advance(count);
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error.to_string()),
        }
    };
    if let Some(progress) = progress {
        progress.finish();
    }
    result.map(|()| hex(named(&hash.finalize())))
}
