//! Handovers: the present target groups of a rule get its requests until the new target groups are healthy.

use albatross_contract::{ForwardAction, ListenerAction, ResourceReference, Rule, WeightedTargetGroup};

use super::super::{Answer, Destination, Forward};
use crate::observed::{Health, Owned};

/// The answer of a rule in this pass, if it is not yet the answer that is asked for. AWS checks only target groups that a rule
/// or listener uses, so new target groups are added with weight 0 first.
pub fn answer_now<'a>(
    asked: &Answer<'a>,
    there: Option<&'a Rule>,
    owned: Option<&Owned<'a>>,
) -> Option<Answer<'a>> {
    let Answer::Forward { groups: next, stickiness } = asked else { return None };
    let (rule, owned) = (there?, owned?);
    let health = |to: &Destination<'_>| {
        let found = owned.target_groups.iter().find(|it| *to == Destination::Existing(&it.arn));
        found.map(|it| Health::of(it))
    };
    let now = serving(rule);
    let is_new = |it: &Forward<'a>| !now.iter().any(|old| old.to == it.to);
    let all_can_take_over = next
        .iter()
        .filter(|it| it.weight > 0 && is_new(it))
        .all(|it| health(&it.to).is_some_and(|health| health.can_take_over()));
    let some_serve = now.iter().any(|it| health(&it.to).is_some_and(|health| health.checked > 0));
    if all_can_take_over || !some_serve {
        return None;
    }
    let waiting = next.iter().filter(|it| is_new(it)).map(|it| Forward { to: it.to.clone(), weight: 0 });
    let groups = now.iter().cloned().chain(waiting).collect();
    let now = Answer::Forward { groups, stickiness: *stickiness };
    (now != *asked).then_some(now)
}

/// The target groups that get requests of a rule now. A single target group gets all requests, whatever its weight.
fn serving(rule: &Rule) -> Vec<Forward<'_>> {
    let all = || rule.actions.iter().flat_map(forwards);
    let is_single = all().count() == 1;
    all()
        .filter(|it| it.weight > 0 || is_single)
        .filter_map(|it| match &it.target_group {
            ResourceReference::Existing(arn) => {
                Some(Forward { to: Destination::Existing(arn), weight: it.weight.max(1) })
            }
            ResourceReference::CreatedBy(_) => None,
        })
        .collect()
}

/// The target groups to which an action forwards.
pub fn forwards(action: &ListenerAction) -> std::slice::Iter<'_, WeightedTargetGroup> {
    match action {
        ListenerAction::Forward(ForwardAction { target_groups, .. }) => target_groups.iter(),
        _ => [].iter(),
    }
}

/// Whether a rule already gives the wanted answer.
pub fn gives(rule: &Rule, answer: &Answer<'_>) -> bool {
    match answer {
        Answer::Forward { groups: wanted, .. } => {
            let mut now: Vec<_> = serving(rule).into_iter().map(|it| it.to).collect();
            let wanted = wanted.iter().filter(|it| it.weight > 0).map(|it| it.to.clone());
            let mut wanted: Vec<_> = wanted.collect();
            now.sort();
            wanted.sort();
            now == wanted
        }
        Answer::Respond(wanted) => {
            matches!(rule.actions.as_slice(), [ListenerAction::FixedResponse(now)] if now == wanted)
        }
        Answer::Redirect(wanted) => {
            matches!(rule.actions.as_slice(), [ListenerAction::Redirect(now)] if now == wanted)
        }
    }
}
