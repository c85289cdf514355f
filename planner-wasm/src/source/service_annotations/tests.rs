use albatross_contract::{ClassSetting, DiagnosticCode, Mode};
use serde_json::{from_value, json};

use crate::{identity::tag, testing::World};

/// An Ingress in route mode whose backend is the Service `web` with these annotations.
fn world(annotations: &[(&str, &str)]) -> World {
    World::new().ingress("x", &["a.org"]).with(|snapshot| {
        snapshot.settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
        let backend = json!({"service": {"name": "web", "port": {"number": 80}}});
        let path = json!({"path": "/", "path-type": "prefix", "backend": backend});
        snapshot.cluster.ingresses[0].rules[0].paths = vec![from_value(path).unwrap()];
        let annotations: Vec<_> = annotations
            .iter()
            .map(|(name, value)| tag(&format!("alb.ingress.kubernetes.io/{name}"), value))
            .collect();
        let service = json!({
            "metadata": {"namespace": "shop", "name": "web", "annotations": annotations},
            "kind": "node-port",
            "ports": [{"name": "http", "port": 80, "protocol": "tcp", "node-port": 30_080}],
        });
        snapshot.cluster.services = vec![from_value(service).unwrap()];
    })
}

/// The errors of the Ingress, and its remarks.
fn told(world: World) -> (Vec<String>, Vec<String>) {
    let scene = world.read();
    let claim = scene.claim("x");
    assert!(claim.diagnostics.iter().all(|it| it.code == DiagnosticCode::AnnotationInvalid));
    assert!(claim.remarks.iter().all(|it| it.code == DiagnosticCode::AnnotationUnknown));
    let messages = |all: &[albatross_contract::Diagnostic]| all.iter().map(|it| it.message.clone()).collect();
    (messages(&claim.diagnostics), messages(&claim.remarks))
}

#[test]
fn an_invalid_annotation_of_a_service_is_told_on_the_ingress_and_names_the_service() {
    let (errors, remarks) = told(world(&[("target-type", "pod")]));
    assert_eq!(
        errors,
        [
            "annotation alb.ingress.kubernetes.io/target-type of Service shop/web is \"pod\", expected instance or ip"
        ]
    );
    assert!(remarks.is_empty());
}

#[test]
fn a_service_that_asks_for_authentication_is_not_served_without_it() {
    let (errors, remarks) = told(world(&[("auth-type", "oidc"), ("auth-idp-oidc", "{}")]));
    assert_eq!((errors.len(), remarks.len()), (1, 0), "{errors:?} {remarks:?}");
    assert!(errors[0].contains("auth-type of Service shop/web admits only users who sign in"), "{errors:?}");
}

#[test]
fn annotations_of_a_service_that_do_nothing_are_told_on_the_ingress() {
    let (errors, remarks) =
        told(world(&[("dry-run-plan", "x"), ("scheme", "internal"), ("succes-codes", "200")]));
    assert!(errors.is_empty());
    assert_eq!(remarks.len(), 3);
    for part in [
        "annotation alb.ingress.kubernetes.io/scheme of Service shop/web does nothing: it is read only from Ingresses",
        "annotation alb.ingress.kubernetes.io/succes-codes of Service shop/web is not known",
        "annotation alb.ingress.kubernetes.io/dry-run-plan of Service shop/web is not supported yet",
    ] {
        assert!(remarks.iter().any(|it| it.starts_with(part)), "{part}: {remarks:?}");
    }
}

#[test]
fn values_that_contradict_each_other_are_told_whether_they_are_on_the_ingress_or_on_the_service() {
    let on_ingress =
        |name: &str, value: &str| (format!("alb.ingress.kubernetes.io/{name}"), value.to_owned());
    for (of_service, (key, value), expected) in [
        (
            vec![("healthcheck-interval-seconds", "10")],
            on_ingress("healthcheck-timeout-seconds", "10"),
            "the timeout of the health check is 10 s and must be less than its interval of 10 s",
        ),
        (
            vec![("backend-protocol-version", "GRPC")],
            on_ingress("success-codes", "200"),
            "the success codes are \"200\", and gRPC codes must be 0 to 99",
        ),
        (vec![], on_ingress("success-codes", "199-300"), "HTTP codes must be 200 to 499"),
        (
            vec![],
            on_ingress("healthcheck-port", "admin"),
            "the health check port is \"admin\", which is neither a port number nor the name of a port",
        ),
        (
            vec![(
                "target-group-attributes",
                "slow_start.duration_seconds=30,load_balancing.algorithm.type=weighted_random",
            )],
            on_ingress("success-codes", "200"),
            "load_balancing.algorithm.type is weighted_random, and slow start needs the algorithm round_robin",
        ),
        (
            vec![],
            on_ingress("target-group-attributes", "load_balancing.algorithm.anomaly_mitigation=on"),
            "anomaly mitigation needs the algorithm weighted_random",
        ),
    ] {
        let (errors, _) = told(world(&of_service).annotated(&key, &value));
        assert_eq!(errors.len(), 1, "{expected}: {errors:?}");
        assert!(errors[0].contains(expected), "{}", errors[0]);
    }
    let fine = world(&[
        ("healthcheck-port", "http"),
        ("backend-protocol-version", "GRPC"),
        ("success-codes", "0-99"),
    ]);
    assert_eq!(told(fine), (vec![], vec![]));
}
