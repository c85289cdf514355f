//! Attributes of listeners: `listener-attributes.HTTPS-443`, an annotation for each protocol and port.

use std::collections::BTreeMap;

use albatross_contract::{ANNOTATION_ALB_PREFIX, Protocol};

use super::{attributes::check, values::Reader};
use crate::{
    attributes::known,
    source::{ListenerPort, StringMap},
};

/// The beginning of the names of these annotations, without the prefix.
pub const BEGINNING: &str = "listener-attributes.";

/// The name of the annotation for a listener.
pub fn name(listener: ListenerPort) -> String {
    format!("{ANNOTATION_ALB_PREFIX}{BEGINNING}{}-{}", listener.protocol.as_str(), listener.port)
}

/// The listener that an annotation names. `None`: it names none.
pub fn listener(key: &str) -> Option<ListenerPort> {
    let end = key.strip_prefix(ANNOTATION_ALB_PREFIX)?.strip_prefix(BEGINNING)?;
    let (protocol, port) = end.split_once('-')?;
    let protocol = match protocol {
        "HTTP" => Protocol::Http,
        "HTTPS" => Protocol::Https,
        _ => return None,
    };
    let port = port.parse().ok().filter(|port| *port > 0 && !end.contains(['+', ' ']))?;
    Some(ListenerPort { port, protocol })
}

/// The attributes that annotations ask for. A key that this version does not know is passed on where AWS lists it.
pub fn all(reader: &mut Reader<'_>) -> BTreeMap<ListenerPort, StringMap> {
    let mut all = BTreeMap::new();
    for key in reader.keys() {
        if let Some(listener) = listener(key) {
            let known = known::of_listener(listener.protocol);
            all.insert(listener, reader.map(key, |key, value| check(known, key, value)));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{all, listener, name};
    use crate::{
        identity::tag,
        source::{ObjectName, annotations::Reader},
    };

    fn key(end: &str) -> String {
        format!("alb.ingress.kubernetes.io/listener-attributes.{end}")
    }

    #[test]
    fn an_annotation_names_the_protocol_and_the_port_of_a_listener() {
        for end in ["HTTP-80", "HTTPS-443", "HTTPS-8443"] {
            assert_eq!(listener(&key(end)).map(name), Some(key(end)));
        }
        for end in
            ["", "80", "HTTP", "HTTP-", "HTTP-0", "HTTP-70000", "http-80", "TCP-80", "HTTP-+80", "HTTP-80-1"]
        {
            assert_eq!(listener(&key(end)), None, "{end}");
        }
    }

    #[test]
    fn a_value_that_aws_refuses_is_reported_with_its_annotation() {
        let server = "routing.http.response.server.enabled";
        let annotations = [
            tag(
                &key("HTTP-80"),
                &format!("{server}=no,routing.http.response.x_frame_options.header_value=DENY"),
            ),
            tag(&key("HTTPS-443"), &format!("{server}=false")),
            tag(&key("HTTPS-8443"), "on"),
        ];
        let mut reader = Reader::new(&annotations);
        let read: Vec<(u16, usize)> =
            all(&mut reader).into_iter().map(|(listener, map)| (listener.port, map.len())).collect();
        assert_eq!(read, [(80, 1), (443, 1), (8443, 0)]);
        let object =
            ObjectName { namespace: "shop", name: "x", kind: albatross_contract::ObjectKind::Ingress };
        let told: Vec<String> = reader.unreadable.iter().map(|it| it.diagnostic(object).message).collect();
        assert_eq!(
            told,
            [
                format!("annotation {} sets {server} to \"no\", expected true or false", key("HTTP-80")),
                format!(
                    "annotation {} is \"on\", expected pairs such as key=value, separated by commas",
                    key("HTTPS-8443")
                ),
            ]
        );
    }
}
