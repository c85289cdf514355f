//! Two plans side by side, which is what most of a report shows.

use std::collections::BTreeMap;

use albatross_contract::{ObjectName, Outcome, Plan, SourceObject};

use crate::{difference::Side, render::names::Names};

/// A plan with the name that the report gives it.
#[derive(Clone, Copy)]
pub struct Titled<'a> {
    /// Such as `as recorded`.
    pub title: &'a str,
    /// The plan.
    pub side: Side<'a>,
}

/// Two plans.
#[derive(Clone, Copy)]
pub struct Both<'a> {
    /// What was.
    pub before: Titled<'a>,
    /// What is now.
    pub after: Titled<'a>,
}

impl<'a> Both<'a> {
    /// The columns of what is compared.
    pub fn titles(&self) -> [&'a str; 2] {
        [self.before.title, self.after.title]
    }

    /// The hosts of all objects of both sides.
    pub fn hosts(&self) -> BTreeMap<ObjectName, Vec<&'a str>> {
        let mut hosts = hosts(self.before.side);
        hosts.extend(self::hosts(self.after.side));
        hosts
    }
}

/// The hosts of each object of a snapshot.
pub fn hosts(side: Side<'_>) -> BTreeMap<ObjectName, Vec<&str>> {
    let sources = side.snapshot.into_iter().flat_map(|snapshot| snapshot.cluster.sources());
    sources.map(|source: SourceObject<'_>| (ObjectName::of(source), source.hosts().collect())).collect()
}

/// The names by which people know the resources of a side.
pub fn names(side: Side<'_>) -> Names<'_> {
    match side.snapshot {
        Some(snapshot) => Names::new(&snapshot.inventory, side.plan),
        None => Names::of_plan(side.plan),
    }
}

/// The outcomes of a plan by object.
pub fn outcomes(plan: &Plan) -> BTreeMap<&ObjectName, &Outcome> {
    plan.outcomes.iter().map(|outcome| (&outcome.object, outcome)).collect()
}

/// The name of a load balancer of a plan, by our id.
pub fn load_balancer_name<'a>(plan: &'a Plan, id: &'a str) -> &'a str {
    plan.load_balancers.iter().find(|found| found.id == id).map_or(id, |found| &found.name)
}
