//! RouteGroups have the rules of Ingresses in proxy mode.

use albatross_contract::*;
use albatross_guard::Rule;

use crate::{
    deletion::an_unneeded_one_goes,
    story::{Story, tell},
    world::*,
};

/// Two RouteGroups on one load balancer, with a certificate that nobody needs any more.
fn an_old_certificate_goes() -> World {
    let mut world = World::small().of_route_groups();
    let old = world.old_certificate(0, 9, "old.example.org");
    world.mark_certificate(0, &old, GRACE).act("remove", remove_certificate(0, &old));
    world
}

/// A new RouteGroup is published for the first time.
fn a_first_name() -> World {
    let mut world = World::small();
    world.ingress(1).status.clear();
    world.outcome(1).status = StatusChange::Publish(dns_name(0));
    world.of_route_groups()
}

/// Six of 21 members move to another load balancer, and a person has named one of them.
fn six_move() -> World {
    let mut world = World::with(&[20, 1]);
    for member in 0..6 {
        world.https(1).certificates.push(certificate_arn(member));
        world.outcome(member).load_balancer = Some("id-1".into());
        world.outcome(member).status = StatusChange::Publish(dns_name(1));
    }
    world.settings().allowances.name_change.push("RouteGroup:team/app-5".into());
    world.of_route_groups()
}

/// Five of 20 members are released though they exist, and a person has named one of them.
fn five_are_released() -> World {
    let mut world = World::with(&[20]);
    for member in 0..5 {
        world.release(member);
    }
    world.settings().allowances.release.push("RouteGroup:team/app-0".into());
    world.of_route_groups()
}

#[test]
fn a_route_group_keeps_what_it_uses() {
    tell(&[
        Story {
            title: "removes a certificate that a RouteGroup needs",
            honest: an_old_certificate_goes,
            lie: |world| {
                world.mark_certificate(0, &certificate_arn(1), GRACE);
                world.plan.actions[0].operation = remove_certificate(0, &certificate_arn(1));
            },
            rule: Rule::CertificateNeeded,
            action: "remove",
        },
        Story {
            title: "removes a certificate that a RouteGroup needs, and says that it has none",
            honest: an_old_certificate_goes,
            lie: |world| {
                world.outcome(1).certificates.clear();
                world.mark_certificate(0, &certificate_arn(1), GRACE);
                world.plan.actions[0].operation = remove_certificate(0, &certificate_arn(1));
            },
            rule: Rule::CertificateNeeded,
            action: "remove",
        },
        Story {
            title: "deletes a load balancer that the status of a RouteGroup names",
            honest: an_unneeded_one_goes,
            lie: |world| _ = world.route_group("app-9", Some(dns_name(0))),
            rule: Rule::DeletionPublished,
            action: "delete",
        },
    ]);
}

#[test]
fn a_route_group_is_published_on_a_load_balancer_of_proxy_mode_that_has_its_certificates() {
    let story =
        |title, lie| Story { title, honest: a_first_name, lie, rule: Rule::StatusPublish, action: "" };
    tell(&[
        story("publishes before the certificate is there", |world| {
            world.https(0).certificates.clear();
            world.act("add", add_certificate(0, &certificate_arn(1)));
        }),
        story("publishes a load balancer in route mode", |world| {
            world.load_balancer(0).tags.push(tag(TAG_MODE, "route"));
        }),
        story("publishes a stranger's load balancer", |world| {
            let stranger = world.load_balancer(1).dns_name.clone();
            world.outcome(1).status = StatusChange::Publish(stranger);
        }),
    ]);
}

#[test]
fn route_groups_count_in_budgets_and_a_person_allows_them_by_kind() {
    tell(&[
        Story {
            title: "takes the allowance for an Ingress as one for a RouteGroup of the same name",
            honest: six_move,
            lie: |world| world.settings().allowances.name_change = vec!["team/app-5".into()],
            rule: Rule::BudgetNameChanges,
            action: "",
        },
        Story {
            title: "releases a RouteGroup of which a person allowed only an Ingress of the same name",
            honest: five_are_released,
            lie: |world| world.settings().allowances.release = vec!["team/app-0".into()],
            rule: Rule::BudgetRelease,
            action: "",
        },
    ]);
}

#[test]
fn each_route_group_has_one_outcome_of_its_own() {
    fn both() -> World {
        let mut world = World::small();
        world.route_group("app-0", None);
        world
    }
    let story = |title, lie| Story { title, honest: both, lie, rule: Rule::Outcome, action: "" };
    tell(&[
        story("forgets the RouteGroup beside an Ingress of the same name", |world| {
            _ = world.plan.outcomes.pop();
        }),
        story("says two things about the Ingress and nothing about the RouteGroup", |world| {
            world.plan.outcomes.last_mut().unwrap().object.kind = ObjectKind::Ingress;
        }),
        story("says two things about the RouteGroup", |world| {
            let again = world.plan.outcomes.last().unwrap().clone();
            world.plan.outcomes.push(again);
        }),
    ]);
}
