//! Resources that are ours or not, and a cluster that is a copy of another.

use albatross_contract::{
    Action, Budget, Diagnostic, DiagnosticCode, IngressAddress, Inventory, LoadBalancer, Operation,
    OutcomeState, Scheme, TAG_APPLICATION, TAG_CLUSTER, TAG_CLUSTER_UID, TAG_ID, TAG_INGRESS, TAG_UNNEEDED,
    Tag,
};
use albatross_embedded_cloud::execution;
use albatross_stories::{
    CLUSTER, Controller, actions, alone, certificate, fates, ingress, internal, make_a_load_balancer, tag,
    warns, withheld, world,
};

use crate::{gaps, one_shop::one_shop};

const COPY: &str = "99999999-8888-4777-8666-555555555555";

#[test]
fn everything_that_we_make_carries_whose_it_is() {
    let mut story = one_shop("*.example.org");
    let uid = story.settings.identity.cluster_uid.clone();

    let load_balancer = story.serving("checkout");

    let groups = story.target_groups_of(&load_balancer);
    let all = [&load_balancer.tags].into_iter().chain(groups.iter().map(|group| &group.tags));
    for tags in all.chain(load_balancer.listeners.iter().map(|listener| &listener.tags)) {
        assert_eq!(tag(tags, &format!("{TAG_CLUSTER}{CLUSTER}")), Some("owned"));
        assert_eq!(tag(tags, TAG_APPLICATION), Some("albatross"));
        assert_eq!(tag(tags, TAG_CLUSTER_UID), Some(uid.as_str()));
    }
}

#[test]
fn a_load_balancer_with_the_cluster_tags_alone_is_left_alone() {
    let (settings, mut inventory) = world();
    let stranger = strangers(&inventory);
    inventory.load_balancers.push(stranger.clone());
    let mut story = Controller::new(
        (settings, inventory),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );
    story.converge();
    story.delete("checkout");
    story.converge();
    story.wait_for_the_grace();
    story.converge();

    assert_eq!(story.load_balancers(), [stranger], "only ours is gone");
}

#[test]
fn tags_and_attributes_of_somebody_else_stay() {
    let mut story = one_shop("*.example.org");
    let name = story.hostname("checkout").unwrap();
    story.in_the_console(&name, |found| {
        found.tags.push(Tag { key: "cost-centre".into(), value: "42".into() });
        found.attributes.push(Tag { key: "routing.http2.enabled".into(), value: "false".into() });
    });

    let pass = story.pass();
    assert!(pass.plan.actions.is_empty(), "{:#?}", pass.plan.actions);
    assert_eq!(tag(&story.serving("checkout").tags, "cost-centre"), Some("42"));
}

#[test]
fn a_tag_that_says_whose_alone_a_load_balancer_is_is_put_back() {
    let mut story = one_shop("*.example.org");
    story.edit("checkout", alone);
    story.converge();
    let name = story.hostname("checkout").unwrap();

    story.in_the_console(&name, |found| found.tags.retain(|tag| tag.key != TAG_INGRESS));

    story.converge();
    let load_balancer = story.serving("checkout");
    assert_eq!(load_balancer.dns_name, name);
    assert_eq!(tag(&load_balancer.tags, TAG_INGRESS), Some("shop/checkout"));
}

#[test]
fn an_unreadable_mark_on_a_needed_resource_is_removed() {
    let mut story = one_shop("*.example.org");
    let name = story.hostname("checkout").unwrap();

    story.in_the_console(&name, |found| {
        found.tags.push(Tag { key: TAG_UNNEEDED.into(), value: "soon".into() });
    });

    story.converge();
    assert_eq!(tag(&story.serving("checkout").tags, TAG_UNNEEDED), None);
}

#[test]
fn a_target_group_stays_while_a_load_balancer_that_lost_our_tags_uses_it() {
    let mut story = one_shop("*.example.org");
    let name = story.hostname("checkout").unwrap();
    story.in_the_console(&name, |found| found.tags.retain(|tag| tag.key != TAG_APPLICATION));

    for _ in 0..2 {
        let mut snapshot = story.snapshot().unwrap();
        // The listeners of others are not read.
        snapshot.inventory.load_balancers[0].listeners.clear();
        let plan = gaps::plan(&snapshot);
        execution::execute(&mut story.cloud, &plan, &mut |_, _| {});

        assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
        let group = &snapshot.inventory.target_groups[0].name;
        let told = |it: &Diagnostic| it.code == DiagnosticCode::NameTaken && it.subject == *group;
        assert!(plan.diagnostics.iter().any(told), "{:#?}", plan.diagnostics);
        story.wait_for_the_grace();
    }
}

#[test]
fn a_target_group_with_a_changed_id_stays_while_a_load_balancer_uses_it() {
    let mut story = two_shops();
    let (checkout, payments) = (story.serving("checkout"), story.serving("payments"));
    let other = tag(&payments.tags, TAG_ID).unwrap().to_owned();
    for id in ["no-such-id".to_owned(), other] {
        let mut story = story.fork();
        let group = story.target_groups_of(&checkout).remove(0).arn;
        let groups = &mut story.cloud.inventory_mut().target_groups;
        let tags = &mut groups.iter_mut().find(|found| found.arn == group).unwrap().tags;
        tags.iter_mut().find(|tag| tag.key == TAG_ID).unwrap().value.clone_from(&id);

        let mut passes = story.converge();
        story.wait_for_the_grace();
        passes.extend(story.converge());
        story.delete("payments");
        for _ in 0..2 {
            passes.extend(story.converge());
            story.wait_for_the_grace();
        }

        let inventory = story.cloud.inventory();
        assert!(inventory.target_groups.iter().any(|found| found.arn == group), "{id}");
        for found in &inventory.auto_scaling_groups {
            assert!(found.target_groups.contains(&group), "{id}: {} is attached", found.name);
        }
        assert!(warns(&story.plan(), DiagnosticCode::NameTaken), "{id}");
    }
}

#[test]
fn a_resource_with_an_empty_id_is_not_ours() {
    let mut story = one_shop("*.example.org");
    let name = story.hostname("checkout").unwrap();

    story.in_the_console(&name, |found| {
        found.tags.iter_mut().find(|tag| tag.key == TAG_ID).unwrap().value.clear();
    });

    let pass = story.pass();
    assert!(pass.plan.actions.is_empty(), "{:#?}", pass.plan.actions);
    assert!(pass.plan.load_balancers.is_empty());
}

#[test]
fn an_ingress_whose_status_names_a_load_balancer_of_somebody_else_is_switched_when_ours_serves() {
    let mut story = moved_from_a_stranger(1);
    let before = story.hostname("shop-00");

    story.cloud.faults_mut().all_targets_unhealthy(true);
    story.converge();
    story.wait(1_200);
    story.converge();
    assert_eq!(
        story.hostname("shop-00"),
        before,
        "it is served where it is, for as long as ours is not healthy"
    );
    assert!(story.pass().tells("shop-00", DiagnosticCode::TargetsUnhealthy));

    story.cloud.faults_mut().all_targets_unhealthy(false);
    story.wait(120);
    story.converge();
    assert_ne!(story.hostname("shop-00"), before);
    assert_eq!(story.serving("shop-00").listeners.len(), 2);
    assert!(
        story.load_balancers().iter().any(|found| Some(&found.dns_name) == before.as_ref()),
        "theirs stays"
    );
}

#[test]
fn a_name_that_no_load_balancer_of_the_account_has_may_be_in_use_too() {
    let mut story = moved_from_a_stranger(1);
    story.cloud.inventory_mut().load_balancers.clear();
    let before = story.hostname("shop-00");

    story.cloud.faults_mut().all_targets_unhealthy(true);
    story.converge();
    story.wait(1_200);
    story.converge();

    assert_eq!(story.hostname("shop-00"), before, "an address in another region, a proxy: nobody knows");
}

#[test]
fn many_ingresses_with_names_of_somebody_else_wait_for_a_person() {
    let mut story = moved_from_a_stranger(8);

    let pass = story.pass();

    assert!(!make_a_load_balancer(std::slice::from_ref(&pass)));
    assert_eq!(pass.outcome("shop-00").unwrap().state, OutcomeState::Waiting);
    assert!(pass.tells("shop-00", DiagnosticCode::WithheldNameChange));
    story.settings.allowances.name_change = (0..8).map(|number| format!("shop/shop-{number:02}")).collect();
    story.converge();
    for number in 0..8 {
        assert!(story.serving(&format!("shop-{number:02}")).name.starts_with("albatross-"));
    }
}

#[test]
fn in_a_copy_of_the_cluster_nothing_is_changed() {
    let mut story = one_shop("*.example.org");
    let name = story.hostname("checkout");
    story.settings.identity.cluster_uid = COPY.into();

    story.apply(ingress("wiki", &["wiki.example.org"]));
    story.delete("checkout");
    story.wait_for_the_grace();
    let pass = story.pass();

    assert!(pass.plan.actions.is_empty() && pass.statuses.is_empty());
    assert!(warns(&pass.plan, DiagnosticCode::ClusterUidForeign));
    let remedy = pass.plan.diagnostics[0].remedy.as_deref().unwrap();
    assert!(remedy.contains("--take-over-cluster=11111111-2222-4333-8444-555555555555"), "{remedy}");
    assert_eq!(story.load_balancers()[0].dns_name, name.unwrap());
}

#[test]
fn taken_over_the_load_balancers_are_those_of_the_new_cluster() {
    let mut story = one_shop("*.example.org");
    let name = story.hostname("checkout");
    let old = story.settings.identity.cluster_uid.clone();
    story.settings.identity.cluster_uid = COPY.into();

    story.settings.allowances.take_over_cluster = vec![old];
    let passes = story.converge();

    assert!(!make_a_load_balancer(&passes));
    assert!(actions(&passes).next().is_some());
    assert_eq!(story.hostname("checkout"), name, "no name changes");
    let load_balancer = story.serving("checkout");
    assert_eq!(tag(&load_balancer.tags, TAG_CLUSTER_UID), Some(COPY));
    assert_eq!(tag(&story.target_groups_of(&load_balancer)[0].tags, TAG_CLUSTER_UID), Some(COPY));

    story.settings.allowances.take_over_cluster.clear();
    let pass = story.pass();
    assert!(pass.plan.actions.is_empty(), "the allowance is needed once");
    assert_eq!(fates(&pass.plan), [albatross_contract::LoadBalancerFate::Keep]);
    story.add_certificate(certificate(2, &["wiki.example.org"]));
    story.apply(ingress("wiki", &["wiki.example.org"]));
    story.converge();
    assert_eq!(story.hostname("wiki"), name, "and it is used as before");
}

#[test]
fn taken_over_with_a_target_group_that_is_not_used_any_more() {
    let mut story = one_shop("*.example.org");
    story.settings.proxy.target_port = 8888;
    story.converge();
    let old = story.settings.identity.cluster_uid.clone();
    for group in &mut story.cloud.inventory_mut().target_groups {
        group.tags.retain(|tag| tag.key != TAG_UNNEEDED);
    }
    story.settings.identity.cluster_uid = COPY.into();

    story.settings.allowances.take_over_cluster = vec![old];
    story.converge();

    let groups = &story.cloud.inventory().target_groups;
    assert_eq!(groups.len(), 2);
    assert!(groups.iter().all(|group| tag(&group.tags, TAG_CLUSTER_UID) == Some(COPY)));
    assert_eq!(groups.iter().filter(|group| tag(&group.tags, TAG_UNNEEDED).is_some()).count(), 1);
}

#[test]
fn a_security_group_with_a_copied_id_and_another_uid_stops_all_writing_as_well() {
    let mut story = one_shop("*.example.org");
    let tags = story.load_balancers()[0].tags.clone();
    let copied = &mut story.cloud.inventory_mut().security_groups[0];
    copied.tags = tags;
    copied.tags.retain(|tag| tag.key != TAG_CLUSTER_UID);
    story.apply(ingress("wiki", &["wiki.example.org"]));

    let pass = story.pass();

    assert!(pass.plan.actions.is_empty() && pass.statuses.is_empty());
    assert!(warns(&pass.plan, DiagnosticCode::ClusterUidForeign));
    let told = &pass.plan.diagnostics[0];
    assert!(told.message.contains("(sg-1)"), "{}", told.message);
    assert_eq!(told.remedy.as_deref(), Some("remove the tag albatross/id from sg-1"));
}

#[test]
fn many_ingresses_with_a_foreign_name_behind_ours_move_as_they_ask_when_only_ours_is_left() {
    let mut story = moved_from_a_stranger(8);
    let theirs = story.cluster.cluster().ingresses[0].status[0].clone();
    story.settings.allowances.name_change = (0..8).map(|number| format!("shop/shop-{number:02}")).collect();
    story.converge();
    story.settings.allowances.name_change.clear();
    for ingress in &mut story.cluster.cluster_mut().ingresses {
        ingress.status.push(theirs.clone());
    }
    for number in 0..8 {
        story.edit(&format!("shop-{number:02}"), internal);
    }

    let passes = story.converge_within(5);

    assert!(withheld(&passes[0].plan, Budget::NameChanges).is_some(), "nobody asked to leave the other one");
    assert!(!make_a_load_balancer(&passes[..1]));
    assert_eq!(story.serving("shop-00").scheme, Scheme::Internal);
}

#[test]
fn a_dead_name_before_ours_leaves_the_status_whatever_the_health_of_the_targets() {
    let mut story = one_shop("*.example.org");
    let ours = story.hostname("checkout");
    let gone = "albatross-0123456789ab-1.eu-central-1.elb.amazonaws.com".to_owned();
    let status = &mut story.cluster.cluster_mut().ingresses[0].status;
    status.insert(0, IngressAddress { hostname: Some(gone), ip: None });
    story.cloud.faults_mut().all_targets_unhealthy(true);
    story.wait(3_600);

    story.converge();

    assert_eq!(story.hostname("checkout"), ours);
}

#[test]
fn many_ingresses_with_a_foreign_name_behind_a_deleted_one_of_ours_wait_for_a_person() {
    let mut story = moved_from_a_stranger(8);
    for ingress in &mut story.cluster.cluster_mut().ingresses {
        let gone = "albatross-0123456789ab-1.eu-central-1.elb.amazonaws.com".to_owned();
        ingress.status.insert(0, IngressAddress { hostname: Some(gone), ip: None });
    }

    let pass = story.pass();

    assert_eq!(pass.outcome("shop-00").unwrap().state, OutcomeState::Waiting);
    assert!(pass.tells("shop-00", DiagnosticCode::WithheldNameChange));
}

#[test]
fn an_ingress_with_a_foreign_name_behind_a_deleted_one_of_ours_moves_only_to_healthy_targets() {
    let mut story = moved_from_a_stranger(1);
    let status = &mut story.cluster.cluster_mut().ingresses[0].status;
    let gone = "albatross-0123456789ab-1.eu-central-1.elb.amazonaws.com".to_owned();
    status.insert(0, IngressAddress { hostname: Some(gone.clone()), ip: None });
    story.cloud.faults_mut().all_targets_unhealthy(true);

    story.converge();
    story.wait(3_600);
    story.converge();

    assert_eq!(story.hostname("shop-00"), Some(gone), "somebody may serve it");
    story.cloud.faults_mut().all_targets_unhealthy(false);
    story.wait(120);
    story.converge();
    assert!(story.serving("shop-00").name.starts_with("albatross-"));
}

#[test]
fn a_load_balancer_name_that_is_not_ours_is_reported_as_a_conflict() {
    let mut story = one_shop("*.example.org");
    let ours = story.serving("checkout");
    story.in_the_console(&ours.dns_name, |found| found.tags.clear());
    story.cloud.inventory_mut().target_groups.clear();
    story.cluster.cluster_mut().ingresses[0].status.clear();

    let pass = story.pass();

    assert!(pass.plan.actions.is_empty(), "{:#?}", pass.plan.actions);
    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Rejected);
    assert!(pass.tells("checkout", DiagnosticCode::NameTaken));
}

#[test]
fn a_target_group_name_that_is_not_ours_is_reported_as_a_conflict() {
    let mut story = one_shop("*.example.org");
    let inventory = story.cloud.inventory_mut();
    inventory.load_balancers.clear();
    inventory.target_groups[0].tags.clear();
    story.cluster.cluster_mut().ingresses[0].status.clear();

    let pass = story.pass();

    assert!(pass.plan.actions.is_empty(), "{:#?}", pass.plan.actions);
    assert!(pass.tells("checkout", DiagnosticCode::NameTaken));
}

#[test]
fn a_stranger_with_the_name_of_the_next_target_group_leaves_the_one_in_use_alone() {
    let mut story = one_shop("*.example.org");
    story.settings.proxy.target_port = 8888;
    story.cloud.faults_mut().all_targets_unhealthy(true);
    story.converge();
    let next = story.cloud.inventory_mut().target_groups.iter_mut().find(|group| group.port == Some(8888));
    next.unwrap().tags.clear();

    let pass = story.pass();

    let makes = |action: &Action| matches!(action.operation, Operation::CreateTargetGroup(_));
    assert!(!pass.plan.actions.iter().any(makes), "{:#?}", pass.plan.actions);
    assert!(warns(&pass.plan, DiagnosticCode::NameTaken));
    assert!(story.converge().is_empty(), "the one in use serves on");
}

#[test]
fn tags_that_were_copied_to_another_load_balancer_stop_everything_and_both_are_named() {
    let mut story = one_shop("*.example.org");
    let mut copy = story.load_balancers().remove(0);
    copy.arn =
        "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/copy/0123456789abcdef"
            .into();
    copy.name = "copy".into();
    copy.dns_name = "copy-1.eu-central-1.elb.amazonaws.com".into();
    let (original, other) = (story.load_balancers().remove(0).arn, copy.arn.clone());
    story.cloud.inventory_mut().load_balancers.push(copy);

    let refusal = story.try_plan().unwrap_err().message;

    assert!(refusal.contains(&original) && refusal.contains(&other), "{refusal}");
}

#[test]
fn a_resource_without_the_uid_of_its_cluster_stops_everything_and_the_remedy_is_the_tag() {
    let mut story = one_shop("*.example.org");
    story.cloud.inventory_mut().target_groups[0].tags.retain(|tag| tag.key != "albatross/cluster-uid");

    let plan = story.plan();

    assert!(plan.actions.is_empty());
    let told = plan.diagnostics.iter().find(|told| told.code == DiagnosticCode::ClusterUidForeign).unwrap();
    assert!(told.remedy.as_deref().unwrap().starts_with("add the tag albatross/cluster-uid="), "{told:#?}");
}

/// `shop/checkout`, and `shop/payments` with a load balancer of its own.
fn two_shops() -> Controller {
    let mut story = one_shop("*.example.org");
    story.apply(alone(ingress("payments", &["payments.example.org"])));
    story.converge();
    story
}

/// Ingresses that another controller has served so far.
fn moved_from_a_stranger(count: u32) -> Controller {
    let (settings, mut inventory) = world();
    let stranger = strangers(&inventory);
    let hostname = stranger.dns_name.clone();
    inventory.load_balancers.push(stranger);
    let name = |number| format!("shop-{number:02}");
    let ingresses =
        (0..count).map(|number| ingress(&name(number), &[&format!("{}.example.org", name(number))]));
    let mut story =
        Controller::new((settings, inventory), vec![certificate(1, &["*.example.org"])], ingresses.collect());
    for ingress in &mut story.cluster.cluster_mut().ingresses {
        ingress.status = vec![IngressAddress { hostname: Some(hostname.clone()), ip: None }];
    }
    story
}

/// A load balancer with the two tags of the cluster that we did not create.
fn strangers(inventory: &Inventory) -> LoadBalancer {
    let mut story = Controller::new(
        (world().0, inventory.clone()),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );
    story.converge();
    let mut load_balancer = story.serving("checkout");
    load_balancer.arn = load_balancer.arn.replace("albatross", "kube-ing");
    load_balancer.name = load_balancer.name.replace("albatross", "kube-ing");
    load_balancer.dns_name = load_balancer.dns_name.replace("albatross", "kube-ing");
    load_balancer.listeners.clear();
    load_balancer.tags.retain(|tag| !tag.key.starts_with("albatross/"));
    load_balancer
}
