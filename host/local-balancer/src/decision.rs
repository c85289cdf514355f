//! How a request is answered: the rule, what it does, and the target.

use albatross_contract::{
    FixedResponseAction, HttpRequest, ListenerAction, RedirectAction, Rule, Target, TargetHealth,
};
use albatross_embedded_cloud::{AnsweredBy, answer};

use crate::front::{Front, Group};

/// How a request is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision<'a> {
    /// The rule that matches. `None`: the default actions of the listener answer.
    pub rule: Option<&'a Rule>,
    /// What answers.
    pub outcome: Outcome<'a>,
}

/// What answers a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome<'a> {
    /// A redirect.
    Redirect(RedirectAction),
    /// A fixed response.
    FixedResponse(FixedResponseAction),
    /// A target group.
    Forward {
        /// The target group.
        group: &'a Group,
        /// One of its targets. `None`: it has none.
        target: Option<&'a Target>,
    },
    /// Nothing: no target group of the action has a weight or exists, or the action is unknown.
    Nothing,
}

/// How a listener answers a request. `number` counts the requests: target groups get their parts of them in proportion to their
/// weights, and targets take turns.
pub fn decide<'a>(front: &'a Front, request: &HttpRequest, number: u32) -> Decision<'a> {
    let answer = answer(&front.listener, request, number);
    let rule = answer.rule.and_then(|arn| front.listener.rules.iter().find(|rule| rule.arn == arn));
    let outcome = match answer.by {
        AnsweredBy::Redirect(redirect) => Outcome::Redirect(redirect),
        AnsweredBy::FixedResponse(response) => Outcome::FixedResponse(response),
        AnsweredBy::Nothing => Outcome::Nothing,
        AnsweredBy::TargetGroup(arn) => match front.target_groups.get(&arn) {
            None => Outcome::Nothing,
            Some(group) => {
                let turn = number / total_weight(actions(front, rule)).max(1);
                Outcome::Forward { group, target: target(group, turn) }
            }
        },
    };
    Decision { rule, outcome }
}

/// The actions of a rule, else those of the listener.
fn actions<'a>(front: &'a Front, rule: Option<&'a Rule>) -> &'a [ListenerAction] {
    rule.map_or(&front.listener.default_actions, |rule| &rule.actions)
}

fn total_weight(actions: &[ListenerAction]) -> u32 {
    match actions.last() {
        Some(ListenerAction::Forward(forward)) if forward.target_groups.len() > 1 => {
            forward.target_groups.iter().map(|group| u32::from(group.weight)).sum()
        }
        _ => 1,
    }
}

/// The healthy targets take turns; if none is healthy, all of them ("Health checks for Application Load Balancer target groups",
/// "if a target group contains only unhealthy registered targets").
fn target(group: &Group, turn: u32) -> Option<&Target> {
    let healthy: Vec<&Target> =
        group.targets.iter().filter(|target| target.health == TargetHealth::Healthy).collect();
    let candidates = if healthy.is_empty() {
        group.targets.iter().filter(|target| target.health != TargetHealth::Draining).collect()
    } else {
        healthy
    };
    let at = usize::try_from(turn).ok()?.checked_rem(candidates.len())?;
    candidates.get(at).copied()
}

#[cfg(test)]
mod tests;
