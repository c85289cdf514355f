//! The security groups of the targets: they admit the load balancers, through the security group that these share.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    self as contract, Diagnostic, DiagnosticCode, Instance, InstanceState, SecurityGroupPeer, TargetType,
};

use super::{
    super::{LoadBalancer, build::Sources, tags},
    OF_LOAD_BALANCERS, Rules, SecurityGroup, free_name, inbound, ports, rule,
};
use crate::{
    backends::PORT_OF_EACH_TARGET,
    diagnostics::{Details, Subject, info, warning},
    identity::{cluster_tag, load_balancer_name, shared_id, tag_value},
    network::security_groups::is_rule_for,
    observed::{Concern, Observed},
    words,
};

const DESCRIPTION: &str = "Managed by Albatross: targets admit the load balancers in this group";

/// How many ports a reason names.
const PORTS: usize = 20;

/// How the targets admit the load balancers.
#[derive(Default)]
pub struct Targets<'a> {
    /// The id of ours that the shared security group carries.
    pub id: String,
    /// The security group that the load balancers share. `None`: no load balancer needs it, and none exists.
    pub shared: Option<SecurityGroup<'a>>,
    /// The shared security group, if it is deleted.
    pub goes: Option<&'a contract::SecurityGroup>,
    /// The security groups of targets.
    pub admissions: Vec<Admission<'a>>,
}

/// A security group of targets, and the rules of ours on it.
pub struct Admission<'a> {
    /// The security group.
    pub group: &'a contract::SecurityGroup,
    /// The rules.
    pub rules: Rules,
}

/// The security groups of the nodes.
struct OfNodes<'a> {
    groups: BTreeMap<&'a str, &'a contract::SecurityGroup>,
    /// Nodes of which it is not known which security group admits requests, by their security groups.
    unclear: BTreeMap<&'a [String], BTreeSet<&'a str>>,
    /// Targets that the inventory does not have.
    unknown: BTreeSet<&'a str>,
}

/// Decides about the shared security group and the security groups of the targets, and gives the load balancers their
/// security groups.
pub fn describe<'a>(
    load_balancers: &mut [LoadBalancer<'a>],
    sources: &Sources<'a, '_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Targets<'a> {
    let observed = sources.observed;
    let there = observed.shared_security_group;
    let users: Vec<&LoadBalancer<'a>> = load_balancers.iter().filter(|it| uses(it, there)).collect();
    let is_used = !users.is_empty();
    let id = shared_id(&observed.settings.identity, &observed.inventory.vpc.id);
    let mut targets = Targets { id, ..Targets::default() };
    if there.is_none() && !is_used {
        return targets;
    }
    let nodes = OfNodes::read(&users, observed);
    if is_used {
        let ports = ports(&users, there, observed);
        targets.shared = Some(shared(there, reason(&nodes, &ports), observed));
        nodes.tell(&users, observed, diagnostics);
    }
    if let Some(there) = there {
        let ports = ports(&users, Some(there), observed);
        // Where no load balancer needs them, rules go whatever the security groups of the nodes are.
        let may_revoke = may_close(observed) && (!is_used || nodes.is_clear());
        targets.admissions = admissions(there, &ports, &nodes, may_revoke, observed, diagnostics);
        let goes = !is_used && may_close(observed) && observed.shared_security_group_is_free;
        targets.goes = goes.then_some(there);
    }
    let is_ready = there.is_some() && nodes.is_clear();
    for load_balancer in load_balancers.iter_mut().filter(|it| it.firewall.reaches_targets) {
        if let Some(shared) = &targets.shared {
            attach(load_balancer, shared, is_ready);
        }
    }
    targets
}

/// Whether a load balancer has the shared security group, now or after the plan.
fn uses(load_balancer: &LoadBalancer<'_>, shared: Option<&contract::SecurityGroup>) -> bool {
    let has = |group| load_balancer.owned.is_some_and(|owned| owned.has_security_group(group));
    load_balancer.firewall.reaches_targets || shared.is_some_and(has)
}

/// Gives a load balancer its own security groups and the shared one. A load balancer without the shared one keeps its
/// security groups until the targets admit the shared one, since otherwise its requests would not arrive.
fn attach<'a>(load_balancer: &mut LoadBalancer<'a>, shared: &SecurityGroup<'a>, is_ready: bool) {
    let LoadBalancer { owned, security_groups, firewall, .. } = load_balancer;
    let has_shared =
        owned.is_some_and(|owned| shared.there.is_some_and(|there| owned.has_security_group(there)));
    let is_new = owned.is_none_or(|owned| owned.load_balancer.is_none());
    if !firewall.front.is_empty() {
        if !(is_new || has_shared || is_ready) {
            return;
        }
        security_groups.clear();
    }
    for group in firewall.front.iter().chain([shared]) {
        match group.there {
            Some(there) if security_groups.contains(&there.id.as_str()) => {}
            Some(there) => security_groups.push(&there.id),
            None => firewall.made.push(group.made()),
        }
    }
}

/// Why the shared security group is created, and what it opens when it exists.
fn reason(nodes: &OfNodes<'_>, ports: &BTreeSet<u16>) -> String {
    let groups = nodes.groups.values().map(|group| match group.name.is_empty() {
        true => group.id.clone(),
        false => format!("{} ({})", group.name, group.id),
    });
    let groups: Vec<String> = groups.collect();
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    let shared = "the load balancers share it";
    match (groups.as_slice(), ports.as_slice()) {
        ([], _) | (_, []) => format!("{shared}, and the security groups of their targets admit it"),
        (groups, ports) => format!(
            "{shared}; later, when it exists, the nodes' security {} it to TCP {} {}",
            match groups {
                [only] => format!("group {only} admits"),
                many => format!("groups {} admit", words::list(many.iter().map(String::as_str))),
            },
            if ports.len() == 1 { "port" } else { "ports" },
            words::list_of(ports.iter().map(String::as_str), PORTS)
        ),
    }
}

fn shared<'a>(
    there: Option<&'a contract::SecurityGroup>,
    reason: String,
    observed: &Observed<'a>,
) -> SecurityGroup<'a> {
    let identity = &observed.settings.identity;
    let vpc = observed.inventory.vpc.id.as_str();
    let id = shared_id(identity, vpc);
    let base = format!("{}-targets", load_balancer_name(identity, &id));
    let taken: Vec<&str> = observed.inventory.security_groups.iter().map(|it| it.name.as_str()).collect();
    SecurityGroup {
        name: there.map_or_else(|| free_name(&base, &taken), |there| there.name.clone()),
        description: DESCRIPTION,
        vpc,
        there,
        reason,
        ownership: tags::of_all(observed.settings, &id),
        rules: Rules::default(),
        id,
    }
}

/// The ports of the targets of load balancers and of their health checks. Target groups that are about to be removed count as
/// long as they exist, and so do those of load balancers with the shared security group that lost our tags.
fn ports(
    users: &[&LoadBalancer<'_>],
    shared: Option<&contract::SecurityGroup>,
    observed: &Observed<'_>,
) -> BTreeSet<u16> {
    let mut ports = BTreeSet::new();
    let of_group = |target_type, port: &u16| target_type != TargetType::Ip || *port != PORT_OF_EACH_TARGET;
    for group in users.iter().flat_map(|user| &user.target_groups) {
        if let Some(form) = group.form {
            ports.extend(Some(form.port).filter(|port| of_group(form.target_type, port)));
            ports.extend(form.health_check.port.parse::<u16>());
            ports.extend(group.targets.register.iter().filter_map(|target| target.port));
        }
    }
    let owned = users.iter().filter_map(|user| user.owned);
    let all = &observed.inventory.load_balancers;
    let has = |found: &&contract::LoadBalancer| {
        shared.is_some_and(|shared| found.security_groups.contains(&shared.id))
    };
    let with_shared = all.iter().filter(has);
    let of_users = owned.clone().filter_map(|owned| owned.load_balancer);
    let arns: BTreeSet<&str> = of_users.chain(with_shared).map(|found| found.arn.as_str()).collect();
    let of_others = observed
        .inventory
        .target_groups
        .iter()
        .filter(|group| group.load_balancer_arns.iter().any(|arn| arns.contains(arn.as_str())));
    for group in owned.flat_map(|owned| owned.target_groups.iter().copied()).chain(of_others) {
        ports.extend(group.port.filter(|port| of_group(group.target_type, port)));
        ports.extend(group.health_check.port.parse::<u16>());
        ports.extend(group.targets.iter().filter_map(|target| target.port));
    }
    ports
}

impl<'a> OfNodes<'a> {
    fn read(users: &[&LoadBalancer<'a>], observed: &Observed<'a>) -> Self {
        let inventory = observed.inventory;
        let tag = cluster_tag(&observed.settings.identity);
        let by_id: BTreeMap<&str, &contract::SecurityGroup> =
            inventory.security_groups.iter().map(|group| (group.id.as_str(), group)).collect();
        let mut nodes =
            OfNodes { groups: BTreeMap::new(), unclear: BTreeMap::new(), unknown: BTreeSet::new() };
        let is_alive = |node: &&Instance| {
            let is_here = node.vpc_id.as_deref().is_none_or(|vpc| vpc == inventory.vpc.id);
            is_here && matches!(node.state, InstanceState::Pending | InstanceState::Running)
        };
        for node in inventory.instances.iter().filter(is_alive) {
            let all: Vec<&contract::SecurityGroup> =
                node.security_groups.iter().filter_map(|id| by_id.get(id.as_str()).copied()).collect();
            // Of several, the one that is tagged for the cluster, as in the AWS Load Balancer Controller.
            let tagged: Vec<&contract::SecurityGroup> =
                all.iter().copied().filter(|group| tag_value(&group.tags, &tag).is_some()).collect();
            match (all.as_slice(), tagged.as_slice()) {
                ([only], _) | (_, [only]) => _ = nodes.groups.insert(&only.id, only),
                _ => _ = nodes.unclear.entry(&node.security_groups).or_default().insert(&node.id),
            }
        }
        let known: BTreeSet<&str> = inventory.instances.iter().map(|node| node.id.as_str()).collect();
        let targets = users.iter().flat_map(|it| &it.target_groups).filter_map(|group| group.holds);
        let instances = targets.flat_map(|holds| holds.instances.iter().copied());
        nodes.unknown = instances.filter(|id| id.starts_with("i-") && !known.contains(id)).collect();
        nodes
    }

    /// Whether it is known which security group admits requests to each target.
    fn is_clear(&self) -> bool {
        self.unclear.is_empty() && self.unknown.is_empty()
    }

    fn tell(&self, users: &[&LoadBalancer<'_>], observed: &Observed<'_>, diagnostics: &mut Vec<Diagnostic>) {
        if !observed.completeness.allows(Concern::CallBlocked) {
            return;
        }
        let names = words::list(users.iter().map(|user| user.name.as_str()));
        let tag = cluster_tag(&observed.settings.identity);
        for (groups, nodes) in &self.unclear {
            let nodes = words::list(nodes.iter().copied());
            let groups = match groups {
                [] => "no known security group".to_owned(),
                groups => format!("the security groups {}", words::list(groups.iter().map(String::as_str))),
            };
            let message = format!(
                "the nodes {nodes} have {groups}, so it is not known which security group should admit {names}"
            );
            let remedy = format!("put the tag {tag} on exactly one security group of each node");
            diagnostics.push(unreachable(&nodes, message).remedy(remedy));
        }
        if !self.unknown.is_empty() {
            let nodes = words::list(self.unknown.iter().copied());
            let message = format!(
                "the nodes {nodes} are not among the instances that proxy.node-filters select, so it is not known which \
                 security group should admit {names}"
            );
            diagnostics.push(unreachable(&nodes, message).remedy("let the filters select all nodes"));
        }
    }
}

fn unreachable(nodes: &str, message: String) -> Diagnostic {
    warning(DiagnosticCode::NodesUnreachable, Subject::Resource(nodes), message)
}

/// The wanted rules of the security groups of nodes, and of others that still have rules of ours.
fn admissions<'a>(
    shared: &contract::SecurityGroup,
    wanted: &BTreeSet<u16>,
    nodes: &OfNodes<'a>,
    may_revoke: bool,
    observed: &Observed<'a>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Admission<'a>> {
    let peer = SecurityGroupPeer::SecurityGroup(shared.id.clone());
    let is_of_shared = |rule: &contract::SecurityGroupRule| is_rule_for(rule, shared);
    let limit = observed.inventory.quotas.inbound_rules_per_security_group as usize;
    let mut admissions = Vec::new();
    let mut all: Vec<&contract::SecurityGroup> = observed.inventory.security_groups.iter().collect();
    all.sort_by(|left, right| left.id.cmp(&right.id));
    for group in all {
        let is_of_nodes = nodes.groups.contains_key(group.id.as_str());
        if !is_of_nodes && !inbound(group).any(is_of_shared) {
            continue;
        }
        // One rule is left free, so that a new rule can be added before others are removed.
        let others = inbound(group).filter(|rule| !is_of_shared(rule)).count();
        let room = limit.saturating_sub(others + 1);
        let ranges = if is_of_nodes { ports::ranges(wanted, room) } else { Vec::new() };
        if ranges.iter().any(|(from, to)| from < to) {
            diagnostics.push(ranges_instead_of_ports(group, wanted.len(), room));
        }
        let wanted = ranges.into_iter().map(|range| rule(range, peer.clone(), OF_LOAD_BALANCERS)).collect();
        admissions.push(Admission {
            group,
            rules: Rules { wanted, may_revoke, admitted: Some(shared.id.clone()), limit },
        });
    }
    admissions
}

/// Whether it is known which ports nobody needs.
fn may_close(observed: &Observed<'_>) -> bool {
    let needed =
        [Concern::Remove, Concern::ChangeSecurityGroups, Concern::ReadServices, Concern::CallNodeless];
    needed.into_iter().all(|concern| observed.completeness.allows(concern))
}

fn ranges_instead_of_ports(group: &contract::SecurityGroup, ports: usize, room: usize) -> Diagnostic {
    let message = format!(
        "{ports} ports of targets are opened with {room} rules, which also open ports between them: a security group may have \
         only so many rules"
    );
    info(DiagnosticCode::QuotaExhausted, Subject::Resource(&group.id), message)
        .remedy("remove rules of others, or raise the quota for inbound rules of a security group")
}
