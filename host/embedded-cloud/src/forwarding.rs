//! Actions of listeners and rules, and the target groups that load balancers use through them.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    ForwardAction, ListenerAction, LoadBalancer, LoadBalancerKind, Protocol, Quotas, TargetGroup,
    TargetHealth, TargetType,
};

use crate::{
    AwsError,
    account::{Account, existing},
};

/// The actions that new actions replace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replaced {
    /// Nothing: the listener or rule is new.
    Nothing,
    /// The default actions of the listener at this index.
    DefaultActions(usize),
    /// The actions of a rule, by the indices of its listener and of itself.
    Rule(usize, usize),
}

impl Account {
    /// Whether a listener with this protocol, on the load balancer at index `at`, can have these actions.
    ///
    /// Pages: API_Action, API_ForwardActionConfig, API_TargetGroupTuple; API_CreateListener and API_CreateRule (codes).
    pub(crate) fn check_actions(
        &self,
        at: usize,
        protocol: Protocol,
        actions: &[ListenerAction],
        replaced: Replaced,
    ) -> Result<(), AwsError> {
        check_sequence(protocol, actions)?;
        let load_balancer = &self.inventory.load_balancers[at];
        let mut used = target_groups_kept(load_balancer, replaced);
        for action in actions {
            if let ListenerAction::Forward(forward) = action {
                self.check_forward(at, forward)?;
            }
        }
        used.extend(target_groups_of(actions));
        self.check_totals(load_balancer, &used)
    }

    fn check_forward(&self, at: usize, forward: &ForwardAction) -> Result<(), AwsError> {
        let load_balancer = &self.inventory.load_balancers[at];
        if forward.target_groups.is_empty() {
            return Err(AwsError::validation("A forward action must specify at least one target group"));
        }
        // Pages: Application Load Balancers and Network Load Balancers, "Quotas".
        let quotas = &self.inventory.quotas;
        let limit = match load_balancer.kind {
            LoadBalancerKind::Network => quotas.target_groups_per_network_load_balancer_action,
            LoadBalancerKind::Application | LoadBalancerKind::Gateway => quotas.target_groups_per_action,
        };
        if forward.target_groups.len() > limit as usize {
            return Err(AwsError::new(
                "TooManyTargetGroups",
                format!("A forward action can have at most {limit} target groups"),
            ));
        }
        for weighted in &forward.target_groups {
            if weighted.weight > 999 {
                return Err(AwsError::validation(format!(
                    "The weight {} of a target group is not between 0 and 999",
                    weighted.weight
                )));
            }
            let arn = existing(&weighted.target_group)?;
            let target_group = &self.inventory.target_groups[self.target_group_at(arn)?];
            check_compatible(load_balancer, target_group)?;
            let elsewhere = self.inventory.load_balancers.iter().enumerate();
            if elsewhere.filter(|(other, _)| *other != at).any(|(_, it)| uses(it, arn)) {
                return Err(AwsError::new(
                    "TargetGroupAssociationLimit",
                    format!(
                        "The following target groups cannot be associated with more than one load balancer: {arn}"
                    ),
                ));
            }
        }
        Ok(())
    }

    /// Pages: Application Load Balancers and Network Load Balancers, "Quotas": target groups, and targets, for each load
    /// balancer.
    fn check_totals(&self, load_balancer: &LoadBalancer, used: &BTreeSet<&str>) -> Result<(), AwsError> {
        let quotas = &self.inventory.quotas;
        if used.len() > quotas.target_groups_per_load_balancer as usize {
            return Err(AwsError::new(
                "TooManyUniqueTargetGroupsPerLoadBalancer",
                format!(
                    "Load balancer '{}' can use at most {} target groups",
                    load_balancer.arn, quotas.target_groups_per_load_balancer
                ),
            ));
        }
        let groups = self.inventory.target_groups.iter().filter(|it| used.contains(it.arn.as_str()));
        let limit = most_targets(load_balancer.kind, quotas);
        if groups.map(registered).sum::<usize>() > limit as usize {
            return Err(too_many_targets_of_load_balancer(&load_balancer.arn, limit));
        }
        Ok(())
    }

    /// The load balancers that use a target group.
    pub(crate) fn users_of(&self, target_group: &str) -> impl Iterator<Item = &LoadBalancer> {
        self.inventory.load_balancers.iter().filter(move |it| uses(it, target_group))
    }

    /// Derives the load balancers that use each target group from the actions.
    pub(crate) fn settle_use_of_target_groups(&mut self) {
        let mut users: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for load_balancer in &self.inventory.load_balancers {
            for target_group in target_groups_kept(load_balancer, Replaced::Nothing) {
                users.entry(target_group).or_default().push(load_balancer.arn.clone());
            }
        }
        for target_group in &mut self.inventory.target_groups {
            target_group.load_balancer_arns = users.remove(target_group.arn.as_str()).unwrap_or_default();
            target_group.load_balancer_arns.sort();
        }
    }
}

/// How many targets a load balancer can have.
pub(crate) fn most_targets(kind: LoadBalancerKind, quotas: &Quotas) -> u32 {
    match kind {
        LoadBalancerKind::Network => quotas.targets_per_network_load_balancer,
        LoadBalancerKind::Application | LoadBalancerKind::Gateway => quotas.targets_per_load_balancer,
    }
}

pub(crate) fn too_many_targets_of_load_balancer(arn: &str, limit: u32) -> AwsError {
    AwsError::new("TooManyTargets", format!("Load balancer '{arn}' can have at most {limit} targets"))
}

/// How many targets count against quotas: draining targets do not.
pub(crate) fn registered(target_group: &TargetGroup) -> usize {
    target_group.targets.iter().filter(|it| it.health != TargetHealth::Draining).count()
}

/// The target groups that actions forward to.
fn target_groups_of(actions: &[ListenerAction]) -> impl Iterator<Item = &str> {
    actions
        .iter()
        .filter_map(|action| match action {
            ListenerAction::Forward(forward) => Some(&forward.target_groups),
            _ => None,
        })
        .flatten()
        .filter_map(|weighted| existing(&weighted.target_group).ok())
}

/// The target groups that a load balancer still uses when something of it is replaced.
pub(crate) fn target_groups_kept(load_balancer: &LoadBalancer, replaced: Replaced) -> BTreeSet<&str> {
    let mut kept = BTreeSet::new();
    for (at, listener) in load_balancer.listeners.iter().enumerate() {
        if replaced != Replaced::DefaultActions(at) {
            kept.extend(target_groups_of(&listener.default_actions));
        }
        for (rule_at, rule) in listener.rules.iter().enumerate() {
            if replaced != Replaced::Rule(at, rule_at) {
                kept.extend(target_groups_of(&rule.actions));
            }
        }
    }
    kept
}

fn uses(load_balancer: &LoadBalancer, target_group: &str) -> bool {
    load_balancer.listeners.iter().any(|listener| {
        target_groups_of(&listener.default_actions).any(|it| it == target_group)
            || listener.rules.iter().any(|rule| target_groups_of(&rule.actions).any(|it| it == target_group))
    })
}

/// API_Action: authentication first and on HTTPS only, then exactly one action that ends the request.
fn check_sequence(protocol: Protocol, actions: &[ListenerAction]) -> Result<(), AwsError> {
    let invalid = |message: &str| Err(AwsError::new("InvalidLoadBalancerAction", message));
    let Some((last, before)) = actions.split_last() else {
        return Err(AwsError::validation("At least one action must be specified"));
    };
    let ends = |action: &ListenerAction| {
        matches!(
            action,
            ListenerAction::Forward(_) | ListenerAction::Redirect(_) | ListenerAction::FixedResponse(_)
        )
    };
    if !ends(last) || before.iter().any(ends) {
        return invalid("The last action, and only it, must be forward, redirect or fixed-response");
    }
    if !before.is_empty() && protocol != Protocol::Https {
        return invalid("Authenticate actions are only supported on HTTPS listeners");
    }
    // Page: API_RedirectActionConfig, parameter `Protocol`.
    let is_to_http = matches!(last, ListenerAction::Redirect(redirect) if redirect.protocol == "HTTP");
    if is_to_http && protocol == Protocol::Https {
        return invalid("HTTPS cannot be redirected to HTTP");
    }
    Ok(())
}

/// Pages: API_CreateTargetGroup, parameters `Protocol` (which kind of load balancer takes which) and `VpcId`.
fn check_compatible(load_balancer: &LoadBalancer, target_group: &TargetGroup) -> Result<(), AwsError> {
    let http = matches!(target_group.protocol, Protocol::Http | Protocol::Https);
    let application = load_balancer.kind == LoadBalancerKind::Application;
    if target_group.target_type != TargetType::Lambda && http != application {
        return Err(AwsError::new(
            "IncompatibleProtocols",
            format!(
                "Target group '{}' has a protocol that load balancer '{}' cannot forward",
                target_group.arn, load_balancer.arn
            ),
        ));
    }
    if target_group.vpc_id.as_ref().is_some_and(|vpc| *vpc != load_balancer.vpc_id) {
        return Err(AwsError::configuration(format!(
            "Target group '{}' is in a different VPC from load balancer '{}'",
            target_group.arn, load_balancer.arn
        )));
    }
    Ok(())
}
