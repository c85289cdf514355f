//! The outcomes of a plan, indexed, and that each Ingress of the snapshot has exactly one.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    ANNOTATION_CERTIFICATE, Certificate, Ingress, Operation, Outcome, OutcomeState, Plan, StatusChange,
    TAG_ID, ViewPart,
};

use crate::{
    Case,
    hosts::covers,
    tags::tag,
    view::{Name, View, hosts, our_id},
    violation::{Findings, Rule},
};

/// An outcome and the Ingress that it is about, if that exists.
#[derive(Clone, Copy)]
pub(crate) struct Fate<'a> {
    pub(crate) outcome: &'a Outcome,
    pub(crate) ingress: Option<&'a Ingress>,
}

/// The outcomes, indexed.
pub(crate) struct Outcomes<'a> {
    pub(crate) list: Vec<Fate<'a>>,
    on_load_balancer: BTreeMap<&'a str, Vec<Fate<'a>>>,
    published_elsewhere: BTreeMap<&'a str, Vec<Fate<'a>>>,
}

impl<'a> Outcomes<'a> {
    pub(crate) fn new(view: &View<'a>, plan: &'a Plan) -> Self {
        let fate =
            |outcome: &'a Outcome| Fate { outcome, ingress: view.ingresses.get(&name(outcome)).copied() };
        let list: Vec<Fate<'_>> = plan.outcomes.iter().map(fate).collect();
        let mut on_load_balancer: BTreeMap<&str, Vec<Fate<'_>>> = BTreeMap::new();
        for fate in list.iter().filter(|fate| fate.has_place()) {
            if let Some(id) = &fate.outcome.load_balancer {
                on_load_balancer.entry(id).or_default().push(*fate);
            }
        }
        let mut published_elsewhere: BTreeMap<&str, Vec<Fate<'_>>> = BTreeMap::new();
        for fate in &list {
            if matches!(fate.outcome.state, OutcomeState::Ignored | OutcomeState::Released) {
                continue;
            }
            if let Some(left) = fate.ingress.and_then(|ingress| view.member_of(ingress))
                && fate.outcome.load_balancer.as_deref() != Some(our_id(left))
            {
                published_elsewhere.entry(&left.arn).or_default().push(*fate);
            }
        }
        Outcomes { list, on_load_balancer, published_elsewhere }
    }

    /// All that the plan places on the load balancer with our id.
    pub(crate) fn on(&self, id: &str) -> &[Fate<'a>] {
        self.on_load_balancer.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    /// All whose status names an owned load balancer, by its ARN, that the plan does not place them on.
    pub(crate) fn published_elsewhere(&self, arn: &str) -> &[Fate<'a>] {
        self.published_elsewhere.get(arn).map(Vec::as_slice).unwrap_or_default()
    }
}

impl<'a> Fate<'a> {
    /// Whether it is served after the plan.
    pub(crate) fn has_place(&self) -> bool {
        matches!(self.outcome.state, OutcomeState::Placed | OutcomeState::Held)
    }

    /// `namespace/name`.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.outcome.namespace, self.outcome.name)
    }

    /// A host that a certificate of its load balancer serves, for which no other one does.
    ///
    /// A certificate serves what the outcome says, and what it covers by its names. `serves` says whether another
    /// certificate is on the load balancer when this one is gone.
    pub(crate) fn needs(
        &self,
        arn: &str,
        certificate: Option<&Certificate>,
        serves: &impl Fn(&str) -> bool,
    ) -> Option<&'a str> {
        let chosen = &self.outcome.certificates;
        if let Some(host) = chosen.iter().find(|chosen| chosen.certificate == arn) {
            return Some(&host.host);
        }
        let (Some(ingress), Some(certificate)) = (self.ingress, certificate) else { return None };
        let pinned = tag(&ingress.metadata.annotations, ANNOTATION_CERTIFICATE).map(str::trim);
        if pinned.is_some_and(|pinned| pinned != arn && serves(pinned)) {
            return None; // a pinned certificate serves all hosts
        }
        hosts(ingress).filter(|host| covers(certificate, host)).find(|host| {
            !chosen.iter().any(|chosen| chosen.host.eq_ignore_ascii_case(host) && serves(&chosen.certificate))
        })
    }

    /// A host that a certificate covers, and none of some others, where the status still points.
    pub(crate) fn still_needs(&self, certificate: &Certificate, others: &[&Certificate]) -> Option<&'a str> {
        let mut covered = hosts(self.ingress?).filter(|host| covers(certificate, host));
        covered.find(|host| !others.iter().any(|other| covers(other, host)))
    }
}

fn name(outcome: &Outcome) -> Name<'_> {
    (&outcome.namespace, &outcome.name)
}

pub(crate) fn check(case: &Case<'_>, found: &mut Findings) {
    let mut seen = BTreeSet::new();
    for outcome in &case.plan.outcomes {
        if !seen.insert(name(outcome)) {
            let message = format!("the Ingress {}/{} has two outcomes", outcome.namespace, outcome.name);
            found.plan(Rule::Outcome, message);
        }
    }
    for (namespace, name) in case.view.ingresses.keys().filter(|name| !seen.contains(*name)) {
        found.plan(Rule::Outcome, format!("the Ingress {namespace}/{name} has no outcome"));
    }
    if case.view.missing(&[ViewPart::LoadBalancers, ViewPart::Tags]).is_some() {
        return; // what is ours is not known as a whole, so nothing proves that a load balancer does not exist
    }
    let mut ids: BTreeSet<&str> = case.view.owned().map(our_id).collect();
    ids.extend(case.actions.list.iter().filter_map(|action| match &action.operation {
        Operation::CreateLoadBalancer(create) => tag(&create.tags, TAG_ID),
        _ => None,
    }));
    for fate in case.outcomes.list.iter().filter(|fate| fate.has_place()) {
        match &fate.outcome.load_balancer {
            Some(id) if ids.contains(id.as_str()) => {}
            Some(id) => {
                let message =
                    format!("{} is placed on {id}, which does not exist and is not made", fate.name());
                found.plan(Rule::Outcome, message);
            }
            None => found.plan(Rule::Outcome, format!("{} is placed on no load balancer", fate.name())),
        }
    }
}

/// Whether an outcome changes a status.
pub(crate) fn writes_status(outcome: &Outcome) -> bool {
    !matches!(outcome.status, StatusChange::Keep)
}
