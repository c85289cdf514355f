//! Services and Ingresses of route mode as people write them.

use std::fmt::Write;

/// Settings for route mode, with grace periods that a test can wait for: a load balancer also stays until the connections
/// of its targets end.
pub const SETTINGS: &str = r#"{
  "grace": 3, "proxy": { "deregistration-delay": 1 }, "classes": [{ "name": "alb", "mode": "route" }]
}"#;

/// A Service whose port has the name `http`.
pub fn service(namespace: &str, name: &str, port: u16) -> String {
    format!(
        "
apiVersion: v1
kind: Service
metadata: {{ name: {name}, namespace: {namespace} }}
spec: {{ type: NodePort, ports: [{{ name: http, port: {port} }}] }}
"
    )
}

/// The same with this node port, so that it is the same in all worlds.
pub fn service_at(namespace: &str, name: &str, node_port: u16) -> String {
    service(namespace, name, 80).replace("port: 80", &format!("port: 80, nodePort: {node_port}"))
}

/// An Ingress.
#[derive(Clone, Debug)]
pub struct Ingress {
    pub namespace: String,
    pub name: String,
    /// Annotations without their prefix `alb.ingress.kubernetes.io/`.
    pub annotations: Vec<(&'static str, String)>,
    /// Each host with its paths, and the Services to which they lead.
    pub hosts: Vec<(String, Vec<(&'static str, &'static str)>)>,
}

impl Ingress {
    pub fn annotate(&mut self, key: &'static str, value: &str) {
        self.annotations.retain(|(known, _)| *known != key);
        self.annotations.push((key, value.to_owned()));
    }

    /// In YAML.
    pub fn manifest(&self) -> String {
        let Ingress { namespace, name, .. } = self;
        let mut text = format!(
            "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {name}
  namespace: {namespace}
  annotations:
    kubernetes.io/ingress.class: alb
"
        );
        for (key, value) in &self.annotations {
            writeln!(text, "    alb.ingress.kubernetes.io/{key}: '{value}'").unwrap();
        }
        text.push_str("spec:\n  rules:\n");
        for (host, paths) in &self.hosts {
            write!(text, "    - host: '{host}'\n      http:\n        paths:\n").unwrap();
            for (path, service) in paths {
                let backend = format!("{{ service: {{ name: {service}, port: {{ name: http }} }} }}");
                writeln!(text, "          - {{ path: {path}, pathType: Prefix, backend: {backend} }}")
                    .unwrap();
            }
        }
        text
    }
}
