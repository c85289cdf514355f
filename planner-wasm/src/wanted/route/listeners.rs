//! The listeners of a load balancer: on the ports that members ask for, and on ports that no member asks for any more.

use std::collections::BTreeSet;

use albatross_contract::{Diagnostic, DiagnosticCode, ListenerAction, Protocol};

use super::{
    super::{Answer, Listener, build::Builder, fixed},
    Answered, Gathered, Member, On,
    agreement::{self, Ports},
    asked::{Asked, Contents},
    in_order,
    merged::Merged,
    present::Present,
    rules::{Asking, Rules},
    shadowed::{Behind, Shadowed},
    ssl_redirect::{self, SslRedirect},
};
use crate::{
    diagnostics::{Details, Subject, info, warning},
    grouping::Group,
    observed::{Concern, Owned},
    ports::HTTPS,
    source::{LISTENER_PORTS, ListenerPort, ObjectName},
    words,
};

/// A port of a load balancer, with the rules of its listener that are asked for.
pub(super) struct Port<'a, 'b> {
    pub(super) port: u16,
    pub(super) protocol: Protocol,
    /// The listener in AWS. `None`: it is created.
    pub(super) there: Option<&'a albatross_contract::Listener>,
    /// The members whose routes count on the listener. None: it redirects all requests.
    pub(super) objects: Vec<ObjectName<'a>>,
    pub(super) rules: Vec<Merged<'a, 'b>>,
    /// Whether the listener stays as it is for now.
    pub(super) stays: bool,
    /// The port to which all requests are redirected, and the object that asks for it.
    pub(super) redirect: Option<(u16, ObjectName<'a>)>,
}

impl<'a> Builder<'a, '_> {
    /// The listeners that members ask for, and listeners that no member asks for any more.
    pub(super) fn listeners_of(
        &mut self,
        members: &[Member<'a>],
        on: On<'a, '_>,
        gathered: &mut Gathered<'a>,
    ) -> Vec<Listener<'a>> {
        let On { group, wanted, .. } = on;
        let crowded_out = self.crowded_out(members, group);
        let considered = members.iter().filter(|member| !crowded_out.contains(&member.claim.object));
        let asked = self.asked(&considered.copied().collect::<Vec<_>>());
        let most = self.sources.observed.inventory.quotas.listeners_per_load_balancer;
        let (asked_for, told) = agreement::ports(members, most);
        for (object, diagnostic) in told {
            self.tell(object, diagnostic);
        }
        let holder = holder(group, &asked_for);
        let (mut ports, behind) = self.ports(asked_for, &asked, on);
        let rules = ports.iter_mut().flat_map(|port| &mut port.rules);
        let present = self.present(group, &Contents::of(&asked, rules));
        let asking = Asking { group, left_out: &crowded_out };
        let mut left_out = self.left_out((&ports, &behind), &present, &asking, wanted.free_rules);
        left_out.extend(&crowded_out);
        self.lacking.rules.extend(&left_out);
        // Members that listen only where all requests are redirected.
        let reached: BTreeSet<ObjectName<'a>> =
            ports.iter().flat_map(|port| &port.objects).copied().collect();
        let objects = members.iter().map(|member| member.claim.object);
        self.lacking.rules.extend(objects.filter(|object| !reached.contains(object)));
        let asking = Asking { group, left_out: &left_out };
        let unpublished = self.unpublished(group);
        let (mut room, none) = (wanted.free_rules, Present::default());
        let mut listeners = Vec::new();
        for port in &ports {
            let rules = port.rules.iter().filter(|rule| !left_out.contains(&rule.object()));
            let answered = rules.map(|rule| self.answered(rule, port.protocol, on, gathered));
            // Also where the listener stays as it is: its target groups get their targets.
            let answered: Vec<Answered<'_, '_>> = answered.collect();
            if port.stays {
                self.note_unserved(port, group);
                continue;
            }
            let there = present.get(&port.port).unwrap_or(&none);
            let mut rules = self.rules(answered, there, &asking, &mut room);
            if let Some((port, by)) = port.redirect {
                rules.end_at_once(&format!("{by} asks to redirect all HTTP requests to port {port}"));
            }
            self.note_readiness(&rules, group, &unpublished);
            listeners.push(self.listener(port, rules, holder, on));
        }
        self.note_hidden(&behind, &listeners, &unpublished);
        let is_asked_for = |port: u16| listeners.iter().any(|listener: &Listener<'_>| listener.port == port);
        let there = group.owned().and_then(|owned| owned.load_balancer);
        let unasked = there.into_iter().flat_map(|found| &found.listeners);
        let unasked: Vec<_> = unasked.filter(|listener| !is_asked_for(listener.port)).collect();
        // The last listener stays, whatever becomes of the ports that members ask for.
        let may_go = !listeners.is_empty();
        let asked_listeners = listeners.len();
        for there in unasked {
            let present = present.get(&there.port).unwrap_or(&none);
            let leaving = Leaving { there, present, beside: &listeners[..asked_listeners], holder };
            let unasked = self.without_members(&leaving, members, &asking, on);
            listeners.extend(unasked.map(|it| Listener { goes: it.goes && may_go, ..it }));
        }
        listeners
    }

    /// A rule with its answer, which is that of each of its routes.
    fn answered<'b>(
        &mut self,
        rule: &'b Merged<'a, 'b>,
        protocol: Protocol,
        on: On<'a, '_>,
        gathered: &mut Gathered<'a>,
    ) -> Answered<'a, 'b> {
        let answer = self.answer(rule.first, protocol, on, gathered);
        for other in &rule.others {
            self.answer(other, protocol, on, gathered); // for its diagnostics
        }
        let forwards = matches!(answer, Answer::Forward { .. });
        let transforms = if forwards { rule.first.route().transforms() } else { Vec::new() };
        Answered {
            object: rule.object(),
            rule,
            conditions: &rule.conditions,
            content: rule.content,
            answer,
            transforms,
        }
    }

    /// The ports that members ask for and that can have a listener, with their rules; and the objects with a route that gets no
    /// requests, each with the other object whose rule gets them.
    fn ports<'b>(
        &mut self,
        ports: Ports<'a>,
        asked: &'b [Asked<'a>],
        on: On<'a, '_>,
    ) -> (Vec<Port<'a, 'b>>, Behind<'a>) {
        let redirect = SslRedirect::of(&in_order(&self.claims_that_agree(on.group)));
        let mut shadowed = Shadowed::default();
        let quotas = &self.sources.observed.inventory.quotas;
        let secure = ports.iter().filter(|(_, (protocol, _))| *protocol == Protocol::Https);
        let secure: Vec<u16> =
            secure.map(|(port, _)| *port).filter(|port| self.is_served(*port, on)).collect();
        let mut found = Vec::new();
        for (port, (protocol, objects)) in ports {
            let there = on.group.owned().and_then(|owned| owned.listener(port));
            let asked_for = ListenerPort { port, protocol };
            let Some(protocol) = self.protocol(asked_for, &secure, on) else { continue };
            if protocol != asked_for.protocol {
                objects.iter().for_each(|object| self.tell(*object, still_https(*object, port)));
            }
            let is_secure = protocol == Protocol::Https;
            // A rule is removed for a redirect only where the listener speaks HTTP already.
            let changes = there.is_some_and(|there| there.protocol != protocol);
            if changes {
                self.lacking.rules.extend(&objects); // its rules answer other requests until the protocol has changed
            }
            // A listener begins to redirect only when the listener to which it redirects exists or is created.
            let redirect = redirect.to.filter(|(port, _)| {
                !is_secure
                    && !changes
                    && (secure.contains(port) || there.is_some_and(ssl_redirect::redirects))
            });
            let to = redirect.map(|(port, _)| port);
            let stays =
                !is_secure && there.is_some_and(|there| ssl_redirect::keeps(there, to, &secure, on.agreed));
            let has_rules = match there {
                Some(there) if stays => !ssl_redirect::redirects(there),
                _ => redirect.is_none(),
            };
            if stays && to.is_none() {
                self.tell_still_redirected(port, &objects, on.group);
            }
            let (asked, objects): (&'b [Asked<'a>], _) =
                if has_rules { (asked, objects) } else { (&[], Vec::new()) };
            let listener = (ListenerPort { port, protocol }, there);
            let serves_https = !secure.is_empty();
            let rules = Self::on_listener(asked, &objects, listener, serves_https, quotas, &mut shadowed);
            found.push(Port { port, protocol, there, objects, rules, stays, redirect });
        }
        let behind = shadowed.behind_others();
        let told = redirect.told.into_iter().chain(shadowed.tell());
        told.for_each(|(object, diagnostic)| self.tell(object, diagnostic));
        (found, behind)
    }

    /// A listener that members ask for. `holder`: the port of the listener whose certificates all HTTPS listeners have.
    fn listener(
        &mut self,
        of: &Port<'a, '_>,
        rules: Rules<'a>,
        holder: Option<u16>,
        on: On<'a, '_>,
    ) -> Listener<'a> {
        let Port { port, protocol, there, redirect, .. } = *of;
        let (wanted, observed) = (on.wanted, self.sources.observed);
        let is_secure = protocol == Protocol::Https;
        let has_certificates = is_secure && holder == Some(port);
        // A listener with another protocol has neither certificates nor a TLS policy.
        let with_protocol = there.filter(|there| there.protocol == protocol);
        let mirrored =
            (is_secure && !has_certificates).then(|| on.case.mirrored(&wanted.certificates, with_protocol));
        let default = wanted.certificates.default.map(|id| observed.certificates.arn(id));
        let default = mirrored.as_ref().map_or(default, |mirrored| mirrored.default);
        let left_out = mirrored.as_ref().map_or(0, |mirrored| mirrored.left_out);
        self.diagnostics.extend((left_out > 0).then(|| no_room(&wanted.name, port, left_out)));
        Listener {
            port,
            protocol,
            there,
            reason: "members of the load balancer ask for the port",
            ssl_policy: self.ssl_policy(port, with_protocol, on.agreed).filter(|_| is_secure),
            default_certificate: default.filter(|_| is_secure),
            has_certificates,
            attributes: self.attributes_of(ListenerPort { port, protocol }, there, on),
            mirrored: mirrored.map(|mirrored| mirrored.changes).unwrap_or_default(),
            answer: Some(match redirect {
                Some((port, _)) => Answer::Redirect(SslRedirect::action(port)),
                None => Answer::Respond(fixed(404)),
            }),
            rules: Some(rules),
            goes: false,
        }
    }

    /// A listener that no member asks for: its rules leave as other unneeded rules do, and then it is deleted. `None`: it
    /// stays as it is, since a member asks for another protocol on its port, or since not all members can be read.
    fn without_members(
        &mut self,
        leaving: &Leaving<'a, '_>,
        members: &[Member<'a>],
        asking: &Asking<'a, '_>,
        on: On<'a, '_>,
    ) -> Option<Listener<'a>> {
        let (group, there) = (asking.group, leaving.there);
        let allows = |concern| self.sources.observed.completeness.allows_for(concern, group.owned());
        let asks = |member: &Member<'_>| member.routing.listeners.iter().any(|it| it.port == there.port);
        if !allows(Concern::Remove) || members.iter().any(asks) || members.len() < group.members().len() {
            return None;
        }
        let rules = self.rules(Vec::new(), leaving.present, asking, &mut 0);
        let catalog = &self.sources.observed.certificates;
        let beside = leaving.beside.iter().filter(|listener| listener.protocol == Protocol::Https);
        let beside: Vec<_> = beside.filter_map(|listener| listener.there).collect();
        let has_certificates = leaving.holder == Some(there.port);
        let default = on.wanted.certificates.default;
        let is_mirror = there.protocol == Protocol::Https && !has_certificates;
        let mirrored = is_mirror.then(|| on.case.mirrored(&on.wanted.certificates, Some(there)).changes);
        let mut mirrored = mirrored.unwrap_or_default();
        mirrored.retain(|change| !change.adds && there.default_certificate.as_deref() != Some(change.arn));
        Some(Listener {
            port: there.port,
            protocol: there.protocol,
            there: Some(there),
            reason: "no Ingress asks for the port, and the listener has no rules",
            ssl_policy: None,
            default_certificate: default.filter(|_| has_certificates).map(|id| catalog.arn(id)),
            has_certificates,
            attributes: Vec::new(),
            mirrored,
            answer: None,
            rules: Some(rules),
            goes: there.rules.is_empty()
                && answers_as_ours(there)
                && allows(Concern::RemoveCertificate)
                && self.needs_no_certificate(there, &beside, on),
        })
    }

    /// Whether an HTTPS listener exists on a port, or is created, or an HTTP listener becomes one.
    fn is_served(&self, port: u16, on: On<'a, '_>) -> bool {
        let can_be =
            || on.wanted.certificates.default.is_some() && self.ssl_policy(port, None, on.agreed).is_some();
        match on.group.owned().and_then(|owned| owned.listener(port)) {
            Some(there) if there.protocol == Protocol::Https => true,
            Some(there) => may_change_protocol(there, on) && can_be(),
            None => can_be(),
        }
    }

    /// The protocol of the listener on a port. A change to HTTP ends HTTPS for the hosts that it serves, so it waits until no
    /// host needs the certificates, as the deletion of the listener would. `None`: there is no listener that could be changed
    /// or created. `secure` has the ports of the HTTPS listeners that exist or are created.
    fn protocol(&self, asked_for: ListenerPort, secure: &[u16], on: On<'a, '_>) -> Option<Protocol> {
        let ListenerPort { port, protocol } = asked_for;
        let there = on.group.owned().and_then(|owned| owned.listener(port));
        if protocol == Protocol::Https {
            return secure.contains(&port).then_some(protocol);
        }
        let Some(there) = there.filter(|there| there.protocol != protocol) else { return Some(protocol) };
        let observed = self.sources.observed;
        let owned = on.group.owned();
        let of_others = owned.and_then(|owned| owned.load_balancer).into_iter().flat_map(|it| &it.listeners);
        let beside: Vec<_> =
            of_others.filter(|it| it.arn != there.arn && secure.contains(&it.port)).collect();
        let holds_certificates = owned.and_then(Owned::https).is_some_and(|https| https.port == port);
        let can_change = may_change_protocol(there, on)
            && observed.completeness.allows_for(Concern::RemoveCertificate, owned)
            && (!holds_certificates || on.wanted.certificates.changes.is_empty())
            && self.needs_no_certificate(there, &beside, on);
        Some(if can_change { protocol } else { there.protocol })
    }

    /// Whether a load balancer needs no certificate of an HTTPS listener any more: each of them is on another HTTPS listener
    /// that stays, or is the default certificate and its grace period is over. Other certificates leave the listener when
    /// theirs is over.
    fn needs_no_certificate(
        &self,
        there: &albatross_contract::Listener,
        beside: &[&albatross_contract::Listener],
        on: On<'a, '_>,
    ) -> bool {
        let catalog = &self.sources.observed.certificates;
        let is_expired = |arn: &str| on.case.lifespan.expired.iter().any(|id| catalog.arn(*id) == arn);
        let is_beside = |arn: &str| {
            let mut beside = beside.iter().filter(|it| it.protocol == Protocol::Https);
            beside.any(|other| {
                other.default_certificate.as_deref() == Some(arn)
                    || other.certificates.iter().any(|it| it == arn)
            })
        };
        let default = there.default_certificate.as_deref();
        let mut all = there.certificates.iter().map(String::as_str).chain(default);
        all.all(|arn| match is_expired(arn) {
            true => Some(arn) == default,
            false => is_beside(arn),
        })
    }
}

/// Whether a listener may get another protocol. A member that is held, or an Ingress that has left, may need the present one.
fn may_change_protocol(there: &albatross_contract::Listener, on: On<'_, '_>) -> bool {
    answers_as_ours(there) && !on.agreed.keeps
}

/// Whether a listener answers requests that match no rule as listeners of ours do. Tags of listeners are not read, and other
/// people may have listeners on the load balancer.
fn answers_as_ours(listener: &albatross_contract::Listener) -> bool {
    let [action] = listener.default_actions.as_slice() else { return false };
    match action {
        ListenerAction::FixedResponse(response) => response.status_code == fixed(404).status_code,
        ListenerAction::Redirect(redirect) => redirect.protocol == "HTTPS",
        _ => false,
    }
}

/// A listener that no member asks for.
struct Leaving<'a, 'b> {
    there: &'a albatross_contract::Listener,
    /// Its rules.
    present: &'b Present<'a>,
    /// The listeners that members ask for.
    beside: &'b [Listener<'a>],
    /// The port of the listener whose certificates all HTTPS listeners have.
    holder: Option<u16>,
}

/// The port of the listener whose certificates all HTTPS listeners have: the existing one, or else the one on port 443, or
/// else the one on the smallest port.
fn holder(group: &Group<'_>, ports: &Ports<'_>) -> Option<u16> {
    let there = group.owned().and_then(Owned::https).map(|listener| listener.port);
    let https =
        || ports.iter().filter(|(_, (protocol, _))| *protocol == Protocol::Https).map(|(port, _)| *port);
    there.or_else(|| https().find(|port| *port == HTTPS)).or_else(|| https().next())
}

fn no_room(name: &str, port: u16, left_out: usize) -> Diagnostic {
    let certificates = words::count(left_out, "certificate", "certificates");
    let message = format!("the listener on port {port} has no room for {certificates}");
    warning(DiagnosticCode::CapacityExceeded, Subject::Resource(name), message)
        .remedy("raise the quota for certificates per load balancer, or use fewer HTTPS ports")
}

fn still_https(object: ObjectName<'_>, port: u16) -> Diagnostic {
    let message = format!(
        "the listener on port {port} serves HTTPS until its certificates have been unneeded for the grace period, and HTTP from then on"
    );
    info(DiagnosticCode::LoadBalancerProvisioning, Subject::Object(object), message)
        .field(format!("metadata.annotations[{LISTENER_PORTS}]"))
}
