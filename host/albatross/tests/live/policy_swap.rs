//! Policies that are exchanged while replicas run.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use k8s_openapi::api::networking::v1::Ingress;
use kube::{Api, api::ListParams};

use crate::support::{
    SHORT_GRACE, World, answer::Answer, eventually, objects::events_of_controller, replica::Replica,
};

/// Namespaces with twenty Ingresses each.
const NAMESPACES: [&str; 4] = ["basket", "checkout", "search", "wishes"];

/// Hosts of three Ingresses that have the label `team`.
const OF_A_TEAM: [&str; 3] =
    ["basket-0.shop.example.org", "checkout-0.shop.example.org", "search-0.shop.example.org"];

async fn apply_ingresses(world: &World) {
    world.account.make_certificate(&["*.shop.example.org"]).await;
    let mut text = String::new();
    for namespace in NAMESPACES {
        text.push_str(&format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{ name: {namespace} }}\n"));
        for number in 0..20 {
            let host = format!("{namespace}-{number}.shop.example.org");
            let labels = if OF_A_TEAM.contains(&host.as_str()) { "team: billing" } else { "" };
            text.push_str(&format!(
                "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\n\
                 metadata: {{ name: app-{number}, namespace: {namespace}, labels: {{ {labels} }} }}\n\
                 spec: {{ ingressClassName: albatross, rules: [{{ host: {host} }}] }}\n"
            ));
        }
    }
    world.apply(&text).await;
}

/// The published names by host.
async fn names(world: &World) -> BTreeMap<String, String> {
    let api: Api<Ingress> = Api::all(world.administrator.clone());
    let ingresses = api.list(&ListParams::default()).await.unwrap().items;
    let name = |ingress: Ingress| {
        let host = ingress.spec?.rules?.first()?.host.clone()?;
        let addresses = ingress.status?.load_balancer?.ingress?;
        Some((host, addresses.first()?.hostname.clone()?))
    };
    ingresses.into_iter().filter_map(name).collect()
}

/// The hosts whose names differ.
fn moved(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> BTreeSet<String> {
    before
        .iter()
        .filter(|(host, name)| after.get(*host) != Some(name))
        .map(|(host, _)| host.clone())
        .collect()
}

/// Settings of a world whose grouping policy has these.
fn settings(of_policy: Option<&str>) -> String {
    let policies = of_policy.map_or(
        serde_json::json!([]),
        |settings| serde_json::json!([{ "point": "grouping", "settings": settings }]),
    );
    let mut settings: serde_json::Value = serde_json::from_str(SHORT_GRACE).unwrap();
    settings["policies"] = policies;
    settings.to_string()
}

/// Puts a file into the place of another, as the kubelet does with the files of a ConfigMap.
fn put(world: &World, name: &str, content: &[u8]) {
    let new = world.path("new");
    fs::write(&new, content).unwrap();
    fs::rename(new, world.path(name)).unwrap();
}

fn page(replica: &Replica) -> serde_json::Value {
    let (status, text) = replica.get("/policy");
    assert_eq!(status, 200, "{text}");
    serde_json::from_str::<serde_json::Value>(&text).unwrap()["policy"].clone()
}

fn state(replica: &Replica) -> String {
    page(replica)["candidates"][0]["state"].as_str().unwrap_or_default().to_owned()
}

async fn event(world: &World, reason: &str) -> String {
    eventually(reason, async || {
        let events = events_of_controller(&world.administrator).await;
        events.into_iter().rev().find(|event| event.starts_with(reason))
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_policy_takes_over_within_the_budgets_or_when_a_person_allows_it_and_a_killed_leader_changes_nothing()
 {
    let world = World::new("policy-swap").await;
    apply_ingresses(&world).await;
    // Nobody has this label.
    put(&world, "policy.wasm", albatross_components::BY_TEAM);
    put(&world, "settings.json", settings(Some(r#"{"label": "owner"}"#)).as_bytes());
    let (policy, file) = (world.path("policy.wasm"), world.path("settings.json"));
    let arguments = ["--policy", policy.to_str().unwrap(), "--settings", file.to_str().unwrap()];
    let first = Replica::start(&world, "first", &arguments);
    eventually("all have the same name", async || {
        let names = names(&world).await;
        (names.len() == 80 && names.values().collect::<BTreeSet<_>>().len() == 1).then_some(())
    })
    .await;
    let second = Replica::start(&world, "second", &arguments);
    assert_eq!(second.get("/snapshot").0, 403, "nobody asked for it to be served");
    let together = names(&world).await;

    // Sixty of eighty would move.
    put(&world, "settings.json", settings(None).as_bytes());
    put(&world, "policy.wasm", albatross_components::ONE_PER_NAMESPACE);
    eventually("it is held by the budget", async || {
        let candidate = page(&first)["candidates"][0].clone();
        let withheld = &candidate["difference"]["withheld"][0];
        (state(&first) == "held" && candidate["holds"][0] == "budget" && withheld["count"] == 60)
            .then_some(())
    })
    .await;
    let held = event(&world, "PolicyHeld: policy.wasm").await;
    assert!(held.contains(".allow") && held.contains("60 of 80"), "{held}");
    assert_eq!(first.metric(r#"albatross_policy_candidates{kind="held"}"#), Some(1.0));
    first.passes("converged", 2.0).await;
    assert_eq!(names(&world).await, together, "nothing moves meanwhile");

    // No policy at all, and a component that is none.
    put(&world, "policy.wasm", b"not a component");
    eventually("it is unfit", async || (page(&first)["candidates"][0]["holds"][0] == "unfit").then_some(()))
        .await;

    // Three move. The leader is killed as soon as it has decided.
    put(&world, "settings.json", settings(Some(r#"{"label": "team"}"#)).as_bytes());
    put(&world, "policy.wasm", albatross_components::BY_TEAM);
    eventually("it takes over", async || first.log().contains("PolicySwapped").then_some(())).await;
    first.kill();
    eventually("the other replica goes on, and three have moved", async || {
        let moved = moved(&together, &names(&world).await);
        (moved == OF_A_TEAM.map(str::to_owned).into()).then_some(())
    })
    .await;
    second.passes("converged", 2.0).await;
    let apart = names(&world).await;
    assert_eq!(moved(&together, &apart).len(), 3);
    assert_eq!(apart.len(), 80, "each has a name all the time");
    assert_eq!(state(&second), "", "there is no candidate");

    // The policy of before, which a person allows now.
    put(&world, "settings.json", settings(None).as_bytes());
    put(&world, "policy.wasm", albatross_components::ONE_PER_NAMESPACE);
    eventually("it is held again", async || (state(&second) == "held").then_some(())).await;
    let candidate = page(&second)["candidates"][0].clone();
    let digest = candidate["policies"][0]["sha256"].clone();
    put(&world, "policy.wasm.allow", candidate["token"].as_str().unwrap().as_bytes());
    eventually("each namespace has a load balancer", async || {
        let names = names(&world).await;
        let of = |namespace: &str| -> BTreeSet<String> {
            let hosts = names.iter().filter(|(host, _)| host.starts_with(namespace));
            hosts.map(|(_, name)| name.clone()).collect()
        };
        let by_namespace: Vec<BTreeSet<String>> = NAMESPACES.into_iter().map(of).collect();
        let all: BTreeSet<&String> = by_namespace.iter().flatten().collect();
        (by_namespace.iter().all(|names| names.len() == 1) && all.len() == 4).then_some(())
    })
    .await;
    assert_eq!(page(&second)["policies"][0]["sha256"], digest, "it decides");
    assert_eq!(state(&second), "", "there is no candidate");
    assert_eq!(
        second.metric("albatross_policy_swaps_total"),
        Some(1.0),
        "the first replica had noted in the Lease what it had decided"
    );
    assert_eq!(second.terminate(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_policy_stays_in_shadow_as_long_as_wanted() {
    let world = World::new("policy-in-shadow").await;
    apply_ingresses(&world).await;
    put(&world, "shadow.wasm", albatross_components::ONE_PER_NAMESPACE);
    let shadow = world.path("shadow.wasm");
    let arguments = ["--shadow-policy", shadow.to_str().unwrap(), "--serve-snapshot"];
    let replica = Replica::start(&world, "replica", &arguments);
    eventually("all have a name", async || (names(&world).await.len() == 80).then_some(())).await;
    let before = names(&world).await;
    let told = eventually("what it would change is told", async || {
        let events = events_of_controller(&world.administrator).await;
        events
            .into_iter()
            .find(|event| event.starts_with("PolicyInShadow") && event.contains("60 of 80 Ingresses"))
    })
    .await;
    assert!(!told.contains(".allow"), "{told}");
    assert_eq!(state(&replica), "in-shadow");
    replica.passes("converged", 2.0).await;
    assert_eq!(moved(&before, &names(&world).await), BTreeSet::new());
    assert_eq!(page(&replica)["candidates"][0]["stays-in-shadow"], true);
    assert_eq!(page(&replica)["policies"], serde_json::json!([]));

    let (status, bundle) = replica.get("/snapshot");
    assert_eq!(status, 200, "{bundle}");
    let file = world.file("bundle.json", &bundle);
    let replayed = Answer::of(world.program("operator").arg("replay").arg(&file));
    assert!(replayed.stdout.contains("byte-identical"), "{replayed:?}");
    let tried = Answer::of(world.program("operator").arg("replay").arg(&file).arg("--policy").arg(&shadow));
    assert!(tried.stdout.contains("60"), "{tried:?}");
    assert_eq!(replica.terminate(), 0);
}
