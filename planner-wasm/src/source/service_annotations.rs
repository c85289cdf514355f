//! Annotations of Services: what they ask of target groups, and diagnostics for them on the objects that name the Services.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{ANNOTATION_ALB_PREFIX, Cluster, Diagnostic, DiagnosticCode, Service};

use super::{BackendReference, ObjectName, Routing, TargetWishes, annotations};
use crate::{
    attributes::known,
    diagnostics::{Details, Subject, warning},
    identity::tag_value,
};

/// The Services of a cluster, by namespace and name.
pub type Services<'a> = BTreeMap<(&'a str, &'a str), &'a Service>;

/// Indexes the Services of a cluster.
pub fn by_name(cluster: &Cluster) -> Services<'_> {
    let named = cluster.services.iter().map(|service| {
        let namespace = service.metadata.namespace.as_deref().unwrap_or("default");
        ((namespace, service.metadata.name.as_str()), service)
    });
    named.collect()
}

/// What the annotations of a Service ask of its target groups. Invalid values count as absent.
pub fn service_wishes(service: &Service) -> TargetWishes<'_> {
    read(&mut annotations::Reader::new(&service.metadata.annotations))
}

fn read<'a>(reader: &mut annotations::Reader<'a>) -> TargetWishes<'a> {
    let tags = annotations::tags(reader);
    TargetWishes { tags, ..annotations::target_wishes(reader) }
}

/// Problems with the properties of target groups.
#[derive(Default)]
pub struct Problems {
    /// What keeps the object from being planned.
    pub errors: Vec<Diagnostic>,
    /// What does nothing.
    pub remarks: Vec<Diagnostic>,
}

/// Checks the annotations of all Services that an object names, and what they and the object ask for together.
pub fn check(routing: &Routing<'_>, object: ObjectName<'_>, services: &Services<'_>) -> Problems {
    let mut problems = Problems::default();
    let backends = routing.routes.iter().flat_map(|route| &route.backends);
    let names = backends.filter_map(|backend| match &backend.to {
        BackendReference::Service { name, .. } => Some(name.as_ref()),
        BackendReference::Invalid(_) => None,
    });
    let names: BTreeSet<&str> = names.collect();
    let mut told = BTreeSet::new();
    for name in names {
        let Some(service) = services.get(&(object.namespace, name)) else { continue };
        let of_service = problems.of(service, object);
        let wishes = of_service.or(&routing.targets);
        let found = contradiction(&wishes).or_else(|| missing_port(service, &wishes));
        // Usually it is the Ingress that asks for it, for all Services.
        problems.errors.extend(found.filter(|(_, message)| told.insert(message.clone())).map(
            |(annotation, message)| {
                let is_of_service = tag_value(&service.metadata.annotations, annotation).is_some();
                let place = match is_of_service {
                    true => format!(" of Service {}/{name}", object.namespace),
                    false => String::new(),
                };
                let message = format!("annotation {annotation}{place}: {message}");
                let remedy = match is_of_service {
                    true => "correct the annotation of the Service",
                    false => "correct the annotation",
                };
                warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message)
                    .field(format!("metadata.annotations[{annotation}]"))
                    .remedy(remedy)
            },
        ));
    }
    problems
}

impl Problems {
    /// Checks the annotations of one Service, and returns what they ask for.
    fn of<'a>(&mut self, service: &'a Service, object: ObjectName<'_>) -> TargetWishes<'a> {
        let given = &service.metadata.annotations;
        if !given.iter().any(|annotation| annotation.key.starts_with(ANNOTATION_ALB_PREFIX)) {
            return TargetWishes::default();
        }
        let place = format!(" of Service {}/{}", object.namespace, service.metadata.name);
        let mut reader = annotations::Reader::new(given);
        let wishes = read(&mut reader);
        self.errors.extend(reader.unreadable.iter().map(|it| it.diagnostic_at(object, &place)));
        self.errors.extend(annotations::missing_protection(given, object, &place));
        self.remarks.extend(annotations::on_service(given, object, &place));
        wishes
    }
}

/// Values that are valid one by one but not together: the annotation, and in words, why.
fn contradiction(wishes: &TargetWishes<'_>) -> Option<(&'static str, String)> {
    let check = &wishes.health_check;
    let (interval, timeout) =
        (check.interval.unwrap_or(TargetWishes::INTERVAL), check.timeout.unwrap_or(TargetWishes::TIMEOUT));
    if timeout >= interval {
        let message = format!(
            "the timeout of the health check is {timeout} s and must be less than its interval of {interval} s"
        );
        let annotation =
            if check.timeout.is_some() { annotations::CHECK_TIMEOUT } else { annotations::CHECK_INTERVAL };
        return Some((annotation, message));
    }
    // API_Matcher: gRPC codes are 0 to 99, HTTP codes of Application Load Balancers 200 to 499.
    let (range, what) = if wishes.is_grpc() { (0..=99, "gRPC") } else { (200..=499, "HTTP") };
    let codes = check.success_codes.unwrap_or_default();
    let mut numbers = codes.split([',', '-']).filter_map(|code| code.trim().parse::<u32>().ok());
    if numbers.any(|code| !range.contains(&code)) {
        let (first, last) = (range.start(), range.end());
        let message =
            format!("the success codes are \"{codes}\", and {what} codes must be {first} to {last}");
        return Some((annotations::SUCCESS_CODES, message));
    }
    let attribute = |key: &str| {
        let default = known::find(known::TARGET_GROUP, key).and_then(|known| known.default);
        wishes.attributes.get(key).map(String::as_str).or(default).unwrap_or_default()
    };
    // ELB user guide, "Routing algorithms" and "Slow start mode".
    let algorithm = attribute("load_balancing.algorithm.type");
    let conflict = if attribute("load_balancing.algorithm.anomaly_mitigation") == "on"
        && algorithm != "weighted_random"
    {
        Some("anomaly mitigation needs the algorithm weighted_random")
    } else if attribute("slow_start.duration_seconds") != "0" && algorithm != "round_robin" {
        Some("slow start needs the algorithm round_robin")
    } else {
        None
    };
    conflict.map(|conflict| {
        (
            annotations::TARGET_GROUP_ATTRIBUTES,
            format!("load_balancing.algorithm.type is {algorithm}, and {conflict}"),
        )
    })
}

/// A health check port that is not a port of the Service.
fn missing_port(service: &Service, wishes: &TargetWishes<'_>) -> Option<(&'static str, String)> {
    let port = wishes.health_check.port.filter(|port| *port != TargetWishes::TRAFFIC_PORT)?;
    let is_number = port.parse::<u16>().is_ok_and(|number| number > 0);
    let is_named = service.ports.iter().any(|found| found.name.as_deref() == Some(port));
    (!is_number && !is_named).then(|| {
        let message = format!("the health check port is \"{port}\", which is neither a port number nor the name of a port of the Service");
        (annotations::CHECK_PORT, message)
    })
}

#[cfg(test)]
mod tests;
