//! What the members of a load balancer must agree on, and what counts where they do not.
//!
//! | setting | members with different values |
//! |---|---|
//! | scheme | a load balancer for each scheme ([`crate::terms`]); both sides get a warning. Members that name none agree |
//! | subnets, security groups, address type | the first member counts |
//! | protocol of a port, TLS policy of a port | the first member that listens on the port counts |
//! | attributes of the load balancer, tags ([`tags`]) | merged; of several values for one key, that of the first member counts |
//! | attributes of a listener | the same, among the members that listen on its port |
//! | web ACL | the first member that names one, or says that there is none, counts |
//! | health check, attributes and nodes of a target group | the first member that uses the target group counts |
//! | redirect to HTTPS ([`super::ssl_redirect`]) | the first member counts |
//! | certificates | merged; that of the first member becomes the default certificate of a new listener |
//!
//! The first member is the one with the smallest `group.order`, then the oldest. Between namespaces the oldest member that
//! asks for a value decides, so that no namespace changes the settings of another namespace by its `group.order`. The other
//! members get a diagnostic that names the first member and both values; everything else of them is planned.
//!
//! A member with an invalid annotation is held. Its valid annotations count, and settings for which no member asks stay as
//! they are, since it may be the held member that asked for them. So do they while not all Ingresses are known.

mod tags;

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Diagnostic, DiagnosticCode, IpAddressType, Protocol, Scheme, Tag};

pub use tags::target_group_tags;

use super::Member;
use crate::{
    attributes::{Attribute, DELETION_PROTECTION, known},
    backends::{ServiceTargets, Services},
    diagnostics::{Details, Subject, conflict, warning},
    grouping::{Group, Grouping},
    identity::tag_value,
    nearest::misspelt,
    observed::{Concern, Observed},
    source::{self, Claim, ListenerPort, ObjectName, Routing, StringMap},
    wanted::WebAcl,
    words,
};

/// The settings on which the members of a load balancer agree.
#[derive(Default)]
pub struct Agreed<'a> {
    /// Subnets that a member names. `None`: no member does.
    pub subnets: Option<Vec<&'a str>>,
    /// Security groups that a member names. `None`: no member does.
    pub security_groups: Option<Vec<&'a str>>,
    /// The address type that a member asks for, with that member.
    pub ip_address_type: Option<(ObjectName<'a>, IpAddressType)>,
    /// Attributes of the load balancer that members ask for, but for deletion protection.
    pub attributes: Vec<Attribute>,
    /// Whether a member asks for deletion protection or for none, with that member.
    pub deletion_protection: Option<(ObjectName<'a>, bool)>,
    /// Tags that members ask for; where a resource has no room for all, the first ones count.
    pub tags: Vec<Tag>,
    /// Attributes of listeners that members ask for.
    pub listener_attributes: BTreeMap<ListenerPort, Vec<Attribute>>,
    /// The web ACL that a member or the settings name; empty: there should be none.
    pub web_acl: Option<WebAcl<'a>>,
    /// For each port the TLS policy that a member asks for.
    pub ssl_policies: BTreeMap<u16, &'a str>,
    /// Whether settings for which no member asks stay as they are.
    pub keeps: bool,
    /// What members are told.
    pub told: Vec<(ObjectName<'a>, Diagnostic)>,
}

/// A port, its protocol, and the members that listen on it.
pub type Ports<'a> = BTreeMap<u16, (Protocol, Vec<ObjectName<'a>>)>;

/// A member and the value for which it asks.
pub(super) type Asked<'a, T> = (Member<'a>, T);

impl<'a> Agreed<'a> {
    /// The settings of the load balancer of a group.
    pub fn of(group: &Group<'a>, claims: &[&'a Claim<'a>], observed: &Observed<'_>) -> Self {
        let mut members: Vec<Member<'a>> = claims
            .iter()
            .filter_map(|claim| Some(Member { claim, routing: claim.routing.as_ref()? }))
            .collect();
        members.sort_by_key(Member::rank);
        let mut agreed = Agreed {
            keeps: group.unseen().is_some()
                || members.iter().any(|member| !member.claim.diagnostics.is_empty()),
            ..Agreed::default()
        };
        let list = |of: fn(&'a Routing<'a>) -> &'a [&'a str]| {
            let named = members.iter().map(move |member| (*member, of(member.routing)));
            named.filter(|(_, list)| !list.is_empty()).collect::<Vec<Asked<'a, &'a [&'a str]>>>()
        };
        let subnets = list(|routing| &routing.load_balancer.subnets);
        let security_groups = list(|routing| &routing.load_balancer.security_groups);
        let allows = |concern| observed.completeness.allows_for(concern, group.owned());
        let in_words = |list: &&[&str]| list.join(", ");
        let subnets = agreed.settle(source::SUBNETS, "", &subnets, in_words);
        agreed.subnets = subnets.filter(|_| allows(Concern::ChangeSubnets)).map(|(_, list)| list.to_vec());
        let groups = agreed.settle(source::SECURITY_GROUPS, "", &security_groups, in_words);
        agreed.security_groups =
            groups.filter(|_| allows(Concern::ChangeSecurityGroups)).map(|(_, list)| list.to_vec());
        agreed.address_type(&members, group.terms().scheme);
        agreed.ssl_policies(&members);
        agreed.attributes(&members, group);
        agreed.listener_attributes(&members, group);
        agreed.web_acl(&members);
        agreed.tags(&members, group, observed);
        agreed
    }

    /// The value that counts, with the member that asks for it. The others are told; `what` follows the annotation.
    fn settle<T: PartialEq + Copy>(
        &mut self,
        annotation: &str,
        what: &str,
        asked: &[Asked<'a, T>],
        in_words: impl Fn(&T) -> String,
    ) -> Option<(ObjectName<'a>, T)> {
        let (first, value) = first(asked)?;
        for (member, other) in asked.iter().filter(|(_, other)| *other != value) {
            let object = member.claim.object;
            let message = format!(
                "{first} of the same group sets annotation {annotation}{what} to \"{}\" and takes precedence, so \"{}\" \
                 does nothing here",
                in_words(&value),
                in_words(other)
            );
            self.told.push((object, disagreement(object, annotation, message)));
        }
        Some((first, value))
    }

    /// AWS offers an address type without public IPv4 addresses only to internet-facing load balancers (ELB user guide,
    /// "IP address type").
    fn address_type(&mut self, members: &[Member<'a>], scheme: Scheme) {
        let mut asked = Vec::new();
        for member in members {
            let Some(wanted) = member.routing.load_balancer.ip_address_type else { continue };
            if wanted == IpAddressType::DualstackWithoutPublicIpv4 && scheme == Scheme::Internal {
                let object = member.claim.object;
                let message = format!(
                    "annotation {} is \"{}\", which AWS offers only for internet-facing load balancers",
                    source::IP_ADDRESS_TYPE,
                    wanted.as_str()
                );
                let diagnostic = warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message);
                let diagnostic =
                    diagnostic.field(format!("metadata.annotations[{}]", source::IP_ADDRESS_TYPE));
                self.told.push((object, diagnostic.remedy("set it to ipv4 or dualstack, or remove it")));
            } else {
                asked.push((*member, wanted));
            }
        }
        let in_words = |wanted: &IpAddressType| wanted.as_str().to_owned();
        self.ip_address_type = self.settle(source::IP_ADDRESS_TYPE, "", &asked, in_words);
    }

    fn ssl_policies(&mut self, members: &[Member<'a>]) {
        let mut of_ports: BTreeMap<u16, Vec<Asked<'a, &'a str>>> = BTreeMap::new();
        for member in members {
            let Some(policy) = member.routing.load_balancer.ssl_policy else { continue };
            let https = member.routing.listeners.iter().filter(|it| it.protocol == Protocol::Https);
            for listener in https {
                of_ports.entry(listener.port).or_default().push((*member, policy));
            }
        }
        for (port, asked) in of_ports {
            let what = format!(" for port {port}");
            let settled = self.settle(source::SSL_POLICY, &what, &asked, |policy| (*policy).to_owned());
            self.ssl_policies.extend(settled.map(|(_, policy)| (port, policy)));
        }
    }

    fn attributes(&mut self, members: &[Member<'a>], group: &Group<'a>) {
        let there = group.owned().and_then(|owned| owned.load_balancer);
        let there = there.map(|found| found.attributes.as_slice());
        let mut asked = by_key(members, |routing| Some(&routing.load_balancer.attributes));
        let annotation = source::LOAD_BALANCER_ATTRIBUTES;
        let protection = asked.remove(DELETION_PROTECTION).unwrap_or_default();
        let what = format!(" {DELETION_PROTECTION}");
        let protection = self.settle(annotation, &what, &protection, |value| (*value).to_owned());
        self.deletion_protection = protection.map(|(object, value)| (object, value == "true"));
        self.attributes = self.settle_attributes(annotation, known::LOAD_BALANCER, there, asked);
    }

    /// Attributes of listeners. Only a member that listens on a port asks for attributes of its listener.
    fn listener_attributes(&mut self, members: &[Member<'a>], group: &Group<'a>) {
        let of_member = |member: &Member<'a>| &member.routing.load_balancer.listener_attributes;
        let named: BTreeSet<ListenerPort> =
            members.iter().flat_map(|member| of_member(member).keys().copied()).collect();
        for listener in named {
            let annotation = source::listener_attributes(listener);
            let naming = members.iter().filter(|member| of_member(member).contains_key(&listener));
            let (listening, others): (Vec<Member<'a>>, Vec<Member<'a>>) =
                naming.copied().partition(|member| member.routing.listeners.contains(&listener));
            for member in others {
                let object = member.claim.object;
                self.told.push((object, not_listening(object, &annotation, listener)));
            }
            let there = group.owned().and_then(|owned| owned.listener(listener.port));
            let there = there.map(|found| found.attributes.as_slice());
            let asked =
                by_key(&listening, |routing| routing.load_balancer.listener_attributes.get(&listener));
            let known = known::of_listener(listener.protocol);
            let attributes = self.settle_attributes(&annotation, known, there, asked);
            self.listener_attributes.insert(listener, attributes);
        }
    }

    /// Attributes of a resource that AWS has with these attributes (`None`: it is created). A key that neither this version
    /// nor AWS knows is left out, since AWS would refuse the whole call.
    fn settle_attributes(
        &mut self,
        annotation: &str,
        all: &'static [known::Known],
        there: Option<&[Tag]>,
        asked: ByKey<'a>,
    ) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        for (key, asked) in asked {
            let is_known = known::find(all, key).is_some();
            if !is_known && tag_value(there.unwrap_or_default(), key).is_none() {
                // Every load balancer and listener has attributes: an empty list says that they were not read.
                let is_read = there.is_none_or(|there| !there.is_empty());
                for (member, _) in asked.iter().filter(|_| is_read) {
                    let object = member.claim.object;
                    self.told.push((object, unknown_attribute(object, annotation, key, all)));
                }
                continue;
            }
            let settled = self.settle(annotation, &format!(" {key}"), &asked, |value| (*value).to_owned());
            attributes.extend(settled.map(|(object, value)| {
                Attribute::asked(all, key, value, format!("an annotation of {object} asks for it"))
            }));
        }
        attributes
    }

    /// Which web ACL there should be. Where members say nothing about it, it stays as it is.
    fn web_acl(&mut self, members: &[Member<'a>]) {
        let asked =
            members.iter().filter_map(|member| Some((*member, member.routing.load_balancer.web_acl?)));
        let asked: Vec<Asked<'a, &'a str>> = asked.collect();
        let settled = self.settle(source::WEB_ACL, "", &asked, |arn| match *arn {
            "" => "none".to_owned(),
            arn => arn.to_owned(),
        });
        self.web_acl = settled.map(|(by, arn)| WebAcl { arn, by: Some(by) });
    }

    /// Ports beyond the quota, with a diagnostic for each member that asks for one.
    fn ports_beyond(&mut self, members: &[Member<'a>], most: u32) -> BTreeSet<u16> {
        let mut by_age: Vec<&Member<'a>> = members.iter().collect();
        by_age.sort_by_key(|member| member.claim.age());
        let (mut within, mut beyond) = (BTreeSet::new(), BTreeSet::new());
        for member in by_age {
            let mut without = Vec::new();
            for port in member.routing.listeners.iter().map(|listener| listener.port) {
                if within.len() < most as usize || within.contains(&port) {
                    within.insert(port);
                } else {
                    beyond.insert(port);
                    without.push(port.to_string());
                }
            }
            if !without.is_empty() {
                let object = member.claim.object;
                let message = format!(
                    "a load balancer can have {most} listeners, and other ports of the group come first: ports {} of annotation {} \
                     have no listener",
                    words::list(without.iter().map(String::as_str)),
                    source::LISTENER_PORTS
                );
                let told = warning(DiagnosticCode::QuotaExhausted, Subject::Object(object), message);
                let told = told.field(format!("metadata.annotations[{}]", source::LISTENER_PORTS));
                self.told.push((object, told.remedy("use fewer ports, or another group")));
            }
        }
        beyond
    }
}

/// For each target group, by the suffix of its name: the Service port with the properties that count, and the member that
/// asks for them. All members that use a target group have the namespace of its Service.
pub type Chosen<'a> = BTreeMap<&'a str, (&'a ServiceTargets<'a>, ObjectName<'a>)>;

/// The properties of the target groups that members use.
pub fn target_groups<'a>(members: &[Member<'a>], services: &'a Services<'a>) -> Chosen<'a> {
    let mut chosen = Chosen::new();
    for member in members {
        let object = member.claim.object;
        for found in services.of(object).iter().flatten().filter_map(|it| it.as_ref().ok()) {
            let targets = &services.all[*found];
            chosen.entry(targets.form.suffix.as_str()).or_insert((targets, object));
        }
    }
    chosen
}

/// The ports of the listeners. If members ask for different protocols on a port, the first member counts. `most`: the quota of
/// AWS for the listeners of a load balancer; the ports of the oldest members come first.
pub fn ports<'a>(members: &[Member<'a>], most: u32) -> (Ports<'a>, Vec<(ObjectName<'a>, Diagnostic)>) {
    let mut agreed = Agreed::default();
    let beyond = agreed.ports_beyond(members, most);
    let mut of_ports: BTreeMap<u16, Vec<Asked<'a, Protocol>>> = BTreeMap::new();
    for member in members {
        for listener in member.routing.listeners.iter().filter(|it| !beyond.contains(&it.port)) {
            of_ports.entry(listener.port).or_default().push((*member, listener.protocol));
        }
    }
    let mut ports = Ports::new();
    for (port, asked) in of_ports {
        let objects = |wanted| {
            let with = asked.iter().filter(|(_, protocol)| *protocol == wanted);
            with.map(|(member, _)| member.claim.object).collect::<Vec<_>>()
        };
        let Some((_, protocol)) = first(&asked) else { continue };
        ports.insert(port, (protocol, objects(protocol)));
        let what = format!(" for port {port}");
        agreed.settle(source::LISTENER_PORTS, &what, &asked, |protocol| protocol.as_str().to_owned());
    }
    (ports, agreed.told)
}

/// The member that counts: of the namespace of the oldest member, the first one. The list has the order of the members.
pub(super) fn first<'a, T: Copy>(asked: &[Asked<'a, T>]) -> Option<(ObjectName<'a>, T)> {
    let (oldest, _) = asked.iter().min_by_key(|(member, _)| member.claim.age())?;
    let namespace = oldest.claim.object.namespace;
    let (member, value) = asked.iter().find(|(member, _)| member.claim.object.namespace == namespace)?;
    Some((member.claim.object, *value))
}

/// The values of each key, with the members that ask for them.
type ByKey<'a> = BTreeMap<&'a str, Vec<Asked<'a, &'a str>>>;

/// The values of each key that members ask for.
fn by_key<'a>(members: &[Member<'a>], of: impl Fn(&'a Routing<'a>) -> Option<&'a StringMap>) -> ByKey<'a> {
    let mut by_key = ByKey::new();
    for member in members {
        for (key, value) in of(member.routing).into_iter().flatten() {
            by_key.entry(key).or_default().push((*member, value));
        }
    }
    by_key
}

/// Members of one group with different schemes, which are served by different load balancers.
pub fn split_by_scheme<'a>(grouping: &Grouping<'a>) -> Vec<(ObjectName<'a>, Diagnostic)> {
    let mut of_groups: BTreeMap<&str, BTreeMap<Scheme, Vec<&'a Claim<'a>>>> = BTreeMap::new();
    for group in grouping.groups.iter() {
        let claims = group.members().iter().map(|index| grouping.members[*index].claim);
        for claim in claims {
            // A policy cannot know that all members of a group ask for the same scheme; annotations should.
            let named = claim.routing.as_ref().filter(|_| claim.names_its_group());
            if let Some(name) = named.and_then(|routing| routing.group) {
                of_groups.entry(name).or_default().entry(group.terms().scheme).or_default().push(claim);
            }
        }
    }
    let mut told = Vec::new();
    for (name, schemes) in of_groups.iter().filter(|(_, schemes)| schemes.len() > 1) {
        for (scheme, claims) in schemes {
            let others = schemes.iter().filter(|(other, _)| *other != scheme).flat_map(|(_, claims)| claims);
            let Some(other) = others.min_by_key(|claim| claim.age()) else { continue };
            for claim in claims {
                let object = claim.object;
                let names = if claim.scheme.is_own() { "" } else { ", although it names none" };
                let message = format!(
                    "group {name} has a load balancer for each scheme: the scheme of this Ingress is {}{names}, that of {} \
                     is not",
                    scheme.as_str(),
                    other.object
                );
                let annotation = albatross_contract::ANNOTATION_ALB_SCHEME;
                let diagnostic = disagreement(object, annotation, message);
                told.push((object, diagnostic.remedy("use one scheme in the group, or two groups")));
            }
        }
    }
    told
}

fn disagreement(object: ObjectName<'_>, annotation: &str, message: String) -> Diagnostic {
    conflict(object, annotation, message)
        .remedy("use the same value in all Ingresses of the group, or another group")
}

/// Attributes of a listener that the object does not ask for.
fn not_listening(object: ObjectName<'_>, annotation: &str, listener: ListenerPort) -> Diagnostic {
    let ListenerPort { port, protocol } = listener;
    let message = format!(
        "annotation {annotation} does nothing, because this Ingress does not listen on port {port} with {}",
        protocol.as_str()
    );
    warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message)
        .field(format!("metadata.annotations[{annotation}]"))
        .remedy(format!("add the port to {}, or remove the annotation", source::LISTENER_PORTS))
}

/// An attribute that AWS does not list and that this version does not know.
pub fn unknown_attribute(
    object: ObjectName<'_>,
    annotation: &str,
    key: &str,
    all: &'static [known::Known],
) -> Diagnostic {
    let message =
        format!("annotation {annotation} sets {key}, which is not an attribute, so it does nothing");
    let remedy = match misspelt(key, all.iter().map(|known| known.key)) {
        Some(meant) => format!("write {meant} if that is what you meant, or remove it"),
        None => "correct the spelling, or remove it".to_owned(),
    };
    warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message)
        .field(format!("metadata.annotations[{annotation}]"))
        .remedy(remedy)
}

#[cfg(test)]
mod tests;
