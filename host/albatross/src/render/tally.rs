//! How many resources of each kind a plan creates, changes and deletes.

use std::collections::BTreeSet;

use albatross_contract::{Operation, Outcome, Plan, ResourceReference, Snapshot, StatusChange};

use super::summary::Summary;

/// A line of the table: what is counted, and the numbers.
#[derive(Debug, PartialEq, Eq)]
pub struct Tally {
    /// The resources, in the plural.
    pub what: &'static str,
    /// How many are created or added.
    pub created: usize,
    /// How many change.
    pub changed: usize,
    /// How many are deleted or removed.
    pub deleted: usize,
}

impl Tally {
    fn is_empty(&self) -> bool {
        self.created + self.changed + self.deleted == 0
    }
}

/// The lines of the table: load balancers, and every other kind that changes.
pub fn tallies(snapshot: &Snapshot, plan: &Plan) -> Vec<Tally> {
    let summary = Summary::new(snapshot, plan);
    let (create, change, delete) = (summary.create, summary.change, summary.delete);
    let load_balancers = Tally { what: "Load balancers", created: create, changed: change, deleted: delete };
    let records = &summary.records;
    let others = [
        target_groups(plan),
        rules(plan),
        certificates(plan),
        Tally {
            what: "Records in Route 53",
            created: records.create,
            changed: records.change,
            deleted: records.delete,
        },
        Tally {
            what: "Published DNS names",
            created: plan.outcomes.iter().filter(|outcome| is_first(outcome)).count(),
            changed: summary.renamed.len(),
            deleted: summary.withdrawn.len(),
        },
    ];
    std::iter::once(load_balancers).chain(others.into_iter().filter(|tally| !tally.is_empty())).collect()
}

/// Whether an object gets its first published name.
fn is_first(outcome: &Outcome) -> bool {
    outcome.hostname.is_none() && matches!(outcome.status, StatusChange::Publish(_))
}

/// How many actions do something.
fn number(plan: &Plan, does: impl Fn(&Operation) -> bool) -> usize {
    plan.actions.iter().filter(|action| does(&action.operation)).count()
}

/// How many existing resources the actions are about, each once.
fn distinct<'a>(plan: &'a Plan, of: impl Fn(&'a Operation) -> Vec<&'a ResourceReference>) -> usize {
    let all = plan.actions.iter().flat_map(|action| of(&action.operation));
    let ids = all.filter_map(|reference| match reference {
        ResourceReference::Existing(id) => Some(id.as_str()),
        ResourceReference::CreatedBy(_) => None,
    });
    ids.collect::<BTreeSet<_>>().len()
}

fn target_groups(plan: &Plan) -> Tally {
    Tally {
        what: "Target groups",
        created: number(plan, |it| matches!(it, Operation::CreateTargetGroup(_))),
        changed: distinct(plan, |it| match it {
            Operation::ModifyTargetGroup(change) => vec![&change.target_group],
            Operation::ModifyTargetGroupAttributes(change) => vec![&change.resource],
            Operation::RegisterTargets(change) | Operation::DeregisterTargets(change) => {
                vec![&change.target_group]
            }
            Operation::AttachTargetGroup(change) | Operation::DetachTargetGroup(change) => {
                vec![&change.target_group]
            }
            _ => Vec::new(),
        }),
        deleted: number(plan, |it| matches!(it, Operation::DeleteTargetGroup(_))),
    }
}

fn rules(plan: &Plan) -> Tally {
    Tally {
        what: "Listener rules",
        created: number(plan, |it| matches!(it, Operation::CreateRule(_))),
        changed: distinct(plan, |it| match it {
            Operation::ModifyRule(change) => vec![&change.rule],
            Operation::SetRulePriorities(priorities) => priorities.iter().map(|it| &it.rule).collect(),
            _ => Vec::new(),
        }),
        deleted: number(plan, |it| matches!(it, Operation::DeleteRule(_))),
    }
}

fn certificates(plan: &Plan) -> Tally {
    Tally {
        what: "Certificates on listeners",
        created: number(plan, |it| match it {
            Operation::AddListenerCertificate(_) => true,
            Operation::CreateListener(create) => create.default_certificate.is_some(),
            _ => false,
        }),
        changed: number(plan, |it| match it {
            Operation::ModifyListener(change) => change.default_certificate.is_some(),
            _ => false,
        }),
        deleted: number(plan, |it| matches!(it, Operation::RemoveListenerCertificate(_))),
    }
}
