//! Actions in words: the changes on each part of a load balancer.

use albatross_contract::{
    Action, CreateListener, CreateLoadBalancer, CreateTargetGroup, IpAddressType, ModifyListener, Operation,
    RecordSet, RecordSetChange, RecordSetChangeKind, ResourceReference, SecurityGroupRule, TargetChange,
};

use super::{
    carried::web_acl_name,
    columns::Sign,
    differences::{attribute_differences, health_check_differences, set_differences},
    forwarding::destination,
    names::{Names, target_group_name},
    rule_changes,
    tag_changes::Tagged,
    terms,
    words::{count, first_of},
};

/// The part of a load balancer that changes. The variants are in the order in which a person reads them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The load balancer itself.
    LoadBalancer,
    /// A security group, by name.
    SecurityGroup(String),
    /// A listener by port; `None`: the listener is not in the inventory.
    Listener(Option<u16>),
    /// A target group, by name.
    TargetGroup(String),
    /// A hosted zone of Route 53, by name and id.
    HostedZone(String),
}

impl Part {
    /// `listener 443`. `None` for the load balancer itself, whose name is in the line above.
    pub fn title(&self) -> Option<String> {
        match self {
            Part::LoadBalancer => None,
            Part::SecurityGroup(name) => Some(format!("security group {name}")),
            Part::Listener(Some(port)) => Some(format!("listener {port}")),
            Part::Listener(None) => Some("listener".to_owned()),
            Part::TargetGroup(name) => Some(format!("target group {name}")),
            Part::HostedZone(name) => Some(format!("hosted zone {name}")),
        }
    }
}

/// One change in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The part that changes.
    pub part: Part,
    /// Whether the part itself is added or removed, rather than something on it.
    pub whole: bool,
    /// Whether something is added, removed or changed.
    pub sign: Sign,
    /// What changes, such as `certificate shop.example.org`. Of a whole part: facts about it, or nothing.
    pub what: String,
    /// A fact besides the reason of the action, such as the end of a validity. May be empty.
    pub note: String,
    /// The priority of a rule, by which the changes of a listener are sorted; 0 for everything else.
    pub priority: u32,
}

/// The changes that one action makes: at least one.
pub fn changes(action: &Action, names: &Names<'_>) -> Vec<Change> {
    let on = |part: Part| {
        move |sign: Sign, what: String| Change {
            part: part.clone(),
            whole: false,
            sign,
            what,
            note: String::new(),
            priority: 0,
        }
    };
    let load_balancer = on(Part::LoadBalancer);
    match &action.operation {
        Operation::CreateLoadBalancer(create) => created(create, names),
        Operation::DeleteLoadBalancer(_) => vec![whole(Part::LoadBalancer, Sign::Remove, String::new())],
        Operation::ModifyLoadBalancerAttributes(change) => {
            let before =
                names.observed_load_balancer(&change.resource).map(|found| found.attributes.as_slice());
            attribute_differences(before, &change.attributes)
                .into_iter()
                .map(|what| load_balancer(Sign::Change, what))
                .collect()
        }
        Operation::SetSubnets(set) => {
            let before =
                names.observed_load_balancer(&set.load_balancer).map(|found| found.subnets.as_slice());
            set_differences(before.unwrap_or_default(), &set.subnets)
                .into_iter()
                .map(|(sign, id)| load_balancer(sign, format!("subnet {}", names.subnet(&id))))
                .collect()
        }
        Operation::SetSecurityGroups(set) => {
            let observed = names.observed_load_balancer(&set.load_balancer);
            let before: Vec<String> = observed
                .map(|found| found.security_groups.iter().map(|id| names.security_group(id)).collect())
                .unwrap_or_default();
            let after: Vec<String> =
                set.security_groups.iter().map(|group| names.security_group_reference(group)).collect();
            set_differences(&before, &after)
                .into_iter()
                .map(|(sign, name)| load_balancer(sign, format!("security group {name}")))
                .collect()
        }
        Operation::SetIpAddressType(set) => {
            let after = set.ip_address_type.as_str();
            let what = match names.observed_load_balancer(&set.load_balancer) {
                Some(before) => {
                    format!("address type {} → {after}", before.ip_address_type.as_str())
                }
                None => format!("address type {after}"),
            };
            vec![load_balancer(Sign::Change, what)]
        }
        Operation::AssociateWebAcl(change) => {
            let before = names.observed_load_balancer(&change.load_balancer);
            let before = before.and_then(|found| found.web_acl.as_deref()).filter(|arn| !arn.is_empty());
            let after = web_acl_name(&change.web_acl);
            vec![match before {
                Some(before) => {
                    load_balancer(Sign::Change, format!("web ACL {} → {after}", web_acl_name(before)))
                }
                None => load_balancer(Sign::Add, format!("web ACL {after}")),
            }]
        }
        Operation::DisassociateWebAcl(reference) => {
            let before = names.observed_load_balancer(reference).and_then(|found| found.web_acl.as_deref());
            let name = before.map(web_acl_name).unwrap_or_default();
            vec![load_balancer(Sign::Remove, format!("web ACL {name}").trim_end().to_owned())]
        }
        Operation::CreateTargetGroup(create) => {
            let name = target_group_name(&create.tags, &create.name).to_owned();
            vec![whole(Part::TargetGroup(name), Sign::Add, created_target_group(create))]
        }
        Operation::DeleteTargetGroup(reference) => {
            vec![whole(Part::TargetGroup(names.resource(reference)), Sign::Remove, String::new())]
        }
        Operation::ModifyTargetGroup(modify) => {
            let before = names.observed_target_group(&modify.target_group).map(|found| &found.health_check);
            let target_group = on(Part::TargetGroup(names.resource(&modify.target_group)));
            health_check_differences(before, &modify.health_check)
                .into_iter()
                .map(|what| target_group(Sign::Change, what))
                .collect()
        }
        Operation::ModifyTargetGroupAttributes(change) => {
            let before =
                names.observed_target_group(&change.resource).map(|found| found.attributes.as_slice());
            let target_group = on(Part::TargetGroup(names.resource(&change.resource)));
            attribute_differences(before, &change.attributes)
                .into_iter()
                .map(|what| target_group(Sign::Change, what))
                .collect()
        }
        Operation::CreateListener(create) => created_listener(create, &action.load_balancer, names),
        Operation::DeleteListener(reference) => {
            vec![whole(listener(reference, names), Sign::Remove, String::new())]
        }
        Operation::ModifyListener(modify) => modified_listener(modify, names),
        Operation::ModifyListenerAttributes(change) => {
            let before = names.observed_listener(&change.resource).map(|found| found.attributes.as_slice());
            let listener = on(listener(&change.resource, names));
            attribute_differences(before, &change.attributes)
                .into_iter()
                .map(|what| listener(Sign::Change, what))
                .collect()
        }
        Operation::AddListenerCertificate(change) => {
            let what = format!("certificate {}", names.certificate(&change.certificate));
            let note = names.validity(&change.certificate).unwrap_or_default();
            vec![Change { note, ..on(listener(&change.listener, names))(Sign::Add, what) }]
        }
        Operation::RemoveListenerCertificate(change) => {
            let what = format!("certificate {}", names.certificate(&change.certificate));
            vec![on(listener(&change.listener, names))(Sign::Remove, what)]
        }
        Operation::CreateRule(create) => vec![rule_changes::created(create, names)],
        Operation::ModifyRule(modify) => vec![rule_changes::modified(modify, names)],
        Operation::SetRulePriorities(priorities) => rule_changes::priorities(priorities, names),
        Operation::DeleteRule(reference) => {
            vec![rule_changes::deleted(reference, &action.load_balancer, names)]
        }
        Operation::RegisterTargets(change) => vec![targets(Sign::Add, change, names)],
        Operation::DeregisterTargets(change) => vec![targets(Sign::Remove, change, names)],
        Operation::AttachTargetGroup(change) => {
            let part = Part::TargetGroup(names.resource(&change.target_group));
            vec![on(part)(Sign::Add, format!("Auto Scaling Group {}", change.auto_scaling_group))]
        }
        Operation::DetachTargetGroup(change) => {
            let part = Part::TargetGroup(names.resource(&change.target_group));
            vec![on(part)(Sign::Remove, format!("Auto Scaling Group {}", change.auto_scaling_group))]
        }
        Operation::CreateSecurityGroup(create) => {
            vec![whole(Part::SecurityGroup(create.name.clone()), Sign::Add, create.description.clone())]
        }
        Operation::DeleteSecurityGroup(reference) => {
            vec![whole(Part::SecurityGroup(names.resource(reference)), Sign::Remove, String::new())]
        }
        Operation::AuthorizeSecurityGroupRules(change) => {
            let group = on(Part::SecurityGroup(names.resource(&change.security_group)));
            change.rules.iter().map(|rule| group(Sign::Add, security_group_rule(rule))).collect()
        }
        Operation::RevokeSecurityGroupRules(change) => {
            let group = on(Part::SecurityGroup(names.resource(&change.security_group)));
            change.rules.iter().map(|rule| group(Sign::Remove, security_group_rule(rule))).collect()
        }
        Operation::ChangeRecordSets(change) => {
            let zone = on(Part::HostedZone(names.hosted_zone(&change.hosted_zone)));
            change
                .changes
                .iter()
                .map(|change| zone(record_sign(change), record(&change.record_set)))
                .collect()
        }
        Operation::AddTags(add) => {
            let of = Tagged::of(&add.resource, names);
            add.tags.iter().map(|tag| on(of.part.clone())(Sign::Change, of.set(tag, names))).collect()
        }
        Operation::RemoveTags(remove) => {
            let of = Tagged::of(&remove.resource, names);
            remove.keys.iter().map(|key| on(of.part.clone())(Sign::Change, of.removed(key, names))).collect()
        }
    }
}

const fn record_sign(change: &RecordSetChange) -> Sign {
    match change.kind {
        RecordSetChangeKind::Create => Sign::Add,
        RecordSetChangeKind::Upsert => Sign::Change,
        RecordSetChangeKind::Delete => Sign::Remove,
    }
}

/// `record shop.example.org A → albatross-1.elb.amazonaws.com`. What an ownership record says is not for people.
fn record(record: &RecordSet) -> String {
    let to = record.alias_target.as_ref().map(|alias| format!(" → {}", alias.dns_name)).unwrap_or_default();
    format!("record {} {}{to}", record.name, record.record_type)
}

fn whole(part: Part, sign: Sign, what: String) -> Change {
    Change { part, whole: true, sign, what, note: String::new(), priority: 0 }
}

fn created(create: &CreateLoadBalancer, names: &Names<'_>) -> Vec<Change> {
    let subnets: Vec<String> = create.subnets.iter().map(|id| names.subnet(id)).collect();
    let groups: Vec<String> =
        create.security_groups.iter().map(|group| names.security_group_reference(group)).collect();
    let part = |what: String| Change {
        part: Part::LoadBalancer,
        whole: false,
        sign: Sign::Add,
        what,
        note: String::new(),
        priority: 0,
    };
    let mut changes = vec![whole(Part::LoadBalancer, Sign::Add, String::new())];
    changes.push(part(format!("subnets {}", subnets.join(", "))));
    if !groups.is_empty() {
        changes.push(part(format!("security groups {}", groups.join(", "))));
    }
    if create.ip_address_type != IpAddressType::Ipv4 {
        changes.push(part(format!("address type {}", create.ip_address_type.as_str())));
    }
    changes
}

fn created_target_group(create: &CreateTargetGroup) -> String {
    let target = terms::target(create.target_type);
    let check = &create.health_check;
    let port = terms::target_port(create.target_type, create.port);
    format!(
        "{} to each {target}{port}, health check {}{} on {} every {} s",
        create.protocol.as_str(),
        check.protocol.as_str(),
        check.path.as_ref().map(|path| format!(" {path}")).unwrap_or_default(),
        if check.port == "traffic-port" {
            "the same port".to_owned()
        } else {
            format!("port {}", check.port)
        },
        check.interval
    )
}

fn created_listener(create: &CreateListener, load_balancer: &str, names: &Names<'_>) -> Vec<Change> {
    let part = Part::Listener(Some(create.port));
    let policy = create.ssl_policy.as_deref().map(|policy| format!(", {policy}")).unwrap_or_default();
    let what =
        format!("{}{policy} → {}", create.protocol.as_str(), destination(&create.default_actions, names));
    let mut changes = vec![whole(part.clone(), Sign::Add, what)];
    if let Some(arn) = &create.default_certificate {
        let hosts = names.hosts(load_balancer, arn);
        let hosts = (!hosts.is_empty()).then(|| format!("for {}", first_of(hosts, 3)));
        let facts: Vec<String> =
            std::iter::once("default".to_owned()).chain(hosts).chain(names.validity(arn)).collect();
        changes.push(Change {
            part,
            whole: false,
            sign: Sign::Add,
            what: format!("certificate {}", names.certificate(arn)),
            note: facts.join("; "),
            priority: 0,
        });
    }
    changes
}

fn modified_listener(modify: &ModifyListener, names: &Names<'_>) -> Vec<Change> {
    let part = listener(&modify.listener, names);
    let before = names.observed_listener(&modify.listener);
    let change = |what: String| Change {
        part: part.clone(),
        whole: false,
        sign: Sign::Change,
        what,
        note: String::new(),
        priority: 0,
    };
    let from = |old: Option<String>| old.map(|old| format!("{old} → ")).unwrap_or_default();
    let mut changes = Vec::new();
    if let Some(protocol) = modify.protocol {
        let old = from(before.map(|found| found.protocol.as_str().to_owned()));
        changes.push(change(format!("{old}{}", protocol.as_str())));
    }
    if let Some(arn) = &modify.default_certificate {
        let old = before.and_then(|found| found.default_certificate.as_deref());
        let old = from(old.map(|arn| names.certificate(arn)));
        changes.push(change(format!("default certificate {old}{}", names.certificate(arn))));
    }
    if let Some(policy) = &modify.ssl_policy {
        let old = from(before.and_then(|found| found.ssl_policy.clone()));
        changes.push(change(format!("TLS policy {old}{policy}")));
    }
    if !modify.default_actions.is_empty() {
        changes.push(change(format!("→ {}", destination(&modify.default_actions, names))));
    }
    changes
}

pub(super) fn listener(reference: &ResourceReference, names: &Names<'_>) -> Part {
    Part::Listener(names.listener_port(reference))
}

fn targets(sign: Sign, change: &TargetChange, names: &Names<'_>) -> Change {
    let ids = change.targets.iter().map(|target| match target.port {
        Some(port) => format!("{}:{port}", target.id),
        None => target.id.clone(),
    });
    let ids: Vec<String> = ids.collect();
    Change {
        part: Part::TargetGroup(names.resource(&change.target_group)),
        whole: false,
        sign,
        what: format!("{}: {}", count(ids.len(), "target"), first_of(&ids, 3)),
        note: String::new(),
        priority: 0,
    }
}

fn security_group_rule(rule: &SecurityGroupRule) -> String {
    use albatross_contract::{Direction, SecurityGroupPeer};
    let way = match rule.direction {
        Direction::Inbound => "from",
        Direction::Outbound => "to",
    };
    let (SecurityGroupPeer::Ipv4(peer)
    | SecurityGroupPeer::Ipv6(peer)
    | SecurityGroupPeer::SecurityGroup(peer)
    | SecurityGroupPeer::PrefixList(peer)) = &rule.peer;
    let ports = match (rule.from_port, rule.to_port) {
        (Some(first), Some(last)) if first == last => format!(" port {first}"),
        (Some(first), Some(last)) => format!(" ports {first} to {last}"),
        _ => String::new(),
    };
    let protocol = if rule.protocol == "-1" { "all traffic" } else { &rule.protocol };
    format!("{protocol}{ports} {way} {peer}")
}
