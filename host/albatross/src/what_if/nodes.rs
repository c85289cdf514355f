//! More nodes like those that there are, or fewer.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Endpoint, Instance, InstanceState, Node, Snapshot, TargetType};

use super::{impossible, names, spread::places};
use crate::error::Error;

const FLAG: &str = "--nodes";

/// The label of a Node with its own name (Kubernetes, "Well-Known Labels").
const LABEL_HOSTNAME: &str = "kubernetes.io/hostname";

/// Adds nodes, or removes them if the number is negative, evenly over zones.
pub fn change(snapshot: &mut Snapshot, number: i64) -> Result<(), Error> {
    let many = usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
    let running = running(snapshot);
    if running.is_empty() {
        return Err(impossible(FLAG, "the snapshot has no running node".to_owned()));
    }
    let chosen: Vec<Instance> =
        places(running.len(), many).into_iter().map(|at| running[at].clone()).collect();
    if number >= 0 {
        add(snapshot, &chosen);
        return Ok(());
    }
    if many >= running.len() {
        let problem = format!("the snapshot has {} running nodes, and at least one must stay", running.len());
        return Err(impossible(FLAG, problem));
    }
    remove(snapshot, &chosen.into_iter().map(|instance| instance.id).collect());
    Ok(())
}

/// The running instances, by zone and id.
fn running(snapshot: &Snapshot) -> Vec<Instance> {
    let instances = snapshot.inventory.instances.iter();
    let mut running: Vec<Instance> =
        instances.filter(|instance| instance.state == InstanceState::Running).cloned().collect();
    running.sort_by(|one, other| (&one.zone, &one.id).cmp(&(&other.zone, &other.id)));
    running
}

fn add(snapshot: &mut Snapshot, like: &[Instance]) {
    let nodes: BTreeMap<String, Node> = snapshot
        .cluster
        .nodes
        .iter()
        .filter_map(|node| Some((instance_of(node)?.to_owned(), node.clone())))
        .collect();
    let mut addresses = Addresses::of(snapshot);
    // An instance can be gone whose Node is still there.
    let instances = snapshot.inventory.instances.iter().map(|instance| instance.id.clone());
    let names = snapshot.cluster.nodes.iter().map(|node| node.metadata.name.clone());
    let there: BTreeSet<String> = instances.chain(names).collect();
    let is_free = |number: &usize| !there.contains(&id(*number)) && !there.contains(&names::label(*number));
    let mut numbers = (1..).filter(is_free);
    for template in like {
        let number: usize = numbers.next().unwrap_or_default();
        let subnet = template.subnet_id.as_deref().unwrap_or_default();
        let instance =
            Instance { id: id(number), private_ip: addresses.take(snapshot, subnet), ..template.clone() };
        if let Some(node) = nodes.get(&template.id) {
            snapshot.cluster.nodes.push(joined(node, &instance, number));
        }
        let groups = &mut snapshot.inventory.auto_scaling_groups;
        let group = groups.iter_mut().find(|group| Some(&group.name) == template.auto_scaling_group.as_ref());
        if let Some(group) = group {
            group.instances.push(instance.id.clone());
        }
        snapshot.inventory.instances.push(instance);
    }
}

fn id(number: usize) -> String {
    format!("i-{}", names::label(number))
}

/// A Node of the cluster for a new instance.
fn joined(like: &Node, instance: &Instance, number: usize) -> Node {
    let mut node = like.clone();
    node.metadata.name = names::label(number);
    node.metadata.uid = None;
    let name = node.metadata.name.clone();
    for label in node.metadata.labels.iter_mut().filter(|label| label.key == LABEL_HOSTNAME) {
        label.value.clone_from(&name);
    }
    node.provider_id = Some(format!("aws:///{}/{}", instance.zone, instance.id));
    for address in &mut node.addresses {
        match (address.key.as_str(), &instance.private_ip) {
            ("InternalIP", Some(ip)) => address.value.clone_from(ip),
            _ => address.value.clone_from(&name),
        }
    }
    node
}

/// The instance that a Node runs on.
fn instance_of(node: &Node) -> Option<&str> {
    node.provider_id.as_deref()?.rsplit_once('/').map(|(_, id)| id)
}

/// Removes instances. Their Pods start again on other nodes.
pub fn remove(snapshot: &mut Snapshot, ids: &BTreeSet<String>) {
    let inventory = &mut snapshot.inventory;
    inventory.instances.retain(|instance| !ids.contains(&instance.id));
    let mut attached: BTreeSet<String> = BTreeSet::new();
    for group in &mut inventory.auto_scaling_groups {
        if group.instances.iter().any(|id| ids.contains(id)) {
            attached.extend(group.target_groups.iter().cloned());
        }
        group.instances.retain(|id| !ids.contains(id));
    }
    // Auto Scaling deregisters the instances that it ends from what is attached to their group.
    let attached = inventory.target_groups.iter_mut().filter(|group| attached.contains(&group.arn));
    for group in attached.filter(|group| group.target_type == TargetType::Instance) {
        group.targets.retain(|target| !ids.contains(&target.id));
    }
    let nodes = std::mem::take(&mut snapshot.cluster.nodes);
    let (gone, left): (Vec<Node>, Vec<Node>) =
        nodes.into_iter().partition(|node| instance_of(node).is_some_and(|id| ids.contains(id)));
    let gone: BTreeSet<String> = gone.into_iter().map(|node| node.metadata.name).collect();
    snapshot.cluster.nodes = left;
    move_endpoints(snapshot, &gone);
}

fn move_endpoints(snapshot: &mut Snapshot, gone: &BTreeSet<String>) {
    let zones: BTreeMap<&str, &str> = snapshot
        .inventory
        .instances
        .iter()
        .map(|instance| (instance.id.as_str(), instance.zone.as_str()))
        .collect();
    let left: Vec<(String, Option<String>)> = snapshot
        .cluster
        .nodes
        .iter()
        .map(|node| {
            let zone = instance_of(node).and_then(|id| zones.get(id));
            (node.metadata.name.clone(), zone.map(|zone| (*zone).to_owned()))
        })
        .collect();
    let slices = snapshot.cluster.endpoint_slices.iter_mut().flatten();
    let is_homeless =
        |endpoint: &&mut Endpoint| endpoint.node_name.as_ref().is_some_and(|name| gone.contains(name));
    let homeless = slices.flat_map(|slice| &mut slice.endpoints).filter(is_homeless);
    for (endpoint, (name, zone)) in homeless.zip(left.iter().cycle()) {
        endpoint.node_name = Some(name.clone());
        endpoint.zone.clone_from(zone);
    }
}

/// Addresses of subnets that nobody has.
struct Addresses {
    taken: BTreeSet<String>,
    /// The offset below which the addresses of each subnet have not been looked at.
    ends: BTreeMap<String, u32>,
}

impl Addresses {
    fn of(snapshot: &Snapshot) -> Addresses {
        let of_instances = snapshot.inventory.instances.iter().filter_map(|it| it.private_ip.clone());
        let slices = snapshot.cluster.endpoint_slices.iter().flatten();
        let of_pods = slices.flat_map(|slice| &slice.endpoints).flat_map(|it| it.addresses.clone());
        let of_nodes =
            snapshot.cluster.nodes.iter().flat_map(|node| &node.addresses).map(|it| it.value.clone());
        Addresses { taken: of_instances.chain(of_pods).chain(of_nodes).collect(), ends: BTreeMap::new() }
    }

    /// Takes the last free address of a subnet. `None`: there is none, or it has no IPv4 block.
    fn take(&mut self, snapshot: &mut Snapshot, subnet: &str) -> Option<String> {
        let subnet = snapshot.inventory.subnets.iter_mut().find(|found| found.id == subnet)?;
        subnet.free_addresses = subnet.free_addresses.checked_sub(1)?;
        let (first, bits) = subnet.cidr_block.as_deref()?.split_once('/')?;
        let (first, bits): (std::net::Ipv4Addr, u32) = (first.parse().ok()?, bits.parse().ok()?);
        let size = 1_u32.checked_shl(32_u32.checked_sub(bits)?)?;
        // AWS reserves the first four addresses and the last one.
        let end = self.ends.entry(subnet.id.clone()).or_insert(size.saturating_sub(1));
        while *end > 4 {
            *end -= 1;
            let address = std::net::Ipv4Addr::from(u32::from(first).checked_add(*end)?).to_string();
            if self.taken.insert(address.clone()) {
                return Some(address);
            }
        }
        None
    }
}
