//! `sqsh-prov attest`: a statement about an image, to be signed.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use sqsh_prov::image::oci::Platform;
use sqsh_prov::limits::Limits;
use sqsh_prov::report::{attest as report, file_name};
use sqsh_prov::{Bindings, Inspector, Options};

use super::confine::Allowed;
use super::exit::{Exit, usage};
use super::global::Global;
use super::output;
use super::parts::platform;
use super::show::refuse_uri;

/// Print a statement about an image, to sign with a tool that you trust
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov attest --content model.sqsh > model.sqsh.intoto.json
  ssh-keygen -Y sign -f key -n sqsh-prov model.sqsh.intoto.json
  sqsh-prov verify --trust trust.toml --attested model.sqsh
  sqsh-prov attest --content --importer https://hpc.example.org/importer model.sqsh
  sqsh-prov attest --content --against layout.tar model.sqsh

Prints an in-toto Statement v1. The statement is not signed; this program reads no private key. It \
states nothing about a damaged image: the exit code is 2. With --against, the exit code 1 means that \
the files of the two images differ. docs/guide/attestations.md shows how to sign a statement and how \
to require one.")]
pub(super) struct Attest {
    /// The image
    #[arg(value_name = "IMAGE")]
    image: PathBuf,
    /// Also state the content digest, which is the same for every import of the image
    #[arg(long)]
    content: bool,
    /// State that this importer imported the image (SLSA provenance), in place of this program's answer
    #[arg(long, value_name = "URI")]
    importer: Option<String>,
    /// Compare the content with an OCI layout or archive of the image, and state its digest too
    #[arg(long, value_name = "LAYOUT", requires = "content")]
    against: Option<PathBuf>,
    /// The platform to read from a layout, such as linux/arm64; by default this host's
    #[arg(long, value_name = "OS/ARCH", value_parser = platform)]
    platform: Option<Platform>,
}

impl Attest {
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let images = || std::iter::once(&self.image).chain(&self.against);
        images().try_for_each(|image| refuse_uri(image))?;
        if images().any(|image| image.as_os_str() == "-") {
            let text = "standard input has no digest that a statement can be about; give a file";
            return Err(usage(text));
        }
        let inspector = self.inspector(global)?;
        Allowed::reading(images())
            .with_processors(true)
            .confine(global.verbose);
        let document = inspector.inspect(&self.image)?;
        if document.is_partial() {
            let name = self.image.display();
            anyhow::bail!("{name}: it is damaged, or not all of it can be read; nothing is stated");
        }
        let found = inspector.bindings(&self.image, self.content)?;
        if found.file.is_none() && found.content.is_none() && found.manifests.is_empty() {
            return Err(usage(
                "a directory has no digest; state its content (--content)",
            ));
        }
        let manifests = match &self.against {
            None => found.manifests.clone(),
            Some(layout) => match against(&inspector, layout, &found)? {
                Some(manifests) => manifests,
                None => return Ok(Exit::Failed),
            },
        };
        if self.content && found.settings.is_none() {
            output::complain(
                "the statement does not cover /etc/rc, /etc/rc.local, /etc/environment and /etc/fstab, which \
                 an importer writes: this form has none, or one cannot be read. For an image that has them, \
                 verify --attested cannot tell",
            );
        }
        let statement = report::Statement {
            document: &document,
            name: &file_name(&document),
            file: found.file.as_deref(),
            content: found.content.as_deref(),
            settings: found.settings.as_deref(),
            manifests: &manifests,
            importer: self.importer.as_deref(),
            made: &Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        };
        output::write(&report::render(&statement)?)?;
        Ok(Exit::Success)
    }

    fn inspector(&self, global: &Global) -> anyhow::Result<Inspector> {
        let inspector = Inspector::new(Options {
            limits: Limits {
                time: None,
                ..Limits::default()
            },
            platform: self.platform.clone(),
            ..global.options()
        });
        Ok(global.with_bar(inspector.map_err(usage)?))
    }
}

/// Returns the digests of a layout; `None` if its content differs from the image's.
fn against(
    inspector: &Inspector,
    layout: &Path,
    image: &Bindings,
) -> anyhow::Result<Option<Vec<String>>> {
    let other = inspector.bindings(layout, true)?;
    if other.content.is_some() && other.content == image.content {
        return Ok(Some(other.manifests));
    }
    let name = layout.display();
    output::complain(&format!(
        "{name} has other files than the image: nothing is stated"
    ));
    Ok(None)
}
