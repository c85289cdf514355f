//! Service ports, by number or by name.

use albatross_contract::{Service, ServicePort, ServicePortReference, TransportProtocol};

use crate::{source::InvalidBackend, words};

/// The port of a target group whose targets each have a port of their own, as in the AWS Load Balancer Controller.
pub const OF_EACH_TARGET: u16 = 1;

/// `shop/cart`.
pub fn name(service: &Service) -> String {
    let namespace = service.metadata.namespace.as_deref().unwrap_or("default");
    format!("{namespace}/{}", service.metadata.name)
}

/// The Service port that a backend names, or the reason why there is none.
pub fn find<'a>(
    service: &'a Service,
    reference: &ServicePortReference,
) -> Result<&'a ServicePort, InvalidBackend> {
    let is_named = |port: &&ServicePort| match reference {
        ServicePortReference::Number(number) => port.port == *number,
        ServicePortReference::Name(name) => port.name.as_deref() == Some(name),
    };
    let name = name(service);
    let Some(found) = service.ports.iter().find(is_named) else {
        let there = service.ports.iter().map(|port| match &port.name {
            Some(name) => format!("{name} ({})", port.port),
            None => port.port.to_string(),
        });
        let there: Vec<String> = there.collect();
        let has = match there.as_slice() {
            [] => "none".to_owned(),
            there => words::list(there.iter().map(String::as_str)),
        };
        let reason = format!("Service {name} has no port {}; its ports: {has}", in_words(reference));
        return Err(InvalidBackend::new(reason, "correct the port of the backend, or add it to the Service"));
    };
    if found.protocol == TransportProtocol::Tcp {
        return Ok(found);
    }
    let reason = format!("port {} of Service {name} does not use TCP", found.port);
    Err(InvalidBackend::new(reason, "use a TCP port of the Service"))
}

fn in_words(reference: &ServicePortReference) -> String {
    match reference {
        ServicePortReference::Number(number) => number.to_string(),
        ServicePortReference::Name(name) => format!("\"{name}\""),
    }
}
