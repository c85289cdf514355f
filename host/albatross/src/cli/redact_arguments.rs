//! The arguments of `redact`.

use std::path::PathBuf;

use clap::Args;

use super::arguments::{ComponentArguments, OutputArguments};
use crate::redaction::Kept;

/// Arguments of `redact`.
#[derive(Debug, Args)]
#[command(
    after_help = "Regions, zones, ports, times, quotas and the words of AWS and Kubernetes stay. Pseudonyms are in the order of \
    the names, and equal in all passes of a folder."
)]
pub struct RedactArguments {
    /// Bundle, snapshot or recorded pass, or folder that `run --record` wrote; with --translate-back a text, or - for standard
    /// input
    #[arg(value_name = "FILE|DIR|-")]
    pub from: PathBuf,
    /// New file or folder
    #[arg(long, value_name = "FILE|DIR", required_unless_present = "translate_back")]
    pub to: Option<PathBuf>,
    /// What stays as it is; repeat the flag for more
    #[arg(long, value_enum, value_name = "KIND")]
    pub keep: Vec<Kept>,
    /// Word that stays as it is wherever it occurs, such as the label that a policy reads; repeat the flag for more
    #[arg(long, value_name = "WORD", value_parser = word)]
    pub keep_word: Vec<String>,
    /// Write what the pseudonyms stand for to this new file: keep it secret
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Write the redacted passes even if the planner decides differently for them
    #[arg(long)]
    pub allow_differences: bool,
    /// Print a text, such as an answer to a bug report, with the names for which the pseudonyms stand; FILE is what --mapping wrote
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["to", "keep", "keep_word", "mapping", "allow_differences", "planner", "policy", "output"]
    )]
    pub translate_back: Option<PathBuf>,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
    /// Output.
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Reads a word.
fn word(text: &str) -> Result<String, &'static str> {
    match text.chars().all(char::is_alphanumeric) && !text.is_empty() {
        true => Ok(text.to_owned()),
        false => Err("expected one word of letters and digits; repeat the flag for each part of a name"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_letters_and_digits_only() {
        assert_eq!(word("team2"), Ok("team2".to_owned()));
        for text in ["", "cost-center", "a b", "shop.example.org"] {
            assert!(word(text).is_err(), "{text}");
        }
    }
}
