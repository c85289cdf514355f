//! The state of the account, and the dispatch of operations.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Inventory, Listener, LoadBalancer, LoadBalancerState, Operation, ResourceReference, references,
};

use crate::{AwsError, Faults, auto_scaling, clocks::TargetClocks, identifiers::Identifiers};

/// How long a load balancer takes to become active. AWS says only "some minutes"; two are usual.
const PROVISIONING: u64 = 120;

/// The state of the cloud.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) inventory: Inventory,
    /// The time, in seconds since 1970.
    pub(crate) now: u64,
    pub(crate) identifiers: Identifiers,
    pub(crate) clocks: TargetClocks,
    pub(crate) auto_scaled: AutoScaled,
    /// Target groups that are being attached or detached, by Auto Scaling Group.
    pub(crate) changing: BTreeMap<String, BTreeSet<String>>,
    /// When target groups were created, by ARN.
    made: BTreeMap<String, u64>,
}

/// The instances that Auto Scaling registered, by the ARN of the target group. Auto Scaling registers an instance only
/// once: an instance that a person deregisters stays deregistered.
pub(crate) type AutoScaled = BTreeMap<String, BTreeSet<String>>;

impl Account {
    pub(crate) fn new(inventory: Inventory) -> Account {
        let now = inventory.observed_at;
        let identifiers = Identifiers::new(&inventory.account, &inventory.region, now);
        Account {
            inventory,
            now,
            identifiers,
            clocks: TargetClocks::new(),
            auto_scaled: AutoScaled::new(),
            changing: BTreeMap::new(),
            made: BTreeMap::new(),
        }
    }

    /// Executes one operation. All checks of an operation come before its first change.
    pub(crate) fn apply(&mut self, operation: &Operation) -> Result<Option<String>, AwsError> {
        match operation {
            Operation::CreateLoadBalancer(input) => return self.create_load_balancer(input).map(Some),
            Operation::CreateTargetGroup(input) => {
                let arn = self.create_target_group(input)?;
                self.made.entry(arn.clone()).or_insert(self.now);
                return Ok(Some(arn));
            }
            Operation::CreateListener(input) => return self.create_listener(input).map(Some),
            Operation::CreateRule(input) => return self.create_rule(input).map(Some),
            Operation::CreateSecurityGroup(input) => return self.create_security_group(input).map(Some),
            Operation::ModifyLoadBalancerAttributes(input) => self.modify_load_balancer_attributes(input),
            Operation::SetSubnets(input) => self.set_subnets(input),
            Operation::SetSecurityGroups(input) => self.set_security_groups(input),
            Operation::SetIpAddressType(input) => self.set_ip_address_type(input),
            Operation::DeleteLoadBalancer(reference) => self.delete_load_balancer(reference),
            Operation::ModifyTargetGroup(input) => self.modify_target_group(input),
            Operation::ModifyTargetGroupAttributes(input) => self.modify_target_group_attributes(input),
            Operation::DeleteTargetGroup(reference) => self.delete_target_group(reference),
            Operation::ModifyListener(input) => self.modify_listener(input),
            Operation::ModifyListenerAttributes(input) => self.modify_listener_attributes(input),
            Operation::DeleteListener(reference) => self.delete_listener(reference),
            Operation::AddListenerCertificate(input) => self.add_listener_certificate(input),
            Operation::RemoveListenerCertificate(input) => self.remove_listener_certificate(input),
            Operation::ModifyRule(input) => self.modify_rule(input),
            Operation::SetRulePriorities(priorities) => self.set_rule_priorities(priorities),
            Operation::DeleteRule(reference) => self.delete_rule(reference),
            Operation::RegisterTargets(input) => self.register_targets(input),
            Operation::DeregisterTargets(input) => self.deregister_targets(input),
            Operation::AttachTargetGroup(input) => self.attach_target_group(input),
            Operation::DetachTargetGroup(input) => self.detach_target_group(input),
            Operation::AuthorizeSecurityGroupRules(input) => self.authorize_security_group_rules(input),
            Operation::RevokeSecurityGroupRules(input) => self.revoke_security_group_rules(input),
            Operation::DeleteSecurityGroup(reference) => self.delete_security_group(reference),
            Operation::AddTags(input) => self.add_tags(input),
            Operation::RemoveTags(input) => self.remove_tags(input),
            Operation::ChangeRecordSets(input) => self.change_record_sets(input),
            Operation::AssociateWebAcl(input) => self.associate_web_acl(input),
            Operation::DisassociateWebAcl(reference) => self.disassociate_web_acl(reference),
        }?;
        Ok(None)
    }

    /// Fails for an operation that names a target group which is not visible yet. Auto Scaling has a different message for
    /// it (zalando-incubator/kube-ingress-aws-controller issue 254).
    pub(crate) fn check_seen(&self, operation: &Operation, faults: &Faults) -> Result<(), AwsError> {
        let is_unseen = |arn: &&String| self.made.get(*arn).is_some_and(|at| faults.is_unseen(self.now - at));
        match references::existing(operation).iter().find(is_unseen) {
            None => Ok(()),
            Some(_) if matches!(operation, Operation::AttachTargetGroup(_)) => Err(auto_scaling::not_valid()),
            Some(arn) => Err(AwsError::new("TargetGroupNotFound", format!("Target group '{arn}' not found"))),
        }
    }

    /// Brings the state up to date with the last changes and the time.
    pub(crate) fn settle(&mut self, faults: &Faults) {
        self.inventory.observed_at = self.now;
        for load_balancer in &mut self.inventory.load_balancers {
            let active_at = load_balancer.created_at.saturating_add(PROVISIONING);
            if load_balancer.state == LoadBalancerState::Provisioning
                && self.now >= active_at
                && !faults.is_regional_incident()
            {
                load_balancer.state = LoadBalancerState::Active;
            }
        }
        self.settle_use_of_target_groups();
        self.settle_auto_scaling();
        self.settle_targets(faults);
    }

    /// The index of a load balancer in the inventory.
    pub(crate) fn load_balancer_at(&self, arn: &str) -> Result<usize, AwsError> {
        self.inventory
            .load_balancers
            .iter()
            .position(|it| it.arn == arn)
            .ok_or_else(|| AwsError::new("LoadBalancerNotFound", format!("Load balancer '{arn}' not found")))
    }

    pub(crate) fn load_balancer_mut(
        &mut self,
        reference: &ResourceReference,
    ) -> Result<&mut LoadBalancer, AwsError> {
        let at = self.load_balancer_at(existing(reference)?)?;
        Ok(&mut self.inventory.load_balancers[at])
    }

    /// The indices of a listener in the inventory: of its load balancer, and of itself.
    pub(crate) fn listener_at(&self, arn: &str) -> Result<(usize, usize), AwsError> {
        let found = self.inventory.load_balancers.iter().enumerate().find_map(|(at, load_balancer)| {
            Some((at, load_balancer.listeners.iter().position(|listener| listener.arn == arn)?))
        });
        found.ok_or_else(|| AwsError::new("ListenerNotFound", format!("Listener '{arn}' not found")))
    }

    pub(crate) fn listener_mut(&mut self, reference: &ResourceReference) -> Result<&mut Listener, AwsError> {
        let (at, listener) = self.listener_at(existing(reference)?)?;
        Ok(&mut self.inventory.load_balancers[at].listeners[listener])
    }

    /// The indices of a rule in the inventory: of its load balancer, of its listener, and of itself.
    pub(crate) fn rule_at(&self, arn: &str) -> Result<(usize, usize, usize), AwsError> {
        for (at, load_balancer) in self.inventory.load_balancers.iter().enumerate() {
            for (listener_at, listener) in load_balancer.listeners.iter().enumerate() {
                if let Some(rule) = listener.rules.iter().position(|rule| rule.arn == arn) {
                    return Ok((at, listener_at, rule));
                }
            }
        }
        Err(AwsError::new("RuleNotFound", format!("Rule '{arn}' not found")))
    }

    /// The index of a target group in the inventory.
    pub(crate) fn target_group_at(&self, arn: &str) -> Result<usize, AwsError> {
        self.inventory
            .target_groups
            .iter()
            .position(|it| it.arn == arn)
            .ok_or_else(|| AwsError::new("TargetGroupNotFound", format!("Target group '{arn}' not found")))
    }
}

/// The resource that a reference names.
///
/// # Errors
/// The reference is not resolved. AWS accepts only existing resources, so references to the resources of other actions must
/// be resolved first ([`albatross_contract::references::resolve`]).
pub(crate) fn existing(reference: &ResourceReference) -> Result<&str, AwsError> {
    match reference {
        ResourceReference::Existing(resource) => Ok(resource),
        ResourceReference::CreatedBy(action) => Err(AwsError::validation(format!(
            "the reference to the resource of action {action} is not resolved: it is neither an ARN nor an id"
        ))),
    }
}
