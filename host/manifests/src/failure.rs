//! What is wrong with a document.

/// What is wrong and where.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The line in the file, from 1.
    pub(crate) line: usize,
    /// With the path of the field.
    pub(crate) message: String,
}
