//! Handovers: the present target groups of a rule get its requests until the new target groups are healthy.

use albatross_contract::{ForwardAction, ListenerAction, ResourceReference, Rule, WeightedTargetGroup};

use super::super::{Answer, Destination, Forward, fixed};
use crate::observed::{Health, Owned};

/// The most target groups of a forward action (ELB quotas, "Target groups per action on an Application Load Balancer").
const LIMIT: usize = 5;

/// The answer of a rule in this pass, if it is not yet the answer that is asked for. AWS checks only target groups that a rule
/// or listener uses, so new target groups are added with weight 0 first. If the present and the new ones are more than a
/// forward action can have, some present ones leave before: the others get their requests.
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
    let can_take_over = |it: &&Forward<'a>| health(&it.to).is_some_and(|health| health.can_take_over());
    let serves = |it: &Forward<'a>| health(&it.to).is_some_and(|health| health.checked > 0);
    let mut awaited = next.iter().filter(|it| it.weight > 0 && is_new(it));
    if awaited.clone().all(|it| can_take_over(&it)) || !now.iter().any(serves) {
        return None;
    }
    let waiting: Vec<&Forward<'a>> = next.iter().filter(|it| is_new(it)).collect();
    let is_next = |it: &Forward<'a>| next.iter().any(|next| next.to == it.to);
    let kept = kept(&now, LIMIT.saturating_sub(waiting.len()), |it| (serves(it), is_next(it)));
    let (present, absent) = waiting.split_at(waiting.len().min(LIMIT - kept.len()));
    // Target groups without a place are checked only after the others have taken over.
    let are_ready = present.iter().filter(|it| it.weight > 0).all(&can_take_over);
    if !absent.is_empty() && are_ready && awaited.any(|it| can_take_over(&it)) {
        let weight = |it: &Forward<'a>| if is_new(it) && !can_take_over(&it) { 0 } else { it.weight };
        let groups = next.iter().map(|it| Forward { to: it.to.clone(), weight: weight(it) }).collect();
        return Some(Answer::Forward { groups, stickiness: *stickiness });
    }
    let waiting = present.iter().map(|it| Forward { to: it.to.clone(), weight: 0 });
    let groups = kept.into_iter().chain(waiting).collect();
    let now = Answer::Forward { groups, stickiness: *stickiness };
    (now != *asked).then_some(now)
}

/// The present target groups that keep their place beside those that wait, at least one: those that serve come first, then
/// those that stay in the end, then those with the greater weight, then by ARN.
fn kept<'a>(
    now: &[Forward<'a>],
    room: usize,
    rank: impl Fn(&Forward<'a>) -> (bool, bool),
) -> Vec<Forward<'a>> {
    let mut by_rank: Vec<&Forward<'a>> = now.iter().collect();
    by_rank.sort_by(|left, right| {
        (rank(right), right.weight, &left.to).cmp(&(rank(left), left.weight, &right.to))
    });
    by_rank.truncate(room.max(1));
    now.iter().filter(|it| by_rank.contains(it)).cloned().collect()
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
        Answer::Unavailable => {
            matches!(rule.actions.as_slice(), [ListenerAction::FixedResponse(now)] if *now == fixed(503))
        }
        Answer::Redirect(wanted) => {
            matches!(rule.actions.as_slice(), [ListenerAction::Redirect(now)] if now == wanted)
        }
    }
}

#[cfg(test)]
mod tests;
