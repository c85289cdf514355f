//! The arguments about output.

use clap::{Args, ValueEnum};

/// Output.
#[derive(Debug, Args)]
pub struct OutputArguments {
    /// Output format: text or json
    #[arg(long, value_enum, hide_possible_values = true, default_value_t = OutputFormat::Text, value_name = "FORMAT")]
    pub output: OutputFormat,
}

/// Output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Output that can be a comment on a pull request.
#[derive(Debug, Args)]
pub struct CommentArguments {
    /// Output format: text, json, or markdown for a comment on a pull request
    #[arg(
        long, value_enum, hide_possible_values = true, default_value_t = CommentFormat::Text, value_name = "FORMAT"
    )]
    pub output: CommentFormat,
}

/// Output formats of what can be a comment on a pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CommentFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For GitHub and GitLab
    Markdown,
}
