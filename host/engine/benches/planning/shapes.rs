//! The worlds: how many Ingresses share how many load balancers in front of how many nodes.

mod routes;

use albatross_contract::{
    CertificateAnswer, CertificateInput, ClassSetting, Cluster, GroupingAnswer, GroupingInput, Ingress, Mode,
    PolicyError, PolicyPoint, PolicySetting, Snapshot, SubnetAnswer, SubnetInput,
};
use albatross_planner::{NoPolicies, Policies};
use albatross_stories::{Controller, alone, annotated, certificate, ingress, instance, world};

use routes::Groups;

/// How Ingresses come to share load balancers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// 500 wildcard certificates and a few nodes, for any number of Ingresses: the first world that was ever measured.
    Certificates500,
    /// One load balancer for each 250 Ingresses, since these need 25 certificates: a load balancer is then full except for
    /// one certificate. 10,000 Ingresses need 40 load balancers.
    Shared,
    /// A grouping policy gives each namespace of 20 Ingresses a load balancer: 10,000 Ingresses need 500.
    Namespaces,
    /// Every Ingress asks for a load balancer of its own.
    Own,
    /// The same with Network Load Balancers.
    Networks,
    /// Route mode: groups of 20 Ingresses, each with two paths to two of the group's eight Services, over HTTP and HTTPS.
    Routes,
    /// Route mode: groups of ten Ingresses with ten paths each: the largest number of rules that AWS allows by default.
    Rules,
    /// Route mode: each Ingress has its own Service with five endpoints, which are the targets.
    Endpoints,
}

/// A world, before anything is planned.
#[derive(Clone, Copy)]
pub struct World {
    pub shape: Shape,
    pub ingresses: usize,
    nodes: usize,
}

/// What there is to do in a pass.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Everything: AWS has nothing yet.
    First,
    /// Nothing.
    Steady,
    /// One Ingress was added to a converged world.
    Added,
}

/// One row of the table.
#[derive(Clone, Copy)]
pub struct Row {
    pub world: World,
    pub pass: Pass,
}

/// The snapshots of the passes of a world.
pub struct Snapshots {
    first: Snapshot,
    steady: Snapshot,
    added: Snapshot,
    /// How many load balancers there are in the end.
    pub load_balancers: usize,
}

/// The number of Auto Scaling Groups in a world that also has single nodes.
const NODE_GROUPS: usize = 5;

/// One node in this many is in no Auto Scaling Group.
const SINGLE: usize = 20;

/// What is measured, in the order of the table.
pub fn worlds() -> Vec<World> {
    let world = |shape, nodes| move |ingresses| World { shape, ingresses, nodes };
    let mut worlds = Vec::new();
    worlds.extend([100, 1_000, 10_000].map(world(Shape::Certificates500, 7)));
    worlds.extend([1_000, 10_000].map(world(Shape::Shared, 60)));
    worlds.extend([1_000, 10_000].map(world(Shape::Shared, 1_000)));
    worlds.extend([1_000, 10_000].map(world(Shape::Namespaces, 60)));
    worlds.extend([100, 1_000].map(world(Shape::Own, 60)));
    worlds.extend([200].map(world(Shape::Networks, 60)));
    worlds.extend([1_000, 10_000].map(world(Shape::Routes, 7)));
    worlds.extend([100, 1_000].map(world(Shape::Rules, 7)));
    worlds.extend([100, 1_000].map(world(Shape::Endpoints, 7)));
    worlds
}

impl World {
    /// Its rows.
    pub fn rows(&self) -> Vec<Row> {
        [Pass::First, Pass::Steady, Pass::Added].map(|pass| Row { world: *self, pass }).into()
    }

    /// Whether a grouping policy is asked.
    pub fn has_policy(&self) -> bool {
        self.shape == Shape::Namespaces
    }

    /// Answers the policy points if the planner runs natively.
    pub fn policies(&self) -> Box<dyn Policies> {
        if self.has_policy() { Box::new(OnePerNamespace) } else { Box::new(NoPolicies) }
    }

    /// Converges the world and takes the snapshots on the way.
    pub fn snapshots(&self) -> Snapshots {
        let mut story = self.story();
        let first = story.snapshot().unwrap();
        story.converge_within(10);
        let steady = story.snapshot().unwrap();
        assert!(!steady.inventory.load_balancers.is_empty(), "the Ingresses need load balancers");
        assert!(story.plan().actions.is_empty());
        story.apply(self.ingress(self.ingresses));
        let added = story.snapshot().unwrap();
        Snapshots { first, load_balancers: steady.inventory.load_balancers.len(), steady, added }
    }

    fn story(&self) -> Controller {
        let (mut settings, mut inventory) = world();
        if self.has_policy() {
            settings.policies.push(PolicySetting { point: PolicyPoint::Grouping, settings: String::new() });
        }
        // Raised quotas, as large accounts have them.
        let quotas = &mut inventory.quotas;
        quotas.load_balancers = 2_000;
        quotas.network_load_balancers = 2_000;
        quotas.target_groups_per_auto_scaling_group = 2_000;
        quotas.targets_per_load_balancer = 2_000;
        quotas.targets_per_target_group = 2_000;
        quotas.target_groups = 20_000;
        quotas.rules_per_load_balancer = 200;
        if self.shape.groups().is_some() {
            settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
        }
        let made_of_seven = self.shape == Shape::Certificates500 || self.shape.groups().is_some();
        if !made_of_seven {
            inventory.instances.clear();
            inventory.auto_scaling_groups.clear();
        }
        let certificates = (0..self.certificates())
            .map(|number| certificate(u32::try_from(number).unwrap(), &[&format!("*.{}", domain(number))]));
        let ingresses: Vec<Ingress> = (0..self.ingresses).map(|number| self.ingress(number)).collect();
        let mut story = Controller::new((settings, inventory), certificates.collect(), Vec::new());
        story.policies = self.policies();
        let backends = self.shape.groups().map(|groups| groups.cluster(self.certificates()));
        let now = story.cloud.now();
        story.cluster.apply(Cluster { ingresses, ..backends.unwrap_or_default() }, now);
        if !made_of_seven {
            start_nodes(&mut story, self.nodes);
        }
        story
    }

    /// How many certificates there are.
    fn certificates(&self) -> usize {
        match self.shape {
            Shape::Certificates500 => 500,
            Shape::Shared => self.ingresses / 10,
            Shape::Namespaces => self.ingresses / 20,
            Shape::Own | Shape::Networks => 100,
            // One for each group.
            Shape::Routes | Shape::Endpoints => self.ingresses / 20,
            Shape::Rules => self.ingresses / 10,
        }
    }

    /// The Ingress with a number: one host under one of the wildcards.
    fn ingress(&self, number: usize) -> Ingress {
        if let Some(groups) = self.shape.groups() {
            let group = number / groups.ingresses % self.certificates();
            return groups.ingress(number, group, &format!("i{number}.{}", domain(group)));
        }
        let certificate = number % self.certificates();
        let host = format!("i{number}.{}", domain(certificate));
        match self.shape {
            Shape::Namespaces => ingress(&format!("n{certificate}/i{number}"), &[&host]),
            Shape::Own => alone(ingress(&format!("i{number}"), &[&host])),
            Shape::Networks => {
                let own = alone(ingress(&format!("i{number}"), &[&host]));
                annotated(own, "zalando.org/aws-load-balancer-type", "nlb")
            }
            _ => ingress(&format!("i{number}"), &[&host]),
        }
    }
}

/// Nodes of some Auto Scaling Groups and single ones, in all zones.
fn start_nodes(story: &mut Controller, nodes: usize) {
    const ZONES: [&str; 3] = ["a", "b", "c"];
    let single = nodes / SINGLE;
    for number in 0..single {
        let node = instance(&format!("i-single-{number}"), ZONES[number % 3], None);
        story.cloud.inventory_mut().instances.push(node);
    }
    for group in 0..NODE_GROUPS {
        let grouped = nodes - single;
        let size = grouped / NODE_GROUPS + usize::from(group < grouped % NODE_GROUPS);
        let zones: Vec<&str> = ZONES.into_iter().cycle().take(size).collect();
        story.start_node_group(&format!("nodes-{group}"), &zones);
    }
}

fn domain(number: usize) -> String {
    format!("d{number}.example.org")
}

impl Shape {
    /// The groups of a world in route mode. `None`: proxy mode.
    fn groups(self) -> Option<Groups> {
        let routes = Groups { ingresses: 20, paths: 2, services: 8, endpoints: 0, has_https: true };
        match self {
            Shape::Routes => Some(routes),
            Shape::Rules => {
                Some(Groups { ingresses: 10, paths: 10, services: 10, has_https: false, ..routes })
            }
            Shape::Endpoints => {
                Some(Groups { paths: 1, services: 20, endpoints: 5, has_https: false, ..routes })
            }
            Shape::Certificates500 | Shape::Shared | Shape::Namespaces | Shape::Own | Shape::Networks => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Shape::Certificates500 => "500 certificates",
            Shape::Shared => "shared",
            Shape::Namespaces => "namespaces",
            Shape::Own => "own",
            Shape::Networks => "networks",
            Shape::Routes => "routes",
            Shape::Rules => "rules",
            Shape::Endpoints => "endpoints",
        }
    }
}

impl Pass {
    fn name(self) -> &'static str {
        match self {
            Pass::First => "first",
            Pass::Steady => "steady",
            Pass::Added => "added",
        }
    }
}

impl Row {
    /// The name of the row in the table, by which words on the command line select it.
    pub fn name(&self) -> String {
        let World { shape, ingresses, nodes } = self.world;
        let (shape, ingresses, nodes) = (shape.name(), thousands(ingresses), thousands(nodes));
        format!("{shape:<16} {ingresses:>6} {nodes:>5} {:<6}", self.pass.name())
    }

    /// Whether another row is the same with ten times the Ingresses.
    pub fn grows_to(&self, other: &Row) -> bool {
        self.world.shape == other.world.shape
            && self.world.nodes == other.world.nodes
            && self.world.ingresses * 10 == other.world.ingresses
            && self.pass == other.pass
    }
}

impl Snapshots {
    pub fn of(&self, pass: Pass) -> &Snapshot {
        match pass {
            Pass::First => &self.first,
            Pass::Steady => &self.steady,
            Pass::Added => &self.added,
        }
    }
}

fn thousands(number: usize) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", number / 1_000, number % 1_000) }
}

/// The policy of the namespaces without WebAssembly.
struct OnePerNamespace;

impl Policies for OnePerNamespace {
    fn certificates(&self, input: &CertificateInput) -> Result<CertificateAnswer, PolicyError> {
        NoPolicies.certificates(input)
    }

    fn subnets(&self, input: &SubnetInput) -> Result<SubnetAnswer, PolicyError> {
        NoPolicies.subnets(input)
    }

    fn grouping(&self, input: &GroupingInput) -> Result<GroupingAnswer, PolicyError> {
        albatross_policy::grouping::answer::<albatross_policy_one_per_namespace::OnePerNamespace>(
            input.clone(),
        )
    }
}
