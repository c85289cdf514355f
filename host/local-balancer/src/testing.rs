//! What tests share: a listener, its rules and target groups, and a wire.

#![allow(clippy::unwrap_used, clippy::expect_used)]

pub mod wire;

use std::{collections::BTreeMap, time::Duration};

use albatross_contract::{
    FixedResponseAction, ForwardAction, Listener, ListenerAction, Protocol, ResourceReference, Rule,
    RuleCondition, Target, TargetHealth, TextMatch, WeightedTargetGroup,
};

use crate::front::{ForwardedFor, Front, Group};

/// A listener that has no rules and answers 404.
pub fn front() -> Front {
    let not_found =
        FixedResponseAction { status_code: 404, content_type: None, message_body: Some("nothing".into()) };
    Front {
        load_balancer: "albatross-3b1f".into(),
        is_application: true,
        listener: Listener {
            arn: "listener".into(),
            port: 80,
            protocol: Protocol::Http,
            default_certificate: None,
            certificates: Vec::new(),
            ssl_policy: None,
            default_actions: vec![ListenerAction::FixedResponse(not_found)],
            rules: Vec::new(),
            attributes: Vec::new(),
            tags: Vec::new(),
            mutual_authentication: None,
            alpn_policy: None,
        },
        target_groups: BTreeMap::new(),
        certificates: Vec::new(),
        idle_timeout: Duration::from_secs(60),
        forwarded_for: ForwardedFor::Append,
    }
}

/// A rule for a path that forwards to target groups with weights.
pub fn rule(priority: u32, path: &str, weights: &[(&str, u16)]) -> Rule {
    let group = |(arn, weight): &(&str, u16)| WeightedTargetGroup {
        target_group: ResourceReference::Existing((*arn).to_owned()),
        weight: *weight,
    };
    let forward = ForwardAction { target_groups: weights.iter().map(group).collect(), stickiness: None };
    Rule {
        arn: format!("rule-{priority}"),
        priority,
        conditions: vec![RuleCondition::PathPattern(TextMatch {
            values: vec![path.to_owned()],
            regular_expressions: Vec::new(),
        })],
        actions: vec![ListenerAction::Forward(forward)],
        transforms: Vec::new(),
        tags: Vec::new(),
    }
}

/// The target group of a Service, with targets in these states.
pub fn group(service: &str, targets: &[(&str, TargetHealth)]) -> Group {
    let target = |(id, health): &(&str, TargetHealth)| Target {
        id: (*id).to_owned(),
        port: Some(8080),
        health: *health,
        reason: None,
        availability_zone: None,
        quic_server_id: None,
        administrative_override: None,
    };
    Group {
        name: format!("{service}:80"),
        service: Some(service.to_owned()),
        targets: targets.iter().map(target).collect(),
        port: Some(80),
    }
}
