//! Facts: the snapshot and the plan, indexed. Facts judge nothing and know no rule.

pub(crate) mod actions;
pub(crate) mod agreement;
pub(crate) mod certificate_changes;
pub(crate) mod covering;
pub(crate) mod dns_names;
pub(crate) mod endpoints;
pub(crate) mod hosts;
pub(crate) mod index;
pub(crate) mod listener_certificates;
pub(crate) mod listener_rules;
pub(crate) mod load_balancers;
pub(crate) mod marks;
pub(crate) mod names;
pub(crate) mod operations;
pub(crate) mod outcomes;
pub(crate) mod ownership;
pub(crate) mod pods;
pub(crate) mod records;
pub(crate) mod requests;
pub(crate) mod security_groups;
pub(crate) mod sources;
pub(crate) mod tags;
pub(crate) mod target_group_uses;
pub(crate) mod targets;
pub(crate) mod tenancy;
pub(crate) mod transfers;
pub(crate) mod view;
pub(crate) mod wishes;
pub(crate) mod zones;

use albatross_contract::{GateOutcome, Plan, Snapshot, StatusChange};

use actions::Actions;
use certificate_changes::CertificateChanges;
use listener_rules::ListenerRules;
use marks::Marks;
use outcomes::Outcomes;
use records::RecordChanges;
use security_groups::SecurityGroupChanges;
use target_group_uses::TargetGroupUses;
use view::View;

/// Everything that rules read.
pub(crate) struct Facts<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) view: View<'a>,
    pub(crate) actions: Actions<'a>,
    pub(crate) outcomes: Outcomes<'a>,
    pub(crate) marks: Marks<'a>,
    pub(crate) target_group_uses: TargetGroupUses<'a>,
    pub(crate) certificates: CertificateChanges<'a>,
    pub(crate) listener_rules: ListenerRules<'a>,
    pub(crate) records: RecordChanges<'a>,
    pub(crate) security_groups: SecurityGroupChanges<'a>,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, plan: &'a Plan) -> Self {
        let view = View::new(snapshot);
        let actions = Actions::new(plan);
        let outcomes = Outcomes::new(&view, plan);
        Facts {
            plan,
            marks: Marks::new(&view, &actions),
            target_group_uses: TargetGroupUses::new(&view, &actions),
            certificates: CertificateChanges::new(&view, &actions),
            listener_rules: ListenerRules::new(&view, &actions),
            records: RecordChanges::new(&view, &actions, &outcomes),
            outcomes,
            security_groups: SecurityGroupChanges::new(&actions),
            view,
            actions,
        }
    }

    /// Whether the plan writes anything, to AWS, to a status or to the condition of a Pod.
    pub(crate) fn writes(&self) -> bool {
        let writes_status = |change: &StatusChange| !matches!(change, StatusChange::Keep);
        let opens = |gate: &GateOutcome| gate.verdict.status().is_some();
        !self.actions.list.is_empty()
            || self.plan.gates.iter().flatten().any(opens)
            || self.plan.outcomes.iter().any(|outcome| writes_status(&outcome.status))
    }
}
