//! The arguments of `albatross policy`.

use std::path::PathBuf;

use albatross_contract::PolicyPoint;
use clap::{Args, Subcommand, ValueEnum};

use super::arguments::{OutputArguments, PolicyCacheArguments, policy_source};
use crate::{inputs::PolicySource, policies::project};

/// Arguments of `policy`.
#[derive(Debug, Args)]
pub struct PolicyArguments {
    /// What to do.
    #[command(subcommand)]
    pub command: PolicyCommand,
}

/// Commands about policies.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Make a project for a new policy, which works and which you change
    New(PolicyNewArguments),
    /// Try the cases of a policy: what it decides about snapshots, against what is expected
    Test(PolicyTestArguments),
    /// Say what a component decides and needs, and whether it is fit to run
    Check(PolicyCheckArguments),
    /// Say what a component is: the points that it decides, imports, exports, contract, settings, and what made it
    Inspect(PolicyInspectArguments),
}

/// Arguments of `policy new`.
#[derive(Debug, Args)]
pub struct PolicyNewArguments {
    /// Name of the policy: lower case letters, digits and hyphens
    #[arg(value_name = "NAME", value_parser = policy_name)]
    pub name: String,
    /// What the policy decides: the project begins with an example for it
    #[arg(
        long,
        value_enum,
        value_name = "POINT",
        required_unless_present = "example",
        conflicts_with = "example"
    )]
    pub point: Option<Point>,
    /// Policy of the repository from which the project begins
    #[arg(long, value_name = "POLICY", value_parser = project::EXAMPLES.map(|example| example.name))]
    pub example: Option<String>,
    /// Folder of the project, which must not exist [default: NAME]
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
}

impl PolicyNewArguments {
    /// The example from which the project begins.
    pub fn example(&self) -> &'static project::Example {
        let named = self.example.as_deref().and_then(project::example);
        named.unwrap_or_else(|| project::example_for(self.point.map_or(PolicyPoint::Grouping, Into::into)))
    }
}

/// Policy points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Point {
    /// Which Ingresses share a load balancer
    Grouping,
    /// Which subnets load balancers get
    Subnets,
    /// Which certificate serves a host
    Certificates,
}

impl From<Point> for PolicyPoint {
    fn from(point: Point) -> Self {
        match point {
            Point::Grouping => PolicyPoint::Grouping,
            Point::Subnets => PolicyPoint::Subnets,
            Point::Certificates => PolicyPoint::Certificates,
        }
    }
}

fn policy_name(text: &str) -> Result<String, String> {
    project::unfit_name(text).map_or_else(|| Ok(text.to_owned()), Err)
}

/// Arguments of `policy check`.
#[derive(Debug, Args)]
pub struct PolicyCheckArguments {
    /// Component: a file, or in a registry oci://HOST/REPOSITORY@sha256:DIGEST
    #[arg(value_name = "FILE|OCI", value_parser = policy_source())]
    pub component: PolicySource,
    /// Cache.
    #[command(flatten)]
    pub cache: PolicyCacheArguments,
    /// Snapshot or bundle about which the policy is asked; several are possible [default: the built-in example]
    #[arg(long, value_name = "FILE")]
    pub snapshot: Vec<PathBuf>,
    /// Settings of the policy, a JSON object [default: those of the snapshot]
    #[arg(long, value_name = "JSON")]
    pub settings: Option<String>,
    /// Write each question to the policy, with the answer, to a file in this folder: an input for tests of the policy
    #[arg(long, value_name = "DIR")]
    pub record_questions: Option<PathBuf>,
    /// Output.
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Arguments of `policy test`.
#[derive(Debug, Args)]
pub struct PolicyTestArguments {
    /// Files of cases, or folders: in a folder and its folders, the files whose names end in policy-test.yaml
    #[arg(value_name = "FILE|DIR", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Component to test instead of the one that the file names
    #[arg(long, value_name = "FILE|OCI", value_parser = policy_source())]
    pub policy: Option<PolicySource>,
    /// Cache.
    #[command(flatten)]
    pub cache: PolicyCacheArguments,
    /// Output.
    #[command(flatten)]
    pub output: OutputArguments,
}

/// Arguments of `policy inspect`.
#[derive(Debug, Args)]
pub struct PolicyInspectArguments {
    /// Component: a file, or in a registry oci://HOST/REPOSITORY@sha256:DIGEST
    #[arg(value_name = "FILE|OCI", value_parser = policy_source())]
    pub component: PolicySource,
    /// Cache.
    #[command(flatten)]
    pub cache: PolicyCacheArguments,
    /// Output.
    #[command(flatten)]
    pub output: OutputArguments,
}
