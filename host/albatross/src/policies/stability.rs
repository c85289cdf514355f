//! Whether a grouping policy lets members stay: its answer is carried out, and then it is asked again while one member comes, goes
//! or is misspelt. The others should stay where they are.

use std::collections::BTreeMap;

use albatross_contract::{
    GroupingAnswer, GroupingInput, GroupingLoadBalancer, GroupingMember, Mode, PolicyAnswer, PolicyQuestion,
    Scheme, SettledMember, Tag,
};
use albatross_engine::Policy;

use super::decisions::{Decisions, decisions, difference};
use crate::render::words::count;

/// How many members are taken away, added and misspelt in turn.
const TRIED: usize = 6;

/// What is wrong, in words; at most one fault of each kind. The answer must fit the question.
pub fn faults(policy: &Policy, input: &GroupingInput, answer: &GroupingAnswer) -> Vec<String> {
    let first = Asked { input: input.clone(), answer: answer.clone() };
    let placed = first.carried_out();
    let settled = match ask(policy, placed) {
        Ok(settled) => settled,
        Err(fault) => return vec![format!("asked again when its answer was carried out, {fault}")],
    };
    if let Some(moved) = moved(&first.decisions(), &settled.decisions(), "when its answer is carried out") {
        return vec![moved];
    }
    let examples = examples(&settled.input);
    let kinds: [Change; 4] = [without, with_another, with_a_stranger, misspelt_and_corrected];
    let first_fault = kinds
        .into_iter()
        .filter_map(|kind| examples.iter().find_map(|example| kind(policy, &settled, example)));
    first_fault.collect()
}

/// What a change of one member does to the others. `None`: they stay.
type Change = fn(&Policy, &Asked, &GroupingMember) -> Option<String>;

/// Some members, spread over the question.
fn examples(input: &GroupingInput) -> Vec<GroupingMember> {
    let members: Vec<&GroupingMember> =
        input.members.iter().filter(|member| member.settled.is_none()).collect();
    let step = members.len().div_ceil(TRIED).max(1);
    members.into_iter().step_by(step).cloned().collect()
}

fn without(policy: &Policy, before: &Asked, gone: &GroupingMember) -> Option<String> {
    let mut input = before.input.clone();
    input.members.retain(|member| member.object != gone.object);
    compared(policy, before, input, &format!("when {} is deleted", gone.object))
}

fn with_another(policy: &Policy, before: &Asked, like: &GroupingMember) -> Option<String> {
    let mut input = with(before.input.clone(), another(like));
    // It has the same hosts.
    if like.mode == Mode::Route && like.unit.is_none() {
        let with_its_hosts = |member: &&mut GroupingMember| {
            member.mode == Mode::Route
                && member.settled.is_none()
                && member.hosts == like.hosts
                && member.scheme == like.scheme
        };
        input
            .members
            .iter_mut()
            .filter(with_its_hosts)
            .for_each(|member| member.unit = like.hosts.first().cloned());
    }
    compared(policy, before, input, &format!("when an Ingress like {} is added", like.object))
}

fn with_a_stranger(policy: &Policy, before: &Asked, like: &GroupingMember) -> Option<String> {
    let input = with(before.input.clone(), stranger(like));
    let when =
        format!("when an Ingress is added that is like {} and has other values of its labels", like.object);
    compared(policy, before, input, &when)
}

/// A misspelt annotation settles a member: its answer does not count until it is corrected.
fn misspelt_and_corrected(policy: &Policy, before: &Asked, spoiled: &GroupingMember) -> Option<String> {
    let set = |input: &mut GroupingInput, settled| {
        let it = input.members.iter_mut().find(|member| member.object == spoiled.object);
        it.into_iter().for_each(|member| member.settled = settled);
    };
    let mut input = with(before.input.clone(), another(spoiled));
    set(&mut input, Some(SettledMember::Stays));
    let when = format!("while an annotation of {} is misspelt, and an Ingress is added", spoiled.object);
    let during = match ask(policy, input) {
        Ok(during) => during,
        Err(fault) => return Some(format!("{when}, {fault}")),
    };
    let name = spoiled.object.to_string();
    let unspoiled = |mut decisions: Decisions| {
        decisions.remove(&name);
        decisions
    };
    if let Some(moved) = moved(&unspoiled(before.decisions()), &unspoiled(during.decisions()), &when) {
        return Some(moved);
    }
    let mut input = during.carried_out();
    set(&mut input, None);
    compared(
        policy,
        before,
        input,
        &format!("when {name}, which was misspelt while an Ingress was added, is corrected"),
    )
}

/// A new member like another one, younger and with another name.
fn another(like: &GroupingMember) -> GroupingMember {
    let mut added = like.clone();
    added.object.name.push_str("-another");
    added.created_at = like.created_at.map(|_| u64::from(u32::MAX));
    (added.load_balancer, added.settled) = (None, None);
    added
}

/// A new member in another namespace, with other values of its labels.
fn stranger(like: &GroupingMember) -> GroupingMember {
    let mut added = another(like);
    added.object.namespace = format!("a-{}", like.object.namespace);
    let other = |tag: &Tag| Tag { key: tag.key.clone(), value: format!("a{}", tag.value) };
    added.labels = like.labels.iter().map(other).collect();
    added
}

/// The question with one member more, in its place.
fn with(mut input: GroupingInput, added: GroupingMember) -> GroupingInput {
    let place = input.members.iter().position(|member| member.object > added.object);
    input.members.insert(place.unwrap_or(input.members.len()), added);
    input
}

fn compared(policy: &Policy, before: &Asked, input: GroupingInput, when: &str) -> Option<String> {
    match ask(policy, input) {
        Ok(after) => moved(&before.decisions(), &after.decisions(), when),
        Err(fault) => Some(format!("{when}, {fault}")),
    }
}

/// In words, which of the members that are there before and after are decided otherwise. `None`: none.
fn moved(before: &Decisions, after: &Decisions, when: &str) -> Option<String> {
    let common = |one: &Decisions, other: &Decisions| -> Decisions {
        let kept = one.iter().filter(|(subject, _)| other.contains_key(*subject));
        kept.map(|(subject, what)| (subject.clone(), what.clone())).collect()
    };
    let (before, after) = (common(before, after), common(after, before));
    let (subject, was, is) = difference(&before, &after)?;
    let number = before.iter().filter(|(subject, what)| after.get(*subject) != Some(what)).count();
    let of = count(before.len(), "Ingress");
    Some(format!("{when}, it would move {number} of {of}: {subject} from {was} to {is}"))
}

/// A question with its answer.
struct Asked {
    input: GroupingInput,
    answer: GroupingAnswer,
}

impl Asked {
    fn decisions(&self) -> Decisions {
        let question = PolicyQuestion::Grouping(self.input.clone());
        decisions(&question, &PolicyAnswer::Grouping(self.answer.clone()))
    }

    /// The question when the answer was carried out: each group has a load balancer of each scheme that its members need.
    fn carried_out(&self) -> GroupingInput {
        let mut input = self.input.clone();
        let mut places: BTreeMap<(Option<&str>, Scheme, Mode), u32> = BTreeMap::new();
        for (index, found) in (0..).zip(&self.input.load_balancers) {
            places.entry((found.group.as_deref(), found.scheme, found.mode)).or_insert(index);
        }
        let groups = self.answer.groups.iter().map(|group| (Some(group.key.as_str()), &group.members));
        for (key, members) in groups.chain([(None, &self.answer.by_default)]) {
            for index in members {
                let Some(member) = input.members.get_mut(*index as usize) else { continue };
                if member.settled.is_some() {
                    continue;
                }
                let next = u32::try_from(input.load_balancers.len()).unwrap_or(u32::MAX);
                let place = match (key, member.mode) {
                    // In route mode each Ingress without a group has a load balancer of its own.
                    (None, Mode::Route) => member.load_balancer.unwrap_or(next),
                    _ => *places.entry((key, member.scheme, member.mode)).or_insert(next),
                };
                member.load_balancer = Some(place);
                if place == next {
                    input.load_balancers.push(GroupingLoadBalancer {
                        id: format!("made-{next}"),
                        scheme: member.scheme,
                        mode: member.mode,
                        group: key.map(str::to_owned),
                        certificates: 1,
                        rules: member.rules,
                        target_groups: 1,
                    });
                }
            }
        }
        input
    }
}

fn ask(policy: &Policy, input: GroupingInput) -> Result<Asked, String> {
    match policy.group(&input) {
        Ok(answer) => Ok(Asked { input, answer }),
        Err(failed) => Err(failed.source.breach.to_string()),
    }
}
