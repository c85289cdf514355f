//! Target groups of a load balancer: one that fits the settings, and what was there before.
//!
//! AWS lets a target group serve one load balancer, so each has its own. A change of what AWS cannot change (protocol,
//! port, target type) is a new group on the same load balancer: it joins the forward action with weight 0, since AWS
//! checks no group that no listener uses, and takes over when it is healthy.

use albatross_contract::{
    AttributeChange, AutoScalingGroup, CreateTargetGroup, Diagnostic, DiagnosticCode, ForwardAction,
    HealthCheck, IpAddressType, ListenerAction, ModifyTargetGroup, Operation, Protocol, ResourceReference,
    Settings, Severity, TargetGroup, TargetHealth, TargetType, WeightedTargetGroup,
};

use super::{
    Context,
    actions::{Actions, Draft},
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

/// What listeners forward to.
#[derive(Clone)]
pub struct Forwarding {
    /// The target group that fits the settings. `None`: it is not known whether there is one.
    pub current: Option<ResourceReference>,
    /// Its name.
    pub name: String,
    /// Port of its targets.
    pub port: u16,
    /// Target groups with their weights, as the listeners should have them. Empty: as they are.
    pub groups: Vec<WeightedTargetGroup>,
}

impl Forwarding {
    /// As a listener's default action.
    pub fn action(&self) -> ListenerAction {
        ListenerAction::Forward(ForwardAction { target_groups: self.groups.clone(), stickiness: None })
    }

    /// Whether a listener does this already. A single group gets everything, whatever its weight. Where nothing is
    /// known of the target groups, whatever it does stays. A listener that sends all to the current one has moved on
    /// before the others, and stays there while they wait.
    pub fn is_done_by(&self, actions: &[ListenerAction]) -> bool {
        if self.groups.is_empty() {
            return true;
        }
        let [ListenerAction::Forward(forward)] = actions else { return false };
        if let ([only], Some(current)) = (forward.target_groups.as_slice(), &self.current)
            && only.target_group == *current
        {
            return true;
        }
        let shape = |groups: &[WeightedTargetGroup]| {
            let mut shape: Vec<(ResourceReference, u16)> =
                groups.iter().map(|group| (group.target_group.clone(), group.weight)).collect();
            if let [only] = shape.as_mut_slice() {
                only.1 = 1;
            }
            shape.sort();
            shape
        };
        shape(&forward.target_groups) == shape(&self.groups)
    }
}

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
    let forwarded = slot.owned.and_then(|owned| forwarded_to(owned, fitting));
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
            let groups = match forwarded {
                Some(old) if old.arn != group.arn && !is_healthy(group) => {
                    vec![
                        weighted(ResourceReference::Existing(old.arn.clone()), 1),
                        weighted(current.clone(), 0),
                    ]
                }
                _ => vec![weighted(current.clone(), 1)],
            };
            Forwarding { current: Some(current), name: group.name.clone(), port, groups }
        }
        (None, Some(old)) if !can_change || full_auto_scaling_group(context, actions).is_some() => {
            if let Some(group) = full_auto_scaling_group(context, actions) {
                diagnostics.push(no_room(&old.name, group, observed));
            }
            keep(old, port)
        }
        (None, None) if slot.owned.is_some() && !observed.completeness.allows(Concern::MakeTargetGroup) => {
            Forwarding { current: None, name, port, groups: Vec::new() }
        }
        // Somebody took our tags off, or took the name: what is there serves on, and a person has to look.
        (None, forwarded) if observed.inventory.target_groups.iter().any(|group| group.name == name) => {
            diagnostics.push(name_taken(&name));
            match forwarded {
                Some(old) => keep(old, port),
                None => Forwarding { current: None, name, port, groups: Vec::new() },
            }
        }
        (None, forwarded) => {
            let current = create(slot, &name, waiting, observed, actions);
            let groups = match forwarded {
                Some(old) => {
                    vec![
                        weighted(ResourceReference::Existing(old.arn.clone()), 1),
                        weighted(current.clone(), 0),
                    ]
                }
                None => vec![weighted(current.clone(), 1)],
            };
            Forwarding { current: Some(current), name, port, groups }
        }
    }
}

/// Everything goes where it goes now.
fn keep(old: &TargetGroup, port: u16) -> Forwarding {
    let current = ResourceReference::Existing(old.arn.clone());
    let groups = vec![weighted(current.clone(), 1)];
    Forwarding { current: Some(current), name: old.name.clone(), port: old.port.unwrap_or(port), groups }
}

/// The target group of ours that the listeners send requests to. While one of them still sends some to another than the
/// fitting one, it is that.
fn forwarded_to<'a>(owned: &Owned<'a>, fitting: Option<&TargetGroup>) -> Option<&'a TargetGroup> {
    let listeners = owned.load_balancer.into_iter().flat_map(|found| &found.listeners);
    let forwards =
        listeners.flat_map(|listener| &listener.default_actions).filter_map(|action| match action {
            ListenerAction::Forward(forward) => Some(forward),
            _ => None,
        });
    let groups = forwards.flat_map(|forward| {
        let single = forward.target_groups.len() == 1;
        forward.target_groups.iter().filter(move |group| single || group.weight > 0)
    });
    let mut found: Vec<&TargetGroup> = groups
        .filter_map(|weighted| match &weighted.target_group {
            ResourceReference::Existing(arn) => {
                owned.target_groups.iter().copied().find(|group| group.arn == *arn)
            }
            ResourceReference::CreatedBy(_) => None,
        })
        .collect();
    found.sort_by_key(|group| (fitting.is_some_and(|fitting| fitting.arn == group.arn), &group.arn));
    found.into_iter().next()
}

fn weighted(target_group: ResourceReference, weight: u16) -> WeightedTargetGroup {
    WeightedTargetGroup { target_group, weight }
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
