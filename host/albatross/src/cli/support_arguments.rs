//! The arguments of `support-bundle`.

use std::path::PathBuf;

use clap::Args;

use super::arguments::{ComponentArguments, InputArguments};

/// Arguments of `support-bundle`.
#[derive(Debug, Args)]
pub struct SupportArguments {
    /// Archive to write, such as problem.tar.zst; an existing file is not replaced
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Inputs.
    #[command(flatten)]
    pub inputs: InputArguments,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
    /// Address of a controller, such as localhost:8080 with `kubectl port-forward`: adds its metrics and who decides
    #[cfg(feature = "live")]
    #[arg(long, value_name = "HOST:PORT")]
    pub controller: Option<String>,
    /// Leave names, hosts, addresses and account ids as they are
    #[arg(long)]
    pub with_names: bool,
    /// File with the log of the controller, of which the last 1,000 lines are added; a log contains names
    #[arg(long, requires = "with_names", value_name = "FILE")]
    pub log_file: Option<PathBuf>,
}
