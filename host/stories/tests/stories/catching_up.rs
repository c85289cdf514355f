//! A controller that has just begun to lead has read some load balancers and nothing of the others: it acts on those that it knows,
//! and leaves the others alone.

use std::collections::BTreeSet;

use albatross_contract::{
    Action, DiagnosticCode, IncompletePart, Inventory, OutcomeState, Plan, Severity, Snapshot, StatusChange,
    TAG_ID, Tag, ViewPart,
};
use albatross_stories::{Controller, alone, annotated, certificate, ingress, outcome, service, world};

use crate::{
    gaps::plan,
    routes::{self, with_paths},
};

const GROUP: &str = "alb.ingress.kubernetes.io/group.name";

/// How much of the other load balancers is unread.
#[derive(Clone, Copy, Debug)]
enum Unread {
    /// Their tags are known, their details are not.
    Details,
    /// It is not even known whose they are.
    Everything,
}

#[test]
fn in_proxy_mode_only_the_load_balancers_that_are_read_change() {
    let (settings, inventory) = world();
    let ingresses = (0..4)
        .map(|number| alone(ingress(&format!("app-{number}"), &[&format!("app-{number}.example.org")])))
        .collect();
    let certificates = vec![certificate(1, &["*.example.org"])];
    let mut story = Controller::new((settings, inventory), certificates, ingresses);
    story.converge_within(20);
    story.settings.idle_timeout = 120;
    only_what_is_read_changes(&mut story, 4);
}

#[test]
fn in_route_mode_only_the_load_balancers_that_are_read_change() {
    let app = |number: usize, path: &str| {
        let name = format!("app-{number}");
        let app = ingress(&name, &[&format!("{name}.example.org")]);
        annotated(with_paths(app, &[(path, "web")]), GROUP, &name)
    };
    let ingresses = (0..4).map(|number| app(number, "/")).collect();
    let mut story = routes::story(ingresses, vec![service("web", 30_080)]);
    story.converge_within(20);
    (0..4).for_each(|number| story.apply(app(number, "/changed")));
    only_what_is_read_changes(&mut story, 4);
}

/// Every Ingress has a load balancer that is about to change.
fn only_what_is_read_changes(story: &mut Controller, size: usize) {
    let snapshot = story.snapshot().unwrap();
    let whole = plan(&snapshot);
    let id = |name: &str| outcome(&whole, name).unwrap().load_balancer.clone().unwrap();
    for number in 0..size {
        let name = format!("app-{number}");
        let read = id(&name);
        let expected = of(&whole, &read);
        assert!(!expected.is_empty(), "{name} changes");
        for unread in [Unread::Details, Unread::Everything] {
            let partial = plan(&with_only(&snapshot, &read, unread));
            assert_eq!(of(&partial, &read), expected, "{name}, {unread:?}");
            let touched: BTreeSet<&str> =
                partial.actions.iter().map(|action| action.load_balancer.as_str()).collect();
            assert_eq!(touched, BTreeSet::from([read.as_str()]), "{unread:?}: no other load balancer");
            for outcome in &partial.outcomes {
                assert_eq!(outcome.status, StatusChange::Keep, "{unread:?}: {outcome:#?}");
                assert_ne!(outcome.state, OutcomeState::Rejected, "{unread:?}: {outcome:#?}");
            }
            let mut told = partial.diagnostics.iter().filter(|it| it.code == DiagnosticCode::ViewIncomplete);
            assert!(told.all(|it| it.severity == Severity::Info), "{unread:?}: nothing is wrong");
            assert!(partial.withheld.is_empty(), "{unread:?}: {:#?}", partial.withheld);
        }
    }
}

#[test]
fn a_new_ingress_that_may_belong_to_an_unread_load_balancer_waits() {
    let app = |name: &str| {
        annotated(
            with_paths(ingress(name, &[&format!("{name}.example.org")]), &[("/", "web")]),
            GROUP,
            "shop",
        )
    };
    let mut story = routes::story(vec![app("app-0")], vec![service("web", 30_080)]);
    story.converge_within(20);
    story.apply(app("app-1"));
    let snapshot = story.snapshot().unwrap();
    for unread in [Unread::Details, Unread::Everything] {
        let partial = plan(&with_only(&snapshot, "none", unread));
        assert!(partial.actions.is_empty(), "{unread:?}: {:#?}", partial.actions);
        assert_ne!(outcome(&partial, "app-1").unwrap().state, OutcomeState::Rejected, "{unread:?}");
    }
}

/// The actions on a load balancer, without their ids and order.
fn of(plan: &Plan, id: &str) -> Vec<String> {
    let of_it = |action: &&Action| action.load_balancer == id;
    let mut actions: Vec<String> =
        plan.actions.iter().filter(of_it).map(|action| format!("{:?}", action.operation)).collect();
    actions.sort();
    actions
}

/// The snapshot in which only one load balancer has been read.
fn with_only(snapshot: &Snapshot, id: &str, unread: Unread) -> Snapshot {
    let mut snapshot = snapshot.clone();
    let Inventory { load_balancers, target_groups, incomplete, .. } = &mut snapshot.inventory;
    let mut postpone = |part: ViewPart, arn: &str| {
        let resource = Some(arn.to_owned());
        incomplete.push(IncompletePart { part, resource, reason: "later".to_owned(), expected: Some(true) });
    };
    let is_unread = |tags: &[Tag]| tags.iter().all(|tag| tag.key != TAG_ID || tag.value != id);
    for found in load_balancers.iter_mut().filter(|found| is_unread(&found.tags)) {
        (found.attributes, found.listeners) = Default::default();
        [ViewPart::LoadBalancers, ViewPart::Listeners, ViewPart::Rules]
            .into_iter()
            .for_each(|part| postpone(part, &found.arn));
        if let Unread::Everything = unread {
            found.tags.clear();
            postpone(ViewPart::Tags, &found.arn);
        }
    }
    for found in target_groups.iter_mut().filter(|found| is_unread(&found.tags)) {
        (found.attributes, found.targets) = Default::default();
        [ViewPart::TargetGroups, ViewPart::TargetHealth]
            .into_iter()
            .for_each(|part| postpone(part, &found.arn));
        if let Unread::Everything = unread {
            found.tags.clear();
            postpone(ViewPart::Tags, &found.arn);
        }
    }
    snapshot
}
