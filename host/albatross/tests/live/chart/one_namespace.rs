//! A controller that serves one namespace, with rights only there.

use albatross_test_world::account::CLUSTER;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use tokio::time::{Duration, sleep};

use super::helm::{CHART, Helm};
use crate::support::{
    World, eventually,
    objects::{ingress, published},
    replica::Replica,
};

/// Longer than changes are batched, and than the first pass takes that follows.
const A_WHILE: Duration = Duration::from_secs(8);

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_of_one_namespace_serves_it_and_has_no_rights_elsewhere() {
    let world = World::new("chart-one-namespace").await;
    world.account.make_certificate(&["*.shop.example.org"]).await;
    for namespace in ["ingress", "other"] {
        world.apply(&format!("apiVersion: v1\nkind: Namespace\nmetadata: {{ name: {namespace} }}\n")).await;
    }
    let helm = Helm::of(&world);
    // Without the setting it would look for a security group with the tag of its controller id.
    let security_group = &world.account.security_group;
    let identity =
        format!("name=team,clusterId={CLUSTER},region={},vpcId={}", world.account.region, world.account.vpc);
    let values = format!(
        "{identity},settings.watch-namespace=shop,settings.identity.controller-id=team,\
         settings.security-groups[0]={security_group},ingressClasses[0].name=team,ingressClasses[0].mode=proxy,\
         ingressClasses[1].name=team-alb,ingressClasses[1].mode=route,rbac.pods=false"
    );
    helm.succeed(&["install", "team", CHART, "--namespace", "ingress", "--set", &values]);

    let token = world.kubernetes.service_account_token("ingress", "team").expect("a token");
    let kubeconfig = world.kubernetes.kubeconfig(&token).expect("a kubeconfig");
    let settings: Api<ConfigMap> = Api::namespaced(world.administrator.clone(), "ingress");
    let settings = settings.get("team-settings").await.expect("the settings").data.expect("a file");
    let settings = world.file("team.json", &settings["settings.json"]);
    let arguments = ["--settings", settings.to_str().expect("a path in UTF-8")];
    let replica = Replica::start_with(&world, "replica", &kubeconfig, &arguments);

    let of_team = |name: &str| {
        let manifest = ingress(name, &format!("{name}.shop.example.org"));
        manifest.replace("ingressClassName: albatross", "ingressClassName: team")
    };
    world.apply(&of_team("elsewhere").replace("namespace: shop", "namespace: other")).await;
    world.apply(&of_team("checkout")).await;
    eventually("the Ingress of the namespace is served", async || {
        published(&world.administrator, "checkout").await.pop()
    })
    .await;
    assert_eq!(replica.metric(r#"albatross_ingresses{kind="placed"}"#), Some(1.0));
    let calls = world.recorder.calls().len();
    world
        .apply(
            &of_team("elsewhere")
                .replace("namespace: shop", "namespace: other")
                .replace("path: /,", "path: /x,"),
        )
        .await;
    sleep(A_WHILE).await;
    assert_eq!(world.writes_since(calls), [""; 0], "a change elsewhere concerns nobody");
    assert!(!replica.log().contains("forbidden"), "{}", replica.log());

    // Nothing more is granted: the list of all Ingresses is refused.
    let status =
        world.program("status").args(["status", "--kubeconfig"]).arg(&kubeconfig).output().expect("it runs");
    let told = String::from_utf8_lossy(&status.stderr).into_owned();
    assert!(told.contains("ingresses.networking.k8s.io is forbidden"), "{told}");
}
