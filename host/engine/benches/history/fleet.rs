//! A fleet of 1,000 Ingresses that share four load balancers in front of 60 nodes, and what happens to it in the course of
//! weeks.

use albatross_contract::{ActionResult, Ingress, Plan, Snapshot};
use albatross_embedded_cloud::execution;
use albatross_planner::NoPolicies;
use albatross_stories::{Controller, certificate, ingress, instance, renewal, world};

const INGRESSES: usize = 1_000;
const CERTIFICATES: usize = 100;
const ZONES: [&str; 3] = ["a", "b", "c"];
/// Seconds between two passes.
const PAUSE: u64 = 60;

pub struct Fleet {
    story: Controller,
    random: u64,
    /// The number of the next node and of the next certificate.
    next: usize,
}

impl Fleet {
    /// The fleet when all its load balancers serve.
    pub fn new() -> Fleet {
        let (settings, mut inventory) = world();
        inventory.instances.clear();
        inventory.auto_scaling_groups.clear();
        inventory.quotas.targets_per_load_balancer = 2_000;
        let certificates =
            (0..CERTIFICATES).map(|number| certificate(u32::try_from(number).unwrap(), &[&wildcard(number)]));
        let ingresses = (0..INGRESSES).map(served).collect();
        let mut story = Controller::new((settings, inventory), certificates.collect(), ingresses);
        for group in 0..5 {
            let zones: Vec<&str> = ZONES.into_iter().cycle().take(12).collect();
            story.start_node_group(&format!("nodes-{group}"), &zones);
        }
        story.converge_within(10);
        Fleet { story, random: 1, next: 1_000 }
    }

    /// What happens before a pass: a node is replaced in every fifth, an Ingress comes or goes in every tenth, and one of the
    /// certificates is renewed in every hundredth.
    pub fn change(&mut self, number: usize) {
        if self.one_in(5) {
            self.replace_a_node();
        }
        if self.one_in(10) {
            let which = INGRESSES + number % 20;
            let name = format!("shop/i{which}");
            let is_there = self.story.hostname(&name).is_some();
            if is_there { self.story.delete(&name) } else { self.story.apply(served(which)) }
        }
        if self.one_in(100) {
            let which = self.below(CERTIFICATES);
            let (number, now) = (self.number(), self.story.cloud.now());
            let name = wildcard(which);
            let certificates = &mut self.story.cloud.inventory_mut().certificates;
            // A renewed certificate has a new ARN. The certificate that it replaces stays, as in an account that nobody tidies up.
            certificates.push(renewal(u32::try_from(number).unwrap(), &[&name], now));
        }
    }

    /// A pass, and the pause after it.
    pub fn pass(&mut self) -> (Snapshot, Plan, Vec<ActionResult>) {
        let snapshot = self.story.snapshot().unwrap();
        let plan = albatross_planner::plan(&snapshot, &NoPolicies).unwrap();
        let results = execution::execute(&mut self.story.cloud, &plan, &mut |_, _| {});
        self.story.cluster.write_statuses(&plan);
        self.story.wait(PAUSE);
        (snapshot, plan, results)
    }

    /// An instance of an Auto Scaling Group ends, and another one starts.
    fn replace_a_node(&mut self) {
        let (group, number) = (self.below(5), self.number());
        let at = self.below(12);
        let inventory = self.story.cloud.inventory_mut();
        let group = &mut inventory.auto_scaling_groups[group];
        let started = format!("i-{number:017x}");
        let ended = std::mem::replace(&mut group.instances[at], started.clone());
        inventory.instances.retain(|instance| instance.id != ended);
        inventory.instances.push(instance(&started, ZONES[at % 3], Some(&group.name)));
    }

    fn number(&mut self) -> usize {
        self.next += 1;
        self.next
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    /// A number below `end`: xorshift, the same in every run.
    fn below(&mut self, end: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random >> 33).unwrap() % end
    }
}

fn served(number: usize) -> Ingress {
    ingress(&format!("i{number}"), &[&format!("i{number}.{}", domain(number % CERTIFICATES))])
}

fn wildcard(number: usize) -> String {
    format!("*.{}", domain(number))
}

fn domain(number: usize) -> String {
    format!("d{number}.example.org")
}
