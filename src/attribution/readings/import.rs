//! Reads where the file was pulled from: the importer's line, or the extended attribute.

use crate::attribution::make::source;
use crate::carriers::Facts;
use crate::provenance::{Imported, Source, Via};
use crate::reference::{ImportUri, Reference};

const XATTR: &str = "xattr";

/// Returns the source of what the extended attribute says.
pub(crate) fn attribute() -> Source {
    source(XATTR, "user.image_uri")
}

/// Returns the reference in the extended attribute `user.image_uri`, which the caching importer of
/// pyxis writes and anybody who owns the file can write.
pub(crate) fn hinted(facts: &Facts) -> Option<Reference> {
    match ImportUri::typed(facts.image_uri.as_deref()?) {
        Ok(ImportUri::Registry(reference)) => Some(reference),
        _ => None,
    }
}

/// The import of one file.
#[derive(Clone, Debug)]
pub(crate) struct Import {
    /// The import as the document shows it.
    pub document: Imported,
    /// The reference that was pulled from a registry.
    pub reference: Option<Reference>,
    /// The same after the user's mirror map. Comparisons use this one.
    pub effective: Option<Reference>,
    /// The name that the image had in a daemon.
    pub daemon_name: Option<Reference>,
    pub source: Source,
    /// True for the own name of an image in a layout.
    pub named: bool,
}

impl Import {
    /// Returns the tag that was pulled.
    pub(crate) fn tag(&self) -> Option<&str> {
        self.document.tag.as_deref()
    }

    /// Returns true for what the extended attribute says: the file's owner can write it.
    pub(crate) fn is_a_hint(&self) -> bool {
        self.source.carrier == XATTR
    }

    /// Returns true for a pull from a registry that the importer itself wrote down.
    pub(crate) fn is_registry(&self) -> bool {
        self.document.via == Via::Registry
    }

    /// Returns the repository of a registry import: `docker.io/vllm/vllm-openai`.
    pub(crate) fn repository(&self) -> Option<String> {
        self.effective.as_ref().map(Reference::name)
    }
}

/// Returns what the provenance line says, else the extended attribute of the file.
pub(crate) fn recorded(facts: &Facts, mirrors: &[(String, String)]) -> Option<Import> {
    let line = facts.import.as_ref().and_then(|import| import.uri.as_ref());
    if let Some(line) = line.filter(|line| !line.value.trim().is_empty()) {
        let mut import = build(&line.value, ImportUri::parse(&line.value).ok(), mirrors);
        import.source.clone_from(&line.source);
        if facts.import_doubtful {
            import.document.via = Via::Unknown;
        }
        return Some(import);
    }
    let uri = facts.image_uri.as_deref()?;
    let mut import = build(uri, ImportUri::typed(uri).ok(), mirrors);
    import.document.via = Via::Unknown;
    import.source = attribute();
    Some(import)
}

pub(crate) fn build(text: &str, uri: Option<ImportUri>, mirrors: &[(String, String)]) -> Import {
    let mut import = Import {
        document: Imported {
            uri: text.to_owned(),
            ..Imported::default()
        },
        reference: None,
        effective: None,
        daemon_name: None,
        source: Source::default(),
        named: false,
    };
    match uri {
        Some(ImportUri::Registry(reference)) => {
            import.document.via = Via::Registry;
            import.document.reference = Some(reference.to_string());
            import.document.tag.clone_from(&reference.tag);
            import.document.digest.clone_from(&reference.digest);
            import.effective = Some(
                reference
                    .unmirrored(mirrors)
                    .unwrap_or_else(|| reference.clone()),
            );
            import.reference = Some(reference);
        }
        Some(ImportUri::Daemon { name, .. }) => {
            import.document.via = Via::Daemon;
            import.document.tag = name.as_ref().and_then(|name| name.tag.clone());
            import.daemon_name = name;
        }
        None => {}
    }
    import
}
