//! A call for one load balancer or target group fails: this resource stays as it is, and all others go on.

use std::collections::BTreeSet;

use albatross_contract::{
    Action, DiagnosticCode, IncompletePart, Operation, OutcomeState, Plan, Snapshot, StatusChange, Tag,
    ViewPart,
};
use albatross_stories::{Controller, alone, certificate, ingress, of_nginx, outcome, warns, world};

use crate::gaps::plan;

/// Parts that are read with one call for each resource.
const ONE_BY_ONE: [ViewPart; 6] = [
    ViewPart::LoadBalancers,
    ViewPart::Listeners,
    ViewPart::Rules,
    ViewPart::TargetGroups,
    ViewPart::TargetHealth,
    ViewPart::Tags,
];

#[test]
fn with_500_load_balancers_a_failed_call_for_one_does_not_hold_up_the_other_499() {
    let mut story = fleet(500);
    story.settings.idle_timeout = 120;
    story.settings.ssl_policy = Some("ELBSecurityPolicy-TLS13-1-2-2021-06".into());
    story.settings.proxy.deregistration_delay = 60;
    let id = load_balancer_of(&mut story, "app-7");
    let snapshot = story.snapshot().unwrap();
    let whole = plan(&snapshot);
    let others = |plan: &Plan| -> Vec<Action> {
        plan.actions.iter().filter(|action| action.load_balancer != id).cloned().collect()
    };
    assert_eq!(others(&whole).len(), 499 * (whole.actions.len() / 500), "each is changed");
    for part in ONE_BY_ONE {
        for lost in [false, true] {
            let plan = plan_without_one(&snapshot, part, "app-7", lost);

            assert!(others(&plan) == others(&whole), "{part:?}, lost: {lost}");
            for (found, expected) in plan.outcomes.iter().zip(&whole.outcomes) {
                let is_it = expected.object.name == "app-7";
                assert!(is_it || found == expected, "{part:?}, lost: {lost}: {found:#?}");
                assert_eq!(found.status, StatusChange::Keep, "{part:?}, lost: {lost}");
            }
            assert!(warns(&plan, DiagnosticCode::ViewIncomplete), "{part:?}: it is told");
        }
    }
}

#[test]
fn a_load_balancer_that_cannot_be_read_completely_does_not_change() {
    let mut story = fleet(3);
    let snapshot = story.snapshot().unwrap();
    for part in ONE_BY_ONE {
        for lost in [false, true] {
            let plan = plan_without_one(&snapshot, part, "app-1", lost);

            // If registered targets are not known they are registered again, which does no harm.
            let again = |action: &Action| {
                part == ViewPart::TargetHealth && matches!(action.operation, Operation::RegisterTargets(_))
            };
            assert!(plan.actions.iter().all(again), "{part:?}, lost: {lost}: {:#?}", plan.actions);
            assert!(plan.outcomes.iter().all(|outcome| outcome.status == StatusChange::Keep), "{part:?}");
        }
    }
}

#[test]
fn grace_periods_begin_and_end_on_the_load_balancers_that_are_known() {
    let mut story = fleet(10);
    let (first, second) = (load_balancer_of(&mut story, "app-1"), load_balancer_of(&mut story, "app-2"));
    story.delete("app-1");
    story.delete("app-2");
    let begins = story.snapshot().unwrap();
    story.converge();
    story.wait_for_the_grace();
    let over = story.snapshot().unwrap();
    let touched = |plan: &Plan| -> BTreeSet<String> {
        plan.actions.iter().map(|action| action.load_balancer.clone()).collect()
    };
    let both = BTreeSet::from([first.clone(), second.clone()]);
    assert_eq!((touched(&plan(&begins)), touched(&plan(&over))), (both.clone(), both));
    for part in [
        ViewPart::LoadBalancers,
        ViewPart::Listeners,
        ViewPart::Rules,
        ViewPart::TargetGroups,
        ViewPart::Tags,
    ] {
        for snapshot in [&begins, &over] {
            let plan = plan_with_gap(snapshot, part, &first, false);
            assert_eq!(touched(&plan), BTreeSet::from([second.clone()]), "{part:?}");
        }
    }
}

#[test]
fn an_ingress_waits_while_the_tags_of_its_load_balancer_cannot_be_read() {
    let mut story = fleet(3);
    let snapshot = story.snapshot().unwrap();
    let plan = plan_without_one(&snapshot, ViewPart::Tags, "app-1", true);

    let waiting = outcome(&plan, "app-1").unwrap();
    assert_eq!((waiting.state, &waiting.status), (OutcomeState::Waiting, &StatusChange::Keep));
    let told = &waiting.diagnostics[0];
    assert_eq!(told.code, DiagnosticCode::ViewIncomplete);
    assert!(told.message.contains("the tags of albatross-"), "{}", told.message);
    assert!(plan.withheld.is_empty(), "no name would change");
}

/// The status names a load balancer whose tags are missing; the tag of another load balancer names this Ingress.
#[test]
fn an_ingress_on_its_way_from_an_unknown_load_balancer_keeps_the_name_that_it_has() {
    let mut story = fleet(2);
    let mut snapshot = story.snapshot().unwrap();
    let status = |name: &str| {
        let found = snapshot.cluster.ingresses.iter().find(|it| it.metadata.name == name);
        found.unwrap().status.clone()
    };
    let elsewhere = status("app-0");
    snapshot.cluster.ingresses.iter_mut().find(|it| it.metadata.name == "app-1").unwrap().status = elsewhere;
    let plan = plan_without_one(&snapshot, ViewPart::Tags, "app-0", true);

    assert_eq!(outcome(&plan, "app-1").unwrap().status, StatusChange::Keep);
}

#[test]
fn no_load_balancer_is_created_with_a_name_whose_owner_is_not_known() {
    let mut story = fleet(3);
    let mut snapshot = story.snapshot().unwrap();
    // Its name was not published yet when the controller restarted.
    let it = snapshot.cluster.ingresses.iter_mut().find(|it| it.metadata.name == "app-2").unwrap();
    it.status.clear();
    let plan = plan_without_one(&snapshot, ViewPart::Tags, "app-2", true);

    assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
    assert_eq!(outcome(&plan, "app-2").unwrap().state, OutcomeState::Waiting);
}

#[test]
fn a_target_group_whose_tags_could_not_be_read_is_not_created_again() {
    let mut story = fleet(2);
    let mut snapshot = story.snapshot().unwrap();
    let id = load_balancer_of(&mut story, "app-1");
    let group = snapshot.inventory.target_groups.iter_mut().find(|group| carries(&group.tags, &id)).unwrap();
    group.tags.clear();
    let arn = group.arn.clone();
    snapshot.inventory.incomplete.push(gap(ViewPart::Tags, &arn));
    let plan = plan(&snapshot);

    assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
    assert!(!warns(&plan, DiagnosticCode::NameTaken), "nobody took the name");
}

#[test]
fn a_target_group_whose_tags_could_not_be_read_gets_no_tags_of_the_settings() {
    let mut story = fleet(2);
    story.settings.tags.push(Tag { key: "team".to_owned(), value: "shop".to_owned() });
    let id = load_balancer_of(&mut story, "app-1");
    let mut snapshot = story.snapshot().unwrap();
    let arn =
        snapshot.inventory.target_groups.iter().find(|group| carries(&group.tags, &id)).unwrap().arn.clone();
    snapshot.inventory.incomplete.push(gap(ViewPart::Tags, &arn));
    let plan = plan(&snapshot);

    assert!(plan.actions.iter().all(|action| action.load_balancer != id), "{:#?}", plan.actions);
    assert_eq!(plan.actions.len(), 2, "the other load balancer and its target group get them");
}

#[test]
fn an_ingress_that_is_no_longer_ours_keeps_its_name_while_its_load_balancer_is_not_known() {
    let mut story = fleet(3);
    story.apply(of_nginx(alone(ingress("app-1", &["app-1.example.org"]))));
    let snapshot = story.snapshot().unwrap();
    let status = |plan: &Plan| outcome(plan, "app-1").unwrap().status.clone();

    assert_eq!(status(&plan(&snapshot)), StatusChange::Withdraw);
    assert_eq!(status(&plan_without_one(&snapshot, ViewPart::Tags, "app-1", false)), StatusChange::Keep);
    assert_eq!(status(&plan_without_one(&snapshot, ViewPart::Tags, "app-2", false)), StatusChange::Withdraw);
}

#[test]
fn without_statuses_a_part_that_is_missing_for_one_load_balancer_may_concern_all() {
    let mut story = fleet(3);
    story.delete("app-0");
    let mut snapshot = story.snapshot().unwrap();
    let statuses = IncompletePart { resource: None, ..gap(ViewPart::IngressStatuses, "") };
    snapshot.cluster.incomplete.push(statuses);
    snapshot.settings.allowances.prune = true;

    assert!(!plan(&snapshot).actions.is_empty(), "pruned");
    assert!(plan_without_one(&snapshot, ViewPart::Listeners, "app-2", false).actions.is_empty());
}

#[test]
fn a_gap_of_an_unknown_resource_counts_for_the_whole_part() {
    let mut story = fleet(3);
    story.delete("app-0");
    let mut snapshot = story.snapshot().unwrap();
    snapshot.inventory.incomplete.push(gap(ViewPart::Listeners, "arn:aws:of-nothing"));

    assert!(plan(&snapshot).actions.is_empty());
}

/// This many Ingresses, each with a load balancer.
fn fleet(size: u32) -> Controller {
    let (settings, mut inventory) = world();
    let quotas = &mut inventory.quotas;
    quotas.load_balancers = 1_000;
    quotas.target_groups_per_auto_scaling_group = 1_000;
    quotas.targets_per_load_balancer = 1_000;
    let ingresses = (0..size)
        .map(|number| alone(ingress(&format!("app-{number}"), &[&format!("app-{number}.example.org")])));
    let certificates = vec![certificate(1, &["*.example.org"])];
    let mut story = Controller::new((settings, inventory), certificates, ingresses.collect());
    story.converge_within(20);
    story
}

/// Our id of the load balancer of an Ingress.
fn load_balancer_of(story: &mut Controller, name: &str) -> String {
    outcome(&story.plan(), name).unwrap().load_balancer.clone().unwrap()
}

/// The plan while a part could not be read for the load balancer of an Ingress; `lost`: it is not known from before
/// either.
fn plan_without_one(snapshot: &Snapshot, part: ViewPart, name: &str, lost: bool) -> Plan {
    let whole = plan(snapshot);
    let id = outcome(&whole, name).and_then(|outcome| outcome.load_balancer.clone());
    let hostname = || outcome(&whole, name).and_then(|outcome| outcome.hostname.clone()).unwrap();
    let id = id.unwrap_or_else(|| {
        let hostname = hostname();
        let found =
            snapshot.inventory.load_balancers.iter().find(|found| found.dns_name == hostname).unwrap();
        found.tags.iter().find(|tag| tag.key == albatross_contract::TAG_ID).unwrap().value.clone()
    });
    plan_with_gap(snapshot, part, &id, lost)
}

fn plan_with_gap(snapshot: &Snapshot, part: ViewPart, id: &str, lost: bool) -> Plan {
    let mut snapshot = snapshot.clone();
    let inventory = &mut snapshot.inventory;
    let load_balancer = inventory.load_balancers.iter_mut().find(|found| carries(&found.tags, id)).unwrap();
    let target_group = inventory.target_groups.iter_mut().find(|group| carries(&group.tags, id)).unwrap();
    let arn = match part {
        ViewPart::TargetGroups | ViewPart::TargetHealth => target_group.arn.clone(),
        _ => load_balancer.arn.clone(),
    };
    if lost {
        match part {
            ViewPart::LoadBalancers => load_balancer.attributes.clear(),
            ViewPart::Listeners => load_balancer.listeners.clear(),
            ViewPart::Rules => load_balancer.listeners.iter_mut().for_each(|it| it.rules.clear()),
            ViewPart::TargetGroups => target_group.attributes.clear(),
            ViewPart::TargetHealth => target_group.targets.clear(),
            _ => load_balancer.tags.clear(),
        }
    }
    inventory.incomplete.push(gap(part, &arn));
    plan(&snapshot)
}

fn carries(tags: &[Tag], id: &str) -> bool {
    tags.iter().any(|tag| tag.key == albatross_contract::TAG_ID && tag.value == id)
}

fn gap(part: ViewPart, arn: &str) -> IncompletePart {
    IncompletePart {
        part,
        resource: Some(arn.into()),
        reason: "the connection was reset".into(),
        expected: None,
    }
}
