//! The images of one file that `show` answers.

use sqsh_prov::audit::diff::{self, Difference, Side};
use sqsh_prov::image::oci::Platform;
use sqsh_prov::provenance::Provenance;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Platforms {
    One(Platform),
    All,
}

impl Platforms {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            text => platform(text).map(Self::One),
        }
    }
}

/// Returns the differences between the documents of one file.
pub(super) fn among(documents: &[Provenance]) -> Vec<Difference> {
    let side = |document| Side::of_document(String::new(), document);
    let sides: Vec<Side> = documents.iter().map(side).collect();
    diff::among(&sides)
}

/// Notes in each document of a file which fields differ between them.
pub(super) fn compared(mut documents: Vec<Provenance>) -> Vec<Provenance> {
    if documents.len() > 1 {
        let found = among(&documents);
        for part in documents.iter_mut().filter_map(|it| it.part.as_mut()) {
            part.differs = found.iter().map(|it| it.field.clone()).collect();
        }
    }
    documents
}

pub(super) fn platform(text: &str) -> Result<Platform, String> {
    Platform::parse(text).ok_or_else(|| "write OS/ARCH, such as linux/arm64".to_owned())
}
