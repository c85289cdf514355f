//! What the members of a load balancer in proxy mode agree on: it changes only for members that are known, and while all are.

use albatross_contract::*;
use albatross_guard::{Rule, check};

use crate::world::*;

const WEB_ACL: &str = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/shop/1";
const OLD_POLICY: &str = "ELBSecurityPolicy-2016-08";
const POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// Each kind of change to something on which members agree.
fn changes() -> [(&'static str, Operation); 9] {
    let load_balancer = || existing(arn(0));
    let attributes = vec![tag("routing.http2.enabled", "false")];
    let remove = |key: &str| RemoveTags { resource: load_balancer(), keys: vec![key.to_owned()] };
    [
        (
            "security groups",
            Operation::SetSecurityGroups(SetSecurityGroups {
                load_balancer: load_balancer(),
                security_groups: vec![existing(OPERATORS_SECURITY_GROUP), existing("sg-2")],
            }),
        ),
        (
            "address type",
            Operation::SetIpAddressType(SetIpAddressType {
                load_balancer: load_balancer(),
                ip_address_type: IpAddressType::Dualstack,
            }),
        ),
        (
            "web ACL",
            Operation::AssociateWebAcl(WebAclAssociation {
                load_balancer: load_balancer(),
                web_acl: WEB_ACL.to_owned(),
            }),
        ),
        (
            "TLS policy",
            Operation::ModifyListener(ModifyListener {
                listener: existing(listener_arn(0, 443)),
                ssl_policy: Some(POLICY.to_owned()),
                ..nothing()
            }),
        ),
        (
            "attribute",
            Operation::ModifyLoadBalancerAttributes(AttributeChange {
                resource: load_balancer(),
                attributes,
            }),
        ),
        ("owner", add_tags(arn(0), &[tag(TAG_INGRESS, "team/app-1")])),
        ("group", add_tags(arn(0), &[tag(TAG_GROUP, "blue")])),
        ("no group", Operation::RemoveTags(remove(TAG_GROUP))),
        ("no retention", Operation::RemoveTags(remove(TAG_RETAIN))),
    ]
}

/// A shared load balancer with two members; a change to it is planned.
fn changing(operation: Operation) -> World {
    let mut world = World::small();
    let mut other = world.snapshot.inventory.security_groups[0].clone();
    other.id = "sg-2".to_owned();
    world.snapshot.inventory.security_groups.push(other);
    world.settings().web_acl = Some(WEB_ACL.to_owned());
    world.https(0).ssl_policy = Some(OLD_POLICY.to_owned());
    let found = world.load_balancer(0);
    found.web_acl = Some(String::new());
    found.tags.extend([tag(TAG_GROUP, "red"), tag(TAG_RETAIN, "true")]);
    world.act("change", operation);
    world
}

fn broken(world: &World) -> Vec<Rule> {
    let refusal = check(&world.snapshot, &world.plan).err();
    refusal.into_iter().flat_map(|it| it.violations).map(|violation| violation.rule).collect()
}

#[test]
fn nothing_changes_for_members_while_others_may_not_be_known() {
    for (title, operation) in changes() {
        assert_eq!(broken(&changing(operation.clone())), [], "{title}, everybody is known");
        for part in [ViewPart::Ingresses, ViewPart::RouteGroups, ViewPart::IngressClasses] {
            let mut world = changing(operation.clone());
            world.incomplete(part);
            assert_eq!(broken(&world), [Rule::Completeness], "{title}, without {part:?}");
        }
    }
}

#[test]
fn a_load_balancer_of_one_object_in_the_view_changes_while_others_are_not_known() {
    for (title, operation) in changes() {
        for (owner, expected) in [
            ("team/app-0", &[][..]),
            ("RouteGroup:team/app-0", &[Rule::Completeness]),
            ("app-0", &[Rule::Completeness]),
        ] {
            let mut world = changing(operation.clone());
            world.load_balancer(0).tags.push(tag(TAG_INGRESS, owner));
            world.incomplete(ViewPart::RouteGroups);
            assert_eq!(broken(&world), expected, "{title}, owned by {owner}");
        }
    }
}

#[test]
fn a_tag_is_removed_without_anybody_only_if_its_value_means_nothing() {
    let of_members: &[Rule] = &[Rule::MemberKnown];
    for (key, value, of_nobody, of_unseen) in [
        (TAG_INGRESS, "team/app-9", of_members, &[Rule::Completeness][..]),
        (TAG_INGRESS, "RouteGroup:team/app-0", of_members, &[Rule::Completeness]),
        (TAG_INGRESS, "app-0", &[], &[]),
        (TAG_INGRESS, "", &[], &[]),
        (TAG_GROUP, "red", of_members, &[Rule::Completeness]),
        (TAG_RETAIN, "true", &[], &[Rule::Completeness]),
        (TAG_RETAIN, "false", &[], &[]),
    ] {
        let removed = || {
            let mut world = World::small();
            world.load_balancer(0).tags.push(tag(key, value));
            let change = RemoveTags { resource: existing(arn(0)), keys: vec![key.to_owned()] };
            world.act("change", Operation::RemoveTags(change));
            world
        };
        let mut unseen = removed();
        unseen.incomplete(ViewPart::RouteGroups);
        assert_eq!(broken(&unseen), of_unseen, "{key}={value}, somebody may not be known");
        let mut nobody = removed();
        nobody.release(0).release(1);
        let is_member_known = |rule: &Rule| *rule == Rule::MemberKnown;
        let found: Vec<Rule> = broken(&nobody).into_iter().filter(is_member_known).collect();
        assert_eq!(found, of_nobody, "{key}={value}, nobody is left");
    }
}

#[test]
fn nothing_changes_on_a_load_balancer_without_a_known_member() {
    // A load balancer that its last member leaves for another one is no longer retained.
    for (title, operation) in changes().into_iter().filter(|(title, _)| *title != "no retention") {
        let mut world = changing(operation.clone());
        world.settings().web_acl = None;
        world.release(0).release(1);
        let rules = broken(&world);
        assert!(rules.contains(&Rule::MemberKnown), "{title}: {rules:?}");
        // An outcome of an object that the snapshot does not hold is no member.
        let mut world = changing(operation);
        world.snapshot.cluster.ingresses.clear();
        let rules = broken(&world);
        assert!(rules.contains(&Rule::MemberKnown), "{title}: {rules:?}");
    }
}

#[test]
fn what_members_do_not_agree_on_changes_without_them() {
    let deletion_protection = tag("deletion_protection.enabled", "false");
    for operation in [
        Operation::ModifyLoadBalancerAttributes(AttributeChange {
            resource: existing(arn(0)),
            attributes: vec![deletion_protection],
        }),
        Operation::ModifyListener(ModifyListener {
            listener: existing(listener_arn(0, 443)),
            ssl_policy: Some(OLD_POLICY.to_owned()),
            ..nothing()
        }),
        add_tags(arn(0), &[tag(TAG_GROUP, "red"), tag(TAG_RETAIN, "true")]),
    ] {
        let mut world = changing(operation);
        world.incomplete(ViewPart::RouteGroups);
        assert_eq!(broken(&world), []);
    }
}

#[test]
fn a_load_balancer_that_is_being_made_is_made_for_an_object_that_is_known() {
    for (title, operation) in changes() {
        for (age, is_named, is_healthy, expected) in [
            (15 * 60, true, true, &[][..]),
            (15 * 60, false, false, &[]),
            (15 * 60, false, true, &[Rule::Completeness]),
            (15 * 60 + 1, true, false, &[Rule::Completeness]),
        ] {
            let mut world = changing(operation.clone());
            world.load_balancer(0).created_at = NOW - age;
            if !is_named {
                world.snapshot.cluster.ingresses.iter_mut().for_each(|ingress| ingress.status.clear());
            }
            if !is_healthy {
                let targets = &mut world.target_group(0).targets;
                targets.iter_mut().for_each(|target| target.health = TargetHealth::Initial);
            }
            world.incomplete(ViewPart::RouteGroups);
            let title = format!("{title} after {age} seconds, named: {is_named}, healthy: {is_healthy}");
            assert_eq!(broken(&world), expected, "{title}");
        }
    }
}

#[test]
fn a_load_balancer_with_any_listener_may_serve_objects_that_are_not_known() {
    let operation = || changes()[1].1.clone();
    for (ports, expected) in
        [(&[80][..], &[Rule::Completeness][..]), (&[8443], &[Rule::Completeness]), (&[], &[])]
    {
        for http_only in [false, true] {
            let mut world = changing(operation());
            world.https(0).port = if ports == [8443] { 8443 } else { 443 };
            let found = world.load_balancer(0);
            found.listeners.retain(|listener| ports.contains(&listener.port));
            found.tags.extend(http_only.then(|| tag(TAG_HTTP_ONLY, "true")));
            world.incomplete(ViewPart::RouteGroups);
            let mut found = broken(&world);
            // Certificates that were on the listener are another matter.
            found.retain(|rule| *rule == Rule::Completeness);
            assert_eq!(found, expected, "{ports:?}, HTTP only: {http_only}");
        }
    }
}

#[test]
fn in_route_mode_rules_name_their_members() {
    for (title, operation) in changes().into_iter().filter(|(title, _)| *title != "web ACL") {
        let mut world = changing(operation);
        world.load_balancer(0).tags.push(tag(TAG_MODE, "route"));
        world.incomplete(ViewPart::RouteGroups);
        assert_eq!(broken(&world), [], "{title}");
    }
}

fn nothing() -> ModifyListener {
    ModifyListener {
        listener: existing(""),
        protocol: None,
        ssl_policy: None,
        default_certificate: None,
        default_actions: Vec::new(),
    }
}
