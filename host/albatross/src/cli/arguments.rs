//! The command line.

use std::path::{Path, PathBuf};

use albatross_contract::{
    Allowances, LENGTHS_OF_TIME, ObjectKind, ObjectName, Tag, Timestamp, length_of_time,
};
use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{OsStringValueParser, TypedValueParser},
};

#[cfg(feature = "live")]
use super::{ancestor::Ancestor, record_arguments::RecordArguments};
use super::{
    diff_arguments::DiffArguments, policy_arguments::PolicyArguments, redact_arguments::RedactArguments,
    replay_arguments::ReplayArguments, request, what_if_arguments::WhatIfArguments,
};
use crate::{
    error::Error,
    inputs::{IdentityOverrides, PolicyComponent, PolicyReader, PolicySource},
    render::time,
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
    /// Explain a decision
    Explain(ExplainArguments),
    /// Reproduce recorded plans, or show what other policies or settings would have changed
    Replay(ReplayArguments),
    /// Show what differs between two recorded passes, snapshots or plans: in the world, and in the answer
    Diff(DiffArguments),
    /// Remove account ids, names, hosts and addresses from recorded passes, which still show the same decisions
    Redact(RedactArguments),
    /// Show what more nodes or Ingresses, the loss of a zone or renewed certificates would change, and which quota is hit first
    WhatIf(Box<WhatIfArguments>),
    /// Write a policy, and check whether a component is fit to be one
    Policy(PolicyArguments),
    /// Print the JSON schema of a file format, such as that of the settings
    Schema(SchemaArguments),
    /// Print a file of the built-in example, as a starting point for your own
    Example(ExampleArguments),
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

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// Subject.
    #[command(subcommand)]
    pub subject: ExplainSubject,
}

/// Subjects of an explanation.
#[derive(Debug, Subcommand)]
pub enum ExplainSubject {
    /// Explain the load balancer, certificates and subnets of an Ingress, and why others were not chosen
    Ingress(ExplainIngressArguments),
    /// Explain which listener rule answers a request, which rules are tried before it, and where the request goes
    Request(ExplainRequestArguments),
}

/// Arguments of `explain request`.
#[derive(Debug, Args)]
pub struct ExplainRequestArguments {
    /// Method, such as GET
    #[arg(value_name = "METHOD", value_parser = request::method)]
    pub method: String,
    /// URL, such as https://shop.example.org/cart?page=2
    #[arg(value_name = "URL", value_parser = request::url)]
    pub url: request::Url,
    /// Header; repeat the flag for further headers
    #[arg(long, value_name = "NAME: VALUE", value_parser = request::header)]
    pub header: Vec<Tag>,
    /// Address of the client, for rules with a source address [default: rules with a source address do not match]
    #[arg(long, value_name = "ADDRESS")]
    pub source_address: Option<std::net::IpAddr>,
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

/// Arguments of `explain ingress`.
#[derive(Debug, Args)]
pub struct ExplainIngressArguments {
    /// The Ingress, or a RouteGroup as RouteGroup:NAMESPACE/NAME
    #[arg(value_name = "NAMESPACE/NAME", value_parser = object_name)]
    pub name: ObjectName,
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

/// Arguments of `run`.
#[cfg(feature = "live")]
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
    /// Namespace of the Lease; must be the same for all replicas
    #[arg(long, default_value = crate::live::lease::NAMESPACE, value_name = "NAMESPACE")]
    pub lease_namespace: String,
    /// Log format
    #[arg(long, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub log: LogFormat,
    /// What the flags of kube-ingress-aws-controller say.
    #[arg(skip)]
    pub ancestor: Ancestor,
}

/// Arguments of `snapshot`.
#[cfg(feature = "live")]
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
#[cfg(feature = "live")]
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
#[cfg(feature = "live")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// One JSON object per line
    Json,
}

/// Inputs of planning.
#[derive(Debug, Args)]
#[cfg_attr(
    feature = "live",
    command(
        after_help = "Without --manifests, the cluster of the kubeconfig is read. Without --cloud, the AWS account is read."
    )
)]
#[cfg_attr(
    not(feature = "live"),
    command(
        after_help = "This build cannot connect to a cluster or to AWS: give --manifests and --cloud, or --snapshot."
    )
)]
pub struct InputArguments {
    /// Kubernetes manifests: files, directories (without their subdirectories), or - for standard input
    #[arg(long, num_args = 1.., value_name = "FILE|DIR|-")]
    pub manifests: Vec<PathBuf>,
    /// AWS inventory, such as account.json; `albatross example inventory` prints an example
    #[arg(long, value_name = "FILE")]
    pub cloud: Option<PathBuf>,
    /// Bundle that `snapshot` or --record wrote, instead of a cluster and --cloud; --manifests are applied to its cluster, and
    /// --settings override its settings
    #[arg(long, conflicts_with = "cloud", value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// Manifests before a change, such as those of the base branch: Ingresses and RouteGroups that are in these, and not in
    /// --manifests, are removed from the snapshot
    #[arg(long, requires = "snapshot", requires = "manifests", num_args = 1.., value_name = "FILE|DIR")]
    pub base: Vec<PathBuf>,
    /// Cluster and account.
    #[cfg(feature = "live")]
    #[command(flatten)]
    pub live: LiveArguments,
    /// The manifests contain all Ingresses and RouteGroups: also remove resources that none of them needs
    #[arg(long, requires = "manifests", conflicts_with = "base")]
    pub prune: bool,
    /// Time to plan for, in seconds since 1970 or such as 2026-11-21T09:30:00Z [default: the time of the inventory]
    #[arg(long, value_name = "TIME", value_parser = time::parse)]
    pub time: Option<Timestamp>,
    /// Settings and allowances.
    #[command(flatten)]
    pub settings: SettingsArguments,
}

/// Settings, and flags that override or extend them.
#[derive(Debug, Args)]
pub struct SettingsArguments {
    /// JSON settings, such as {"identity": {"cluster-id": "shop", "cluster-uid": "…"}, "grace": "1h"}; `albatross schema
    /// settings` describes all of them
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Cluster id, as in the tag kubernetes.io/cluster/<ID>
    #[arg(long, value_name = "ID")]
    pub cluster_id: Option<String>,
    /// Cluster uid: the uid of the namespace kube-system
    #[arg(long, value_name = "UID")]
    pub cluster_uid: Option<String>,
    /// Controller id: the value of the tag kubernetes:application [default: albatross]
    #[arg(long, value_name = "ID")]
    pub controller_id: Option<String>,
    /// Allowances.
    #[command(flatten)]
    pub allow: AllowanceArguments,
    /// Load balancers to adopt, which the command `adopt` names.
    #[arg(skip)]
    pub adopt: Vec<String>,
    /// Load balancers to forget, which the command `forget` names.
    #[arg(skip)]
    pub forget: Vec<String>,
}

impl SettingsArguments {
    /// The identity that the flags override.
    pub fn identity(&self) -> IdentityOverrides {
        IdentityOverrides {
            cluster_id: self.cluster_id.clone(),
            cluster_uid: self.cluster_uid.clone(),
            controller_id: self.controller_id.clone(),
        }
    }

    /// The allowances that the flags give.
    pub fn allowances(&self) -> Allowances {
        Allowances {
            adopt: Some(self.adopt.clone()).filter(|names| !names.is_empty()),
            forget: Some(self.forget.clone()).filter(|names| !names.is_empty()),
            ..self.allow.allowances()
        }
    }
}

/// What a budget may not hold back.
#[derive(Debug, Args)]
pub struct AllowanceArguments {
    /// Ingresses that may be released (no longer served) although they exist
    #[arg(long, value_delimiter = ',', value_name = "NAMESPACE/NAME,…")]
    pub allow_release: Vec<String>,
    /// Certificates, rules and load balancers that may become unneeded and be removed
    #[arg(long, value_delimiter = ',', value_name = "ID,…")]
    pub allow_unneeded: Vec<String>,
    /// Ingresses whose published DNS name may change
    #[arg(long, value_delimiter = ',', value_name = "NAMESPACE/NAME,…")]
    pub allow_name_change: Vec<String>,
    /// Instances and Auto Scaling Groups that may leave target groups
    #[arg(long, value_delimiter = ',', value_name = "ID,…")]
    pub allow_targets: Vec<String>,
    /// Uids of clusters whose resources this cluster takes over
    #[arg(long, value_delimiter = ',', value_name = "UID,…")]
    pub take_over_cluster: Vec<String>,
}

impl AllowanceArguments {
    /// The allowances that the flags give.
    pub fn allowances(&self) -> Allowances {
        Allowances {
            release: self.allow_release.clone(),
            unneeded: self.allow_unneeded.clone(),
            name_change: self.allow_name_change.clone(),
            targets: self.allow_targets.clone(),
            take_over_cluster: self.take_over_cluster.clone(),
            // A flag of the commands that read manifests.
            prune: false,
            // Commands of their own.
            adopt: None,
            forget: None,
        }
    }
}

/// Components that make plans.
#[derive(Clone, Debug, Args)]
pub struct ComponentArguments {
    /// Policy component, such as target/policies/one-per-namespace.wasm, or in a registry
    /// oci://HOST/REPOSITORY@sha256:DIGEST; replaces the decisions that it exports
    #[arg(long, value_name = "FILE|OCI", value_parser = policy_source())]
    pub policy: Vec<PolicySource>,
    /// Cache.
    #[command(flatten)]
    pub cache: PolicyCacheArguments,
    /// Planner component [default: the built-in one]
    #[arg(long, value_name = "FILE")]
    pub planner: Option<PathBuf>,
}

impl ComponentArguments {
    /// The files that are read.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let policies = self.policy.iter().filter_map(PolicySource::file);
        policies.chain(self.planner.as_deref())
    }

    /// Reads the policies. `tell` gets what a person should know about them.
    ///
    /// # Errors
    /// A file that cannot be read, or a policy that cannot be pulled.
    pub fn policies(&self, tell: &mut dyn FnMut(&str)) -> Result<Vec<PolicyComponent>, Error> {
        let reader = self.cache.reader();
        self.policy.iter().map(|source| reader.read(source, tell)).collect()
    }
}

/// Where policies from registries are kept.
#[derive(Clone, Debug, Args)]
pub struct PolicyCacheArguments {
    /// Folder for policies from registries, which are pulled only once [default: ~/.cache/albatross/policies, or in
    /// XDG_CACHE_HOME]
    #[cfg(feature = "live")]
    #[arg(long, value_name = "DIR")]
    pub policy_cache: Option<PathBuf>,
}

impl PolicyCacheArguments {
    /// Reads policies with this cache.
    pub fn reader(&self) -> PolicyReader {
        #[cfg(feature = "live")]
        let cache = self.policy_cache.as_deref();
        #[cfg(not(feature = "live"))]
        let cache = None;
        PolicyReader::new(cache)
    }
}

/// Reads the path of a policy, or a reference to it.
pub fn policy_source() -> impl TypedValueParser<Value = PolicySource> {
    OsStringValueParser::new().try_map(PolicySource::parse)
}

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

/// Reads `namespace/name`, or `RouteGroup:namespace/name`.
fn object_name(text: &str) -> Result<ObjectName, String> {
    ObjectName::parse(text)
        .filter(|object| [ObjectKind::Ingress, ObjectKind::RouteGroup].contains(&object.kind))
        .ok_or_else(|| {
            "expected namespace/name of an Ingress, such as shop/checkout, or RouteGroup:shop/checkout"
                .to_owned()
        })
}

fn read_length_of_time(text: &str) -> Result<u64, String> {
    length_of_time(text).ok_or_else(|| format!("not a length of time, such as {LENGTHS_OF_TIME}"))
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
    fn an_ingress_is_named_with_its_namespace_and_a_route_group_with_its_kind_too() {
        let expected = ObjectName::ingress("shop", "checkout");
        assert_eq!(object_name("shop/checkout"), Ok(expected.clone()));
        let expected = ObjectName { kind: ObjectKind::RouteGroup, ..expected };
        assert_eq!(object_name("RouteGroup:shop/checkout"), Ok(expected));
        for text in ["checkout", "/checkout", "shop/", "shop/check/out", "HTTPRoute:shop/checkout"] {
            assert!(object_name(text).is_err(), "{text}");
        }
    }
}
