//! Listener rules.

use albatross_contract::{ModifyRule, Operation, RulePriority};

use crate::shop::{Shop, at, forward, make, rule, target_group};

fn with_two_rules() -> (Shop, [String; 2]) {
    let mut shop = Shop::open();
    let (https, group) = (shop.https.clone(), shop.target_group.clone());
    let first = make(&mut shop.cloud, &Operation::CreateRule(rule(&https, 20, "first.example.org", &group)));
    let second =
        make(&mut shop.cloud, &Operation::CreateRule(rule(&https, 10, "second.example.org", &group)));
    (shop, [first, second])
}

fn order(shop: &mut Shop) -> Vec<(u32, String)> {
    let https = shop.https.clone();
    let listener = shop.load_balancer().listeners.iter().find(|it| it.arn == https).expect("it is there");
    listener.rules.iter().map(|it| (it.priority, it.arn.clone())).collect()
}

#[test]
fn rules_stand_in_the_order_of_their_priorities_and_their_arns_name_the_listener() {
    let (mut shop, [first, second]) = with_two_rules();
    assert!(first.starts_with(&shop.https.replacen(":listener/", ":listener-rule/", 1)), "{first}");
    assert_eq!(order(&mut shop), [(10, second), (20, first)]);
}

#[test]
fn two_rules_change_places_in_one_call() {
    let (mut shop, [first, second]) = with_two_rules();
    shop.run(&Operation::SetRulePriorities(vec![
        RulePriority { rule: at(&first), priority: 10 },
        RulePriority { rule: at(&second), priority: 20 },
    ]));
    assert_eq!(order(&mut shop), [(10, first), (20, second)]);
}

#[test]
fn a_rule_keeps_its_conditions_when_only_its_actions_change() {
    let (mut shop, [first, _]) = with_two_rules();
    let other = make(&mut shop.cloud, &Operation::CreateTargetGroup(target_group("other")));
    let change = ModifyRule { rule: at(&first), conditions: Vec::new(), actions: forward(&other) };
    shop.run(&Operation::ModifyRule(change));
    let https = shop.https.clone();
    let listener = shop.load_balancer().listeners.iter().find(|it| it.arn == https).expect("it is there");
    let changed = listener.rules.iter().find(|it| it.arn == first).expect("it is there");
    assert_eq!(changed.actions, forward(&other));
    assert_eq!(changed.conditions.len(), 1);
}

#[test]
fn a_change_frees_what_it_replaces_before_quotas_are_counted() {
    let (mut shop, [first, _]) = with_two_rules();
    shop.cloud.inventory_mut().quotas.target_groups_per_load_balancer = 2;
    for name in ["other", "third"] {
        let group = make(&mut shop.cloud, &Operation::CreateTargetGroup(target_group(name)));
        let change = ModifyRule { rule: at(&first), conditions: Vec::new(), actions: forward(&group) };
        shop.run(&Operation::ModifyRule(change));
    }
}

#[test]
fn a_deleted_rule_frees_its_priority() {
    let (mut shop, [first, _]) = with_two_rules();
    shop.run(&Operation::DeleteRule(at(&first)));
    let (https, group) = (shop.https.clone(), shop.target_group.clone());
    make(&mut shop.cloud, &Operation::CreateRule(rule(&https, 20, "third.example.org", &group)));
    assert_eq!(order(&mut shop).len(), 2);
}
