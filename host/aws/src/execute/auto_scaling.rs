//! Attaches target groups to Auto Scaling Groups and detaches them, in batches: at most ten target groups of an Auto Scaling
//! Group may be changing at once.

use std::{collections::BTreeSet, time::Duration};

use albatross_contract::{Action, AutoScalingAttachment, Operation};

use super::{Executor, Made, Schedule, Writer, content};
use crate::{
    calling::{Passing, Terms},
    calls::{self, Call},
    convert::existing,
    error::{AwsError, TOO_MANY_CHANGES},
};

/// How many target groups of an Auto Scaling Group may be `Adding` or `Removing` at once, and how many a call may name
/// (Auto Scaling user guide, "Quotas"; that the limit holds over all calls: aws/aws-sdk-java issue 746).
const AT_ONCE: usize = 10;

/// How often, and how many times at most, the executor checks whether the changes are complete. To register the instances
/// of a group takes seconds, and up to a minute in a large group. Changes that still wait then are left to the next pass.
const LOOK_EVERY: Duration = Duration::from_secs(2);
const LOOKS: usize = 30;

/// Whether target groups are attached to or detached from an Auto Scaling Group.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Change<'a> {
    group: &'a str,
    attaches: bool,
}

impl<'a> Change<'a> {
    fn of(operation: &'a Operation) -> Option<Change<'a>> {
        match operation {
            Operation::AttachTargetGroup(input) => {
                Some(Change { group: &input.auto_scaling_group, attaches: true })
            }
            Operation::DetachTargetGroup(input) => {
                Some(Change { group: &input.auto_scaling_group, attaches: false })
            }
            _ => None,
        }
    }
}

/// Whether an operation attaches or detaches a target group.
pub(super) fn is_attachment(operation: &Operation) -> bool {
    Change::of(operation).is_some()
}

/// The Auto Scaling Groups that a plan changes, while the plan is executed.
#[derive(Default)]
pub(super) struct GroupsAtWork<'a> {
    /// Groups with a call in progress.
    busy: BTreeSet<&'a str>,
    /// Groups that this plan has already changed.
    changed: BTreeSet<&'a str>,
}

impl<'a> GroupsAtWork<'a> {
    /// Takes the next actions that may begin together: a single action, or up to ten that all attach to or all detach from
    /// the same Auto Scaling Group. No group has two calls in progress.
    pub(super) fn take(&mut self, schedule: &mut Schedule, actions: &'a [Action]) -> Option<Together> {
        let change = |index: usize| Change::of(&actions[index].operation);
        let first = schedule.take(|index| change(index).is_none_or(|it| !self.busy.contains(it.group)))?;
        let mut indices = vec![first];
        let mut follows = false;
        if let Some(first) = change(first) {
            while indices.len() < AT_ONCE {
                let Some(index) = schedule.take(|index| change(index) == Some(first)) else { break };
                indices.push(index);
            }
            self.busy.insert(first.group);
            follows = !self.changed.insert(first.group);
        }
        Some(Together { indices, follows })
    }

    /// These actions have completed or failed.
    pub(super) fn end(&mut self, indices: &[usize], actions: &'a [Action]) {
        for change in indices.iter().filter_map(|index| Change::of(&actions[*index].operation)) {
            self.busy.remove(change.group);
        }
    }
}

/// Actions that begin together.
pub(super) struct Together {
    /// The indices of the actions in the plan.
    pub(super) indices: Vec<usize>,
    /// Whether the plan has already changed their Auto Scaling Group, so that earlier changes may still be in progress.
    pub(super) follows: bool,
}

impl Executor {
    /// Changes an Auto Scaling Group. `follows`: the group was changed a moment ago.
    pub(super) async fn run_attachments(
        &self,
        attachments: &[(&Action, Operation)],
        follows: bool,
        terms: Terms<'_>,
    ) -> Vec<Result<Made, AwsError>> {
        let mut together = None;
        let tried: Vec<&Operation> =
            attachments.iter().map(|(_, operation)| operation).filter(|it| !self.is_kept(it)).collect();
        if tried.len() > 1 || (follows && !tried.is_empty()) {
            let contents: String = tried.iter().map(|operation| content::of(operation)).collect();
            let not_known_yet = |error: &AwsError| self.aws.exchange.may_not_be_known_yet(error, &contents);
            let passing = Passing { in_use: false, not_known_yet: Some(&not_known_yet) };
            let terms = terms.with_passing(passing);
            let writer = Writer { aws: &self.aws, ownership: &self.ownership, terms };
            together = Some(writer.at_once(&tried, follows).await);
        }
        let mut outcomes = Vec::with_capacity(attachments.len());
        for (action, operation) in attachments {
            outcomes.push(match &together {
                Some(Ok(true)) if !self.is_kept(operation) => Ok(None),
                // A separate call would fail in the same way.
                Some(Err(error))
                    if error.class().passes() || matches!(error, AwsError::NotLeading { .. }) =>
                {
                    Err(error.again())
                }
                // Separate calls: one target group that cannot be attached must not keep out the others.
                _ => self.run(action, operation, terms).await,
            });
        }
        outcomes
    }
}

impl Writer<'_> {
    /// Waits until there is room, and attaches or detaches several target groups in one call. Returns whether that call was
    /// made; it is not made for a single target group.
    async fn at_once(&self, attachments: &[&Operation], follows: bool) -> Result<bool, AwsError> {
        let inputs = attachments.iter().filter_map(|operation| match operation {
            Operation::AttachTargetGroup(input) | Operation::DetachTargetGroup(input) => Some(input),
            _ => None,
        });
        let arns = inputs.map(|it| existing(&it.target_group)).collect::<Result<Vec<&str>, AwsError>>()?;
        let Some(change) = attachments.first().and_then(|operation| Change::of(operation)) else {
            return Ok(false);
        };
        if follows {
            self.wait_for_room(change.group, arns.len()).await?;
        }
        if arns.len() == 1 {
            return Ok(false);
        }
        for operation in attachments {
            self.aws.exchange.changes(operation);
        }
        self.change(change, &arns).await.map(|()| true)
    }

    pub(super) async fn attach_target_group(&self, input: &AutoScalingAttachment) -> Result<Made, AwsError> {
        let arn = existing(&input.target_group)?;
        self.change(Change { group: &input.auto_scaling_group, attaches: true }, &[arn]).await?;
        Ok(None)
    }

    pub(super) async fn detach_target_group(&self, input: &AutoScalingAttachment) -> Result<Made, AwsError> {
        let arn = existing(&input.target_group)?;
        match self.change(Change { group: &input.auto_scaling_group, attaches: false }, &[arn]).await {
            // ValidationError has many causes: the target group is not attached, the Auto Scaling Group is gone, and others.
            Err(error) if error.is(&["ValidationError"]) && !self.is_attached(input, arn).await? => Ok(None),
            answer => answer.map(|()| None),
        }
    }

    /// Makes the call. If AWS says that too many target groups are changing, waits for room and makes the call once more.
    async fn change(&self, change: Change<'_>, arns: &[&str]) -> Result<(), AwsError> {
        match self.call(change, arns).await {
            Err(AwsError::Refused { message, .. }) if message.contains(TOO_MANY_CHANGES) => {
                self.wait_for_room(change.group, arns.len()).await?;
                self.call(change, arns).await
            }
            answer => answer,
        }
    }

    async fn call(&self, change: Change<'_>, arns: &[&str]) -> Result<(), AwsError> {
        let arns: Vec<String> = arns.iter().map(|arn| (*arn).to_owned()).collect();
        let arns = || Some(arns.clone());
        if change.attaches {
            let request = || {
                let request = self.aws.auto_scaling.attach_load_balancer_target_groups();
                request.auto_scaling_group_name(change.group).set_target_group_arns(arns()).send()
            };
            self.write(&calls::ATTACH_LOAD_BALANCER_TARGET_GROUPS, request).await.map(drop)
        } else {
            let request = || {
                let request = self.aws.auto_scaling.detach_load_balancer_target_groups();
                request.auto_scaling_group_name(change.group).set_target_group_arns(arns()).send()
            };
            self.write(&calls::DETACH_LOAD_BALANCER_TARGET_GROUPS, request).await.map(drop)
        }
    }

    /// Waits until so many more target groups of an Auto Scaling Group may be changed, for a minute at most.
    async fn wait_for_room(&self, group: &str, more: usize) -> Result<(), AwsError> {
        let call: &'static Call = &calls::DESCRIBE_LOAD_BALANCER_TARGET_GROUPS;
        for _ in 0..LOOKS {
            // One page is enough: it has up to 100 target groups, and an Auto Scaling Group at most 50.
            let request = || {
                let request = self.aws.auto_scaling.describe_load_balancer_target_groups();
                request.auto_scaling_group_name(group).send()
            };
            let answer = self.read(call, request).await?;
            let states = answer.load_balancer_target_groups().iter().filter_map(|it| it.state());
            let changing = states.filter(|state| matches!(*state, "Adding" | "Removing")).count();
            if changing + more <= AT_ONCE {
                return Ok(());
            }
            tracing::debug!(
                group,
                changing,
                "target groups of an Auto Scaling Group are still being attached or detached"
            );
            self.terms.wait(call, LOOK_EVERY).await?;
        }
        Ok(())
    }

    async fn is_attached(&self, input: &AutoScalingAttachment, target_group: &str) -> Result<bool, AwsError> {
        let request = || {
            let request = self.aws.auto_scaling.describe_auto_scaling_groups();
            request.auto_scaling_group_names(&input.auto_scaling_group).send()
        };
        let answer = self.read(&calls::DESCRIBE_AUTO_SCALING_GROUPS, request).await?;
        let mut attached = answer.auto_scaling_groups().iter().flat_map(|group| group.target_group_arns());
        Ok(attached.any(|arn| arn == target_group))
    }
}
