//! The passes of the controller, without Kubernetes: observe, plan, guard, execute, write statuses.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use albatross_aws::{Executor, Mentioned, Observer, Permit};
use albatross_contract::{
    Action, ActionResult, ActionState, Cluster, Disruption, Ingress, IngressAddress, Inventory, LoadBalancer,
    Operation, Plan, Settings, Snapshot,
};
use albatross_embedded_cloud::SimulatedCluster;
use albatross_planner::NoPolicies;

use crate::world::World;

/// A permit that always allows writes.
pub struct Always;

impl Permit for Always {
    fn may_write_for(&self, _longest: Duration) -> bool {
        true
    }
}

/// A controller with its state.
pub struct Controller<'a> {
    pub world: &'a World,
    pub settings: Settings,
    pub cluster: SimulatedCluster,
    pub executor: Executor,
    pub observer: Observer,
    /// How many seconds its clock is ahead.
    ahead: u64,
    /// The time at which its clock is stopped.
    stopped: Option<u64>,
}

/// What a pass saw and did.
pub struct Pass {
    pub inventory: Inventory,
    pub plan: Plan,
    pub results: Vec<ActionResult>,
    pub statuses_written: usize,
}

impl Pass {
    /// The failed actions with their errors.
    pub fn failures(&self) -> Vec<(&Action, &str)> {
        let failed = self.results.iter().filter(|result| result.state == ActionState::Failed);
        failed
            .map(|result| {
                let action = self.plan.actions.iter().find(|action| action.id == result.action);
                (action.expect("a result of an action"), result.error.as_deref().unwrap_or_default())
            })
            .collect()
    }

    fn is_quiet(&self) -> bool {
        self.plan.actions.is_empty() && self.statuses_written == 0
    }
}

impl<'a> Controller<'a> {
    /// A controller that has just started, in a cluster with these Ingresses.
    pub fn new(world: &'a World, settings: Settings, ingresses: Vec<Ingress>) -> Self {
        let mut controller = Controller {
            observer: Observer::new(world.aws.clone(), world.vpc.clone(), &settings),
            executor: Executor::new(world.aws.clone(), &settings.identity),
            cluster: SimulatedCluster::new(Cluster::default()),
            world,
            settings,
            ahead: 0,
            stopped: None,
        };
        controller.apply(ingresses);
        controller
    }

    /// Replaces the Ingresses.
    pub fn apply(&mut self, ingresses: Vec<Ingress>) {
        let now = self.now();
        self.cluster.apply(Cluster { ingresses, ..Cluster::default() }, now);
    }

    /// Writes a hostname into the status of an Ingress `shop/name`, as another controller does.
    pub fn publish(&mut self, name: &str, hostname: &str) {
        let ingresses = self.cluster.cluster_mut().ingresses.iter_mut();
        for ingress in ingresses.filter(|ingress| ingress.metadata.name == name) {
            ingress.status = vec![IngressAddress { hostname: Some(hostname.to_owned()), ip: None }];
        }
    }

    /// Restarts the process with other settings: only the cluster stays.
    pub fn restart(&mut self, settings: Settings) {
        self.observer = Observer::new(self.world.aws.clone(), self.world.vpc.clone(), &settings);
        self.executor = Executor::new(self.world.aws.clone(), &settings.identity);
        self.settings = settings;
    }

    /// Lets time pass.
    pub fn wait(&mut self, seconds: u64) {
        self.ahead += seconds;
    }

    /// Stops its clock, which only [`Controller::wait`] moves from now on.
    pub fn stop_clock(&mut self) {
        self.stopped = Some(seconds_since_1970());
    }

    fn now(&self) -> u64 {
        self.stopped.unwrap_or_else(seconds_since_1970) + self.ahead
    }

    /// The inventory as the controller observes it.
    pub async fn observe(&mut self) -> Inventory {
        let mentioned = Mentioned::by(self.cluster.cluster(), &self.settings);
        let now = self.now();
        self.observer.observe(now, &mentioned).await.expect("AWS can be observed")
    }

    fn plan(&self, inventory: Inventory) -> Plan {
        let snapshot = Snapshot {
            time: self.now(),
            frozen: Vec::new(),
            settings: self.settings.clone(),
            cluster: self.cluster.cluster().clone(),
            inventory,
        };
        let plan = albatross_planner::plan(&snapshot, &NoPolicies).expect("there is a plan");
        albatross_guard::check(&snapshot, &plan).expect("the guard accepts it");
        plan
    }

    /// The plan of a pass now.
    pub async fn pass_without_execution(&mut self) -> Plan {
        let inventory = self.observe().await;
        self.plan(inventory)
    }

    /// One pass.
    pub async fn pass(&mut self) -> Pass {
        let inventory = self.observe().await;
        let plan = self.plan(inventory.clone());
        let results = self.executor.execute(&plan, &Always, &mut |_, _| {}).await;
        let statuses_written = self.cluster.write_statuses(&plan).len();
        Pass { inventory, plan, results, statuses_written }
    }

    /// Runs passes until nothing is left to do, while moto's load balancers become active and its targets healthy.
    pub async fn converge(&mut self) -> Vec<Pass> {
        let mut passes = Vec::new();
        let mut quiet = 0;
        while quiet < 3 {
            assert!(passes.len() < 30, "it does not converge: {:#?}", passes.last().map(told));
            let pass = self.pass().await;
            quiet = if pass.is_quiet() { quiet + 1 } else { 0 };
            passes.push(pass);
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        passes
    }

    /// The hostname in the status of an Ingress `shop/name`.
    pub fn hostname(&self, name: &str) -> Option<String> {
        let mut ingresses = self.cluster.cluster().ingresses.iter();
        let ingress = ingresses.find(|ingress| ingress.metadata.name == name)?;
        ingress.status.iter().find_map(|address| address.hostname.clone())
    }
}

fn seconds_since_1970() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// The actions, outcomes and gaps of a pass, for a message.
fn told(pass: &Pass) -> Vec<String> {
    let actions = pass.results.iter().map(|it| format!("{} {:?} {:?}", it.action, it.state, it.error));
    let outcomes = pass.plan.outcomes.iter().map(|it| format!("{}: {:?}", it.object, it.diagnostics));
    actions.chain(outcomes).chain(pass.inventory.incomplete.iter().map(|it| format!("{it:?}"))).collect()
}

/// Load balancers of the cluster.
pub fn owned(inventory: &Inventory) -> Vec<&LoadBalancer> {
    let is_owned = |found: &&LoadBalancer| found.tags.iter().any(|tag| tag.key == "albatross/id");
    inventory.load_balancers.iter().filter(is_owned).collect()
}

/// A plan with one action.
pub fn plan_of(operation: Operation) -> Plan {
    Plan {
        actions: vec![Action {
            id: "action".to_owned(),
            depends_on: Vec::new(),
            load_balancer: String::new(),
            objects: Vec::new(),
            reason: String::new(),
            disruption: Disruption::None,
            operation,
        }],
        ..Plan::default()
    }
}
