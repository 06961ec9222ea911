//! Whether a trusted signer may state what a document says.

use super::claims::repositories;
use super::document::Document;
use super::trust::Signer;

/// The reason why a statement is not believed: a code, and a sentence.
pub(super) type No = (&'static str, String);

/// Checks whether a signer may state this.
pub(super) fn may(signer: &Signer, document: &Document, kind: Option<&str>) -> Result<(), No> {
    let name = &signer.name;
    if !signer.speaks.allows(kind) {
        let kind = kind.unwrap_or("a signature over a file");
        let text = format!("it is signed by {name}, who is not trusted for {kind}");
        return Err(("predicate-not-allowed", text));
    }
    let statement = document.statement.iter();
    let mut said = statement.flat_map(repositories);
    if let Some(strange) = said.find(|it| !signer.speaks.of_repository(it)) {
        let text = format!("it is signed by {name}, who is not trusted for {strange}");
        return Err(("repository-not-allowed", text));
    }
    Ok(())
}
