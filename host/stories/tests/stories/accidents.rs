//! Accidents: a load balancer that is deleted by hand, half made, or fails to provision.

use albatross_contract::{
    DiagnosticCode, LoadBalancerState, Operation, OutcomeState, Plan, Scheme, TAG_REPLACES,
};
use albatross_embedded_cloud::{AwsError, execution};
use albatross_stories::{
    Controller, actions, alone, certificate, certificates_on, ingress, internal, make_a_load_balancer, tag,
    warns, world,
};

#[test]
fn a_load_balancer_that_is_deleted_by_hand_is_created_again_and_all_names_are_published() {
    let mut story = shop_and_wiki();
    let gone = story.hostname("checkout").unwrap();

    story.delete_load_balancer(&gone);

    let passes = story.converge();
    let made = actions(&passes).filter(|action| matches!(action.operation, Operation::CreateLoadBalancer(_)));
    assert_eq!(made.count(), 1);
    assert_eq!(story.load_balancers().len(), 1);
    assert_eq!(story.cloud.inventory().target_groups.len(), 1, "the target group that was left serves it");
    assert_ne!(story.hostname("checkout"), Some(gone), "AWS gives it another name");
    assert_eq!(story.hostname("checkout"), story.hostname("wiki"));
    assert_eq!(certificates_on(&story.serving("wiki")).len(), 2);
    assert!(
        passes.iter().all(|pass| pass.plan.withheld.is_empty()),
        "a name that is proven gone is no name change"
    );
}

#[test]
fn fifteen_members_of_a_load_balancer_that_is_deleted_by_hand_are_all_served_again() {
    let names: Vec<String> = (0..15).map(|number| format!("shop-{number:02}")).collect();
    let hosts: Vec<String> = names.iter().map(|name| format!("{name}.example.org")).collect();
    let ingresses = names.iter().zip(&hosts).map(|(name, host)| ingress(name, &[host])).collect();
    let mut story = Controller::new(world(), vec![certificate(1, &["*.example.org"])], ingresses);
    story.converge();

    let gone = story.hostname("shop-00").unwrap();
    story.delete_load_balancer(&gone);

    story.converge();
    for name in &names {
        assert_eq!(story.serving(name).state, LoadBalancerState::Active, "{name}");
    }
}

#[test]
fn a_listener_that_is_deleted_by_hand_is_created_again() {
    let mut story = shop_and_wiki();
    let name = story.hostname("checkout").unwrap();

    story.in_the_console(&name, |found| found.listeners.retain(|listener| listener.port != 443));

    story.converge();
    assert_eq!(story.hostname("checkout"), Some(name));
    assert_eq!(certificates_on(&story.serving("checkout")).len(), 2);
}

#[test]
fn a_certificate_that_is_removed_by_hand_is_added_again() {
    let mut story = shop_and_wiki();
    let name = story.hostname("checkout").unwrap();

    story.in_the_console(&name, |found| {
        found.listeners.iter_mut().for_each(|listener| listener.certificates.clear());
    });

    story.converge();
    assert_eq!(certificates_on(&story.serving("checkout")).len(), 2);
}

#[test]
fn a_node_group_that_is_detached_by_hand_is_attached_again() {
    let mut story = shop_and_wiki();
    let inventory = story.cloud.inventory_mut();
    inventory.auto_scaling_groups.iter_mut().for_each(|group| group.target_groups.clear());
    story.wait(600);

    story.converge();

    assert_eq!(story.auto_scaling_group("nodes-1").target_groups.len(), 1);
    assert_eq!(story.auto_scaling_group("nodes-2").target_groups.len(), 1);
}

#[test]
fn a_target_group_that_lost_its_tags_keeps_serving_and_is_reported() {
    let mut story = shop_and_wiki();
    story.cloud.inventory_mut().target_groups[0].tags.clear();
    story.add_certificate(certificate(3, &["returns.example.org"]));
    story.apply(ingress("returns", &["returns.example.org"]));

    story.converge();

    assert!(warns(&story.plan(), DiagnosticCode::NameTaken));
    assert_eq!(story.cloud.inventory().target_groups.len(), 1);
    assert_eq!(story.serving("checkout").listeners.len(), 2);
    assert_eq!(
        certificates_on(&story.serving("checkout")).len(),
        3,
        "certificates still follow the Ingresses"
    );
}

#[test]
fn without_a_target_group_no_listener_is_created_and_no_certificate_is_reported_as_serving() {
    let mut story = shop_and_wiki();
    let name = story.hostname("checkout").unwrap();
    story.cloud.inventory_mut().target_groups[0].tags.clear();
    story.in_the_console(&name, |found| found.listeners.retain(|listener| listener.port != 443));

    let passes = story.converge();

    assert!(passes.is_empty());
    assert_eq!(story.hostname("checkout"), Some(name), "no failure empties a status");
    let plan = story.plan();
    assert!(warns(&plan, DiagnosticCode::NameTaken));
    assert!(plan.outcomes.iter().all(|outcome| outcome.certificates.is_empty()));
}

#[test]
fn a_load_balancer_that_lost_its_tags_does_not_count_as_half_made() {
    let mut story = unmade_shop_and_wiki();
    story.apply(alone(ingress("workshop", &["wiki.example.org"])));
    story.converge();
    let theirs = story.hostname("workshop").unwrap();
    story.delete("checkout");
    story.delete("wiki");
    story.converge();
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.load_balancers().len(), 1);

    story.in_the_console(&theirs, |found| found.tags.clear());
    story.converge();

    assert_ne!(story.hostname("workshop"), Some(theirs), "another one serves it, since that one is not ours");
    assert_eq!(story.serving("workshop").state, LoadBalancerState::Active);
    story.apply(ingress("checkout", &["shop.example.org"]));
    let pass = story.pass();
    assert!(pass.tells("checkout", DiagnosticCode::NameTaken), "the next name is theirs");
}

#[test]
fn after_any_part_of_its_creation_the_next_passes_complete_it_without_a_second_one() {
    let all = unmade_shop_and_wiki().plan().actions.len();
    assert!(all >= 8, "{all} actions");
    for done in 0..all {
        let mut story = unmade_shop_and_wiki();
        let mut plan = story.plan();
        plan.actions.truncate(done);
        let results = execution::execute(&mut story.cloud, &plan, &mut |_, _| {});
        assert!(results.iter().all(|result| result.error.is_none()));
        story.wait(60);

        story.converge();

        assert_complete(&mut story, &format!("after {done} of {all} actions"));
    }
}

#[test]
fn after_a_crash_at_any_action_of_its_creation_the_next_passes_complete_it() {
    let all = unmade_shop_and_wiki().plan().actions.len() as u64;
    for call in 1..=all {
        for executed in [false, true] {
            let mut story = unmade_shop_and_wiki();
            let faults = story.cloud.faults_mut();
            if executed {
                faults.crash_after(call);
            } else {
                faults.crash_before(call);
            }
            let plan = story.plan();
            execution::execute(&mut story.cloud, &plan, &mut |_, _| {});
            story.cloud.faults_mut().clear();
            story.wait(60);

            story.converge();

            assert_complete(&mut story, &format!("after a crash at call {call}, executed: {executed}"));
        }
    }
}

#[test]
fn a_lost_answer_or_a_throttled_call_leads_to_no_second_load_balancer() {
    let all = unmade_shop_and_wiki().plan().actions.len() as u64;
    for call in 1..=all {
        for lost in [false, true] {
            let mut story = unmade_shop_and_wiki();
            let faults = story.cloud.faults_mut();
            if lost {
                faults.lose_answer(call);
            } else {
                faults.throttle_write(call);
            }

            story.converge_within(5);

            assert_complete(&mut story, &format!("call {call}, answer lost: {lost}"));
        }
    }
}

#[test]
fn two_that_no_status_names_are_not_chosen_in_turn() {
    let mut story = unmade_shop_and_wiki();
    story.apply(alone(ingress("atelier", &["shop.example.org"])));
    let pass_without_statuses = |story: &mut Controller| {
        let plan = story.plan();
        execution::execute(&mut story.cloud, &plan, &mut |_, _| {});
        story.wait(10);
        albatross_stories::outcome(&plan, "checkout").unwrap().load_balancer.clone().unwrap()
    };
    pass_without_statuses(&mut story);
    assert_eq!(story.load_balancers().len(), 2);
    story.delete("atelier");

    let chosen = pass_without_statuses(&mut story);
    for _ in 0..4 {
        assert_eq!(pass_without_statuses(&mut story), chosen);
    }
    story.converge();
    assert_eq!(story.hostname("checkout"), story.hostname("wiki"));
}

#[test]
fn an_unneeded_half_made_load_balancer_is_deleted_after_the_grace_period() {
    let mut story = unmade_shop_and_wiki();
    let mut plan = story.plan();
    plan.actions.truncate(4);
    execution::execute(&mut story.cloud, &plan, &mut |_, _| {});

    story.delete("checkout");
    story.delete("wiki");
    story.converge();
    assert!(!story.cloud.inventory().target_groups.is_empty());
    story.wait_for_the_grace();

    story.converge();
    assert!(story.cloud.inventory().target_groups.is_empty());
    assert!(story.load_balancers().is_empty());
    assert!(story.auto_scaling_group("nodes-1").target_groups.is_empty());
}

#[test]
fn one_that_aws_could_not_make_is_replaced_once_and_then_reported() {
    let mut story = unmade_shop_and_wiki();
    story.pass();
    let fail = |story: &mut Controller| {
        for found in &mut story.cloud.inventory_mut().load_balancers {
            found.state = LoadBalancerState::Failed;
            found.state_reason = Some("not enough addresses".into());
        }
    };
    fail(&mut story);
    let first = story.load_balancers()[0].arn.clone();

    let pass = story.pass();
    assert!(warns(&pass.plan, DiagnosticCode::LoadBalancerFailed));
    assert_eq!(story.load_balancers().len(), 2, "another one takes over");
    let second = story.load_balancers().into_iter().find(|found| found.arn != first).unwrap();
    assert!(tag(&second.tags, TAG_REPLACES).is_some());

    fail(&mut story);
    let passes = story.converge();
    assert!(!make_a_load_balancer(&passes), "a third one would fail as well");
    assert_eq!(story.load_balancers().len(), 2);
    let pass = story.pass();
    assert!(pass.tells("checkout", DiagnosticCode::LoadBalancerFailed));
    assert_eq!(story.hostname("checkout"), None, "no status names what does not serve");

    story.wait_for_the_grace();
    let passes = story.converge();
    assert!(!make_a_load_balancer(&passes));
    assert_eq!(
        story.load_balancers().len(),
        1,
        "the first one is gone after its grace, the second one stays"
    );
    story.wait_for_the_grace();
    story.wait_for_the_grace();
    let passes = story.converge();
    assert!(!make_a_load_balancer(&passes), "nothing is made again and again");
}

#[test]
fn the_replacement_of_a_failed_load_balancer_serves_all() {
    let mut story = unmade_shop_and_wiki();
    story.pass();
    story.cloud.inventory_mut().load_balancers[0].state = LoadBalancerState::Failed;

    story.converge();

    assert_eq!(story.serving("checkout").state, LoadBalancerState::Active);
    assert_eq!(story.hostname("checkout"), story.hostname("wiki"));
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.load_balancers().len(), 1);
    assert_eq!(story.cloud.inventory().target_groups.len(), 1);
}

#[test]
fn a_failed_load_balancer_for_a_moving_ingress_is_replaced_too() {
    let mut story = shop_and_wiki();
    let public = story.serving("checkout").arn;
    story.edit("checkout", internal);
    story.pass();
    let inventory = story.cloud.inventory_mut();
    inventory.load_balancers.iter_mut().find(|found| found.arn != public).unwrap().state =
        LoadBalancerState::Failed;

    let passes = story.converge();

    assert!(
        next_step(&passes[0].plan).ends_with("another load balancer takes over"),
        "{}",
        next_step(&passes[0].plan)
    );
    assert_eq!(story.serving("checkout").scheme, Scheme::Internal);
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.load_balancers().len(), 2, "the public one and the replacement");
}

#[test]
fn an_unneeded_failed_load_balancer_is_not_reported_as_replaced() {
    let mut story = unmade_shop_and_wiki();
    story.pass();
    story.cloud.inventory_mut().load_balancers[0].state = LoadBalancerState::Failed;
    story.delete("checkout");
    story.delete("wiki");

    let pass = story.pass();

    assert!(next_step(&pass.plan).ends_with("no Ingress needs it"), "{}", next_step(&pass.plan));
}

#[test]
fn one_that_takes_longer_than_fifteen_minutes_is_replaced_and_not_a_minute_earlier() {
    let mut story = unmade_shop_and_wiki();
    story.pass();
    let plan_after = |story: &mut Controller, minutes: u64| {
        let mut snapshot = story.snapshot().unwrap();
        snapshot.time += minutes * 60;
        assert_eq!(snapshot.inventory.load_balancers[0].state, LoadBalancerState::Provisioning);
        let plan = albatross_planner::plan(&snapshot, &*story.policies).unwrap();
        albatross_guard::check(&snapshot, &plan).unwrap();
        plan
    };

    let early = plan_after(&mut story, 14);
    let late = plan_after(&mut story, 15);

    let opens = |plan: &Plan| {
        plan.actions.iter().any(|action| matches!(action.operation, Operation::CreateLoadBalancer(_)))
    };
    assert!(!opens(&early));
    let waiting = albatross_stories::outcome(&early, "checkout").unwrap();
    assert_eq!(waiting.state, OutcomeState::Placed);
    assert!(albatross_stories::tells(waiting, DiagnosticCode::LoadBalancerProvisioning));
    assert_eq!(early.next_change_at, Some(albatross_stories::START + 15 * 60));
    assert!(opens(&late));
    assert!(warns(&late, DiagnosticCode::LoadBalancerFailed));
}

#[test]
fn load_balancers_that_aws_does_not_make_in_an_incident_of_the_region_are_not_replaced() {
    let mut story = unmade_shop_and_wiki();
    story.edit("wiki", internal);
    story.cloud.faults_mut().makes_no_load_balancers(true);
    story.pass();
    assert_eq!(story.load_balancers().len(), 2);

    for _ in 0..6 {
        story.wait(30 * 60);
        let pass = story.pass();
        assert_eq!(pass.plan.actions, [], "nothing is made again");
        assert!(warns(&pass.plan, DiagnosticCode::LoadBalancerProvisioning));
        assert!(!warns(&pass.plan, DiagnosticCode::LoadBalancerFailed));
    }

    story.cloud.faults_mut().makes_no_load_balancers(false);
    story.converge();
    assert_eq!(story.load_balancers().len(), 2);
    assert_eq!(story.serving("checkout").state, LoadBalancerState::Active);
    assert_eq!(story.serving("wiki").scheme, Scheme::Internal);
}

#[test]
fn a_target_group_that_is_not_visible_yet_delays_its_uses_and_is_not_created_twice() {
    let mut story = unmade_shop_and_wiki();
    story.cloud.faults_mut().unseen_for(60);

    let pass = story.pass();
    let failed = pass.results.iter().filter_map(|result| result.error.as_deref());
    assert!(
        failed.clone().count() > 0
            && failed.clone().all(|error| {
                error.starts_with("TargetGroupNotFound") || error.contains("Target Groups may not be valid")
            })
    );
    story.wait(60);
    story.converge();

    assert_complete(&mut story, "AWS knows of it");
}

#[test]
fn a_refused_action_holds_up_only_its_dependents() {
    let mut story = shop_and_wiki();
    story.add_certificate(certificate(3, &["a.example.net"]));
    story.add_certificate(certificate(4, &["b.example.net"]));
    story.apply(ingress("a", &["a.example.net"]));
    story.apply(ingress("b", &["b.example.net"]));
    let next = story.cloud.calls().writes + 1;
    story.cloud.faults_mut().fail_write(next, AwsError::new("CertificateNotFound", "gone for a moment"));

    let pass = story.pass();
    let failed = pass.results.iter().filter(|result| result.error.is_some()).count();
    assert_eq!((failed, pass.results.len()), (1, 2));

    story.converge();
    assert_eq!(story.hostname("a"), story.hostname("checkout"));
    assert_eq!(story.hostname("b"), story.hostname("checkout"));
}

fn unmade_shop_and_wiki() -> Controller {
    Controller::new(
        world(),
        vec![certificate(1, &["shop.example.org"]), certificate(2, &["wiki.example.org"])],
        vec![ingress("checkout", &["shop.example.org"]), ingress("wiki", &["wiki.example.org"])],
    )
}

fn shop_and_wiki() -> Controller {
    let mut story = unmade_shop_and_wiki();
    story.converge();
    story
}

/// What a plan says about the load balancer that AWS could not provision.
fn next_step(plan: &Plan) -> &str {
    let told = plan.diagnostics.iter().find(|told| told.code == DiagnosticCode::LoadBalancerFailed);
    told.map(|told| told.message.as_str()).unwrap_or_default()
}

/// Checks that there is one load balancer and one target group, that all are served, and that nothing is left to do.
fn assert_complete(story: &mut Controller, when: &str) {
    assert_eq!(story.load_balancers().len(), 1, "{when}");
    assert_eq!(story.cloud.inventory().target_groups.len(), 1, "{when}");
    let load_balancer = story.serving("checkout");
    assert_eq!(certificates_on(&load_balancer).len(), 2, "{when}");
    assert_eq!(load_balancer.listeners.len(), 2, "{when}");
    assert_eq!(story.hostname("wiki"), story.hostname("checkout"), "{when}");
    assert_eq!(story.target_groups_of(&load_balancer)[0].targets.len(), 7, "{when}");
    assert!(story.plan().actions.is_empty(), "{when}");
}
