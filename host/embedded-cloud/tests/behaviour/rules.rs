//! Listener rules.

use albatross_contract::{
    CreateRule, ModifyRule, Operation, Rewrite, RuleCondition, RulePriority, RuleTransform, TextMatch,
};

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
fn rules_are_sorted_by_priority_and_their_arns_name_the_listener() {
    let (mut shop, [first, second]) = with_two_rules();
    assert!(first.starts_with(&shop.https.replacen(":listener/", ":listener-rule/", 1)), "{first}");
    assert_eq!(order(&mut shop), [(10, second), (20, first)]);
}

#[test]
fn two_rules_swap_priorities_in_one_call() {
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
    let change =
        ModifyRule { rule: at(&first), conditions: Vec::new(), actions: forward(&other), transforms: None };
    shop.run(&Operation::ModifyRule(change));
    let https = shop.https.clone();
    let listener = shop.load_balancer().listeners.iter().find(|it| it.arn == https).expect("it is there");
    let changed = listener.rules.iter().find(|it| it.arn == first).expect("it is there");
    assert_eq!(changed.actions, forward(&other));
    assert_eq!(changed.conditions.len(), 1);
}

#[test]
fn replaced_target_groups_do_not_count_against_quotas() {
    let (mut shop, [first, _]) = with_two_rules();
    shop.cloud.inventory_mut().quotas.target_groups_per_load_balancer = 2;
    for name in ["other", "third"] {
        let group = make(&mut shop.cloud, &Operation::CreateTargetGroup(target_group(name)));
        let change = ModifyRule {
            rule: at(&first),
            conditions: Vec::new(),
            actions: forward(&group),
            transforms: None,
        };
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

fn url_rewrite() -> RuleTransform {
    let (regular_expression, replacement) = ("^/cart/(.*)".to_owned(), "/$1".to_owned());
    RuleTransform::UrlRewrite(vec![Rewrite { regular_expression, replacement }])
}

fn transforms(shop: &mut Shop) -> Vec<RuleTransform> {
    let https = shop.https.clone();
    let listener = shop.load_balancer().listeners.iter().find(|it| it.arn == https).expect("it is there");
    listener.rules.iter().flat_map(|rule| rule.transforms.clone()).collect()
}

#[test]
fn a_rule_keeps_its_transforms_until_they_are_removed() {
    let mut shop = Shop::open();
    let (https, group) = (shop.https.clone(), shop.target_group.clone());
    let wanted = CreateRule { transforms: vec![url_rewrite()], ..rule(&https, 10, "a.example.org", &group) };
    let made = make(&mut shop.cloud, &Operation::CreateRule(wanted));
    let change = |transforms| {
        let rule = at(&made);
        Operation::ModifyRule(ModifyRule {
            rule,
            conditions: Vec::new(),
            actions: forward(&group),
            transforms,
        })
    };
    shop.run(&change(None));
    assert_eq!(transforms(&mut shop), [url_rewrite()]);
    let twice = shop.cloud.execute(&change(Some(vec![url_rewrite(), url_rewrite()])));
    assert_eq!(twice.expect_err("one of each kind").code, "ValidationError");
    shop.run(&change(Some(Vec::new())));
    assert_eq!(transforms(&mut shop), []);
}

#[test]
fn a_text_is_compared_with_values_or_with_regular_expressions_whose_signs_are_no_wildcards() {
    let mut shop = Shop::open();
    let (https, group) = (shop.https.clone(), shop.target_group.clone());
    let create = |values: &[&str], regular_expressions: &[&str]| {
        let owned = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect();
        let text = TextMatch { values: owned(values), regular_expressions: owned(regular_expressions) };
        let conditions = vec![RuleCondition::PathPattern(text)];
        Operation::CreateRule(CreateRule { conditions, ..rule(&https, 10, "a.example.org", &group) })
    };
    for (values, expressions) in [(&["/a"][..], &["^/a"][..]), (&[], &[]), (&["*a*b*c*d*e*f"], &[])] {
        assert_eq!(
            shop.cloud.execute(&create(values, expressions)).expect_err("invalid").code,
            "ValidationError"
        );
    }
    let long = format!("/{}", "a".repeat(128));
    assert!(shop.cloud.execute(&create(&[&long], &[])).is_err());
    shop.run(&create(&[], &["^.*a.*b.*c.*d.*e.*f$"]));
}
