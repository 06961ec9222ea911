//! `sqsh-prov show`: where an image comes from.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use sqsh_prov::limits::Limits;
use sqsh_prov::provenance::Provenance;
use sqsh_prov::reference::Reference;
use sqsh_prov::report::fields::Fields;
use sqsh_prov::report::{escape, human, json, line, shell, srt_slurm};
use sqsh_prov::verify::platform_of;
use sqsh_prov::{Inspector, Look, Options, Sidecars};

use super::attesting;
use super::confine::Allowed;
use super::exit::{Exit, usage};
use super::global::Global;
use super::known::known;
use super::output;
use super::parts::{Platforms, among, compared};

/// Say where an image comes from
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov show model.sqsh
  sqsh-prov show --evidence model.sqsh
  sqsh-prov show --deep model.sqsh
  sqsh-prov show --field origin.commit.id --field origin.pull.reference model.sqsh
  sqsh-prov show --format ndjson *.sqsh | jq -r .origin.kind
  sqsh-prov show --platform linux/arm64 layout.tar
  sqsh-prov show --platform all --format ndjson layout.tar | jq -c '[.part, .origin.commit.id]'
  docker inspect vllm/vllm-openai:v0.29.0 | sqsh-prov show -
  eval \"$(sqsh-prov show --format shell model.sqsh)\"; echo \"$SQSH_PROV_COMMIT\"
  sqsh-prov show --format srt-slurm-fingerprint model.sqsh > image_provenance.json
  sqsh-prov show --mirror harbor.example.org/dockerhub=docker.io model.sqsh

For several images, platforms or targets, `json` prints an array and `ndjson` one object per line. An \
image that cannot be read is reported on standard error. The others are still answered, and the exit \
code is 2.")]
pub(super) struct Show {
    /// Images: squashfs or SIF files, directories with a root file system or an OCI layout, tar
    /// archives of an OCI layout or from docker save, an image's configuration; `-` reads the output
    /// of docker inspect from standard input
    #[arg(value_name = "IMAGE", required = true)]
    images: Vec<PathBuf>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Print only the value of a field: origin.commit.id, packages[].name, labels.KEY. An empty line
    /// means not known. May be repeated
    #[arg(long = "field", value_name = "PATH", conflicts_with = "format")]
    fields: Vec<String>,
    /// Also list where each fact was read
    #[arg(long)]
    evidence: bool,
    /// Also list the Python packages; with =all also those of dpkg, rpm, apk, conda and npm. For a
    /// layout or an archive this reads all layers, which takes as long as unpacking them
    #[arg(long, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "python")]
    packages: Option<Packages>,
    /// Also list the environment
    #[arg(long = "env")]
    environment: bool,
    /// Also list the labels
    #[arg(long)]
    labels: bool,
    /// Also list the build steps from the image's configuration
    #[arg(long)]
    history: bool,
    /// The platform to read, if the image is for several, such as linux/arm64; by default this host's.
    /// `all` answers each of them and shows what differs
    #[arg(long, value_name = "OS/ARCH|all", value_parser = Platforms::parse)]
    platform: Option<Platforms>,
    /// The target to read from a metadata file of `docker buildx bake`; by default all of them
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// A build's metadata (docker buildx build --metadata-file) or a provenance statement, to compare
    /// the image with; by default IMAGE.metadata.json, if it exists and is no link. If they differ, the
    /// image is believed
    #[arg(long, value_name = "FILE")]
    sidecar: Option<PathBuf>,
    /// Also hash the files of the installed packages and compare them with their RECORD, to find
    /// patched files. Takes seconds to minutes
    #[arg(long)]
    deep: bool,
    /// Do not mask values that look like secrets
    #[arg(long)]
    reveal: bool,
    /// Print the number and the bytes of the reads of each image to standard error
    #[arg(long, hide = true)]
    debug_reads: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Packages {
    /// Packages of Python
    Python,
    /// Also packages of dpkg, rpm, apk, conda and npm
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person; wrapped to the terminal
    Human,
    /// One indented object; for several images an array
    Json,
    /// One object per line and image
    Ndjson,
    /// One line per image, at most 256 printable ASCII characters
    Line,
    /// SQSH_PROV_KIND='release' and so on, for `eval` in any POSIX shell
    Shell,
    /// export SQSH_PROV_KIND=release and so on, for Slurm's TaskProlog
    Taskprolog,
    /// The object that srt-slurm compares with the fingerprints of its workers
    SrtSlurmFingerprint,
    /// The identity block to paste into a recipe of srt-slurm
    SrtSlurmIdentity,
}

impl Format {
    /// Returns true for formats that describe one image only.
    fn is_of_one_image(self) -> bool {
        matches!(
            self,
            Self::Shell | Self::Taskprolog | Self::SrtSlurmFingerprint | Self::SrtSlurmIdentity
        )
    }
}

impl Show {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let fields = match self.fields.as_slice() {
            [] => None,
            paths => Some(Fields::parse(paths).map_err(usage)?),
        };
        let checked = self.check();
        if checked.is_err() && self.fields.is_empty() && self.for_a_shell() {
            // A shell that evaluates the answer must not keep the values of an earlier image.
            output::write(&shell::unset())?;
        }
        checked?;
        let inspector = self.inspector(global)?;
        let human = human::Human {
            width: output::width(),
            colour: output::colour(global.color),
            evidence: self.evidence,
            packages: self.packages.is_some(),
            history: self.history,
            environment: self.environment,
            labels: self.labels,
        };

        Allowed::reading(&self.images)
            .with_sidecars(self.sidecar.as_deref())
            .with_statements(Some(attesting::readable(global)))
            .with_processors(true)
            .confine(global.verbose);
        let in_array = self.images.len() > 1 || self.platform == Some(Platforms::All);
        let is_json = fields.is_none() && self.format == Format::Json;
        let mut exit = Exit::Success;
        let mut kept = Vec::new();
        let mut first = true;
        for image in &self.images {
            let Some(documents) = self.read(&inspector, image, global) else {
                exit = exit.and(Exit::CouldNotTell);
                match &fields {
                    // Each image has the same number of lines, or a script could not tell which line is whose.
                    Some(fields) => output::write(&fields.unknown())?,
                    None if self.for_a_shell() => output::write(&shell::unset())?,
                    None => {}
                }
                continue;
            };
            if documents.iter().any(Provenance::is_partial) {
                exit = exit.and(Exit::CouldNotTell);
            }
            if is_json {
                kept.extend(documents);
                continue;
            }
            for document in &documents {
                let text = match &fields {
                    Some(fields) => fields.render(document)?,
                    None => self.render(&inspector, image, document, &human)?,
                };
                if !first && fields.is_none() && self.format == Format::Human {
                    output::write("\n")?;
                }
                first = false;
                output::write(&text)?;
            }
            if documents.len() > 1 && fields.is_none() && self.format == Format::Human {
                let found = among(&documents);
                output::write("\n")?;
                let text = human::differences(&documents, &found, &human);
                output::write(&output::page(text))?;
            }
        }
        match kept.as_slice() {
            [one] if !in_array => output::write(&json::pretty(one)?)?,
            [] if !in_array => {}
            kept if is_json => output::write(&json::pretty(kept)?)?,
            _ => {}
        }
        Ok(exit)
    }

    /// Returns true if the answer sets variables of a shell.
    fn for_a_shell(&self) -> bool {
        matches!(self.format, Format::Shell | Format::Taskprolog)
    }

    /// Refuses flags that exclude each other.
    fn check(&self) -> anyhow::Result<()> {
        let of_one_image = self.format.is_of_one_image();
        if self.images.len() > 1 && (of_one_image || self.sidecar.is_some()) {
            let what = if of_one_image {
                "this format"
            } else {
                "--sidecar"
            };
            return Err(usage(format!("{what} is for one image; give one IMAGE")));
        }
        if of_one_image && self.platform == Some(Platforms::All) {
            let text = "this format is for one image; name one --platform";
            return Err(usage(text));
        }
        // Behind a space, the value of --packages counts as an image.
        let is_word = |image: &&PathBuf| {
            ["all", "python"].contains(&image.to_str().unwrap_or_default()) && !image.exists()
        };
        let word = self.images.iter().find(is_word);
        if let Some(word) = word.filter(|_| self.packages.is_some()) {
            let word = word.display();
            return Err(usage(format!("write '--packages={word}', without a space")));
        }
        self.images.iter().try_for_each(|image| refuse_uri(image))
    }

    fn inspector(&self, global: &Global) -> anyhow::Result<Inspector> {
        let mut limits = Limits::default();
        if self.deep {
            limits.time = None;
        }
        let inspector = Inspector::new(Options {
            limits,
            deep: self.deep,
            reveal: self.reveal,
            platform: match &self.platform {
                Some(Platforms::One(platform)) => Some(platform.clone()),
                Some(Platforms::All) | None => None,
            },
            target: self.target.clone(),
            sidecar: match &self.sidecar {
                Some(file) => Sidecars::File(file.clone()),
                None => Sidecars::Beside,
            },
            layers: self.packages.is_some(),
            all_packages: self.packages == Some(Packages::All),
            known: known(&global.known, global.verbose)?,
            ..global.options()
        });
        let attesting = attesting::attesting(global, Look::Near)?;
        Ok(global.with_bar(inspector.map_err(usage)?.attesting(attesting)))
    }

    /// Returns the documents of one file, one for each platform or target. Without an answer, says why and returns
    /// `None`.
    fn read(
        &self,
        inspector: &Inspector,
        image: &Path,
        global: &Global,
    ) -> Option<Vec<Provenance>> {
        global.reading(image);
        let found = match self.format.is_of_one_image() {
            true => inspector.inspect_counted(image).map(|one| vec![one]),
            false => inspector.inspect_each(image, self.platform == Some(Platforms::All)),
        };
        match found {
            Ok(found) => {
                let reads = found.last().map(|(_, reads)| *reads).unwrap_or_default();
                if self.debug_reads {
                    let (image, count) = (image.display(), reads.count);
                    let bytes = reads.bytes;
                    output::complain(&format!("{image}: {count} reads, {bytes} bytes"));
                }
                let documents = found.into_iter().map(|(document, _)| document);
                let documents: Vec<Provenance> = documents.collect();
                if let Some(said) = self.idle(&documents) {
                    global.complain(&format!("{}: {said}", image.display()));
                }
                Some(compared(documents))
            }
            Err(error) => {
                let hint = reference_hint(image);
                global.complain(&format!("{error}{hint}"));
                None
            }
        }
    }

    /// Says that a flag has no effect on this file, and that the image is for another platform.
    fn idle(&self, documents: &[Provenance]) -> Option<String> {
        let [document] = documents else { return None };
        if document.part.is_some() {
            return None;
        }
        let flag = match (&self.platform, &self.target) {
            (Some(Platforms::One(wanted)), _) => {
                let wanted = wanted.without_variant();
                if let Some(found) = platform_of(document).filter(|found| *found != wanted) {
                    return Some(format!(
                        "it is one image, for {found} and not for {wanted}: --platform has no effect (sqsh-prov verify --platform refuses it)"
                    ));
                }
                "--platform"
            }
            (_, Some(_)) => "--target",
            _ => return None,
        };
        let is_imported = document.file.format.is_imported();
        is_imported.then(|| format!("{flag} has no effect: it is one image"))
    }

    fn render(
        &self,
        inspector: &Inspector,
        image: &Path,
        document: &Provenance,
        human: &human::Human,
    ) -> anyhow::Result<String> {
        Ok(match self.format {
            Format::Human => output::page(human::render(document, human)),
            Format::Json => json::pretty(document)?,
            Format::Ndjson => json::line(document)?,
            Format::Line => line::render(document),
            Format::Shell => shell::shell(document),
            Format::Taskprolog => shell::taskprolog(document),
            Format::SrtSlurmFingerprint => {
                // Standard input cannot be read again.
                let versions = inspector.versions(image, document);
                srt_slurm::fingerprint(document, &versions.unwrap_or_default())?
            }
            Format::SrtSlurmIdentity => srt_slurm::identity(document),
        })
    }
}

/// Returns advice for a reference in place of a file.
fn reference_hint(image: &Path) -> &'static str {
    let text = image.to_string_lossy();
    let (_, name) = text.rsplit_once('/').unwrap_or_default();
    let is_reference = name.contains(':') && Reference::parse(&text).is_ok() && !image.exists();
    match is_reference {
        true => "; an image in a registry is imported first (enroot import), and the file given",
        false => "",
    }
}

/// Refuses the address of an image in a registry, unless a file has that name.
pub(super) fn refuse_uri(image: &Path) -> anyhow::Result<()> {
    const SCHEMES: [&str; 7] = [
        "docker://",
        "dockerd://",
        "podman://",
        "oras://",
        "library://",
        "https://",
        "http://",
    ];
    let text = image.to_string_lossy();
    if SCHEMES.iter().any(|scheme| text.starts_with(scheme)) && !image.exists() {
        let text = escape::text(&text).into_owned();
        let message = format!(
            "{text} is not a file: this tool works offline and reads image files only; \
             import it first (enroot import) and give the file"
        );
        return Err(usage(message));
    }
    Ok(())
}
