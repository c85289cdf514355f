//! The flags of a Deployment of kube-ingress-aws-controller run Albatross, and the settings that it prints mean the same.

use crate::support::{
    World,
    answer::Answer,
    eventually,
    objects::{ingress, published},
    replica::Replica,
};

/// Those of zalando-incubator/kubernetes-on-aws, `cluster/manifests/ingress-controller/deployment.yaml`, at commit
/// e76d0815d1bd58aae526e7a35257e7c02ccc50a4, with the access mode that is required now.
const FLAGS: [&str; 11] = [
    "--target-access-mode=HostPort",
    "--stack-termination-protection",
    "--ssl-policy=ELBSecurityPolicy-TLS13-1-2-2021-06",
    "--idle-connection-timeout=1m",
    "--deregistration-delay-timeout=10s",
    "--nlb-cross-zone",
    "--cluster-local-domain=cluster.local",
    "--deny-internal-domains",
    "--additional-stack-tags=InfrastructureComponent=true",
    "--load-balancer-type=application",
    "--cert-polling-interval=30m",
];

#[tokio::test(flavor = "multi_thread")]
async fn its_flags_serve_an_ingress_and_the_printed_settings_change_nothing() {
    let world = World::new("ancestors-deployment").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    let replica = Replica::start(&world, "replica", &FLAGS);

    world
        .apply(&ingress("checkout", "shop.example.org").replace("  ingressClassName: albatross\n", ""))
        .await;
    let hostname = eventually("the status names a load balancer", async || {
        published(&world.administrator, "checkout").await.into_iter().next()
    })
    .await;
    world.quiet(&replica).await;
    let log = replica.log();
    assert_eq!(replica.terminate(), 0);

    let begin = "warning: the settings file with these settings is ";
    let printed = log.lines().find_map(|line| line.strip_prefix(begin)).expect("settings are printed");
    let settings = world.file("settings.json", printed);
    let plan = |arguments: &[&str]| {
        Answer::of(
            world.program("plan").arg("plan").arg("--kubeconfig").arg(world.kubeconfig()).args(arguments),
        )
    };
    let same = plan(&["--settings", settings.to_str().unwrap()]);
    assert_eq!((same.code, same.stderr.as_str()), (0, ""), "{}", same.stdout);
    assert_eq!(same.last_line(), "Plan: nothing to do.", "{}", same.stdout);
    let without = plan(&[]);
    assert!(without.last_line().starts_with("Plan: 0 to create, 1 to change"), "{}", without.stdout);

    let elb = world.account.elb();
    let found = elb.describe_load_balancers().send().await.unwrap();
    let found = found.load_balancers().iter().find(|found| found.dns_name() == Some(&hostname)).unwrap();
    let arn = found.load_balancer_arn().unwrap();
    let tags = elb.describe_tags().resource_arns(arn).send().await.unwrap();
    let mut tags = tags.tag_descriptions().iter().flat_map(|it| it.tags());
    assert!(tags.any(|tag| tag.key() == Some("InfrastructureComponent") && tag.value() == Some("true")));
    let listeners = elb.describe_listeners().load_balancer_arn(arn).send().await.unwrap();
    let policies: Vec<&str> = listeners.listeners().iter().filter_map(|it| it.ssl_policy()).collect();
    assert!(policies.contains(&"ELBSecurityPolicy-TLS13-1-2-2021-06"), "{policies:?}");
}
