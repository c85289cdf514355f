//! The routes of an Ingress.

use std::borrow::Cow;

use albatross_contract::{
    Diagnostic, DiagnosticCode, Ingress, IngressBackend, IngressPath, Inventory, PathType, Quotas,
    RuleCondition, ServicePortReference,
};

use super::{
    Backend, BackendReference, Filter, HostMatch, LoadBalancerWishes, ObjectName, PathMatch, Route, Routing,
    annotations, named,
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
    let (security_groups, without_groups) = named::security_groups(&reader, inventory);
    let load_balancer = LoadBalancerWishes {
        subnets,
        security_groups,
        ..annotations::load_balancer_wishes(&mut reader, inventory)
    };
    let mut reading = Reading {
        by_backend: annotations::ByBackend::new(&ingress.metadata.annotations),
        has_expressions: annotations::paths_are_expressions(&mut reader),
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
    let problem = routing.routes.iter().find_map(|route| problem(route, &inventory.quotas));
    invalid.extend(problem.map(|problem| problem.diagnostic(object)));
    let remarks = reading.by_backend.unused(object).into_iter().collect();
    Read { routing, invalid, remarks }
}

/// The annotations that routes depend on.
struct Reading<'a> {
    by_backend: annotations::ByBackend<'a>,
    /// Whether paths of the type ImplementationSpecific are regular expressions.
    has_expressions: bool,
}

impl<'a> Reading<'a> {
    /// The routes of an Ingress in the order of its manifest; the default backend comes last.
    fn routes(&mut self, ingress: &'a Ingress) -> Vec<Route<'a>> {
        let mut routes = Vec::new();
        for (number, rule) in ingress.rules.iter().enumerate() {
            let host = rule.host.as_deref().filter(|host| !host.is_empty());
            for (place, path) in rule.paths.iter().enumerate() {
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
            hosts: host.map(host_match).into_iter().collect(),
            paths: vec![path],
            conditions: Vec::new(),
            filters: Vec::new(),
            backends: Vec::new(),
            stickiness: None,
            field,
        };
        match to {
            IngressBackend::Object(object) => {
                let reason = format!("{} is not a Service, and only Services can be backends", object.name);
                route.backends.push(Backend { to: BackendReference::Invalid(reason), weight: 1 });
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
            Err(reason) => {
                route.backends = vec![Backend { to: BackendReference::Invalid(reason), weight: 1 }];
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

fn host_match(host: &str) -> HostMatch<'_> {
    if host.starts_with("*.") { HostMatch::Wildcard(host.into()) } else { HostMatch::Name(host.into()) }
}

fn every_path<'a>() -> PathMatch<'a> {
    PathMatch::Prefix("/".into())
}

/// Why a listener rule cannot express a route.
struct Problem {
    code: DiagnosticCode,
    field: String,
    message: String,
    remedy: &'static str,
}

impl Problem {
    fn diagnostic(self, object: ObjectName<'_>) -> Diagnostic {
        let Problem { code, field, message, remedy } = self;
        warning(code, Subject::Object(object), message).field(field).remedy(remedy)
    }
}

/// The first reason why listener rules cannot express a route.
fn problem(route: &Route<'_>, quotas: &Quotas) -> Option<Problem> {
    let bad_host = route.hosts.iter().find(|host| !host.is_expressible());
    let bad_path = route.paths.iter().find_map(|path| Some((path, fault_of_path(path)?)));
    bad_host
        .map(|host| {
            let (HostMatch::Name(text)
            | HostMatch::Wildcard(text)
            | HostMatch::Pattern(text)
            | HostMatch::Expression(text)) = host;
            Problem {
                code: DiagnosticCode::HostInvalid,
                field: format!("{}.host", route.field.split(".http").next().unwrap_or_default()),
                message: format!("a listener rule cannot express the host \"{text}\""),
                remedy: "use a host of up to 128 letters, digits, hyphens and dots; write other letters in punycode",
            }
        })
        .or_else(|| {
            let (path, fault) = bad_path?;
            let (PathMatch::Exact(text)
            | PathMatch::Prefix(text)
            | PathMatch::Pattern(text)
            | PathMatch::Expression(text)) = path;
            Some(Problem {
                code: DiagnosticCode::PathUnsupported,
                field: format!("{}.path", route.field),
                message: format!("a listener rule cannot express the path \"{text}\"{fault}"),
                remedy: "use a path that begins with / and has up to 127 visible ASCII characters, others as %XX; the \
                         wildcards * and ? are allowed only with path type ImplementationSpecific, where paths consist \
                         of letters, digits and _-.$/~\"'@:+&",
            })
        })
        .or_else(|| too_much(route, quotas))
}

/// What is wrong with a path, as the end of a sentence. `None`: a listener rule can express it.
fn fault_of_path(path: &PathMatch<'_>) -> Option<String> {
    match path {
        PathMatch::Expression(text) if text.len() > annotations::LONGEST_EXPRESSION => {
            Some(": as a regular expression it has more than 128 characters".to_owned())
        }
        PathMatch::Expression(text) => annotations::fault_of_expression(text)
            .map(|fault| format!(": as a regular expression it {fault}")),
        // A pattern needs no slash: `*.php`.
        PathMatch::Exact(text) | PathMatch::Prefix(text) if !text.starts_with('/') => Some(String::new()),
        _ if path.is_every_path() => None,
        _ => (!path.is_expressible()).then(String::new),
    }
}

/// A rule with one value for each condition must be within the quotas: more values are divided among several rules.
fn too_much(route: &Route<'_>, quotas: &Quotas) -> Option<Problem> {
    let fewest = [usize::from(!route.hosts.is_empty()), usize::from(!route.paths.is_empty())];
    let values = fewest.iter().sum::<usize>() + route.conditions.len();
    let of_hosts = route.hosts.iter().map(HostMatch::wildcards).max();
    let of_paths = route.paths.iter().map(PathMatch::wildcards).max();
    let of_others = route.conditions.iter().map(wildcards);
    let wildcards: usize = [of_hosts, of_paths].into_iter().flatten().chain(of_others).sum();
    let problem = |count: usize, what: &str, limit: u32| {
        (count > limit as usize).then(|| Problem {
            code: DiagnosticCode::AnnotationInvalid,
            field: route.field.clone(),
            message: format!(
                "the rule needs {count} condition {what}, but the quota of AWS is {limit} for each rule"
            ),
            remedy: "ask for fewer conditions or wildcards",
        })
    };
    problem(values, "values", quotas.condition_values_per_rule)
        .or_else(|| problem(wildcards, "wildcards", quotas.condition_wildcards_per_rule))
}

/// The wildcards in the value of a condition that has most of them.
fn wildcards(condition: &RuleCondition) -> usize {
    let count = |text: &String| text.matches(['*', '?']).count();
    let most = match condition {
        RuleCondition::HttpHeader(header) => header.value.values.iter().map(count).max(),
        RuleCondition::QueryString(pairs) => {
            pairs.iter().map(|pair| count(&pair.value) + pair.key.as_ref().map_or(0, count)).max()
        }
        _ => None,
    };
    most.unwrap_or_default()
}

#[cfg(test)]
mod tests;
