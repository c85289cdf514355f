//! Values that are misspelled, out of range, or contradict each other.

use super::helm::{CHART, Helm, object, values_file};

/// Arguments of Helm, and what its message contains.
const REFUSED: &[(&[&str], &[&str])] = &[
    // Misspelled, at each depth and in the settings.
    (&["--set", "replica=3"], &["'replica' not allowed"]),
    (&["--set", "metrics.servicemonitor.enabled=true"], &["/metrics'", "'servicemonitor' not allowed"]),
    (&["--set", "settings.proxy.target-prot=8080"], &["/settings/proxy'", "'target-prot' not allowed"]),
    (&["--set", "ingressClasses[0].name=a,ingressClasses[0].modus=route"], &["'modus' not allowed"]),
    // Values that cannot be.
    (&["--set", "replicas=two"], &["/replicas'", "want integer"]),
    (&["--set", "log=yaml"], &["/log'", "'json', 'text'"]),
    (&["--set", "port=80"], &["/port'", "1,024"]),
    (&["--set", "region=eu-central"], &["/region'", "does not match"]),
    (&["--set", "vpcId=shop"], &["/vpcId'", "does not match"]),
    (&["--set", "image.digest=latest"], &["/image/digest'", "sha256:"]),
    (&["--set", "serviceAccount.roleArn=albatross"], &["/serviceAccount/roleArn'", "arn:"]),
    (&["--set", "recordings.s3=bucket"], &["/recordings/s3'", "s3://"]),
    (&["--set", "policies.decide={../by-team.wasm}"], &["/policies/decide/0'", "does not match"]),
    (&["--set", "policies.files.a=no base64!"], &["/policies/files/a'", "does not match"]),
    (&["--set", "settings.idle-timeout=soon"], &["/settings/idle-timeout'", "want integer"]),
    (
        &["--set", "ingressClasses[0].name=a,ingressClasses[0].mode=routes"],
        &["/ingressClasses/0/mode'", "'proxy', 'route'"],
    ),
    // Contradictions.
    (
        &["--set", "settings.default-mode=route,rbac.routeMode=false"],
        &["a class is in route mode, but rbac.routeMode is false"],
    ),
    (
        &["--set", "ingressClasses[0].name=a,ingressClasses[0].mode=route,rbac.routeMode=false"],
        &["a class is in route mode, but rbac.routeMode is false"],
    ),
    (
        &[
            "--set",
            "settings.proxy.pods.namespace=skipper,settings.proxy.pods.label-selector=app,rbac.pods=false",
        ],
        &["settings.proxy.pods makes Pods the targets, but rbac.pods is false"],
    ),
    (
        &[
            "--set",
            "ingressClasses[0].name=a,ingressClasses[0].mode=route",
            "--set",
            "settings.classes[0].name=a,settings.classes[0].mode=proxy",
        ],
        &["the class \"a\" is there twice"],
    ),
    (
        &["--set", "recordings.s3=s3://a/b,recordings.volume.persistentVolumeClaim.claimName=c"],
        &["recordings.s3 and recordings.volume are both set"],
    ),
    (
        &["--set", "webhook.enabled=true,webhook.secret=a,webhook.certManager.enabled=true"],
        &["webhook.secret and webhook.certManager.enabled are both set"],
    ),
    (&["--set", "webhook.enabled=true,webhook.port=8080"], &["port and webhook.port are both 8080"]),
    (
        &["--set", "webhook.enabled=true,pagePort=9443"],
        &["pagePort and webhook.port are both 9443, but each needs a port of its own"],
    ),
    (&["--set", "webhook.enabled=true,webhook.caBundle=QUJD"], &["set webhook.secret too"]),
    (&["--set", "webhook.enabled=true,readOnly=true"], &["the webhook would keep a certificate there"]),
    (&["--set", "webhook.secret=mine"], &["there is no webhook: set webhook.enabled"]),
    (
        &["--set", "webhook.enabled=true,webhook.from[0].ipBlock.cidr=10.0.0.0/8"],
        &["webhook.from restricts nothing without a NetworkPolicy"],
    ),
    (
        &["--set", "webhook.enabled=true,webhook.certManager.issuerRef.name=internal"],
        &["set webhook.certManager.enabled to true"],
    ),
    (&["--set", "settings.watch-namespace=Shop"], &["must be the name of one namespace"]),
    (&["--set", "webhook.failurePolicy=Fail"], &["at '/webhook'", "'failurePolicy' not allowed"]),
    (
        &["--set", "recordings.s3=s3://a/b,readOnly=true"],
        &["readOnly writes nothing to AWS, but recordings.s3"],
    ),
    (&["--set", "recordings.maxAge=3"], &["recordings.maxAge is set, but nothing is recorded"]),
    (&["--set", "policies.decide={by-team.wasm}"], &["the policy \"by-team.wasm\" is neither a file of"]),
    (
        &["--set", "policies.files.a=YQ==,policies.configMap=mine"],
        &["policies.files and policies.configMap are both set"],
    ),
    (
        &["--set", "extraEnv[0].name=AWS_SECRET_ACCESS_KEY,extraEnv[0].value=x"],
        &["extraEnv contains AWS_SECRET_ACCESS_KEY as text", "serviceAccount.roleArn"],
    ),
];

#[test]
fn a_value_that_cannot_be_meant_is_refused_and_named() {
    let helm = Helm::alone();
    for (arguments, parts) in REFUSED {
        let answer = helm.template(arguments);
        assert_ne!(answer.code, 0, "{arguments:?} is accepted: {}", answer.stdout);
        for part in *parts {
            assert!(answer.stderr.contains(part), "{arguments:?}: {part:?} is not in: {}", answer.stderr);
        }
    }
}

#[test]
fn a_default_can_be_removed_with_null() {
    let values =
        ["commonLabels", "settings", "ingressClasses", "resources", "podSecurityContext", "extraArgs"];
    let values = values.map(|name| format!("{name}=null")).join(",");
    let helm = Helm::alone();
    let objects = helm.render(&["--set", &values]);
    let pod = &object(&objects, "Deployment", "albatross")["spec"]["template"]["spec"];
    assert!(pod.get("securityContext").is_none(), "{pod}");
    assert!(pod["containers"][0].get("resources").is_none(), "{pod}");
}

#[test]
fn helm_finds_nothing_to_complain_about() {
    let helm = Helm::alone();
    helm.succeed(&["lint", "--strict", CHART]);
    for values in ["everything", "proxy-mode", "route-mode"] {
        helm.succeed(&["lint", "--strict", CHART, "--values", &values_file(values)]);
    }
}
