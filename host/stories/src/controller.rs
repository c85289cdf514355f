//! The controller of a story: one pass after the other, with the guard before every execution.

use albatross_contract::{
    ActionResult, Certificate, Cluster, DesiredLoadBalancer, Ingress, Inventory, LoadBalancer, ObjectName,
    Outcome, Plan, PlanningError, PolicyPoint, RouteGroup, Settings, Snapshot,
};
use albatross_embedded_cloud::{AwsError, EmbeddedCloud, SimulatedCluster, StatusWrite, execution};
use albatross_planner::{NoPolicies, Policies};

/// How long a story waits between two passes: long enough for a load balancer and its targets.
pub const WAITING: u64 = 180;

/// Maximum time until the next change that a story waits for: 15 minutes.
const PATIENCE: u64 = 900;

/// A cluster, a cloud, and the controller for both.
pub struct Controller {
    /// The settings.
    pub settings: Settings,
    /// AWS.
    pub cloud: EmbeddedCloud,
    /// Kubernetes.
    pub cluster: SimulatedCluster,
    /// Frozen policy points.
    pub frozen: Vec<PolicyPoint>,
    /// The policies that the settings name.
    pub policies: Box<dyn Policies>,
}

/// One pass.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The plan.
    pub plan: Plan,
    /// The results of its actions.
    pub results: Vec<ActionResult>,
    /// The statuses that were written.
    pub statuses: Vec<StatusWrite>,
}

impl Controller {
    /// Starts with a world, its certificates and its Ingresses.
    pub fn new(
        (settings, mut inventory): (Settings, Inventory),
        certificates: Vec<Certificate>,
        ingresses: Vec<Ingress>,
    ) -> Self {
        inventory.certificates.extend(certificates);
        let cloud = EmbeddedCloud::new(inventory);
        let mut cluster = SimulatedCluster::new(Cluster::default());
        cluster.apply(Cluster { ingresses, ..Cluster::default() }, cloud.now());
        Controller { settings, cloud, cluster, frozen: Vec::new(), policies: Box::new(NoPolicies) }
    }

    /// The snapshot that the planner would get now.
    ///
    /// # Errors
    /// Errors of the cloud.
    pub fn snapshot(&mut self) -> Result<Snapshot, AwsError> {
        let inventory = self.cloud.observe()?;
        Ok(Snapshot {
            time: inventory.observed_at,
            frozen: self.frozen.clone(),
            settings: self.settings.clone(),
            cluster: self.cluster.cluster().clone(),
            inventory,
        })
    }

    /// Plans without executing; the guard must agree.
    ///
    /// # Panics
    /// When the guard refuses, or when there is no plan.
    #[allow(clippy::panic)]
    pub fn plan(&mut self) -> Plan {
        match self.try_plan() {
            Ok(plan) => plan,
            Err(error) => panic!("no plan: {}", error.message),
        }
    }

    /// Plans without executing, and returns the error if there is no plan.
    ///
    /// # Errors
    /// Errors of the planner.
    ///
    /// # Panics
    /// When the guard refuses.
    #[allow(clippy::panic)]
    pub fn try_plan(&mut self) -> Result<Plan, PlanningError> {
        let snapshot = match self.snapshot() {
            Ok(snapshot) => snapshot,
            Err(error) => panic!("the cloud cannot be read: {error}"),
        };
        let plan = albatross_planner::plan(&snapshot, &*self.policies)?;
        if let Err(refusal) = albatross_guard::check(&snapshot, &plan) {
            panic!("the guard refuses: {refusal}\n{plan:#?}");
        }
        Ok(plan)
    }

    /// One whole pass: plan, guard, execute, write statuses.
    pub fn pass(&mut self) -> Pass {
        let plan = self.plan();
        let results = execution::execute(&mut self.cloud, &plan, &mut |_, _| {});
        let statuses = self.cluster.write_statuses(&plan);
        self.cluster.write_gates(&plan);
        Pass { plan, results, statuses }
    }

    /// Runs passes until one has nothing to do and writes no status, with time between them. At most `limit` passes may do
    /// something.
    ///
    /// # Panics
    /// When more passes do something.
    #[allow(clippy::panic)]
    pub fn converge_within(&mut self, limit: usize) -> Vec<Pass> {
        let mut passes = Vec::new();
        loop {
            let pass = self.pass();
            if pass.plan.actions.is_empty() && pass.statuses.is_empty() {
                // Waits for timers of some minutes, but not for grace periods.
                match pass.plan.next_change_at {
                    Some(at) if at <= self.cloud.now() + PATIENCE => {
                        self.cloud.advance(at - self.cloud.now());
                    }
                    _ => return passes,
                }
                continue;
            }
            passes.push(pass);
            assert!(
                passes.len() <= limit,
                "not converged after {limit} passes; the last one: {:#?}",
                passes.last()
            );
            self.cloud.advance(WAITING);
        }
    }

    /// Converges within five passes. The longest known way: a load balancer is completed, and its new rules hide the rule of an
    /// Ingress that leaves it; a pass later that rule goes, and then the settings for which only that Ingress asked.
    pub fn converge(&mut self) -> Vec<Pass> {
        self.converge_within(5)
    }

    /// Applies one Ingress, new or changed; others stay.
    pub fn apply(&mut self, ingress: Ingress) {
        let mut ingresses = self.cluster.cluster().ingresses.clone();
        ingresses.retain(|other| key(other) != key(&ingress));
        ingresses.push(ingress);
        self.apply_all(ingresses);
    }

    /// Deletes one Ingress, by `namespace/name` or by its name in `shop`.
    pub fn delete(&mut self, name: &str) {
        let name = if name.contains('/') { name.to_owned() } else { format!("shop/{name}") };
        let mut ingresses = self.cluster.cluster().ingresses.clone();
        ingresses.retain(|ingress| key(ingress) != name);
        self.apply_all(ingresses);
    }

    /// Applies these Ingresses and no others.
    pub fn apply_all(&mut self, ingresses: Vec<Ingress>) {
        let manifests = Cluster { ingresses, ..self.cluster.cluster().clone() };
        self.cluster.apply(manifests, self.cloud.now());
    }

    /// Applies these RouteGroups and no others. `None`: the cluster no longer has the kind.
    pub fn apply_route_groups(&mut self, route_groups: Option<Vec<RouteGroup>>) {
        let manifests = Cluster { route_groups, ..self.cluster.cluster().clone() };
        self.cluster.apply(manifests, self.cloud.now());
    }

    /// The load balancers in AWS.
    pub fn load_balancers(&mut self) -> Vec<LoadBalancer> {
        self.cloud.inventory().load_balancers.clone()
    }

    /// The hostname in the status of an object, by its name as in tags, or by the name of an Ingress in `shop`.
    pub fn hostname(&self, name: &str) -> Option<String> {
        let name = object(name)?;
        let found = self.cluster.cluster().sources().find(|source| ObjectName::of(*source) == name)?;
        found.status().first()?.hostname.clone()
    }
}

impl Pass {
    /// The outcome of an Ingress.
    pub fn outcome(&self, name: &str) -> Option<&Outcome> {
        outcome(&self.plan, name)
    }

    /// A load balancer of the plan by its id.
    pub fn load_balancer(&self, id: &str) -> Option<&DesiredLoadBalancer> {
        self.plan.load_balancers.iter().find(|found| found.id == id)
    }
}

/// The outcome of an object in a plan, by its name as in tags, or by the name of an Ingress in `shop`.
pub fn outcome<'a>(plan: &'a Plan, name: &str) -> Option<&'a Outcome> {
    let name = object(name)?;
    plan.outcomes.iter().find(|outcome| outcome.object == name)
}

fn object(name: &str) -> Option<ObjectName> {
    match name.contains('/') {
        true => ObjectName::parse(name),
        false => Some(ObjectName::ingress("shop", name)),
    }
}

fn key(ingress: &Ingress) -> String {
    format!("{}/{}", ingress.metadata.namespace.as_deref().unwrap_or("default"), ingress.metadata.name)
}
