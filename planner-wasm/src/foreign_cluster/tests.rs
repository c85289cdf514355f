use albatross_contract::{OutcomeState, Plan, StatusChange, TAG_CLUSTER_UID};

use crate::{
    NoPolicies, plan,
    testing::{World, load_balancer},
};

/// The plan of a world with a load balancer that carries another uid of the cluster, or none.
fn planned(uid: Option<&str>) -> Plan {
    let world = World::new().certificate("a", &["a.org"]).ingress("x", &["a.org"]).with(|snapshot| {
        let mut copied = load_balancer("copied");
        copied.tags.retain(|tag| tag.key != TAG_CLUSTER_UID);
        copied.tags.extend(uid.map(|uid| crate::identity::tag(TAG_CLUSTER_UID, uid)));
        snapshot.inventory.load_balancers.push(copied);
    });
    plan(world.read().snapshot, &NoPolicies).unwrap()
}

#[test]
fn while_resources_of_another_cluster_exist_nothing_is_written() {
    for uid in [Some("copy"), None] {
        let plan = planned(uid);
        assert_eq!((plan.actions.len(), plan.load_balancers.len(), plan.withheld.len()), (0, 0, 0));
        assert_eq!(
            (plan.outcomes[0].state, &plan.outcomes[0].status),
            (OutcomeState::Waiting, &StatusChange::Keep)
        );
        assert_eq!((plan.outcomes[0].load_balancer.as_ref(), plan.next_change_at), (None, None));
    }
    assert!(!planned(Some("uid")).actions.is_empty(), "our own uid stops nothing");
}

#[test]
fn a_person_is_told_how_to_take_over_or_to_add_the_tag_again() {
    let remedy = |uid| planned(uid).diagnostics.into_iter().find_map(|it| it.remedy).unwrap();
    assert_eq!(remedy(Some("copy")), "if the other cluster no longer exists: --take-over-cluster=copy");
    assert_eq!(remedy(None), "add the tag albatross/cluster-uid=uid again");
    let tagged = World::new().with(|snapshot| {
        let mut identity = snapshot.settings.identity.clone();
        identity.cluster_uid = "copy".into();
        snapshot.inventory.security_groups[0].tags = crate::identity::ownership_tags(&identity, "one");
    });
    let plan = plan(tagged.read().snapshot, &NoPolicies).unwrap();
    assert_eq!(plan.diagnostics[0].remedy.as_deref(), Some("remove the tag albatross/id from sg-1"));
}

#[test]
fn an_ingress_that_would_be_released_keeps_its_status() {
    let world = World::new().load_balancer("one", &[]).published("x", &[], "one").with(|snapshot| {
        snapshot.cluster.ingresses[0]
            .metadata
            .annotations
            .push(crate::identity::tag(albatross_contract::ANNOTATION_CLASS, "other"));
        let mut copied = load_balancer("copied");
        copied.tags.retain(|tag| tag.key != TAG_CLUSTER_UID);
        snapshot.inventory.load_balancers.push(copied);
    });
    let plan = plan(world.read().snapshot, &NoPolicies).unwrap();
    assert_eq!(plan.outcomes[0].status, StatusChange::Keep);
}
