//! A cloud with one load balancer, and helpers that build operations.

use albatross_contract::{
    AttributeChange, CreateListener, CreateLoadBalancer, CreateRule, CreateTargetGroup, ForwardAction,
    HealthCheck, Inventory, IpAddressType, ListenerAction, LoadBalancer, LoadBalancerKind, Operation,
    Protocol, ResourceReference, RuleCondition, Scheme, Tag, Target, TargetChange, TargetGroup, TargetId,
    TargetType, TextMatch, WeightedTargetGroup,
};
use albatross_embedded_cloud::EmbeddedCloud;

pub const FIRST: &str = "arn:aws:acm:eu-central-1:123456789012:certificate/first";
pub const SECOND: &str = "arn:aws:acm:eu-central-1:123456789012:certificate/second";
pub const THIRD: &str = "arn:aws:acm:eu-central-1:123456789012:certificate/third";

/// A load balancer with two listeners, which forward to one target group without targets.
#[derive(Clone)]
pub struct Shop {
    pub cloud: EmbeddedCloud,
    pub load_balancer: String,
    pub target_group: String,
    pub https: String,
}

impl Shop {
    pub fn open() -> Shop {
        let mut cloud = cloud();
        let load_balancer = make(&mut cloud, &Operation::CreateLoadBalancer(load_balancer("shop")));
        let target_group = make(&mut cloud, &Operation::CreateTargetGroup(target_group("nodes")));
        make(&mut cloud, &Operation::CreateListener(listener(&load_balancer, 80, &target_group)));
        let https =
            make(&mut cloud, &Operation::CreateListener(https_listener(&load_balancer, &target_group)));
        Shop { cloud, load_balancer, target_group, https }
    }

    pub fn run(&mut self, operation: &Operation) {
        self.cloud.execute(operation).expect("AWS accepts it");
    }

    pub fn register(&mut self, instances: &[&str]) {
        let operation = Operation::RegisterTargets(targets(&self.target_group, instances));
        self.run(&operation);
    }

    pub fn load_balancer(&mut self) -> &LoadBalancer {
        let Shop { cloud, load_balancer, .. } = self;
        cloud.inventory().load_balancers.iter().find(|it| it.arn == *load_balancer).expect("it is there")
    }

    pub fn target_group(&mut self) -> &TargetGroup {
        let Shop { cloud, target_group, .. } = self;
        cloud.inventory().target_groups.iter().find(|it| it.arn == *target_group).expect("it is there")
    }

    pub fn target(&mut self, id: &str) -> Option<Target> {
        self.target_group().targets.iter().find(|it| it.id == id).cloned()
    }
}

pub fn inventory() -> Inventory {
    crate::worlds::changed("cluster", &serde_json::Value::Null)
}

pub fn cloud() -> EmbeddedCloud {
    EmbeddedCloud::new(inventory())
}

pub fn make(cloud: &mut EmbeddedCloud, operation: &Operation) -> String {
    cloud.execute(operation).expect("AWS accepts it").expect("something was made")
}

pub fn at(resource: &str) -> ResourceReference {
    ResourceReference::Existing(resource.to_owned())
}

pub fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.to_owned(), value: value.to_owned() }
}

pub fn load_balancer(name: &str) -> CreateLoadBalancer {
    CreateLoadBalancer {
        name: name.to_owned(),
        kind: LoadBalancerKind::Application,
        scheme: Scheme::InternetFacing,
        ip_address_type: IpAddressType::Ipv4,
        subnets: vec!["subnet-a".to_owned(), "subnet-b".to_owned()],
        security_groups: vec![at("sg-load-balancer")],
        tags: vec![tag("team", "shop")],
    }
}

pub fn target_group(name: &str) -> CreateTargetGroup {
    CreateTargetGroup {
        name: name.to_owned(),
        protocol: Protocol::Http,
        protocol_version: None,
        port: Some(9999),
        target_type: TargetType::Instance,
        ip_address_type: IpAddressType::Ipv4,
        vpc_id: Some("vpc-1".to_owned()),
        health_check: HealthCheck {
            protocol: Protocol::Http,
            port: "9999".to_owned(),
            path: Some("/healthz".to_owned()),
            interval: 10,
            timeout: 5,
            healthy_threshold: 5,
            unhealthy_threshold: 2,
            matcher: None,
        },
        tags: Vec::new(),
    }
}

pub fn forward(target_group: &str) -> Vec<ListenerAction> {
    let target_groups = vec![WeightedTargetGroup { target_group: at(target_group), weight: 1 }];
    vec![ListenerAction::Forward(ForwardAction { target_groups, stickiness: None })]
}

pub fn listener(load_balancer: &str, port: u16, target_group: &str) -> CreateListener {
    CreateListener {
        load_balancer: at(load_balancer),
        port,
        protocol: Protocol::Http,
        default_certificate: None,
        ssl_policy: None,
        default_actions: forward(target_group),
        tags: Vec::new(),
    }
}

pub fn https_listener(load_balancer: &str, target_group: &str) -> CreateListener {
    CreateListener {
        protocol: Protocol::Https,
        default_certificate: Some(FIRST.to_owned()),
        ..listener(load_balancer, 443, target_group)
    }
}

pub fn rule(listener: &str, priority: u32, host: &str, target_group: &str) -> CreateRule {
    let values = vec![host.to_owned()];
    CreateRule {
        listener: at(listener),
        priority,
        conditions: vec![RuleCondition::HostHeader(TextMatch { values, regular_expressions: Vec::new() })],
        actions: forward(target_group),
        tags: Vec::new(),
        transforms: Vec::new(),
    }
}

pub fn targets(target_group: &str, instances: &[&str]) -> TargetChange {
    let targets = instances.iter().map(|id| TargetId { id: (*id).to_owned(), port: None }).collect();
    TargetChange { target_group: at(target_group), targets }
}

pub fn attribute(resource: &str, key: &str, value: &str) -> AttributeChange {
    AttributeChange { resource: at(resource), attributes: vec![tag(key, value)] }
}
