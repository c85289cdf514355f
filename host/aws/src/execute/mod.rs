//! Executes plans.

mod auto_scaling;
mod content;
mod deletion;
mod in_use;
mod listener_certificates;
mod listeners;
mod load_balancers;
mod patience;
mod record_sets;
mod rules;
mod schedule;
mod security_groups;
mod slots;
mod tags;
mod target_groups;
mod targets;
mod web_acls;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    error::Error,
    future::Future,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use albatross_contract::{
    Action, ActionResult, ActionState, Identity, Operation, Plan,
    references::{self, UnresolvedReference},
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures::{
    future::LocalBoxFuture,
    stream::{FuturesUnordered, StreamExt},
};

use crate::{
    calling::{ATTEMPT_LIMIT, Passing, Permit, Terms, Waited},
    calls::Call,
    clients::Aws,
    error::{AwsError, ErrorClass},
    ownership::Ownership,
};
use auto_scaling::{Before, GroupsAtWork, is_attachment};
use in_use::InUse;
use patience::Patience;
use schedule::Schedule;
use slots::Slots;

/// Why an action was left to another plan.
const SUPERSEDED: &str = "the cluster has changed, so the action is left to the next plan";

/// Executes plans for one cluster. The executor remembers errors that do not pass, so that a failing action is not repeated
/// in every pass.
#[derive(Debug)]
pub struct Executor {
    aws: Aws,
    ownership: Ownership,
    patience: Mutex<Patience>,
    in_use: Mutex<InUse>,
}

/// The progress of an action.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// The action begins; its first call may wait for the rate budget. An action that is not tried never begins.
    Begun,
    /// The action is over, or will not be tried.
    Over {
        /// Its result.
        result: &'a ActionResult,
        /// How long its calls waited for the rate budget, including calls that it shares with other actions.
        waited: Duration,
    },
}

/// Receives the progress of the actions of a plan.
type Watcher<'a> = dyn FnMut(&Action, Progress<'_>) + Send + 'a;

/// The resource that an action created, if any: its ARN, or the id of a security group.
type Made = Option<String>;

impl Executor {
    /// An executor that changes only what carries the tags of this identity.
    pub fn new(aws: Aws, identity: &Identity) -> Executor {
        Executor {
            aws,
            ownership: Ownership::new(identity),
            patience: Mutex::default(),
            in_use: Mutex::default(),
        }
    }

    /// Executes the actions of a plan, each as soon as all its dependencies are done, several at once. `progress` learns
    /// when each action begins and ends; the returned results have the order of the plan.
    ///
    /// A failed action stops only the actions that depend on it. Nothing waits for a load balancer to become active: a load
    /// balancer that is still provisioning accepts listeners, certificates and targets. `permit` is asked before every
    /// attempt of every call; when it ends, the remaining actions are skipped ([`AwsError::NotLeading`]), and no call is
    /// interrupted. When another plan is to be made ([`Permit::is_superseded`]), actions that have begun go on to their end, and the
    /// others are skipped; `progress` learns nothing of these.
    pub fn execute<'a>(
        &'a self,
        plan: &'a Plan,
        permit: &'a dyn Permit,
        progress: &'a mut Watcher<'_>,
    ) -> LocalBoxFuture<'a, Vec<ActionResult>> {
        Box::pin(self.run_all(plan, permit, progress))
    }

    async fn run_all(
        &self,
        plan: &Plan,
        permit: &dyn Permit,
        progress: &mut Watcher<'_>,
    ) -> Vec<ActionResult> {
        let mut schedule = Schedule::new(&plan.actions);
        let mut made: BTreeMap<String, String> = BTreeMap::new();
        let mut results: BTreeMap<usize, ActionResult> = BTreeMap::new();
        let mut running = FuturesUnordered::new();
        let mut groups = GroupsAtWork::default();
        let mut slots = Slots::default();
        let may_begin = || permit.may_write_for(ATTEMPT_LIMIT) && !permit.is_superseded();
        loop {
            // When the permit ends, no further action begins: each would first wait for the rate budget, and a hundred
            // actions would wait for minutes.
            while may_begin() {
                let Some(together) = groups.take(&mut schedule, &plan.actions, &slots) else { break };
                slots.take(&plan.actions[together.indices[0]]);
                let actions = together.indices.iter().map(|index| &plan.actions[*index]);
                let resolved =
                    actions.map(|action| Ok((action, references::resolve(&action.operation, &made)?)));
                let resolved: Vec<Result<(&Action, Operation), UnresolvedReference>> = resolved.collect();
                for (action, operation) in resolved.iter().flatten() {
                    if !self.is_kept(operation) {
                        progress(action, Progress::Begun);
                    }
                }
                running.push(async move {
                    let waited = Waited::default();
                    let terms = Terms::write(permit, Passing::default()).adding_up(&waited);
                    let outcomes = self.run_together(resolved, together.before, terms).await;
                    (together.indices, outcomes, waited.total())
                });
            }
            let Some((indices, outcomes, waited)) = running.next().await else { break };
            groups.end(&indices, &outcomes, &plan.actions);
            slots.give_back(&plan.actions[indices[0]]);
            for (index, outcome) in indices.into_iter().zip(outcomes) {
                let action = &plan.actions[index];
                let (state, error) = match outcome {
                    Ok(resource) => {
                        schedule.done(index);
                        made.extend(resource.map(|resource| (action.id.clone(), resource)));
                        (ActionState::Done, None)
                    }
                    // Not a failure: another replica executes the action, or this one after its next start, or when AWS
                    // has released the resource.
                    Err(error @ (AwsError::NotLeading { .. } | AwsError::StillInUse { .. })) => {
                        (ActionState::Skipped, Some(error.to_string()))
                    }
                    Err(error) => (ActionState::Failed, Some(error.to_string())),
                };
                let result = ActionResult { action: action.id.clone(), state, error };
                progress(action, Progress::Over { result: &result, waited });
                results.insert(index, result);
            }
        }
        // The remaining actions depend on a failed one, or are left to another plan, or the permit has ended.
        let superseded = permit.is_superseded().then_some(SUPERSEDED);
        for (index, action) in plan.actions.iter().enumerate() {
            if let Entry::Vacant(missing) = results.entry(index) {
                let error = superseded.map(str::to_owned);
                let result = ActionResult { action: action.id.clone(), state: ActionState::Skipped, error };
                if superseded.is_none() {
                    progress(action, Progress::Over { result: &result, waited: Duration::ZERO });
                }
                missing.insert(result);
            }
        }
        results.into_values().collect()
    }

    /// Executes actions that begin together: a single action, or several of one Auto Scaling Group. The outcomes have the
    /// order of the actions.
    async fn run_together(
        &self,
        resolved: Vec<Result<(&Action, Operation), UnresolvedReference>>,
        before: Before,
        terms: Terms<'_>,
    ) -> Vec<Result<Made, AwsError>> {
        let attaches = |(_, operation): &(&Action, Operation)| is_attachment(operation);
        if resolved.iter().all(|it| it.as_ref().is_ok_and(attaches)) {
            let attachments: Vec<_> = resolved.into_iter().flatten().collect();
            return self.run_attachments(&attachments, before, terms).await;
        }
        let mut outcomes = Vec::with_capacity(resolved.len());
        for one in resolved {
            outcomes.push(match one {
                Ok((action, operation)) => self.run(action, &operation, terms).await,
                Err(unresolved) => Err(AwsError::from(unresolved)),
            });
        }
        outcomes
    }

    /// Executes one action, unless the same action failed before and it is too early to retry.
    async fn run(&self, action: &Action, operation: &Operation, terms: Terms<'_>) -> Result<Made, AwsError> {
        let content = content::of(operation);
        let objects = || self.aws.exchange.hash_of_named(&content);
        if let Some((error, again)) = self.patience().kept(&content, objects, Instant::now()) {
            tracing::debug!(action = action.id, again_in = ?again, error, "action failed before, not retried yet");
            return Err(AwsError::Kept { error });
        }
        self.aws.exchange.changes(operation);
        let needs = needs_what_it_names(operation);
        let not_known_yet =
            |error: &AwsError| needs && self.aws.exchange.may_not_be_known_yet(error, &content);
        // InvalidTarget is not retried here: to find the refused targets among many takes many calls, and with retries of
        // each it would take minutes.
        let is_waited_for = |error: &AwsError| !error.is(&["InvalidTarget"]) && not_known_yet(error);
        let passing = Passing { in_use: waits_until_let_go(action), not_known_yet: Some(&is_waited_for) };
        let writer =
            Writer { aws: &self.aws, ownership: &self.ownership, terms: terms.with_passing(passing) };
        let outcome = writer.perform(operation).await.map_err(|error| match not_known_yet(&error) {
            true => AwsError::NotKnownYet { source: Box::new(error) },
            false => error,
        });
        let outcome = if passing.in_use { self.while_in_use(operation, outcome) } else { outcome };
        if outcome.is_err() {
            self.aws.exchange.failed();
        }
        match &outcome {
            Ok(Some(made)) => {
                self.aws.exchange.made(made);
                self.patience().forget(&content);
            }
            Err(error) if error.class().stays() => {
                let objects = objects();
                self.patience().keep(content, objects, error.to_string(), Instant::now());
            }
            _ => self.patience().forget(&content),
        }
        outcome
    }

    /// The outcome of a deletion. That AWS still counts the resource as used is an error only when it lasts.
    fn while_in_use(&self, operation: &Operation, outcome: Result<Made, AwsError>) -> Result<Made, AwsError> {
        let resource = references::existing(operation).concat();
        let mut in_use = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Err(error) if error.class() == ErrorClass::InUse => {
                match in_use.lasts(&resource, Instant::now()) {
                    true => Err(error),
                    false => Err(AwsError::StillInUse { resource, source: Box::new(error) }),
                }
            }
            outcome => {
                in_use.is_over(&resource);
                outcome
            }
        }
    }

    /// Whether this operation failed before and it is too early to retry.
    fn is_kept(&self, operation: &Operation) -> bool {
        let content = content::of(operation);
        let objects = || self.aws.exchange.hash_of_named(&content);
        self.patience().kept(&content, objects, Instant::now()).is_some()
    }

    fn patience(&self) -> MutexGuard<'_, Patience> {
        self.patience.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether AWS may still count the resource to delete as used: after DeleteLoadBalancer has returned, target groups still
/// count as used for a while, and security groups as long as AWS removes the network interfaces, which may end only in a later
/// pass.
fn waits_until_let_go(action: &Action) -> bool {
    match action.operation {
        Operation::DeleteTargetGroup(_) => !action.depends_on.is_empty(),
        Operation::DeleteSecurityGroup(_) => true,
        _ => false,
    }
}

/// Whether an operation fails if a resource that it names does not exist. An operation that removes something counts as
/// done then.
fn needs_what_it_names(operation: &Operation) -> bool {
    !matches!(
        operation,
        Operation::DeleteLoadBalancer(_)
            | Operation::DeleteTargetGroup(_)
            | Operation::DeleteListener(_)
            | Operation::DeleteRule(_)
            | Operation::DeleteSecurityGroup(_)
            | Operation::RemoveListenerCertificate(_)
            | Operation::DeregisterTargets(_)
            | Operation::DetachTargetGroup(_)
            | Operation::RevokeSecurityGroupRules(_)
            | Operation::RemoveTags(_)
            | Operation::DisassociateWebAcl(_)
    )
}

/// Executes single operations. Each file of this folder has the operations of one kind of resource.
struct Writer<'a> {
    aws: &'a Aws,
    ownership: &'a Ownership,
    terms: Terms<'a>,
}

impl Writer<'_> {
    /// Executes an operation whose references all name existing resources.
    async fn perform(&self, operation: &Operation) -> Result<Made, AwsError> {
        match operation {
            Operation::CreateLoadBalancer(input) => self.create_load_balancer(input).await.map(Some),
            Operation::ModifyLoadBalancerAttributes(input) => {
                self.modify_load_balancer_attributes(input).await
            }
            Operation::SetSubnets(input) => self.set_subnets(input).await,
            Operation::SetSecurityGroups(input) => self.set_security_groups(input).await,
            Operation::SetIpAddressType(input) => self.set_ip_address_type(input).await,
            Operation::DeleteLoadBalancer(resource) => self.delete_load_balancer(resource).await,
            Operation::CreateTargetGroup(input) => self.create_target_group(input).await.map(Some),
            Operation::ModifyTargetGroup(input) => self.modify_target_group(input).await,
            Operation::ModifyTargetGroupAttributes(input) => self.modify_target_group_attributes(input).await,
            Operation::DeleteTargetGroup(resource) => self.delete_target_group(resource).await,
            Operation::CreateListener(input) => self.create_listener(input).await.map(Some),
            Operation::ModifyListener(input) => self.modify_listener(input).await,
            Operation::ModifyListenerAttributes(input) => self.modify_listener_attributes(input).await,
            Operation::DeleteListener(resource) => self.delete_listener(resource).await,
            Operation::AddListenerCertificate(input) => self.add_listener_certificate(input).await,
            Operation::RemoveListenerCertificate(input) => self.remove_listener_certificate(input).await,
            Operation::CreateRule(input) => self.create_rule(input).await.map(Some),
            Operation::ModifyRule(input) => self.modify_rule(input).await,
            Operation::SetRulePriorities(priorities) => self.set_rule_priorities(priorities).await,
            Operation::DeleteRule(resource) => self.delete_rule(resource).await,
            Operation::RegisterTargets(input) => self.register_targets(input).await,
            Operation::DeregisterTargets(input) => self.deregister_targets(input).await,
            Operation::AttachTargetGroup(input) => self.attach_target_group(input).await,
            Operation::DetachTargetGroup(input) => self.detach_target_group(input).await,
            Operation::CreateSecurityGroup(input) => self.create_security_group(input).await.map(Some),
            Operation::AuthorizeSecurityGroupRules(input) => self.authorize_security_group_rules(input).await,
            Operation::RevokeSecurityGroupRules(input) => self.revoke_security_group_rules(input).await,
            Operation::DeleteSecurityGroup(resource) => self.delete_security_group(resource).await,
            Operation::AddTags(input) => self.add_tags(input).await,
            Operation::RemoveTags(input) => self.remove_tags(input).await,
            Operation::ChangeRecordSets(input) => self.change_record_sets(input).await,
            Operation::AssociateWebAcl(input) => self.associate_web_acl(input).await,
            Operation::DisassociateWebAcl(resource) => self.disassociate_web_acl(resource).await,
        }
    }

    async fn write<T, E, F>(&self, call: &'static Call, attempt: impl Fn() -> F) -> Result<T, AwsError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        self.aws.call(call, self.terms, attempt).await
    }

    /// Makes a read that a write needs. The read is a part of the write, and stops when the permit ends.
    async fn read<T, E, F>(&self, call: &'static Call, attempt: impl Fn() -> F) -> Result<T, AwsError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        self.aws.call(call, self.terms, attempt).await
    }
}
