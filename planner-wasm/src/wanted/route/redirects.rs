//! Redirects on the listener that would repeat them, and behind which other rules have no effect.
//!
//! Before the annotation `ssl-redirect` existed, people wrote a redirect to HTTPS as the first path of an Ingress with an HTTP
//! and an HTTPS listener. On the HTTPS listener such a redirect would lead to the same URL again; on the HTTP listener it
//! answers the requests of all later paths that it covers.

use albatross_contract::{Protocol, RedirectAction, RuleCondition, TextMatch};

use super::{Asked, cover::covers};
use crate::source::{HostMatch, ListenerPort, PathMatch, Route};

/// Whether a route redirects every request on a listener to the URL of the request.
pub fn is_loop(route: &Route<'_>, listener: ListenerPort) -> bool {
    let Some(RedirectAction { protocol, host, port, path, .. }) = route.redirect() else { return false };
    let has_host = match route.hosts.as_slice() {
        [HostMatch::Name(name)] => name.eq_ignore_ascii_case(host),
        _ => false,
    };
    let has_path = matches!(route.paths.as_slice(), [PathMatch::Exact(exact)] if exact == path);
    has_protocol(protocol, listener.protocol)
        && (port == "#{port}" || *port == listener.port.to_string())
        && (host == "#{host}" || has_host)
        && (path == "/#{path}" || has_path)
}

/// Whether a redirect on a listener leads to requests that its own rule answers, as the redirect of all paths to `/login`: a
/// client that follows it comes back to it for ever. `rules`: the rules of the listener in their order.
pub fn leads_back(rule: &Asked<'_>, rules: &[&Asked<'_>], listener: ListenerPort) -> bool {
    let Some(RedirectAction { protocol, host, port, path, .. }) = rule.route().redirect() else {
        return false;
    };
    let is_here = has_protocol(protocol, listener.protocol)
        && (port == "#{port}" || *port == listener.port.to_string());
    // A part that is only in part as in the request leads elsewhere, perhaps after a few times.
    let [host, path] = [(host, "#{host}"), (path, "/#{path}")].map(|(text, same)| match text.as_str() {
        text if text == same => Some(None),
        text if text.contains("#{") => None,
        text => Some(Some(TextMatch { values: vec![text.to_owned()], regular_expressions: Vec::new() })),
    });
    let (true, Some(host), Some(path)) = (is_here, host, path) else { return false };
    let is_replaced = |condition: &RuleCondition| match condition {
        RuleCondition::HostHeader(_) => host.is_some(),
        RuleCondition::PathPattern(_) => path.is_some(),
        _ => false,
    };
    let mut next: Vec<RuleCondition> =
        rule.conditions.iter().filter(|condition| !is_replaced(condition)).cloned().collect();
    next.extend(host.clone().map(RuleCondition::HostHeader));
    next.extend(path.clone().map(RuleCondition::PathPattern));
    let answers = rules.iter().find(|other| covers(&other.conditions, &next));
    answers.is_some_and(|answers| std::ptr::eq(*answers, rule))
}

/// Whether another route of the same object comes before a route in its manifest, and redirects all requests of the route
/// on an HTTP listener to the same URL over HTTPS, where the route has a rule.
pub fn is_behind_https_redirect(route: &Asked<'_>, all: &[&Asked<'_>], listener: ListenerPort) -> bool {
    let has_https = route.member.routing.has_https();
    if listener.protocol != Protocol::Http || route.is_redirect_to_https() || !has_https {
        return false;
    }
    all.iter().any(|other| {
        other.is_redirect_to_https()
            && other.member.claim.object == route.member.claim.object
            && other.place < route.place
            && covers(&other.conditions, &route.conditions)
    })
}

impl Asked<'_> {
    fn is_redirect_to_https(&self) -> bool {
        self.route().redirect().is_some_and(|to| to.protocol == "HTTPS" && to.keeps_the_url())
    }
}

fn has_protocol(wanted: &str, listener: Protocol) -> bool {
    match wanted {
        "HTTP" => listener == Protocol::Http,
        "HTTPS" => listener == Protocol::Https,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::{Protocol, RedirectAction};

    use super::is_loop;
    use crate::source::{Filter, HostMatch, ListenerPort, PathMatch, Route};

    #[test]
    fn a_redirect_to_the_same_url_is_a_loop_only_on_the_listener_that_it_leads_to() {
        let route = |host: &str, port: &str, path: &str| Route {
            hosts: vec![HostMatch::Name("a.org".into())],
            paths: vec![PathMatch::Exact("/x".into())],
            conditions: Vec::new(),
            filters: vec![Filter::Redirect(RedirectAction {
                protocol: "HTTPS".into(),
                host: host.into(),
                port: port.into(),
                path: path.into(),
                query: "#{query}".into(),
                status_code: 301,
            })],
            backends: Vec::new(),
            stickiness: None,
            field: String::new(),
        };
        let http = ListenerPort { port: 80, protocol: Protocol::Http };
        let https = ListenerPort { port: 443, protocol: Protocol::Https };
        for (route, on_http, on_https) in [
            (route("#{host}", "443", "/#{path}"), false, true),
            (route("A.org", "#{port}", "/x"), false, true),
            (route("b.org", "443", "/#{path}"), false, false),
            (route("#{host}", "8443", "/#{path}"), false, false),
            (route("#{host}", "443", "/y"), false, false),
        ] {
            assert_eq!((is_loop(&route, http), is_loop(&route, https)), (on_http, on_https), "{route:?}");
        }
    }
}
