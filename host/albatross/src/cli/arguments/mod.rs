//! The command line.

mod explain;
mod handover;
mod inputs;
mod output;
#[cfg(feature = "live")]
mod run;
mod serve;
mod simulate;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use explain::{ExplainArguments, ExplainIngressArguments, ExplainRequestArguments, ExplainSubject};
pub use handover::{HandoverArguments, UninstallArguments};
pub use inputs::{
    AllowanceArguments, ComponentArguments, InputArguments, PolicyCacheArguments, SettingsArguments,
    policy_source,
};
pub use output::{CommentArguments, CommentFormat, OutputArguments, OutputFormat};
#[cfg(feature = "live")]
pub use run::{LiveArguments, LogFormat, RunArguments, SnapshotArguments, WebhookService};
pub use serve::ServeArguments;
pub use simulate::SimulateArguments;

use super::{
    diff_arguments::DiffArguments, policy_arguments::PolicyArguments, redact_arguments::RedactArguments,
    replay_arguments::ReplayArguments, support_arguments::SupportArguments,
    what_if_arguments::WhatIfArguments,
};

/// Kubernetes ingress controller for AWS load balancers. You can preview, explain and replay every plan before it
/// touches production.
#[derive(Debug, Parser)]
#[command(name = "albatross", version, propagate_version = true)]
pub struct Arguments {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole controller in a simulation, without an AWS account or a cluster
    Simulate(SimulateArguments),
    /// Show what would change in AWS, and why
    Plan(PlanArguments),
    /// Show the fleet at a glance: load balancers, certificates, quotas, and what a person should look at
    Status(StatusArguments),
    /// Explain a decision
    Explain(ExplainArguments),
    /// Reproduce recorded plans, or show what other policies or settings would have changed
    Replay(ReplayArguments),
    /// Show what differs between two recorded passes, snapshots or plans: in the world, and in the answer
    Diff(DiffArguments),
    /// Remove account ids, names, hosts and addresses from recorded passes, which still show the same decisions
    Redact(RedactArguments),
    /// Write an archive for a report of a problem: what was seen, what is planned, metrics; with pseudonyms instead of names
    SupportBundle(Box<SupportArguments>),
    /// Show what more nodes or Ingresses, the loss of a zone or renewed certificates would change, and which quota is hit first
    WhatIf(Box<WhatIfArguments>),
    /// Write a policy, and check whether a component is fit to be one
    Policy(PolicyArguments),
    /// Print the JSON schema of a file format, such as that of the settings
    Schema(SchemaArguments),
    /// Print a file of the built-in example, as a starting point for your own
    Example(ExampleArguments),
    /// Print what a shell needs to complete commands and flags
    Completions(CompletionsArguments),
    /// Write manual pages
    Man(ManArguments),
    /// Take over load balancers of kube-ingress-aws-controller: they keep their names, and no request is answered differently
    Adopt(HandoverArguments),
    /// Stop managing load balancers, and delete nothing
    Forget(HandoverArguments),
    /// Remove everything that the controller has created: preview, or with --confirm, removal
    Uninstall(UninstallArguments),
    /// Run the controller, which keeps AWS in sync with the Ingresses of a cluster
    #[cfg(feature = "live")]
    Run(RunArguments),
    /// Save a cluster, its AWS account and the plan to a bundle for plan, explain and replay
    #[cfg(feature = "live")]
    Snapshot(SnapshotArguments),
    /// Run the controller (not part of this build)
    #[cfg(not(feature = "live"))]
    Run(LeftOutArguments),
    /// Save a cluster and its AWS account to a file (not part of this build)
    #[cfg(not(feature = "live"))]
    Snapshot(LeftOutArguments),
}

/// Arguments of a command that is not part of this build. Any arguments are accepted; the command fails and says why.
#[cfg(not(feature = "live"))]
#[derive(Debug, Args)]
pub struct LeftOutArguments {
    /// Ignored
    #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<std::ffi::OsString>,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArguments {
    /// File format
    #[arg(value_enum, value_name = "KIND")]
    pub subject: SchemaSubject,
}

/// File formats that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaSubject {
    /// Input of --settings
    Settings,
    /// Input of --cloud
    Inventory,
    /// Part of a bundle; input of --snapshot
    Snapshot,
    /// Output of `plan --output json`
    Plan,
    /// Output of --record and `snapshot`, input of `replay` and --snapshot
    Bundle,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArguments {
    /// Shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
pub struct ManArguments {
    /// Folder for the pages, which is created if it does not exist
    #[arg(long, value_name = "FOLDER")]
    pub to: PathBuf,
}

/// Arguments of `example`.
#[derive(Debug, Args)]
pub struct ExampleArguments {
    /// File
    #[arg(value_enum, value_name = "KIND")]
    pub subject: ExampleSubject,
}

/// Files of the built-in example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExampleSubject {
    /// An AWS inventory, for --cloud
    Inventory,
    /// Settings, for --settings
    Settings,
    /// Ingresses, for --manifests
    Manifests,
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub struct PlanArguments {
    /// Inputs.
    #[command(flatten)]
    pub inputs: InputArguments,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
    /// Write a bundle for `replay`: the snapshot, the plan, and which planner and policies made the plan
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Write each question to a policy, with the answer, to a file in this folder: an input for tests of the policy
    #[arg(long, value_name = "DIR")]
    pub record_questions: Option<PathBuf>,
    /// Exit with 0 if there is nothing to do; with 2 if something would change, a change is withheld, or something is not
    /// served as requested (an Ingress is rejected, waiting or held, or a host is left out); with 1 on an error
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Output.
    #[command(flatten)]
    pub output: CommentArguments,
}

/// Arguments of `status`.
#[derive(Debug, Args)]
pub struct StatusArguments {
    /// Inputs.
    #[command(flatten)]
    pub inputs: InputArguments,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
    /// Output.
    #[command(flatten)]
    pub output: OutputArguments,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Arguments::command().debug_assert();
    }
}
