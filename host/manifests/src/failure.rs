//! An error in a document.

/// An error and its line.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The line in the file, from 1.
    pub(crate) line: usize,
    /// The message, with the path of the field.
    pub(crate) message: String,
}
