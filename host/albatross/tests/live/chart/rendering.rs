//! What the chart renders.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use albatross_contract::Settings;
use serde_json::{Value, json};

use super::helm::{Helm, names, object, settings};
use crate::support::answer::Answer;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[test]
fn the_plain_manifests_are_the_chart_with_its_defaults() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("live").join("plain-manifests");
    fs::create_dir_all(&folder).unwrap();
    let mut script = Command::new(format!("{ROOT}/scripts/render-manifests.sh"));
    let answer = Answer::of(script.arg(&folder).env("HELM", albatross_test_servers::helm().unwrap()));
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    for name in ["rbac.yaml", "rbac-readiness-gates.yaml", "deployment.yaml"] {
        let rendered = fs::read_to_string(folder.join(name)).unwrap();
        let kept = fs::read_to_string(format!("{ROOT}/deploy/{name}")).unwrap();
        assert!(rendered == kept, "deploy/{name} differs: run scripts/render-manifests.sh");
    }
}

#[test]
fn the_chart_installs_the_version_of_the_program_that_it_belongs_to() {
    let objects = Helm::alone().render(&[]);
    let pod = &object(&objects, "Deployment", "albatross")["spec"]["template"]["spec"];
    let expected = format!("albatross:{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(pod["containers"][0]["image"], expected);
    // Numbers stay numbers, however large.
    let objects = Helm::alone().render(&["--set", "terminationGracePeriodSeconds=1000000"]);
    let pod = &object(&objects, "Deployment", "albatross")["spec"]["template"]["spec"];
    assert_eq!(pod["terminationGracePeriodSeconds"], 1_000_000);
}

#[test]
fn proxy_mode_alone_needs_no_rights_of_route_mode() {
    let objects = Helm::alone().render_with("proxy-mode");
    assert_eq!(
        names(&objects),
        [
            "ClusterRole albatross",
            "ClusterRoleBinding albatross",
            "ConfigMap ingress/albatross-settings",
            "Deployment ingress/albatross",
            "IngressClass albatross",
            "PodDisruptionBudget ingress/albatross",
            "Role kube-system/albatross",
            "RoleBinding kube-system/albatross",
            "ServiceAccount ingress/albatross",
        ]
    );
    assert!(!resources(object(&objects, "ClusterRole", "albatross")).contains(&"routegroups".to_owned()));
    assert_eq!(settings(&objects, "albatross")["classes"], json!([{ "name": "albatross", "mode": "proxy" }]));
    let class = object(&objects, "IngressClass", "albatross");
    assert_eq!(class["spec"]["controller"], Settings::default().ingress_class_controller);
}

#[test]
fn route_mode_alone_reads_services_and_has_the_settings_of_the_guide() {
    let objects = Helm::alone().render_with("route-mode");
    let role = object(&objects, "ClusterRole", "albatross-route-mode");
    assert_eq!(resources(role), ["endpointslices", "services"]);
    let expected = json!({
        "classes": [{ "name": "albatross", "mode": "route" }],
        "default-mode": "route",
        "proxy": { "node-filters": "tag:kubernetes.io/cluster/shop=owned", "route-groups": false },
    });
    assert_eq!(settings(&objects, "albatross"), expected);
}

/// The resources of all rules of a role, sorted.
fn resources(role: &Value) -> Vec<String> {
    let rules = role["rules"].as_array().unwrap().iter();
    let resources = rules.flat_map(|rule| rule["resources"].as_array().unwrap());
    let mut resources: Vec<String> = resources.map(|it| it.as_str().unwrap().to_owned()).collect();
    resources.sort();
    resources
}

#[test]
fn a_controller_that_only_reads_has_no_right_to_write() {
    let objects = Helm::alone().render(&["--set", "readOnly=true,settings.readiness-gates=true"]);
    let container = &object(&objects, "Deployment", "albatross")["spec"]["template"]["spec"]["containers"][0];
    assert!(container["args"].as_array().unwrap().contains(&json!("--read-only")), "{container}");
    let roles = objects.iter().filter(|it| it["rules"].is_array());
    let rules = roles.flat_map(|role| role["rules"].as_array().unwrap());
    let verbs: BTreeSet<&str> =
        rules.flat_map(|rule| rule["verbs"].as_array().unwrap()).map(|verb| verb.as_str().unwrap()).collect();
    assert_eq!(verbs, BTreeSet::from(["get", "list", "watch"]));
    assert!(names(&objects).contains(&"ClusterRole albatross-readiness-gates".to_owned()));
    assert!(!names(&objects).contains(&"Role kube-system/albatross".to_owned()), "it needs no Lease");
}

#[test]
fn an_ingress_class_is_added_to_the_classes_and_ingresses_without_a_class_stay() {
    let objects =
        Helm::alone().render(&["--set", "ingressClasses[0].name=front,ingressClasses[0].mode=route"]);
    let expected = json!([{ "name": "", "mode": "proxy" }, { "name": "front", "mode": "route" }]);
    assert_eq!(settings(&objects, "albatross")["classes"], expected);
    let default: Vec<Value> =
        Settings::default().classes.iter().map(|it| json!({ "name": it.name, "mode": "proxy" })).collect();
    assert_eq!(json!(default), json!([expected[0]]), "the chart repeats the default");
}

#[test]
fn with_all_values_everything_is_where_it_belongs() {
    let objects = Helm::alone().render_with("everything");
    let deployment = object(&objects, "Deployment", "ingress-aws");
    let pod = &deployment["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    assert_eq!(container["image"], format!("registry.example.org/albatross@sha256:{}1", "0".repeat(63)));
    assert_eq!(pod["serviceAccountName"], "ingress-aws-account");
    assert_eq!(pod["priorityClassName"], "system-node-critical");
    assert_eq!(pod["securityContext"]["fsGroup"], 1000);
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "defaults that are not replaced stay");

    // The program takes the arguments.
    let arguments: Vec<&str> =
        container["args"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    let mut program = Command::new(env!("CARGO_BIN_EXE_albatross"));
    let help = Answer::of(program.args(&arguments).arg("--help"));
    assert_eq!((help.code, help.stderr.as_str()), (0, ""));
    assert!(arguments.contains(&"--policy=/policies/by-team.wasm"), "{arguments:?}");

    // Each volume that is mounted exists.
    let mounted = members(&container["volumeMounts"], "name");
    assert_eq!(
        mounted,
        ["docker", "log", "more", "policies", "policy-cache", "recordings", "settings", "webhook"]
    );
    assert_eq!(mounted, members(&pod["volumes"], "name"));

    let account = object(&objects, "ServiceAccount", "ingress-aws-account");
    let annotations = &account["metadata"]["annotations"];
    assert_eq!(annotations["eks.amazonaws.com/role-arn"], "arn:aws:iam::111122223333:role/albatross");
    let policies = object(&objects, "ConfigMap", "ingress-aws-policies");
    assert_eq!(policies["binaryData"], json!({ "by-team.wasm": "AGFzbQ==" }), "lines are joined");

    // The Lease of another controller id, and the namespace of the proxy.
    let lease = object(&objects, "Role", "ingress-aws");
    assert_eq!(lease["metadata"]["namespace"], "kube-system");
    assert_eq!(lease["rules"][1]["resourceNames"], json!(["albatross-shop"]));
    assert_eq!(object(&objects, "Role", "ingress-aws-pods")["metadata"]["namespace"], "skipper");
    let gates = object(&objects, "ClusterRole", "ingress-aws-readiness-gates");
    assert_eq!(
        gates["rules"][1],
        json!({ "apiGroups": [""], "resources": ["pods/status"], "verbs": ["patch"] })
    );
    let class = object(&objects, "IngressClass", "albatross");
    assert_eq!(class["metadata"]["annotations"]["ingressclass.kubernetes.io/is-default-class"], "true");
    for object in &objects {
        assert_eq!(object["metadata"]["labels"]["team"], "ingress", "{:?}", object["metadata"]);
    }
}

#[test]
fn the_webhook_has_its_own_certificate_one_of_cert_manager_or_one_of_a_secret() {
    let helm = Helm::alone();
    assert!(!helm.render(&[]).iter().any(|it| it.to_string().contains("webhook")), "it is off");
    let on = |more: &str| helm.render(&["--set", &format!("webhook.enabled=true{more}")]);
    let arguments = |objects: &[Value]| {
        let pod = &object(objects, "Deployment", "albatross")["spec"]["template"]["spec"];
        assert_eq!(pod["containers"][0]["ports"][1], json!({"name": "webhook", "containerPort": 9443}));
        let all = pod["containers"][0]["args"].as_array().unwrap().clone();
        all.into_iter().filter(|it| it.as_str().unwrap().starts_with("--webhook")).collect::<Vec<_>>()
    };
    let configuration =
        |objects: &[Value]| object(objects, "ValidatingWebhookConfiguration", "albatross-webhook").clone();

    let own = on("");
    let service = "--webhook-service=ingress/albatross-webhook";
    assert_eq!(arguments(&own), ["--webhook=[::]:9443", service]);
    let role = object(&own, "ClusterRole", "albatross-webhook");
    assert_eq!(role["rules"][0]["resourceNames"], json!(["albatross-webhook"]));
    let webhook = &configuration(&own)["webhooks"][0];
    assert_eq!((&webhook["failurePolicy"], &webhook["sideEffects"]), (&json!("Ignore"), &json!("None")));
    assert_eq!(webhook["clientConfig"]["caBundle"], Value::Null, "the program writes it");
    assert_eq!(
        object(&own, "Service", "albatross-webhook")["spec"]["ports"],
        json!([{"name": "webhook", "port": 443, "targetPort": "webhook"}])
    );

    let managed = on(",webhook.certManager.enabled=true");
    assert_eq!(arguments(&managed), ["--webhook=[::]:9443", "--webhook-certificate=/webhook"]);
    let certificate = &object(&managed, "Certificate", "albatross-webhook")["spec"];
    assert_eq!(certificate["dnsNames"], json!(["albatross-webhook.ingress.svc"]));
    assert_eq!(certificate["issuerRef"], json!({"kind": "Issuer", "name": "albatross-webhook"}));
    // The authority outlives the certificate.
    let authority = "albatross-webhook-authority";
    assert_eq!(
        object(&managed, "Issuer", "albatross-webhook")["spec"],
        json!({"ca": {"secretName": authority}})
    );
    assert_eq!(object(&managed, "Issuer", authority)["spec"], json!({"selfSigned": {}}));
    let of_authority = &object(&managed, "Certificate", authority)["spec"];
    assert_eq!((&of_authority["isCA"], &of_authority["secretName"]), (&json!(true), &json!(authority)));
    let volumes = &object(&managed, "Deployment", "albatross")["spec"]["template"]["spec"]["volumes"];
    let secret = json!({"secretName": "albatross-webhook-certificate", "optional": true});
    assert!(volumes.as_array().unwrap().iter().any(|it| it["secret"] == secret), "{volumes}");
    assert_eq!(certificate["secretName"], secret["secretName"]);
    let annotations = &configuration(&managed)["metadata"]["annotations"];
    assert_eq!(annotations["cert-manager.io/inject-ca-from"], "ingress/albatross-webhook");

    assert_eq!(configuration(&own)["webhooks"][0]["namespaceSelector"], Value::Null, "all are served");
    let of_shop = on(",settings.watch-namespace=shop");
    assert_eq!(
        configuration(&of_shop)["webhooks"][0]["namespaceSelector"],
        json!({"matchLabels": {"kubernetes.io/metadata.name": "shop"}})
    );

    let given = on(",webhook.secret=mine,webhook.caBundle=QUJD,readOnly=true");
    assert_eq!(configuration(&given)["webhooks"][0]["clientConfig"]["caBundle"], "QUJD");
    for objects in [&managed, &given] {
        let names = names(objects);
        assert!(!names.iter().any(|it| it.starts_with("Role ingress/")), "no right to a Secret: {names:?}");
    }
}

/// A member of each object of a list, sorted.
fn members(list: &Value, name: &str) -> Vec<String> {
    let mut found: Vec<String> =
        list.as_array().unwrap().iter().map(|it| it[name].as_str().unwrap().to_owned()).collect();
    found.sort();
    found
}

#[test]
fn a_changed_setting_restarts_the_pods_and_a_changed_setting_of_a_policy_does_not() {
    let helm = Helm::alone();
    let template = |values: &str| {
        let objects = helm.render(&["--set", values]);
        object(&objects, "Deployment", "albatross")["spec"]["template"].clone()
    };
    let before = template("settings.grace=600");
    assert_ne!(before, template("settings.grace=601"));
    let policy = "settings.grace=600,settings.policies[0].point=grouping,settings.policies[0].settings";
    assert_eq!(before, template(&format!("{policy}=one")));
    assert_eq!(before, template(&format!("{policy}=two")));
}
