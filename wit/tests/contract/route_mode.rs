//! The contract carries route mode: the 2048 game and a group with 40 rules as snapshot and plan.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use albatross_contract::{
    ListenerAction, Operation, Plan, ResourceReference, Rule, RuleCondition, Snapshot, StatusChange,
    file::{self, FileContent},
};

fn example<T: FileContent>(name: &str) -> T {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/route-mode");
    file::read(&fs::read(folder.join(format!("{name}.{}.json", T::NAME))).unwrap()).unwrap()
}

/// Every action comes after those that it depends on or takes a resource from, and ids are unique.
fn is_in_order(plan: &Plan) {
    let mut done = BTreeSet::new();
    for action in &plan.actions {
        assert!(action.depends_on.iter().all(|id| done.contains(id.as_str())), "{}", action.id);
        let text = serde_json::to_string(&action.operation).unwrap();
        for used in text.split("{\"created-by\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(action.depends_on.iter().any(|id| id == used), "{} uses {used}", action.id);
        }
        assert!(done.insert(action.id.as_str()), "{} twice", action.id);
    }
}

fn hosts_and_paths(conditions: &[RuleCondition]) -> (Vec<String>, Vec<String>) {
    match conditions {
        [RuleCondition::HostHeader(hosts), RuleCondition::PathPattern(paths)] => {
            (hosts.values.clone(), paths.values.clone())
        }
        other => panic!("a host and a path, not {other:?}"),
    }
}

#[test]
fn the_2048_game_gets_a_load_balancer_a_listener_a_target_group_with_the_nodes_and_a_rule() {
    let (snapshot, plan) = (example::<Snapshot>("2048-game"), example::<Plan>("2048-game"));
    is_in_order(&plan);
    let node_port = snapshot.cluster.services[0].ports[0].node_port.unwrap();
    let mut operations = plan.actions.iter().map(|action| &action.operation);
    let Some(Operation::CreateTargetGroup(group)) = operations.next() else { panic!("a target group") };
    assert_eq!(group.port, Some(node_port));
    let Some(Operation::RegisterTargets(targets)) = operations.next() else { panic!("targets") };
    let nodes: Vec<_> =
        snapshot.inventory.instances.iter().map(|instance| (&instance.id, Some(node_port))).collect();
    assert_eq!(targets.targets.iter().map(|target| (&target.id, target.port)).collect::<Vec<_>>(), nodes);
    let Some(Operation::CreateLoadBalancer(balancer)) = operations.next() else { panic!("a load balancer") };
    let annotations = &snapshot.cluster.ingresses[0].metadata.annotations;
    let asked = annotations.iter().find(|tag| tag.key == "alb.ingress.kubernetes.io/subnets").unwrap();
    assert_eq!(balancer.subnets.join(", "), asked.value);
    let Some(Operation::CreateListener(listener)) = operations.next() else { panic!("a listener") };
    assert_eq!(listener.port, 80);
    let Some(Operation::CreateRule(rule)) = operations.next() else { panic!("a rule") };
    assert_eq!(
        hosts_and_paths(&rule.conditions),
        (vec!["2048.example.org".to_owned()], vec!["/*".to_owned()])
    );
    assert_eq!(operations.next(), None);
}

#[test]
fn a_group_with_40_rules_keeps_the_order_of_its_30_rules_when_10_join() {
    let (snapshot, plan) = (example::<Snapshot>("forty-rules"), example::<Plan>("forty-rules"));
    is_in_order(&plan);
    let before: &[Rule] = &snapshot.inventory.load_balancers[0].listeners[1].rules;
    assert_eq!(before.len(), 30);

    // What the listener holds once the plan is executed.
    let mut priorities: BTreeMap<&str, u32> =
        before.iter().map(|rule| (rule.arn.as_str(), rule.priority)).collect();
    let mut rules = Vec::new();
    for action in &plan.actions {
        match &action.operation {
            Operation::CreateRule(rule) => rules.push((rule.priority, hosts_and_paths(&rule.conditions))),
            Operation::SetRulePriorities(changes) => {
                for change in changes {
                    let ResourceReference::Existing(arn) = &change.rule else { panic!("an existing rule") };
                    *priorities.get_mut(arn.as_str()).unwrap() = change.priority;
                }
            }
            _ => {}
        }
    }
    assert_eq!(rules.len(), 10);
    rules
        .extend(before.iter().map(|rule| (priorities[rule.arn.as_str()], hosts_and_paths(&rule.conditions))));
    rules.sort();
    assert_eq!(rules.len(), 40);
    assert!(rules.windows(2).all(|pair| pair[0].0 < pair[1].0), "a priority twice");
    assert!(rules.iter().all(|(priority, _)| (1..=50_000).contains(priority)));

    // Exact paths come first; of the others no rule stands before one with a longer path.
    let is_exact = |paths: &[String]| paths.len() == 1 && !paths[0].ends_with('*');
    let ranks: Vec<_> =
        rules.iter().map(|(_, (_, paths))| (!is_exact(paths), std::cmp::Reverse(paths[0].len()))).collect();
    assert!(ranks.is_sorted(), "{ranks:?}");

    let old_order = |rules: &[Rule], priority: &dyn Fn(&Rule) -> u32| {
        let mut rules: Vec<&Rule> = rules.iter().collect();
        rules.sort_by_key(|rule| priority(rule));
        rules.iter().map(|rule| rule.arn.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        old_order(before, &|rule| rule.priority),
        old_order(before, &|rule| priorities[rule.arn.as_str()])
    );
}

#[test]
fn a_group_with_40_rules_leads_each_rule_to_the_target_group_of_its_service() {
    let (snapshot, plan) = (example::<Snapshot>("forty-rules"), example::<Plan>("forty-rules"));
    let wanted: usize = snapshot
        .cluster
        .ingresses
        .iter()
        .flat_map(|ingress| &ingress.rules)
        .map(|rule| rule.paths.len())
        .sum();
    assert_eq!(wanted, 40);
    let groups: BTreeSet<&str> =
        snapshot.inventory.target_groups.iter().map(|group| group.arn.as_str()).collect();
    for rule in &snapshot.inventory.load_balancers[0].listeners[1].rules {
        let [ListenerAction::Forward(forward)] = &rule.actions[..] else { panic!("forward") };
        let ResourceReference::Existing(arn) = &forward.target_groups[0].target_group else {
            panic!("observed")
        };
        assert!(groups.contains(arn.as_str()), "{arn}");
    }
    assert_eq!(plan.load_balancers[0].target_groups.len(), 8);
    assert_eq!(plan.load_balancers[0].members.len(), 8);
    let dns_name = &snapshot.inventory.load_balancers[0].dns_name;
    let published =
        plan.outcomes.iter().filter(|outcome| outcome.status == StatusChange::Publish(dns_name.clone()));
    assert_eq!(published.map(|outcome| outcome.name.as_str()).collect::<Vec<_>>(), ["returns", "reviews"]);
}
