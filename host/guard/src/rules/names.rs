//! Names: every created resource has a name that begins like ours and that is free.
//!
//! Design: safety, identity.

use albatross_contract::{Action, Operation, TAG_ID, Tag};

use crate::{
    facts::{
        Facts,
        dns_names::NAME_PREFIX,
        index::Map,
        operations::{Kind, created},
        ownership::Ownership,
        tags::tag,
        view::View,
    },
    violation::{Findings, Rule},
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    if facts.actions.list.iter().all(|action| created(&action.operation).is_none()) {
        return;
    }
    let mut names = Names::new(&facts.view);
    for (index, action) in facts.actions.iter() {
        if let Err(message) = names.take(action) {
            found.action(index, action, Rule::Name, message);
        }
    }
}

/// Names that are taken, with the tags of the resources that have them.
struct Names<'f, 'a> {
    ownership: &'f Ownership<'a>,
    taken: Map<(&'static str, &'a str, &'a str), &'a [Tag]>,
}

impl<'f, 'a> Names<'f, 'a> {
    fn new(view: &'f View<'a>) -> Self {
        let inventory = &view.snapshot.inventory;
        let load_balancers = inventory
            .load_balancers
            .iter()
            .map(|found| ((Kind::LoadBalancer.words(), "", found.name.as_str()), found.tags.as_slice()));
        let target_groups = inventory
            .target_groups
            .iter()
            .map(|found| ((Kind::TargetGroup.words(), "", found.name.as_str()), found.tags.as_slice()));
        let security_groups = inventory.security_groups.iter().map(|found| {
            ((Kind::SecurityGroup.words(), found.vpc_id.as_str(), found.name.as_str()), found.tags.as_slice())
        });
        let taken = load_balancers.chain(target_groups).chain(security_groups).collect();
        Names { ownership: &view.ownership, taken }
    }

    /// Takes the name that an action gives to the resource that it creates. A create whose answer was lost finds its own
    /// resource again, so our own name for the same load balancer is no conflict.
    fn take(&mut self, action: &'a Action) -> Result<(), String> {
        let (kind, vpc, name, tags) = match &action.operation {
            Operation::CreateLoadBalancer(create) => (Kind::LoadBalancer, "", &create.name, &create.tags),
            Operation::CreateTargetGroup(create) => (Kind::TargetGroup, "", &create.name, &create.tags),
            Operation::CreateSecurityGroup(create) => {
                (Kind::SecurityGroup, create.vpc_id.as_str(), &create.name, &create.tags)
            }
            _ => return Ok(()),
        };
        let kind = kind.words();
        if !name.starts_with(NAME_PREFIX) {
            return Err(format!("it gives a {kind} the name {name}, but our names begin with {NAME_PREFIX}"));
        }
        match self.taken.insert((kind, vpc, name), tags) {
            Some(owner) if !self.ownership.owns(owner) => {
                Err(format!("the name {name} belongs to a {kind} that is not ours"))
            }
            Some(owner) if tag(owner, TAG_ID) != tag(tags, TAG_ID) => {
                Err(format!("the name {name} belongs to our {kind} with another {TAG_ID}"))
            }
            _ => Ok(()),
        }
    }
}
