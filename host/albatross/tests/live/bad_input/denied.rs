//! Calls that the IAM role does not allow, and invalid answers.

use std::time::Duration;

use albatross_test_servers::Fault;

use crate::support::{
    SHORT_GRACE, World,
    answer::Answer,
    eventually,
    objects::{delete_ingress, events, events_of_controller, ingress, internal, published},
    replica::Replica,
};

/// What AWS refused is tried again after a minute.
const PATIENCE: Duration = Duration::from_secs(59);

fn denied(action: &str) -> Fault {
    let message = format!(
        "User: arn:aws:sts::123456789012:assumed-role/albatross/i-1 is not authorized to perform: {action}"
    );
    Fault::Refuse { status: 403, code: "AccessDenied".to_owned(), message }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_list_is_named_by_its_iam_action_and_nothing_is_deleted_because_of_it() {
    let world = World::new("denied-list").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    world.apply(&ingress("checkout", "shop.example.org")).await;
    let settings = world.file("settings.json", SHORT_GRACE);
    let mut replica = Replica::start(&world, "replica", &["--settings", settings.to_str().unwrap()]);
    let hostname =
        eventually("the Ingress is served", async || published(&world.administrator, "checkout").await.pop())
            .await;
    eventually("nothing is left to do", async || replica.passed("converged")).await;

    let action = "elasticloadbalancing:DescribeLoadBalancers";
    world.recorder.disturb("DescribeLoadBalancers", .., denied(action));
    let plan = Answer::of(world.program("plan").arg("plan").arg("--kubeconfig").arg(world.kubeconfig()));
    let named =
        format!("error: load-balancers could not be read completely: AccessDenied: AWS refuses {action}");
    assert!(plan.stderr.starts_with(&named), "{plan:?}");
    assert!(plan.stderr.contains("deploy/iam-policy.json"), "{plan:?}");
    assert!(plan.last_line().starts_with("Plan: nothing to do"), "{plan:?}");
    assert_eq!(plan.code, 1, "half a view is not a whole one");

    // Until its round of observation is over, the controller works with the list that it has read before.
    replica.passes("incomplete", 1.0).await;
    let before = world.recorder.calls().len();
    delete_ingress(&world.administrator, "checkout").await;
    let told = eventually("an Event names the call", async || {
        events_of_controller(&world.administrator)
            .await
            .into_iter()
            .find(|it| it.starts_with("ViewIncomplete"))
    })
    .await;
    assert!(told.contains("not all load balancers are known"), "{told}");
    assert!(
        told.contains(&format!("AWS refuses {action}: the controller's IAM role does not allow it")),
        "{told}"
    );
    replica.passes("incomplete", 3.0).await;
    assert!(replica.runs());
    assert_eq!(world.writes_since(before), Vec::<String>::new());
    assert!(load_balancer(&world, &hostname).await);

    world.recorder.clear_faults();
    eventually("with the right the load balancer goes", async || {
        (!load_balancer(&world, &hostname).await).then_some(())
    })
    .await;
    assert_eq!(replica.terminate(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_write_is_reported_to_the_ingresses_concerned_and_the_others_go_on() {
    let world = World::new("denied-write").await;
    for host in ["shop.example.org", "wiki.example.org", "tools.example.org"] {
        world.account.make_certificate(&[host]).await;
    }
    world.apply(&ingress("checkout", "shop.example.org")).await;
    let replica = Replica::start(&world, "replica", &[]);
    let hostname = eventually("the first Ingress is served", async || {
        published(&world.administrator, "checkout").await.pop()
    })
    .await;

    let action = "elasticloadbalancing:CreateLoadBalancer";
    world.recorder.disturb("CreateLoadBalancer", .., denied(action));
    world.apply(&internal(&ingress("wiki", "wiki.example.org"))).await;
    let told = eventually("an Event says why", async || {
        let mut told = events(&world.administrator, "wiki").await;
        told.retain(|it| it.contains(&format!("AWS refuses {action}")));
        told.pop()
    })
    .await;
    assert!(
        told.contains("the controller's IAM role does not allow it; see deploy/iam-policy.json"),
        "{told}"
    );
    let last_success = || replica.metric("albatross_last_success_timestamp_seconds").unwrap();
    let before = last_success();
    world.apply(&ingress("tools", "tools.example.org")).await;
    eventually("the work for others goes on", async || {
        (published(&world.administrator, "tools").await == [hostname.as_str()]).then_some(())
    })
    .await;
    assert_eq!(published(&world.administrator, "checkout").await, [hostname.as_str()]);
    assert!(published(&world.administrator, "wiki").await.is_empty());
    for other in ["checkout", "tools"] {
        let told = events(&world.administrator, other).await;
        assert!(!told.iter().any(|it| it.contains("AWS refuses")), "{other}: {told:?}");
    }
    let failed = r#"albatross_actions_total{operation="create-load-balancer",kind="failed"}"#;
    assert!(replica.metric(failed).unwrap() >= 1.0);
    assert_eq!(last_success(), before, "a pass in which something failed is no success");
    let mut denied = world.recorder.calls();
    denied.retain(|call| call.action == "CreateLoadBalancer" && call.status == Some(403));
    let pauses = denied.windows(2).map(|pair| pair[1].at.duration_since(pair[0].at).unwrap());
    assert!(
        pauses.clone().all(|pause| pause > PATIENCE),
        "what is denied is not tried again in every pass: {:?}",
        pauses.collect::<Vec<_>>()
    );
    assert_eq!(replica.terminate(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_answers_change_nothing_and_are_reported() {
    let world = World::new("nonsense").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    world.apply(&ingress("checkout", "shop.example.org")).await;
    let settings = world.file("settings.json", SHORT_GRACE);
    let mut replica = Replica::start(&world, "replica", &["--settings", settings.to_str().unwrap()]);
    let hostname =
        eventually("the Ingress is served", async || published(&world.administrator, "checkout").await.pop())
            .await;
    eventually("nothing is left to do", async || replica.passed("converged")).await;

    let odd =
        Fault::Refuse { status: 500, code: String::new(), message: "\u{1}<html>Bad Gateway".to_owned() };
    for action in
        ["DescribeLoadBalancers", "DescribeTargetGroups", "DescribeInstances", "DescribeAutoScalingGroups"]
    {
        world.recorder.disturb(action, .., odd.clone());
    }
    // The pass that was in progress may have read all lists.
    replica.passes("incomplete", 1.0).await;
    let before = world.recorder.calls().len();
    delete_ingress(&world.administrator, "checkout").await;
    eventually("an Event tells", async || {
        events_of_controller(&world.administrator)
            .await
            .into_iter()
            .find(|it| it.starts_with("ViewIncomplete"))
    })
    .await;
    replica.passes("incomplete", 2.0).await;
    assert!(replica.runs());
    assert_eq!(world.writes_since(before), Vec::<String>::new());
    assert!(load_balancer(&world, &hostname).await);
    world.recorder.clear_faults();
    eventually("with good answers the load balancer goes", async || {
        (!load_balancer(&world, &hostname).await).then_some(())
    })
    .await;
    assert_eq!(replica.terminate(), 0);
}

async fn load_balancer(world: &World, hostname: &str) -> bool {
    let answer = world.account.elb().describe_load_balancers().send().await.unwrap();
    answer.load_balancers().iter().any(|found| found.dns_name() == Some(hostname))
}
