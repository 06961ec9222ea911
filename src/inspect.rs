//! Opens an image and returns its provenance.

mod archive;
mod attested;
mod begun;
mod builds;
mod content;
mod document;
mod each;
mod error;
mod input;
mod inside;
mod json;
mod judged;
mod layers;
mod layout;
mod opened;
mod options;
mod platforms;
mod rootfs;
mod sif;
mod squashfs;
mod survey;
mod system;
mod versions;

use std::fs::File;
use std::path::Path;
use std::time::Instant;

use crate::attribution::{attribute, packages_to_check};
use crate::carriers::{Facts, Loss, control};
use crate::contracts::{Contracts, LoadError};
use crate::image::detect::Form;
use crate::integrity::{self, Progress, Surroundings};
use crate::limits::Limits;
use crate::provenance::Provenance;

use self::attested::{Attestations, Subject};
pub use self::attested::{Attesting, Bindings, Look};
pub(crate) use self::begun::{Begun, Headed};
use self::document::{checked, document, manifests};
pub use self::error::{Error, FormError};
use self::input::{IMAGE_URI, Input};
pub use self::opened::Reads;
use self::opened::{Again, Context, Opened};
pub use self::options::{Options, Sidecars};
pub use self::versions::{Spelling, Versions};

/// Reads images and says where they come from.
#[derive(Debug)]
pub struct Inspector {
    options: Options,
    contracts: Contracts,
    progress: Option<Box<dyn Progress>>,
    attestations: Attestations,
}

impl Inspector {
    /// Returns an inspector with these options and all contracts.
    ///
    /// # Errors
    /// If a contract file of the site or in `contracts_dir` cannot be used.
    pub fn new(options: Options) -> Result<Self, LoadError> {
        let contracts = Contracts::load(options.contracts_dir.as_deref())?;
        Ok(Self {
            options,
            contracts,
            progress: None,
            attestations: Attestations::default(),
        })
    }

    /// Returns the inspector with a display for the progress of hashing.
    #[must_use]
    pub fn with_progress(mut self, progress: Box<dyn Progress>) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Returns the inspector with a search for statements about each image.
    #[must_use]
    pub fn attesting(mut self, asked: Attesting) -> Self {
        self.attestations = Attestations::new(asked);
        self
    }

    /// Returns the contracts that it judges by.
    #[must_use]
    pub fn contracts(&self) -> &Contracts {
        &self.contracts
    }

    /// Returns the digest of its known images, see [`Known::digest`](crate::recognise::Known::digest).
    #[must_use]
    pub fn known_digest(&self) -> Option<String> {
        self.options.known.as_ref().map(|known| known.digest())
    }

    /// Returns a digest of the rules: contracts, mirrors, `--deep`, and the version of this program.
    #[must_use]
    pub fn judged_by(&self) -> String {
        judged::digest(&self.contracts, &self.options)
    }

    /// Returns true if it looks for statements about images.
    #[must_use]
    pub fn looks_for_statements(&self) -> bool {
        self.attestations.are_asked()
    }

    /// Returns what it may read from one image.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.options.limits
    }

    /// Returns the provenance of the image at this path.
    ///
    /// # Errors
    /// If the file cannot be opened, or is not an image. For a damaged image, the answer has what can be
    /// read, and a warning for each loss.
    ///
    /// ```
    /// # let inspector = sqsh_prov::Inspector::new(sqsh_prov::Options::default())?;
    /// # let model = "fixtures/classification/01-vllm-release.sqsh";
    /// let answer = inspector.inspect(model.as_ref())?;
    /// assert_eq!(answer.origin.version.as_deref(), Some("0.29.0"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn inspect(&self, path: &Path) -> Result<Provenance, Error> {
        self.inspect_counted(path).map(|(provenance, _)| provenance)
    }

    /// The same, with the reads of the file.
    ///
    /// # Errors
    /// As [`Self::inspect`].
    pub fn inspect_counted(&self, path: &Path) -> Result<(Provenance, Reads), Error> {
        let input = Input::open(path, &self.options.limits)?;
        self.answer(path, &input, &self.context())
    }

    /// Returns the provenance of an image that is open already; `path` is its name.
    pub(crate) fn inspect_file(&self, path: &Path, file: File) -> Result<Provenance, Error> {
        let answer = self.answer(path, &Input::of_file(path, file)?, &self.context());
        answer.map(|(provenance, _)| provenance)
    }

    /// Returns the provenance of a file whose start was read already.
    pub(crate) fn inspect_begun(&self, path: &Path, begun: Begun) -> Result<Provenance, Error> {
        let answer = self.answer(path, &Input::of_begun(path, begun), &self.context());
        answer.map(|(provenance, _)| provenance)
    }

    fn answer(
        &self,
        path: &Path,
        input: &Input,
        context: &Context,
    ) -> Result<(Provenance, Reads), Error> {
        let mut opened = reader(input.form)(input, context)?;
        let (facts, again) = (&mut opened.facts, opened.again.as_ref());
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.filter(|_| !input.is_directory());
        facts.file_name = name.map(str::to_owned);
        facts.image_uri = input.image_uri();
        let uri = facts.image_uri.clone().into_iter();
        let xattr = uri.map(|uri| (IMAGE_URI.to_owned(), uri));
        opened.file.xattrs.extend(xattr);
        builds::of_labels(facts);
        let asked = context.platform.as_ref();
        builds::sidecar(input, &self.options, asked, facts)?;
        let unpacked = layers::read(opened.unpack.take(), &self.options, context, facts);
        facts.losses.extend(control::loss(facts));
        let files = unpacked.as_ref().or(again);
        let system = system::packages(files, &self.options, facts);
        let content = content::read(again, &self.options, &self.contracts, facts);
        match again.filter(|_| self.options.deep) {
            Some(again) => self.check_files(facts, again),
            None if self.options.deep => facts.losses.push(Loss::minor(
                "files-not-seen",
                "no file could be checked: in this form they are not unpacked",
            )),
            None => {}
        }
        if input.is_changed() {
            facts.losses.push(Loss::partial(
                "changed-while-read",
                "the file was changed while it was read: the answer may mix two images; try again",
            ));
        }
        let attribution = attribute(facts, &self.contracts, &self.options.mirrors);
        let mut provenance = document(std::mem::take(&mut opened.file), facts, attribution);
        provenance.integrity = self.options.deep.then(|| checked(facts));
        provenance.packages.extend(system);
        provenance.inside = inside::inside(&provenance);
        content::say(content, &self.options, &mut provenance);
        let reads = opened.reads;
        if self.attestations.are_asked() {
            let subject = self.subject(input, opened);
            self.attestations.attest(&subject, &mut provenance);
        }
        if !self.options.reveal {
            crate::redact::redact(&mut provenance);
        }
        Ok((provenance, input.reads().unwrap_or(reads)))
    }

    /// Returns the versions in the image of this document. An unreadable version is not known.
    ///
    /// # Errors
    /// If the file cannot be opened, or is not an image.
    pub fn versions(&self, path: &Path, document: &Provenance) -> Result<Versions, Error> {
        let input = Input::open(path, &self.options.limits)?;
        let opened = reader(input.form)(&input, &self.context())?;
        let image = opened
            .again
            .and_then(|again| again(&self.options.limits).ok());
        Ok(image.map_or_else(Versions::default, |image| Versions::of(&*image, document)))
    }

    /// Returns the content digest of an image, `sha256:<64hex>`. It is the same however and wherever the image
    /// was packed. Reads and hashes the whole image.
    ///
    /// # Errors
    /// If the file cannot be opened, is not an image, or any part of it cannot be read.
    pub fn content(&self, path: &Path) -> Result<String, Error> {
        let input = Input::open(path, &self.options.limits)?;
        let opened = reader(input.form)(&input, &self.context())?;
        let subject = self.subject(&input, opened);
        let content = attested::content(&subject, &self.options.limits.deep());
        content
            .map(|hex| format!("sha256:{hex}"))
            .map_err(|reason| unhashed(&input, reason))
    }

    /// Returns the digests that bind a statement to an image: of its file, of its content if requested, and of
    /// its manifest. Reads and hashes the whole image.
    ///
    /// # Errors
    /// If the file cannot be opened, is not an image, or any part of it cannot be read.
    pub fn bindings(&self, path: &Path, content: bool) -> Result<Bindings, Error> {
        let input = Input::open(path, &self.options.limits)?;
        let opened = reader(input.form)(&input, &self.context())?;
        let subject = self.subject(&input, opened);
        let found = attested::bindings(&subject, content);
        let found = found.map_err(|reason| unhashed(&input, reason))?;
        match input.is_changed() {
            true => Err(unhashed(&input, "it was changed meanwhile".to_owned())),
            false => Ok(found),
        }
    }

    fn subject<'i>(&'i self, input: &'i Input, opened: Opened<'i>) -> Subject<'i> {
        Subject {
            input,
            manifests: manifests(&opened.facts),
            again: opened.again,
            layers: opened.layers,
            attached: opened.attached,
            limits: self.options.limits,
            progress: self.progress.as_deref(),
        }
    }

    fn context(&self) -> Context {
        Context {
            wanted: self.contracts.wanted(),
            limits: self.options.limits,
            platform: self.options.platform.clone(),
            bake: self.options.bake.clone(),
            target: self.options.target.clone(),
        }
    }

    /// Hashes the files of the packages. `again` opens the image for that.
    fn check_files(&self, facts: &mut Facts, again: &Again<'_>) {
        let packages = packages_to_check(facts, &self.contracts, &self.options.mirrors);
        let started = Instant::now();
        let open = || {
            let mut limits = self.options.limits.deep();
            limits.time = (limits.time).map(|time| time.saturating_sub(started.elapsed()));
            again(&limits)
        };
        let progress = self.progress.as_deref();
        let limits = &self.options.limits;
        let around = Surroundings {
            packages: &facts.packages,
            search: facts.search_path(),
        };
        let findings = integrity::check(&open, &packages, &around, limits, progress);
        facts.integrity = findings.packages;
        facts.losses.extend(findings.losses);
    }
}

fn unhashed(input: &Input, reason: String) -> Error {
    let text = format!("it cannot be hashed: {reason}");
    input.error(FormError::Other(text))
}

/// Returns the reader of a form. A new form needs a file and a line here.
fn reader(form: Form) -> for<'i> fn(&'i Input, &Context) -> Result<Opened<'i>, Error> {
    match form {
        Form::Squashfs => squashfs::open,
        Form::Sif => sif::open,
        Form::Rootfs => rootfs::open,
        Form::OciLayout => layout::open,
        Form::SkopeoDirectory => layout::open_directory,
        Form::Tar(_) => archive::open,
        Form::Json => json::open,
    }
}
