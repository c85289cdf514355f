//! Parts of the view that cannot be read.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::TcpListener,
    thread,
    time::Duration,
};

use albatross_aws::{Aws, AwsError, ErrorClass, Given, Mentioned, Observer, discover};
use albatross_contract::ViewPart;
use albatross_stories::ingress;
use albatross_test_servers::{Fault, Moto, MotoSettings};

use crate::{
    controller::{Controller, owned},
    world::{World, config},
};

fn denied() -> Fault {
    Fault::Refuse { status: 403, code: "AccessDenied".to_owned(), message: "no".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_list_is_a_gap_and_nothing_is_removed() {
    let world = World::in_region("eu-west-2").await;
    world.make_certificate(&["shop.example.org"]).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let mut controller =
        Controller::new(&world, world.settings(), vec![ingress("shop", &["shop.example.org"])]);
    controller.converge().await;
    for (call, part) in [
        ("DescribeLoadBalancers", ViewPart::LoadBalancers),
        ("DescribeTargetGroups", ViewPart::TargetGroups),
        ("DescribeTags", ViewPart::Tags),
        ("DescribeListeners", ViewPart::Listeners),
        ("DescribeListenerCertificates", ViewPart::Listeners),
        ("DescribeRules", ViewPart::Rules),
        ("DescribeTargetHealth", ViewPart::TargetHealth),
        ("DescribeSubnets", ViewPart::Subnets),
        ("DescribeSecurityGroups", ViewPart::SecurityGroups),
        ("DescribeInstances", ViewPart::Instances),
        ("DescribeAutoScalingGroups", ViewPart::AutoScalingGroups),
        ("ListCertificates", ViewPart::CertificatesAcm),
        ("ListServerCertificates", ViewPart::CertificatesIam),
        ("DescribeAccountLimits", ViewPart::Quotas),
    ] {
        world.recorder.disturb(call, .., denied());
        controller.restart(world.settings()); // A new process has empty caches.
        let before = world.recorder.calls().len();
        let pass = controller.pass().await;
        let missing: BTreeSet<ViewPart> = pass.inventory.incomplete.iter().map(|it| it.part).collect();
        assert_eq!(missing, BTreeSet::from([part]), "{call}");
        assert!(
            pass.inventory.incomplete[0].reason.contains(&format!(":{call}")),
            "{:?}",
            pass.inventory.incomplete
        );
        assert_eq!(world.writes_since(before), [""; 0], "{call}");
        world.recorder.clear_faults();
    }
    let pass = controller.pass().await;
    assert_eq!((pass.inventory.incomplete, pass.plan.actions), (Vec::new(), Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_known_listeners_are_used_when_changed_listeners_cannot_be_read() {
    let world = World::in_region("il-central-1").await;
    world.make_certificate(&["shop.example.org"]).await;
    world.make_certificate(&["blog.example.org"]).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let shop = ingress("shop", &["shop.example.org"]);
    let mut controller = Controller::new(&world, world.settings(), vec![shop.clone()]);
    controller.converge().await;
    let known = owned(&controller.observe().await)[0].listeners.clone();
    controller.apply(vec![shop, ingress("blog", &["blog.example.org"])]);
    assert_eq!(controller.pass().await.failures(), []);

    for (call, part) in [
        ("DescribeListeners", ViewPart::Listeners),
        ("DescribeListenerCertificates", ViewPart::Listeners),
        ("DescribeRules", ViewPart::Rules),
    ] {
        if part == ViewPart::Rules {
            controller.wait(301); // A certificate changes no rule, so the rules are read only when they are old.
        }
        world.recorder.disturb(call, .., denied());
        let before = world.recorder.calls().len();
        let pass = controller.pass().await;
        let load_balancer = owned(&pass.inventory)[0].arn.clone();
        let missing = pass.inventory.incomplete.iter().map(|it| (it.part, it.resource.clone()));
        assert_eq!(missing.collect::<Vec<_>>(), [(part, Some(load_balancer))], "{call}");
        let listeners = &owned(&pass.inventory)[0].listeners;
        if part == ViewPart::Rules {
            assert_eq!(listeners[1].certificates.len(), 1, "the listeners, which could be read, are new");
        } else {
            assert_eq!(*listeners, known, "{call}");
        }
        assert_eq!(world.writes_since(before), [""; 0], "{call}");
        world.recorder.clear_faults();
    }
    let inventory = controller.observe().await;
    assert_eq!(inventory.incomplete, []);
    assert_eq!(
        owned(&inventory)[0].listeners[1].certificates.len(),
        1,
        "the added certificate is read at last"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_read_to_their_end() {
    let moto = Moto::start_with(&MotoSettings {
        page_size: Some(2),
        settling: Some(Duration::ZERO),
        ..MotoSettings::default()
    })
    .expect("moto starts");
    let world = World::on(&moto, "eu-central-1").await;
    for number in 0..5 {
        world.make_certificate(&[&format!("shop-{number}.example.org")]).await;
        let name = format!("foreign-{number}");
        let request =
            world.elb().create_load_balancer().name(&name).set_subnets(Some(world.subnets[..2].to_vec()));
        request.send().await.expect("a load balancer");
        world.make_security_group(&name).await;
        world.make_nodes(&name, 1).await;
    }
    let mut controller = Controller::new(&world, world.settings(), Vec::new());
    let inventory = controller.observe().await;
    assert_eq!(inventory.incomplete, []);
    assert_eq!(inventory.load_balancers.len(), 5);
    assert_eq!(inventory.certificates.len(), 5);
    assert_eq!(inventory.subnets.len(), 3);
    assert_eq!(inventory.auto_scaling_groups.len(), 6);
    assert_eq!(inventory.instances.len(), 7);
    assert!(inventory.security_groups.len() >= 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_balancer_that_a_list_lacks_is_looked_up_before_it_counts_as_gone() {
    let world = World::in_region("eu-west-3").await;
    world.make_certificate(&["shop.example.org"]).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let mut controller =
        Controller::new(&world, world.settings(), vec![ingress("shop", &["shop.example.org"])]);
    controller.converge().await;
    let hostname = controller.hostname("shop").expect("it is published");

    let observer = |aws: &Aws| Observer::new(aws.clone(), world.vpc.clone(), &world.settings());
    let mut fresh = observer(&world.aws);
    let before = world.recorder.calls().len();
    let mentioned = |hostname: String| {
        let mut mentioned = Mentioned::default();
        mentioned.hostnames.insert(hostname);
        mentioned
    };
    let gone = mentioned("gone-123.eu-west-3.elb.amazonaws.com".to_owned());
    let inventory = fresh.observe(1_795_253_400, &gone).await.unwrap();
    assert_eq!(inventory.incomplete, [], "AWS says that it is gone");
    let asked = |since: usize| {
        world.answered_calls_since(since).into_iter().filter(|it| it == "DescribeLoadBalancers").count()
    };
    assert_eq!(asked(before), 2, "the list, and the name");
    let before = world.recorder.calls().len();
    fresh.observe(1_795_253_401, &gone).await.unwrap();
    assert_eq!(asked(before), 1, "it is not asked for again at once");

    let before = world.recorder.calls().len();
    let inventory = observer(&world.aws).observe(1_795_253_400, &mentioned(hostname)).await.unwrap();
    assert_eq!(
        (owned(&inventory).len(), asked(before)),
        (1, 1),
        "a load balancer that is in the list is not looked up"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vpc_that_does_not_exist_is_named_with_the_region() {
    let world = World::in_region("eu-south-1").await;
    let mut observer =
        Observer::new(world.aws.clone(), "vpc-0123456789abcdef0".to_owned(), &world.settings());
    let error =
        observer.observe(1_795_253_400, &Mentioned::default()).await.expect_err("there is no such VPC");
    assert_eq!(
        error.to_string(),
        "VPC vpc-0123456789abcdef0 does not exist in eu-south-1, or belongs to another account; correct --vpc-id or \
         --region"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_aws_does_not_accept_are_an_error_of_the_whole_observation() {
    let world = World::in_region("eu-south-2").await;
    let expired = Fault::Refuse {
        status: 403,
        code: "ExpiredToken".to_owned(),
        message: "The security token included in the request is expired".to_owned(),
    };
    world.recorder.disturb("DescribeLoadBalancers", .., expired);
    let mut observer = Observer::new(world.aws.clone(), world.vpc.clone(), &world.settings());
    let error =
        observer.observe(1_795_253_400, &Mentioned::default()).await.expect_err("nothing can be observed");
    assert_eq!(error.class(), ErrorClass::Credentials);
    assert!(error.to_string().contains("ExpiredToken"), "{error}");

    let message = "Signature expired: 20260101T000000Z is now earlier than 20260101T004500Z";
    for (code, message) in [
        ("InvalidSignatureException", message),
        ("SignatureDoesNotMatch", message),
        (
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        ),
    ] {
        let skewed = Fault::Refuse { status: 403, code: code.to_owned(), message: message.to_owned() };
        world.recorder.disturb("DescribeLoadBalancers", .., skewed);
        let error = observer
            .observe(1_795_253_400, &Mentioned::default())
            .await
            .expect_err("nothing can be observed");
        assert_eq!(error.class(), ErrorClass::Credentials);
        assert!(error.to_string().starts_with("the clock of this machine is wrong"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn aws_that_cannot_be_reached_is_an_error_that_says_so() {
    let endpoint = {
        let moto = Moto::start().expect("moto starts");
        moto.endpoint().to_owned()
    };
    let aws = Aws::new(&config(&endpoint, "eu-central-1").await).expect("the region is given");
    let error = aws.account().await.expect_err("nobody listens");
    assert!(error.to_string().starts_with("sts:GetCallerIdentity: no readable answer from AWS"), "{error}");
    assert!(matches!(error, AwsError::Unanswered { class: ErrorClass::Unavailable, .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn vpc_and_cluster_that_are_given_need_no_call() {
    let world = World::in_region("eu-north-1").await;
    let given = Given { vpc_id: Some("vpc-1".to_owned()), cluster_id: Some("harbour".to_owned()) };
    let discovered = discover(&world.aws, given).await.expect("all is given");
    assert_eq!((discovered.vpc_id.as_str(), discovered.cluster_id.as_str()), ("vpc-1", "harbour"));
    assert_eq!(world.recorder.calls(), []);
}

/// Starts a server that answers every request with the beginning of an answer, framed as if it were complete.
fn truncating_server() -> String {
    const ANSWER: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                          <GetCallerIdentityResult><Account>123456789012</Account><Arn>arn:aws";
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("its address"));
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 16_384];
            let _length = stream.read(&mut request);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length:";
            let _written = write!(stream, "{head} {}\r\n\r\n{ANSWER}", ANSWER.len());
        }
    });
    endpoint
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_answer_is_an_error() {
    let config = config(&truncating_server(), "eu-central-1").await;
    let alone = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await;
    assert!(alone.is_ok(), "the SDK alone accepts the truncated answer: {alone:?}");
    let error =
        Aws::new(&config).expect("the region is given").account().await.expect_err("it lacks its end");
    assert_eq!(error.class(), ErrorClass::Unavailable);
    assert!(error.to_string().contains("the answer is truncated"), "{error}");
}
