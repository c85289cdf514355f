//! The arguments of `simulate`.

use std::path::PathBuf;

use albatross_contract::{LENGTHS_OF_TIME, length_of_time};
use clap::Args;

use super::{ComponentArguments, OutputArguments, ServeArguments, SettingsArguments, policy_source};
use crate::inputs::PolicySource;

/// Arguments of `simulate`.
#[derive(Debug, Args)]
#[command(
    after_help = "Without --manifests and --cloud, the built-in example runs. With --manifests alone, the manifests run in the \
    AWS account of the example."
)]
pub struct SimulateArguments {
    /// Manifests of the first step: files, directories, or - for standard input
    #[arg(long, num_args = 1.., value_name = "FILE|DIR|-")]
    pub manifests: Vec<PathBuf>,
    /// Complete set of manifests of the next step; repeat the flag for further steps
    #[arg(long, value_name = "FILE|DIR")]
    pub then: Vec<PathBuf>,
    /// Policy that takes the place of those of --policy after all steps, within the budgets, as in a running controller
    #[arg(long, value_name = "FILE|OCI", value_parser = policy_source())]
    pub then_policy: Vec<PolicySource>,
    /// Settings file of the policies of --then-policy [default: that of --settings]
    #[arg(long, value_name = "FILE", requires = "then_policy")]
    pub then_settings: Option<PathBuf>,
    /// Allow the name changes that the policies of --then-policy bring about
    #[arg(long, requires = "then_policy")]
    pub allow_then_policy: bool,
    /// Let time pass in the end, such as 2h, and run passes whenever a plan announces a change
    #[arg(long, value_name = "TIME", value_parser = read_length_of_time)]
    pub run_for: Option<u64>,
    /// Write the end as a bundle, for `plan --snapshot`, `diff`, `what-if` and `replay`
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// AWS inventory at the start (`albatross example inventory` prints an example); requires --manifests
    #[arg(long, requires = "manifests", value_name = "FILE")]
    pub cloud: Option<PathBuf>,
    /// What is served afterwards.
    #[command(flatten)]
    pub serve: ServeArguments,
    /// Settings and allowances.
    #[command(flatten)]
    pub settings: SettingsArguments,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
    /// Output.
    #[command(flatten)]
    pub output: OutputArguments,
}

fn read_length_of_time(text: &str) -> Result<u64, String> {
    length_of_time(text).ok_or_else(|| format!("not a length of time, such as {LENGTHS_OF_TIME}"))
}
