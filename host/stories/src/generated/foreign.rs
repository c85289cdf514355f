//! What other people have on the load balancers of the controller and in the account: the controller must leave it alone.

use albatross_contract::*;

use super::Dice;

/// Every ARN and name of these resources begins or ends with this.
const MARK: &str = "of-people";

/// The resources of other people.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Foreign {
    /// Rules, with the ARN of their load balancer.
    pub rules: Vec<(String, Rule)>,
    /// Listeners, with the ARN of their load balancer.
    pub listeners: Vec<(String, Listener)>,
    /// Target groups.
    pub target_groups: Vec<TargetGroup>,
    /// Security groups without our tags, as far as their rules are not ours.
    pub security_groups: Vec<SecurityGroup>,
}

impl Foreign {
    /// What other people have.
    pub fn of(inventory: &Inventory) -> Foreign {
        let mut foreign = Foreign::default();
        for found in &inventory.load_balancers {
            for listener in &found.listeners {
                if listener.arn.ends_with(MARK) {
                    foreign.listeners.push((found.arn.clone(), listener.clone()));
                }
                let rules = listener.rules.iter().filter(|rule| rule.arn.ends_with(MARK));
                foreign.rules.extend(rules.map(|rule| (found.arn.clone(), rule.clone())));
            }
        }
        let groups = inventory.target_groups.iter().filter(|group| group.arn.ends_with(MARK));
        foreign.target_groups = groups.cloned().collect();
        let is_ours = |tags: &[Tag]| tags.iter().any(|tag| tag.key == TAG_ID);
        let of_people = inventory.security_groups.iter().filter(|group| !is_ours(&group.tags)).cloned();
        foreign.security_groups = of_people.collect();
        for group in &mut foreign.security_groups {
            // Rules of ours are known by their descriptions.
            let is_ours = |rule: &SecurityGroupRule| {
                rule.description.as_ref().is_some_and(|text| text.contains("albatross"))
            };
            group.rules.retain(|rule| !is_ours(rule));
        }
        foreign.rules.sort_by(|left, right| left.1.arn.cmp(&right.1.arn));
        foreign
    }

    /// What a pass must leave as it is: with a load balancer, its listeners and rules go.
    pub fn on_load_balancers_of(mut self, inventory: &Inventory) -> Foreign {
        let exists = |arn: &str| inventory.load_balancers.iter().any(|found| found.arn == arn);
        self.rules.retain(|(arn, _)| exists(arn));
        self.listeners.retain(|(arn, _)| exists(arn));
        self
    }

    /// Somebody adds a rule, a listener or a target group. Returns what.
    pub fn add(inventory: &mut Inventory, number: usize, dice: &mut Dice) -> &'static str {
        let Inventory { load_balancers, target_groups, .. } = inventory;
        let mut listeners: Vec<&mut Listener> = load_balancers
            .iter_mut()
            .flat_map(|found| &mut found.listeners)
            .filter(|listener| listener.protocol == Protocol::Http || !listener.rules.is_empty())
            .collect();
        match dice.below(3) {
            0 if !listeners.is_empty() => {
                let place = dice.below(listeners.len());
                add_rule(listeners[place], number, dice);
                "somebody adds a rule"
            }
            1 if !load_balancers.is_empty() => {
                let place = dice.below(load_balancers.len());
                add_listener(&mut load_balancers[place], number);
                "somebody adds a listener"
            }
            _ => {
                target_groups.push(target_group(number));
                "somebody creates a target group"
            }
        }
    }
}

fn answer() -> Vec<ListenerAction> {
    vec![ListenerAction::FixedResponse(FixedResponseAction {
        status_code: 418,
        content_type: None,
        message_body: None,
    })]
}

/// A rule between, before or after those of the controller.
fn add_rule(listener: &mut Listener, number: usize, dice: &mut Dice) {
    let priority = u32::try_from(*dice.pick(&[1, 50, 100, 150, 200, 40_000])).unwrap_or(1);
    let is_taken = |priority: u32| listener.rules.iter().any(|rule| rule.priority == priority);
    let priority = (priority..).find(|priority| !is_taken(*priority)).unwrap_or(priority);
    let path = TextMatch { values: vec![format!("/of-people-{number}")], regular_expressions: Vec::new() };
    listener.rules.push(Rule {
        arn: format!("{}/rule-{number}-{MARK}", listener.arn.replace(":listener/", ":listener-rule/")),
        priority,
        conditions: vec![RuleCondition::PathPattern(path)],
        actions: answer(),
        ..Rule::default()
    });
}

fn add_listener(on: &mut LoadBalancer, number: usize) {
    let port = u16::try_from(9_000 + number).unwrap_or(9_000);
    on.listeners.push(Listener {
        arn: format!("{}/listener-{number}-{MARK}", on.arn.replace(":loadbalancer/", ":listener/")),
        port,
        protocol: Protocol::Http,
        default_actions: answer(),
        ..Listener::default()
    });
}

fn target_group(number: usize) -> TargetGroup {
    TargetGroup {
        arn: format!("arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/x-{number}/{MARK}"),
        name: format!("x-{number}"),
        protocol: Protocol::Http,
        port: Some(8080),
        vpc_id: Some("vpc-1".to_owned()),
        ..TargetGroup::default()
    }
}
