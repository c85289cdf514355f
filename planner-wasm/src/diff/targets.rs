//! Targets: the nodes in a target group.
//!
//! Auto Scaling Groups are attached, single instances registered. Running targets leave only when the ones that stay
//! are healthy; taking the last, or more than half, is withheld.

use std::collections::BTreeSet;

use albatross_contract::{
    AutoScalingAttachment, Budget, Diagnostic, DiagnosticCode, Disruption, HealthCheckType, Operation,
    ResourceReference, Severity, Target, TargetChange, TargetGroup, TargetHealth, TargetId, Withheld,
};

use super::{
    Context, Forwarding,
    actions::{Actions, Draft, maker},
    target_groups::is_full,
};
use crate::{
    budgets::{allowance, number},
    grouping::Slot,
    observed::Concern,
    words,
};

/// What could not be done about the targets of a target group.
#[derive(Default)]
pub struct Held {
    /// What a budget holds back.
    pub withheld: Option<Withheld>,
    /// What there is to say.
    pub diagnostics: Vec<Diagnostic>,
}

/// A target group whose targets are seen to.
struct Subject<'a> {
    reference: &'a ResourceReference,
    /// As AWS has it.
    group: Option<&'a TargetGroup>,
    name: &'a str,
    /// What the ids of its actions begin with.
    prefix: String,
}

/// Sees to the targets of a target group that listeners use: the current one, or the one that serves until then.
pub fn maintain(
    slot: &Slot<'_>,
    target_group: &ResourceReference,
    forwarding: &Forwarding,
    waiting: &[String],
    context: &Context<'_, '_>,
    actions: &mut Actions,
) -> Held {
    let mut held = Held::default();
    if !context.nodes.usable || !context.observed.completeness.allows(Concern::ChangeTargets) {
        return held;
    }
    let group = match target_group {
        ResourceReference::Existing(arn) => {
            slot.owned.and_then(|owned| owned.target_groups.iter().copied().find(|group| group.arn == *arn))
        }
        ResourceReference::CreatedBy(_) => None,
    };
    let name = group.map_or(forwarding.name.as_str(), |group| group.name.as_str());
    let is_current = forwarding.current.as_ref() == Some(target_group);
    let prefix = if is_current { String::new() } else { format!("target-group/{name}/") };
    let subject = Subject { reference: target_group, group, name, prefix };
    held.diagnostics = join(slot, &subject, waiting, context, actions);
    let may_leave = |group: &&TargetGroup| {
        let is_used = !group.load_balancer_arns.is_empty();
        let concern = if is_used { Concern::LetTargetsLeave } else { Concern::EmptyTargetGroup };
        context.observed.completeness.allows(concern)
    };
    if let Some(group) = group.filter(may_leave) {
        let (withheld, diagnostic) = leave(slot, &subject, group, context, actions);
        held.withheld = withheld;
        held.diagnostics.extend(diagnostic);
    }
    held
}

fn join(
    slot: &Slot<'_>,
    subject: &Subject<'_>,
    waiting: &[String],
    context: &Context<'_, '_>,
    actions: &mut Actions,
) -> Vec<Diagnostic> {
    let nodes = context.nodes;
    let Subject { reference, group, name: group_name, prefix } = subject;
    let mut diagnostics = Vec::new();
    for name in &nodes.auto_scaling_groups {
        let Some(found) = context.observed.auto_scaling_groups.get(name) else { continue };
        if group.is_some_and(|group| found.target_groups.contains(&group.arn)) {
            continue;
        }
        if is_full(found, context.observed, actions) {
            diagnostics.push(no_room(group_name, name, context));
            continue;
        }
        let (disruption, reason) = match found.health_check_type {
            HealthCheckType::Ec2 => (Disruption::None, "its instances are nodes"),
            HealthCheckType::Elb => (
                Disruption::Nodes,
                "its instances are nodes; its health check type is ELB, so it replaces instances that are unhealthy here",
            ),
        };
        let operation = Operation::AttachTargetGroup(AutoScalingAttachment {
            auto_scaling_group: (*name).to_owned(),
            target_group: (*reference).clone(),
        });
        let draft = Draft::new(format!("{prefix}auto-scaling-group/{name}/attach"), reason, operation);
        actions.push(&slot.id, draft.after(maker(reference)).for_ingresses(waiting).disrupting(disruption));
    }
    let registered = |id: &str| {
        group.is_some_and(|group| {
            let is_it = |target: &&Target| target.id == id && on_own_port(target, group);
            group.targets.iter().filter(is_it).any(|target| target.health != TargetHealth::Draining)
        })
    };
    let missing: Vec<&str> = nodes.singles.iter().copied().filter(|id| !registered(id)).collect();
    if !missing.is_empty() {
        let operation = Operation::RegisterTargets(TargetChange {
            target_group: (*reference).clone(),
            targets: missing.iter().map(|id| TargetId { id: (*id).to_owned(), port: None }).collect(),
        });
        let reason =
            format!("{} no Auto Scaling Group holds", words::count(missing.len(), "node that", "nodes that"));
        let draft = Draft::new(format!("{prefix}targets/register"), reason, operation);
        actions.push(&slot.id, draft.after(maker(reference)).for_ingresses(waiting));
    }
    diagnostics
}

fn no_room(target_group: &str, auto_scaling_group: &str, context: &Context<'_, '_>) -> Diagnostic {
    let limit = context.observed.inventory.quotas.target_groups_per_auto_scaling_group;
    Diagnostic {
        code: DiagnosticCode::AutoScalingGroupFull,
        severity: Severity::Warning,
        subject: target_group.to_owned(),
        field: None,
        message: format!(
            "its targets lack the instances of Auto Scaling Group {auto_scaling_group}, which has all of the {limit} \
             target groups that it may have"
        ),
        remedy: Some("detach what it does not need, or raise the quota".to_owned()),
    }
}

/// Something that should leave: an Auto Scaling Group with its instances, or a single target.
struct Leaver<'a> {
    id: &'a str,
    is_group: bool,
    /// Where somebody registered a target on another port than the target group's.
    port: Option<u16>,
    running: usize,
}

fn leave(
    slot: &Slot<'_>,
    subject: &Subject<'_>,
    group: &TargetGroup,
    context: &Context<'_, '_>,
    actions: &mut Actions,
) -> (Option<Withheld>, Option<Diagnostic>) {
    let name = subject.name;
    let running: Vec<&Target> = group.targets.iter().filter(|target| runs(target)).collect();
    let leavers = leavers(group, &running, context);
    if leavers.is_empty() {
        return (None, None);
    }
    let allowances = &context.observed.settings.allowances.targets;
    let (allowed, asked): (Vec<_>, Vec<_>) = leavers
        .into_iter()
        .partition(|leaver| leaver.running == 0 || allowances.iter().any(|id| id == leaver.id));
    let leaving: usize = asked.iter().map(|leaver| leaver.running).sum();
    let all_leaving: usize = leaving + allowed.iter().map(|leaver| leaver.running).sum::<usize>();
    let too_many = leaving > 0 && (all_leaving >= running.len() || leaving * 2 > running.len());
    let ids: Vec<String> = asked.iter().map(|leaver| leaver.id.to_owned()).collect();
    let (groups, singles): (Vec<&Leaver<'_>>, Vec<&Leaver<'_>>) =
        asked.iter().chain(&allowed).partition(|leaver| leaver.is_group);
    let gone: BTreeSet<(&str, Option<u16>)> = singles.iter().map(|leaver| (leaver.id, leaver.port)).collect();
    let groups: BTreeSet<&str> = groups.iter().map(|leaver| leaver.id).collect();
    let sick = running.iter().find(|target| {
        target.health != TargetHealth::Healthy
            && !gone.contains(&(target.id.as_str(), other_port(target, group)))
            && !(on_own_port(target, group) && in_leaving_group(target, &groups, context))
    });
    let mut withheld = None;
    let mut diagnostic = None;
    let mut go = allowed;
    if too_many {
        withheld = Some(Withheld {
            budget: Budget::Targets,
            subject: Some(name.to_owned()),
            count: number(leaving),
            total: number(running.len()),
            limit: number(running.len() / 2),
            message: format!(
                "{leaving} of {} running targets of {name} would leave: withheld, since that is more than half or the \
                 last. {}",
                running.len(),
                allowance("--allow-targets", &ids)
            ),
            ids,
        });
    } else if let Some(sick) = sick.filter(|_| leaving > 0) {
        diagnostic = Some(Diagnostic {
            code: DiagnosticCode::TargetsUnhealthy,
            severity: Severity::Info,
            subject: name.to_owned(),
            field: None,
            message: format!(
                "{} should leave, and wait until all that stay are healthy ({} is not)",
                words::list(ids.iter().map(String::as_str)),
                sick.id
            ),
            remedy: None,
        });
    } else {
        go.extend(asked);
    }
    push_leavers(slot, subject, &go, actions);
    (withheld, diagnostic)
}

fn runs(target: &Target) -> bool {
    !matches!(target.health, TargetHealth::Unused | TargetHealth::Draining)
}

fn in_leaving_group(target: &Target, gone: &BTreeSet<&str>, context: &Context<'_, '_>) -> bool {
    let groups = context.observed.auto_scaling_groups.values();
    groups
        .filter(|group| group.instances.contains(&target.id))
        .any(|group| gone.contains(group.name.as_str()))
}

fn leavers<'a>(group: &'a TargetGroup, running: &[&'a Target], context: &Context<'a, '_>) -> Vec<Leaver<'a>> {
    let nodes = context.nodes;
    let mut leavers = Vec::new();
    let mut held: BTreeSet<&str> = BTreeSet::new();
    let mut detached: BTreeSet<&str> = BTreeSet::new();
    let attached = context.observed.auto_scaling_groups.values();
    for found in attached.filter(|found| found.target_groups.contains(&group.arn)) {
        let instances = found.instances.iter().map(String::as_str);
        // One without instances may be scaled to nothing for now: it is told from one that is no longer ours only by
        // instances that the filters do not select.
        if nodes.auto_scaling_groups.contains(found.name.as_str()) || found.instances.is_empty() {
            held.extend(instances);
        } else {
            detached.extend(instances);
            let is_its =
                |target: &&&Target| found.instances.contains(&target.id) && on_own_port(target, group);
            let running = running.iter().filter(is_its).count();
            leavers.push(Leaver { id: &found.name, is_group: true, port: None, running });
        }
    }
    // An Auto Scaling Group registers an instance before its own list is read again, and one list may lack the group:
    // the instance's tag, which only Auto Scaling can set, says it too (Amazon EC2 Auto Scaling user guide, "Tag Auto
    // Scaling groups and instances").
    let instances = &context.observed.inventory.instances;
    let tagged = instances.iter().filter(|instance| instance.auto_scaling_group.is_some());
    held.extend(tagged.map(|instance| instance.id.as_str()));
    for target in &group.targets {
        let id = target.id.as_str();
        let stays = nodes.singles.contains(id)
            || held.contains(id)
            || (detached.contains(id) && on_own_port(target, group));
        // Instances that an Auto Scaling Group has ended leave with it.
        if !stays && target.health != TargetHealth::Draining {
            let port = other_port(target, group);
            let running = usize::from(runs(target));
            leavers.push(Leaver { id: &target.id, is_group: false, port, running });
        }
    }
    leavers
}

fn push_leavers(slot: &Slot<'_>, subject: &Subject<'_>, leavers: &[Leaver<'_>], actions: &mut Actions) {
    let Subject { reference: target_group, prefix, .. } = subject;
    for leaver in leavers.iter().filter(|leaver| leaver.is_group) {
        let operation = Operation::DetachTargetGroup(AutoScalingAttachment {
            auto_scaling_group: leaver.id.to_owned(),
            target_group: (*target_group).clone(),
        });
        let draft = Draft::new(
            format!("{prefix}auto-scaling-group/{}/detach", leaver.id),
            "its instances are no nodes any more",
            operation,
        );
        actions.push(&slot.id, draft.disrupting(disruption(leaver.running)));
    }
    let singles: Vec<&Leaver<'_>> = leavers.iter().filter(|leaver| !leaver.is_group).collect();
    if !singles.is_empty() {
        let running = singles.iter().map(|leaver| leaver.running).sum();
        let operation = Operation::DeregisterTargets(TargetChange {
            target_group: (*target_group).clone(),
            targets: singles.iter().map(|leaver| leaver.target()).collect(),
        });
        let reason =
            format!("{} a node any more", words::count(singles.len(), "target is not", "targets are not"));
        let draft = Draft::new(format!("{prefix}targets/deregister"), reason, operation);
        actions.push(&slot.id, draft.disrupting(disruption(running)));
    }
}

fn disruption(running: usize) -> Disruption {
    if running == 0 { Disruption::None } else { Disruption::Drain }
}

impl Leaver<'_> {
    fn target(&self) -> TargetId {
        TargetId { id: self.id.to_owned(), port: self.port }
    }
}

/// Whether a target is on the port of its target group. A person may have registered it on another one.
fn on_own_port(target: &Target, group: &TargetGroup) -> bool {
    target.port.is_none() || target.port == group.port
}

/// The port of a target where it is not that of its target group: AWS takes the latter when none is named.
fn other_port(target: &Target, group: &TargetGroup) -> Option<u16> {
    target.port.filter(|_| !on_own_port(target, group))
}
