//! Listener rules of a small world, for the tests of each of their guard rules.

mod foreign;
mod grace;
mod needed;

use albatross_contract::{Rule as ListenerRule, *};

use crate::world::*;

pub fn text(values: &[&str]) -> TextMatch {
    TextMatch {
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        regular_expressions: Vec::new(),
    }
}

/// Conditions on the host of a member and on paths; no path: all of them.
pub fn requests(member: usize, paths: &[&str]) -> Vec<RuleCondition> {
    let mut conditions = vec![RuleCondition::HostHeader(text(&[&host(member)]))];
    if !paths.is_empty() {
        conditions.push(RuleCondition::PathPattern(text(paths)));
    }
    conditions
}

pub fn rule_tags(member: usize) -> Vec<Tag> {
    [our_tags("id-0"), vec![tag(TAG_INGRESS, &format!("team/app-{member}"))]].concat()
}

pub fn rule_arn(number: u32) -> String {
    format!(
        "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/albatross-0/1/443/{number}"
    )
}

pub fn rule(number: u32, member: usize, paths: &[&str]) -> ListenerRule {
    ListenerRule {
        arn: rule_arn(number),
        priority: number,
        conditions: requests(member, paths),
        actions: forward(&[existing(target_group_arn(0))]),
        transforms: Vec::new(),
        tags: rule_tags(member),
    }
}

/// An Ingress asks for some paths of its host.
pub fn asks(world: &mut World, member: usize, paths: &[&str]) {
    let service = ServiceBackend { name: "shop".into(), port: ServicePortReference::Number(80) };
    let path = |path: &&str| IngressPath {
        path: Some((*path).to_owned()),
        path_type: PathType::Prefix,
        backend: IngressBackend::Service(service.clone()),
    };
    world.ingress(member).rules[0].paths = paths.iter().map(path).collect();
}

pub fn marked(world: &mut World, rule: usize, seconds: u64) {
    let mark = tag(TAG_UNNEEDED, &(NOW - seconds).to_string());
    world.https(0).rules[rule].tags.push(mark);
}

pub fn delete_rule(number: u32) -> Operation {
    Operation::DeleteRule(existing(rule_arn(number)))
}

pub fn create_rule(priority: u32, member: usize, conditions: Vec<RuleCondition>) -> Operation {
    Operation::CreateRule(CreateRule {
        listener: existing(listener_arn(0, 443)),
        priority,
        conditions,
        actions: forward(&[existing(target_group_arn(0))]),
        transforms: Vec::new(),
        tags: rule_tags(member),
    })
}

pub fn modify_rule(number: u32, conditions: Vec<RuleCondition>) -> Operation {
    Operation::ModifyRule(ModifyRule {
        rule: existing(rule_arn(number)),
        conditions,
        actions: Vec::new(),
        transforms: None,
    })
}

pub fn set_priority(number: u32, priority: u32) -> Operation {
    Operation::SetRulePriorities(vec![RulePriority { rule: existing(rule_arn(number)), priority }])
}

/// Two members. The first asks for `/cart` and `/pay`, for which it has the rules 10 and 20; the rule 30 is for `/old`,
/// which it asked for before. The second asks for all paths of its host, for which it has the rule 40. The rule 50 is not
/// ours.
pub fn routed() -> World {
    let mut world = World::small();
    asks(&mut world, 0, &["/cart", "/pay"]);
    let mut foreign = rule(50, 1, &["/maintenance"]);
    foreign.tags = vec![tag("team", "operators")];
    world.https(0).rules = vec![
        rule(10, 0, &["/cart", "/cart/*"]),
        rule(20, 0, &["/pay", "/pay/*"]),
        rule(30, 0, &["/old", "/old/*"]),
        rule(40, 1, &[]),
        foreign,
    ];
    world
}

/// The grace period of the rule for `/old` is over.
pub fn old_rule_goes() -> World {
    let mut world = routed();
    marked(&mut world, 2, GRACE);
    world.act("delete", delete_rule(30));
    world
}

/// A new rule matches everything that the rule 10 matches and more, and takes over.
pub fn taken_over() -> World {
    let mut world = routed();
    world.act("create", create_rule(60, 0, requests(0, &["/cart", "/cart/*", "/pay", "/pay/*"])));
    world.act_after("delete", &["create"], delete_rule(10));
    world
}
