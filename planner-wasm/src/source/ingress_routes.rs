//! The routes of an Ingress.

use std::borrow::Cow;

use albatross_contract::{
    Diagnostic, DiagnosticCode, Ingress, IngressBackend, IngressPath, Inventory, PathType,
    ServicePortReference,
};

use super::{
    Backend, BackendReference, Filter, HostMatch, InvalidBackend, LoadBalancerWishes, ObjectName, PathMatch,
    Route, Routing, annotations, named, unfit_routes,
};
use crate::diagnostics::{Details, Subject, warning};

/// The port name of a backend whose action is an annotation.
const USE_ANNOTATION: &str = "use-annotation";

/// An Ingress in route mode.
pub struct Read<'a> {
    /// What it asks for.
    pub routing: Routing<'a>,
    /// Diagnostics for its invalid parts.
    pub invalid: Vec<Diagnostic>,
    /// Other diagnostics, which do not change how it is served.
    pub remarks: Vec<Diagnostic>,
}

/// Reads an Ingress in route mode.
pub fn read<'a>(ingress: &'a Ingress, object: ObjectName<'_>, inventory: &'a Inventory) -> Read<'a> {
    let mut reader = annotations::Reader::new(&ingress.metadata.annotations);
    let (subnets, without_subnets) = named::subnets(&reader, inventory);
    let (security_groups, without_groups) =
        named::security_groups(annotations::SECURITY_GROUPS, &reader, inventory);
    let load_balancer = LoadBalancerWishes {
        subnets,
        security_groups,
        ..annotations::load_balancer_wishes(&mut reader, inventory)
    };
    let mut reading = Reading {
        by_backend: annotations::ByBackend::new(&ingress.metadata.annotations),
        has_expressions: annotations::paths_are_expressions(&mut reader),
        most: usize::try_from(unfit_routes::most(&inventory.quotas).saturating_add(1)).unwrap_or(usize::MAX),
    };
    let routing = Routing {
        group: annotations::group_name(&mut reader),
        order: annotations::group_order(&mut reader),
        listeners: annotations::listener_ports(&mut reader),
        ssl_redirect: annotations::ssl_redirect(&mut reader),
        load_balancer,
        firewall: annotations::firewall_wishes(&mut reader),
        targets: annotations::target_wishes(&mut reader),
        routes: reading.routes(ingress),
    };
    let mut invalid: Vec<Diagnostic> = reader.unreadable.iter().map(|it| it.diagnostic(object)).collect();
    let missing = [without_subnets, without_groups].into_iter().flatten();
    invalid.extend(missing.map(|missing| missing.diagnostic(object)));
    invalid.extend(reading.by_backend.invalid(object));
    invalid.extend(unfit_routes::find(&routing.routes, object, &inventory.quotas));
    let without_https = without_https(ingress, &routing, object).filter(|_| invalid.is_empty());
    let remarks = reading.by_backend.unused(object).into_iter().chain(without_https).collect();
    Read { routing, invalid, remarks }
}

/// The diagnostic for annotations about HTTPS, or for `spec.tls`, of an Ingress that listens only on HTTP.
fn without_https(ingress: &Ingress, routing: &Routing<'_>, object: ObjectName<'_>) -> Option<Diagnostic> {
    if routing.has_https() {
        return None;
    }
    let given = &ingress.metadata.annotations;
    annotations::about_https(given, object).or_else(|| {
        let message = "spec.tls does nothing, because this Ingress listens only on HTTP";
        let diagnostic = warning(DiagnosticCode::HostInvalid, Subject::Object(object), message.to_owned());
        let ports = annotations::LISTENER_PORTS;
        let remedy = match annotations::Reader::new(given).text(ports) {
            Some(_) => format!("add {{\"HTTPS\": 443}} to {ports}, or remove spec.tls"),
            None => format!("set {ports} to [{{\"HTTP\": 80}}, {{\"HTTPS\": 443}}], or remove spec.tls"),
        };
        (!ingress.tls.is_empty()).then(|| diagnostic.field("spec.tls").remedy(remedy))
    })
}

/// The annotations that routes depend on.
struct Reading<'a> {
    by_backend: annotations::ByBackend<'a>,
    /// Whether paths of the type ImplementationSpecific are regular expressions.
    has_expressions: bool,
    /// How many routes are read. An Ingress with more routes than the rules of a load balancer can express is not planned.
    most: usize,
}

impl<'a> Reading<'a> {
    /// The routes of an Ingress in the order of its manifest; the default backend comes last.
    fn routes(&mut self, ingress: &'a Ingress) -> Vec<Route<'a>> {
        let mut routes = Vec::new();
        for (number, rule) in ingress.rules.iter().enumerate() {
            if routes.len() >= self.most {
                break;
            }
            let host = rule.host.as_deref().filter(|host| !host.is_empty());
            for (place, path) in rule.paths.iter().enumerate().take(self.most) {
                let field = format!("spec.rules[{number}].http.paths[{place}]");
                routes.push(self.route(host, self.path_match(path), &path.backend, field));
            }
            // "If no paths are specified, the default backend serves the host" (Kubernetes API, IngressRule).
            if let (true, Some(default)) = (rule.paths.is_empty(), &ingress.default_backend) {
                routes.push(self.route(host, every_path(), default, format!("spec.rules[{number}]")));
            }
        }
        if let Some(default) = &ingress.default_backend {
            routes.push(self.route(None, every_path(), default, "spec.defaultBackend".to_owned()));
        }
        routes.truncate(self.most);
        routes
    }

    fn route(
        &mut self,
        host: Option<&'a str>,
        path: PathMatch<'a>,
        to: &'a IngressBackend,
        field: String,
    ) -> Route<'a> {
        let mut route = Route {
            hosts: host.map(HostMatch::of).into_iter().collect(),
            paths: vec![path],
            conditions: Vec::new(),
            filters: Vec::new(),
            backends: Vec::new(),
            stickiness: None,
            field,
        };
        match to {
            IngressBackend::Object(object) => {
                let reason = format!("{} {} is not a Service", object.kind, object.name);
                let invalid = InvalidBackend::new(reason, "use a Service as the backend");
                route.backends.push(Backend { to: BackendReference::Invalid(invalid), weight: 1 });
            }
            IngressBackend::Service(service) => {
                let name = service.name.as_str();
                if is_action(&service.port) {
                    self.act(name, &mut route);
                } else {
                    let to = BackendReference::Service {
                        name: Cow::Borrowed(name),
                        port: Cow::Borrowed(&service.port),
                    };
                    route.backends.push(Backend { to, weight: 1 });
                }
                self.add_conditions(name, &mut route);
                let transforms = self.by_backend.transforms(name);
                route.filters.extend(transforms.into_iter().map(Filter::Transform));
            }
        }
        route
    }

    /// Adds the action with the name of a backend.
    fn act(&mut self, name: &str, route: &mut Route<'a>) {
        match self.by_backend.action(name) {
            Ok(action) => {
                route.filters.extend(action.filter);
                route.backends = action.backends;
                route.stickiness = action.stickiness;
            }
            Err(invalid) => {
                route.backends = vec![Backend { to: BackendReference::Invalid(invalid), weight: 1 }];
            }
        }
    }

    /// Adds the conditions with the name of a backend. Hosts and paths are alternatives to those of the rule.
    fn add_conditions(&mut self, name: &str, route: &mut Route<'a>) {
        let annotations::Conditions { hosts, paths, others } = self.by_backend.conditions(name);
        let has_wildcard = |text: &String| text.contains(['*', '?']);
        route.hosts.extend(hosts.values.into_iter().map(|text| match has_wildcard(&text) {
            true => HostMatch::Pattern(text.into()),
            false => HostMatch::Name(text.into()),
        }));
        route.hosts.extend(hosts.regular_expressions.into_iter().map(|it| HostMatch::Expression(it.into())));
        route.paths.extend(paths.values.into_iter().map(|text| match has_wildcard(&text) {
            true => PathMatch::Pattern(text.into()),
            false => PathMatch::Exact(text.into()),
        }));
        route.paths.extend(paths.regular_expressions.into_iter().map(|it| PathMatch::Expression(it.into())));
        route.conditions = others;
    }

    /// A path of type ImplementationSpecific is a pattern of AWS, or a regular expression. `/*` and an absent path match every
    /// path.
    fn path_match(&self, path: &'a IngressPath) -> PathMatch<'a> {
        let text = path.path.as_deref().unwrap_or_default();
        match path.path_type {
            PathType::Exact => PathMatch::Exact(text.into()),
            PathType::Prefix => PathMatch::Prefix(text.into()),
            PathType::ImplementationSpecific if matches!(text, "" | "/*") => every_path(),
            PathType::ImplementationSpecific if self.has_expressions => {
                PathMatch::Expression(text.strip_prefix('/').unwrap_or(text).into())
            }
            PathType::ImplementationSpecific => PathMatch::Pattern(text.into()),
        }
    }
}

fn is_action(port: &ServicePortReference) -> bool {
    matches!(port, ServicePortReference::Name(name) if name == USE_ANNOTATION)
}

fn every_path<'a>() -> PathMatch<'a> {
    PathMatch::Prefix("/".into())
}

#[cfg(test)]
mod tests;
