//! Does what a plan says.

mod auto_scaling;
mod content;
mod deletion;
mod listener_certificates;
mod listeners;
mod load_balancers;
mod patience;
mod rules;
mod schedule;
mod security_groups;
mod tags;
mod target_groups;
mod targets;

use std::{
    collections::BTreeMap,
    error::Error,
    future::Future,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
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
    calling::{ATTEMPT_LIMIT, Passing, Permit, Terms},
    calls::Call,
    clients::Aws,
    error::AwsError,
    ownership::Ownership,
};
use auto_scaling::{Before, GroupsAtWork, is_attachment};
use patience::Patience;
use schedule::Schedule;

/// How many actions are under way at once. The budget is what really limits them.
const CONCURRENT: usize = 8;

/// Executes plans for one cluster. It keeps errors that stay, so that nothing is created again and again.
#[derive(Debug)]
pub struct Executor {
    aws: Aws,
    ownership: Ownership,
    patience: Mutex<Patience>,
}

/// What an action made, if it makes something: its ARN, or the id of a security group.
type Made = Option<String>;

impl Executor {
    /// An executor that changes only what carries the tags of this identity.
    pub fn new(aws: Aws, identity: &Identity) -> Executor {
        Executor { aws, ownership: Ownership::new(identity), patience: Mutex::default() }
    }

    /// Executes the actions of a plan, each as soon as all that it depends on is done, several at once. `progress` is
    /// told each result at once; the answer has them in the order of the plan.
    ///
    /// A failed action stops only what depends on it. Nothing waits for a load balancer to become active: listeners,
    /// certificates and targets are taken by one that is still being made. `permit` is asked before every attempt of
    /// every call; without it what is left is skipped ([`AwsError::NotLeading`]), and nothing is interrupted.
    pub fn execute<'a>(
        &'a self,
        plan: &'a Plan,
        permit: &'a dyn Permit,
        progress: &'a mut (dyn FnMut(&Action, &ActionResult) + Send),
    ) -> LocalBoxFuture<'a, Vec<ActionResult>> {
        Box::pin(self.run_all(plan, permit, progress))
    }

    async fn run_all(
        &self,
        plan: &Plan,
        permit: &dyn Permit,
        progress: &mut (dyn FnMut(&Action, &ActionResult) + Send),
    ) -> Vec<ActionResult> {
        let mut schedule = Schedule::new(&plan.actions);
        let mut made: BTreeMap<String, String> = BTreeMap::new();
        let mut results: BTreeMap<usize, ActionResult> = BTreeMap::new();
        let mut running = FuturesUnordered::new();
        let mut groups = GroupsAtWork::default();
        loop {
            // What has not begun when the right to write ends does not begin: it would wait for its share of the budget
            // first, a hundred actions for minutes.
            while running.len() < CONCURRENT && permit.may_write_for(ATTEMPT_LIMIT) {
                let Some(together) = groups.take(&mut schedule, &plan.actions) else { break };
                let actions = together.indices.iter().map(|index| &plan.actions[*index]);
                let resolved =
                    actions.map(|action| Ok((action, references::resolve(&action.operation, &made)?)));
                let resolved: Vec<Result<(&Action, Operation), UnresolvedReference>> = resolved.collect();
                running.push(async move {
                    let outcomes = self.run_together(resolved, together.before, permit).await;
                    (together.indices, outcomes)
                });
            }
            let Some((indices, outcomes)) = running.next().await else { break };
            groups.end(&indices, &outcomes, &plan.actions);
            for (index, outcome) in indices.into_iter().zip(outcomes) {
                let action = &plan.actions[index];
                let (state, error) = match outcome {
                    Ok(resource) => {
                        schedule.done(index);
                        made.extend(resource.map(|resource| (action.id.clone(), resource)));
                        (ActionState::Done, None)
                    }
                    // Nothing went wrong: another replica does it, or the next start.
                    Err(error @ AwsError::NotLeading { .. }) => {
                        (ActionState::Skipped, Some(error.to_string()))
                    }
                    Err(error) => (ActionState::Failed, Some(error.to_string())),
                };
                tell(action, index, state, error, &mut results, progress);
            }
        }
        // What is left waits for something that failed, or for the right to write.
        for (index, action) in plan.actions.iter().enumerate() {
            if !results.contains_key(&index) {
                tell(action, index, ActionState::Skipped, None, &mut results, progress);
            }
        }
        results.into_values().collect()
    }

    /// Does what begins together: one thing, or several of one Auto Scaling Group. The outcomes have its order.
    async fn run_together(
        &self,
        resolved: Vec<Result<(&Action, Operation), UnresolvedReference>>,
        before: Before,
        permit: &dyn Permit,
    ) -> Vec<Result<Made, AwsError>> {
        let attaches = |(_, operation): &(&Action, Operation)| is_attachment(operation);
        if resolved.iter().all(|it| it.as_ref().is_ok_and(attaches)) {
            let attachments: Vec<_> = resolved.into_iter().flatten().collect();
            return self.run_attachments(&attachments, before, permit).await;
        }
        let mut outcomes = Vec::with_capacity(resolved.len());
        for one in resolved {
            outcomes.push(match one {
                Ok((action, operation)) => self.run(action, &operation, permit).await,
                Err(unresolved) => Err(AwsError::from(unresolved)),
            });
        }
        outcomes
    }

    /// Does one thing, unless the same failed before and it is too early to try again.
    async fn run(
        &self,
        action: &Action,
        operation: &Operation,
        permit: &dyn Permit,
    ) -> Result<Made, AwsError> {
        let content = content::of(operation);
        let objects = || self.aws.exchange.hash_of_named(&content);
        if let Some((error, again)) = self.patience().kept(&content, objects, Instant::now()) {
            tracing::debug!(action = action.id, again_in = ?again, error, "not tried: it failed before");
            return Err(AwsError::Kept { error });
        }
        self.aws.exchange.changes(operation);
        let needs = needs_what_it_names(operation);
        let not_known_yet =
            |error: &AwsError| needs && self.aws.exchange.may_not_be_known_yet(error, &content);
        // Of many targets those that AWS refuses are looked for with many calls: each of them with patience takes minutes.
        let is_waited_for = |error: &AwsError| !error.is(&["InvalidTarget"]) && not_known_yet(error);
        let passing = Passing { in_use: waits_until_let_go(action), not_known_yet: Some(&is_waited_for) };
        let writer =
            Writer { aws: &self.aws, ownership: &self.ownership, terms: Terms::write(permit, passing) };
        let outcome = writer.perform(operation).await.map_err(|error| match not_known_yet(&error) {
            true => AwsError::NotKnownYet { source: Box::new(error) },
            false => error,
        });
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

    /// Whether it failed before, and it is too early to try again.
    fn is_kept(&self, operation: &Operation) -> bool {
        let content = content::of(operation);
        let objects = || self.aws.exchange.hash_of_named(&content);
        self.patience().kept(&content, objects, Instant::now()).is_some()
    }

    fn patience(&self) -> MutexGuard<'_, Patience> {
        self.patience.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tell(
    action: &Action,
    index: usize,
    state: ActionState,
    error: Option<String>,
    results: &mut BTreeMap<usize, ActionResult>,
    progress: &mut (dyn FnMut(&Action, &ActionResult) + Send),
) {
    let result = ActionResult { action: action.id.clone(), state, error };
    progress(action, &result);
    results.insert(index, result);
}

/// Whether what an action deletes may still count as used: DeleteLoadBalancer returns while its target groups do.
fn waits_until_let_go(action: &Action) -> bool {
    let deletes =
        matches!(action.operation, Operation::DeleteTargetGroup(_) | Operation::DeleteSecurityGroup(_));
    deletes && !action.depends_on.is_empty()
}

/// Whether an operation fails without what it names. For one that takes something away, what is not there is done.
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
    )
}

/// Does single operations. Each file of this folder has those of one kind of resource.
struct Writer<'a> {
    aws: &'a Aws,
    ownership: &'a Ownership,
    terms: Terms<'a>,
}

impl Writer<'_> {
    /// Does one operation whose references are all to existing resources.
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
        }
    }

    async fn write<T, E, F>(&self, call: &'static Call, attempt: impl Fn() -> F) -> Result<T, AwsError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        self.aws.call(call, self.terms, attempt).await
    }

    /// Reads what a write has to know. It is a part of the write, and ends with the right to it.
    async fn read<T, E, F>(&self, call: &'static Call, attempt: impl Fn() -> F) -> Result<T, AwsError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        self.aws.call(call, self.terms, attempt).await
    }
}
