//! While something is not known, load balancers may serve Ingresses of which nothing is known: those of a class, the other
//! members of a group, and those to which a grouping policy gave the same key.

use albatross_contract::{
    ANNOTATION_CLASS, Action, DiagnosticCode, IncompletePart, IngressClass, Metadata, Operation,
    OutcomeState, Plan, PolicyPoint, StatusChange, TAG_GROUP, ViewPart,
};
use albatross_stories::{
    Controller, WAITING, annotated, certificate, ingress, make_a_load_balancer, outcome, tag, tells, warns,
    world,
};

use crate::{
    gaps::{plan, plan_without},
    group_split::{self, CIDRS, member, places},
    policies::{take_over, two_teams},
};

const HTTP2: &str = "zalando.org/aws-load-balancer-http2";

/// `checkout`, whose class the settings list, and `wiki`, whose IngressClass names our controller, on one load balancer.
fn a_class_and_a_listed_class() -> Controller {
    let wiki = annotated(ingress("wiki", &["wiki.example.org"]), ANNOTATION_CLASS, "web");
    let ingresses = vec![ingress("checkout", &["shop.example.org"]), wiki];
    let mut story = Controller::new(world(), vec![certificate(1, &["*.example.org"])], ingresses);
    let controller = story.settings.ingress_class_controller.clone();
    let metadata = Metadata { name: "web".to_owned(), ..Metadata::default() };
    story.cluster.cluster_mut().ingress_classes.push(IngressClass { metadata, controller, parameters: None });
    story.converge();
    assert_eq!(story.hostname("wiki"), story.hostname("checkout"));
    story.wait(1_000);
    story
}

fn state(plan: &Plan, name: &str) -> (OutcomeState, StatusChange) {
    let found = outcome(plan, name).unwrap();
    (found.state, found.status.clone())
}

#[test]
fn while_ingress_classes_cannot_be_read_whoever_has_one_keeps_its_place() {
    let mut story = a_class_and_a_listed_class();

    let plan = plan_without(&story.snapshot().unwrap(), ViewPart::IngressClasses, true);

    assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
    assert_eq!(state(&plan, "checkout"), (OutcomeState::Placed, StatusChange::Keep));
    assert_eq!(state(&plan, "wiki"), (OutcomeState::Held, StatusChange::Keep));
    assert!(tells(outcome(&plan, "wiki").unwrap(), DiagnosticCode::ViewIncomplete));
}

#[test]
fn while_ingress_classes_cannot_be_read_no_ingress_changes_what_it_may_share_with_others() {
    let mut story = a_class_and_a_listed_class();
    story.annotate("checkout", HTTP2, "false");
    let snapshot = story.snapshot().unwrap();
    assert!(!plan(&snapshot).actions.is_empty(), "with the whole view it leaves");

    let plan = plan_without(&snapshot, ViewPart::IngressClasses, true);

    assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
    assert_eq!(state(&plan, "checkout"), (OutcomeState::Held, StatusChange::Keep));
    assert!(tells(outcome(&plan, "checkout").unwrap(), DiagnosticCode::ViewIncomplete));
}

#[test]
fn while_ingress_classes_cannot_be_read_a_newcomer_of_a_listed_class_is_served_and_nothing_becomes_unneeded()
{
    let mut story = a_class_and_a_listed_class();
    story.delete("checkout");
    story.apply(ingress("blog", &["blog.example.org"]));
    let expected = StatusChange::Publish(story.hostname("wiki").unwrap());

    let plan = plan_without(&story.snapshot().unwrap(), ViewPart::IngressClasses, true);

    assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
    assert_eq!(state(&plan, "blog"), (OutcomeState::Placed, expected));
}

/// `cart` on the first load balancer of the group `shop`, and `pay` on the second.
fn a_split_group() -> Controller {
    let mut story = group_split::begin(vec![member("cart", 5), member("pay", 5)]);
    group_split::converge(&mut story);
    assert_eq!(places(&mut story, &["cart", "pay"]), ["shop", "shop/2"]);
    story.wait(1_000);
    story
}

#[test]
fn a_split_group_stays_split_whatever_cannot_be_read() {
    let mut story = a_split_group();
    for part in [
        ViewPart::Ingresses,
        ViewPart::RouteGroups,
        ViewPart::IngressClasses,
        ViewPart::IngressStatuses,
        ViewPart::Listeners,
        ViewPart::Rules,
        ViewPart::TargetGroups,
        ViewPart::Tags,
    ] {
        let plan = plan_without(&story.snapshot().unwrap(), part, false);

        assert!(plan.actions.is_empty(), "{part:?}: {:#?}", plan.actions);
        for outcome in &plan.outcomes {
            let name = story.hostname(&outcome.object.name).unwrap();
            let same = [StatusChange::Keep, StatusChange::Publish(name)];
            assert!(same.contains(&outcome.status), "{part:?}: {outcome:#?}");
        }
    }
}

#[test]
fn while_members_of_a_split_group_are_not_known_nobody_changes_what_all_its_load_balancers_have() {
    let mut story = a_split_group();
    story.annotate("pay", CIDRS, "192.0.2.0/24");
    let snapshot = story.snapshot().unwrap();
    let whole = plan(&snapshot);
    assert!(!whole.actions.is_empty(), "with the whole view both load balancers change");

    for part in [ViewPart::Ingresses, ViewPart::IngressClasses] {
        let plan = plan_without(&snapshot, part, false);
        assert!(plan.actions.is_empty(), "{part:?}: {:#?}", plan.actions);
        assert!(warns(&plan, DiagnosticCode::ViewIncomplete), "{part:?}");
    }
    // Route mode has no RouteGroups: both load balancers admit the addresses, and what they admitted before is removed later.
    let unseen = plan_without(&snapshot, ViewPart::RouteGroups, false);
    let admits = |it: &&Action| matches!(it.operation, Operation::AuthorizeSecurityGroupRules(_));
    let admitting: Vec<&Action> = whole.actions.iter().filter(admits).collect();
    assert_eq!(admitting.len(), 2);
    assert_eq!(unseen.actions.iter().collect::<Vec<_>>(), admitting);
}

#[test]
fn a_newcomer_takes_no_room_from_a_member_of_a_split_group_that_cannot_be_read() {
    let mut story = a_split_group();
    let rules = |story: &mut Controller, arn: &str| -> Vec<_> {
        let found = story.load_balancers().into_iter().find(|found| found.arn == arn).unwrap();
        found.listeners.into_iter().flat_map(|listener| listener.rules).collect()
    };
    let second = story.serving("pay").arn;
    let before = rules(&mut story, &second);
    assert_eq!(before.len(), 5);
    let cluster = story.cluster.cluster_mut();
    let place = cluster.ingresses.iter().position(|ingress| ingress.metadata.name == "pay").unwrap();
    let pay = cluster.ingresses.remove(place);
    let reason = "Ingress shop/pay cannot be read".to_owned();
    cluster.incomplete.push(IncompletePart {
        part: ViewPart::Ingresses,
        resource: None,
        reason,
        expected: None,
    });
    story.apply(member("blog", 8));

    for _ in 0..4 {
        story.pass();
        let now = rules(&mut story, &second);
        assert!(
            before.iter().all(|rule| now.contains(rule)),
            "those of the member that is not seen stay: {now:#?}"
        );
        story.wait(WAITING);
    }

    let cluster = story.cluster.cluster_mut();
    cluster.incomplete.clear();
    cluster.ingresses.push(pay);
    group_split::converge(&mut story);
    assert_eq!(places(&mut story, &["cart", "pay", "blog"]), ["shop", "shop/2", "shop/3"]);
}

/// Two teams with a load balancer each, as a grouping policy says. From now on RouteGroups cannot be read.
fn grouped() -> Controller {
    let mut story = two_teams();
    take_over(&mut story, PolicyPoint::Grouping);
    story.converge();
    story.wait(1_000);
    let reason = "the list is forbidden".to_owned();
    let gap = IncompletePart { part: ViewPart::RouteGroups, resource: None, reason, expected: None };
    story.cluster.cluster_mut().incomplete.push(gap);
    story
}

#[test]
fn while_route_groups_cannot_be_read_a_newcomer_goes_where_a_grouping_policy_puts_it() {
    let mut story = grouped();
    story.apply(ingress("green/blog", &["blog.example.org"]));

    assert!(!make_a_load_balancer(&story.converge()));

    assert_eq!(story.hostname("green/blog"), story.hostname("green/wiki"));
}

#[test]
fn while_route_groups_cannot_be_read_load_balancers_keep_the_keys_of_a_grouping_policy_that_is_gone() {
    let mut story = grouped();
    let before = story.load_balancers();
    story.settings.policies.clear();

    story.converge();

    assert_eq!(story.load_balancers(), before);
    assert_eq!(tag(&story.serving("green/wiki").tags, TAG_GROUP), Some("green"));
}
