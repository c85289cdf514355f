//! The redirect of all HTTP listeners of a load balancer to an HTTPS listener (annotation `ssl-redirect`).

use albatross_contract::{Diagnostic, DiagnosticCode, Listener, ListenerAction, Protocol, RedirectAction};

use super::{
    super::build::Builder,
    Member,
    agreement::{Agreed, Asked, first},
};
use crate::{
    diagnostics::{Details, Subject, conflict, error, info, warning},
    grouping::Group,
    observed::rule_unneeded_since,
    source::{ObjectName, SSL_REDIRECT},
    words,
};

/// The redirect that the members agree on, and what members are told.
pub struct SslRedirect<'a> {
    /// The port that HTTP listeners redirect to, and the member that asks for it first. `None`: no redirect.
    pub to: Option<(u16, ObjectName<'a>)>,
    /// Diagnostics about members.
    pub told: Vec<(ObjectName<'a>, Diagnostic)>,
}

impl<'a> SslRedirect<'a> {
    /// Decides for members in their order. If they name different ports, the first member counts.
    pub(super) fn of(members: &[Member<'a>]) -> Self {
        let listeners = || members.iter().flat_map(|it| &it.routing.listeners);
        let is_https = |port: u16| listeners().any(|it| it.port == port && it.protocol == Protocol::Https);
        let asked = members.iter().filter_map(|it| Some((*it, it.routing.ssl_redirect?)));
        let (possible, impossible): (Vec<Asked<'a, u16>>, Vec<Asked<'a, u16>>) =
            asked.partition(|(_, port)| is_https(*port));
        let without =
            impossible.iter().map(|(it, port)| (it.claim.object, no_listener(it.claim.object, *port)));
        let mut told: Vec<(ObjectName<'a>, Diagnostic)> = without.collect();
        let Some((by, port)) = first(&possible) else { return SslRedirect { to: None, told } };
        let others = possible.iter().filter(|(_, other)| *other != port);
        told.extend(
            others.map(|(it, other)| (it.claim.object, other_port(it.claim.object, *other, port, by))),
        );
        let is_http_only =
            |it: &&Member<'_>| it.routing.listeners.iter().all(|it| it.protocol == Protocol::Http);
        let unreached = members.iter().filter(is_http_only);
        told.extend(unreached.map(|it| (it.claim.object, never_reached(it.claim.object, port, by))));
        SslRedirect { to: Some((port, by)), told }
    }

    /// The action of HTTP listeners.
    pub fn action(port: u16) -> RedirectAction {
        RedirectAction {
            protocol: "HTTPS".to_owned(),
            host: "#{host}".to_owned(),
            port: port.to_string(),
            path: "/#{path}".to_owned(),
            query: "#{query}".to_owned(),
            status_code: 301,
        }
    }
}

/// Whether an HTTP listener stays as it is. `secure` has the ports of the HTTPS listeners that exist or are created. A held
/// member, or an Ingress that has left, may have asked for the redirect that the listener has: HTTP must not serve what HTTPS
/// should. And as long as the HTTPS listener cannot be created, the redirect would only end what the HTTP listener serves.
pub fn keeps(there: &Listener, redirect_to: Option<u16>, secure: &[u16], agreed: &Agreed<'_>) -> bool {
    redirect_to.map_or_else(|| redirects(there) && agreed.keeps, |port| !secure.contains(&port))
}

impl<'a> Builder<'a, '_> {
    /// Tells members that an HTTP listener still redirects their requests although no member asks for it any more, and why.
    pub(super) fn tell_still_redirected(&mut self, port: u16, objects: &[ObjectName<'a>], group: &Group<'a>) {
        let held = self.claims_that_agree(group).into_iter().find(|claim| !claim.diagnostics.is_empty());
        let left = self.rules_of_others(group);
        let why = match (held, left.first()) {
            (Some(held), _) => {
                format!("{} is held, and may ask for the redirect", held.object)
            }
            (None, Some((object, _))) => {
                let since = left.iter().map(|(_, rule)| rule_unneeded_since(rule));
                let until = since.max_by_key(|since| since.unwrap_or(u64::MAX)).flatten();
                let observed = self.sources.observed;
                let left = until.map(|since| {
                    let end = since.saturating_add(observed.settings.grace);
                    format!(" in {}", words::duration(end.saturating_sub(observed.time)))
                });
                let when = left.unwrap_or_else(|| " a grace period after it has moved".to_owned());
                format!(
                    "it has rules of {object}, which belongs to another load balancer; they are deleted{when}"
                )
            }
            (None, None) => return,
        };
        for object in objects {
            let message = format!(
                "the load balancer still redirects all HTTP requests on port {port} to HTTPS, although no Ingress of the group \
                 asks for it: {why}"
            );
            let told = info(DiagnosticCode::GroupConflict, Subject::Object(*object), message);
            self.tell(*object, told.field(field()));
        }
    }
}

/// Whether a listener redirects all requests to HTTPS.
pub fn redirects(listener: &Listener) -> bool {
    matches!(
        listener.default_actions.as_slice(),
        [ListenerAction::Redirect(RedirectAction { protocol, .. })] if protocol == "HTTPS"
    )
}

fn field() -> String {
    format!("metadata.annotations[{SSL_REDIRECT}]")
}

fn other_port(object: ObjectName<'_>, port: u16, first: u16, by: ObjectName<'_>) -> Diagnostic {
    let message = format!(
        "annotation {SSL_REDIRECT} is {port}, but {by} of the same group comes first and redirects to port {first}"
    );
    conflict(object, SSL_REDIRECT, message)
        .remedy("use the same port in all Ingresses of the group, or remove the annotation from this one")
}

fn no_listener(object: ObjectName<'_>, port: u16) -> Diagnostic {
    let message = format!(
        "annotation {SSL_REDIRECT} is {port}, but no Ingress of the group has an HTTPS listener on this port; HTTP \
         listeners do not redirect"
    );
    error(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message)
        .field(field())
        .remedy(format!("add {{\"HTTPS\": {port}}} to alb.ingress.kubernetes.io/listen-ports"))
}

fn never_reached(object: ObjectName<'_>, port: u16, by: ObjectName<'_>) -> Diagnostic {
    let message = format!(
        "{by} of the same group redirects all HTTP requests to port {port}, and this Ingress has no HTTPS listener, so its \
         rules do nothing"
    );
    warning(DiagnosticCode::RouteDuplicate, Subject::Object(object), message)
        .field("metadata.annotations[alb.ingress.kubernetes.io/listen-ports]")
        .remedy("add an HTTPS listener, or use another group")
}
