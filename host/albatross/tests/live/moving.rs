//! An operator of kube-ingress-aws-controller moves over, moves back, and uninstalls.

use std::slice::from_ref;

use albatross_test_world::ancestor::Stack;
use k8s_openapi::api::networking::v1::Ingress;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::support::{
    SHORT_GRACE, World,
    answer::Answer,
    eventually,
    objects::{ingress, ingresses, published},
    replica::Replica,
};

/// A cluster whose only Ingress is served by a stack, as its status says.
async fn served_by_a_stack(name: &str) -> (World, Stack) {
    let world = World::new(name).await;
    let certificate = world.account.make_certificate(&["shop.example.org"]).await;
    let stack = Stack::make(&world.account, &certificate).await;
    world.apply(&ingress("shop", "shop.example.org")).await;
    let addresses = json!({ "status": { "loadBalancer": { "ingress": [{ "hostname": stack.dns_name }] } } });
    let patch: Patch<serde_json::Value> = Patch::Merge(addresses);
    let api: kube::Api<Ingress> = ingresses(&world.administrator);
    api.patch_status("shop", &PatchParams::default(), &patch).await.unwrap();
    (world, stack)
}

/// Runs a command of the program to its end.
fn command(world: &World, arguments: &[&str]) -> Answer {
    let mut command = world.program("operator");
    command.args(arguments).arg("--kubeconfig").arg(world.kubeconfig());
    Answer::of(&mut command)
}

/// The keys of the tags of a stack's load balancer that are ours.
async fn tags_of_ours(world: &World, stack: &Stack) -> Vec<String> {
    let elb = world.account.elb();
    let answer = elb.describe_tags().resource_arns(&stack.load_balancer).send().await.unwrap();
    let tags = answer.tag_descriptions().iter().flat_map(|it| it.tags());
    let keys = tags.filter_map(|tag| tag.key().filter(|key| key.starts_with("albatross/")));
    keys.map(str::to_owned).collect()
}

async fn load_balancers(world: &World) -> Vec<String> {
    let answer = world.account.elb().describe_load_balancers().send().await.unwrap();
    answer.load_balancers().iter().filter_map(|it| Some(it.load_balancer_arn()?.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_is_looked_at_adopted_served_and_forgotten_without_a_change_for_clients() {
    let (world, stack) = served_by_a_stack("moving-over").await;
    let names = ["--lease-namespace=kube-system", stack.name.as_str()];

    let look = command(&world, &["adopt", "--dry-run", names[1]]);
    assert_eq!(look.code, 0, "{look:?}");
    let keeps = format!("keeps the name {}", stack.dns_name);
    assert!(look.stdout.to_lowercase().contains(&keeps), "{}", look.stdout);
    assert!(look.stdout.contains("Plan: nothing to do"), "{}", look.stdout);
    assert_eq!(world.writes_since(0), Vec::<String>::new());

    let adopted = command(&world, &["adopt", names[0], names[1]]);
    assert_eq!(adopted.code, 0, "{adopted:?}");
    assert_eq!(adopted.last_line(), "Done: 2 changes.", "{}", adopted.stdout);
    assert_eq!(world.writes_since(0), ["AddTags", "AddTags"]);

    let replica = Replica::start(&world, "replica", &[]);
    replica.passes("converged", 2.0).await;
    assert_eq!(world.writes_since(0), ["AddTags", "AddTags"], "nothing else changed");
    assert_eq!(load_balancers(&world).await, from_ref(&stack.load_balancer));
    assert_eq!(published(&world.administrator, "shop").await, from_ref(&stack.dns_name));
    assert_eq!(replica.metric(r#"albatross_ingresses{kind="placed"}"#), Some(1.0));
    let held = command(&world, &["forget", names[0], names[1]]);
    assert_eq!(held.code, 1, "the controller runs: {held:?}");
    assert!(held.stderr.contains("replica"), "the message names the holder of the Lease: {}", held.stderr);
    assert_eq!(replica.terminate(), 0);

    let before = world.recorder.calls().len();
    let forgotten = command(&world, &["forget", names[0], names[1]]);
    assert_eq!(forgotten.code, 0, "{forgotten:?}");
    assert_eq!(world.writes_since(before), ["RemoveTags", "RemoveTags"]);
    assert_eq!(tags_of_ours(&world, &stack).await, Vec::<String>::new());
    assert_eq!(load_balancers(&world).await, from_ref(&stack.load_balancer));
    assert_eq!(published(&world.administrator, "shop").await, from_ref(&stack.dns_name));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uninstallation_removes_what_is_ours_and_leaves_the_rest() {
    let (world, stack) = served_by_a_stack("uninstalling").await;
    world.account.make_certificate(&["new.example.org"]).await;
    let settings = world.file("settings.json", SHORT_GRACE);
    let settings = settings.to_str().unwrap();
    let replica = Replica::start(&world, "replica", &["--settings", settings]);
    world.apply(&ingress("new", "new.example.org")).await;
    // The stack is not ours, so both Ingresses get a load balancer of ours.
    eventually("both have our load balancer", async || {
        let both =
            [published(&world.administrator, "new").await, published(&world.administrator, "shop").await];
        (both[0] == both[1] && both[0].len() == 1 && both[0] != from_ref(&stack.dns_name)).then_some(())
    })
    .await;
    assert_eq!(replica.terminate(), 0);

    let flags = ["uninstall", "--lease-namespace=kube-system", "--settings", settings];
    let look = command(&world, &flags);
    assert_eq!(look.code, 0, "{look:?}");
    assert_eq!(load_balancers(&world).await.len(), 2, "it was only a preview: {}", look.stdout);
    let done = command(&world, &[&flags[..], &["--confirm"]].concat());
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(load_balancers(&world).await, from_ref(&stack.load_balancer));
    let groups = world.account.elb().describe_target_groups().send().await.unwrap();
    let groups: Vec<&str> = groups.target_groups().iter().filter_map(|it| it.target_group_arn()).collect();
    assert_eq!(groups, [stack.target_group.as_str()]);
    assert_eq!(published(&world.administrator, "new").await, Vec::<String>::new());
}
