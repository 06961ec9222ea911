//! The signer in a certificate, with and without the feature `attest`.

/// The signer, according to a verified certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signer {
    /// The subject: a workflow's URI, or a mail address.
    pub subject: String,
    /// The issuer of the identity.
    pub issuer: String,
    /// The repository whose workflow signed.
    pub repository: Option<String>,
    /// The workflow file, with its ref.
    pub workflow: Option<String>,
    /// The time of the signature, in seconds since 1970, from a log or a time server.
    pub time: Option<i64>,
}
