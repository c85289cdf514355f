//! The command line.

use std::path::PathBuf;

use albatross_contract::{Allowances, ObjectKind, ObjectName, Timestamp};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{inputs::IdentityOverrides, render::time};

/// Kubernetes ingress controller for AWS load balancers. Every plan can be previewed, explained and replayed before
/// it touches production.
#[derive(Debug, Parser)]
#[command(name = "albatross", version, propagate_version = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole controller against an embedded cloud: no account, no cluster
    Simulate(SimulateArguments),
    /// Show what would be done for manifests and an AWS inventory, and why
    Plan(PlanArguments),
    /// Say why something is as it is
    Explain(ExplainArguments),
    /// Make a recorded plan again, or see what another policy would have done
    Replay(ReplayArguments),
    /// Print the JSON schema of a file: of settings, of an inventory
    Schema(SchemaArguments),
    /// Print a file of the built-in example, to begin your own with
    Example(ExampleArguments),
    /// Keep AWS in line with the Ingresses of a cluster
    #[cfg(feature = "live")]
    Run(RunArguments),
    /// Capture a cluster and its AWS account in a file that plan, explain and replay take
    #[cfg(feature = "live")]
    Snapshot(SnapshotArguments),
    /// Keep AWS in line with the Ingresses of a cluster: this build leaves it out
    #[cfg(not(feature = "live"))]
    Run(LeftOutArguments),
    /// Capture a cluster and its AWS account in a file: this build leaves it out
    #[cfg(not(feature = "live"))]
    Snapshot(LeftOutArguments),
}

/// Arguments of a command that this build leaves out: whatever is given, the answer is that it is left out.
#[cfg(not(feature = "live"))]
#[derive(Debug, Args)]
pub struct LeftOutArguments {
    /// Not looked at
    #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<std::ffi::OsString>,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArguments {
    /// Of which file
    #[arg(value_enum, value_name = "KIND")]
    pub subject: SchemaSubject,
}

/// Files that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaSubject {
    /// What --settings takes
    Settings,
    /// What --cloud takes
    Inventory,
    /// What --snapshot takes
    Snapshot,
    /// What `plan --output json` writes
    Plan,
    /// What --record writes and `replay` takes
    Bundle,
}

/// Arguments of `example`.
#[derive(Debug, Args)]
pub struct ExampleArguments {
    /// Which file
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

/// Arguments of `simulate`.
#[derive(Debug, Args)]
#[command(
    after_help = "Without --manifests and --cloud the built-in example runs; manifests alone run in its account."
)]
pub struct SimulateArguments {
    /// Manifests to begin with: files, folders, or - for standard input
    #[arg(long, num_args = 1.., value_name = "FILE|DIR|-")]
    pub manifests: Vec<PathBuf>,
    /// Manifests of all that is there in the next step; once for each step
    #[arg(long, value_name = "FILE|DIR")]
    pub then: Vec<PathBuf>,
    /// AWS inventory to begin with, such as `albatross example inventory` prints; it needs manifests of your own
    #[arg(long, requires = "manifests", value_name = "FILE")]
    pub cloud: Option<PathBuf>,
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

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub struct PlanArguments {
    /// What is planned for.
    #[command(flatten)]
    pub inputs: InputArguments,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
    /// Write snapshot, plan and all that made it to a file that `replay` reads
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Exit with 0 when there is nothing to do, 2 when something changes, is withheld or is not served as asked for (an
    /// Ingress is rejected, waits or is held, or a host is left out), 1 on errors
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Output.
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// What to explain.
    #[command(subcommand)]
    pub subject: ExplainSubject,
}

/// What can be explained.
#[derive(Debug, Subcommand)]
pub enum ExplainSubject {
    /// An Ingress: its load balancer, certificates and subnets, and why not others
    Ingress(ExplainIngressArguments),
}

/// Arguments of `explain ingress`.
#[derive(Debug, Args)]
pub struct ExplainIngressArguments {
    /// The Ingress
    #[arg(value_name = "NAMESPACE/NAME", value_parser = ingress_name)]
    pub name: ObjectName,
    /// What is planned for.
    #[command(flatten)]
    pub inputs: InputArguments,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
    /// Output.
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub struct ReplayArguments {
    /// A file that `plan --record` wrote
    #[arg(value_name = "FILE")]
    pub bundle: PathBuf,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
    /// Output.
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Arguments of `run`.
#[cfg(feature = "live")]
#[derive(Debug, Args)]
#[command(
    after_help = "Credentials come from where the AWS SDKs look for them; region, VPC and cluster id from the \
    flags, else from AWS_REGION, ALBATROSS_VPC_ID and ALBATROSS_CLUSTER_ID, else from the metadata and tags of the \
    instance that this runs on."
)]
pub struct RunArguments {
    /// One pass after the other until there is nothing to do, then end; exit code 1 if not all is as the manifests want
    #[arg(long, requires = "manifests")]
    pub once: bool,
    /// Manifests to converge to instead of a cluster
    #[arg(long, requires = "once", num_args = 1.., value_name = "FILE|DIR|-")]
    pub manifests: Vec<PathBuf>,
    /// Treat the manifests as the complete set: remove everything else
    #[arg(long, requires = "manifests")]
    pub prune: bool,
    /// Where cluster and account are.
    #[command(flatten)]
    pub live: LiveArguments,
    /// Settings and allowances.
    #[command(flatten)]
    pub settings: SettingsArguments,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
    /// Write a bundle for each pass that changes something, for replay; the newest 100 stay
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
    /// Look for what others changed in AWS this often; what rarely changes is read again within 10 minutes
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(5..=900))]
    pub interval: u64,
    /// Where /livez, /readyz and /metrics answer; [::] is every address, of IPv4 too
    #[arg(long, default_value = "[::]:8080", value_name = "ADDRESS:PORT")]
    pub listen: std::net::SocketAddr,
    /// Namespace of the Lease: the same for all replicas
    #[arg(long, default_value = crate::live::lease::NAMESPACE, value_name = "NAMESPACE")]
    pub lease_namespace: String,
    /// Form of the log
    #[arg(long, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub log: LogFormat,
}

/// Arguments of `snapshot`.
#[cfg(feature = "live")]
#[derive(Debug, Args)]
pub struct SnapshotArguments {
    /// The file to write
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where cluster and account are.
    #[command(flatten)]
    pub live: LiveArguments,
    /// Settings and allowances.
    #[command(flatten)]
    pub settings: SettingsArguments,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
}

/// Where cluster and account are.
#[cfg(feature = "live")]
#[derive(Debug, Args)]
pub struct LiveArguments {
    /// Kubeconfig [default: in a pod its service account, else KUBECONFIG, else ~/.kube/config]
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
    /// AWS region
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// VPC of the cluster
    #[arg(long, value_name = "ID")]
    pub vpc_id: Option<String>,
}

/// Forms of the log.
#[cfg(feature = "live")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

/// What is planned for.
#[derive(Debug, Args)]
#[cfg_attr(
    feature = "live",
    command(
        after_help = "Without --manifests the cluster of the kubeconfig is read, without --cloud the AWS account."
    )
)]
#[cfg_attr(
    not(feature = "live"),
    command(
        after_help = "This build reaches neither a cluster nor AWS: give --manifests and --cloud, or --snapshot."
    )
)]
pub struct InputArguments {
    /// Kubernetes manifests: files, folders, or - for standard input
    #[arg(long, num_args = 1.., value_name = "FILE|DIR|-")]
    pub manifests: Vec<PathBuf>,
    /// AWS inventory, such as account.json; `albatross example inventory` prints a first one
    #[arg(long, value_name = "FILE")]
    pub cloud: Option<PathBuf>,
    /// What `snapshot` or `--record` wrote, instead of both
    #[arg(long, conflicts_with_all = ["manifests", "cloud", "settings"], value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// Where cluster and account are.
    #[cfg(feature = "live")]
    #[command(flatten)]
    pub live: LiveArguments,
    /// Treat the manifests as the complete set: remove everything else
    #[arg(long, requires = "manifests")]
    pub prune: bool,
    /// Time of planning in seconds since 1970 or as 2026-11-21T09:30:00Z [default: that of the inventory]
    #[arg(long, value_name = "TIME", value_parser = time::parse)]
    pub time: Option<Timestamp>,
    /// Settings and allowances.
    #[command(flatten)]
    pub settings: SettingsArguments,
}

/// Settings and what is put over them.
#[derive(Debug, Args)]
pub struct SettingsArguments {
    /// Settings in JSON, such as {"identity": {"cluster-id": "shop", "cluster-uid": "…"}, "grace": "1h"}; `albatross
    /// schema settings` has all of them
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Cluster, as in the tag kubernetes.io/cluster/<ID>
    #[arg(long, value_name = "ID")]
    pub cluster_id: Option<String>,
    /// Uid of the namespace kube-system
    #[arg(long, value_name = "UID")]
    pub cluster_uid: Option<String>,
    /// Value of the tag kubernetes:application
    #[arg(long, value_name = "ID")]
    pub controller_id: Option<String>,
    /// Ingresses that may be released though they exist
    #[arg(long, value_delimiter = ',', value_name = "NAMESPACE/NAME,…")]
    pub allow_release: Vec<String>,
    /// Certificates, rules and load balancers that may become unneeded
    #[arg(long, value_delimiter = ',', value_name = "ID,…")]
    pub allow_unneeded: Vec<String>,
    /// Ingresses whose published DNS name may change
    #[arg(long, value_delimiter = ',', value_name = "NAMESPACE/NAME,…")]
    pub allow_name_change: Vec<String>,
    /// Instances and Auto Scaling Groups that may leave target groups
    #[arg(long, value_delimiter = ',', value_name = "ID,…")]
    pub allow_targets: Vec<String>,
    /// Uids of clusters whose resources are taken over
    #[arg(long, value_delimiter = ',', value_name = "UID,…")]
    pub take_over_cluster: Vec<String>,
}

impl SettingsArguments {
    /// Whose resources these are.
    pub fn identity(&self) -> IdentityOverrides {
        IdentityOverrides {
            cluster_id: self.cluster_id.clone(),
            cluster_uid: self.cluster_uid.clone(),
            controller_id: self.controller_id.clone(),
        }
    }

    /// What a person allows.
    pub fn allowances(&self) -> Allowances {
        Allowances {
            release: self.allow_release.clone(),
            unneeded: self.allow_unneeded.clone(),
            name_change: self.allow_name_change.clone(),
            targets: self.allow_targets.clone(),
            take_over_cluster: self.take_over_cluster.clone(),
            // Belongs to the manifests.
            prune: false,
        }
    }
}

/// Which components plan.
#[derive(Debug, Args)]
pub struct ComponentArguments {
    /// Policy component that takes over every decision it exports, such as target/policies/one-per-namespace.wasm
    #[arg(long, value_name = "FILE")]
    pub policy: Vec<PathBuf>,
    /// Planner component [default: the built-in one]
    #[arg(long, value_name = "FILE")]
    pub planner: Option<PathBuf>,
}

/// How to answer.
#[derive(Debug, Args)]
pub struct OutputArguments {
    /// text for people or json for programs
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

/// Reads `namespace/name`.
fn ingress_name(text: &str) -> Result<ObjectName, String> {
    ObjectName::parse(text)
        .filter(|object| object.kind == ObjectKind::Ingress)
        .ok_or_else(|| "expected namespace/name, such as shop/checkout".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn an_ingress_is_named_with_its_namespace() {
        let expected = ObjectName::ingress("shop", "checkout");
        assert_eq!(ingress_name("shop/checkout"), Ok(expected));
        for text in ["checkout", "/checkout", "shop/", "shop/check/out", "HTTPRoute:shop/checkout"] {
            assert!(ingress_name(text).is_err(), "{text}");
        }
    }
}
