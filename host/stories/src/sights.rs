//! What an operator sees in a cluster, in AWS and in a plan.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Action, AutoScalingGroup, Budget, DiagnosticCode, LoadBalancer, LoadBalancerFate, Operation, Outcome,
    Plan, TAG_ID, TAG_UNNEEDED, TAG_UNNEEDED_CERTIFICATE, Tag, TargetGroup, Withheld,
};

use crate::{Controller, Pass};

/// How an Ingress is served: the hostname of its status, and the certificate of each of its hosts.
pub type Whereabouts = (Option<String>, Vec<(String, String)>);

impl Controller {
    /// The load balancer that the status of an Ingress names.
    ///
    /// # Panics
    /// When the status names no existing load balancer.
    #[allow(clippy::panic)]
    pub fn serving(&mut self, name: &str) -> LoadBalancer {
        let Some(hostname) = self.hostname(name) else { panic!("the status of {name} is empty") };
        match self.load_balancers().into_iter().find(|found| found.dns_name == hostname) {
            Some(found) => found,
            None => panic!("the status of {name} names {hostname}, which does not exist"),
        }
    }

    /// The target groups of a load balancer, by its id.
    pub fn target_groups_of(&mut self, load_balancer: &LoadBalancer) -> Vec<TargetGroup> {
        let id = tag(&load_balancer.tags, TAG_ID).map(str::to_owned);
        let all = self.cloud.inventory().target_groups.iter();
        all.filter(|group| tag(&group.tags, TAG_ID).map(str::to_owned) == id).cloned().collect()
    }

    /// An Auto Scaling Group.
    ///
    /// # Panics
    /// When it does not exist.
    #[allow(clippy::panic)]
    pub fn auto_scaling_group(&mut self, name: &str) -> AutoScalingGroup {
        match self.cloud.inventory().auto_scaling_groups.iter().find(|found| found.name == name) {
            Some(found) => found.clone(),
            None => panic!("there is no Auto Scaling Group {name}"),
        }
    }

    /// How every Ingress is served, by `namespace/name`.
    pub fn whereabouts(&mut self) -> BTreeMap<String, Whereabouts> {
        let plan = self.plan();
        let mut all = BTreeMap::new();
        for outcome in plan.outcomes {
            let name = outcome.object.to_string();
            let certificates = outcome.certificates.into_iter().map(|found| (found.host, found.certificate));
            all.insert(name.clone(), (self.hostname(&name), certificates.collect()));
        }
        all
    }
}

impl Pass {
    /// Whether the outcome of an Ingress has a diagnostic with this code.
    pub fn tells(&self, name: &str, code: DiagnosticCode) -> bool {
        self.outcome(name).is_some_and(|outcome| tells(outcome, code))
    }
}

/// Whether an outcome has a diagnostic with this code.
pub fn tells(outcome: &Outcome, code: DiagnosticCode) -> bool {
    outcome.diagnostics.iter().any(|diagnostic| diagnostic.code == code)
}

/// Whether a plan has a diagnostic with this code that is not about one Ingress.
pub fn warns(plan: &Plan, code: DiagnosticCode) -> bool {
    plan.diagnostics.iter().any(|diagnostic| diagnostic.code == code)
}

/// The change that a budget holds back in a plan.
pub fn withheld(plan: &Plan, budget: Budget) -> Option<&Withheld> {
    plan.withheld.iter().find(|withheld| withheld.budget == budget)
}

/// The value of a tag.
pub fn tag<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str())
}

/// The value of an attribute.
pub fn attribute<'a>(attributes: &'a [Tag], key: &str) -> Option<&'a str> {
    tag(attributes, key)
}

/// ARNs of all certificates on a load balancer.
pub fn certificates_on(load_balancer: &LoadBalancer) -> BTreeSet<String> {
    let listeners = load_balancer.listeners.iter();
    listeners
        .flat_map(|listener| listener.certificates.iter().chain(&listener.default_certificate))
        .cloned()
        .collect()
}

/// Whether a load balancer is marked as unneeded.
pub fn is_unneeded(load_balancer: &LoadBalancer) -> bool {
    tag(&load_balancer.tags, TAG_UNNEEDED).is_some()
}

/// How many certificates on a load balancer are marked as unneeded.
pub fn unneeded_certificates(load_balancer: &LoadBalancer) -> usize {
    load_balancer.tags.iter().filter(|tag| tag.key.starts_with(TAG_UNNEEDED_CERTIFICATE)).count()
}

/// What a plan does with the load balancers, in the order of their ids.
pub fn fates(plan: &Plan) -> Vec<LoadBalancerFate> {
    plan.load_balancers.iter().map(|found| found.fate).collect()
}

/// The actions of some passes.
pub fn actions(passes: &[Pass]) -> impl Iterator<Item = &Action> {
    passes.iter().flat_map(|pass| &pass.plan.actions)
}

/// Whether some passes create a load balancer.
pub fn make_a_load_balancer(passes: &[Pass]) -> bool {
    actions(passes).any(|action| matches!(action.operation, Operation::CreateLoadBalancer(_)))
}

/// Whether some passes delete or remove anything.
pub fn take_something_away(passes: &[Pass]) -> bool {
    actions(passes).any(|action| {
        matches!(
            action.operation,
            Operation::DeleteLoadBalancer(_)
                | Operation::DeleteTargetGroup(_)
                | Operation::DeleteListener(_)
                | Operation::RemoveListenerCertificate(_)
                | Operation::DeregisterTargets(_)
                | Operation::DetachTargetGroup(_)
        )
    })
}
