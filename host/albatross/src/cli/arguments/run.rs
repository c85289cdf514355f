//! The arguments of `run` and `snapshot`, which read a cluster and an account.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{
    super::{ancestor::Ancestor, record_arguments::RecordArguments},
    ComponentArguments, SettingsArguments, policy_source,
};
use crate::inputs::PolicySource;

/// Arguments of `run`.
#[derive(Debug, Args)]
#[command(
    after_help = "AWS credentials come from the default chain of the AWS SDKs. Region, VPC and cluster id come from the \
    flags, else from AWS_REGION, ALBATROSS_VPC_ID and ALBATROSS_CLUSTER_ID, else from the metadata and tags of the EC2 \
    instance that Albatross runs on."
)]
pub struct RunArguments {
    /// Run passes until there is nothing to do, then exit, with code 1 if AWS does not match the manifests
    #[arg(long, requires = "manifests")]
    pub once: bool,
    /// Manifests to use instead of a cluster: files, directories, or - for standard input
    #[arg(long, requires = "once", num_args = 1.., value_name = "FILE|DIR|-")]
    pub manifests: Vec<PathBuf>,
    /// The manifests contain all Ingresses and RouteGroups: also remove resources that none of them needs
    #[arg(long, requires = "manifests")]
    pub prune: bool,
    /// Write nothing to AWS and nothing to the cluster: only plan, and show in the log, the metrics and /snapshot what would be done.
    /// Needs no Lease, so it also runs beside a controller
    #[arg(long, conflicts_with = "once")]
    pub read_only: bool,
    /// Cluster and account.
    #[command(flatten)]
    pub live: LiveArguments,
    /// Settings and allowances.
    #[command(flatten)]
    pub settings: SettingsArguments,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
    /// Policy component that is only planned in shadow: what it would change is logged, announced in an Event, and at /policy
    #[arg(long, value_name = "FILE|OCI", value_parser = policy_source(), conflicts_with = "once")]
    pub shadow_policy: Vec<PolicySource>,
    /// Let policies take over although they exceed the budgets: exactly those with this token, which the Event PolicyHeld has
    #[arg(long, value_name = "TOKEN", conflicts_with = "once")]
    pub allow_policy: Vec<String>,
    /// Settings file of the policies in shadow [default: that of --settings]
    #[arg(long, value_name = "FILE", requires = "shadow_policy")]
    pub shadow_settings: Option<PathBuf>,
    /// Recordings.
    #[command(flatten)]
    pub record: RecordArguments,
    /// Seconds between passes that check AWS for changes made by others; resources that rarely change are read at least
    /// every 10 minutes
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(5..=900))]
    pub interval: u64,
    /// Percentage of AWS's published rate limits that Albatross uses; all clients in the account share these limits
    #[arg(long, default_value_t = 25, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub aws_rate: u8,
    /// Serve the bundle of the next pass at /snapshot, for `replay`. It has the names and hosts of all Ingresses, and ARNs, and whoever
    /// reaches the port may read it
    #[arg(long)]
    pub serve_snapshot: bool,
    /// Address of /livez, /readyz, /metrics and /policy; [::] is all addresses, IPv6 and IPv4
    #[arg(long, default_value = "[::]:8080", value_name = "ADDRESS:PORT")]
    pub listen: std::net::SocketAddr,
    /// Serve a page about the fleet at this address, such as 127.0.0.1:8081. It only shows; whoever reaches the address may read it
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "once")]
    pub page: Option<std::net::SocketAddr>,
    /// Namespace of the Lease; must be the same for all replicas
    #[arg(long, default_value = crate::live::lease::NAMESPACE, value_name = "NAMESPACE")]
    pub lease_namespace: String,
    /// Log format
    #[arg(long, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub log: LogFormat,
    /// File with the log level, such as debug or info,albatross_aws=debug, which is read every 5 seconds; while there is no such file,
    /// the level is that of ALBATROSS_LOG
    #[arg(long, value_name = "FILE", conflicts_with = "once")]
    pub log_level_file: Option<PathBuf>,
    /// What the flags of kube-ingress-aws-controller say.
    #[arg(skip)]
    pub ancestor: Ancestor,
}

/// Arguments of `snapshot`.
#[derive(Debug, Args)]
pub struct SnapshotArguments {
    /// File to write
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Cluster and account.
    #[command(flatten)]
    pub live: LiveArguments,
    /// Settings and allowances.
    #[command(flatten)]
    pub settings: SettingsArguments,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
}

/// Cluster and account.
#[derive(Debug, Args)]
pub struct LiveArguments {
    /// Kubeconfig file [default: the service account if in a Pod, else KUBECONFIG, else ~/.kube/config]
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

/// Log formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// One JSON object per line
    Json,
}
