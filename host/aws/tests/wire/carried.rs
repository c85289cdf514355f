//! Settings that a person made on our resources are observed, and survive changes of other settings.

use std::{sync::LazyLock, time::Duration};

use albatross_contract::{
    Inventory, Listener, ListenerAction, LoadBalancer, ModifyListener, ModifyRule, MutualAuthentication,
    Operation, Protocol, ResourceReference, Rewrite, RuleCondition, RuleTransform, SetSecurityGroups,
    SetSubnets, TextMatch,
};
use albatross_test_servers::Moto;
use aws_sdk_acm::types::CertificateStatus;
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, AuthenticateOidcActionConfig, Certificate,
    EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum, FixedResponseActionConfig,
    LoadBalancerTypeEnum, MutualAuthenticationAttributes, PathPatternConditionConfig, ProtocolEnum,
    RewriteConfig, RuleTransform as SdkTransform, SubnetMapping, Tag, TransformTypeEnum, UrlRewriteConfig,
};

use crate::{
    controller::{Always, Controller, owned, plan_of},
    world::{CLUSTER, World},
};

/// A separate moto: the regions of the shared one are taken.
static MOTO: LazyLock<Moto> = LazyLock::new(|| Moto::start().expect("moto starts"));

fn at(resource: &str) -> ResourceReference {
    ResourceReference::Existing(resource.to_owned())
}

/// The tags that make a load balancer ours.
fn our_tags() -> Vec<Tag> {
    [
        (format!("kubernetes.io/cluster/{CLUSTER}"), "owned"),
        ("kubernetes:application".to_owned(), "albatross"),
        ("albatross/id".to_owned(), "1a2b"),
        ("albatross/cluster-uid".to_owned(), "11111111-2222-4333-8444-555555555555"),
    ]
    .map(|(key, value)| Tag::builder().key(key).value(value).build())
    .to_vec()
}

fn answer(code: &str) -> Action {
    let config = FixedResponseActionConfig::builder().status_code(code).build();
    Action::builder().r#type(ActionTypeEnum::FixedResponse).fixed_response_config(config).build()
}

async fn done(world: &World, operation: Operation) {
    let controller = Controller::new(world, world.settings(), Vec::new());
    let results = controller.executor.execute(&plan_of(operation), &Always, &mut |_, _| {}).await;
    assert_eq!(results[0].error, None);
}

async fn observed(world: &World) -> Inventory {
    Controller::new(world, world.settings(), Vec::new()).observe().await
}

fn ours(inventory: &Inventory) -> &LoadBalancer {
    let [found] = owned(inventory)[..] else { panic!("one load balancer of ours") };
    found
}

/// Creates a certificate and waits until it is issued, because no listener accepts a certificate that is pending
/// validation. Returns its ARN.
async fn issued(world: &World, name: &str) -> String {
    let arn = world.make_certificate(&[name]).await;
    loop {
        let answer = world.acm().describe_certificate().certificate_arn(&arn).send().await;
        let certificate = answer.expect("the certificate").certificate;
        if certificate.and_then(|it| it.status) == Some(CertificateStatus::Issued) {
            return arn;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Creates an Application Load Balancer with an HTTPS listener that asks for client certificates. Returns the ARN of the
/// listener.
async fn https_listener(world: &World) -> String {
    let elb = world.elb();
    let request = elb.create_load_balancer().name("shop").set_subnets(Some(world.subnets.clone()));
    let made = request.set_tags(Some(our_tags())).send().await.expect("a load balancer");
    let balancer = made.load_balancers()[0].load_balancer_arn().expect("its ARN");
    let certificate = Certificate::builder().certificate_arn(issued(world, "shop.example.org").await);
    let settings = MutualAuthenticationAttributes::builder()
        .mode("verify")
        .trust_store_arn("arn:aws:elasticloadbalancing:eu-north-1:123456789012:truststore/partners/1a")
        .ignore_client_certificate_expiry(true);
    let request = elb.create_listener().load_balancer_arn(balancer).port(443).protocol(ProtocolEnum::Https);
    let request = request.certificates(certificate.build()).default_actions(answer("404"));
    let request = request.mutual_authentication(settings.build());
    let made = request.send().await.expect("a listener");
    made.listeners()[0].listener_arn().expect("its ARN").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn client_certificates_stay_when_a_listener_changes() {
    let world = World::on(&MOTO, "eu-north-1").await;
    let listener = https_listener(&world).await;
    let expected = MutualAuthentication {
        mode: "verify".to_owned(),
        trust_store_arn: Some(
            "arn:aws:elasticloadbalancing:eu-north-1:123456789012:truststore/partners/1a".to_owned(),
        ),
        ignore_client_certificate_expiry: Some(true),
        ..MutualAuthentication::default()
    };
    let seen = |inventory: &Inventory| ours(inventory).listeners[0].mutual_authentication.clone();
    assert_eq!(seen(&observed(&world).await), Some(expected.clone()));

    let policy = Some("ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned());
    done(
        &world,
        Operation::ModifyListener(ModifyListener {
            listener: at(&listener),
            protocol: None,
            default_certificate: None,
            ssl_policy: policy.clone(),
            default_actions: Vec::new(),
        }),
    )
    .await;
    let inventory = observed(&world).await;
    assert_eq!(ours(&inventory).listeners[0].ssl_policy, policy);
    assert_eq!(seen(&inventory), Some(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_changes_its_protocol_and_keeps_its_arn() {
    let world = World::on(&MOTO, "us-west-1").await;
    let listener = https_listener(&world).await;
    let to_http = ModifyListener {
        listener: at(&listener),
        protocol: Some(Protocol::Http),
        default_certificate: None,
        ssl_policy: None,
        default_actions: Vec::new(),
    };
    done(&world, Operation::ModifyListener(to_http)).await;
    let inventory = observed(&world).await;
    let after = &ours(&inventory).listeners[0];
    assert_eq!((&after.arn, after.protocol), (&listener, Protocol::Http));
}

#[tokio::test(flavor = "multi_thread")]
async fn transforms_and_regular_expressions_stay_when_the_actions_of_a_rule_change() {
    let world = World::on(&MOTO, "eu-south-1").await;
    let listener = https_listener(&world).await;
    let rewrite = RewriteConfig::builder().regex("^/cart/(.*)").replace("/$1").build();
    let transform = SdkTransform::builder()
        .r#type(TransformTypeEnum::UrlRewrite)
        .url_rewrite_config(UrlRewriteConfig::builder().rewrites(rewrite).build());
    let path = PathPatternConditionConfig::builder().regex_values("^/cart").build();
    let condition = aws_sdk_elasticloadbalancingv2::types::RuleCondition::builder()
        .field("path-pattern")
        .path_pattern_config(path);
    let elb = world.elb();
    let request = elb.create_rule().listener_arn(&listener).priority(10).conditions(condition.build());
    let made = request.actions(answer("200")).transforms(transform.build()).send().await.expect("a rule");
    let rule = made.rules()[0].rule_arn().expect("its ARN");

    let transforms = vec![RuleTransform::UrlRewrite(vec![Rewrite {
        regular_expression: "^/cart/(.*)".to_owned(),
        replacement: "/$1".to_owned(),
    }])];
    let conditions = vec![RuleCondition::PathPattern(TextMatch {
        values: Vec::new(),
        regular_expressions: vec!["^/cart".to_owned()],
    })];
    let inventory = observed(&world).await;
    let before = &ours(&inventory).listeners[0].rules[0];
    assert_eq!((&before.transforms, &before.conditions), (&transforms, &conditions));

    let actions = ours(&inventory).listeners[0].default_actions.clone();
    let change = |transforms| {
        let (rule, actions, conditions) = (at(rule), actions.clone(), Vec::new());
        Operation::ModifyRule(ModifyRule { rule, conditions, actions, transforms })
    };
    done(&world, change(None)).await;
    let inventory = observed(&world).await;
    let after = &ours(&inventory).listeners[0].rules[0];
    assert_eq!((&after.transforms, &after.conditions), (&transforms, &conditions));
    assert_eq!(after.actions, actions);

    done(&world, change(Some(Vec::new()))).await;
    let inventory = observed(&world).await;
    assert_eq!(ours(&inventory).listeners[0].rules[0].transforms, []);
}

/// Creates a Network Load Balancer with Elastic IP addresses in its first two subnets, and with security groups that do not
/// apply to PrivateLink traffic. Returns its ARN.
async fn network_load_balancer(world: &World) -> String {
    let elb = world.elb();
    let mappings = world.subnets[..2].iter().zip(["eipalloc-a", "eipalloc-b"]).map(|(subnet, allocation)| {
        SubnetMapping::builder().subnet_id(subnet).allocation_id(allocation).build()
    });
    let request = elb.create_load_balancer().name("edge").r#type(LoadBalancerTypeEnum::Network);
    let request =
        request.set_subnet_mappings(Some(mappings.collect())).security_groups(&world.security_group);
    let made = request.set_tags(Some(our_tags())).send().await.expect("a load balancer");
    let arn = made.load_balancers()[0].load_balancer_arn().expect("its ARN");
    let off = EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum::Off;
    let request = elb.set_security_groups().load_balancer_arn(arn).security_groups(&world.security_group);
    let request = request.enforce_security_group_inbound_rules_on_private_link_traffic(off);
    request.send().await.expect("PrivateLink passes the security groups");
    arn.to_owned()
}

/// The Elastic IP addresses by subnet.
fn addresses(load_balancer: &LoadBalancer) -> Vec<(String, String)> {
    let mappings = load_balancer.subnet_mappings.iter();
    let mut addresses: Vec<(String, String)> = mappings
        .flat_map(|mapping| {
            mapping
                .addresses
                .iter()
                .filter_map(|it| Some((mapping.subnet_id.clone(), it.allocation_id.clone()?)))
        })
        .collect();
    addresses.sort();
    addresses
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_load_balancer_keeps_its_addresses_when_subnets_change() {
    let world = World::on(&MOTO, "eu-south-2").await;
    let arn = network_load_balancer(&world).await;
    let [first, second, third] = &world.subnets[..3] else { panic!("three subnets") };
    let pair = |subnet: &String, allocation: &str| (subnet.clone(), allocation.to_owned());
    let mut both = vec![pair(first, "eipalloc-a"), pair(second, "eipalloc-b")];
    both.sort();
    assert_eq!(addresses(ours(&observed(&world).await)), both);

    let subnets = vec![second.clone(), third.clone()];
    done(&world, Operation::SetSubnets(SetSubnets { load_balancer: at(&arn), subnets: subnets.clone() }))
        .await;
    let inventory = observed(&world).await;
    let mut expected = subnets;
    expected.sort();
    assert_eq!(ours(&inventory).subnets, expected);
    assert_eq!(addresses(ours(&inventory)), [pair(second, "eipalloc-b")], "the one that stays keeps its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_private_link_setting_stays_when_security_groups_change() {
    let world = World::on(&MOTO, "eu-west-3").await;
    let arn = network_load_balancer(&world).await;
    let another = world.make_security_group("another").await;
    done(
        &world,
        Operation::SetSecurityGroups(SetSecurityGroups {
            load_balancer: at(&arn),
            security_groups: vec![at(&another)],
        }),
    )
    .await;
    let inventory = observed(&world).await;
    assert_eq!(ours(&inventory).security_groups, [another]);
    assert_eq!(ours(&inventory).enforce_security_group_inbound_rules_on_private_link_traffic, Some(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_a_tls_listener_are_observed() {
    let world = World::on(&MOTO, "ca-central-1").await;
    let arn = network_load_balancer(&world).await;
    let elb = world.elb();
    let request =
        elb.create_target_group().name("edge").protocol(ProtocolEnum::Tcp).port(443).vpc_id(&world.vpc);
    let group = request.send().await.expect("a target group");
    let group = group.target_groups()[0].target_group_arn().expect("its ARN");
    let certificate = Certificate::builder().certificate_arn(issued(&world, "edge.example.org").await);
    let forward = Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn(group).build();
    let request = elb.create_listener().load_balancer_arn(arn).port(443).protocol(ProtocolEnum::Tls);
    let request =
        request.certificates(certificate.build()).default_actions(forward).alpn_policy("HTTP2Preferred");
    request.send().await.expect("a listener");
    let inventory = observed(&world).await;
    let listener: &Listener = &ours(&inventory).listeners[0];
    assert_eq!(listener.alpn_policy.as_deref(), Some("HTTP2Preferred"));
    assert_eq!(listener.mutual_authentication, None, "not HTTPS");
    assert_eq!(inventory.quotas.listeners_per_network_load_balancer, 50, "as AWS tells");
    assert_eq!(inventory.hosted_zones, None, "not read without the setting");
}

#[tokio::test(flavor = "multi_thread")]
async fn authentication_is_observed_in_full_and_without_its_secret() {
    let world = World::on(&MOTO, "sa-east-1").await;
    let listener = https_listener(&world).await;
    let config = AuthenticateOidcActionConfig::builder()
        .issuer("https://id.example.org")
        .authorization_endpoint("https://id.example.org/a")
        .token_endpoint("https://id.example.org/t")
        .user_info_endpoint("https://id.example.org/u")
        .client_id("shop")
        .client_secret("hunter2")
        .authentication_request_extra_params("prompt", "login")
        .build();
    let sign_in = Action::builder().r#type(ActionTypeEnum::AuthenticateOidc).authenticate_oidc_config(config);
    let elb = world.elb();
    let request = elb.modify_listener().listener_arn(&listener).default_actions(sign_in.order(1).build());
    let last = FixedResponseActionConfig::builder().status_code("200").build();
    let last = Action::builder().r#type(ActionTypeEnum::FixedResponse).fixed_response_config(last).order(2);
    request.default_actions(last.build()).send().await.expect("people sign in");
    let inventory = observed(&world).await;
    let [ListenerAction::AuthenticateOidc(oidc), ListenerAction::FixedResponse(_)] =
        &ours(&inventory).listeners[0].default_actions[..]
    else {
        panic!("other actions")
    };
    assert_eq!((oidc.issuer.as_str(), oidc.client_id.as_str()), ("https://id.example.org", "shop"));
    let parameter = albatross_contract::Tag { key: "prompt".to_owned(), value: "login".to_owned() };
    assert_eq!(oidc.authentication_request_extra_parameters, [parameter]);
    assert!(!format!("{inventory:?}").contains("hunter2"), "moto returns the secret, and it is dropped");
}
