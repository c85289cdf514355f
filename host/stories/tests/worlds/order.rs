//! The order of lists does not matter.

use albatross_contract::*;
use albatross_stories::generated::{Dice, change_one, generate};

use crate::for_all;

#[test]
fn the_plan_does_not_depend_on_the_order_of_any_list() {
    for_all(|number, oddities| {
        let (mut story, mut dice) = generate(number, oddities);
        for _ in 0..2 {
            let snapshot = story.snapshot().unwrap();
            let expected = plan_bytes(&snapshot);
            for _ in 0..3 {
                let mut shuffled = snapshot.clone();
                shuffle(&mut shuffled, &mut dice);
                assert_eq!(plan_bytes(&shuffled), expected);
            }
            story.converge();
            change_one(&mut story, &mut dice);
        }
    });
}

fn plan_bytes(snapshot: &Snapshot) -> String {
    serde_json::to_string(&albatross_planner::plan(snapshot, &albatross_planner::NoPolicies).unwrap())
        .unwrap()
}

fn shuffle(snapshot: &mut Snapshot, dice: &mut Dice) {
    dice.shuffle(&mut snapshot.cluster.ingresses);
    dice.shuffle(&mut snapshot.cluster.services);
    if let Some(slices) = &mut snapshot.cluster.endpoint_slices {
        dice.shuffle(slices);
        slices.iter_mut().for_each(|slice| dice.shuffle(&mut slice.endpoints));
    }
    if let Some(pods) = &mut snapshot.cluster.pods {
        dice.shuffle(pods);
    }
    for ingress in &mut snapshot.cluster.ingresses {
        // In route mode, of two rules for the same host and path the first one counts.
        if ingress.ingress_class_name.as_deref() != Some("alb") {
            dice.shuffle(&mut ingress.rules);
        }
        dice.shuffle(&mut ingress.metadata.annotations);
    }
    let inventory = &mut snapshot.inventory;
    dice.shuffle(&mut inventory.zones);
    dice.shuffle(&mut inventory.subnets);
    dice.shuffle(&mut inventory.route_tables);
    dice.shuffle(&mut inventory.security_groups);
    dice.shuffle(&mut inventory.certificates);
    dice.shuffle(&mut inventory.load_balancers);
    dice.shuffle(&mut inventory.target_groups);
    dice.shuffle(&mut inventory.auto_scaling_groups);
    dice.shuffle(&mut inventory.instances);
    dice.shuffle(&mut inventory.incomplete);
    for found in &mut inventory.load_balancers {
        dice.shuffle(&mut found.subnets);
        dice.shuffle(&mut found.security_groups);
        dice.shuffle(&mut found.attributes);
        dice.shuffle(&mut found.listeners);
        dice.shuffle(&mut found.tags);
        for listener in &mut found.listeners {
            dice.shuffle(&mut listener.certificates);
            dice.shuffle(&mut listener.rules);
        }
    }
    for found in &mut inventory.target_groups {
        dice.shuffle(&mut found.targets);
        dice.shuffle(&mut found.attributes);
        dice.shuffle(&mut found.tags);
    }
    for found in &mut inventory.auto_scaling_groups {
        dice.shuffle(&mut found.instances);
        dice.shuffle(&mut found.target_groups);
    }
    for certificate in &mut inventory.certificates {
        dice.shuffle(&mut certificate.names);
    }
}
