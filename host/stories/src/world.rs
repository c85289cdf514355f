//! A small initial world: one VPC in three zones, two node groups, one security group, no load balancer.

use albatross_contract::*;

/// The account.
pub const ACCOUNT: &str = "123456789012";
/// The region.
pub const REGION: &str = "eu-central-1";
/// The cluster id.
pub const CLUSTER: &str = "harbour";
/// 2026-11-21T09:30:00Z, when every story begins.
pub const START: u64 = 1_795_253_400;

const DAY: u64 = 86_400;

/// Certificates by their names.
pub struct Certificates;

impl Certificates {
    /// The ARN of the ACM certificate with a number.
    pub fn arn(number: u32) -> String {
        format!("arn:aws:acm:{REGION}:{ACCOUNT}:certificate/00000000-0000-4000-8000-{number:012}")
    }
}

/// A certificate of ACM that is valid from 30 days before the start for a year.
pub fn certificate(number: u32, names: &[&str]) -> Certificate {
    Certificate {
        arn: Certificates::arn(number),
        kind: CertificateKind::AmazonIssued,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        not_before: Some(START - 30 * DAY),
        not_after: Some(START + 335 * DAY),
        key_algorithm: "RSA_2048".to_owned(),
        status: CertificateStatus::Issued,
        publicly_trusted: Some(true),
        tags: Vec::new(),
    }
}

/// An Ingress of the namespace `shop` (or `namespace/name`) with some hosts.
pub fn ingress(name: &str, hosts: &[&str]) -> Ingress {
    let (namespace, name) = name.split_once('/').unwrap_or(("shop", name));
    Ingress {
        metadata: Metadata {
            namespace: Some(namespace.to_owned()),
            name: name.to_owned(),
            uid: None,
            created_at: None,
            deleted_at: None,
            annotations: Vec::new(),
            labels: Vec::new(),
        },
        ingress_class_name: None,
        default_backend: None,
        tls: Vec::new(),
        rules: hosts
            .iter()
            .map(|host| IngressRule { host: Some((*host).to_owned()), paths: Vec::new() })
            .collect(),
        status: Vec::new(),
    }
}

/// A RouteGroup of the namespace `shop` (or `namespace/name`) with some hosts.
pub fn route_group(name: &str, hosts: &[&str]) -> RouteGroup {
    RouteGroup {
        metadata: ingress(name, &[]).metadata,
        hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
        status: Vec::new(),
    }
}

/// A Service of the namespace `shop` (or `namespace/name`) with port 80 and a node port.
pub fn service(name: &str, node_port: u16) -> Service {
    Service {
        metadata: ingress(name, &[]).metadata,
        kind: ServiceKind::NodePort,
        ports: vec![ServicePort {
            name: None,
            port: 80,
            protocol: TransportProtocol::Tcp,
            target_port: None,
            node_port: Some(node_port),
            app_protocol: None,
        }],
        ..Service::default()
    }
}

/// A pod of the application `skipper` in `kube-system` that runs and is ready.
pub fn pod(address: &str) -> Pod {
    let name = format!("kube-system/skipper-{}", address.replace('.', "-"));
    let mut metadata = ingress(&name, &[]).metadata;
    metadata.labels.push(Tag { key: "application".to_owned(), value: "skipper".to_owned() });
    Pod { metadata, phase: PodPhase::Running, ready: true, addresses: vec![address.to_owned()], gate: None }
}

/// A running node in a zone, of an Auto Scaling Group or single.
pub fn instance(id: &str, zone: &str, group: Option<&str>) -> Instance {
    Instance {
        id: id.to_owned(),
        state: InstanceState::Running,
        zone: format!("{REGION}{zone}"),
        subnet_id: Some(format!("subnet-private-{zone}")),
        vpc_id: Some("vpc-1".to_owned()),
        private_ip: None,
        auto_scaling_group: group.map(str::to_owned),
        security_groups: Vec::new(),
        tags: Vec::new(),
    }
}

/// The world: settings and inventory, without certificates and Ingresses.
pub fn world() -> (Settings, Inventory) {
    let mut settings = Settings::default();
    settings.identity.cluster_id = CLUSTER.to_owned();
    // `nodes-2` is checked by its load balancers.
    settings.proxy.attach_groups_with_elb_health_checks = Some(true);
    settings.identity.cluster_uid = "11111111-2222-4333-8444-555555555555".to_owned();
    let zones = ["a", "b", "c"];
    let tag = |key: &str, value: &str| Tag { key: key.to_owned(), value: value.to_owned() };
    let cluster_tag = tag(&format!("{TAG_CLUSTER}{CLUSTER}"), "owned");
    let subnet = |kind: &str, role: &str, zone: &str, index: usize| Subnet {
        id: format!("subnet-{kind}-{zone}"),
        vpc_id: "vpc-1".to_owned(),
        zone: format!("{REGION}{zone}"),
        cidr_block: Some(format!("10.0.{index}.0/24")),
        ipv6_cidr_blocks: Vec::new(),
        free_addresses: 200,
        outpost_arn: None,
        tags: vec![tag(role, "1"), cluster_tag.clone()],
    };
    let subnets = zones.iter().enumerate().flat_map(|(index, zone)| {
        [
            subnet("public", "kubernetes.io/role/elb", zone, index),
            subnet("private", "kubernetes.io/role/internal-elb", zone, index + 10),
        ]
    });
    let route =
        |target: &str| Route { destination: "0.0.0.0/0".to_owned(), target: target.to_owned(), active: true };
    let instances: Vec<Instance> = (0..6)
        .map(|number| {
            instance(
                &format!("i-{number}"),
                zones[number % 3],
                Some(if number < 3 { "nodes-1" } else { "nodes-2" }),
            )
        })
        .chain([instance("i-single", "a", None)])
        .collect();
    let auto_scaling_group = |name: &str, health_check_type| AutoScalingGroup {
        name: name.to_owned(),
        instances: instances
            .iter()
            .filter(|instance| instance.auto_scaling_group.as_deref() == Some(name))
            .map(|instance| instance.id.clone())
            .collect(),
        target_groups: Vec::new(),
        health_check_type,
        tags: vec![cluster_tag.clone()],
    };
    let inventory = Inventory {
        observed_at: START,
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        incomplete: Vec::new(),
        vpc: Vpc {
            id: "vpc-1".to_owned(),
            cidr_blocks: vec!["10.0.0.0/16".to_owned()],
            ipv6_cidr_blocks: Vec::new(),
            tags: Vec::new(),
        },
        zones: zones
            .iter()
            .map(|zone| Zone {
                name: format!("{REGION}{zone}"),
                id: format!("euc1-az-{zone}"),
                kind: ZoneKind::AvailabilityZone,
            })
            .collect(),
        subnets: subnets.collect(),
        route_tables: vec![
            RouteTable {
                id: "rtb-main".to_owned(),
                vpc_id: "vpc-1".to_owned(),
                main: true,
                subnets: Vec::new(),
                routes: vec![route("nat-1")],
                tags: Vec::new(),
            },
            RouteTable {
                id: "rtb-public".to_owned(),
                vpc_id: "vpc-1".to_owned(),
                main: false,
                subnets: zones.iter().map(|zone| format!("subnet-public-{zone}")).collect(),
                routes: vec![route("igw-1")],
                tags: Vec::new(),
            },
        ],
        security_groups: vec![SecurityGroup {
            id: "sg-1".to_owned(),
            vpc_id: "vpc-1".to_owned(),
            name: "ingress".to_owned(),
            description: "for load balancers".to_owned(),
            rules: Vec::new(),
            tags: vec![cluster_tag.clone(), tag(TAG_APPLICATION, "albatross")],
        }],
        certificates: Vec::new(),
        load_balancers: Vec::new(),
        target_groups: Vec::new(),
        auto_scaling_groups: vec![
            auto_scaling_group("nodes-1", HealthCheckType::Ec2),
            auto_scaling_group("nodes-2", HealthCheckType::Elb),
        ],
        instances,
        quotas: Quotas::default(),
        hosted_zones: None,
        ssl_policies: None,
    };
    (settings, inventory)
}
