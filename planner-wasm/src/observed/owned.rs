//! The resources with one id of ours: a load balancer with its target groups and security groups, or only some of these.

use albatross_contract::{
    Listener, ListenerAction, LoadBalancer, LoadBalancerState, PROTECTED_FOR_SETTINGS, ResourceReference,
    SecurityGroup, TAG_DELETION_PROTECTION, TAG_INGRESS, TAG_REPLACES, TAG_RETAIN, TAG_UNNEEDED,
    TAG_UNNEEDED_CERTIFICATE, TargetGroup,
};

use crate::{
    attributes::DELETION_PROTECTION,
    certificates::{Catalog, CertificateId},
    identity::{certificate_hash, tag_value},
    ports,
    source::{AllWishes, WishesId},
    terms::{Terms, is_http_only},
};

pub use albatross_contract::periods::PROVISIONING_TIMEOUT;

/// All resources with one id of ours.
pub struct Owned<'a> {
    /// The id.
    pub id: &'a str,
    /// The load balancer.
    pub load_balancer: Option<&'a LoadBalancer>,
    /// Its target groups, in the order of their ARNs.
    pub target_groups: Vec<&'a TargetGroup>,
    /// The security groups that we created for it, in the order of their names.
    pub security_groups: Vec<&'a SecurityGroup>,
    /// Those of them that nothing but the load balancer uses.
    pub free_security_groups: Vec<&'a SecurityGroup>,
    /// All certificates on the load balancer, default or not, in their order.
    pub certificates: Vec<CertificateId>,
    /// Whether AWS takes too long to provision this load balancer and others at the same time.
    pub waits_with_others: bool,
    /// What claims in proxy mode ask for and the load balancer has.
    wishes: Option<WishesId>,
    place: usize,
}

impl<'a> Owned<'a> {
    /// An id without resources.
    pub fn new(id: &'a str) -> Self {
        Owned {
            id,
            load_balancer: None,
            target_groups: Vec::new(),
            security_groups: Vec::new(),
            free_security_groups: Vec::new(),
            certificates: Vec::new(),
            waits_with_others: false,
            wishes: None,
            place: 0,
        }
    }

    /// The terms of the load balancer, as AWS has them. `None`: there is no load balancer.
    pub fn terms(&self) -> Option<Terms<'a>> {
        Some(Terms::of(self.load_balancer?).with(self.wishes))
    }

    /// Its index among all our resources, in the order of our ids.
    pub fn place(&self) -> usize {
        self.place
    }

    /// ARNs of the load balancer and of its target groups.
    pub fn resources(&self) -> impl Iterator<Item = &'a str> {
        let load_balancer = self.load_balancer.into_iter().map(|found| found.arn.as_str());
        load_balancer.chain(self.target_groups.iter().map(|group| group.arn.as_str()))
    }

    /// ARNs of all certificates on the listeners, in the order of the inventory.
    pub(super) fn arns(&self) -> impl Iterator<Item = &'a str> {
        let listeners = self.load_balancer.into_iter().flat_map(|found| &found.listeners);
        let arns =
            listeners.flat_map(|listener| listener.certificates.iter().chain(&listener.default_certificate));
        arns.map(String::as_str)
    }

    /// Sets its index, and the numbers of its certificates and of the wishes that it meets.
    pub(super) fn number(&mut self, place: usize, catalog: &Catalog<'_>, wishes: &AllWishes<'_>) {
        self.place = place;
        self.wishes = self.load_balancer.and_then(|found| wishes.met_by(found));
        // HTTPS listeners of a load balancer that serves HTTP only are not ours.
        let arns = self.arns().filter(|_| !self.serves_http_only());
        self.certificates = arns.filter_map(|arn| catalog.find(arn)).collect();
        self.certificates.sort_unstable();
        self.certificates.dedup();
    }

    /// The object that the load balancer serves exclusively, as its tag says.
    pub fn alone(&self) -> Option<&'a str> {
        self.tag(TAG_INGRESS)
    }

    /// The id of the load balancer that it replaces.
    pub fn replaces(&self) -> Option<&'a str> {
        self.tag(TAG_REPLACES)
    }

    /// Whether it stays, and is ours no longer, when nobody needs it.
    pub fn is_retained(&self) -> bool {
        self.tag(TAG_RETAIN) == Some("true")
    }

    fn tag(&self, key: &str) -> Option<&'a str> {
        self.load_balancer.and_then(|found| tag_value(&found.tags, key))
    }

    /// Since when it is unneeded. A mark that cannot be parsed does not count: it is written again.
    pub fn unneeded_since(&self) -> Option<u64> {
        match self.load_balancer {
            Some(found) => timestamp(tag_value(&found.tags, TAG_UNNEEDED)),
            None => self.target_groups.iter().filter_map(|group| target_group_unneeded_since(group)).max(),
        }
    }

    /// Since when a certificate on it is unneeded.
    pub fn certificate_unneeded_since(&self, arn: &str) -> Option<u64> {
        let tags = self.load_balancer?.tags.as_slice();
        // Most load balancers have no such mark, and computing a hash is expensive.
        let mut marks = tags.iter().filter(|tag| tag.key.starts_with(TAG_UNNEEDED_CERTIFICATE)).peekable();
        marks.peek()?;
        let key = certificate_mark(arn);
        timestamp(marks.find(|tag| tag.key == key).map(|tag| tag.value.as_str()))
    }

    /// The listener on a port.
    pub fn listener(&self, port: u16) -> Option<&'a Listener> {
        self.load_balancer.and_then(|found| found.listeners.iter().find(|listener| listener.port == port))
    }

    /// Whether the load balancer serves HTTP only.
    pub fn serves_http_only(&self) -> bool {
        self.load_balancer.is_some_and(is_http_only)
    }

    /// Whether it has served a member: it is made, with the listener for members.
    pub fn has_served(&self, time: u64) -> bool {
        self.is_made(time) && self.main_listener().is_some()
    }

    /// Whether it listens, on whatever port, and is so old that its name was published for every member.
    pub fn is_made(&self, time: u64) -> bool {
        self.listens() && self.age(time) > PROVISIONING_TIMEOUT
    }

    /// Whether it is active and listens on any port.
    pub fn listens(&self) -> bool {
        self.is_active() && self.load_balancer.is_some_and(|found| !found.listeners.is_empty())
    }

    /// For how many seconds the load balancer has existed.
    pub fn age(&self, time: u64) -> u64 {
        self.load_balancer.map_or(0, |found| time.saturating_sub(found.created_at))
    }

    /// The listener without which the load balancer serves no member: the one that holds the certificates, or the HTTP listener
    /// if it serves HTTP only.
    pub fn main_listener(&self) -> Option<&'a Listener> {
        if self.serves_http_only() { self.listener(ports::HTTP) } else { self.https() }
    }

    /// The listener that holds the certificates: on port 443, or else, where HTTPS listeners on other ports are ours, on the
    /// smallest port. `None` if the load balancer serves HTTP only.
    pub fn https(&self) -> Option<&'a Listener> {
        let found = self.load_balancer.filter(|found| !is_http_only(found))?;
        let https = || found.listeners.iter().filter(|listener| ports::has_certificates(listener.protocol));
        https().find(|listener| listener.port == ports::HTTPS).or_else(|| {
            let first = https().min_by_key(|listener| listener.port)?;
            Terms::of(found).has_certificates_on_every_port().then_some(first)
        })
    }

    /// Whether any listener has certificates, whoever has made it.
    pub fn listens_with_certificates(&self) -> bool {
        let mut listeners = self.load_balancer.into_iter().flat_map(|found| &found.listeners);
        listeners.any(|listener| ports::has_certificates(listener.protocol))
    }

    /// Whether a listener sends all requests to our target groups. Tags of listeners are not read; a listener of other people on
    /// our load balancer sends requests to a target group of theirs.
    pub fn forwards_all(&self, listener: &Listener) -> bool {
        let is_owned = |arn: &str| self.target_groups.iter().any(|group| group.arn == arn);
        !listener.default_actions.is_empty()
            && listener.default_actions.iter().all(|action| match action {
                ListenerAction::Forward(forward) => forward.target_groups.iter().all(
                    |group| matches!(&group.target_group, ResourceReference::Existing(arn) if is_owned(arn)),
                ),
                _ => false,
            })
    }

    /// Whether AWS could not provision the load balancer, or takes too long to provision this load balancer alone.
    pub fn is_broken(&self, time: u64) -> bool {
        self.load_balancer.is_some_and(|found| match found.state {
            LoadBalancerState::Failed => true,
            LoadBalancerState::Provisioning => {
                !self.waits_with_others && time >= found.created_at.saturating_add(PROVISIONING_TIMEOUT)
            }
            LoadBalancerState::Active | LoadBalancerState::ActiveImpaired => false,
        })
    }

    /// Whether another load balancer replaces it: it is broken, and not a replacement itself.
    pub fn is_given_up(&self, time: u64) -> bool {
        self.is_broken(time) && self.replaces().is_none()
    }

    /// Whether the load balancer is active.
    pub fn is_active(&self) -> bool {
        self.load_balancer.is_some_and(|found| {
            matches!(found.state, LoadBalancerState::Active | LoadBalancerState::ActiveImpaired)
        })
    }

    /// The ARN of another load balancer that, as AWS says, uses one of its target groups: somebody removed our tags from that
    /// load balancer, or wrote another id to the tags of the target group.
    pub fn user_elsewhere(&self, group: &'a TargetGroup) -> Option<&'a str> {
        let own = self.load_balancer.map(|found| found.arn.as_str());
        group.load_balancer_arns.iter().map(String::as_str).find(|arn| Some(*arn) != own)
    }

    /// Whether the load balancer has this security group.
    pub fn has_security_group(&self, group: &SecurityGroup) -> bool {
        self.load_balancer.is_some_and(|found| found.security_groups.contains(&group.id))
    }

    /// Whether it has deletion protection that keeps it: that of somebody else, or that for which an Ingress asked.
    pub fn is_protected(&self) -> bool {
        self.load_balancer.is_some_and(has_deletion_protection)
            && self.protection_mark() != Some(PROTECTED_FOR_SETTINGS)
    }

    /// Whether it has deletion protection that somebody else turned on.
    pub fn is_protected_by_others(&self) -> bool {
        self.load_balancer.is_some_and(has_deletion_protection) && self.protection_mark().is_none()
    }

    /// For whom we turned on its deletion protection, as our tag says. `None`: we did not.
    pub fn protection_mark(&self) -> Option<&'a str> {
        self.tag(TAG_DELETION_PROTECTION)
    }
}

/// Whether a load balancer has deletion protection, whoever turned it on.
pub fn has_deletion_protection(found: &LoadBalancer) -> bool {
    tag_value(&found.attributes, DELETION_PROTECTION) == Some("true")
}

/// Since when a listener rule is unneeded. A tag that cannot be read counts as none.
pub fn rule_unneeded_since(rule: &albatross_contract::Rule) -> Option<u64> {
    timestamp(tag_value(&rule.tags, TAG_UNNEEDED))
}

/// Since when a target group is unneeded, as its own tag says.
pub fn target_group_unneeded_since(group: &TargetGroup) -> Option<u64> {
    timestamp(tag_value(&group.tags, TAG_UNNEEDED))
}

/// The key of the tag on a load balancer that marks a certificate as unneeded.
pub fn certificate_mark(arn: &str) -> String {
    format!("{TAG_UNNEEDED_CERTIFICATE}{}", certificate_hash(arn))
}

fn timestamp(value: Option<&str>) -> Option<u64> {
    value.and_then(|value| value.parse().ok())
}

#[cfg(test)]
mod tests;
