//! Network Load Balancers in generated worlds.

use albatross_contract::{Ingress, LoadBalancerKind, NetworkSettings, SecurityGroup, ZoneAffinity};

use super::{Dice, annotate, routed::is_routed};
use crate::Controller;

const TYPE: &str = "zalando.org/aws-load-balancer-type";
const WEB_ACL: &str = "zalando.org/aws-waf-web-acl-id";
const SECURITY_GROUP: &str = "zalando.org/aws-load-balancer-security-group";

/// A security group that no load balancer has by default.
const OTHER_GROUP: &str = "sg-2";

/// The security group for which some Ingresses ask.
pub fn other_group(default: &SecurityGroup) -> SecurityGroup {
    let id = OTHER_GROUP.to_owned();
    SecurityGroup { name: id.clone(), id, tags: Vec::new(), ..default.clone() }
}

/// Lets some Ingresses in proxy mode ask for a Network Load Balancer. Returns whether any does.
pub fn add(story: &mut Controller, dice: &mut Dice) -> bool {
    if dice.percent(50) {
        return false;
    }
    story.settings.proxy.network = dice.percent(60).then(|| settings(dice));
    if dice.percent(20) {
        story.settings.proxy.default_kind = Some(LoadBalancerKind::Network);
    }
    let mut ingresses = story.cluster.cluster().ingresses.clone();
    for ingress in ingresses.iter_mut().filter(|ingress| !is_routed(ingress)) {
        if dice.percent(40) {
            ask(ingress, dice);
        }
    }
    let any = ingresses.iter().any(|it| it.metadata.annotations.iter().any(|tag| tag.key == TYPE));
    story.apply_all(ingresses);
    any
}

/// Settings of Network Load Balancers.
pub fn settings(dice: &mut Dice) -> NetworkSettings {
    let affinities = [
        ZoneAffinity::AnyAvailabilityZone,
        ZoneAffinity::PartialAvailabilityZoneAffinity,
        ZoneAffinity::AvailabilityZoneAffinity,
    ];
    let mut maybe = |percent| dice.percent(percent);
    let (http, cross_zone, has_groups) = (maybe(50), maybe(50), maybe(25));
    NetworkSettings {
        http_target_port: dice.percent(30).then_some(9_998),
        http: Some(http),
        cross_zone: Some(cross_zone),
        zone_affinity: Some(*dice.pick(&affinities)),
        threshold: Some(*dice.pick(&[2, 3, 10])),
        health_check_timeout: dice.percent(33).then_some(2),
        security_groups: if has_groups { vec!["sg-1".to_owned()] } else { Vec::new() },
    }
}

/// An Ingress asks for a kind of load balancer, and sometimes for what the kind cannot have.
pub fn ask(ingress: &mut Ingress, dice: &mut Dice) {
    let kind: &&str = dice.pick(&["nlb", "nlb", "nlb", "alb"]);
    annotate(ingress, TYPE, kind);
    if dice.percent(10) {
        annotate(ingress, SECURITY_GROUP, OTHER_GROUP);
    }
    if dice.percent(10) {
        annotate(ingress, WEB_ACL, "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/shop/1a2b");
    }
}
