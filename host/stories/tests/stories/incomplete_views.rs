//! Incomplete views: a list that could not be read completely does not prove that something is gone.

use albatross_contract::{
    ANNOTATION_SHARED, Action, Certificate, DiagnosticCode, IncompletePart, Operation, OutcomeState, Plan,
    StatusChange, TAG_UNNEEDED, Tag, ViewPart,
};
use albatross_stories::{
    Controller, alone, certificate, ingress, internal, make_a_load_balancer, of_nginx, outcome, tells,
    unneeded_certificates, warns, world,
};

use crate::gaps::{plan, plan_without};

const ALL: [ViewPart; 25] = [
    ViewPart::Ingresses,
    ViewPart::RouteGroups,
    ViewPart::IngressStatuses,
    ViewPart::IngressClasses,
    ViewPart::Services,
    ViewPart::EndpointSlices,
    ViewPart::Nodes,
    ViewPart::Pods,
    ViewPart::Subnets,
    ViewPart::SecurityGroups,
    ViewPart::CertificatesAcm,
    ViewPart::CertificatesIam,
    ViewPart::LoadBalancers,
    ViewPart::Listeners,
    ViewPart::ListenerAttributes,
    ViewPart::WebAcls,
    ViewPart::Rules,
    ViewPart::TargetGroups,
    ViewPart::TargetHealth,
    ViewPart::AutoScalingGroups,
    ViewPart::Instances,
    ViewPart::Tags,
    ViewPart::Quotas,
    ViewPart::HostedZones,
    ViewPart::RecordSets,
];

#[test]
fn a_converged_world_stays_as_it_is_whichever_part_cannot_be_read() {
    let mut story = shop_and_wiki();
    let snapshot = story.snapshot().unwrap();
    let whole = plan(&snapshot);
    for part in ALL {
        for lost in [false, true] {
            let plan = plan_without(&snapshot, part, lost);

            if part == ViewPart::Listeners {
                let certificates = |plan: &Plan| -> Vec<_> {
                    plan.outcomes.iter().map(|outcome| outcome.certificates.clone()).collect()
                };
                assert_eq!(certificates(&plan), certificates(&whole), "nobody says that nothing serves");
            }
            // If registered targets are not known they are registered again, which does no harm.
            let again = |action: &Action| {
                part == ViewPart::TargetHealth && matches!(action.operation, Operation::RegisterTargets(_))
            };
            assert!(plan.actions.iter().all(again), "{part:?}, all of it lost: {lost}: {:#?}", plan.actions);
            for outcome in &plan.outcomes {
                let name = story.hostname(&outcome.object.name).unwrap();
                // A status that could not be read is written again, unchanged.
                let same = [StatusChange::Keep, StatusChange::Publish(name)];
                assert!(same.contains(&outcome.status), "{part:?}: {outcome:#?}");
            }
            assert!(warns(&plan, DiagnosticCode::ViewIncomplete), "{part:?} is told");
        }
    }
}

#[test]
fn nothing_is_removed_whichever_needed_part_cannot_be_read() {
    let needed = [
        ViewPart::Ingresses,
        ViewPart::RouteGroups,
        ViewPart::IngressStatuses,
        ViewPart::IngressClasses,
        ViewPart::LoadBalancers,
        ViewPart::Listeners,
        ViewPart::TargetGroups,
        ViewPart::Tags,
    ];
    let mut story = shop_and_wiki();
    story.delete("checkout");
    story.delete("wiki");
    let begins = story.snapshot().unwrap();
    story.converge();
    story.wait_for_the_grace();
    let over = story.snapshot().unwrap();
    assert!(
        !plan(&begins).actions.is_empty() && !plan(&over).actions.is_empty(),
        "with the whole view they go"
    );
    for part in needed {
        assert!(plan_without(&begins, part, false).actions.is_empty(), "{part:?}: no grace begins");
        assert!(plan_without(&over, part, false).actions.is_empty(), "{part:?}: nothing is removed");
    }
}

#[test]
fn no_certificate_is_removed_while_a_list_that_decides_about_it_cannot_be_read() {
    let needed = [
        ViewPart::Ingresses,
        ViewPart::RouteGroups,
        ViewPart::IngressStatuses,
        ViewPart::IngressClasses,
        ViewPart::CertificatesAcm,
        ViewPart::CertificatesIam,
        ViewPart::LoadBalancers,
        ViewPart::Listeners,
        ViewPart::Tags,
    ];
    let mut story = shop_and_wiki();
    story.delete("checkout");
    let begins = story.snapshot().unwrap();
    story.converge();
    story.wait_for_the_grace();
    let over = story.snapshot().unwrap();
    assert!(!plan(&begins).actions.is_empty() && !plan(&over).actions.is_empty());
    for part in needed {
        assert!(plan_without(&begins, part, false).actions.is_empty(), "{part:?}: no grace begins");
        assert!(plan_without(&over, part, false).actions.is_empty(), "{part:?}: nothing is removed");
    }
}

#[test]
fn without_the_certificates_no_host_is_reported_as_uncovered() {
    let mut story = shop_and_wiki();
    story.apply(ingress("returns", &["returns.example.net"]));
    for part in [ViewPart::CertificatesAcm, ViewPart::CertificatesIam] {
        let mut snapshot = story.snapshot().unwrap();
        snapshot.inventory.certificates.clear();

        let plan = plan_without(&snapshot, part, false);

        for name in ["checkout", "wiki"] {
            let member = outcome(&plan, name).unwrap();
            assert!(
                matches!(member.state, OutcomeState::Placed | OutcomeState::Held),
                "{name}: {:?}",
                member.state
            );
            assert!(!tells(member, DiagnosticCode::CertificateNone));
        }
        let newcomer = outcome(&plan, "returns").unwrap();
        assert_eq!(newcomer.state, OutcomeState::Waiting, "it is not rejected");
        assert!(tells(newcomer, DiagnosticCode::ViewIncomplete));
        assert!(plan.actions.is_empty());
    }
}

#[test]
fn a_pinned_certificate_is_not_called_missing_while_the_certificates_cannot_be_read() {
    let mut story = shop_and_wiki();
    story.apply(albatross_stories::pinned(
        ingress("returns", &["a.example.net"]),
        "arn:aws:acm:eu-central-1:1:x",
    ));

    let plan = plan_without(&story.snapshot().unwrap(), ViewPart::CertificatesAcm, false);

    let newcomer = outcome(&plan, "returns").unwrap();
    assert_eq!(newcomer.state, OutcomeState::Waiting);
    assert!(!tells(newcomer, DiagnosticCode::CertificateMissing));
}

#[test]
fn no_load_balancer_is_created_while_the_existing_ones_are_not_known() {
    let needed = [
        ViewPart::LoadBalancers,
        ViewPart::TargetGroups,
        ViewPart::Subnets,
        ViewPart::SecurityGroups,
        ViewPart::AutoScalingGroups,
        ViewPart::Tags,
    ];
    let mut story = shop_and_wiki();
    story.apply(internal(ingress("inside", &["shop.example.org"])));
    let snapshot = story.snapshot().unwrap();
    for part in needed {
        let plan = plan_without(&snapshot, part, false);

        assert!(plan.actions.is_empty(), "{part:?}: {:#?}", plan.actions);
        let newcomer = outcome(&plan, "inside").unwrap();
        assert_eq!(newcomer.state, OutcomeState::Waiting, "{part:?}: it is not rejected");
    }
}

#[test]
fn a_load_balancer_that_an_incomplete_list_omits_does_not_count_as_gone() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"]), alone(ingress("wiki", &["wiki.example.org"]))],
    );
    story.converge();
    let hidden = story.hostname("checkout").unwrap();
    let mut snapshot = story.snapshot().unwrap();
    snapshot.inventory.load_balancers.retain(|found| found.dns_name != hidden);
    story.remove_annotation("wiki", ANNOTATION_SHARED);
    snapshot.cluster = story.cluster.cluster().clone();

    let plan = plan_without(&snapshot, ViewPart::LoadBalancers, false);

    let member = outcome(&plan, "checkout").unwrap();
    assert_eq!(member.load_balancer, None, "it is not put on another one");
    assert_eq!(member.state, OutcomeState::Waiting);
    assert_eq!(member.status, StatusChange::Keep);
    assert!(tells(member, DiagnosticCode::ViewIncomplete));
}

#[test]
fn no_ingress_is_released_while_ingresses_classes_or_load_balancers_cannot_be_read() {
    let mut story = shop_and_wiki();
    story.edit("checkout", of_nginx);
    let snapshot = story.snapshot().unwrap();
    assert_eq!(outcome(&plan(&snapshot), "checkout").unwrap().state, OutcomeState::Released);
    for part in [ViewPart::Ingresses, ViewPart::IngressClasses, ViewPart::LoadBalancers, ViewPart::Tags] {
        let plan = plan_without(&snapshot, part, false);

        let member = outcome(&plan, "checkout").unwrap();
        assert_eq!((member.state, &member.status), (OutcomeState::Held, &StatusChange::Keep), "{part:?}");
        assert!(tells(member, DiagnosticCode::ViewIncomplete));
    }
}

#[test]
fn an_ingress_is_released_while_route_groups_or_other_statuses_are_not_known_and_what_it_used_stays() {
    for part in [ViewPart::RouteGroups, ViewPart::IngressStatuses] {
        let mut story = shop_and_wiki();
        let reason = "the manifests contain none".to_owned();
        let gap = IncompletePart { part, resource: None, reason, expected: Some(true) };
        story.cluster.cluster_mut().incomplete.push(gap);
        story.edit("checkout", of_nginx);

        let member = story.plan().outcomes.into_iter().find(|it| it.object.name == "checkout").unwrap();
        assert_eq!(
            (member.state, member.status),
            (OutcomeState::Released, StatusChange::Withdraw),
            "{part:?}"
        );
        story.converge();
        assert_eq!(story.hostname("checkout"), None, "{part:?}");
        assert_eq!(unneeded_certificates(&story.serving("wiki")), 0, "{part:?}");

        story.cluster.cluster_mut().incomplete.clear();
        story.converge();
        assert_eq!(unneeded_certificates(&story.serving("wiki")), 1, "{part:?}: now its grace begins");
    }
}

#[test]
fn no_target_leaves_while_nodes_or_targets_cannot_be_read() {
    let mut story = shop_and_wiki();
    story.hide_node_group("nodes-1");
    let snapshot = story.snapshot().unwrap();
    assert!(!plan(&snapshot).actions.is_empty());
    for part in
        [ViewPart::TargetGroups, ViewPart::TargetHealth, ViewPart::AutoScalingGroups, ViewPart::Instances]
    {
        assert!(plan_without(&snapshot, part, false).actions.is_empty(), "{part:?}");
    }
}

#[test]
fn no_target_leaves_a_target_group_that_seems_unused_while_listeners_cannot_be_read() {
    let mut story = shop_and_wiki();
    let name = story.hostname("checkout").unwrap();
    story.in_the_console(&name, |found| found.listeners.clear());
    story.hide_node_group("nodes-1");
    let snapshot = story.snapshot().unwrap();
    let detaches = |plan: &Plan| {
        plan.actions.iter().any(|action| matches!(action.operation, Operation::DetachTargetGroup(_)))
    };
    assert!(detaches(&plan(&snapshot)));

    for part in [ViewPart::LoadBalancers, ViewPart::Listeners] {
        assert!(!detaches(&plan_without(&snapshot, part, false)), "{part:?}");
    }
}

#[test]
fn without_the_instances_missing_nodes_are_not_reported() {
    let mut story = shop_and_wiki();
    let mut snapshot = story.snapshot().unwrap();
    snapshot.inventory.instances.clear();

    let plan = plan_without(&snapshot, ViewPart::Instances, false);

    assert!(!warns(&plan, DiagnosticCode::NodesNone));
}

#[test]
fn no_name_changes_while_the_view_of_load_balancers_is_incomplete() {
    let mut story = shop_and_wiki();
    story.edit("checkout", internal);
    story.pass();
    story.wait(600);
    let snapshot = story.snapshot().unwrap();
    assert!(matches!(outcome(&plan(&snapshot), "checkout").unwrap().status, StatusChange::Publish(_)));
    let needed = [
        ViewPart::LoadBalancers,
        ViewPart::Listeners,
        ViewPart::TargetGroups,
        ViewPart::TargetHealth,
        ViewPart::Tags,
    ];
    for part in needed {
        let plan = plan_without(&snapshot, part, false);
        assert_eq!(outcome(&plan, "checkout").unwrap().status, StatusChange::Keep, "{part:?}");
    }
}

#[test]
fn no_ingress_gets_another_name_while_the_view_of_load_balancers_is_incomplete() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![alone(ingress("checkout", &["shop.example.org"])), ingress("wiki", &["wiki.example.org"])],
    );
    story.converge();
    story.wait(1_200);
    let gone = story.hostname("checkout").unwrap();
    story.delete_load_balancer(&gone);
    story.remove_annotation("checkout", ANNOTATION_SHARED);
    let snapshot = story.snapshot().unwrap();
    let other = StatusChange::Publish(story.hostname("wiki").unwrap());
    assert_eq!(outcome(&plan(&snapshot), "checkout").unwrap().status, other);
    for part in [ViewPart::Listeners, ViewPart::TargetGroups, ViewPart::TargetHealth] {
        let plan = plan_without(&snapshot, part, false);

        let member = outcome(&plan, "checkout").unwrap();
        assert_eq!(member.status, StatusChange::Keep, "{part:?}");
        assert!(tells(member, DiagnosticCode::ViewIncomplete), "{part:?}: {:#?}", member.diagnostics);
    }
}

#[test]
fn certificates_keep_their_marks_while_listeners_cannot_be_read() {
    let mut story = shop_and_wiki();
    story.delete("checkout");
    story.converge();
    assert_eq!(unneeded_certificates(&story.serving("wiki")), 1);

    let plan = plan_without(&story.snapshot().unwrap(), ViewPart::Listeners, true);

    assert!(plan.actions.is_empty(), "their grace would begin anew: {:#?}", plan.actions);
}

#[test]
fn no_grace_period_begins_for_leftovers_while_ingresses_cannot_be_read() {
    let mut story = shop_and_wiki();
    story.delete("checkout");
    story.delete("wiki");
    let inventory = story.cloud.inventory_mut();
    inventory.load_balancers.clear();
    let mut marked = inventory.target_groups[0].clone();
    marked.arn = marked.arn.replace("targetgroup/", "targetgroup/old-");
    marked.name = format!("{}-old", marked.name);
    marked.tags.push(Tag { key: TAG_UNNEEDED.into(), value: albatross_stories::START.to_string() });
    inventory.target_groups.push(marked);
    let snapshot = story.snapshot().unwrap();
    assert_eq!(plan(&snapshot).actions.len(), 1, "the other one is marked too");

    let plan = plan_without(&snapshot, ViewPart::Ingresses, false);

    assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
}

#[test]
fn everything_else_goes_on_while_a_part_is_missing() {
    let mut story = shop_and_wiki();
    story.apply(ingress("returns", &["wiki.example.org"]));
    story.start_node_group("nodes-3", &["a"]);
    story.cloud.inventory_mut().certificates.push(renewed());
    story.cluster.cluster_mut().incomplete = vec![IncompletePart {
        part: ViewPart::Ingresses,
        resource: None,
        reason: "shop.yaml, document 3: not a mapping".into(),
        expected: None,
    }];

    let passes = story.converge();

    assert!(!make_a_load_balancer(&passes));
    assert_eq!(story.hostname("returns"), story.hostname("wiki"), "a newcomer is served");
    assert_eq!(story.auto_scaling_group("nodes-3").target_groups.len(), 1, "nodes join");
    let load_balancer = story.serving("wiki");
    assert!(
        albatross_stories::certificates_on(&load_balancer).contains(&renewed().arn),
        "a new certificate is added"
    );
    assert_eq!(unneeded_certificates(&load_balancer), 0, "the old one is not marked");
}

#[test]
fn manifests_without_statuses_add_and_change_but_remove_nothing() {
    let mut story = shop_and_wiki();
    story.delete("checkout");
    for ingress in &mut story.cluster.cluster_mut().ingresses {
        ingress.status.clear();
    }
    story.apply(ingress("returns", &["shop.example.org"]));
    let mut snapshot = story.snapshot().unwrap();
    snapshot.cluster.ingresses.retain(|ingress| ingress.metadata.name != "checkout");

    let plan = plan_without(&snapshot, ViewPart::IngressStatuses, false);

    assert!(plan.actions.is_empty(), "everything fits on what is there: {:#?}", plan.actions);
    assert!(plan.actions.iter().all(|action| !matches!(action.operation, Operation::DeleteLoadBalancer(_))));
    let (wiki, returns) = (outcome(&plan, "wiki").unwrap(), outcome(&plan, "returns").unwrap());
    assert_eq!(wiki.load_balancer, returns.load_balancer);
}

fn shop_and_wiki() -> Controller {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["shop.example.org"]), certificate(2, &["wiki.example.org"])],
        vec![ingress("checkout", &["shop.example.org"]), ingress("wiki", &["wiki.example.org"])],
    );
    story.converge();
    story
}

fn renewed() -> Certificate {
    albatross_stories::renewal(9, &["wiki.example.org"], albatross_stories::START)
}
