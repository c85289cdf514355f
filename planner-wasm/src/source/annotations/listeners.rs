//! The listener ports of an object in route mode.

use albatross_contract::{Diagnostic, DiagnosticCode, Inventory, Protocol, Tag};
use serde_json::Value;

use super::{json, values::Reader};
use crate::{
    diagnostics::{Details, Subject, warning},
    ports, settings,
    source::{ListenerPort, ObjectName},
};

/// The ports of listeners.
pub const PORTS: &str = "alb.ingress.kubernetes.io/listen-ports";
/// The certificates of HTTPS listeners.
pub const CERTIFICATE: &str = "alb.ingress.kubernetes.io/certificate-arn";
/// The TLS policy of HTTPS listeners.
pub const SSL_POLICY: &str = "alb.ingress.kubernetes.io/ssl-policy";

/// The annotations of this family.
pub const KNOWN: &[&str] = &[PORTS, CERTIFICATE, SSL_POLICY];

/// The ARNs of the certificates that annotations name, each once.
pub fn certificates(annotations: &[Tag]) -> Vec<&str> {
    let mut arns = Vec::new();
    for arn in Reader::new(annotations).list(CERTIFICATE) {
        if !arns.contains(&arn) {
            arns.push(arn);
        }
    }
    arns
}

/// The TLS policy that an annotation names.
pub fn ssl_policy<'a>(
    annotation: &'static str,
    reader: &mut Reader<'a>,
    inventory: &Inventory,
) -> Option<&'a str> {
    let name = reader.text(annotation)?;
    if settings::is_ssl_policy(name, inventory) {
        return Some(name);
    }
    let example = settings::example_ssl_policy(name);
    reader.refuse(annotation, name, format!("the name of a TLS policy of AWS, such as {example}"));
    None
}

/// The listeners that annotations ask for. Without a list: HTTPS on 443 if a certificate is named, otherwise HTTP on 80.
pub fn ports(reader: &mut Reader<'_>) -> Vec<ListenerPort> {
    let expected = "a JSON list such as [{\"HTTP\": 80}, {\"HTTPS\": 443}], in which no port occurs twice";
    reader.parse(PORTS, expected, read).unwrap_or_else(|| match reader.list(CERTIFICATE).is_empty() {
        true => vec![ListenerPort { port: ports::HTTP, protocol: Protocol::Http }],
        false => vec![ListenerPort { port: ports::HTTPS, protocol: Protocol::Https }],
    })
}

/// The diagnostic for annotations about HTTPS, of an object that listens only on HTTP.
pub fn about_https(annotations: &[Tag], object: ObjectName<'_>) -> Option<Diagnostic> {
    let reader = Reader::new(annotations);
    let named: Vec<&str> =
        [CERTIFICATE, SSL_POLICY].into_iter().filter(|it| reader.text(it).is_some()).collect();
    if named.is_empty() {
        return None;
    }
    let (noun, verb) = if named.len() == 1 { ("annotation", "does") } else { ("annotations", "do") };
    let message =
        format!("{noun} {} {verb} nothing, because this Ingress listens only on HTTP", named.join(" and "));
    let diagnostic = warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message);
    let diagnostic = diagnostic.field(format!("metadata.annotations[{}]", named[0]));
    Some(diagnostic.remedy(format!("add {{\"HTTPS\": 443}} to {PORTS}, or remove the {noun}")))
}

/// Reads a list such as `[{"HTTP": 80}, {"HTTPS": 443}]`.
fn read(text: &str) -> Option<Vec<ListenerPort>> {
    let list = json::parse(text).ok()?;
    let mut listeners = Vec::new();
    for (protocol, port) in
        list.as_array()?.iter().map(Value::as_object).collect::<Option<Vec<_>>>()?.into_iter().flatten()
    {
        let protocol = match protocol.as_str() {
            "HTTP" => Protocol::Http,
            "HTTPS" => Protocol::Https,
            _ => return None,
        };
        let port = port.as_u64().and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0)?;
        listeners.push(ListenerPort { port, protocol });
    }
    if listeners.is_empty() {
        return None;
    }
    listeners.sort();
    let has_duplicates = listeners.windows(2).any(|pair| pair[0].port == pair[1].port);
    (!has_duplicates).then_some(listeners)
}

#[cfg(test)]
mod tests {
    use albatross_contract::Protocol;

    use super::{CERTIFICATE, PORTS, about_https, ports, read};
    use crate::{
        identity::tag,
        source::{ObjectName, annotations::values::Reader},
    };

    fn told(text: &str) -> Option<Vec<(u16, Protocol)>> {
        Some(read(text)?.into_iter().map(|it| (it.port, it.protocol)).collect())
    }

    #[test]
    fn ports_are_read_in_their_order() {
        let both = vec![(80, Protocol::Http), (443, Protocol::Https)];
        assert_eq!(told(r#"[{"HTTPS":443},{"HTTP": 80}]"#), Some(both));
        for bad in [
            "",
            "80",
            "[]",
            r#"[{"TCP":80}]"#,
            r#"[{"HTTP":0}]"#,
            r#"[{"HTTP":70000}]"#,
            r#"[{"HTTP":"80"}]"#,
        ] {
            assert_eq!(told(bad), None, "{bad}");
        }
        assert_eq!(told(r#"[{"HTTP":80},{"HTTPS":80}]"#), None, "a port has one protocol");
        assert_eq!(told(r#"[{"HTTPS":8443}]"#), Some(vec![(8443, Protocol::Https)]));
    }

    #[test]
    fn annotations_about_https_do_nothing_on_an_http_listener() {
        let object =
            ObjectName { namespace: "shop", name: "x", kind: albatross_contract::ObjectKind::Ingress };
        let annotations = [tag(CERTIFICATE, "arn:certificate/one")];
        let told = about_https(&annotations, object).unwrap();
        assert_eq!(
            told.message,
            "annotation alb.ingress.kubernetes.io/certificate-arn does nothing, because this Ingress listens only on HTTP"
        );
        assert_eq!(about_https(&[], object), None);
    }

    #[test]
    fn without_a_list_the_certificate_annotation_decides_the_port() {
        let first = |annotations: &[albatross_contract::Tag]| ports(&mut Reader::new(annotations))[0].port;
        assert_eq!(first(&[]), 80);
        assert_eq!(first(&[tag(CERTIFICATE, "arn:certificate/one")]), 443);
        assert_eq!(first(&[tag(CERTIFICATE, "arn"), tag(PORTS, r#"[{"HTTP":8080}]"#)]), 8080);
    }
}
