//! What a command says about its input, besides its answer.

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A part of the input cannot be used.
    Error(String),
    /// What follows from it, or something that a person should know.
    Warning(String),
}
