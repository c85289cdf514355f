//! What kube-ingress-aws-controller 0.18 makes: the resources of its CloudFormation stacks, and its step for Auto Scaling Groups.
//!
//! Reference: zalando-incubator/kube-ingress-aws-controller, `aws/cf_template.go`, `aws/cf.go` and `aws/asg.go`.

mod expiry;

use std::collections::BTreeMap;

use albatross_contract::*;

use crate::{ACCOUNT, CLUSTER, Controller, REGION, START};

pub use expiry::{CERTIFICATE_TTL, expire};

/// Its default controller id.
pub const CONTROLLER: &str = "kube-ingress-aws-controller";

const DAY: u64 = 86_400;
/// The value of its tag for a certificate that an Ingress needs: the zero of Go's `time.Time`.
const IN_USE: &str = "0001-01-01T00:00:00Z";

/// A stack: a load balancer with its listeners, rules and target groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// Distinguishes the stacks of an account.
    pub number: u32,
    /// `--load-balancer-type`: application or network.
    pub kind: LoadBalancerKind,
    /// The scheme of its load balancer.
    pub scheme: Scheme,
    /// ARNs of its certificates. Empty: it has no HTTPS listener.
    pub certificates: Vec<String>,
    /// Those of its certificates that no Ingress needs, and when they leave.
    pub expiring: BTreeMap<String, Timestamp>,
    /// `--alb-http-target-port`, if it is another port than `--target-port` (9999): a second target group for port 80.
    pub http_target_port: Option<u16>,
    /// `--deny-internal-domains`.
    pub denies: bool,
    /// `--redirect-http-to-https`.
    pub redirects: bool,
    /// The Ingress that does not share the load balancer, as `namespace/name`.
    pub owner: Option<String>,
}

impl Stack {
    /// An internet-facing stack with some certificates and default flags.
    pub fn new(number: u32, certificates: &[String]) -> Stack {
        Stack {
            number,
            kind: LoadBalancerKind::Application,
            scheme: Scheme::InternetFacing,
            certificates: certificates.to_vec(),
            expiring: BTreeMap::new(),
            http_target_port: None,
            denies: false,
            redirects: false,
            owner: None,
        }
    }

    /// A stack with a Network Load Balancer.
    pub fn network(number: u32, certificates: &[String]) -> Stack {
        Stack { kind: LoadBalancerKind::Network, ..Stack::new(number, certificates) }
    }

    fn is_network(&self) -> bool {
        self.kind == LoadBalancerKind::Network
    }

    /// How AWS writes the kind in ARNs.
    fn family(&self) -> &'static str {
        if self.is_network() { "net" } else { "app" }
    }

    /// The name of the stack.
    pub fn name(&self) -> String {
        format!("{CONTROLLER}-{CLUSTER}-00000000-0000-4000-8000-{:012}", self.number)
    }

    /// The name that CloudFormation gives to the load balancer.
    pub fn load_balancer_name(&self) -> String {
        format!("kube-i-LB-{:013}", self.number)
    }

    /// The ARN of the load balancer.
    pub fn load_balancer(&self) -> String {
        arn(&format!("loadbalancer/{}/{}/{:016x}", self.family(), self.load_balancer_name(), self.number))
    }

    /// The DNS name of the load balancer.
    pub fn dns_name(&self) -> String {
        let prefix = if self.scheme == Scheme::Internal { "internal-" } else { "" };
        format!("{prefix}kube-i-lb-{:013}-{}.{REGION}.elb.amazonaws.com", self.number, 1000 + self.number)
    }

    /// The ARN of the target group with a logical id, `TG` or `TGHTTP`.
    pub fn target_group(&self, logical_id: &str) -> String {
        arn(&format!("targetgroup/kube-{logical_id}-{:013}/{:016x}", self.number, self.number))
    }

    /// The logical ids of its target groups, with the ports of the targets.
    fn ports(&self) -> impl Iterator<Item = (&'static str, u16)> {
        [("TG", 9999)].into_iter().chain(self.http_target_port.map(|port| ("TGHTTP", port)))
    }

    /// ARNs of all its target groups.
    pub fn target_groups(&self) -> Vec<String> {
        self.ports().map(|(logical_id, _)| self.target_group(logical_id)).collect()
    }

    /// Writes its name into the statuses of objects, by their names as in tags.
    pub fn publish(&self, names: &[&str], story: &mut Controller) {
        let cluster = story.cluster.cluster_mut();
        let ingresses = cluster.ingresses.iter_mut();
        let ingresses = ingresses.map(|it| (ObjectName::of_ingress(it), &mut it.status));
        let route_groups = cluster.route_groups.iter_mut().flatten();
        let route_groups =
            route_groups.map(|it| (ObjectName::of(SourceObject::RouteGroup(it)), &mut it.status));
        for (name, status) in ingresses.chain(route_groups) {
            if names.iter().any(|listed| name == *listed) {
                *status = vec![IngressAddress { hostname: Some(self.dns_name()), ip: None }];
            }
        }
    }

    /// Adds its resources to an account, as they are when all targets are healthy.
    pub fn put_into(&self, inventory: &mut Inventory) {
        let targets = |port: u16| {
            let all = inventory.instances.iter();
            let target = |found: &Instance| Target {
                id: found.id.clone(),
                port: Some(port),
                health: TargetHealth::Healthy,
                ..Target::default()
            };
            all.map(target).collect::<Vec<_>>()
        };
        let group = |logical_id: &str, port: u16| TargetGroup {
            arn: self.target_group(logical_id),
            name: format!("kube-{logical_id}-{:013}", self.number),
            protocol: if self.is_network() { Protocol::Tcp } else { Protocol::Http },
            protocol_version: (!self.is_network()).then(|| "HTTP1".to_owned()),
            port: Some(port),
            vpc_id: Some("vpc-1".to_owned()),
            load_balancer_arns: vec![self.load_balancer()],
            health_check: HealthCheck {
                protocol: Protocol::Http,
                port: "9999".to_owned(),
                path: Some("/kube-system/healthz".to_owned()),
                interval: 10,
                // The template sets none for TCP. 6 s is what AWS takes for an HTTP check (ELBv2 CreateTargetGroup).
                timeout: if self.is_network() { 6 } else { 5 },
                healthy_threshold: if self.is_network() { 3 } else { 5 },
                unhealthy_threshold: if self.is_network() { 3 } else { 2 },
                matcher: Some(if self.is_network() { "200-399" } else { "200" }.to_owned()),
            },
            attributes: vec![tag("deregistration_delay.timeout_seconds", "300")],
            targets: targets(port),
            tags: self.tags(logical_id),
            ..TargetGroup::default()
        };
        let groups: Vec<TargetGroup> =
            self.ports().map(|(logical_id, port)| group(logical_id, port)).collect();
        inventory.target_groups.extend(groups);
        for group in &mut inventory.auto_scaling_groups {
            group.target_groups.extend(self.target_groups());
        }
        inventory.load_balancers.push(LoadBalancer {
            arn: self.load_balancer(),
            name: self.load_balancer_name(),
            dns_name: self.dns_name(),
            canonical_hosted_zone_id: "Z215JYRZR1TBD5".to_owned(),
            kind: self.kind,
            scheme: self.scheme,
            ip_address_type: IpAddressType::Ipv4,
            vpc_id: "vpc-1".to_owned(),
            state: LoadBalancerState::Active,
            created_at: START - 100 * DAY,
            subnets: self.subnets(),
            security_groups: if self.is_network() { Vec::new() } else { vec!["sg-1".to_owned()] },
            attributes: self.attributes(),
            listeners: self.listeners(),
            tags: self.tags_of_load_balancer(),
            ..LoadBalancer::default()
        });
    }

    fn attributes(&self) -> Vec<Tag> {
        let of_kind = match self.is_network() {
            true => [
                ("load_balancing.cross_zone.enabled", "false"),
                ("dns_record.client_routing_policy", "any_availability_zone"),
            ],
            false => [("idle_timeout.timeout_seconds", "60"), ("routing.http2.enabled", "true")],
        };
        of_kind
            .iter()
            .chain(&[("access_logs.s3.enabled", "false")])
            .map(|(key, value)| tag(key, value))
            .collect()
    }

    fn subnets(&self) -> Vec<String> {
        let kind = if self.scheme == Scheme::Internal { "private" } else { "public" };
        ["a", "b", "c"].iter().map(|zone| format!("subnet-{kind}-{zone}")).collect()
    }

    /// The tags of the stack, which CloudFormation copies to each of its resources, and CloudFormation's own.
    fn tags(&self, logical_id: &str) -> Vec<Tag> {
        let mut tags = vec![
            tag(TAG_APPLICATION, CONTROLLER),
            tag(&format!("{TAG_CLUSTER}{CLUSTER}"), "owned"),
            tag(TAG_STACK, &self.name()),
            tag("aws:cloudformation:logical-id", logical_id),
        ];
        let of_certificate = |certificate: &String| {
            let end = self.expiring.get(certificate).copied();
            let value = end.map_or(IN_USE.to_owned(), expiry::in_a_tag);
            tag(&format!("ingress:certificate-arn/{certificate}"), &value)
        };
        tags.extend(self.certificates.iter().map(of_certificate));
        tags.extend(self.owner.iter().map(|owner| tag(TAG_ANCESTORS_OWNER, owner)));
        tags
    }

    fn tags_of_load_balancer(&self) -> Vec<Tag> {
        let mut tags = self.tags("LB");
        tags.push(tag("StackName", &self.name()));
        tags
    }

    fn listeners(&self) -> Vec<Listener> {
        let (plain, secure) = match self.is_network() {
            true => (Protocol::Tcp, Protocol::Tls),
            false => (Protocol::Http, Protocol::Https),
        };
        let http = Listener {
            arn: self.listener(80),
            port: 80,
            protocol: plain,
            default_actions: match self.redirects {
                true => vec![redirect()],
                false => vec![forward(self.target_groups().last().cloned().unwrap_or_default())],
            },
            rules: self.rules(80),
            tags: self.tags("HTTPListener"),
            ..Listener::default()
        };
        let mut certificates = self.certificates.clone();
        certificates.sort();
        let https = certificates.first().cloned().map(|smallest| Listener {
            arn: self.listener(443),
            port: 443,
            protocol: secure,
            ssl_policy: Some("ELBSecurityPolicy-2016-08".to_owned()),
            default_certificate: Some(smallest),
            // The default certificate is in the list as well.
            certificates,
            default_actions: vec![forward(self.target_group("TG"))],
            rules: self.rules(443),
            tags: self.tags("HTTPSListener"),
            ..Listener::default()
        });
        // A Network Load Balancer listens on port 80 only with `--nlb-http-enabled`.
        [(!self.is_network()).then_some(http), https].into_iter().flatten().collect()
    }

    fn listener(&self, port: u16) -> String {
        arn(&format!(
            "listener/{}/{}/{:016x}/{port:016x}",
            self.family(),
            self.load_balancer_name(),
            self.number
        ))
    }

    /// The rule for internal domains, which a redirecting listener does not have.
    fn rules(&self, port: u16) -> Vec<Rule> {
        if !self.denies || (port == 80 && self.redirects) {
            return Vec::new();
        }
        let listener = self.listener(port).replace(":listener/", ":listener-rule/");
        let hosts = TextMatch { values: vec!["*.cluster.local".to_owned()], regular_expressions: Vec::new() };
        vec![Rule {
            arn: format!("{listener}/{:016x}", 1),
            priority: 1,
            conditions: vec![RuleCondition::HostHeader(hosts)],
            actions: vec![ListenerAction::FixedResponse(FixedResponseAction {
                status_code: 401,
                content_type: Some("text/plain".to_owned()),
                message_body: Some("Unauthorized".to_owned()),
            })],
            tags: self.tags("RuleBlockInternalTraffic"),
            ..Rule::default()
        }]
    }
}

/// Its step for Auto Scaling Groups, which comes first in each of its cycles: target groups of its stacks are attached; others
/// are detached if they do not exist, or carry both its tags. `stacks`: the stacks whose outputs CloudFormation shows, which it
/// does not while a stack is rolled back.
pub fn attach_and_detach(stacks: &[Stack], inventory: &mut Inventory) {
    let wanted: Vec<String> = stacks.iter().flat_map(Stack::target_groups).collect();
    let cluster = format!("{TAG_CLUSTER}{CLUSTER}");
    let is_its_own = |group: &TargetGroup| {
        let has = |key: &str, value: &str| group.tags.iter().any(|tag| tag.key == key && tag.value == value);
        has(TAG_APPLICATION, CONTROLLER) && has(&cluster, "owned")
    };
    let known = inventory.target_groups.clone();
    for group in &mut inventory.auto_scaling_groups {
        group.target_groups.retain(|arn| match known.iter().find(|found| found.arn == *arn) {
            Some(found) => wanted.contains(arn) || !is_its_own(found),
            None => false,
        });
        let exists = |arn: &&String| known.iter().any(|found| found.arn == **arn);
        for arn in wanted.iter().filter(exists) {
            if !group.target_groups.contains(arn) {
                group.target_groups.push(arn.clone());
            }
        }
    }
}

fn arn(end: &str) -> String {
    format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:{end}")
}

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.to_owned(), value: value.to_owned() }
}

fn forward(target_group: String) -> ListenerAction {
    let group = WeightedTargetGroup { target_group: ResourceReference::Existing(target_group), weight: 1 };
    ListenerAction::Forward(ForwardAction { target_groups: vec![group], stickiness: None })
}

fn redirect() -> ListenerAction {
    ListenerAction::Redirect(RedirectAction {
        protocol: "HTTPS".to_owned(),
        host: "#{host}".to_owned(),
        port: "443".to_owned(),
        path: "/#{path}".to_owned(),
        query: "#{query}".to_owned(),
        status_code: 301,
    })
}
