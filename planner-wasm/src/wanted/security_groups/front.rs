//! The front of a load balancer: who may reach the ports of its listeners.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    self as contract, Diagnostic, DiagnosticCode, IpAddressType, SecurityGroupPeer, SecurityGroupRule,
};

use super::{
    super::{LoadBalancer, build::Builder, route::Agreed},
    OF_CLIENTS, Rules, SecurityGroup, free_name, inbound, is_rule_of_ours, rule,
    spread::{Limits, spread},
};
use crate::{
    cidr::Block,
    diagnostics::{Details, Subject, conflict, warning},
    grouping::{Group, first_of, why_first},
    observed::Concern,
    source::{Claim, Clients, INBOUND_CIDRS, OPEN_TARGETS, ObjectName},
    words,
};

const DESCRIPTION: &str = "Managed by Albatross: admits clients to a load balancer";

/// What the members of a load balancer ask of its security groups.
struct Asked<'a> {
    /// The members that are not held, in their order.
    claims: Vec<&'a Claim<'a>>,
    /// Whether these are all members, so that rules that none of them needs are not needed.
    is_complete: bool,
    /// Whether a member is held, or rules of an Ingress that has left are still there.
    is_held: bool,
    is_dual_stack: bool,
}

impl<'a> Builder<'a, '_> {
    /// The security groups of a load balancer in route mode. `is_named`: its members or the settings name security groups.
    pub(in crate::wanted) fn security_groups(
        &mut self,
        group: &Group<'a>,
        wanted: &mut LoadBalancer<'a>,
        agreed: &Agreed<'a>,
        is_named: bool,
    ) {
        let observed = self.sources.observed;
        let found = group.owned().and_then(|owned| owned.load_balancer);
        let allows = |concern| observed.completeness.allows_for(concern, group.owned());
        if group.is_empty() || !allows(Concern::ChangeSecurityGroups) {
            if let Some(found) = found {
                wanted.security_groups = found.security_groups.iter().map(String::as_str).collect();
            }
            return;
        }
        let asked = self.asked_of_security_groups(group, wanted, agreed);
        let has = |found: &contract::LoadBalancer| {
            group.owned().is_some_and(|owned| {
                owned.security_groups.iter().any(|own| found.security_groups.contains(&own.id))
            })
        };
        // It may be the held member, or the Ingress that has left, that names the security groups of the load balancer.
        let may_be_named = |found: &&contract::LoadBalancer| {
            asked.is_held && agreed.security_groups.is_none() && (is_named || !has(found))
        };
        if let Some(found) = found.filter(may_be_named) {
            wanted.security_groups = found.security_groups.iter().map(String::as_str).collect();
            let shared = observed.shared_security_group;
            wanted.firewall.reaches_targets =
                shared.is_some_and(|shared| found.security_groups.contains(&shared.id));
            return;
        }
        let ours = group.owned().map(|owned| owned.security_groups.as_slice()).unwrap_or_default();
        let free = group.owned().map(|owned| owned.free_security_groups.as_slice()).unwrap_or_default();
        if is_named {
            wanted.firewall.reaches_targets = self.opens_targets(&asked, wanted);
            wanted.firewall.surplus = free.to_vec();
            return;
        }
        let mut rules = self.rules_of_clients(&asked, ours, wanted);
        if let Some(found) = found {
            // No member asks for these ports, or none of the clients can have a rule, but their listeners stay.
            let is_other = |port: &u16| !rules.iter().any(|rule| rule.from_port == Some(*port));
            let kept: Vec<u16> = found.listeners.iter().map(|it| it.port).filter(is_other).collect();
            rules.extend(of_ports(&kept, ours));
            wanted.security_groups = found.security_groups.iter().map(String::as_str).collect();
        } else {
            wanted.security_groups = Vec::new();
        }
        wanted.firewall.reaches_targets = true;
        self.spread_over_groups(rules, (ours, free), asked.is_complete, wanted);
        for claim in asked.claims.iter().filter(|claim| opens_targets_of(claim) == Some(false)) {
            self.tell(claim.object, without_effect(claim.object, OPEN_TARGETS));
        }
    }

    fn asked_of_security_groups(
        &self,
        group: &Group<'a>,
        wanted: &LoadBalancer<'a>,
        agreed: &Agreed<'a>,
    ) -> Asked<'a> {
        let observed = self.sources.observed;
        let all = self.claims_that_agree(group);
        let mut claims: Vec<&Claim<'a>> =
            all.into_iter().filter(|claim| claim.diagnostics.is_empty() && claim.routing.is_some()).collect();
        claims.sort_by_key(|claim| (claim.routing.as_ref().map(|routing| routing.order), claim.age()));
        let is_held = agreed.keeps;
        let is_complete = !is_held
            && !group.is_unsure()
            && observed.completeness.allows_for(Concern::Remove, group.owned());
        Asked { claims, is_complete, is_held, is_dual_stack: wanted.ip_address_type != IpAddressType::Ipv4 }
    }

    /// The rules for the ports of the listeners. For each port the first member counts that names clients. While a member is
    /// held, which may be that one, a port that has rules keeps them.
    fn rules_of_clients(
        &mut self,
        asked: &Asked<'a>,
        ours: &[&contract::SecurityGroup],
        wanted: &LoadBalancer<'a>,
    ) -> Vec<SecurityGroupRule> {
        let mut rules = Vec::new();
        let mut others: BTreeMap<(ObjectName<'a>, ObjectName<'a>), (OtherClients<'a>, Vec<u16>)> =
            BTreeMap::new();
        for listener in &wanted.listeners {
            if asked.is_held {
                let kept = of_ports(&[listener.port], ours);
                if !kept.is_empty() {
                    rules.extend(kept);
                    continue;
                }
            }
            let on_port: Vec<(&Claim<'a>, &Clients<'a>)> = asked
                .claims
                .iter()
                .filter_map(|claim| {
                    let routing = claim.routing.as_ref()?;
                    let is_on = routing.listeners.iter().any(|it| it.port == listener.port);
                    Some((*claim, routing.firewall.clients.as_ref().filter(|_| is_on)?))
                })
                .collect();
            let first = first_of(&on_port);
            for (claim, clients) in &on_port {
                if let Some((first, admitted)) = first.filter(|(_, admitted)| admitted != clients)
                    && let Some((first, _)) = on_port.iter().find(|(claim, _)| claim.object == first)
                    && clients.admit_all_of(admitted)
                {
                    let told = others.entry((claim.object, first.object));
                    told.or_insert((OtherClients { claim, first }, Vec::new())).1.push(listener.port);
                }
            }
            if let Some((object, clients)) = first
                && let Some(block) = clients.blocks.iter().find(|block| block.is_ipv6())
                && !asked.is_dual_stack
            {
                self.tell(object, ipv6_on_ipv4(object, block));
            }
            // A member whose limit has no effect is held ([`crate::grouping::settle_clients`]). Until then its limit counts too.
            let among = |clients: Clients<'a>, (_, others): &(_, &Clients<'a>)| clients.among(others);
            let clients = first.map(|(_, clients)| on_port.iter().fold(clients.clone(), among));
            let peers = peers(clients.as_ref(), asked.is_dual_stack);
            rules
                .extend(peers.into_iter().map(|peer| rule((listener.port, listener.port), peer, OF_CLIENTS)));
        }
        for (other, ports) in others.into_values() {
            self.tell(other.claim.object, other.diagnostic(&ports));
        }
        rules
    }

    fn spread_over_groups(
        &mut self,
        rules: Vec<SecurityGroupRule>,
        (ours, free): (&[&'a contract::SecurityGroup], &[&'a contract::SecurityGroup]),
        is_complete: bool,
        wanted: &mut LoadBalancer<'a>,
    ) {
        let inventory = self.sources.observed.inventory;
        let quotas = &inventory.quotas;
        let limits = Limits {
            rules: quotas.inbound_rules_per_security_group as usize,
            // One of them is the shared security group.
            groups: (quotas.security_groups_per_load_balancer as usize).saturating_sub(1).max(1),
        };
        let mut asked = rules;
        let (mut shares, left) = spread(asked.clone(), ours, limits);
        if !left.is_empty() {
            // Rules that are about to be removed take the room. A port keeps a rule until it gets another.
            let ports: BTreeSet<u16> = left.iter().filter_map(|rule| rule.from_port).collect();
            let has = |port: &u16| {
                shares.iter().flat_map(|share| &share.wanted).any(|rule| rule.from_port == Some(*port))
            };
            let bare = ports.into_iter().filter(|port| !has(port));
            let kept: Vec<SecurityGroupRule> =
                bare.filter_map(|port| of_ports(&[port], ours).into_iter().next()).collect();
            let leaves = ours.iter().flat_map(|group| inbound(group)).filter(|rule| is_rule_of_ours(rule));
            let stays = shares.iter().map(|share| share.wanted.len()).sum::<usize>();
            if leaves.count() <= stays + kept.len() {
                self.diagnostics.push(too_many_rules(&wanted.name, &left, limits));
            }
            asked.extend(kept);
            (shares, _) = spread(asked, ours, limits);
        }
        let mut taken: Vec<String> = inventory.security_groups.iter().map(|it| it.name.clone()).collect();
        for (place, share) in shares.into_iter().enumerate() {
            if let Some(there) = share.there
                && share.wanted.is_empty()
                && place > 0
                && is_complete
            {
                wanted.firewall.surplus.extend(free.iter().filter(|group| group.id == there.id));
                continue;
            }
            let name = share.there.map(|there| there.name.clone()).unwrap_or_else(|| {
                let taken: Vec<&str> = taken.iter().map(String::as_str).collect();
                free_name(&format!("{}-clients", wanted.name), &taken)
            });
            taken.push(name.clone());
            let reason = match place {
                0 => "no security group is named for the load balancer, so it gets one of its own",
                _ => "the rules for its clients are more than one security group may have",
            };
            wanted.firewall.front.push(SecurityGroup {
                id: wanted.id.clone(),
                name,
                description: DESCRIPTION,
                vpc: &inventory.vpc.id,
                there: share.there,
                reason: reason.to_owned(),
                ownership: wanted.ownership.clone(),
                rules: Rules {
                    wanted: share.wanted,
                    may_revoke: is_complete,
                    admitted: None,
                    limit: limits.rules,
                },
            });
        }
    }

    /// Whether the targets admit a load balancer whose security groups are named. The first member counts that says so.
    fn opens_targets(&mut self, asked: &Asked<'a>, wanted: &LoadBalancer<'a>) -> bool {
        for claim in &asked.claims {
            let Some(routing) = &claim.routing else { continue };
            if let Some(clients) = &routing.firewall.clients {
                self.tell(claim.object, named_groups(claim.object, clients.annotation()));
            }
        }
        let says: Vec<(&Claim<'a>, bool)> =
            asked.claims.iter().filter_map(|claim| Some((*claim, opens_targets_of(claim)?))).collect();
        let Some((first, opens)) = first_of(&says) else { return false };
        for (claim, other) in says.iter().filter(|(_, other)| *other != opens) {
            self.tell(claim.object, other_about_targets(claim.object, *other, first));
        }
        let limit = self.sources.observed.inventory.quotas.security_groups_per_load_balancer as usize;
        if opens && wanted.security_groups.len() >= limit {
            self.tell(first, no_place_for_shared(first, limit));
            return false;
        }
        opens
    }
}

/// A member that names other clients than the first member, which admits fewer.
struct OtherClients<'a> {
    claim: &'a Claim<'a>,
    first: &'a Claim<'a>,
}

impl OtherClients<'_> {
    fn diagnostic(&self, ports: &[u16]) -> Diagnostic {
        let clients = |claim: &Claim<'_>| {
            let clients = claim.routing.as_ref().and_then(|routing| routing.firewall.clients.as_ref());
            (
                clients.map(ToString::to_string).unwrap_or_default(),
                clients.map_or(INBOUND_CIDRS, Clients::annotation),
            )
        };
        let ((asked, annotation), (admitted, _)) = (clients(self.claim), clients(self.first));
        let message = format!(
            "{} of the same group, which {}, admits only {admitted} to {}, so annotation {annotation} (\"{asked}\") does \
             nothing here",
            self.first.object,
            why_first(self.first, self.claim),
            words::ports(ports)
        );
        conflict(self.claim.object, annotation, message)
            .remedy("name the same clients in all Ingresses of the group, or in one of them")
    }
}

/// The rules of ours for some ports, as security groups have them.
fn of_ports(ports: &[u16], groups: &[&contract::SecurityGroup]) -> Vec<SecurityGroupRule> {
    let is_of = |rule: &&SecurityGroupRule| {
        is_rule_of_ours(rule) && rule.from_port.is_some_and(|port| ports.contains(&port))
    };
    let rules = groups.iter().flat_map(|group| inbound(group)).filter(is_of);
    rules.map(|rule| SecurityGroupRule { id: None, ..rule.clone() }).collect()
}

fn opens_targets_of(claim: &Claim<'_>) -> Option<bool> {
    claim.routing.as_ref().and_then(|routing| routing.firewall.open_targets)
}

/// The peers of the rules for some clients. `None`: all clients.
fn peers(clients: Option<&Clients<'_>>, is_dual_stack: bool) -> Vec<SecurityGroupPeer> {
    let Some(clients) = clients else {
        let ipv6 = is_dual_stack.then(|| SecurityGroupPeer::Ipv6("::/0".to_owned()));
        return [Some(SecurityGroupPeer::Ipv4("0.0.0.0/0".to_owned())), ipv6].into_iter().flatten().collect();
    };
    let is_usable = |block: &&Block| is_dual_stack || !block.is_ipv6();
    let blocks = clients.blocks.iter().filter(is_usable).map(|block| match block.is_ipv6() {
        true => SecurityGroupPeer::Ipv6(block.to_string()),
        false => SecurityGroupPeer::Ipv4(block.to_string()),
    });
    let lists = clients.prefix_lists.iter().map(|id| SecurityGroupPeer::PrefixList((*id).to_owned()));
    blocks.chain(lists).collect()
}

fn field(annotation: &str) -> String {
    format!("metadata.annotations[{annotation}]")
}

fn invalid(object: ObjectName<'_>, annotation: &str, message: String) -> Diagnostic {
    warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message).field(field(annotation))
}

fn ipv6_on_ipv4(object: ObjectName<'_>, block: &Block) -> Diagnostic {
    let message = format!(
        "annotation {INBOUND_CIDRS} names the IPv6 block {block}, but the load balancer has no IPv6 addresses, so the block \
         does nothing"
    );
    invalid(object, INBOUND_CIDRS, message).remedy("remove the block, or let the load balancer be dual-stack")
}

fn named_groups(object: ObjectName<'_>, annotation: &str) -> Diagnostic {
    let message = format!(
        "annotation {annotation} does nothing, because the security groups of the load balancer are named, and those are not \
         changed"
    );
    invalid(object, annotation, message)
        .remedy("add the rules to the named security groups, or name no security groups")
}

fn without_effect(object: ObjectName<'_>, annotation: &str) -> Diagnostic {
    let message = format!(
        "annotation {annotation} is \"false\", which does nothing without named security groups: the security groups of the \
         targets admit the load balancer"
    );
    invalid(object, annotation, message).remedy("remove it, or name security groups")
}

fn other_about_targets(object: ObjectName<'_>, opens: bool, first: ObjectName<'_>) -> Diagnostic {
    let message = format!(
        "{first} of the same group sets annotation {OPEN_TARGETS} to \"{}\" and takes precedence, so \"{opens}\" does \
         nothing here",
        !opens
    );
    conflict(object, OPEN_TARGETS, message).remedy("use the same value in all Ingresses of the group")
}

fn no_place_for_shared(object: ObjectName<'_>, limit: usize) -> Diagnostic {
    let message = format!(
        "annotation {OPEN_TARGETS} is \"true\", but {limit} security groups are named, which is the quota: the security group \
         that the targets admit has no place on the load balancer"
    );
    invalid(object, OPEN_TARGETS, message).remedy("name fewer security groups, or raise the quota")
}

fn too_many_rules(name: &str, left: &[SecurityGroupRule], limits: Limits) -> Diagnostic {
    let peers = left.first().map(|rule| match &rule.peer {
        SecurityGroupPeer::Ipv4(peer)
        | SecurityGroupPeer::Ipv6(peer)
        | SecurityGroupPeer::PrefixList(peer)
        | SecurityGroupPeer::SecurityGroup(peer) => peer.as_str(),
    });
    let message = format!(
        "{} inbound rules for its clients have no place, the first of them for {}: it may have {} security groups of its own \
         with {} rules each",
        left.len(),
        peers.unwrap_or_default(),
        limits.groups,
        limits.rules
    );
    warning(DiagnosticCode::QuotaExhausted, Subject::Resource(name), message)
        .remedy("name larger CIDR blocks or a prefix list, or raise the quota for rules of a security group")
}
