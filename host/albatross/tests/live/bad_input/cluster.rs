//! Clusters that cannot be reached or read.

use std::{fs, net::TcpListener};

use albatross_cluster::Client;
use k8s_openapi::api::rbac::v1::ClusterRole;
use kube::{
    Api,
    api::{Patch, PatchParams},
};
use serde_json::json;

use super::assert_refused;
use crate::support::{
    World,
    answer::Answer,
    eventually,
    objects::{ingress, published},
    replica::Replica,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_cannot_be_used_is_named_with_the_reason() {
    let world = World::new("no-cluster").await;
    let good = fs::read_to_string(world.kubeconfig()).unwrap();
    let garbage = world.file("garbage.kubeconfig", "clusters: [\n");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let away =
        world.file("away.kubeconfig", &good.replace(world.kubernetes.url(), &format!("https://{free}")));
    let token = world.kubernetes.kubeconfig("not-a-token").unwrap();
    let (good, missing) = (world.kubeconfig(), world.path("missing.kubeconfig"));
    let [good, missing, garbage, away, token] =
        [&good, &missing, &garbage, &away, &token].map(|path| path.to_str().unwrap());

    let run = |command: &[&str], arguments: &[&str]| {
        Answer::of(world.program("nobody").args(command).args(arguments))
    };
    let plan = |arguments: &[&str]| run(&["plan"], arguments);
    let answer = plan(&["--kubeconfig", missing]);
    assert_refused(
        "no file",
        &answer,
        &[&format!("kubeconfig {missing}"), "No such file", "correct --kubeconfig"],
    );
    let answer = plan(&["--kubeconfig", garbage]);
    assert_refused("no YAML", &answer, &[&format!("kubeconfig {garbage}"), "line 1", "correct --kubeconfig"]);
    let answer = plan(&["--kubeconfig", good, "--context", "production"]);
    assert_refused("an unknown context", &answer, &["kubeconfig", "production", "--context"]);
    let answer = plan(&[]);
    assert_refused("no kubeconfig at all", &answer, &["kubeconfig ($KUBECONFIG or ~/.kube/config)"]);
    for command in [&["plan"][..], &["snapshot", "never-written.json"], &["run", "--listen=127.0.0.1:0"]] {
        let answer = run(command, &["--kubeconfig", token]);
        let parts = ["read the namespace kube-system", "does not accept the credentials", "renew the token"];
        assert_refused("a wrong token", &answer, &parts);
    }
    // A controller waits until the API server can be reached.
    for command in [&["plan"][..], &["snapshot", "never-written.json"]] {
        let answer = run(command, &["--kubeconfig", away]);
        let parts = ["read the namespace kube-system", "no answer from the API server", "Connection refused"];
        assert_refused("nobody listens", &answer, &parts);
    }
    assert_eq!(world.writes_since(0), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_list_nodes_nothing_is_planned_until_it_is_granted() {
    let world = World::new("forbidden-watch").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    world.apply(&ingress("checkout", "shop.example.org")).await;
    let rights = take_nodes_away(&world.administrator).await;

    let kubeconfig = world.kubeconfig();
    for command in
        [&["plan"][..], &["snapshot", "never-written.json"], &["explain", "ingress", "shop/checkout"]]
    {
        let answer = Answer::of(world.program("nobody").args(command).arg("--kubeconfig").arg(&kubeconfig));
        let parts = [
            "Node: not known",
            "watch nodes: forbidden",
            "system:serviceaccount:kube-system:albatross",
            "deploy/rbac.yaml",
        ];
        assert_refused("a forbidden list", &answer, &parts);
    }

    let mut replica = Replica::start(&world, "replica", &[]);
    eventually("/readyz names the watch", async || {
        let (status, told) = replica.get("/readyz");
        (status == 503 && told.contains("Node: not known") && told.contains("deploy/rbac.yaml")).then_some(())
    })
    .await;
    assert!(replica.log().contains("watch nodes: forbidden"), "{}", replica.log());
    assert_eq!(replica.get("/livez"), (200, "ok\n".to_owned()));
    assert!(replica.runs());
    assert!(replica.passed("changed").is_none());
    assert_eq!(world.writes_since(0), Vec::<String>::new());

    grant(&world.administrator, &rights).await;
    eventually("with the right the Ingress is served", async || {
        published(&world.administrator, "checkout").await.pop()
    })
    .await;
    assert_eq!(replica.get("/readyz"), (200, "ok\n".to_owned()));
    assert_eq!(replica.terminate(), 0);
}

/// Removes the rule about Nodes from the role. Returns the rules as they were.
async fn take_nodes_away(administrator: &Client) -> ClusterRole {
    let roles: Api<ClusterRole> = Api::all(administrator.clone());
    let role = roles.get("albatross").await.unwrap();
    let mut less = role.clone();
    let is_about_nodes = |resources: &Option<Vec<String>>| resources.iter().flatten().any(|it| it == "nodes");
    let rules = less.rules.as_mut().unwrap();
    let before = rules.len();
    rules.retain(|rule| !is_about_nodes(&rule.resources));
    assert_eq!(rules.len(), before - 1);
    grant(administrator, &less).await;
    role
}

async fn grant(administrator: &Client, role: &ClusterRole) {
    let roles: Api<ClusterRole> = Api::all(administrator.clone());
    let rules = Patch::Merge(json!({ "rules": role.rules }));
    roles.patch("albatross", &PatchParams::default(), &rules).await.unwrap();
}
