//! Attaches target groups to Auto Scaling Groups and detaches them, in batches: at most ten target groups of an Auto Scaling
//! Group may be changing at once.

use std::{collections::BTreeSet, time::Duration};

use albatross_contract::{Action, AutoScalingAttachment, Operation};

use super::{Executor, Made, Schedule, Writer, content, slots::Slots};
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
    /// Groups in which no more target groups may be changed for now. The plan has waited for room once, and does not wait
    /// again for each further load balancer.
    full: BTreeSet<&'a str>,
}

impl<'a> GroupsAtWork<'a> {
    /// Takes the next actions that may begin together: a single action, or up to ten that all attach to or all detach from
    /// the same Auto Scaling Group. No group has two calls in progress.
    pub(super) fn take(
        &mut self,
        schedule: &mut Schedule,
        actions: &'a [Action],
        slots: &Slots,
    ) -> Option<Together> {
        let change = |index: usize| Change::of(&actions[index].operation);
        let is_idle = |index: usize| change(index).is_none_or(|it| !self.busy.contains(it.group));
        let first = schedule.take(|index| slots.has_room_for(&actions[index]) && is_idle(index))?;
        let mut indices = vec![first];
        let mut before = Before::Unchanged;
        if let Some(first) = change(first) {
            while indices.len() < AT_ONCE {
                let Some(index) = schedule.take(|index| change(index) == Some(first)) else { break };
                indices.push(index);
            }
            self.busy.insert(first.group);
            before = match self.changed.insert(first.group) {
                _ if self.full.contains(first.group) => Before::Full,
                true => Before::Unchanged,
                false => Before::Changed,
            };
        }
        Some(Together { indices, before })
    }

    /// These actions have completed or failed.
    pub(super) fn end(
        &mut self,
        indices: &[usize],
        outcomes: &[Result<Made, AwsError>],
        actions: &'a [Action],
    ) {
        for (index, outcome) in indices.iter().zip(outcomes) {
            let Some(change) = Change::of(&actions[*index].operation) else { continue };
            self.busy.remove(change.group);
            if let Err(AwsError::Busy { .. }) = outcome {
                self.full.insert(change.group);
            }
        }
    }
}

/// What this plan did to an Auto Scaling Group before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// Nothing.
    Unchanged,
    /// It changed the group, and the change may still be in progress.
    Changed,
    /// It has waited in vain for room in the group.
    Full,
}

/// Actions that begin together.
pub(super) struct Together {
    /// The indices of the actions in the plan.
    pub(super) indices: Vec<usize>,
    /// What this plan has already done to the Auto Scaling Group of the actions.
    pub(super) before: Before,
}

impl Executor {
    /// Changes an Auto Scaling Group.
    pub(super) async fn run_attachments(
        &self,
        attachments: &[(&Action, Operation)],
        before: Before,
        terms: Terms<'_>,
    ) -> Vec<Result<Made, AwsError>> {
        if before == Before::Full {
            return attachments.iter().map(|(_, operation)| Err(must_wait(operation))).collect();
        }
        let follows = before == Before::Changed;
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
        let mut changed = 0;
        let mut is_full = false;
        for (action, operation) in attachments {
            let outcome = match &together {
                // The call changed the first target groups, and there was no room for the others.
                Some(Ok(done)) if *done > 0 && !self.is_kept(operation) => {
                    changed += 1;
                    if changed <= *done { Ok(None) } else { Err(must_wait(operation)) }
                }
                // A separate call would fail in the same way.
                Some(Err(error))
                    if error.class().passes() || matches!(error, AwsError::NotLeading { .. }) =>
                {
                    Err(error.again())
                }
                _ if is_full => Err(must_wait(operation)),
                // Separate calls: one target group that cannot be attached must not keep out the others.
                _ => self.run(action, operation, terms).await,
            };
            is_full |= matches!(outcome, Err(AwsError::Busy { .. }));
            outcomes.push(outcome);
        }
        outcomes
    }
}

/// The error for an operation whose Auto Scaling Group has no room for another change of a target group.
fn must_wait(operation: &Operation) -> AwsError {
    let group = Change::of(operation).map_or("", |change| change.group);
    AwsError::Busy { group: group.to_owned() }
}

impl Writer<'_> {
    /// Waits until there is room. If there are several target groups, attaches or detaches in one call as many as there is
    /// room for. Returns how many of the first target groups these are; 0: no call was made.
    async fn at_once(&self, attachments: &[&Operation], follows: bool) -> Result<usize, AwsError> {
        let inputs = attachments.iter().filter_map(|operation| match operation {
            Operation::AttachTargetGroup(input) | Operation::DetachTargetGroup(input) => Some(input),
            _ => None,
        });
        let arns = inputs.map(|it| existing(&it.target_group)).collect::<Result<Vec<&str>, AwsError>>()?;
        let Some(change) = attachments.first().and_then(|operation| Change::of(operation)) else {
            return Ok(0);
        };
        let room = match follows {
            true => self.wait_for_room(change.group, arns.len()).await?,
            false => arns.len(),
        };
        if arns.len() == 1 {
            return Ok(0);
        }
        for operation in attachments {
            self.aws.exchange.changes(operation);
        }
        self.change(change, &arns[..room]).await
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
            answer => answer.map(|_| None),
        }
    }

    /// Makes the call. If AWS says that too many target groups are changing, waits for room and makes the call once more,
    /// for as many target groups as there is room for. Returns how many of the first target groups these are.
    async fn change(&self, change: Change<'_>, arns: &[&str]) -> Result<usize, AwsError> {
        match self.call(change, arns).await {
            Err(AwsError::Refused { message, .. }) if message.contains(TOO_MANY_CHANGES) => {
                let room = self.wait_for_room(change.group, arns.len()).await?;
                self.call(change, &arns[..room]).await.map(|()| room)
            }
            answer => answer.map(|()| arns.len()),
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

    /// Waits until so many more target groups of an Auto Scaling Group may be changed, for a minute at most. Returns how many
    /// of them may be changed.
    async fn wait_for_room(&self, group: &str, more: usize) -> Result<usize, AwsError> {
        let call: &'static Call = &calls::DESCRIBE_LOAD_BALANCER_TARGET_GROUPS;
        let mut room = 0;
        for _ in 0..LOOKS {
            // One page is enough: it has up to 100 target groups, and an Auto Scaling Group at most 50.
            let request = || {
                let request = self.aws.auto_scaling.describe_load_balancer_target_groups();
                request.auto_scaling_group_name(group).send()
            };
            let answer = self.read(call, request).await?;
            let states = answer.load_balancer_target_groups().iter().filter_map(|it| it.state());
            let changing = states.filter(|state| matches!(*state, "Adding" | "Removing")).count();
            room = AT_ONCE.saturating_sub(changing).min(more);
            if room == more {
                return Ok(room);
            }
            tracing::debug!(
                group,
                changing,
                "target groups of an Auto Scaling Group are still being attached or detached"
            );
            self.terms.wait(call, LOOK_EVERY).await?;
        }
        if room == 0 { Err(AwsError::Busy { group: group.to_owned() }) } else { Ok(room) }
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

#[cfg(test)]
mod tests {
    use albatross_contract::{Disruption, ResourceReference};

    use super::*;

    /// An action for each target group that attaches it to an Auto Scaling Group.
    fn attach(group: &str, count: usize) -> Vec<Action> {
        let action = |number: usize| Action {
            id: format!("{group}/{number}"),
            depends_on: Vec::new(),
            load_balancer: format!("{number}"),
            objects: Vec::new(),
            reason: String::new(),
            disruption: Disruption::None,
            operation: Operation::AttachTargetGroup(AutoScalingAttachment {
                auto_scaling_group: group.into(),
                target_group: ResourceReference::Existing(format!("arn:{number}")),
            }),
        };
        (0..count).map(action).collect()
    }

    /// The next actions that begin together, and what was done to their group before.
    fn take<'a>(
        groups: &mut GroupsAtWork<'a>,
        schedule: &mut Schedule,
        actions: &'a [Action],
    ) -> Option<(Vec<usize>, Before)> {
        groups.take(schedule, actions, &Slots::default()).map(|together| (together.indices, together.before))
    }

    fn busy(group: &str) -> Result<Made, AwsError> {
        Err(AwsError::Busy { group: group.into() })
    }

    #[test]
    fn one_auto_scaling_group_that_stays_full_is_waited_for_once_in_a_plan() {
        let actions = [attach("full", 25), attach("other", 1)].concat();
        let mut schedule = Schedule::new(&actions);
        let mut groups = GroupsAtWork::default();

        let first = take(&mut groups, &mut schedule, &actions);
        assert_eq!(first, Some(((0..10).collect(), Before::Unchanged)));
        let other = take(&mut groups, &mut schedule, &actions);
        assert_eq!(other, Some((vec![25], Before::Unchanged)), "one group does not hold up another");
        let outcomes: Vec<_> = (0..10).map(|_| busy("full")).collect();
        groups.end(&(0..10).collect::<Vec<_>>(), &outcomes, &actions);

        let next = take(&mut groups, &mut schedule, &actions);
        assert_eq!(next, Some(((10..20).collect(), Before::Full)));
    }

    #[test]
    fn one_that_was_changed_is_looked_at_before_it_is_changed_again() {
        let actions = attach("nodes", 11);
        let mut schedule = Schedule::new(&actions);
        let mut groups = GroupsAtWork::default();
        let (first, _) = take(&mut groups, &mut schedule, &actions).unwrap();
        assert_eq!(take(&mut groups, &mut schedule, &actions), None, "it has a call under way");
        let outcomes: Vec<Result<Made, AwsError>> = first.iter().map(|_| Ok(None)).collect();
        groups.end(&first, &outcomes, &actions);
        let next = take(&mut groups, &mut schedule, &actions);
        assert_eq!(next, Some((vec![10], Before::Changed)));
    }
}
