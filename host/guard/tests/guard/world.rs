//! A small converged world with a plan that does nothing; stories change both.
//!
//! Load balancer `n` has the id `id-n`, the name `albatross-n`, a target group with the instances of the Auto Scaling
//! Group `nodes`, and members. Member `m` (counted over all load balancers) is the Ingress `team/app-m` with the host
//! `app-m.example.org` and a certificate of its own; the first one of each load balancer has the default certificate.
//! There are also a load balancer, a target group and a security group that are not ours.

use albatross_contract::*;
use sha2::{Digest, Sha256};

pub const NOW: u64 = 1_800_000_000;
pub const GRACE: u64 = 3_600;
pub const STRANGER: &str =
    "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/stranger/1";
pub const STRANGERS_TARGET_GROUP: &str =
    "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/stranger/1";
pub const OPERATORS_SECURITY_GROUP: &str = "sg-1";

pub struct World {
    pub snapshot: Snapshot,
    pub plan: Plan,
}

impl World {
    /// One load balancer for each number, with that number of members.
    pub fn with(members: &[usize]) -> World {
        let mut world = World { snapshot: empty_snapshot(), plan: Plan::default() };
        let mut first = 0;
        for (number, count) in members.iter().enumerate() {
            let certificates: Vec<String> = (first..first + count).map(certificate_arn).collect();
            world.snapshot.inventory.load_balancers.push(load_balancer(number, &certificates));
            world.snapshot.inventory.target_groups.push(target_group(number));
            for member in first..first + count {
                let host = host(member);
                world.snapshot.inventory.certificates.push(certificate(member, &host));
                world.snapshot.cluster.ingresses.push(ingress(member, &host, &dns_name(number)));
                world.plan.outcomes.push(outcome(member, &host, number));
            }
            first += count;
        }
        let inventory = &mut world.snapshot.inventory;
        let attached = inventory.target_groups.iter().map(|group| group.arn.clone()).collect();
        inventory.auto_scaling_groups.push(AutoScalingGroup {
            name: "nodes".into(),
            instances: (0..4).map(instance_id).collect(),
            target_groups: attached,
            health_check_type: HealthCheckType::Ec2,
            tags: Vec::new(),
        });
        let mut stranger = load_balancer(0, &[]);
        stranger.arn = STRANGER.into();
        stranger.name = "stranger".into();
        stranger.dns_name = "stranger-1.eu-central-1.elb.amazonaws.com".into();
        stranger.tags = vec![tag("team", "shop")];
        stranger.listeners.iter_mut().for_each(|listener| {
            listener.arn = listener_arn_of("stranger", listener.port);
            listener.default_actions = forward(&[existing(STRANGERS_TARGET_GROUP)]);
        });
        inventory.load_balancers.push(stranger);
        let mut group = target_group(0);
        group.arn = STRANGERS_TARGET_GROUP.into();
        group.name = "stranger".into();
        group.load_balancer_arns = vec![STRANGER.into()];
        group.tags = vec![tag("team", "shop")];
        inventory.target_groups.push(group);
        world
    }

    /// One load balancer with two members.
    pub fn small() -> World {
        World::with(&[2])
    }

    /// Adds an action that depends on nothing.
    pub fn act(&mut self, id: &str, operation: Operation) -> &mut World {
        self.act_after(id, &[], operation)
    }

    /// Adds an action that depends on others.
    pub fn act_after(&mut self, id: &str, after: &[&str], operation: Operation) -> &mut World {
        self.plan.actions.push(Action {
            id: id.into(),
            depends_on: after.iter().map(|id| (*id).to_owned()).collect(),
            load_balancer: "id-0".into(),
            objects: Vec::new(),
            reason: "the story asks for it".into(),
            disruption: Disruption::None,
            operation,
        });
        self
    }

    pub fn load_balancer(&mut self, number: usize) -> &mut LoadBalancer {
        &mut self.snapshot.inventory.load_balancers[number]
    }

    pub fn target_group(&mut self, number: usize) -> &mut TargetGroup {
        &mut self.snapshot.inventory.target_groups[number]
    }

    /// The HTTPS listener of a load balancer.
    pub fn https(&mut self, number: usize) -> &mut Listener {
        &mut self.snapshot.inventory.load_balancers[number].listeners[1]
    }

    pub fn ingress(&mut self, member: usize) -> &mut Ingress {
        let name = format!("app-{member}");
        self.snapshot.cluster.ingresses.iter_mut().find(|ingress| ingress.metadata.name == name).unwrap()
    }

    pub fn outcome(&mut self, member: usize) -> &mut Outcome {
        let name = format!("app-{member}");
        self.plan.outcomes.iter_mut().find(|outcome| outcome.object.name == name).unwrap()
    }

    /// An Ingress that still exists is released and loses its status.
    pub fn release(&mut self, member: usize) -> &mut World {
        let outcome = self.outcome(member);
        outcome.state = OutcomeState::Released;
        outcome.load_balancer = None;
        outcome.certificates.clear();
        outcome.status = StatusChange::Withdraw;
        self
    }

    /// An Ingress is deleted.
    pub fn delete(&mut self, member: usize) -> &mut World {
        let name = format!("app-{member}");
        self.snapshot.cluster.ingresses.retain(|ingress| ingress.metadata.name != name);
        self.release(member).outcome(member).status = StatusChange::Keep;
        self
    }

    /// All members of a load balancer are deleted, and it has been unneeded for the grace period.
    pub fn forsake(&mut self, number: usize) -> &mut World {
        let id = format!("id-{number}");
        let on_it = |outcome: &&Outcome| outcome.load_balancer.as_deref() == Some(&id);
        let members: Vec<String> =
            self.plan.outcomes.iter().filter(on_it).map(|outcome| outcome.object.name.clone()).collect();
        for member in members {
            self.delete(member.trim_start_matches("app-").parse().unwrap());
        }
        self.load_balancer(number).tags.push(tag(TAG_UNNEEDED, &(NOW - GRACE).to_string()));
        self
    }

    /// A certificate is on a load balancer, not as its default, and has been marked as unneeded for some time.
    pub fn mark_certificate(&mut self, number: usize, arn: &str, seconds: u64) -> &mut World {
        let mark = certificate_mark(arn, NOW - seconds);
        self.load_balancer(number).tags.push(mark);
        self
    }

    /// A certificate that no member needs, on the HTTPS listener of a load balancer.
    pub fn old_certificate(&mut self, number: usize, member: usize, host: &str) -> String {
        let old = certificate(member, host);
        let arn = old.arn.clone();
        self.snapshot.inventory.certificates.push(old);
        self.https(number).certificates.push(arn.clone());
        arn
    }

    pub fn incomplete(&mut self, part: ViewPart) -> &mut World {
        self.snapshot.inventory.incomplete.push(IncompletePart {
            part,
            resource: None,
            reason: "connection reset".into(),
            expected: None,
        });
        self
    }

    /// The same world with a RouteGroup instead of each Ingress.
    pub fn of_route_groups(mut self) -> World {
        let of_ingress = |ingress: Ingress| RouteGroup {
            metadata: ingress.metadata,
            hosts: ingress.rules.into_iter().filter_map(|rule| rule.host).collect(),
            status: ingress.status,
        };
        let ingresses = std::mem::take(&mut self.snapshot.cluster.ingresses);
        self.snapshot.cluster.route_groups = Some(ingresses.into_iter().map(of_ingress).collect());
        for outcome in &mut self.plan.outcomes {
            outcome.object.kind = ObjectKind::RouteGroup;
        }
        self
    }

    /// A RouteGroup of `team`, without hosts, that the plan ignores.
    pub fn route_group(&mut self, name: &str, hostname: Option<String>) -> &mut World {
        let mut metadata = self.snapshot.cluster.ingresses[0].metadata.clone();
        metadata.name = name.to_owned();
        let status = hostname.map(|hostname| IngressAddress { hostname: Some(hostname), ip: None });
        let status: Vec<IngressAddress> = status.into_iter().collect();
        let mut outcome = self.plan.outcomes[0].clone();
        outcome.object.name = name.to_owned();
        outcome.object.kind = ObjectKind::RouteGroup;
        outcome.state = OutcomeState::Ignored;
        outcome.load_balancer = None;
        outcome.certificates.clear();
        self.plan.outcomes.push(outcome);
        let route_group = RouteGroup { metadata, hosts: Vec::new(), status };
        self.snapshot.cluster.route_groups.get_or_insert_default().push(route_group);
        self
    }

    pub fn settings(&mut self) -> &mut Settings {
        &mut self.snapshot.settings
    }
}

// ---- names ----

pub fn arn(number: usize) -> String {
    format!("arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/albatross-{number}/1")
}

pub fn dns_name(number: usize) -> String {
    format!("albatross-{number}-1.eu-central-1.elb.amazonaws.com")
}

pub fn listener_arn(number: usize, port: u16) -> String {
    listener_arn_of(&format!("albatross-{number}"), port)
}

fn listener_arn_of(name: &str, port: u16) -> String {
    format!("arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/{name}/1/{port}")
}

pub fn target_group_arn(number: usize) -> String {
    format!("arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/albatross-{number}/1")
}

pub fn certificate_arn(member: usize) -> String {
    format!("arn:aws:acm:eu-central-1:123456789012:certificate/{member:04}")
}

pub fn host(member: usize) -> String {
    format!("app-{member}.example.org")
}

pub fn instance_id(number: usize) -> String {
    format!("i-{number:017}")
}

// ---- parts ----

pub fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.into(), value: value.into() }
}

/// The tags on all our resources.
pub fn our_tags(id: &str) -> Vec<Tag> {
    vec![
        tag("kubernetes.io/cluster/aws:1", "owned"),
        tag("kubernetes:application", "albatross"),
        tag(TAG_ID, id),
        tag(TAG_CLUSTER_UID, "uid-1"),
    ]
}

pub fn certificate_mark(arn: &str, since: u64) -> Tag {
    let digits: String =
        Sha256::digest(arn.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    tag(&format!("{TAG_UNNEEDED_CERTIFICATE}{digits}"), &since.to_string())
}

pub fn existing(id: impl Into<String>) -> ResourceReference {
    ResourceReference::Existing(id.into())
}

pub fn made(action: &str) -> ResourceReference {
    ResourceReference::CreatedBy(action.into())
}

/// A forward action; all target groups get requests.
pub fn forward(groups: &[ResourceReference]) -> Vec<ListenerAction> {
    weighted(&groups.iter().map(|group| (group.clone(), 1)).collect::<Vec<_>>())
}

pub fn weighted(groups: &[(ResourceReference, u16)]) -> Vec<ListenerAction> {
    let weighted = |(group, weight): &(ResourceReference, u16)| WeightedTargetGroup {
        target_group: group.clone(),
        weight: *weight,
    };
    let target_groups = groups.iter().map(weighted).collect();
    vec![ListenerAction::Forward(ForwardAction { target_groups, stickiness: None })]
}

pub fn load_balancer(number: usize, certificates: &[String]) -> LoadBalancer {
    let listener = |port, protocol, certificates: &[String]| Listener {
        arn: listener_arn(number, port),
        port,
        protocol,
        default_certificate: certificates.first().cloned(),
        certificates: certificates.iter().skip(1).cloned().collect(),
        default_actions: forward(&[existing(target_group_arn(number))]),
        tags: our_tags(&format!("id-{number}")),
        ..Listener::default()
    };
    LoadBalancer {
        arn: arn(number),
        name: format!("albatross-{number}"),
        dns_name: dns_name(number),
        canonical_hosted_zone_id: "Z215JYRZR1TBD5".into(),
        kind: LoadBalancerKind::Application,
        scheme: Scheme::InternetFacing,
        ip_address_type: IpAddressType::Ipv4,
        vpc_id: "vpc-1".into(),
        state: LoadBalancerState::Active,
        created_at: NOW - 86_400,
        subnets: vec!["subnet-a".into(), "subnet-b".into()],
        security_groups: vec![OPERATORS_SECURITY_GROUP.into()],
        attributes: vec![tag("deletion_protection.enabled", "false")],
        listeners: vec![listener(80, Protocol::Http, &[]), listener(443, Protocol::Https, certificates)],
        tags: our_tags(&format!("id-{number}")),
        ..LoadBalancer::default()
    }
}

pub fn health_check() -> HealthCheck {
    HealthCheck {
        protocol: Protocol::Http,
        port: "9999".into(),
        path: Some("/kube-system/healthz".into()),
        interval: 10,
        timeout: 5,
        healthy_threshold: 5,
        unhealthy_threshold: 2,
        matcher: Some("200".into()),
    }
}

pub fn target_group(number: usize) -> TargetGroup {
    let target = |number| Target {
        id: instance_id(number),
        port: Some(9999),
        health: TargetHealth::Healthy,
        ..Target::default()
    };
    TargetGroup {
        arn: target_group_arn(number),
        name: format!("albatross-{number}-nodes"),
        protocol: Protocol::Http,
        protocol_version: Some("HTTP1".into()),
        port: Some(9999),
        target_type: TargetType::Instance,
        ip_address_type: IpAddressType::Ipv4,
        vpc_id: Some("vpc-1".into()),
        health_check: health_check(),
        load_balancer_arns: vec![arn(number)],
        targets: (0..4).map(target).collect(),
        tags: our_tags(&format!("id-{number}")),
        ..TargetGroup::default()
    }
}

pub fn certificate(member: usize, host: &str) -> Certificate {
    Certificate {
        arn: certificate_arn(member),
        kind: CertificateKind::AmazonIssued,
        names: vec![host.into()],
        not_before: Some(NOW - 86_400),
        not_after: Some(NOW + 90 * 86_400),
        key_algorithm: "RSA_2048".into(),
        status: CertificateStatus::Issued,
        publicly_trusted: Some(true),
        tags: Vec::new(),
    }
}

pub fn ingress(member: usize, host: &str, hostname: &str) -> Ingress {
    Ingress {
        metadata: Metadata {
            namespace: Some("team".into()),
            name: format!("app-{member}"),
            uid: None,
            created_at: Some(NOW - 86_400),
            deleted_at: None,
            annotations: Vec::new(),
            labels: Vec::new(),
        },
        ingress_class_name: None,
        default_backend: None,
        tls: Vec::new(),
        rules: vec![IngressRule { host: Some(host.into()), paths: Vec::new() }],
        status: vec![IngressAddress { hostname: Some(hostname.into()), ip: None }],
    }
}

pub fn outcome(member: usize, host: &str, number: usize) -> Outcome {
    Outcome {
        object: ObjectName::ingress("team", &format!("app-{member}")),
        state: OutcomeState::Placed,
        load_balancer: Some(format!("id-{number}")),
        certificates: vec![HostCertificate { host: host.into(), certificate: certificate_arn(member) }],
        hostname: Some(dns_name(number)),
        status: StatusChange::Keep,
        diagnostics: Vec::new(),
    }
}

// ---- operations ----

pub fn create_load_balancer(number: usize) -> Operation {
    Operation::CreateLoadBalancer(CreateLoadBalancer {
        name: format!("albatross-{number}"),
        kind: LoadBalancerKind::Application,
        scheme: Scheme::InternetFacing,
        ip_address_type: IpAddressType::Ipv4,
        subnets: vec!["subnet-a".into(), "subnet-b".into()],
        security_groups: vec![existing(OPERATORS_SECURITY_GROUP)],
        tags: our_tags("id-0"),
    })
}

pub fn create_target_group(name: &str) -> Operation {
    Operation::CreateTargetGroup(CreateTargetGroup {
        name: name.into(),
        protocol: Protocol::Http,
        protocol_version: Some("HTTP1".into()),
        port: Some(9999),
        target_type: TargetType::Instance,
        ip_address_type: IpAddressType::Ipv4,
        vpc_id: Some("vpc-1".into()),
        health_check: health_check(),
        tags: our_tags("id-0"),
    })
}

pub fn create_listener(
    load_balancer: ResourceReference,
    port: u16,
    target_group: ResourceReference,
) -> Operation {
    Operation::CreateListener(CreateListener {
        load_balancer,
        port,
        protocol: Protocol::Http,
        default_certificate: None,
        ssl_policy: None,
        default_actions: forward(&[target_group]),
        tags: our_tags("id-0"),
    })
}

pub fn modify_listener(listener: String, default: Option<String>, actions: Vec<ListenerAction>) -> Operation {
    Operation::ModifyListener(ModifyListener {
        listener: existing(listener),
        protocol: None,
        default_certificate: default,
        ssl_policy: None,
        default_actions: actions,
    })
}

pub fn to_http(listener: String) -> Operation {
    Operation::ModifyListener(ModifyListener {
        listener: existing(listener),
        protocol: Some(Protocol::Http),
        default_certificate: None,
        ssl_policy: None,
        default_actions: Vec::new(),
    })
}

pub fn add_certificate(number: usize, arn: &str) -> Operation {
    Operation::AddListenerCertificate(ListenerCertificate {
        listener: existing(listener_arn(number, 443)),
        certificate: arn.into(),
    })
}

pub fn remove_certificate(number: usize, arn: &str) -> Operation {
    Operation::RemoveListenerCertificate(ListenerCertificate {
        listener: existing(listener_arn(number, 443)),
        certificate: arn.into(),
    })
}

pub fn add_tags(resource: String, tags: &[Tag]) -> Operation {
    Operation::AddTags(AddTags { resource: existing(resource), tags: tags.to_vec() })
}

pub fn mark(number: usize) -> Operation {
    add_tags(arn(number), &[tag(TAG_UNNEEDED, &NOW.to_string())])
}

pub fn deregister(number: usize, instances: &[usize]) -> Operation {
    Operation::DeregisterTargets(TargetChange {
        target_group: existing(target_group_arn(number)),
        targets: instances.iter().map(|number| TargetId { id: instance_id(*number), port: None }).collect(),
    })
}

pub fn detach(auto_scaling_group: &str, target_group: &str) -> Operation {
    Operation::DetachTargetGroup(AutoScalingAttachment {
        auto_scaling_group: auto_scaling_group.into(),
        target_group: existing(target_group),
    })
}

fn empty_snapshot() -> Snapshot {
    Snapshot {
        time: NOW,
        frozen: Vec::new(),
        settings: Settings {
            identity: Identity {
                cluster_id: "aws:1".into(),
                cluster_uid: "uid-1".into(),
                controller_id: "albatross".into(),
            },
            grace: GRACE,
            ..Settings::default()
        },
        cluster: Cluster::default(),
        inventory: Inventory {
            observed_at: NOW,
            account: "123456789012".into(),
            region: "eu-central-1".into(),
            incomplete: Vec::new(),
            vpc: Vpc {
                id: "vpc-1".into(),
                cidr_blocks: Vec::new(),
                ipv6_cidr_blocks: Vec::new(),
                tags: Vec::new(),
            },
            zones: Vec::new(),
            subnets: Vec::new(),
            route_tables: Vec::new(),
            security_groups: vec![operators_security_group()],
            certificates: Vec::new(),
            load_balancers: Vec::new(),
            target_groups: Vec::new(),
            auto_scaling_groups: Vec::new(),
            instances: Vec::new(),
            quotas: Quotas::default(),
            hosted_zones: None,
            ssl_policies: None,
        },
    }
}

/// It carries both cluster tags, so that it is discovered; that does not make it ours.
fn operators_security_group() -> SecurityGroup {
    let rule = |id: &str, port, description: &str| SecurityGroupRule {
        id: Some(id.into()),
        direction: Direction::Inbound,
        protocol: "tcp".into(),
        from_port: Some(port),
        to_port: Some(port),
        peer: SecurityGroupPeer::Ipv4("0.0.0.0/0".into()),
        description: Some(description.into()),
    };
    SecurityGroup {
        id: OPERATORS_SECURITY_GROUP.into(),
        vpc_id: "vpc-1".into(),
        name: "ingress".into(),
        description: "the operator's".into(),
        rules: vec![rule("sgr-operator", 443, "everybody"), rule("sgr-albatross", 80, "albatross: redirect")],
        tags: vec![tag("kubernetes.io/cluster/aws:1", "owned"), tag("kubernetes:application", "albatross")],
    }
}
