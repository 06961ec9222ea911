//! What an audit keeps of the statements about an image.

use serde::{Deserialize, Serialize};

use crate::provenance::{Attestation, AttestedLevel, Provenance};

/// The best statement about an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Attested {
    /// What it binds of the image; null if none is believed.
    pub level: Option<AttestedLevel>,
    /// Who signed it.
    pub signer: Option<String>,
    /// Why a statement is not believed, or is about another image; null if all are believed.
    pub invalid: Option<String>,
}

impl Attested {
    /// The best of a document's statements.
    #[must_use]
    pub fn of(document: &Provenance) -> Self {
        let all = &document.attestations;
        let verified = all.iter().filter(|it| it.holds());
        let best = verified.min_by_key(|it| it.level);
        let not = all.iter().find(|it| !it.holds());
        let why = |it: &Attestation| format!("{}: {}", it.path, it.message);
        Self {
            level: best.and_then(|it| it.level),
            signer: best.and_then(|it| it.signer.clone()),
            invalid: not.map(why),
        }
    }

    /// `file admin@site`, for a cell of a table.
    #[must_use]
    pub fn cell(&self) -> String {
        match (&self.level, &self.signer) {
            (Some(level), Some(signer)) => format!("{level} {signer}"),
            _ if self.invalid.is_some() => "invalid".to_owned(),
            _ => "missing".to_owned(),
        }
    }

    /// Returns the finding's code: no trusted statement about the image, or one that is not believed.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        if let Some(why) = &self.invalid {
            found.push(("attestation-invalid", why.clone()));
        }
        if !self.level.is_some_and(AttestedLevel::binds) {
            let message = match self.level {
                Some(_) => {
                    "no trusted signer signed a statement about this file, only about the digest that it declares it was imported from"
                }
                None => "no trusted signer signed a statement about this file",
            };
            found.push(("attestation-missing", message.to_owned()));
        }
        found
    }
}
