//! Subnets and security groups: where load balancers stand.

use albatross_contract::{DiagnosticCode, Operation, OutcomeState, Subnet};
use albatross_stories::{Controller, actions, certificate, ingress, internal, world};

#[test]
fn a_subnet_in_a_zone_that_holds_targets_is_added_in_place() {
    let (settings, mut inventory) = world();
    let missing: Vec<Subnet> =
        inventory.subnets.extract_if(.., |subnet| subnet.id == "subnet-public-c").collect();
    let mut story = Controller::new(
        (settings, inventory),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );
    story.converge();
    let before = story.serving("checkout");
    assert_eq!(before.subnets, ["subnet-public-a", "subnet-public-b"]);

    story.cloud.inventory_mut().subnets.extend(missing);

    let passes = story.converge();
    let after = story.serving("checkout");
    assert_eq!(after.arn, before.arn);
    assert_eq!(after.subnets, ["subnet-public-a", "subnet-public-b", "subnet-public-c"]);
    assert_eq!(actions(&passes).count(), 1);
}

#[test]
fn a_better_subnet_in_a_zone_that_has_one_changes_nothing() {
    let mut story = one_shop();
    let inventory = story.cloud.inventory_mut();
    let mut better = inventory.subnets.iter().find(|subnet| subnet.id == "subnet-public-a").unwrap().clone();
    better.id = "subnet-0".into();
    inventory.subnets.push(better);
    inventory.route_tables[1].subnets.push("subnet-0".into());

    let pass = story.pass();

    assert!(pass.plan.actions.is_empty(), "{:#?}", pass.plan.actions);
}

#[test]
fn a_subnet_that_runs_out_of_addresses_stays_in_use() {
    let mut story = one_shop();
    for subnet in &mut story.cloud.inventory_mut().subnets {
        subnet.free_addresses = 3;
    }

    let pass = story.pass();

    assert!(pass.plan.actions.is_empty());
    assert!(pass.outcome("checkout").unwrap().diagnostics.is_empty());
}

#[test]
fn a_list_of_subnets_takes_out_what_it_omits() {
    let mut story = one_shop();

    story.settings.subnets = vec!["subnet-public-a".into(), "subnet-public-b".into()];

    let passes = story.converge();
    assert_eq!(story.serving("checkout").subnets, ["subnet-public-a", "subnet-public-b"]);
    assert!(actions(&passes).all(|action| matches!(action.operation, Operation::SetSubnets(_))));
}

#[test]
fn a_named_subnet_that_runs_out_of_addresses_stays_in_use() {
    let mut story = one_shop();
    story.settings.subnets = ["a", "b", "c"].iter().map(|zone| format!("subnet-public-{zone}")).collect();
    for subnet in &mut story.cloud.inventory_mut().subnets {
        subnet.free_addresses = 3;
    }

    let pass = story.pass();

    assert!(pass.plan.actions.is_empty(), "{:#?}", pass.plan.actions);
}

#[test]
fn subnets_in_one_zone_are_too_few() {
    let (settings, mut inventory) = world();
    inventory.subnets.retain(|subnet| subnet.id != "subnet-public-b" && subnet.id != "subnet-public-c");
    let mut story = Controller::new(
        (settings, inventory),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"]), internal(ingress("wiki", &["wiki.example.org"]))],
    );

    let passes = story.converge();

    let pass = story.pass();
    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Rejected);
    assert!(pass.tells("checkout", DiagnosticCode::SubnetsTooFew));
    assert!(story.hostname("wiki").is_some(), "an internal one has its subnets");
    assert!(actions(&passes).all(|action| !action.ingresses.contains(&"shop/checkout".to_owned())));
}

#[test]
fn a_list_that_leaves_one_zone_changes_no_load_balancer() {
    let mut story = one_shop();

    story.settings.subnets = vec!["subnet-public-a".into()];

    let pass = story.pass();
    assert!(pass.plan.actions.is_empty());
    assert_eq!(story.serving("checkout").subnets.len(), 3);
}

#[test]
fn without_a_security_group_a_newcomer_is_rejected_and_members_are_served_on() {
    let mut story = one_shop();
    story.cloud.inventory_mut().security_groups[0].tags.clear();

    story.apply(internal(ingress("wiki", &["wiki.example.org"])));
    let pass = story.pass();

    assert_eq!(pass.outcome("wiki").unwrap().state, OutcomeState::Rejected);
    assert!(pass.tells("wiki", DiagnosticCode::SecurityGroupNone));
    assert!(pass.plan.actions.is_empty());
    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Placed);
    assert_eq!(story.serving("checkout").security_groups, ["sg-1"]);

    story.apply(ingress("returns", &["returns.example.org"]));
    story.converge();
    assert_eq!(
        story.hostname("returns"),
        story.hostname("checkout"),
        "what needs no new load balancer is served"
    );
}

#[test]
fn a_named_security_group_that_does_not_exist_changes_no_load_balancer() {
    let mut story = one_shop();

    story.settings.security_groups = vec!["sg-nowhere".into()];
    story.apply(internal(ingress("wiki", &["wiki.example.org"])));

    let pass = story.pass();
    assert!(pass.plan.actions.is_empty());
    assert!(pass.tells("wiki", DiagnosticCode::SecurityGroupNone));
    assert_eq!(story.serving("checkout").security_groups, ["sg-1"]);
}

fn one_shop() -> Controller {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );
    story.converge();
    story
}
