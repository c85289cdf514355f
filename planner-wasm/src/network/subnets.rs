//! Subnets: one for each zone.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Diagnostic, DiagnosticCode, IpAddressType, LoadBalancer, PlanningError, PolicyPoint, Route, Scheme,
    Subnet, SubnetCandidate, SubnetInput, TAG_CLUSTER, ZoneKind,
};

use crate::{
    diagnostics::{Details, Subject, info, warning},
    identity::{cluster_tag, tag_value},
    kind::Kind,
    observed::{Concern, Observed},
    policies::Points,
    words,
};

/// Free addresses that a subnet must have when it is added (ELB user guide, "Subnets for your load balancer").
const FREE_ADDRESSES: u32 = 8;

/// The zones that a load balancer with IPv6 should have.
const ZONES: usize = 2;

/// Why a subnet is not good for a load balancer with IPv6 addresses (ELBv2 SetIpAddressType).
const NO_IPV6: &str = "has no IPv6 block";

/// Subnets for new load balancers of one scheme.
pub struct Choice<'a> {
    /// The chosen subnets, one for each zone, in the order of the zones.
    pub chosen: Vec<&'a Subnet>,
    /// All other subnets of the VPC, each with the reason, in the order of their ids.
    pub lost: Vec<(&'a Subnet, String)>,
    /// Why each chosen subnet was chosen.
    pub reasons: BTreeMap<&'a str, String>,
}

/// The subnets of a VPC with their routes.
pub struct Subnets<'a> {
    all: Vec<&'a Subnet>,
    public: BTreeSet<&'a str>,
    /// For subnets that are not public, where their default route leads.
    leads_elsewhere: BTreeMap<&'a str, String>,
}

impl<'a> Subnets<'a> {
    /// Reads the subnets of the VPC and their effective route tables.
    pub fn new(observed: &Observed<'a>) -> Self {
        let inventory = observed.inventory;
        let mut all: Vec<&Subnet> =
            inventory.subnets.iter().filter(|subnet| subnet.vpc_id == inventory.vpc.id).collect();
        all.sort_by(|left, right| left.id.cmp(&right.id));
        let routes = |subnet: &Subnet| {
            // An explicit association replaces the main route table (VPC user guide, "Route tables").
            let own = inventory.route_tables.iter().find(|table| table.subnets.contains(&subnet.id));
            let main = || inventory.route_tables.iter().find(|table| table.main);
            own.or_else(main).map(|table| table.routes.as_slice()).unwrap_or_default()
        };
        let is_gateway = |route: &&Route| route.target.starts_with("igw-");
        let mut public = BTreeSet::new();
        let mut leads_elsewhere = BTreeMap::new();
        for subnet in &all {
            let routes = routes(subnet);
            if routes.iter().filter(is_gateway).any(|route| route.active) {
                public.insert(subnet.id.as_str());
            } else {
                leads_elsewhere.insert(subnet.id.as_str(), way_out(routes));
            }
        }
        Subnets { all, public, leads_elsewhere }
    }

    /// The diagnostic for a subnet of internet-facing load balancers that has no route to an internet gateway. Behind a
    /// firewall endpoint that is correct (Network Firewall developer guide, "Architecture with an internet gateway and
    /// firewall subnets"): the routes of the internet gateway send requests through the firewall.
    pub fn tell_not_public(&self, id: &str) -> Option<Diagnostic> {
        let way = self.leads_elsewhere.get(id)?;
        let message = format!(
            "internet-facing load balancers use this subnet, which the settings name or a role tag marks, but its route \
             table has no route to an internet gateway: {way}"
        );
        let make = if way.contains(" vpce-") { info } else { warning };
        let diagnostic = make(DiagnosticCode::SubnetNotPublic, Subject::Resource(id), message);
        Some(
            diagnostic.remedy("if requests do not reach the subnet, add the route, or choose another subnet"),
        )
    }

    /// The subnets of a new load balancer.
    pub fn choose(
        &self,
        scheme: Scheme,
        observed: &Observed<'a>,
        points: &Points<'_>,
    ) -> Result<Choice<'a>, PlanningError> {
        let mut lost = Vec::new();
        let mut eligible = Vec::new();
        for subnet in &self.all {
            match self.unfit(subnet, scheme, observed) {
                Some(reason) => lost.push((*subnet, reason)),
                None => eligible.push(*subnet),
            }
        }
        if points.is_overridden(PolicyPoint::Subnets) && observed.settings.subnets.is_empty() {
            let is_fit =
                |subnet: &&Subnet| !must_have_ipv6(scheme, observed) || !lacks_ipv6(subnet, observed);
            let (fit, unfit) = eligible.into_iter().partition(is_fit);
            lost.extend(Vec::into_iter(unfit).map(|subnet| (subnet, NO_IPV6.to_owned())));
            return self.ask_policy(scheme, fit, lost, observed, points);
        }
        let best = self.best(eligible, scheme, observed, &mut lost);
        lost.sort_by(|left, right| left.0.id.cmp(&right.0.id));
        let reasons =
            best.values().map(|subnet| (subnet.id.as_str(), self.won(subnet, scheme, observed))).collect();
        Ok(Choice { chosen: best.into_values().collect(), lost, reasons })
    }

    /// Of eligible subnets the best in each zone, by zone.
    fn best(
        &self,
        mut eligible: Vec<&'a Subnet>,
        scheme: Scheme,
        observed: &Observed<'_>,
        lost: &mut Vec<(&'a Subnet, String)>,
    ) -> BTreeMap<&'a str, &'a Subnet> {
        let mut best: BTreeMap<&str, &'a Subnet> = BTreeMap::new();
        eligible.sort_by_key(|subnet| self.rank(subnet, scheme, observed));
        for subnet in eligible {
            match best.get(subnet.zone.as_str()) {
                None => {
                    best.insert(subnet.zone.as_str(), subnet);
                }
                Some(winner) => lost.push((subnet, self.lost_to(subnet, winner, scheme, observed))),
            }
        }
        // A zone without IPv6 is left out if enough zones remain. A subnet that is worse in other ways does not take its place:
        // internal load balancers do not move to public subnets for the sake of IPv6.
        if must_have_ipv6(scheme, observed)
            || best.values().filter(|subnet| !lacks_ipv6(subnet, observed)).count() >= ZONES
        {
            best.retain(|_, subnet| {
                let stays = !lacks_ipv6(subnet, observed);
                if !stays {
                    lost.push((*subnet, NO_IPV6.to_owned()));
                }
                stays
            });
        }
        best
    }

    /// The subnets that an existing load balancer should have: its present subnets without those that no longer exist, and
    /// one more for each zone that has targets but no subnet. If the settings list subnets, only those.
    pub fn keep(
        &self,
        load_balancer: &'a LoadBalancer,
        target_zones: &BTreeSet<&str>,
        new: &Choice<'a>,
        observed: &Observed<'a>,
    ) -> Vec<&'a str> {
        let mut current: Vec<&str> = load_balancer.subnets.iter().map(String::as_str).collect();
        current.sort_unstable();
        if !observed.completeness.allows_on(Concern::ChangeSubnets, &load_balancer.arn) {
            return current;
        }
        // `all` is in the order of the ids.
        let zone = |id: &str| {
            let found = self.all.binary_search_by(|subnet| subnet.id.as_str().cmp(id)).ok()?;
            self.all.get(found).map(|subnet| subnet.zone.as_str())
        };
        let mut wanted: BTreeSet<&str> = current.iter().copied().filter(|id| zone(id).is_some()).collect();
        let named = &observed.settings.subnets;
        if !named.is_empty() {
            // Requirements apply when a subnet is added: a subnet in use is removed only if it is not in the list.
            wanted.retain(|id| named.iter().any(|named| named == id));
        }
        let covered: BTreeSet<&str> = wanted.iter().filter_map(|id| zone(id)).collect();
        // A load balancer that has IPv6, or could have it, gets no subnet without IPv6.
        let mut present = self.all.iter().filter(|subnet| current.contains(&subnet.id.as_str()));
        let has_ipv6 = load_balancer.ip_address_type != IpAddressType::Ipv4
            || (observed.settings.ip_address_type != IpAddressType::Ipv4
                && present.all(|subnet| !subnet.ipv6_cidr_blocks.is_empty()));
        let added = new.chosen.iter().filter(|subnet| {
            let zone = subnet.zone.as_str();
            (!has_ipv6 || !subnet.ipv6_cidr_blocks.is_empty())
                && (!named.is_empty() || target_zones.contains(zone))
                && !covered.contains(zone)
        });
        wanted.extend(added.map(|subnet| subnet.id.as_str()));
        let zones: BTreeSet<&str> = wanted.iter().filter_map(|id| zone(id)).collect();
        if zones.len() < Kind::of(load_balancer).fewest_zones() {
            current
        } else {
            wanted.into_iter().collect()
        }
    }

    /// Why a subnet cannot be added. `None`: it can.
    fn unfit(&self, subnet: &Subnet, scheme: Scheme, observed: &Observed<'_>) -> Option<String> {
        let named = &observed.settings.subnets;
        if !named.is_empty() && !named.contains(&subnet.id) {
            return Some("not in the list of the settings".to_owned());
        }
        let explicit = !named.is_empty();
        let kind =
            observed.inventory.zones.iter().find(|zone| zone.name == subnet.zone).map(|zone| zone.kind);
        // First, since it is the result of a wrong cluster id.
        if !explicit && let Some(other) = another_cluster(subnet, observed) {
            return Some(format!("tagged for another cluster, {other}"));
        }
        // A person's choice counts more than the routes, which may lead through a firewall.
        let is_meant = explicit || has_role(subnet, scheme);
        if let Some(way) = self.leads_elsewhere.get(subnet.id.as_str())
            && scheme == Scheme::InternetFacing
            && !is_meant
        {
            return Some(format!("no route to an internet gateway: {way}"));
        }
        if !explicit
            && (matches!(kind, Some(ZoneKind::LocalZone | ZoneKind::WavelengthZone))
                || subnet.outpost_arn.is_some())
        {
            return Some(
                "in a Local Zone, Wavelength Zone or Outpost, and not named by the settings".to_owned(),
            );
        }
        if subnet.free_addresses < FREE_ADDRESSES {
            return Some(format!("{} free addresses, {FREE_ADDRESSES} are needed", subnet.free_addresses));
        }
        None
    }

    /// Smaller is better.
    fn rank<'b>(
        &self,
        subnet: &'b Subnet,
        scheme: Scheme,
        observed: &Observed<'_>,
    ) -> (bool, bool, bool, bool, &'b str) {
        (
            !has_role(subnet, scheme),
            (scheme == Scheme::Internal) == self.public.contains(subnet.id.as_str()),
            lacks_ipv6(subnet, observed),
            tag_value(&subnet.tags, &cluster_tag(&observed.settings.identity)).is_none(),
            &subnet.id,
        )
    }

    fn won(&self, subnet: &Subnet, scheme: Scheme, observed: &Observed<'_>) -> String {
        if has_role(subnet, scheme) {
            format!("role tag {}", role(scheme))
        } else if !observed.settings.subnets.is_empty() {
            "named by the settings".to_owned()
        } else {
            "the best subnet in its zone".to_owned()
        }
    }

    fn lost_to(&self, subnet: &Subnet, winner: &Subnet, scheme: Scheme, observed: &Observed<'_>) -> String {
        let (lost, won) = (self.rank(subnet, scheme, observed), self.rank(winner, scheme, observed));
        let reason = if lost.0 != won.0 {
            "lacks the role tag"
        } else if lost.1 != won.1 {
            match scheme {
                Scheme::Internal => "is public, and the load balancer is internal",
                Scheme::InternetFacing => "has no route to an internet gateway",
            }
        } else if lost.2 != won.2 {
            NO_IPV6
        } else if lost.3 != won.3 {
            "lacks the cluster's tag"
        } else {
            "has the larger id"
        };
        format!("{reason}; {} is chosen in this zone", winner.id)
    }

    fn ask_policy(
        &self,
        scheme: Scheme,
        eligible: Vec<&'a Subnet>,
        mut lost: Vec<(&'a Subnet, String)>,
        observed: &Observed<'_>,
        points: &Points<'_>,
    ) -> Result<Choice<'a>, PlanningError> {
        let mut choice = Choice { chosen: Vec::new(), lost: Vec::new(), reasons: BTreeMap::new() };
        if points.is_frozen(PolicyPoint::Subnets) {
            let reason = || "the policy for subnets is not asked".to_owned();
            lost.extend(eligible.into_iter().map(|subnet| (subnet, reason())));
        } else {
            let best = self.best(eligible.clone(), scheme, observed, &mut Vec::new());
            let is_best = |subnet: &Subnet| best.values().any(|best| best.id == subnet.id);
            let indices = (0u32..).zip(&eligible).filter(|(_, subnet)| is_best(subnet));
            let answer = points.subnets(&SubnetInput {
                settings: points.settings(PolicyPoint::Subnets),
                scheme,
                candidates: eligible.iter().map(|subnet| self.candidate(subnet)).collect(),
                by_default: indices.map(|(index, _)| index).collect(),
            })?;
            let chosen: BTreeSet<u32> = answer.subnets.iter().copied().collect();
            let mut zones = BTreeSet::new();
            for (index, subnet) in (0u32..).zip(eligible) {
                if chosen.contains(&index) && zones.insert(subnet.zone.as_str()) {
                    choice.chosen.push(subnet);
                    choice.reasons.insert(&subnet.id, answer.reason.clone());
                } else {
                    lost.push((subnet, format!("the policy chose other subnets ({})", answer.reason)));
                }
            }
        }
        lost.sort_by(|left, right| left.0.id.cmp(&right.0.id));
        choice.lost = lost;
        choice.chosen.sort_by(|left, right| left.zone.cmp(&right.zone));
        Ok(choice)
    }

    fn candidate(&self, subnet: &Subnet) -> SubnetCandidate {
        let mut tags = subnet.tags.clone();
        tags.sort();
        SubnetCandidate {
            id: subnet.id.clone(),
            zone: subnet.zone.clone(),
            public: self.public.contains(subnet.id.as_str()),
            ipv6: !subnet.ipv6_cidr_blocks.is_empty(),
            free_addresses: subnet.free_addresses,
            tags,
        }
    }
}

/// In words, where the default route leads.
fn way_out(routes: &[Route]) -> String {
    let default = |route: &&Route| route.destination == "0.0.0.0/0" || route.destination == "::/0";
    let default =
        routes.iter().filter(default).min_by_key(|route| (route.destination == "::/0", &route.target));
    match default {
        None => "it has no default route".to_owned(),
        Some(route) if !route.active => format!("its default route, to {}, is a blackhole", route.target),
        Some(route) => format!("its default route leads to {}", route.target),
    }
}

/// The tag key that marks subnets for a scheme; the value does not matter.
pub fn role(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::InternetFacing => "kubernetes.io/role/elb",
        Scheme::Internal => "kubernetes.io/role/internal-elb",
    }
}

fn has_role(subnet: &Subnet, scheme: Scheme) -> bool {
    tag_value(&subnet.tags, role(scheme)).is_some()
}

/// Whether a load balancer cannot do without IPv6. Without it a load balancer is ipv4, unless the settings rule out its public
/// IPv4 addresses.
fn must_have_ipv6(scheme: Scheme, observed: &Observed<'_>) -> bool {
    let asked = observed.settings.ip_address_type;
    scheme == Scheme::InternetFacing && asked == IpAddressType::DualstackWithoutPublicIpv4
}

/// Whether the settings ask for IPv6 and a subnet has none.
fn lacks_ipv6(subnet: &Subnet, observed: &Observed<'_>) -> bool {
    observed.settings.ip_address_type != IpAddressType::Ipv4 && subnet.ipv6_cidr_blocks.is_empty()
}

/// The tag of another cluster on a subnet that lacks ours.
fn another_cluster<'b>(subnet: &'b Subnet, observed: &Observed<'_>) -> Option<&'b str> {
    if tag_value(&subnet.tags, &cluster_tag(&observed.settings.identity)).is_some() {
        return None;
    }
    subnet.tags.iter().map(|tag| tag.key.as_str()).filter(|key| key.starts_with(TAG_CLUSTER)).min()
}

/// In words, why there are too few subnets: which subnets exist, and why they cannot be used.
pub fn too_few(kind: Kind, choice: &Choice<'_>, observed: &Observed<'_>) -> String {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, reason) in &choice.lost {
        *reasons.entry(reason).or_default() += 1;
    }
    let lost: String = reasons.iter().map(|(reason, count)| format!(", {count} cannot ({reason})")).collect();
    let vpc = &observed.inventory.vpc.id;
    let found = match choice.chosen.len() + choice.lost.len() {
        0 => format!("{vpc} has no subnets"),
        all => format!("of the {all} subnets of {vpc}, {} can be used{lost}", choice.chosen.len()),
    };
    format!("it needs subnets in {}; {found}", zones(kind))
}

/// The remedy for too few subnets. If subnets are tagged for other clusters and none for ours, our cluster id may be wrong.
pub fn too_few_remedy(kind: Kind, choice: &Choice<'_>, observed: &Observed<'_>) -> String {
    let zones = zones(kind);
    if !observed.settings.subnets.is_empty() {
        return format!("name usable subnets in {zones} in the settings");
    }
    let ours = cluster_tag(&observed.settings.identity);
    let mut all = choice.chosen.iter().chain(choice.lost.iter().map(|(subnet, _)| subnet));
    let none_is_ours = all.all(|subnet| tag_value(&subnet.tags, &ours).is_none());
    if none_is_ours && choice.lost.iter().any(|(subnet, _)| another_cluster(subnet, observed).is_some()) {
        return format!(
            "check the cluster id ({}); if it is right, tag subnets in {zones} with {ours}, or name them in \
             the settings",
            observed.settings.identity.cluster_id
        );
    }
    format!("make subnets in {zones} usable, or name usable subnets in the settings")
}

/// In words, in how many zones a load balancer of a kind needs subnets.
fn zones(kind: Kind) -> String {
    words::count(kind.fewest_zones(), "zone", "zones")
}

#[cfg(test)]
mod tests;
