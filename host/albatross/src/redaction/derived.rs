//! What is derived from names: ids of load balancers, names of load balancers and target groups, hashes of certificates and of
//! annotations.
//!
//! A planner that reads the redacted names derives others. So each of them is derived again from the pseudonyms, in the
//! same way as `identity.rs` of the planner. Load balancers that are equally good for an Ingress are taken in the order of their
//! ids, so a pseudonym of the VPC is searched for with which the new ids are in the order of the old ones. Of many ids there is
//! none: then ids of load balancers that were there before the recording began are chosen freely, in their order.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Identity, IpAddressType, Operation, Plan, Protocol, Snapshot, TAG_ID, TAG_SERVICE, Tag, TargetType,
    asked_of_load_balancer, list_in_order,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Digits of an id of a load balancer, and of the hashes in names and tags.
const ID: usize = 12;
/// Digits of the hash in the name of a target group.
const SUFFIX: usize = 8;
/// How many hashes are made at most to find a pseudonym of the VPC.
const SEARCH: usize = 200_000;
/// Most load balancers of which all ids are derived, and most pseudonyms of the VPC that are tried for that.
const FEW: usize = 8;
const ATTEMPTS: usize = 200_000;
/// How many ids there are.
const IDS: u64 = 1 << 48;
const FAMILIES: [&str; 3] = ["application", "network", "network with security groups"];
const SCHEMES: [&str; 2] = ["internal", "internet-facing"];

/// The hash in the name of a group of which nothing is asked, but whose key ends as a hash.
const NOTHING_ASKED: &str = "00000000";

/// Where a pass stands among the passes of a recording: its time and its place.
pub(super) type Moment = (u64, u32);

/// What is derived from names in some passes.
#[derive(Debug, Default)]
pub(super) struct Derived {
    ids: BTreeMap<Id, Seen>,
    homes: BTreeSet<Home>,
    suffixes: BTreeMap<String, Vec<Part>>,
    certificates: BTreeSet<String>,
    asked: BTreeSet<Asked>,
}

/// What objects ask of their load balancers: annotations and their values.
type Asked = BTreeMap<String, String>;

/// A cluster in a VPC.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Home {
    identity: Identity,
    vpc: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Id {
    id: String,
    home: Home,
}

/// When an id was seen first.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    in_aws: Option<Moment>,
    in_plan: Option<Moment>,
}

/// What is hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Fixed(String),
    Name(String),
}

/// What makes an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Origin {
    family: &'static str,
    scheme: &'static str,
    ordinal: usize,
}

/// How names are replaced.
pub(super) trait Names {
    /// What takes the place of a text.
    fn pseudonym(&self, text: &str) -> String;
    /// The same, if the id of the VPC has this other pseudonym of all those that it can have.
    fn of_vpc(&self, vpc: &str, attempt: usize) -> String;
}

impl Derived {
    /// Reads a pass.
    pub fn add(&mut self, snapshot: &Snapshot, plan: Option<&Plan>, moment: Moment) {
        let inventory = &snapshot.inventory;
        let home = Home { identity: snapshot.settings.identity.clone(), vpc: inventory.vpc.id.clone() };
        self.homes.insert(home.clone());
        let of_load_balancers = inventory.load_balancers.iter().map(|found| &found.tags);
        let of_target_groups = inventory.target_groups.iter().map(|found| &found.tags);
        let of_security_groups = inventory.security_groups.iter().map(|found| &found.tags);
        for tags in of_load_balancers.chain(of_target_groups).chain(of_security_groups) {
            if let Some(id) = value(tags, TAG_ID) {
                let seen = self.ids.entry(Id { id: id.to_owned(), home: home.clone() }).or_default();
                seen.in_aws = earlier(seen.in_aws, Some(moment));
            }
        }
        for group in &inventory.target_groups {
            let form = (group.protocol, group.ip_address_type, group.target_type);
            let version = group.protocol_version.as_deref();
            self.add_suffix(&group.name, form, group.port, version, group.vpc_id.as_deref(), &group.tags);
        }
        self.certificates.extend(inventory.certificates.iter().map(|found| found.arn.clone()));
        for listener in inventory.load_balancers.iter().flat_map(|found| &found.listeners) {
            self.certificates
                .extend(listener.certificates.iter().chain(&listener.default_certificate).cloned());
        }
        let ingresses = snapshot.cluster.ingresses.iter().map(|found| &found.metadata);
        let route_groups = snapshot.cluster.route_groups.iter().flatten().map(|found| &found.metadata);
        let asked = ingresses.chain(route_groups).map(|found| asked_of_load_balancer(&found.annotations));
        self.asked.extend(
            asked.map(|asked| asked.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        );
        if let Some(plan) = plan {
            self.add_plan(plan, &home, moment);
        }
    }

    fn add_plan(&mut self, plan: &Plan, home: &Home, moment: Moment) {
        for found in &plan.load_balancers {
            let seen = self.ids.entry(Id { id: found.id.clone(), home: home.clone() }).or_default();
            seen.in_plan = earlier(seen.in_plan, Some(moment));
        }
        for action in &plan.actions {
            if let Operation::CreateTargetGroup(group) = &action.operation {
                let form = (group.protocol, group.ip_address_type, group.target_type);
                let version = group.protocol_version.as_deref();
                self.add_suffix(&group.name, form, group.port, version, group.vpc_id.as_deref(), &group.tags);
            }
        }
    }

    fn add_suffix(
        &mut self,
        name: &str,
        (protocol, address_type, target_type): (Protocol, IpAddressType, TargetType),
        port: Option<u16>,
        version: Option<&str>,
        vpc: Option<&str>,
        tags: &[Tag],
    ) {
        let (Some((_, suffix)), Some(port), Some(vpc)) = (name.rsplit_once('-'), port, vpc) else { return };
        let fixed = |text: &str| Part::Fixed(text.to_owned());
        let protocol = word(&protocol).to_uppercase().replace('-', "_");
        let of_proxy = || {
            let over = if address_type == IpAddressType::Ipv6 { " over IPv6" } else { "" };
            let protocol = format!("{protocol}{over}");
            vec![
                Part::Fixed(protocol),
                Part::Fixed(port.to_string()),
                Part::Fixed(word(&target_type)),
                Part::Name(vpc.to_owned()),
            ]
        };
        let of_service = || {
            let (namespace, service) = value(tags, TAG_SERVICE)?.split_once('/')?;
            let (service, service_port) = service.rsplit_once(':')?;
            Some(vec![
                Part::Name(namespace.to_owned()),
                Part::Name(service.to_owned()),
                fixed(service_port),
                Part::Fixed(protocol.clone()),
                fixed(version?),
                Part::Fixed(word(&target_type)),
                Part::Fixed(port.to_string()),
                Part::Name(vpc.to_owned()),
            ])
        };
        let known = of_service().into_iter().chain([of_proxy()]);
        let plain = |parts: &Vec<Part>| digest(parts.iter().map(Part::text), SUFFIX) == suffix;
        if let Some(parts) = known.into_iter().find(plain) {
            self.suffixes.insert(suffix.to_owned(), parts);
        }
    }

    /// Adds what was found in other passes.
    pub fn merge(&mut self, other: Derived) {
        for (id, seen) in other.ids {
            let here = self.ids.entry(id).or_default();
            here.in_aws = earlier(here.in_aws, seen.in_aws);
            here.in_plan = earlier(here.in_plan, seen.in_plan);
        }
        self.homes.extend(other.homes);
        self.suffixes.extend(other.suffixes);
        self.certificates.extend(other.certificates);
        self.asked.extend(other.asked);
    }

    /// The VPCs of the clusters.
    pub fn vpcs(&self) -> impl Iterator<Item = &str> {
        self.homes.iter().map(|home| home.vpc.as_str())
    }

    /// The hashes that take the place of others, and which pseudonym the VPC has.
    pub fn pseudonyms(&self, names: &impl Names) -> (BTreeMap<String, String>, usize) {
        let (created, attempt) = self.derivation(names);
        let mut found = BTreeMap::new();
        for home in &self.homes {
            let shared = home.shared_id();
            let new_shared = home.renamed(names, attempt).shared_id();
            found.insert(home.name_hash(&shared), home.renamed(names, attempt).name_hash(&new_shared));
            found.insert(shared, new_shared);
        }
        for (id, pseudonym) in self.ids(&created, names, attempt, &found) {
            let home = id.home.renamed(names, attempt);
            found.insert(id.home.name_hash(&id.id), home.name_hash(&pseudonym));
            found.insert(id.id.clone(), pseudonym);
        }
        let renamed = |part: &Part| match part {
            Part::Fixed(text) => text.clone(),
            Part::Name(text) if self.homes.iter().any(|home| home.vpc == *text) => {
                names.of_vpc(text, attempt)
            }
            Part::Name(text) => names.pseudonym(text),
        };
        for (suffix, parts) in &self.suffixes {
            found.insert(suffix.clone(), digest(parts.iter().map(renamed), SUFFIX));
        }
        for arn in &self.certificates {
            found.insert(arn_hash(arn), arn_hash(&names.pseudonym(arn)));
        }
        found.insert(NOTHING_ASKED.to_owned(), NOTHING_ASKED.to_owned());
        for asked in self.asked.iter().filter(|asked| !asked.is_empty()) {
            let renamed = asked.iter().map(|(key, value)| (names.pseudonym(key), names.pseudonym(value)));
            found.insert(asked_hash(asked), asked_hash(&renamed.collect()));
        }
        (found, attempt)
    }

    /// The ids of load balancers that plans of the recording create, with what makes the new ids: load balancers of a kind are
    /// numbered from 0, since the planner takes the smallest number that no resource has.
    fn created(&self) -> BTreeMap<&Id, Origin> {
        let is_created = |seen: &Seen| {
            seen.in_plan.is_some() && seen.in_aws.is_none_or(|there| Some(there) > seen.in_plan)
        };
        let mut created: Vec<(Moment, Origin, &Id)> = self
            .ids
            .iter()
            .filter(|(_, seen)| is_created(seen))
            .filter_map(|(id, seen)| Some((seen.in_plan?, id.origin(self.ids.len())?, id)))
            .collect();
        created.sort();
        let mut next: BTreeMap<(&Home, &str, &str), usize> = BTreeMap::new();
        let mut numbered = BTreeMap::new();
        for (_, origin, id) in created {
            let ordinal = next.entry((&id.home, origin.family, origin.scheme)).or_default();
            numbered.insert(id, Origin { ordinal: *ordinal, ..origin });
            *ordinal += 1;
        }
        numbered
    }

    /// The pseudonym of the VPC with which the fewest new ids are out of order, and how many these are.
    fn attempt(&self, ids: &BTreeMap<&Id, Origin>, names: &impl Names, attempts: usize) -> (usize, usize) {
        let homes: BTreeMap<&Home, Home> =
            self.homes.iter().map(|home| (home, home.renamed(names, 0))).collect();
        let disorder = |attempt: usize, most: usize| {
            let mut disorder = 0;
            let mut last = String::new();
            for (id, origin) in ids {
                let Some(home) = homes.get(&id.home) else { continue };
                let home = Home { identity: home.identity.clone(), vpc: names.of_vpc(&id.home.vpc, attempt) };
                let next = home.id(*origin);
                disorder += usize::from(next <= last);
                if disorder >= most {
                    break;
                }
                last = next;
            }
            disorder
        };
        let has_others = self.vpcs().any(|vpc| names.of_vpc(vpc, 0) != names.of_vpc(vpc, 1));
        let attempts = if has_others { attempts.max(1) } else { 1 };
        let mut best = (usize::MAX, 0);
        for attempt in 0..attempts {
            best = best.min((disorder(attempt, best.0), attempt));
            if best.0 == 0 {
                break;
            }
        }
        (best.1, best.0)
    }

    /// Which ids are derived, and with which pseudonym of the VPC. A load balancer that nobody needs is found again by its
    /// derived id, so all ids are derived if there are so few that an order can be found; else those that plans create.
    fn derivation(&self, names: &impl Names) -> (BTreeMap<&Id, Origin>, usize) {
        if self.ids.len() <= FEW {
            let origins = self.ids.keys().map(|id| Some((id, id.origin(self.ids.len())?)));
            let all: BTreeMap<&Id, Origin> = origins.flatten().collect();
            let (attempt, disorder) = self.attempt(&all, names, ATTEMPTS);
            if disorder == 0 {
                return (all, attempt);
            }
        }
        let created = self.created();
        let attempts = if created.len() < 2 { 1 } else { SEARCH / created.len() };
        let (attempt, _) = self.attempt(&created, names, attempts);
        (created, attempt)
    }

    /// The new ids: derived ones where plans create them, and in between others that keep the order.
    fn ids<'a>(
        &'a self,
        created: &BTreeMap<&Id, Origin>,
        names: &impl Names,
        attempt: usize,
        shared: &BTreeMap<String, String>,
    ) -> Vec<(&'a Id, String)> {
        let is_same = |home: &Home| home.renamed(names, attempt) == *home;
        let mut found = Vec::new();
        let mut waiting = Vec::new();
        let mut last = 0;
        let ids = self.ids.keys().filter(|id| !shared.contains_key(&id.id));
        for id in ids {
            let derived = match created.get(id) {
                _ if is_same(&id.home) => Some(id.id.clone()),
                Some(origin) => Some(id.home.renamed(names, attempt).id(*origin)),
                None => None,
            };
            match derived {
                None => waiting.push(id),
                Some(derived) => {
                    let number = u64::from_str_radix(&derived, 16).unwrap_or(last);
                    if number > last {
                        found.extend(between(&mut waiting, last, number));
                        last = number;
                    }
                    found.push((id, derived));
                }
            }
        }
        found.extend(between(&mut waiting, last, IDS));
        found
    }
}

/// Ids between two others, in order and far from each other.
fn between<'a>(waiting: &mut Vec<&'a Id>, first: u64, end: u64) -> Vec<(&'a Id, String)> {
    let step = (end - first) / (waiting.len() as u64 + 1);
    let ids = waiting.drain(..).zip(1..);
    ids.map(|(id, number)| (id, format!("{:012x}", first + step * number))).collect()
}

impl Home {
    fn renamed(&self, names: &impl Names, attempt: usize) -> Home {
        let Identity { cluster_id, cluster_uid, controller_id } = &self.identity;
        let identity = Identity {
            cluster_id: names.pseudonym(cluster_id),
            cluster_uid: names.pseudonym(cluster_uid),
            controller_id: names.pseudonym(controller_id),
        };
        Home { identity, vpc: names.of_vpc(&self.vpc, attempt) }
    }

    fn id(&self, Origin { family, scheme, ordinal }: Origin) -> String {
        let Identity { cluster_id, controller_id, .. } = &self.identity;
        let ordinal = ordinal.to_string();
        digest([cluster_id.as_str(), controller_id, family, scheme, &self.vpc, &ordinal].into_iter(), ID)
    }

    /// The id of what all load balancers of the cluster share.
    fn shared_id(&self) -> String {
        let Identity { cluster_id, controller_id, .. } = &self.identity;
        digest([cluster_id.as_str(), controller_id, "shared", &self.vpc].into_iter(), ID)
    }

    /// The hash in the name of a load balancer.
    fn name_hash(&self, id: &str) -> String {
        let Identity { cluster_id, cluster_uid, controller_id } = &self.identity;
        digest([cluster_id.as_str(), controller_id, cluster_uid, id].into_iter(), ID)
    }
}

impl Id {
    /// What made the id. `None`: it was made in another way.
    fn origin(&self, ids: usize) -> Option<Origin> {
        let kinds = FAMILIES.into_iter().flat_map(|family| SCHEMES.map(|scheme| (family, scheme)));
        let all = kinds.flat_map(|(family, scheme)| {
            (0..2 * ids + 100).map(move |ordinal| Origin { family, scheme, ordinal })
        });
        all.into_iter().find(|origin| self.home.id(*origin) == self.id)
    }
}

impl Part {
    fn text(&self) -> String {
        let (Part::Fixed(text) | Part::Name(text)) = self;
        text.clone()
    }
}

/// The first hexadecimal digits of the SHA-256 of parts, each followed by a NUL.
fn digest(parts: impl Iterator<Item = impl AsRef<str>>, digits: usize) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_ref().as_bytes());
        hasher.update([0]);
    }
    hexadecimal(&hasher.finalize(), digits)
}

/// The hash of what is asked in the name of a group. Pseudonyms may be in another order.
fn asked_hash(asked: &Asked) -> String {
    let in_order = asked.iter().map(|(key, value)| (key, list_in_order(value)));
    digest(in_order.flat_map(|(key, value)| [key.clone(), value]), SUFFIX)
}

/// The hash of a certificate in the key of a tag.
fn arn_hash(arn: &str) -> String {
    hexadecimal(&Sha256::digest(arn.as_bytes()), ID)
}

fn hexadecimal(bytes: &[u8], digits: usize) -> String {
    let text: String = bytes.iter().take(digits.div_ceil(2)).map(|byte| format!("{byte:02x}")).collect();
    text.chars().take(digits).collect()
}

fn earlier(one: Option<Moment>, other: Option<Moment>) -> Option<Moment> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn value<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str())
}

/// A case of an enum as files spell it.
fn word(case: &impl Serialize) -> String {
    let value = serde_json::to_value(case).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
