//! The arguments of `replay`.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

use albatross_contract::PolicyPoint;
use clap::{Args, Subcommand, ValueEnum};

use super::{
    arguments::{AllowanceArguments, ComponentArguments, OutputArguments},
    console::Console,
    policy_arguments::Point,
    report_file::ReportFile,
};
use crate::{
    error::Error,
    replay::{Components, RegionPrice, Shard, Trial},
};

/// Arguments of `replay`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct ReplayArguments {
    /// Another question about the passes.
    #[command(subcommand)]
    pub question: Option<ReplayQuestion>,
    /// Bundle that --record or `snapshot` wrote, or folder or place in a bucket that `run --record` wrote
    #[arg(required = true, value_name = "FILE|DIR|s3://BUCKET/PREFIX")]
    pub path: Option<PathBuf>,
    /// What is tried.
    #[command(flatten)]
    pub trial: TrialArguments,
    /// For a folder: list every Ingress that moves or is placed elsewhere, and what the budgets withhold
    #[arg(long)]
    pub details: bool,
    /// For a folder: replay only the part I, from 0, of N parts, as the Pods of a Job do
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// For a folder: what an hour of a load balancer costs in a region, instead of the price that AWS publishes (repeatable)
    #[arg(long, value_name = "REGION=DOLLARS")]
    pub price: Vec<RegionPrice>,
    /// Write a report for people to this file, which replaces one that is there: HTML that opens in any browser without a network
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// For a single file: write each question to a policy, with the answer, to a file in this folder: an input for tests of the
    /// policy
    #[arg(long, value_name = "DIR")]
    pub record_questions: Option<PathBuf>,
    /// Output.
    #[command(flatten)]
    pub output: OutputArguments,
}

impl ReplayArguments {
    /// The file for a report, if one is wanted. `path`: what is replayed.
    ///
    /// # Errors
    /// A report cannot be there.
    pub fn report_file(&self, path: &Path) -> Result<Option<ReportFile<'_>>, Error> {
        ReportFile::check(self.report.as_ref(), &[&[path], self.trial.files().as_slice()].concat())
    }
}

/// Questions about a folder of recorded passes.
#[derive(Debug, Subcommand)]
pub enum ReplayQuestion {
    /// Find the pass at which something began that the last pass has, if it has stayed since
    Bisect(BisectArguments),
}

/// Arguments of `replay bisect`.
#[derive(Debug, Args)]
pub struct BisectArguments {
    /// Folder or place in a bucket that `run --record` wrote
    #[arg(value_name = "DIR|s3://BUCKET/PREFIX")]
    pub folder: PathBuf,
    /// What is searched for.
    #[command(flatten)]
    pub thing: ThingArguments,
    /// What is tried.
    #[command(flatten)]
    pub trial: TrialArguments,
    /// Output.
    #[command(flatten)]
    pub output: OutputArguments,
}

/// What is searched for.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct ThingArguments {
    /// Load balancer, by its name, its id (tag albatross/id) or its ARN
    #[arg(long, value_name = "NAME")]
    pub load_balancer: Option<String>,
    /// Certificate on any load balancer
    #[arg(long, value_name = "ARN")]
    pub certificate: Option<String>,
    /// Host: when the load balancer that serves it in the last pass began to
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
}

/// What is tried on recorded passes.
#[derive(Debug, Args)]
pub struct TrialArguments {
    /// Settings to try; recorded settings that the file does not mention stay
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Decisions that are frozen in each pass, as if their policies had failed, in place of those that were frozen: a list such as
    /// grouping,subnets, or none
    #[arg(long, value_name = "POINTS")]
    pub frozen: Option<FrozenPoints>,
    /// Allowances.
    #[command(flatten)]
    pub allow: AllowanceArguments,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
}

/// Points that are frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenPoints(Vec<PolicyPoint>);

impl FromStr for FrozenPoints {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" {
            return Ok(FrozenPoints(Vec::new()));
        }
        let point = |name: &str| {
            let point = Point::from_str(name.trim(), false).map(PolicyPoint::from);
            point.map_err(|_| {
                format!("{name:?} is no decision: write grouping, subnets, certificates or none")
            })
        };
        let mut points = text.split(',').map(point).collect::<Result<Vec<_>, _>>()?;
        points.sort_unstable();
        points.dedup();
        Ok(FrozenPoints(points))
    }
}

impl TrialArguments {
    /// The files that are read.
    pub fn files(&self) -> Vec<&Path> {
        self.settings.iter().map(PathBuf::as_path).chain(self.components.files()).collect()
    }

    /// Loads what is tried.
    ///
    /// # Errors
    /// A component or settings that cannot be used.
    pub fn load(&self, console: &mut Console) -> Result<Trial, Error> {
        let policies = self.components.policies(&mut |message| console.warning(message))?;
        let components = Components::new(self.components.planner.clone(), policies);
        let frozen = self.frozen.clone().map(|FrozenPoints(points)| points);
        Ok(Trial::new(components, self.settings.as_deref(), self.allow.allowances())?.with_frozen(frozen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frozen_points_are_named_once_each_or_none() {
        let read = |text: &str| text.parse::<FrozenPoints>().map(|FrozenPoints(points)| points);
        assert_eq!(read("none"), Ok(Vec::new()));
        let mut all = vec![PolicyPoint::Certificates, PolicyPoint::Subnets, PolicyPoint::Grouping];
        all.sort_unstable();
        assert_eq!(read("subnets, grouping,certificates,subnets"), Ok(all));
        for wrong in ["", "groups", "grouping,none"] {
            assert!(read(wrong).unwrap_err().contains("is no decision"), "{wrong:?}");
        }
    }
}
