//! Its manifests: where each Ingress is placed, or why it is not.

use serde_json::{Value, json};

use super::words::{PINNED, SECURITY_GROUP_OF_ONE, told};
use crate::program::{quickstart, world::World};

const CERTIFICATE: &str = "zalando.org/aws-load-balancer-ssl-cert";
const SCHEME: &str = "zalando.org/aws-load-balancer-scheme";
const SHARED: &str = "zalando.org/aws-load-balancer-shared";
const SECURITY_GROUP: &str = "zalando.org/aws-load-balancer-security-group";
const SSL_POLICY: &str = "zalando.org/aws-load-balancer-ssl-policy";
const TYPE: &str = "zalando.org/aws-load-balancer-type";
const HTTP2: &str = "zalando.org/aws-load-balancer-http2";
const WEB_ACL: &str = "zalando.org/aws-waf-web-acl-id";
const ADDRESS_TYPE: &str = "alb.ingress.kubernetes.io/ip-address-type";

const ACL: &str = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/test-waf-acl/12345678-abcd-efgh-ijkl-901234567890";

/// An account in which it could run: with two more certificates, a further security group, and IPv6 in the public subnets.
fn account(name: &str, ingresses: Vec<Value>) -> World {
    let mut world = World::new(&format!("ancestors-{name}"), ingresses);
    world.add_certificate(1, "foo.bar.org");
    assert_eq!(world.add_certificate(2, "*.example.org"), PINNED);
    let groups = world.inventory["security-groups"].as_array_mut().unwrap();
    let mut group = groups[0].clone();
    (group["id"], group["name"], group["tags"]) = (json!(SECURITY_GROUP_OF_ONE), json!("some"), json!([]));
    groups.push(group);
    let subnets = world.inventory["subnets"].as_array_mut().unwrap();
    for (number, subnet) in subnets.iter_mut().take(3).enumerate() {
        subnet["ipv6-cidr-blocks"] = json!([format!("2001:db8:0:{number}::/64")]);
    }
    world
}

fn ingress(annotations: &[(&str, &str)], host: &str) -> Value {
    let annotations: serde_json::Map<String, Value> =
        annotations.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"namespace": "default", "name": "myingress", "annotations": annotations},
        "spec": {"rules": [{"host": host, "http": {"paths": [path("myservice")]}}]},
    })
}

fn path(service: &str) -> Value {
    let service = json!({"name": service, "port": {"name": "main"}});
    json!({"path": "/", "pathType": "ImplementationSpecific", "backend": {"service": service}})
}

/// Settings over those of the quickstart.
fn with_settings(mut world: World, settings: &str) -> World {
    let quickstart = std::fs::read_to_string(quickstart("settings.json")).unwrap();
    let mut all: Value = serde_json::from_str(&quickstart).unwrap();
    let settings: Value = serde_json::from_str(settings).unwrap();
    all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    world.flags = vec!["--settings".to_owned(), world.file("settings.json", all.to_string())];
    world
}

/// The source, the annotations, the host, settings in the place of its flags, and what becomes of the Ingress.
type Example =
    (&'static str, &'static [(&'static str, &'static str)], &'static str, &'static str, &'static str);

const EXAMPLES: [Example; 17] = [
    (
        "README.md, Creating Load Balancers; deploy/examples/sample-ing-v1.yaml; testdata/ingress_alb",
        &[],
        "test-app.example.org",
        "{}",
        "placed: application, internet-facing, ipv4",
    ),
    (
        "testdata/ingress_alb_dualstack, with --ip-addr-type=dualstack",
        &[],
        "foo.bar.org",
        r#"{"ip-address-type": "dualstack"}"#,
        "placed: application, internet-facing, dualstack",
    ),
    (
        "README.md, Create a Load Balancer with a pinned certificate",
        &[(CERTIFICATE, PINNED)],
        "test-app.example.org",
        "{}",
        "placed: application, internet-facing, ipv4, the pinned certificate",
    ),
    (
        "README.md, Create an internal Load Balancer",
        &[(SCHEME, "internal")],
        "test-app.example.org",
        "{}",
        "placed: application, internal, ipv4",
    ),
    (
        "README.md, Omit to create a Load Balancer for cluster internal domains, with --cluster-local-domain=cluster.local",
        &[],
        "test-app.skipper.cluster.local",
        r#"{"cluster-local-domains": ["cluster.local"]}"#,
        "rejected (host-none)",
    ),
    ("the same without the flag", &[], "test-app.skipper.cluster.local", "{}", "rejected (certificate-none)"),
    (
        "README.md, Create Load Balancer with SSL Policy",
        &[(SSL_POLICY, "ELBSecurityPolicy-FS-2018-06")],
        "test-app.example.org",
        "{}",
        "placed: application, internet-facing, ipv4, ELBSecurityPolicy-FS-2018-06",
    ),
    (
        "README.md, Create Load Balancer with SecurityGroup",
        &[(SECURITY_GROUP, SECURITY_GROUP_OF_ONE)],
        "test-app.example.org",
        "{}",
        "placed: application, internet-facing, ipv4, sg-somegroupeid",
    ),
    (
        "README.md, Create Load Balancers with WAF associations",
        &[(WEB_ACL, ACL)],
        "test-app.example.org",
        "{}",
        "placed: application, internet-facing, ipv4, test-waf-acl",
    ),
    (
        "the same with the id of a web ACL of AWS WAF Classic",
        &[(WEB_ACL, "12345678-abcd-efgh-ijkl-901234567890")],
        "test-app.example.org",
        "{}",
        "rejected (annotation-invalid)",
    ),
    ("testdata/ingress_nlb", &[(TYPE, "nlb")], "foo.bar.org", "{}", "placed: network, internet-facing, ipv4"),
    (
        "testdata/ingress_nlb_dualstack_annotation",
        &[(TYPE, "nlb"), (ADDRESS_TYPE, "dualstack")],
        "foo.bar.org",
        "{}",
        "placed: network, internet-facing, dualstack",
    ),
    (
        "testdata/ing_shared_rg_notshared_alb, without its RouteGroup",
        &[(SHARED, "true")],
        "foo.bar.org",
        "{}",
        "placed: application, internet-facing, ipv4",
    ),
    (
        "README.md, table of annotations: not shared",
        &[(SHARED, "false")],
        "foo.bar.org",
        "{}",
        "placed: application, internet-facing, ipv4, for one Ingress",
    ),
    (
        "README.md, table of annotations: without HTTP/2",
        &[(HTTP2, "false")],
        "foo.bar.org",
        "{}",
        "placed: application, internet-facing, ipv4, without HTTP/2",
    ),
    (
        "README.md, Load Balancers types: what cannot be combined",
        &[(TYPE, "nlb"), (WEB_ACL, ACL)],
        "foo.bar.org",
        "{}",
        "rejected (annotation-invalid)",
    ),
    ("testdata/no_certificates", &[], "foo.bar.example", "{}", "rejected (certificate-none)"),
];

#[test]
fn an_ingress_with_each_of_its_annotations() {
    for (source, annotations, host, settings, expected) in EXAMPLES {
        let world = with_settings(account("annotations", vec![ingress(annotations, host)]), settings);
        assert_eq!(told(&world.plan(&[])), [expected], "{source}");
    }
}

/// `deploy/examples/sample-ing-v{1,2}.yaml`, then `sample-ing-traffic.yaml`, as `deploy/test-deployment.md` has them.
#[test]
fn the_advanced_example_stays_on_one_load_balancer_from_step_to_step() {
    let named = |name: &str, annotation: (&str, &str), paths: Value| {
        let mut made = ingress(&[annotation], "demo-app.example.org");
        made["metadata"]["name"] = json!(name);
        made["spec"]["rules"][0]["http"]["paths"] = paths;
        made
    };
    let predicate = ("zalando.org/skipper-predicate", "QueryParam(\"version\", \"^v2$\")");
    let weights = ("zalando.org/backend-weights", r#"{"demo-v1": 80, "demo-v2": 20}"#);
    let mut first = named("demo-v1", predicate, json!([path("demo-v1")]));
    first["metadata"]["annotations"] = json!({});
    let second = named("demo-feature-toggle", predicate, json!([path("demo-v2")]));
    let traffic = named("demo-traffic-switching", weights, json!([path("demo-v1"), path("demo-v2")]));

    let mut world = account("advanced", vec![first, second]);
    world.come_to_rest();
    let before = world.ingresses[0]["status"].clone();
    assert!(before["loadBalancer"]["ingress"][0]["hostname"].is_string(), "{before}");
    assert_eq!(world.ingresses[1]["status"], before);
    world.ingresses = vec![traffic];
    world.come_to_rest();
    assert_eq!(world.ingresses[0]["status"], before);
}

/// `kubernetes/testdata/fixture01.json`: a class in the annotation, in the spec, in both, another one, and none.
#[test]
fn its_classes_are_ours_when_the_settings_list_them() {
    let of_class = |name: &str, annotation: Option<&str>, spec: Option<&str>| {
        let mut made = ingress(&[], &format!("{name}.example.org"));
        made["metadata"] = json!({"namespace": "default", "name": name, "annotations": {}});
        if let Some(class) = annotation {
            made["metadata"]["annotations"]["kubernetes.io/ingress.class"] = json!(class);
        }
        if let Some(class) = spec {
            made["spec"]["ingressClassName"] = json!(class);
        }
        made
    };
    let ingresses = vec![
        of_class("annotated", Some("skipper"), None),
        of_class("both", Some("yet-another-ignored"), Some("yet-another")),
        of_class("named", None, Some("another")),
        of_class("none", None, None),
        of_class("other", Some("other"), None),
    ];
    let chosen =
        r#"{"classes": [{"name": "skipper", "mode": "proxy"}, {"name": "yet-another", "mode": "proxy"}]}"#;
    let alb = ": application, internet-facing, ipv4";
    for (settings, expected) in [
        ("{}", ["not ours", "not ours", "not ours", "placed", "not ours"]),
        (chosen, ["placed", "placed", "not ours", "not ours", "not ours"]),
    ] {
        let world = with_settings(account("classes", ingresses.clone()), settings);
        let expected =
            expected.map(|state| if state == "placed" { format!("placed{alb}") } else { state.into() });
        assert_eq!(told(&world.plan(&[])), expected, "{settings}");
    }
}

/// What it publishes as templates, for old versions of Kubernetes, or with mistakes.
#[test]
fn what_no_api_server_takes_is_named_and_nothing_else_is_held_up() {
    let mut nameless = ingress(&[], "foo.bar.org");
    nameless["metadata"]["name"] = json!("no_certificates");
    let mut without_backend = ingress(&[], "demo-app.example.org");
    without_backend["spec"]["rules"][0]["http"]["paths"] = json!([{"backend": null}]);
    let mut without_spec = ingress(&[(CERTIFICATE, "fixture01")], "");
    without_spec.as_object_mut().unwrap().remove("spec");
    for (source, example, said) in [
        (
            "deploy/examples before <HOSTNAME> is replaced",
            ingress(&[], "<HOSTNAME>"),
            "\"<HOSTNAME>\" is not a host",
        ),
        ("testdata/no_certificates", nameless, "metadata.name: \"no_certificates\" is not a name"),
        ("deploy/examples/sample-ing-v2.yaml", without_backend, "paths[0].pathType: is missing"),
        ("kubernetes/testdata/fixture03.json", without_spec, "spec: has neither rules nor a default backend"),
    ] {
        let mut good = ingress(&[], "test-app.example.org");
        good["metadata"]["name"] = json!("good");
        let answer = account("mistakes", vec![example, good]).run(&["plan"], &[]);
        assert_eq!(answer.code, 1, "{source}");
        assert!(answer.stderr.contains(said), "{source}: {}", answer.stderr);
        assert!(answer.stdout.contains("+ Ingress default/good"), "{source}: {}", answer.stdout);
    }
    let old = json!({
        "apiVersion": "extensions/v1beta1",
        "kind": "Ingress",
        "metadata": {"name": "my-nginx"},
        "spec": {"rules": [{"host": "my-nginx.example.org", "http": {
            "paths": [{"backend": {"serviceName": "my-nginx", "servicePort": 80}}],
        }}]},
    });
    let told = told(&account("old", vec![old]).plan(&[]));
    assert_eq!(told, ["placed: application, internet-facing, ipv4"], "example/simple/my-nginx-ingress.yaml");
}
