//! Two controllers serve a cluster, each with load balancers of its own, and the same nodes.

use albatross_contract::{SecurityGroupPeer, SecurityGroupRule};
use albatross_stories::actions;

use crate::firewall::{NODES, game, game_story, of_people, security_group};

#[test]
fn rules_of_another_controller_on_the_security_group_of_the_nodes_stay() {
    let mut story = game_story(game());
    story.converge();
    let of_another = SecurityGroupRule {
        id: Some("sgr-another".to_owned()),
        peer: SecurityGroupPeer::SecurityGroup("sg-another".to_owned()),
        description: Some("albatross: load balancers of the cluster".to_owned()),
        ..of_people()
    };
    let groups = &mut story.cloud.inventory_mut().security_groups;
    groups.iter_mut().find(|group| group.id == NODES).unwrap().rules.push(of_another.clone());
    assert_eq!(actions(&story.converge()).count(), 0, "it is nobody's business but that of the other");

    story.delete("2048");
    story.converge();
    story.wait_for_the_grace();
    story.converge();
    let left = security_group(&mut story, NODES).rules;
    assert!(left.contains(&of_another), "{left:#?}");
    assert!(left.iter().all(|rule| rule.id == of_another.id || rule.description == of_people().description));
}
