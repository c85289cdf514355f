//! Releases of the chart in a real API server.

use std::fs;

use albatross_test_world::account::CLUSTER;
use k8s_openapi::{
    api::{
        apps::v1::Deployment,
        core::v1::{ConfigMap, Namespace, Pod},
        rbac::v1::ClusterRole,
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{Api, api::PostParams};
use serde_json::json;

use super::helm::{CHART, Helm, object, settings, values_file};
use crate::support::{
    World, eventually,
    objects::{ingress, published},
    replica::Replica,
};

/// The file that people install without Helm.
const DEPLOYMENT: &str = include_str!("../../../../../deploy/deployment.yaml");

/// A namespace that admits only Pods of the Pod Security level restricted.
const RESTRICTED: &str = "
apiVersion: v1
kind: Namespace
metadata: { name: ingress, labels: { pod-security.kubernetes.io/enforce: restricted } }
";

#[tokio::test(flavor = "multi_thread")]
async fn a_release_takes_over_the_plain_manifests_in_place_and_uninstalling_it_removes_them() {
    let world = World::new("chart-plain").await;
    world.apply(DEPLOYMENT).await;
    let deployments: Api<Deployment> = Api::namespaced(world.administrator.clone(), "kube-system");
    let before = deployments.get("albatross").await.unwrap();

    let helm = Helm::of(&world);
    let install = ["install", "albatross", CHART, "--namespace", "kube-system"];
    let refused = helm.run(&install);
    assert!(refused.stderr.contains("invalid ownership metadata"), "{}", refused.stderr);
    let told = helm.succeed(&[&install[..], &["--take-ownership", "--set", "clusterId=shop"]].concat());
    assert!(told.contains("rollout status deployment/albatross"), "{told}");
    assert!(told.contains("Not all of clusterId, region and vpcId are set."), "{told}");
    let after = deployments.get("albatross").await.unwrap();
    assert_eq!(after.metadata.uid, before.metadata.uid, "the Deployment is the same one");
    let arguments = after.spec.unwrap().template.spec.unwrap().containers.remove(0).args.unwrap();
    assert_eq!(arguments, ["run", "--cluster-id=shop", "--log=json", "--log-level-file=/log/level"]);

    helm.succeed(&["uninstall", "albatross", "--namespace", "kube-system"]);
    assert!(deployments.get_opt("albatross").await.unwrap().is_none());
    let roles: Api<ClusterRole> = Api::all(world.administrator.clone());
    assert!(roles.get_opt("albatross").await.unwrap().is_none());
    assert!(roles.get_opt("albatross-route-mode").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_in_a_restricted_namespace_serves_ingresses_of_its_class_and_follows_an_upgrade() {
    let world = World::new("chart-release").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    world.apply(RESTRICTED).await;
    let helm = Helm::of(&world);
    let release = ["ingress-aws", CHART, "--namespace", "ingress"];
    let identity = format!(
        "name=ingress-aws,clusterId={CLUSTER},region={},vpcId={}",
        world.account.region, world.account.vpc
    );
    let class =
        "ingressClasses[0].name=front,ingressClasses[0].mode=proxy,rbac.routeMode=false,rbac.pods=false";
    helm.succeed(&[&["install"], &release[..], &["--set", &identity, "--set", class]].concat());

    // The program, with the arguments, the settings and only the rights of the release.
    let deployment = installed(&world).await;
    admitted_as_a_pod(&world, &deployment).await;
    let token = world.kubernetes.service_account_token("ingress", "ingress-aws").unwrap();
    let kubeconfig = world.kubernetes.kubeconfig(&token).unwrap();
    let file = world.file("settings.json", &settings_file(&world).await);
    let arguments =
        deployment.spec.clone().unwrap().template.spec.unwrap().containers.remove(0).args.unwrap();
    // The replica of the test has its own first argument, and a log for people.
    let mut arguments = arguments
        .into_iter()
        .skip(1)
        .filter(|argument| !argument.starts_with("--log="))
        .map(|argument| argument.replace("/settings/settings.json", file.to_str().unwrap()))
        .collect::<Vec<String>>();
    arguments.sort();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    assert_eq!(arguments[4], format!("--vpc-id={}", world.account.vpc), "{arguments:?}");
    let replica = Replica::start_with(&world, "replica", &kubeconfig, &arguments);
    let served = ingress("checkout", "shop.example.org");
    world.apply(&served.replace("ingressClassName: albatross", "ingressClassName: front")).await;
    eventually("an Ingress of the class of the chart is served", async || {
        published(&world.administrator, "checkout").await.pop()
    })
    .await;
    assert_eq!(replica.get("/readyz"), (200, "ok\n".to_owned()));
    assert!(!replica.log().contains("forbidden"), "{}", replica.log());
    assert_eq!(replica.terminate(), 0);

    // A changed setting is in the ConfigMap, and restarts the Pods.
    let upgrade = [&["upgrade"], &release[..], &["--reuse-values", "--set"]].concat();
    helm.succeed(&[&upgrade[..], &["settings.grace=600,replicas=3"]].concat());
    let upgraded = installed(&world).await;
    assert_eq!(upgraded.metadata.uid, deployment.metadata.uid);
    let (new, old) = (upgraded.spec.unwrap(), deployment.spec.unwrap());
    assert_eq!(new.replicas, Some(3));
    assert_ne!(new.template.metadata.unwrap().annotations, old.template.metadata.unwrap().annotations);
    assert!(settings_file(&world).await.contains("\"grace\": 600"));
    // A misspelled value changes nothing.
    let refused = helm.run(&[&upgrade[..], &["settings.grase=5"]].concat());
    assert!(refused.stderr.contains("'grase' not allowed"), "{}", refused.stderr);
    assert!(settings_file(&world).await.contains("\"grace\": 600"));

    helm.succeed(&["rollback", "ingress-aws", "1", "--namespace", "ingress"]);
    assert!(!settings_file(&world).await.contains("grace"));
    helm.succeed(&["uninstall", "ingress-aws", "--namespace", "ingress"]);
    let left = helm.run(&["get", "manifest", "ingress-aws", "--namespace", "ingress"]);
    assert!(left.stderr.contains("not found"), "{}", left.stderr);
    let deployments: Api<Deployment> = Api::namespaced(world.administrator.clone(), "ingress");
    assert!(deployments.get_opt("ingress-aws").await.unwrap().is_none());
}

/// The Deployment of the release.
async fn installed(world: &World) -> Deployment {
    let api: Api<Deployment> = Api::namespaced(world.administrator.clone(), "ingress");
    api.get("ingress-aws").await.unwrap()
}

/// The settings file as the Pods see it.
async fn settings_file(world: &World) -> String {
    let api: Api<ConfigMap> = Api::namespaced(world.administrator.clone(), "ingress");
    api.get("ingress-aws-settings").await.unwrap().data.unwrap().remove("settings.json").unwrap()
}

/// The namespace admits a Pod of the Deployment, and would not admit one that may run as root.
async fn admitted_as_a_pod(world: &World, deployment: &Deployment) {
    let pods: Api<Pod> = Api::namespaced(world.administrator.clone(), "ingress");
    let name = Some("ingress-aws-1".to_owned());
    let spec = deployment.spec.clone().unwrap().template.spec;
    let mut pod = Pod { metadata: ObjectMeta { name, ..ObjectMeta::default() }, spec, status: None };
    pods.create(&PostParams::default(), &pod).await.unwrap();

    pod.metadata.name = Some("ingress-aws-root".to_owned());
    pod.spec.as_mut().unwrap().security_context = None;
    let refused = pods.create(&PostParams::default(), &pod).await.unwrap_err().to_string();
    assert!(refused.contains("violates PodSecurity"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_server_accepts_every_object_of_a_release_with_all_values() {
    let world = World::new("chart-everything").await;
    world.apply(RESTRICTED).await;
    let namespaces: Api<Namespace> = Api::all(world.administrator.clone());
    let skipper = serde_json::from_value(json!({ "metadata": { "name": "skipper" } })).unwrap();
    namespaces.create(&PostParams::default(), &skipper).await.unwrap();
    for kind in ["ServiceMonitor", "PrometheusRule"] {
        world.apply(&custom_kind("monitoring.coreos.com", kind)).await;
    }
    world.apply(&custom_kind("cert-manager.io", "Certificate")).await;
    // The world has one of this name.
    let values = fs::read_to_string(values_file("everything")).unwrap();
    let values = values.replace("{ name: albatross, mode: proxy", "{ name: albatross-proxy, mode: proxy");
    let values = world.file("values.yaml", &values);
    let values = values.to_str().unwrap();

    let helm = Helm::of(&world);
    let install = ["install", "albatross", CHART, "--namespace", "ingress", "--values", values];
    eventually("the API server serves the new kinds", async || {
        let answer = helm.run(&install);
        assert!(answer.code == 0 || answer.stderr.contains("no matches for kind"), "{}", answer.stderr);
        (answer.code == 0).then_some(())
    })
    .await;
    let rendered = helm.render(&["--values", values]);
    for (kind, name) in [
        ("NetworkPolicy", "ingress-aws"),
        ("ServiceMonitor", "ingress-aws"),
        ("ValidatingWebhookConfiguration", "ingress-aws-webhook"),
    ] {
        object(&rendered, kind, name);
    }
    assert_eq!(settings(&rendered, "ingress-aws")["identity"]["controller-id"], "shop");
    // The Pods are admitted too: the volume of the recordings is one that the level restricted allows.
    admitted_as_a_pod(&world, &installed(&world).await).await;
    helm.succeed(&["uninstall", "albatross", "--namespace", "ingress"]);
}

/// A kind that a cluster with the Prometheus Operator has, or one with cert-manager.
fn custom_kind(group: &str, kind: &str) -> String {
    let (singular, plural) = (kind.to_lowercase(), format!("{}s", kind.to_lowercase()));
    format!(
        "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{ name: {plural}.{group} }}
spec:
  group: {group}
  scope: Namespaced
  names: {{ kind: {kind}, plural: {plural}, singular: {singular}, listKind: {kind}List }}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {{ openAPIV3Schema: {{ type: object, x-kubernetes-preserve-unknown-fields: true }} }}
"
    )
}
