//! Objects that could not be read, with their places.

use std::fmt;

/// A place in the sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, or the name of the text.
    pub file: String,
    /// The document in the file, from 1; empty documents are not counted.
    pub document: usize,
    /// The line in the file, from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}, document {}, line {}", self.file, self.document, self.line)
    }
}

/// An object that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The place of the error.
    pub place: Place,
    /// The object, such as `Ingress shop/checkout`. Absent: not known.
    pub object: Option<String>,
    /// The field and what is wrong with it, such as `spec.rules[0].host: 80 is a number, expected a string`.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.message)
    }
}
