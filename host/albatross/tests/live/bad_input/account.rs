//! Wrong credentials, regions and VPCs.

use albatross_test_servers::Fault;

use super::assert_refused;
use crate::support::{
    World,
    answer::Answer,
    eventually,
    objects::{events_of_controller, ingress, published},
    replica::Replica,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_cannot_read_the_account_says_why_and_what_to_set() {
    let world = World::new("no-account").await;
    let kubeconfig = world.kubeconfig();
    let kubeconfig = kubeconfig.to_str().unwrap();
    // The instance metadata service must not provide what a case removes.
    let program = |arguments: &[&str], without: &[&str]| {
        let mut program = world.program("nobody");
        program.args(arguments).args(["--kubeconfig", kubeconfig]).env("AWS_EC2_METADATA_DISABLED", "true");
        without.iter().for_each(|name| _ = program.env_remove(name));
        program
    };
    let run = |arguments: &[&str], without: &[&str]| Answer::of(&mut program(arguments, without));

    for command in [&["plan"][..], &["snapshot", "never-written.json"], &["run", "--listen=127.0.0.1:0"]] {
        let answer = run(command, &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
        let parts = [
            "no credentials that AWS accepts",
            "Environment: ",
            "give the Pod an IAM role",
            "AWS_ACCESS_KEY_ID",
        ];
        assert_refused("no credentials", &answer, &parts);
    }
    let mut plan = program(&["plan"], &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
    let answer = Answer::of(plan.env("AWS_PROFILE", "harbour-production").env("HOME", "/nowhere"));
    let parts = [
        r#"the AWS profile "harbour-production" does not exist"#,
        "/nowhere/.aws/config",
        "/nowhere/.aws/credentials",
        "correct AWS_PROFILE",
    ];
    assert_refused("no such profile", &answer, &parts);
    let answer = run(&["plan"], &["AWS_REGION"]);
    assert_refused("no region", &answer, &["no region", "AWS_REGION", "set --region"]);
    let answer = run(&["plan"], &["ALBATROSS_VPC_ID"]);
    assert_refused("no VPC", &answer, &["the VPC is not known", "set --vpc-id"]);
    let answer = run(&["plan"], &["ALBATROSS_CLUSTER_ID"]);
    assert_refused("no cluster id", &answer, &["the cluster is not known", "set --cluster-id"]);

    let answer = run(&["plan", "--region", "us-east-1"], &[]);
    let missing = format!("VPC {} does not exist in us-east-1", world.account.vpc);
    assert_refused("another region", &answer, &[&missing, "correct --vpc-id or --region"]);
    let answer = run(&["plan", "--vpc-id", "vpc-0"], &[]);
    assert_refused("another VPC", &answer, &["VPC vpc-0 does not exist in eu-central-1", "--vpc-id"]);
    let answer = run(&["plan", "--region", "eu central 1"], &[]);
    assert_refused("not a region name", &answer, &["\"eu central 1\" is not a region", "correct --region"]);
    let answer = run(&["plan", "--region", "REPLACE-ME"], &[]);
    assert_refused("no region yet", &answer, &["\"REPLACE-ME\" is not a region", "correct --region"]);
    // RFC 6761: this name does not exist, like the name of an endpoint in a region that does not exist.
    let mut plan = program(&["plan", "--region", "eu-middle-1"], &[]);
    let answer = Answer::of(plan.env("AWS_ENDPOINT_URL", "http://sts.eu-middle-1.invalid"));
    let parts =
        ["no readable answer from AWS in eu-middle-1", "check the network, the region and the endpoint"];
    assert_refused("no such region", &answer, &parts);
    assert_eq!(world.writes_since(0), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_whose_credentials_are_refused_says_so_and_goes_on_when_they_are_accepted() {
    let world = World::new("unknown-to-aws").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    world.apply(&ingress("checkout", "shop.example.org")).await;

    for (code, message) in [
        ("InvalidClientTokenId", "The security token included in the request is invalid."),
        ("ExpiredToken", "The security token included in the request is expired"),
    ] {
        let refuse = Fault::Refuse { status: 403, code: code.to_owned(), message: message.to_owned() };
        world.recorder.disturb("GetCallerIdentity", .., refuse);
        let arguments = ["plan", "--kubeconfig", world.kubeconfig().to_str().unwrap()].map(str::to_owned);
        let plan = Answer::of(world.program("expired").args(arguments));
        assert_refused(
            code,
            &plan,
            &["no credentials that AWS accepts", code, message, "give the Pod an IAM role"],
        );
    }

    let mut replica = Replica::start(&world, "replica", &[]);
    eventually("passes fail", async || replica.passed("failed")).await;
    assert!(replica.log().contains("no credentials that AWS accepts: ExpiredToken"), "{}", replica.log());
    let told = eventually("an Event tells", async || {
        events_of_controller(&world.administrator).await.into_iter().next()
    })
    .await;
    assert!(told.starts_with("NoPlan: "), "{told}");
    assert!(told.contains("no credentials that AWS accepts: ExpiredToken"), "{told}");
    assert!(replica.runs());
    assert_eq!(replica.get("/livez"), (200, "ok\n".to_owned()));
    assert_eq!(world.writes_since(0), Vec::<String>::new());

    world.recorder.clear_faults();
    eventually("with good credentials the Ingress is served", async || {
        published(&world.administrator, "checkout").await.pop()
    })
    .await;
    assert_eq!(replica.terminate(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_in_a_vpc_that_does_not_exist_names_it_and_changes_nothing() {
    let world = World::new("no-vpc").await;
    world.account.make_certificate(&["shop.example.org"]).await;
    world.apply(&ingress("checkout", "shop.example.org")).await;
    let mut replica = Replica::start(&world, "replica", &["--vpc-id", "vpc-0"]);
    not_ready(&replica, "VPC vpc-0 does not exist in eu-central-1").await;
    let told = eventually("an Event tells", async || {
        events_of_controller(&world.administrator).await.into_iter().next()
    })
    .await;
    assert!(told.contains("VPC vpc-0 does not exist in eu-central-1"), "{told}");
    assert!(told.contains("correct --vpc-id or --region"), "{told}");
    assert!(replica.runs());
    assert!(published(&world.administrator, "checkout").await.is_empty());
    assert_eq!(world.writes_since(0), Vec::<String>::new());
    assert_eq!(replica.terminate(), 0);
}

/// Otherwise a rollout with a wrong setting would succeed, and the error would show when the last good replica ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_could_not_lead_is_not_ready() {
    let world = World::new("could-not-lead").await;
    let leader = Replica::start(&world, "leader", &[]);
    eventually("it leads", async || leader.metric("albatross_leader").filter(|leads| *leads == 1.0)).await;
    let follower = Replica::start(&world, "follower", &["--vpc-id", "vpc-0"]);
    not_ready(&follower, "VPC vpc-0 does not exist in eu-central-1").await;
    assert_eq!(follower.metric("albatross_leader"), Some(0.0));
    let another = Replica::start(&world, "another", &[]);
    eventually("a follower that AWS answers is ready", async || {
        (another.get("/readyz") == (200, "ok\n".to_owned())).then_some(())
    })
    .await;
    assert_eq!(another.metric("albatross_leader"), Some(0.0));
}

async fn not_ready(replica: &Replica, why: &str) {
    eventually("/readyz says why", async || {
        let (status, told) = replica.get("/readyz");
        (status == 503 && told.contains(why)).then_some(())
    })
    .await;
}
