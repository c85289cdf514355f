//! Target groups of a load balancer: one that fits the settings, and what was there before.
//!
//! AWS lets a target group serve one load balancer, so each has its own. A change of what AWS cannot change (protocol,
//! port, target type) is a new group on the same load balancer: it joins the forward action with weight 0, since AWS
//! checks no group that no listener uses, and takes over when it is healthy.

use albatross_contract::{
    AttributeChange, AutoScalingGroup, CreateTargetGroup, Diagnostic, DiagnosticCode, HealthCheck,
    IpAddressType, ModifyTargetGroup, Operation, Protocol, ResourceReference, Settings, Severity,
    TargetGroup, TargetHealth, TargetType,
};

use super::{
    Context, Forwarding,
    actions::{Actions, Draft},
    forwarding::{serving, weighted},
};
use crate::{
    grouping::Slot,
    identity::{load_balancer_name, ownership_tags, proxy_target_group_name, tag, tag_value},
    observed::{Concern, Observed, Owned},
};

/// Protocol to the proxy on the nodes.
const PROTOCOL: Protocol = Protocol::Http;

/// What AWS sets when nobody says otherwise (ELBv2 TargetGroupAttribute).
const DEFAULT_DEREGISTRATION_DELAY: u32 = 300;

/// Whether a target group is what the settings ask for, as far as AWS cannot change it.
pub fn fits(group: &TargetGroup, observed: &Observed<'_>) -> bool {
    group.protocol == PROTOCOL
        && group.port == Some(observed.settings.proxy.target_port)
        && group.target_type == TargetType::Instance
        && group.vpc_id.as_deref() == Some(observed.inventory.vpc.id.as_str())
}

/// The target group of a load balancer that fits the settings, if there is one. AWS lets only one load balancer use it.
pub fn fitting<'a>(owned: &Owned<'a>, observed: &Observed<'_>) -> Option<&'a TargetGroup> {
    let fitting = owned.target_groups.iter().copied().filter(|group| fits(group, observed));
    fitting.min_by_key(|group| owned.user_elsewhere(group).is_some())
}

/// Whether a target group can take over: it has targets, and at least half of them are healthy.
pub fn is_healthy(group: &TargetGroup) -> bool {
    let registered = group.targets.iter().filter(|target| target.health != TargetHealth::Draining).count();
    let healthy = group.targets.iter().filter(|target| target.health == TargetHealth::Healthy).count();
    healthy > 0 && healthy * 2 >= registered
}

/// Sees to the target groups of a slot and says what its listeners forward to.
pub fn maintain(
    slot: &Slot<'_>,
    waiting: &[String],
    context: &Context<'_, '_>,
    actions: &mut Actions,
    diagnostics: &mut Vec<Diagnostic>,
) -> Forwarding {
    let observed = context.observed;
    let fitting = slot.owned.and_then(|owned| fitting(owned, observed));
    let serving = slot.owned.map(serving).unwrap_or_default();
    // While a listener still sends requests to another than the fitting one, that is the one before.
    let is_fitting = |group: &&&TargetGroup| fitting.is_some_and(|fitting| fitting.arn == group.arn);
    let forwarded = serving.iter().find(|group| !is_fitting(group)).or(serving.first()).copied();
    let serving: Vec<ResourceReference> =
        serving.iter().map(|group| ResourceReference::Existing(group.arn.clone())).collect();
    let name = load_balancer_name(&observed.settings.identity, &slot.id);
    let port = observed.settings.proxy.target_port;
    let name = proxy_target_group_name(&name, observed.settings, &observed.inventory.vpc.id);
    let can_change = observed.completeness.allows(Concern::ChangeTargets);
    match (fitting, forwarded) {
        (Some(group), forwarded) => {
            if can_change {
                adjust(group, slot, observed, actions);
            }
            let current = ResourceReference::Existing(group.arn.clone());
            let before = forwarded.filter(|old| old.arn != group.arn && !is_healthy(group));
            follow(before, current, group.name.clone(), port, serving)
        }
        (None, Some(old)) if !can_change || full_auto_scaling_group(context, actions).is_some() => {
            if let Some(group) = full_auto_scaling_group(context, actions) {
                diagnostics.push(no_room(&old.name, group, observed));
            }
            keep(old, port, serving)
        }
        (None, None) if slot.owned.is_some() && !observed.completeness.allows(Concern::MakeTargetGroup) => {
            nowhere(name, port)
        }
        // Somebody took our tags off, or took the name: what is there serves on, and a person has to look.
        (None, forwarded) if observed.inventory.target_groups.iter().any(|group| group.name == name) => {
            diagnostics.push(name_taken(&name));
            match forwarded {
                Some(old) => keep(old, port, serving),
                None => nowhere(name, port),
            }
        }
        (None, forwarded) => {
            let current = create(slot, &name, waiting, observed, actions);
            follow(forwarded, current, name, port, serving)
        }
    }
}

/// Requests go to the current one; while one before it serves, the current one waits beside that.
fn follow(
    before: Option<&TargetGroup>,
    current: ResourceReference,
    name: String,
    port: u16,
    serving: Vec<ResourceReference>,
) -> Forwarding {
    let groups = match before {
        Some(old) => {
            vec![weighted(ResourceReference::Existing(old.arn.clone()), 1), weighted(current.clone(), 0)]
        }
        None => vec![weighted(current.clone(), 1)],
    };
    Forwarding { current: Some(current), name, port, groups, serving, stays: before.is_some() }
}

/// Everything goes where it goes now.
fn keep(old: &TargetGroup, port: u16, serving: Vec<ResourceReference>) -> Forwarding {
    let current = ResourceReference::Existing(old.arn.clone());
    let groups = vec![weighted(current.clone(), 1)];
    let port = old.port.unwrap_or(port);
    Forwarding { current: Some(current), name: old.name.clone(), port, groups, serving, stays: true }
}

/// Listeners stay as they are, and none is made.
fn nowhere(name: String, port: u16) -> Forwarding {
    Forwarding { current: None, name, port, groups: Vec::new(), serving: Vec::new(), stays: true }
}

fn full_auto_scaling_group<'a>(context: &Context<'a, '_>, actions: &Actions) -> Option<&'a str> {
    context.nodes.auto_scaling_groups.iter().copied().find(|name| {
        let found = context.observed.auto_scaling_groups.get(name);
        found.is_some_and(|group| is_full(group, context.observed, actions))
    })
}

/// Whether an Auto Scaling Group can take no further target group, those that this plan attaches counted.
pub fn is_full(group: &AutoScalingGroup, observed: &Observed<'_>, actions: &Actions) -> bool {
    let limit = observed.inventory.quotas.target_groups_per_auto_scaling_group as usize;
    group.target_groups.len() + actions.attached_to(&group.name) >= limit
}

fn no_room(target_group: &str, auto_scaling_group: &str, observed: &Observed<'_>) -> Diagnostic {
    Diagnostic {
        code: DiagnosticCode::AutoScalingGroupFull,
        severity: Severity::Warning,
        subject: target_group.to_owned(),
        field: Some("port".to_owned()),
        message: format!(
            "it should be replaced by a target group on port {}, but Auto Scaling Group {auto_scaling_group} can take \
             no further one; it stays",
            observed.settings.proxy.target_port
        ),
        remedy: Some("detach what it does not need, or raise the quota".to_owned()),
    }
}

fn name_taken(target_group: &str) -> Diagnostic {
    Diagnostic {
        code: DiagnosticCode::NameTaken,
        severity: Severity::Error,
        subject: target_group.to_owned(),
        field: None,
        message: "a target group of this name exists and does not carry our tags: listeners and targets stay as they \
                  are"
            .to_owned(),
        remedy: Some("put the tags back, or rename or remove it".to_owned()),
    }
}

fn create(
    slot: &Slot<'_>,
    name: &str,
    waiting: &[String],
    observed: &Observed<'_>,
    actions: &mut Actions,
) -> ResourceReference {
    let settings = observed.settings;
    let operation = Operation::CreateTargetGroup(CreateTargetGroup {
        name: name.to_owned(),
        protocol: PROTOCOL,
        protocol_version: Some("HTTP1".to_owned()),
        port: Some(settings.proxy.target_port),
        target_type: TargetType::Instance,
        ip_address_type: IpAddressType::Ipv4,
        vpc_id: Some(observed.inventory.vpc.id.clone()),
        health_check: health_check(settings),
        tags: ownership_tags(&settings.identity, &slot.id),
    });
    let reason = "a target group serves one load balancer, so each has its own";
    let id = actions.push(
        &slot.id,
        Draft::new(format!("target-group/{name}/create"), reason, operation).for_ingresses(waiting),
    );
    let current = ResourceReference::CreatedBy(id.clone());
    if settings.proxy.deregistration_delay != DEFAULT_DEREGISTRATION_DELAY {
        let draft = deregistration_delay(name, &current, settings).after([id]);
        actions.push(&slot.id, draft);
    }
    current
}

/// Changes in place what AWS can change.
fn adjust(group: &TargetGroup, slot: &Slot<'_>, observed: &Observed<'_>, actions: &mut Actions) {
    let settings = observed.settings;
    let reference = ResourceReference::Existing(group.arn.clone());
    let wanted = health_check(settings);
    if group.health_check != wanted {
        let operation = Operation::ModifyTargetGroup(ModifyTargetGroup {
            target_group: reference.clone(),
            health_check: wanted,
        });
        let id = format!("target-group/{}/health-check", group.name);
        actions.push(&slot.id, Draft::new(id, "the settings ask for another health check", operation));
    }
    let delay = tag_value(&group.attributes, "deregistration_delay.timeout_seconds")
        .and_then(|value| value.parse().ok());
    if delay.unwrap_or(DEFAULT_DEREGISTRATION_DELAY) != settings.proxy.deregistration_delay {
        actions.push(&slot.id, deregistration_delay(&group.name, &reference, settings));
    }
}

fn deregistration_delay(name: &str, group: &ResourceReference, settings: &Settings) -> Draft {
    let operation = Operation::ModifyTargetGroupAttributes(AttributeChange {
        resource: group.clone(),
        attributes: vec![tag(
            "deregistration_delay.timeout_seconds",
            &settings.proxy.deregistration_delay.to_string(),
        )],
    });
    Draft::new(
        format!("target-group/{name}/attributes"),
        "the settings ask for another deregistration delay",
        operation,
    )
}

/// The health check of the settings.
fn health_check(settings: &Settings) -> HealthCheck {
    let proxy = &settings.proxy;
    HealthCheck {
        protocol: PROTOCOL,
        port: proxy.health_check_port.to_string(),
        path: Some(proxy.health_check_path.clone()),
        interval: proxy.health_check_interval,
        timeout: proxy.health_check_timeout,
        healthy_threshold: proxy.healthy_threshold,
        unhealthy_threshold: proxy.unhealthy_threshold,
        matcher: Some("200".to_owned()),
    }
}
