//! The load balancers as a tree, each with its listeners, certificates, targets, Ingresses and RouteGroups.

use std::collections::BTreeMap;

use albatross_contract::{
    Cluster, Inventory, Listener, LoadBalancer, ObjectName, Rule, SourceObject, TAG_ID, TAG_UNNEEDED,
    TargetGroup, TargetHealth, TargetType, rules::requests,
};

use super::{
    carried,
    forwarding::{destination, transform},
    names::{Names, target_group_name},
    style::{Style, Tint},
    terms,
    time::{date, moment},
    words::{count, first_of, objects},
};

/// How many members are listed before `and 12 more`.
const MEMBERS: usize = 12;

/// How many rules of a listener are listed.
const RULES: usize = 20;

/// A node of the tree.
struct Node {
    text: String,
    children: Vec<Node>,
}

impl Node {
    fn leaf(text: impl Into<String>) -> Node {
        Node { text: text.into(), children: Vec::new() }
    }
}

/// All load balancers with our id, in the order of the ids; the others are only counted.
pub fn tree(inventory: &Inventory, cluster: &Cluster, style: Style) -> String {
    let names = Names::of_inventory(inventory);
    let (mut owned, foreign): (Vec<&LoadBalancer>, Vec<&LoadBalancer>) =
        inventory.load_balancers.iter().partition(|load_balancer| id(load_balancer).is_some());
    // The order of plans.
    owned.sort_by(|one, other| id(one).cmp(&id(other)));
    let mut out = String::new();
    if owned.is_empty() {
        out.push_str("  no load balancer\n");
    }
    for load_balancer in owned {
        let node = load_balancer_node(load_balancer, inventory, cluster, &names);
        out.push_str("  ");
        out.push_str(&style.paint(Tint::Name, &load_balancer.dns_name));
        out.push('\n');
        write_children(&node, "  ", style, &mut out);
    }
    if !foreign.is_empty() {
        let count = count(foreign.len(), "load balancer");
        out.push_str(&format!("  {count} that Albatross did not create\n"));
    }
    out
}

/// Our id of a load balancer.
fn id(load_balancer: &LoadBalancer) -> Option<&str> {
    load_balancer.tags.iter().find(|tag| tag.key == TAG_ID).map(|tag| tag.value.as_str())
}

fn load_balancer_node(
    load_balancer: &LoadBalancer,
    inventory: &Inventory,
    cluster: &Cluster,
    names: &Names<'_>,
) -> Node {
    let mut facts = vec![load_balancer.scheme.as_str().to_owned()];
    facts.extend(terms::unusual_kind(load_balancer.kind).map(str::to_owned));
    facts.push(load_balancer.state.as_str().to_owned());
    facts.push(zones(load_balancer, names));
    facts.extend(unneeded(load_balancer));
    let groups: Vec<String> =
        load_balancer.security_groups.iter().map(|id| names.security_group(id)).collect();
    let mut children = vec![Node::leaf(facts.join(" · "))];
    if !groups.is_empty() {
        children.push(Node::leaf(format!("security group {}", groups.join(", "))));
    }
    children.extend(carried::of_load_balancer(load_balancer, names).into_iter().map(Node::leaf));
    let mut listeners: Vec<&Listener> = load_balancer.listeners.iter().collect();
    listeners.sort_by_key(|listener| listener.port);
    children.extend(listeners.into_iter().map(|listener| listener_node(listener, inventory, names)));
    let mut target_groups: Vec<&TargetGroup> = inventory
        .target_groups
        .iter()
        .filter(|group| group.load_balancer_arns.contains(&load_balancer.arn))
        .collect();
    target_groups.sort_by_key(|group| (target_group_name(&group.tags, &group.name), &group.name));
    children.extend(target_groups.into_iter().map(|group| target_group_node(group, inventory)));
    children.push(members_node(load_balancer, cluster));
    Node { text: load_balancer.name.clone(), children }
}

/// `zones eu-central-1a, eu-central-1b`.
fn zones(load_balancer: &LoadBalancer, names: &Names<'_>) -> String {
    let mut zones: Vec<&str> =
        load_balancer.subnets.iter().map(|subnet| names.zone(subnet).unwrap_or(subnet)).collect();
    zones.sort_unstable();
    format!("zones {}", zones.join(", "))
}

fn unneeded(load_balancer: &LoadBalancer) -> Option<String> {
    let tag = load_balancer.tags.iter().find(|tag| tag.key == TAG_UNNEEDED)?;
    Some(match tag.value.parse() {
        Ok(since) => format!("unneeded since {}", moment(since)),
        Err(_) => "unneeded".to_owned(),
    })
}

fn listener_node(listener: &Listener, inventory: &Inventory, names: &Names<'_>) -> Node {
    let default = listener.default_certificate.iter().map(|arn| (arn, " (default)"));
    let others = listener.certificates.iter().map(|arn| (arn, ""));
    let certificates = default.chain(others).map(|(arn, suffix)| {
        let until = inventory
            .certificates
            .iter()
            .find(|certificate| certificate.arn == *arn)
            .and_then(|certificate| certificate.not_after)
            .map(|end| format!(", valid until {}", date(end)))
            .unwrap_or_default();
        Node::leaf(format!("certificate {}{suffix}{until}", names.certificate(arn)))
    });
    let rules = (!listener.rules.is_empty()).then(|| rules_node(&listener.rules, names));
    Node {
        text: format!(
            "listener {} {} → {}",
            listener.port,
            listener.protocol.as_str(),
            destination(&listener.default_actions, names)
        ),
        children: certificates
            .chain(carried::of_listener(listener).into_iter().map(Node::leaf))
            .chain(rules)
            .collect(),
    }
}

fn rules_node(rules: &[Rule], names: &Names<'_>) -> Node {
    let mut sorted: Vec<&Rule> = rules.iter().collect();
    sorted.sort_by_key(|rule| rule.priority);
    let rule_node = |rule: &Rule| Node {
        text: format!(
            "{} {} → {}",
            rule.priority,
            requests(&rule.conditions),
            destination(&rule.actions, names)
        ),
        children: rule.transforms.iter().map(|it| Node::leaf(transform(it))).collect(),
    };
    let mut children: Vec<Node> = sorted.into_iter().take(RULES).map(rule_node).collect();
    if rules.len() > RULES {
        children.push(Node::leaf(format!("and {} more", rules.len() - RULES)));
    }
    Node { text: count(rules.len(), "rule"), children }
}

fn target_group_node(group: &TargetGroup, inventory: &Inventory) -> Node {
    let noun = terms::target(group.target_type);
    let port = terms::target_port(group.target_type, group.port);
    let mut health: BTreeMap<TargetHealth, usize> = BTreeMap::new();
    for target in &group.targets {
        *health.entry(target.health).or_default() += 1;
    }
    let health: Vec<String> =
        health.iter().map(|(state, number)| format!("{number} {}", state.as_str())).collect();
    let health = if health.is_empty() { String::new() } else { format!(": {}", health.join(", ")) };
    let attached: Vec<&str> = inventory
        .auto_scaling_groups
        .iter()
        .filter(|scaling| scaling.target_groups.contains(&group.arn))
        .map(|scaling| scaling.name.as_str())
        .collect();
    let single: Vec<&str> = group
        .targets
        .iter()
        .map(|target| target.id.as_str())
        .filter(|id| {
            !inventory.auto_scaling_groups.iter().any(|scaling| {
                attached.contains(&scaling.name.as_str()) && scaling.instances.iter().any(|one| one == id)
            })
        })
        .collect();
    let name = target_group_name(&group.tags, &group.name);
    // Nodes behind a Service are registered one by one.
    let of_service = name != group.name;
    let in_aws = of_service.then(|| Node::leaf(format!("{} in AWS", group.name)));
    let mut children: Vec<Node> = in_aws.into_iter().collect();
    children.extend(carried::of_target_group(group).into_iter().map(Node::leaf));
    children.extend(attached.iter().map(|name| Node::leaf(format!("Auto Scaling Group {name}"))));
    if !single.is_empty() && !of_service && group.target_type == TargetType::Instance {
        children.push(Node::leaf(format!(
            "{} in no Auto Scaling Group: {}",
            count(single.len(), noun),
            first_of(&single, 3)
        )));
    }
    Node {
        text: format!("target group {name}, {}{port}{health}", count(group.targets.len(), noun)),
        children,
    }
}

/// The objects whose status names the load balancer.
fn members_node(load_balancer: &LoadBalancer, cluster: &Cluster) -> Node {
    let names_it = |source: &SourceObject<'_>| {
        source.hostnames().any(|hostname| hostname.eq_ignore_ascii_case(&load_balancer.dns_name))
    };
    let members: Vec<SourceObject<'_>> = cluster.sources().filter(names_it).collect();
    let mut children: Vec<Node> = members.iter().take(MEMBERS).copied().map(member_node).collect();
    if members.len() > MEMBERS {
        children.push(Node::leaf(format!("and {} more", members.len() - MEMBERS)));
    }
    Node { text: objects(members.into_iter().map(SourceObject::kind)), children }
}

fn member_node(source: SourceObject<'_>) -> Node {
    let hosts: Vec<&str> = source.hosts().collect();
    let hosts = if hosts.is_empty() { String::new() } else { format!("   {}", first_of(&hosts, 3)) };
    Node::leaf(format!("{}{hosts}", ObjectName::of(source)))
}

fn write_children(node: &Node, prefix: &str, style: Style, out: &mut String) {
    for (number, child) in node.children.iter().enumerate() {
        let last = number + 1 == node.children.len();
        let (branch, below) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        let start = format!("{prefix}{branch}");
        let rest = format!("{prefix}{below}");
        let width = style.width().saturating_sub(start.chars().count());
        for (line_number, line) in super::columns::wrap(&child.text, width).iter().enumerate() {
            out.push_str(&style.paint(Tint::Faint, if line_number == 0 { &start } else { &rest }));
            out.push_str(line);
            out.push('\n');
        }
        write_children(child, &rest, style, out);
    }
}
