//! `simulate --serve`: requests get the answers that the load balancers would give, and edited manifests other answers.

mod arguments;
mod backends;
mod client;
mod edits;
#[cfg(unix)]
mod page;
mod rules;
mod site;

use serde_json::{Value, json};

/// A Service with a node port.
fn service(name: &str, node_port: u16) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "shop"},
        "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": node_port}]},
    })
}

/// An Ingress of route mode for HTTP and HTTPS: a host, its paths with their Services, and more annotations.
fn ingress(name: &str, host: &str, paths: &[(&str, &str)], annotations: &[(&str, Value)]) -> Value {
    let path = |(path, service): &(&str, &str)| {
        let port = if service.contains("action") {
            json!({"name": "use-annotation"})
        } else {
            json!({"number": 80})
        };
        json!({"path": path, "pathType": "Prefix", "backend": {"service": {"name": service, "port": port}}})
    };
    let mut all = json!({
        "kubernetes.io/ingress.class": "alb",
        "alb.ingress.kubernetes.io/scheme": "internet-facing",
        "alb.ingress.kubernetes.io/group.name": "shop",
        "alb.ingress.kubernetes.io/listen-ports": "[{\"HTTP\": 80}, {\"HTTPS\": 443}]",
    });
    for (key, value) in annotations {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        all[format!("alb.ingress.kubernetes.io/{key}")] = text.into();
    }
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": {"name": name, "namespace": "shop", "annotations": all},
        "spec": {"rules": [{"host": host, "http": {"paths": paths.iter().map(path).collect::<Vec<_>>()}}]},
    })
}

/// A shop whose cart is a Service of its own.
fn shop() -> Vec<Value> {
    vec![
        service("web", 30_080),
        service("cart", 30_081),
        ingress("shop", "shop.example.org", &[("/cart", "cart"), ("/", "web")], &[]),
    ]
}
