//! Service ports, by number or by name.

use albatross_contract::{Service, ServicePort, ServicePortReference, TransportProtocol};

use crate::words;

/// The Service port that a backend names, or the reason why there is none.
pub fn find<'a>(service: &'a Service, reference: &ServicePortReference) -> Result<&'a ServicePort, String> {
    let is_named = |port: &&ServicePort| match reference {
        ServicePortReference::Number(number) => port.port == *number,
        ServicePortReference::Name(name) => port.name.as_deref() == Some(name),
    };
    let name = &service.metadata.name;
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
        return Err(format!("Service {name} has no port {}; its ports: {has}", in_words(reference)));
    };
    if found.protocol == TransportProtocol::Tcp {
        return Ok(found);
    }
    Err(format!("port {} of Service {name} does not use TCP", found.port))
}

fn in_words(reference: &ServicePortReference) -> String {
    match reference {
        ServicePortReference::Number(number) => number.to_string(),
        ServicePortReference::Name(name) => format!("\"{name}\""),
    }
}
