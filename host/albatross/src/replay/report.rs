//! What came of replaying a folder.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    path::Path,
};

use albatross_contract::{ComponentIdentity, PolicyPoint, Timestamp};
use serde::Serialize;

use super::{
    Point,
    cost::Prices,
    history::{Finding, Judged},
    kept::Kept,
    months::{Month, Names, Span, TableKey, Tried, months, spans, table_key},
    shard::Shard,
};
use crate::pass::Makers;

/// What came of replaying a folder.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// Which part of the passes it is about. Absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// Passes that were planned again.
    pub passes: usize,
    /// The time of the first of them. Absent: there is none.
    pub first: Option<Timestamp>,
    /// The time of the last of them.
    pub last: Option<Timestamp>,
    /// Passes whose plan equals the recorded plan, byte for byte.
    pub identical: usize,
    /// Passes whose plan equals the recorded plan, which is written differently: something else wrote the bundle.
    pub equal: usize,
    /// What was tried, in words. Empty: nothing.
    pub tried: Vec<String>,
    /// The planner that made the plans now.
    pub planner: ComponentIdentity,
    /// The policies that were passed now.
    pub policies: Vec<GivenPolicy>,
    /// Other planners that made recorded plans.
    pub other_planners: Vec<OtherPlanner>,
    /// The passes whose plans differ although nothing else was asked for, oldest first.
    pub differing: Vec<Differing>,
    /// Passes that were planned with other policies, settings or allowances, by months and regions.
    pub months: Vec<Month>,
    /// Those of them whose plans differ, oldest first. Empty in text without `--details`.
    pub changes: Vec<Span>,
    /// Those of them whose changes were not kept, since there are too many.
    #[serde(skip)]
    pub changes_left_out: usize,
    /// The figures of all passes, oldest first, if they are kept.
    #[serde(skip)]
    pub timeline: Vec<Point>,
    /// Whether Ingresses move in any of them, or budgets withhold something.
    #[serde(skip)]
    pub has_changes: bool,
    /// Policies that failed: their points were frozen.
    pub failures: Vec<Failure>,
    /// What a person should know about the recordings.
    pub remarks: BTreeSet<String>,
    /// Files that could not be replayed.
    pub unusable: Vec<UnusableFile>,
}

/// A policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct GivenPolicy {
    /// What it decides.
    pub point: PolicyPoint,
    /// The component.
    pub component: ComponentIdentity,
}

/// A planner of the recordings that is not the planner of now.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct OtherPlanner {
    /// The planner.
    pub component: ComponentIdentity,
    /// How many passes it planned.
    pub passes: usize,
}

/// The first difference of a pass.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Difference {
    /// The time of the pass.
    pub time: Timestamp,
    /// Its file.
    pub file: String,
    /// The first difference, in words.
    pub difference: String,
}

/// A pass whose plan differs from the recorded one.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Differing {
    /// The first difference.
    #[serde(flatten)]
    pub first: Difference,
    /// Why the plan may differ.
    pub reasons: Vec<String>,
}

/// A policy that failed.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Failure {
    /// Which policy, and how.
    pub message: String,
    /// In how many passes.
    pub passes: usize,
}

/// A file that could not be replayed.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct UnusableFile {
    /// The file.
    pub file: String,
    /// What is wrong.
    pub message: String,
}

impl GivenPolicy {
    /// The policies that are passed now.
    pub fn of(makers: &Makers) -> Vec<GivenPolicy> {
        let policies = makers.policy_identities().into_iter();
        policies.map(|(point, it)| GivenPolicy { point, component: it.clone() }).collect()
    }
}

impl Report {
    /// Adds what the load balancers in use of each month cost, where the price is known.
    pub fn add_costs(&mut self, prices: &Prices) {
        for month in &mut self.months {
            let numbers = [month.recorded.in_use, month.replayed.in_use];
            month.cost = prices.cost(&month.region, numbers);
        }
    }
}

impl Difference {
    /// The first difference of the pass in a file.
    pub fn new(time: Timestamp, file: &str, difference: &str) -> Difference {
        Difference { time, file: file.to_owned(), difference: difference.to_owned() }
    }
}

impl UnusableFile {
    /// A file, and what is wrong with it.
    pub fn new(file: &Path, message: &dyn Display) -> UnusableFile {
        let (file, message) = (file.display().to_string(), message.to_string());
        // Many messages name the file themselves.
        let rest = message.strip_prefix(&file).map(|rest| rest.trim_start_matches([':', ' ']).to_owned());
        UnusableFile { file, message: rest.unwrap_or(message) }
    }
}

/// What a report has beyond numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keep {
    /// How many Ingresses that move, and ids of what budgets withhold: those of the oldest passes. 0: none are kept.
    pub changes: usize,
    /// The figures of each pass.
    pub timeline: bool,
}

/// Gathers the passes of a report, which come in any order.
pub(super) struct Gathering {
    report: Report,
    tried: Vec<(Timestamp, String, Tried)>,
    names: BTreeMap<TableKey, Names>,
    changes: Kept,
    failures: BTreeMap<String, usize>,
}

impl Gathering {
    /// `tried`: what is tried, in words.
    pub fn new(makers: &Makers, tried: Vec<String>, keep: Keep) -> Gathering {
        let report = Report {
            shard: None,
            passes: 0,
            first: None,
            last: None,
            identical: 0,
            equal: 0,
            tried,
            planner: makers.planner().clone(),
            policies: GivenPolicy::of(makers),
            other_planners: Vec::new(),
            differing: Vec::new(),
            months: Vec::new(),
            changes: Vec::new(),
            changes_left_out: 0,
            timeline: Vec::new(),
            has_changes: false,
            failures: Vec::new(),
            remarks: BTreeSet::new(),
            unusable: Vec::new(),
        };
        let changes = Kept::new(keep.changes);
        Gathering { report, tried: Vec::new(), names: BTreeMap::new(), changes, failures: BTreeMap::new() }
    }

    pub fn add(&mut self, judged: Result<Judged, UnusableFile>) {
        let report = &mut self.report;
        let judged = match judged {
            Ok(judged) => judged,
            Err(unusable) => return report.unusable.push(unusable),
        };
        let Judged { file, time, other_planner, remarks, failures, finding, point } = judged;
        report.passes += 1;
        report.first = Some(report.first.map_or(time, |first| first.min(time)));
        report.last = report.last.max(Some(time));
        report.remarks.extend(remarks);
        report.timeline.extend(point);
        for failure in failures {
            *self.failures.entry(failure).or_default() += 1;
        }
        if let Some(component) = other_planner {
            match report.other_planners.iter_mut().find(|other| other.component == component) {
                Some(other) => other.passes += 1,
                None => report.other_planners.push(OtherPlanner { component, passes: 1 }),
            }
        }
        let file = file.display().to_string();
        match finding {
            Finding::Identical => report.identical += 1,
            Finding::Differs { difference, reasons } => {
                report.differing.push(Differing { first: Difference { time, file, difference }, reasons });
            }
            Finding::Equal => report.equal += 1,
            Finding::Tried { tried, recorded, replayed, changes } => {
                self.names.entry(table_key(time, &tried.region)).or_default().add(recorded, replayed);
                report.has_changes |= tried.difference.is_some() && !changes.is_empty();
                if tried.difference.is_some() {
                    self.changes.add(time, tried.changes, changes);
                }
                self.tried.push((time, file, *tried));
            }
        }
    }

    /// Brings everything into its order, once all passes are there.
    pub fn finish(mut self) -> Report {
        self.tried.sort_by(|(time, file, _), (other_time, other_file, _)| {
            (time, file).cmp(&(other_time, other_file))
        });
        let mut report = self.report;
        report.differing.sort();
        report.timeline.sort_by_key(|point| point.time);
        report.unusable.sort();
        report.other_planners.sort_by(|one, other| {
            let key = |it: &OtherPlanner| (it.component.name.clone(), it.component.sha256.clone());
            key(one).cmp(&key(other))
        });
        let failures = self.failures.into_iter();
        report.failures = failures.map(|(message, passes)| Failure { message, passes }).collect();
        report.months = months(&self.tried, self.names);
        (report.changes, report.changes_left_out) = spans(&self.tried, &self.changes);
        report
    }
}
