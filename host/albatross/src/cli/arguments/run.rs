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
    /// Serve an admission webhook at this address over HTTPS, at /validate: it warns whoever creates or changes an Ingress of what that
    /// would do, and always allows it [default address: [::]:9443]
    #[arg(long, value_name = "ADDRESS:PORT", num_args = 0..=1, default_missing_value = "[::]:9443", conflicts_with = "once")]
    pub webhook: Option<std::net::SocketAddr>,
    /// Folder with tls.crt and tls.key of the webhook, read again when they change [default: a certificate that Albatross makes, keeps
    /// in a Secret, and adds to the ValidatingWebhookConfiguration]
    #[arg(long, value_name = "FOLDER", requires = "webhook")]
    pub webhook_certificate: Option<PathBuf>,
    /// Service through which API servers call the webhook; the Secret and the ValidatingWebhookConfiguration have its name
    #[arg(long, value_name = "NAMESPACE/NAME", default_value = "kube-system/albatross-webhook", value_parser = service)]
    pub webhook_service: WebhookService,
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

/// The Service of the webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookService {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Default for WebhookService {
    fn default() -> Self {
        WebhookService { namespace: "kube-system".to_owned(), name: "albatross-webhook".to_owned() }
    }
}

fn service(text: &str) -> Result<WebhookService, String> {
    let is_label = |part: &str| {
        let is_inner = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
        (1..=63).contains(&part.len()) && part.bytes().all(is_inner)
    };
    match text.split_once('/') {
        Some((namespace, name)) if is_label(namespace) && is_label(name) => {
            Ok(WebhookService { namespace: namespace.to_owned(), name: name.to_owned() })
        }
        _ => Err("expected NAMESPACE/NAME, such as kube-system/albatross-webhook".to_owned()),
    }
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
