//! What a certificate says, with the feature `attest` and without.

/// Who signed, as a certificate says that was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signer {
    /// The subject: a workflow's URI, or a mail address.
    pub subject: String,
    /// Who vouches for it.
    pub issuer: String,
    /// The repository whose workflow signed.
    pub repository: Option<String>,
    /// The file that says how to build, with its ref.
    pub workflow: Option<String>,
    /// When it signed, in seconds since 1970, as a log or a time server says.
    pub time: Option<i64>,
}
