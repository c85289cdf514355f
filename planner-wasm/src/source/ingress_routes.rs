//! The routes of an Ingress.

use albatross_contract::{
    Diagnostic, DiagnosticCode, Ingress, IngressBackend, IngressPath, Inventory, PathType,
};

use super::{Backend, ObjectName, PathMatch, Route, Routing, annotations, named};
use crate::diagnostics::{Details, Subject, warning};

/// What an Ingress in route mode asks for, with diagnostics for its invalid parts.
pub fn routing<'a>(
    ingress: &'a Ingress,
    object: ObjectName<'_>,
    inventory: &'a Inventory,
) -> (Routing<'a>, Vec<Diagnostic>) {
    let mut reader = annotations::Reader::new(&ingress.metadata.annotations);
    let (subnets, without_subnets) = named::subnets(&reader, inventory);
    let (security_groups, without_groups) = named::security_groups(&reader, inventory);
    let routing = Routing {
        group: annotations::group_name(&mut reader),
        order: annotations::group_order(&mut reader),
        listeners: annotations::listener_ports(&mut reader),
        subnets,
        security_groups,
        firewall: annotations::firewall_wishes(&mut reader),
        targets: annotations::target_wishes(&mut reader),
        routes: routes(ingress),
    };
    let mut told: Vec<Diagnostic> = reader.unreadable.iter().map(|it| it.diagnostic(object)).collect();
    let missing = [without_subnets, without_groups].into_iter().flatten();
    told.extend(missing.map(|missing| missing.diagnostic(object)));
    told.extend(bad_path(&routing.routes, object));
    (routing, told)
}

/// The routes of an Ingress in the order of its manifest; the default backend comes last.
fn routes(ingress: &Ingress) -> Vec<Route<'_>> {
    let mut routes = Vec::new();
    for (number, rule) in ingress.rules.iter().enumerate() {
        let host = rule.host.as_deref().filter(|host| !host.is_empty());
        for (place, path) in rule.paths.iter().enumerate() {
            routes.push(Route {
                host,
                path: path_match(path),
                backends: vec![backend(&path.backend)],
                field: format!("spec.rules[{number}].http.paths[{place}]"),
            });
        }
        // "If no paths are specified, the default backend serves the host" (Kubernetes API, IngressRule).
        if let (true, Some(default)) = (rule.paths.is_empty(), &ingress.default_backend) {
            routes.push(all_paths(host, default, format!("spec.rules[{number}]")));
        }
    }
    if let Some(default) = &ingress.default_backend {
        routes.push(all_paths(None, default, "spec.defaultBackend".to_owned()));
    }
    routes
}

fn all_paths<'a>(host: Option<&'a str>, to: &'a IngressBackend, field: String) -> Route<'a> {
    Route { host, path: PathMatch::Prefix("/"), backends: vec![backend(to)], field }
}

/// A path of type ImplementationSpecific is a pattern of AWS. `/*` and an absent path match every path.
fn path_match(path: &IngressPath) -> PathMatch<'_> {
    let text = path.path.as_deref().unwrap_or_default();
    match path.path_type {
        PathType::Exact => PathMatch::Exact(text),
        PathType::Prefix => PathMatch::Prefix(text),
        PathType::ImplementationSpecific if matches!(text, "" | "/*") => PathMatch::Prefix("/"),
        PathType::ImplementationSpecific => PathMatch::Pattern(text),
    }
}

fn backend(to: &IngressBackend) -> Backend<'_> {
    match to {
        IngressBackend::Service(service) => {
            Backend { service: &service.name, port: Some(&service.port), weight: 1 }
        }
        IngressBackend::Object(object) => Backend { service: &object.name, port: None, weight: 1 },
    }
}

/// The diagnostic for the first path that a listener rule cannot express. ELBv2 allows up to 128 characters: letters, digits
/// and the characters below (API_RuleCondition, `PathPatternConfig`).
fn bad_path(routes: &[Route<'_>], object: ObjectName<'_>) -> Option<Diagnostic> {
    const LONGEST: usize = 128;
    let is_fit = |text: &str, wildcards: &str| {
        text.starts_with('/')
            && text.len() < LONGEST
            && text.chars().all(|it| {
                it.is_ascii_alphanumeric() || "_-.$/~\"'@:+&".contains(it) || wildcards.contains(it)
            })
    };
    let is_bad = |route: &&Route<'_>| match route.path {
        PathMatch::Exact(text) | PathMatch::Prefix(text) => !is_fit(text, ""),
        PathMatch::Pattern(text) => !is_fit(text, "*?"),
    };
    let route = routes.iter().find(is_bad)?;
    let (PathMatch::Exact(text) | PathMatch::Prefix(text) | PathMatch::Pattern(text)) = route.path;
    let message = format!("a listener rule cannot express the path \"{text}\"");
    let diagnostic = warning(DiagnosticCode::PathUnsupported, Subject::Object(object), message);
    Some(diagnostic.field(format!("{}.path", route.field)).remedy(
        "use a path that begins with / and has up to 127 characters: letters, digits and _-.$/~\"'@:+&; the wildcards * \
         and ? are allowed only with path type ImplementationSpecific",
    ))
}

#[cfg(test)]
mod tests;
