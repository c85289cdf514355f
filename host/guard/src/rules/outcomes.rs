//! Each Ingress of the snapshot has exactly one outcome, and its load balancer exists or is created.

use albatross_contract::{Operation, TAG_ID, ViewPart};

use crate::{
    facts::{Facts, index::Set, load_balancers::our_id, tags::tag},
    violation::{Findings, Rule},
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    one_for_each(facts, found);
    if facts.view.missing(&[ViewPart::LoadBalancers, ViewPart::Tags], &[]).is_none() {
        load_balancers_exist(facts, found);
    } // otherwise it is not known that a load balancer does not exist
}

fn one_for_each(facts: &Facts<'_>, found: &mut Findings) {
    let mut there = vec![false; facts.view.sources.len()];
    let mut gone = Set::default();
    for outcome in &facts.outcomes.list {
        let is_first = match outcome.index {
            Some(index) => !std::mem::replace(&mut there[index.place()], true),
            None => gone.insert(outcome.name),
        };
        if !is_first {
            found.plan(Rule::Outcome, format!("the {} has two outcomes", outcome.name.in_words()));
        }
    }
    for name in facts.view.sources.without(&there) {
        found.plan(Rule::Outcome, format!("the {} has no outcome", name.in_words()));
    }
}

fn load_balancers_exist(facts: &Facts<'_>, found: &mut Findings) {
    let mut exists = vec![false; facts.outcomes.places().len()];
    let observed = facts.view.load_balancers.ours().map(our_id);
    let made = facts.actions.list.iter().filter_map(|action| match &action.operation {
        Operation::CreateLoadBalancer(create) => tag(&create.tags, TAG_ID),
        _ => None,
    });
    for place in observed.chain(made).filter_map(|id| facts.outcomes.place_of(id)) {
        exists[place.number()] = true;
    }
    for outcome in facts.outcomes.list.iter().filter(|outcome| outcome.has_place()) {
        let name = outcome.name;
        match outcome.place {
            Some(place) if exists[place.number()] => {}
            Some(place) => {
                let id = facts.outcomes.places()[place.number()];
                let message = format!("{name} is placed on {id}, which does not exist and is not created");
                found.plan(Rule::Outcome, message);
            }
            None => {
                found
                    .plan(Rule::Outcome, format!("{name} is placed, but its outcome names no load balancer"));
            }
        }
    }
}
