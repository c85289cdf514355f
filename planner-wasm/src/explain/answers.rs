//! What listeners and rules do with requests, in words: target groups are named by the Service that they serve.

use std::collections::BTreeMap;

use albatross_contract::{
    Listener, ListenerAction, Operation, ResourceReference, Rule, TAG_INGRESS, TAG_SERVICE, Tag, TargetGroup,
    TargetHealth, rules::requests,
};

use crate::{identity::tag_value, planning::Decided, words};

/// Looks up target groups and the objects that ask for rules.
#[derive(Default)]
pub struct Answers<'a> {
    observed: BTreeMap<&'a str, &'a TargetGroup>,
    /// Names of target groups that the plan creates, by the id of the action.
    made: BTreeMap<&'a str, &'a str>,
    /// The object that asks for a rule: by our id of the load balancer and the requests that the rule matches.
    owners: BTreeMap<(&'a str, String), &'a str>,
}

impl<'a> Answers<'a> {
    /// For the observed state and the plan.
    pub fn new(decided: &'a Decided<'_, '_>) -> Self {
        let groups = decided.observed.inventory.target_groups.iter();
        let mut found = Answers {
            observed: groups.map(|group| (group.arn.as_str(), group)).collect(),
            made: BTreeMap::new(),
            owners: BTreeMap::new(),
        };
        for described in &decided.plan.load_balancers {
            let there = decided.observed.inventory.load_balancers.iter();
            let there = there.filter(|it| Some(&it.arn) == described.arn.as_ref());
            let rules = there.flat_map(|it| &it.listeners).flat_map(|it: &Listener| &it.rules);
            rules.for_each(|rule: &Rule| {
                found.add_owner(&described.id, requests(&rule.conditions), &rule.tags);
            });
        }
        for action in &decided.plan.actions {
            match &action.operation {
                Operation::CreateTargetGroup(create) => {
                    found
                        .made
                        .insert(&action.id, tag_value(&create.tags, TAG_SERVICE).unwrap_or(&create.name));
                }
                Operation::CreateRule(create) => {
                    found.add_owner(&action.load_balancer, requests(&create.conditions), &create.tags);
                }
                _ => {}
            }
        }
        found
    }

    fn add_owner(&mut self, load_balancer: &'a str, requests: String, tags: &'a [Tag]) {
        if let Some(object) = tag_value(tags, TAG_INGRESS) {
            self.owners.insert((load_balancer, requests), object);
        }
    }

    /// The object, as `namespace/name`, that asks for the rule of a load balancer that matches these requests.
    pub fn owner(&self, load_balancer: &str, requests: &str) -> Option<&'a str> {
        self.owners
            .iter()
            .find(|((id, its), _)| *id == load_balancer && its == requests)
            .map(|(_, object)| *object)
    }

    /// `shop/cart:80`, `fixed response 503`.
    pub fn words(&self, actions: &[ListenerAction]) -> String {
        match actions.last() {
            Some(ListenerAction::Forward(forward)) => {
                let single = forward.target_groups.len() == 1;
                let groups = forward.target_groups.iter().map(|group| {
                    let name = self.name(&group.target_group);
                    if single { name.to_owned() } else { format!("{name} (weight {})", group.weight) }
                });
                groups.collect::<Vec<_>>().join(", ")
            }
            Some(ListenerAction::Redirect(redirect)) => format!("redirect to {}", redirect.leads_to()),
            Some(ListenerAction::FixedResponse(response)) => {
                format!("fixed response {}", response.status_code)
            }
            Some(
                ListenerAction::AuthenticateOidc(_)
                | ListenerAction::AuthenticateCognito(_)
                | ListenerAction::JwtValidation(_),
            ) => "authentication only".to_owned(),
            Some(ListenerAction::Other(kind)) => kind.clone(),
            None => "not created yet".to_owned(),
        }
    }

    /// `shop/cart:80, 5 of 5 targets are healthy`.
    pub fn with_health(&self, actions: &[ListenerAction]) -> String {
        let words = self.words(actions);
        let groups: Vec<(&str, String)> =
            self.groups(actions).map(|(name, group)| (name, health(group))).collect();
        match groups.as_slice() {
            [] => words,
            [(_, health)] => format!("{words}, {health}"),
            many => {
                let health = many.iter().map(|(name, health)| format!("{name}: {health}"));
                format!("{words}; {}", health.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// The target groups to which actions send requests, with their names. `None`: the plan creates it.
    pub fn groups<'b>(
        &'b self,
        actions: &'b [ListenerAction],
    ) -> impl Iterator<Item = (&'b str, Option<&'a TargetGroup>)> {
        let forwards = actions.iter().filter_map(|action| match action {
            ListenerAction::Forward(forward) => Some(&forward.target_groups),
            _ => None,
        });
        forwards.flatten().map(|group| {
            let found = match &group.target_group {
                ResourceReference::Existing(arn) => self.observed.get(arn.as_str()).copied(),
                ResourceReference::CreatedBy(_) => None,
            };
            (self.name(&group.target_group), found)
        })
    }

    fn name<'b>(&'b self, reference: &'b ResourceReference) -> &'b str {
        match reference {
            ResourceReference::Existing(arn) => match self.observed.get(arn.as_str()) {
                Some(group) => tag_value(&group.tags, TAG_SERVICE).unwrap_or(&group.name),
                None => arn.split('/').nth(1).unwrap_or(arn),
            },
            ResourceReference::CreatedBy(action) => self.made.get(action.as_str()).copied().unwrap_or(action),
        }
    }
}

fn health(group: Option<&TargetGroup>) -> String {
    let Some(group) = group else { return "target group not created yet".to_owned() };
    let healthy = group.targets.iter().filter(|target| target.health == TargetHealth::Healthy).count();
    match group.targets.len() {
        0 => "no target".to_owned(),
        all => format!("{healthy} of {} healthy", words::count(all, "target is", "targets are")),
    }
}
