//! The arguments of `adopt`, `forget` and `uninstall`.

use clap::Args;

use super::{ComponentArguments, InputArguments};

/// Arguments of `adopt` and `forget`.
#[derive(Debug, Args)]
pub struct HandoverArguments {
    /// Load balancers: each by its name, its ARN, its id (tag albatross/id), or the name of its CloudFormation stack
    #[arg(required = true, value_name = "NAME")]
    pub names: Vec<String>,
    /// Show what would change, and change nothing; required with files as input
    #[arg(long)]
    pub dry_run: bool,
    /// Inputs.
    #[command(flatten)]
    pub inputs: InputArguments,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
    /// Namespace of the Lease of the controller, which must not run meanwhile
    #[cfg(feature = "live")]
    #[arg(long, default_value = crate::live::lease::NAMESPACE, value_name = "NAMESPACE")]
    pub lease_namespace: String,
}

/// Arguments of `uninstall`.
#[derive(Debug, Args)]
pub struct UninstallArguments {
    /// Remove everything, and end when nothing is left: at the earliest when the grace period of the settings is over
    #[arg(long)]
    pub confirm: bool,
    /// Inputs.
    #[command(flatten)]
    pub inputs: InputArguments,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
    /// Namespace of the Lease of the controller, which must not run meanwhile
    #[cfg(feature = "live")]
    #[arg(long, default_value = crate::live::lease::NAMESPACE, value_name = "NAMESPACE")]
    pub lease_namespace: String,
}
