//! Which Services are backends of Ingresses. Pods come and go in every cluster all the time; only the Services behind Ingresses
//! concern a plan, and a pass costs calls to AWS.

use albatross_contract::{Ingress, IngressBackend};

/// Whether an Ingress may name a Service of its namespace: as a backend, or anywhere in an annotation, since only the planner
/// knows which annotations name Services. A Service that is not named starts no pass when it changes, but is in every view.
pub(crate) fn may_name(ingress: &Ingress, service: &str) -> bool {
    let paths = ingress.rules.iter().flat_map(|rule| &rule.paths).map(|path| &path.backend);
    let is_it = |backend: &IngressBackend| match backend {
        IngressBackend::Service(backend) => backend.name == service,
        IngressBackend::Object(_) => false,
    };
    ingress.default_backend.iter().chain(paths).any(is_it)
        || ingress.metadata.annotations.iter().any(|annotation| annotation.value.contains(service))
}

#[cfg(test)]
mod tests {
    use albatross_manifests::ingress_from_json;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_ingress_names_services_as_backends_and_in_annotations() {
        let backend = |name: &str| json!({ "service": { "name": name, "port": { "number": 80 } } });
        let path = json!({ "path": "/", "pathType": "Prefix", "backend": backend("cart") });
        let forward = r#"{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"canary","servicePort":80}]}}"#;
        let ingress = ingress_from_json(json!({
            "metadata": {
                "namespace": "shop", "name": "shop",
                "annotations": { "alb.ingress.kubernetes.io/actions.canary": forward },
            },
            "spec": { "defaultBackend": backend("home"), "rules": [{ "http": { "paths": [path] } }] },
        }))
        .unwrap();
        for named in ["cart", "home", "canary"] {
            assert!(may_name(&ingress, named), "{named}");
        }
        assert!(!may_name(&ingress, "orders"));
    }
}
