//! The listeners of a load balancer: on the ports that members ask for, and on ports that no member asks for any more.

use std::collections::BTreeSet;

use albatross_contract::{Diagnostic, DiagnosticCode, ListenerAction, Protocol};

use super::{
    super::{Answer, Listener, build::Builder, fixed},
    Answered, Gathered, Member, On,
    agreement::{self, Ports},
    asked::{Asked, Contents},
    in_order,
    present::Present,
    rules::{Asking, Rules},
    shadowed::Shadowed,
    ssl_redirect::{self, SslRedirect},
};
use crate::{
    diagnostics::{Details, Subject, warning},
    grouping::Group,
    observed::{Concern, Owned},
    ports::HTTPS,
    source::{ListenerPort, ObjectName},
    words,
};

/// A port of a load balancer, with the routes that get rules on its listener.
pub(super) struct Port<'a, 'b> {
    pub(super) port: u16,
    pub(super) protocol: Protocol,
    /// The listener in AWS. `None`: it is created.
    pub(super) there: Option<&'a albatross_contract::Listener>,
    /// The members whose routes count on the listener. None: it redirects all requests.
    pub(super) objects: Vec<ObjectName<'a>>,
    pub(super) routes: Vec<&'b Asked<'a>>,
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
        let asked = self.asked(members);
        let most = self.sources.observed.inventory.quotas.listeners_per_load_balancer;
        let (asked_for, told) = agreement::ports(members, most);
        for (object, diagnostic) in told {
            self.tell(object, diagnostic);
        }
        let holder = holder(group, &asked_for);
        let ports = self.ports(asked_for, &asked, on);
        let present = self.present(group, &Contents::of(&asked));
        let left_out = self.left_out(&ports, &present, group, wanted.free_rules);
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
            let routes = port.routes.iter().filter(|it| !left_out.contains(&it.member.claim.object));
            let answered = routes.map(|it| {
                let answer = self.answer(it, port.protocol, on, gathered);
                let forwards = matches!(answer, Answer::Forward { .. });
                let transforms = if forwards { it.route().transforms() } else { Vec::new() };
                let Asked { conditions, content, .. } = it;
                Answered { object: it.member.claim.object, conditions, content: *content, answer, transforms }
            });
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

    /// The ports that members ask for and that can have a listener, with their routes.
    fn ports<'b>(&mut self, ports: Ports<'a>, asked: &'b [Asked<'a>], on: On<'a, '_>) -> Vec<Port<'a, 'b>> {
        let redirect = SslRedirect::of(&in_order(&self.claims_that_agree(on.group)));
        let mut shadowed = Shadowed::default();
        let secure = ports.iter().filter(|(_, (protocol, _))| *protocol == Protocol::Https);
        let secure: Vec<u16> =
            secure.map(|(port, _)| *port).filter(|port| self.is_served(*port, on)).collect();
        let mut found = Vec::new();
        for (port, (protocol, objects)) in ports {
            let there = on.group.owned().and_then(|owned| owned.listener(port));
            let is_secure = protocol == Protocol::Https;
            let is_ready = !is_secure || secure.contains(&port);
            if there.is_some_and(|there| there.protocol != protocol) || (there.is_none() && !is_ready) {
                continue;
            }
            // A listener begins to redirect only when the listener to which it redirects exists or is created.
            let redirect = redirect.to.filter(|(port, _)| {
                !is_secure && (secure.contains(port) || there.is_some_and(ssl_redirect::redirects))
            });
            let to = redirect.map(|(port, _)| port);
            let stays =
                !is_secure && there.is_some_and(|there| ssl_redirect::keeps(there, to, &secure, on.agreed));
            let has_rules = match there {
                Some(there) if stays => !ssl_redirect::redirects(there),
                _ => redirect.is_none(),
            };
            let (asked, objects): (&'b [Asked<'a>], _) =
                if has_rules { (asked, objects) } else { (&[], Vec::new()) };
            let listener = (ListenerPort { port, protocol }, there);
            let routes = Self::on_listener(asked, &objects, listener, !secure.is_empty(), &mut shadowed);
            found.push(Port { port, protocol, there, objects, routes, stays, redirect });
        }
        let told = redirect.told.into_iter().chain(shadowed.tell());
        told.for_each(|(object, diagnostic)| self.tell(object, diagnostic));
        found
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
        let has_certificates = holder == Some(port);
        let mirrored =
            (is_secure && !has_certificates).then(|| on.case.mirrored(&wanted.certificates, there));
        let default = wanted.certificates.default.map(|id| observed.certificates.arn(id));
        let default = mirrored.as_ref().map_or(default, |mirrored| mirrored.default);
        let left_out = mirrored.as_ref().map_or(0, |mirrored| mirrored.left_out);
        self.diagnostics.extend((left_out > 0).then(|| no_room(&wanted.name, port, left_out)));
        Listener {
            port,
            protocol,
            there,
            reason: "members of the load balancer ask for the port",
            ssl_policy: self.ssl_policy(port, there, on.agreed).filter(|_| is_secure),
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
        let expired: Vec<&str> = on.case.lifespan.expired.iter().map(|id| catalog.arn(*id)).collect();
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
            reason: "",
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
                && leaving.needs_no_certificate(&expired),
        })
    }

    /// Whether an HTTPS listener exists on a port, or is created.
    fn is_served(&self, port: u16, on: On<'a, '_>) -> bool {
        match on.group.owned().and_then(|owned| owned.listener(port)) {
            Some(there) => there.protocol == Protocol::Https,
            None => {
                on.wanted.certificates.default.is_some() && self.ssl_policy(port, None, on.agreed).is_some()
            }
        }
    }
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

impl Leaving<'_, '_> {
    /// Whether the load balancer needs no certificate of the listener any more: each of them is on another listener that
    /// stays, or is the default certificate and its grace period is over. Other certificates leave the listener when theirs
    /// is over.
    fn needs_no_certificate(&self, expired: &[&str]) -> bool {
        let is_beside = |arn: &str| {
            let mut beside = self.beside.iter().filter_map(|listener| listener.there);
            beside.any(|other| {
                other.default_certificate.as_deref() == Some(arn)
                    || other.certificates.iter().any(|it| it == arn)
            })
        };
        let default = self.there.default_certificate.as_deref();
        let mut all = self.there.certificates.iter().map(String::as_str).chain(default);
        all.all(|arn| match expired.contains(&arn) {
            true => Some(arn) == default,
            false => is_beside(arn),
        })
    }
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
