//! A small world for unit tests, and the planning steps up to each module.
//!
//! Values are leaked, so that they live as long as the test and need no lifetimes.

use albatross_contract::{
    Action, AutoScalingGroup, Certificate, Cluster, IncompletePart, Ingress, Instance, Inventory, Listener,
    LoadBalancer, Quotas, RouteGroup, Settings, Snapshot, Target, TargetGroup, ViewPart,
};
use serde_json::{Value, from_value, json};

use crate::{
    backends::Backends,
    certificates::{self, CertificateId},
    grouping::{self, Basis, GroupId, Grouping, Groups, Keys, Member, Standing},
    identity::{load_balancer_id, ownership_tags, tag, target_group_suffix},
    lifecycle::Lifecycle,
    network::{Choices, subnets::Subnets},
    observed::{Observed, Owned},
    policies::{NoPolicies, Points},
    source::{self, Claim, HostId, Read},
    split, tenancy,
    unasked::HeldBack,
    wanted::{self, Sources, Wanted},
};

/// The time of planning.
pub const NOW: u64 = 2_000_000_000;
/// The grace of the default settings.
pub const GRACE: u64 = 3_600;
/// Seconds of a day.
pub const DAY: u64 = 86_400;

/// The TLS policy of listeners.
pub const SSL_POLICY: &str = "ELBSecurityPolicy-2016-08";

/// Makes something live as long as the test.
pub fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// The ARN of a certificate.
pub fn certificate_arn(name: &str) -> String {
    format!("arn:certificate/{name}")
}

/// The ARN of a load balancer.
pub fn load_balancer_arn(id: &str) -> String {
    format!("arn:load-balancer/{id}")
}

/// The ARN of the target group of a load balancer.
pub fn target_group_arn(id: &str) -> String {
    format!("arn:target-group/{id}")
}

/// The DNS name of a load balancer.
pub fn dns_name(id: &str) -> String {
    format!("albatross-{id}.elb.example.com")
}

/// The id of the load balancer of a scheme with an ordinal, from 0.
pub fn id_of(scheme: albatross_contract::Scheme, ordinal: u32) -> String {
    let identity = settings().identity;
    load_balancer_id(&identity, crate::kind::Kind::APPLICATION, scheme, "vpc-1", ordinal)
}

/// Settings of a cluster named `test`.
pub fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.identity.cluster_id = "test".into();
    settings.identity.cluster_uid = "uid".into();
    settings
}

/// A certificate for some names, issued a month ago for a year.
pub fn certificate(name: &str, names: &[&str]) -> Certificate {
    from_value(json!({
        "arn": certificate_arn(name), "kind": "amazon-issued", "names": names, "key-algorithm": "RSA_2048",
        "not-before": NOW - 30 * DAY, "not-after": NOW + 335 * DAY, "status": "issued",
    }))
    .unwrap()
}

/// A listener of a load balancer that forwards to its target group.
pub fn listener(id: &str, port: u16) -> Listener {
    let protocol = if port == 443 { "https" } else { "http" };
    let policy = (port == 443).then_some(SSL_POLICY);
    from_value(json!({
        "arn": format!("arn:listener/{id}/{port}"), "port": port, "protocol": protocol, "ssl-policy": policy,
        "default-actions": [forward(&[(&target_group_arn(id), 1)])],
    }))
    .unwrap()
}

/// The action of a listener that forwards to target groups with weights, as JSON.
pub fn forward(groups: &[(&str, u16)]) -> Value {
    let weighted = |(arn, weight): &(&str, u16)| json!({"target-group": {"existing": arn}, "weight": weight});
    json!({"forward": {"target-groups": groups.iter().map(weighted).collect::<Vec<_>>()}})
}

/// An active load balancer of ours, made yesterday, with a listener on port 80.
pub fn load_balancer(id: &str) -> LoadBalancer {
    from_value(json!({
        "arn": load_balancer_arn(id), "name": format!("albatross-{id}"), "dns-name": dns_name(id),
        "canonical-hosted-zone-id": "Z1", "kind": "application", "scheme": "internet-facing",
        "ip-address-type": "ipv4", "vpc-id": "vpc-1", "state": "active", "created-at": NOW - DAY,
        "subnets": ["subnet-a", "subnet-b"], "security-groups": ["sg-1"], "listeners": [listener(id, 80)],
        "tags": ownership_tags(&settings().identity, id),
    }))
    .unwrap()
}

/// The target group of a load balancer of ours, with one healthy node.
pub fn target_group(id: &str) -> TargetGroup {
    let suffix = target_group_suffix("HTTP", 9999, albatross_contract::TargetType::Instance, "vpc-1");
    from_value(json!({
        "arn": target_group_arn(id), "name": format!("albatross-{id}-{suffix}"), "protocol": "http",
        "protocol-version": "HTTP1", "port": 9999, "target-type": "instance", "ip-address-type": "ipv4",
        "vpc-id": "vpc-1", "load-balancer-arns": [load_balancer_arn(id)],
        "health-check": {
            "protocol": "http", "port": "9999", "path": "/kube-system/healthz", "interval": 10, "timeout": 5,
            "healthy-threshold": 5, "unhealthy-threshold": 2, "matcher": "200",
        },
        "targets": [target("i-1", "healthy")], "tags": ownership_tags(&settings().identity, id),
    }))
    .unwrap()
}

/// A target on the port of its target group.
pub fn target(id: &str, health: &str) -> Target {
    from_value(json!({"id": id, "port": 9999, "health": health})).unwrap()
}

/// A running node, of an Auto Scaling Group or single.
pub fn instance(id: &str, zone: &str, group: Option<&str>) -> Instance {
    from_value(json!({
        "id": id, "state": "running", "zone": zone, "vpc-id": "vpc-1", "auto-scaling-group": group,
    }))
    .unwrap()
}

/// An Auto Scaling Group with some instances, attached to some target groups.
pub fn auto_scaling_group(name: &str, instances: &[&str], target_groups: &[&str]) -> AutoScalingGroup {
    from_value(json!({
        "name": name, "instances": instances, "target-groups": target_groups, "health-check-type": "ec2",
    }))
    .unwrap()
}

/// An Ingress of the namespace `shop`.
pub fn ingress(name: &str, hosts: &[&str]) -> Ingress {
    let rules: Vec<Value> = hosts.iter().map(|host| json!({"host": host})).collect();
    from_value(json!({"metadata": {"namespace": "shop", "name": name}, "rules": rules})).unwrap()
}

/// A RouteGroup of the namespace `shop`.
pub fn route_group(name: &str, hosts: &[&str]) -> RouteGroup {
    from_value(json!({"metadata": {"namespace": "shop", "name": name}, "hosts": hosts})).unwrap()
}

/// The inventory before there is any load balancer: two zones with a public subnet each, one node.
pub fn inventory() -> Inventory {
    let subnet = |letter: &str| {
        json!({
            "id": format!("subnet-{letter}"), "vpc-id": "vpc-1", "zone": format!("zone-{letter}"),
            "free-addresses": 200, "tags": [tag("kubernetes.io/role/elb", "1")],
        })
    };
    let zone = |name: &str| json!({"name": name, "id": name, "kind": "availability-zone"});
    let group_tags = [tag("kubernetes.io/cluster/test", "owned"), tag("kubernetes:application", "albatross")];
    from_value(json!({
        "observed-at": NOW, "account": "123456789012", "region": "eu-central-1", "incomplete": [],
        "vpc": {"id": "vpc-1"},
        "zones": [zone("zone-a"), zone("zone-b")], "subnets": [subnet("a"), subnet("b")],
        "route-tables": [{
            "id": "rtb-1", "vpc-id": "vpc-1", "main": true,
            "routes": [{"destination": "0.0.0.0/0", "target": "igw-1", "active": true}],
        }],
        "security-groups": [{
            "id": "sg-1", "vpc-id": "vpc-1", "name": "ingress", "description": "", "tags": group_tags,
        }],
        "certificates": [], "load-balancers": [], "target-groups": [], "auto-scaling-groups": [],
        "instances": [instance("i-1", "zone-a", None)],
        "quotas": Quotas::default(),
    }))
    .unwrap()
}

/// A world that is put together piece by piece.
pub struct World {
    snapshot: Snapshot,
}

impl World {
    /// One node, and nothing else.
    pub fn new() -> Self {
        let cluster = Cluster::default();
        let settings = settings();
        World {
            snapshot: Snapshot { time: NOW, frozen: Vec::new(), settings, cluster, inventory: inventory() },
        }
    }

    /// Changes anything.
    pub fn with(mut self, change: impl FnOnce(&mut Snapshot)) -> Self {
        change(&mut self.snapshot);
        self
    }

    /// Adds a certificate.
    pub fn certificate(self, name: &str, names: &[&str]) -> Self {
        self.with(|snapshot| snapshot.inventory.certificates.push(certificate(name, names)))
    }

    /// Adds an Ingress whose status is empty.
    pub fn ingress(self, name: &str, hosts: &[&str]) -> Self {
        self.with(|snapshot| snapshot.cluster.ingresses.push(ingress(name, hosts)))
    }

    /// Adds a RouteGroup whose status is empty.
    pub fn route_group(self, name: &str, hosts: &[&str]) -> Self {
        let added = route_group(name, hosts);
        self.with(|snapshot| snapshot.cluster.route_groups.get_or_insert_default().push(added))
    }

    /// Adds an Ingress whose status names a load balancer.
    pub fn published(self, name: &str, hosts: &[&str], id: &str) -> Self {
        let hostname = dns_name(id);
        self.ingress(name, hosts).status(&hostname)
    }

    /// Adds a hostname to the status of the last Ingress.
    pub fn status(self, hostname: &str) -> Self {
        let address = from_value(json!({"hostname": hostname})).unwrap();
        self.with(|snapshot| snapshot.cluster.ingresses.last_mut().unwrap().status.push(address))
    }

    /// Puts an annotation on the last Ingress.
    pub fn annotated(self, key: &str, value: &str) -> Self {
        self.with(|snapshot| {
            snapshot.cluster.ingresses.last_mut().unwrap().metadata.annotations.push(tag(key, value));
        })
    }

    /// Adds a load balancer with its target group. If it has certificates it listens on both ports; the first certificate is
    /// the default.
    pub fn load_balancer(self, id: &str, certificates: &[&str]) -> Self {
        self.with(|snapshot| {
            let mut found = load_balancer(id);
            if let [default, others @ ..] = certificates {
                let mut https = listener(id, 443);
                https.default_certificate = Some(certificate_arn(default));
                https.certificates = others.iter().map(|name| certificate_arn(name)).collect();
                found.listeners.push(https);
            }
            snapshot.inventory.load_balancers.push(found);
            snapshot.inventory.target_groups.push(target_group(id));
        })
    }

    /// Changes the last load balancer.
    pub fn which(self, change: impl FnOnce(&mut LoadBalancer)) -> Self {
        self.with(|snapshot| change(snapshot.inventory.load_balancers.last_mut().unwrap()))
    }

    /// Puts a tag on the last load balancer.
    pub fn tagged(self, key: &str, value: &str) -> Self {
        self.which(|found| found.tags.push(tag(key, value)))
    }

    /// Changes the last target group.
    pub fn targets(self, change: impl FnOnce(&mut TargetGroup)) -> Self {
        self.with(|snapshot| change(snapshot.inventory.target_groups.last_mut().unwrap()))
    }

    /// Makes a part of the view missing.
    pub fn missing(self, part: ViewPart) -> Self {
        let incomplete = IncompletePart { part, resource: None, reason: "throttled".into(), expected: None };
        self.with(|snapshot| snapshot.inventory.incomplete.push(incomplete))
    }

    /// Makes a part missing for one load balancer or target group.
    pub fn missing_of(self, part: ViewPart, arn: &str) -> Self {
        let incomplete =
            IncompletePart { part, resource: Some(arn.into()), reason: "throttled".into(), expected: None };
        self.with(|snapshot| snapshot.inventory.incomplete.push(incomplete))
    }

    /// Reads it.
    pub fn read(self) -> Scene {
        let snapshot = leak(self.snapshot);
        let Read { mut claims, hosts, wishes } = source::read(snapshot).unwrap();
        let observed = leak(Observed::new(snapshot, leak(hosts), leak(wishes)).unwrap());
        tenancy::settle(&mut claims, &snapshot.cluster, observed);
        grouping::settle_schemes(&mut claims, observed);
        grouping::settle_clients(&mut claims, observed);
        Scene { snapshot, claims: leak(claims), observed }
    }
}

/// A world that has been read, with the steps after that.
#[derive(Clone, Copy)]
pub struct Scene {
    pub snapshot: &'static Snapshot,
    pub claims: &'static [Claim<'static>],
    pub observed: &'static Observed<'static>,
}

impl Scene {
    /// The resources with an id of ours.
    pub fn owned(&self, id: &str) -> &'static Owned<'static> {
        self.observed.owned_by_id(id).unwrap()
    }

    /// The claim of an Ingress of the namespace `shop`.
    pub fn claim(&self, name: &str) -> &'static Claim<'static> {
        self.claims.iter().find(|claim| claim.object.name == name).unwrap()
    }

    /// The number of a certificate.
    pub fn id(&self, certificate: &str) -> CertificateId {
        self.observed.certificates.find(&certificate_arn(certificate)).unwrap()
    }

    /// Names of certificates.
    pub fn names<'b>(&self, ids: impl IntoIterator<Item = &'b CertificateId>) -> Vec<&'static str> {
        let name = |id: &CertificateId| self.observed.certificates.arn(*id).rsplit('/').next().unwrap();
        ids.into_iter().map(name).collect()
    }

    /// The number of a host.
    pub fn host(&self, text: &str) -> HostId {
        self.observed.hosts.all().find(|(_, host)| *host == text).unwrap().0
    }

    /// The policy points, without policies.
    pub fn points(&self) -> &'static Points<'static> {
        leak(Points::new(self.snapshot, &NoPolicies))
    }

    /// The nodes.
    pub fn backends(&self) -> &'static Backends<'static> {
        leak(Backends::new(self.claims, &self.snapshot.cluster, self.observed))
    }

    /// Subnets of new load balancers.
    pub fn choices(&self) -> &'static Choices<'static> {
        leak(Choices::new(&Subnets::new(self.observed), self.observed, self.points()).unwrap())
    }

    fn ours(&self) -> Vec<&'static Claim<'static>> {
        self.claims.iter().filter(|claim| claim.is_ours()).collect()
    }

    /// All members, in the order of their names.
    pub fn members(&self) -> Vec<Member<'static>> {
        let (ours, standings) = (self.ours(), self.standings());
        let (decisions, _) = certificates::choose(&ours, &standings, self.observed, self.points()).unwrap();
        let services = &self.backends().services;
        let shares = split::decide(&ours, &decisions, &standings, services, self.observed);
        Member::all(&ours, decisions, leak(Keys::Free), shares)
    }

    /// The load balancers that serve them now.
    pub fn standings(&self) -> Vec<Standing<'static>> {
        grouping::standings(&self.ours(), self.observed)
    }

    /// The certificates that no Ingress asks for and that the budget holds back.
    pub fn held_back(&self) -> HeldBack<'static> {
        HeldBack::new(self.claims, |_, _| true, self.observed)
    }

    /// The load balancers, before members are added.
    pub fn groups(&self) -> Groups<'static> {
        Groups::new(self.observed, &self.standings(), self.claims, &self.held_back())
    }

    /// The placement of all members.
    pub fn grouping(&self) -> Grouping<'static> {
        self.grouping_of(self.members())
    }

    /// The placement of these members.
    pub fn grouping_of(&self, members: Vec<Member<'static>>) -> Grouping<'static> {
        let (standings, held_back) = (self.standings(), self.held_back());
        let basis = Basis {
            claims: self.claims,
            observed: self.observed,
            standings: &standings,
            held_back: &held_back,
            choices: self.choices(),
            points: self.points(),
            asked: None,
        };
        grouping::group(members, self.backends().demands(self.observed), &basis)
    }

    /// All steps up to the wanted state.
    pub fn decide(&self) -> Decided {
        let grouping = self.grouping();
        let lifecycle = Lifecycle::new(&grouping, self.claims, self.observed);
        let subnets = Subnets::new(self.observed);
        let wanted = wanted::describe(&Sources {
            claims: self.claims,
            observed: self.observed,
            backends: self.backends(),
            grouping: &grouping,
            lifecycle: &lifecycle,
            subnets: &subnets,
            choices: self.choices(),
        });
        Decided { grouping, wanted }
    }
}

/// The decisions before actions and outcomes.
pub struct Decided {
    pub grouping: Grouping<'static>,
    pub wanted: Wanted<'static>,
}

impl Decided {
    /// The number of the group with our id.
    pub fn group(&self, id: &str) -> GroupId {
        group_id(&self.grouping.groups, id)
    }

    /// The wanted state of the load balancer with our id.
    pub fn load_balancer(&self, id: &str) -> &wanted::LoadBalancer<'static> {
        self.wanted.of(self.group(id))
    }
}

/// The number of the group with our id.
pub fn group_id(groups: &Groups<'_>, id: &str) -> GroupId {
    groups.numbered().find(|(_, group)| group.id() == id).unwrap().0
}

/// Ids of actions, without the id of the load balancer.
pub fn told(actions: &[Action]) -> Vec<&str> {
    actions.iter().map(|action| action.id.split_once('/').unwrap().1).collect()
}
