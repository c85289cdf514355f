//! Wanted load balancers, built by hand.

use std::sync::LazyLock;

use albatross_contract::{
    Action, HealthCheck, IpAddressType, LoadBalancerFate, LoadBalancerKind, Mode, ObjectKind, Protocol,
    Scheme, TargetType,
};

use super::{There, actions::Actions};
use crate::{
    attributes::Attribute,
    backends::{TargetChanges, TargetGroupForm},
    identity::ownership_tags,
    kind::Kind,
    observed::{Observed, Owned},
    source::ObjectName,
    terms::Terms,
    testing::{self, leak},
    wanted::{Certificates, Destination, Firewall, Forward, LoadBalancer, Tags, TargetGroup},
};

/// An Ingress that waits for a load balancer.
pub const MEMBER: ObjectName<'_> =
    ObjectName { namespace: "shop", name: "checkout", kind: ObjectKind::Ingress };

/// The form of `testing::target_group`.
pub static FORM: LazyLock<TargetGroupForm<'static>> = LazyLock::new(form);

/// The same form, for changes.
pub fn form() -> TargetGroupForm<'static> {
    TargetGroupForm {
        protocol: Protocol::Http,
        protocol_version: Some("HTTP1"),
        port: 9999,
        target_type: TargetType::Instance,
        ip_address_type: IpAddressType::Ipv4,
        vpc: "vpc-1",
        health_check: health_check(),
        keeps_timeout: false,
        attributes: vec![attribute(
            "deregistration_delay.timeout_seconds",
            "300",
            "another deregistration delay",
        )],
        reason: "each has its own".into(),
        suffix: "suffix".into(),
        service: None,
    }
}

/// An attribute with AWS's default value.
fn attribute(key: &'static str, default: &'static str, reason: &'static str) -> Attribute {
    Attribute { key: key.into(), value: default.to_owned(), default: Some(default), reason: reason.into() }
}

/// The observed state that `diff` needs in addition to the resources.
pub fn there<'a>(observed: &'a Observed<'a>) -> There<'a> {
    There { attachments: &observed.auto_scaling_groups, time: observed.time, opened: &[] }
}

/// The health check of `testing::target_group`.
pub fn health_check() -> HealthCheck {
    testing::target_group("one").health_check
}

/// The wanted load balancer `one`, equal to `testing::load_balancer`: nothing has to change.
pub fn wanted(owned: Option<&'static Owned<'static>>) -> LoadBalancer<'static> {
    let ownership = ownership_tags(&testing::settings().identity, "one");
    LoadBalancer {
        id: "one".into(),
        name: "albatross-one".into(),
        owned,
        fate: LoadBalancerFate::Keep,
        is_managed: true,
        opened: None,
        creation: None,
        mode: Mode::Proxy,
        kind: LoadBalancerKind::Application,
        scheme: Scheme::InternetFacing,
        ip_address_type: IpAddressType::Ipv4,
        subnets: vec!["subnet-a", "subnet-b"],
        security_groups: vec!["sg-1"],
        firewall: Firewall::default(),
        attributes: vec![attribute("idle_timeout.timeout_seconds", "60", "another idle timeout")],
        deletion_protection: None,
        web_acl: None,
        tags: Tags { all: ownership.clone(), ..Tags::default() },
        ownership,
        terms: Terms {
            scheme: Scheme::InternetFacing,
            kind: Kind::APPLICATION,
            mode: Mode::Proxy,
            http_only: false,
            alone: None,
            key: None,
            part: 1,
            wishes: None,
        },
        members: vec![MEMBER],
        listeners: Vec::new(),
        certificates: Certificates::default(),
        target_groups: Vec::new(),
        forwards_to: Vec::new(),
        free_rules: 100,
        retired: Vec::new(),
    }
}

/// The wanted target group of the load balancer `one`: nothing has to change, and no targets join or leave.
pub fn target_group(there: Option<albatross_contract::TargetGroup>) -> TargetGroup<'static> {
    let there = there.map(leak);
    TargetGroup {
        name: there.map_or_else(|| "group".to_owned(), |there| there.name.clone()),
        there,
        form: Some(&FORM),
        is_current: true,
        is_fitting: true,
        is_of_pods: false,
        targets: TargetChanges::default(),
        tags: Vec::new(),
        holds: None,
    }
}

/// An existing target group, with a weight.
pub fn existing(arn: &'static str, weight: u16) -> Forward<'static> {
    Forward { to: Destination::Existing(arn), weight }
}

/// A target group that is created, with a weight.
pub fn made(name: &str, weight: u16) -> Forward<'static> {
    Forward { to: Destination::Made(name.to_owned()), weight }
}

/// The actions that a function adds.
pub fn actions(write: impl FnOnce(&mut Actions)) -> Vec<Action> {
    let mut actions = Actions::default();
    write(&mut actions);
    actions.into_list()
}
