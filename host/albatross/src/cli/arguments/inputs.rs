//! The arguments of all commands that plan: what is planned, with which settings, allowances and policies.

use std::path::{Path, PathBuf};

use albatross_contract::{Allowances, Timestamp};
use clap::{
    Args,
    builder::{OsStringValueParser, TypedValueParser},
};

#[cfg(feature = "live")]
use super::LiveArguments;
use crate::{
    error::Error,
    inputs::{IdentityOverrides, PolicyComponent, PolicyReader, PolicySource},
    render::time,
};

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
