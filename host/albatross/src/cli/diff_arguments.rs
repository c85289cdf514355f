//! The arguments of `diff`.

use std::path::PathBuf;

use clap::Args;

use super::arguments::{CommentArguments, ComponentArguments};

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub struct DiffArguments {
    /// Bundle, snapshot, plan, or recorded pass
    #[arg(value_name = "A")]
    pub before: PathBuf,
    /// Another file of the same kind
    #[arg(value_name = "B")]
    pub after: PathBuf,
    /// Write a report for people to this file, which replaces one that is there: HTML that opens in any browser without a network
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Exit with 0 if nothing differs, with 2 if something does, with 1 on an error
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Components, with which two snapshots are planned.
    #[command(flatten)]
    pub components: ComponentArguments,
    /// Output.
    #[command(flatten)]
    pub output: CommentArguments,
}
