//! The whole controller against the embedded cloud, in simulated time: observe, plan, guard, execute, write statuses,
//! pass after pass until a plan has nothing to do.

use std::collections::BTreeMap;

use albatross_contract::{Action, ActionResult, Cluster, Inventory, Metadata, Seconds, Settings, Snapshot};
use albatross_embedded_cloud::{EmbeddedCloud, SimulatedCluster, StatusWrite, execution};

use crate::{
    error::Error,
    pass::{Makers, Pass},
    render::summary::Summary,
    swap::{Deciders, Shadow, judge},
    unfinished::unfinished,
};

/// More passes than any step needs: one that creates, one that publishes, one that finds nothing to do, and a few
/// for replacements and failures.
const PASSES: usize = 12;
/// The longest wait for operations of AWS in progress, and for a change that the plan announces. A load balancer that
/// takes longer counts as failed; the end of a grace period of an hour is reported, not waited for.
const PATIENCE: Seconds = 15 * 60;
/// How often AWS is checked during a wait.
const LOOK: Seconds = 10;

/// Receives the events of a simulation while it runs.
pub trait Watcher {
    /// Manifests were applied.
    fn applied(&mut self, change: &Applied);
    /// Other policies were planned in shadow. Those that are not held decide from now on.
    fn swapped(&mut self, candidate: &Deciders, shadow: &Shadow);
    /// Time passed.
    fn waited(&mut self, seconds: Seconds);
    /// A plan with something to do was made and passed the guard; it is executed next.
    fn planned(&mut self, pass: &Pass);
    /// An action was executed.
    fn executed(&mut self, action: &Action, result: &ActionResult);
    /// A pass is over.
    fn ended(&mut self, end: &PassEnd<'_>);
    /// A pass found nothing to do, or the limit of passes was reached.
    fn settled(&mut self, settled: &Settled<'_>);
}

/// What applying manifests changed: `namespace/name` of Ingresses, kind and name of other objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// New objects.
    pub added: Vec<String>,
    /// Objects that are gone.
    pub removed: Vec<String>,
    /// Objects that are different.
    pub changed: Vec<String>,
}

/// The result of a pass.
pub struct PassEnd<'a> {
    /// The results of the actions.
    pub results: &'a [ActionResult],
    /// Statuses that were written.
    pub statuses: &'a [StatusWrite],
    /// Pods with our readiness gate whose conditions were written, as `namespace/name`.
    pub conditions: &'a [String],
    /// How long the simulation waited afterwards, and for what. `None`: there was nothing to wait for.
    pub waited: Option<(Seconds, String)>,
}

/// The end of a step.
pub struct Settled<'a> {
    /// The last pass. Its plan has nothing to do when `converged`.
    pub pass: &'a Pass,
    /// Whether a plan had nothing to do.
    pub converged: bool,
    /// AWS as it is now.
    pub inventory: &'a Inventory,
    /// The cluster as it is now.
    pub cluster: &'a Cluster,
}

/// A controller, a cloud and a cluster.
pub struct Simulation {
    deciders: Deciders,
    /// Objects whose names may change beyond the budget, since a person allowed it with a policy.
    allowed_names: Vec<String>,
    settings: Settings,
    cloud: EmbeddedCloud,
    cluster: SimulatedCluster,
}

impl Simulation {
    /// Begins with an empty cluster and this inventory, at the time when the inventory was observed.
    pub fn new(deciders: Deciders, settings: Settings, inventory: Inventory) -> Simulation {
        Simulation {
            deciders,
            allowed_names: Vec::new(),
            settings,
            cloud: EmbeddedCloud::new(inventory),
            cluster: SimulatedCluster::new(Cluster::default()),
        }
    }

    /// Replaces all objects of the cluster by these manifests, and runs passes until the controller has nothing to do.
    /// Returns whether it got there without a failed policy.
    ///
    /// # Errors
    /// No plan can be made, or the cloud cannot be observed.
    pub fn step(&mut self, manifests: Cluster, watcher: &mut dyn Watcher) -> Result<bool, Error> {
        let before = self.cluster.cluster().clone();
        self.cluster.apply(manifests, self.cloud.now());
        watcher.applied(&Applied::between(&before, self.cluster.cluster()));
        self.settle(watcher)
    }

    /// Plans a candidate in shadow, lets it take over as the controller would, and runs passes until there is nothing to do. Returns
    /// whether it took over and got there. `allowed`: a person allows what the budgets would withhold.
    ///
    /// # Errors
    /// As for [`Simulation::step`].
    pub fn swap(
        &mut self,
        candidate: Deciders,
        allowed: bool,
        watcher: &mut dyn Watcher,
    ) -> Result<bool, Error> {
        let snapshot = self.snapshot()?;
        let now = self.pass(snapshot.clone())?;
        let shadow = judge(&now.plan, &candidate, &snapshot, allowed);
        watcher.swapped(&candidate, &shadow);
        if !shadow.holds.is_empty() {
            return Ok(false);
        }
        (self.deciders, self.allowed_names) = (candidate, shadow.allowed_names);
        let settled = self.settle(watcher);
        self.allowed_names.clear();
        settled
    }

    /// Lets time pass. Passes run whenever a plan announces a change. Returns whether each time the controller had nothing to do in
    /// the end.
    ///
    /// # Errors
    /// As for [`Simulation::step`].
    pub fn wait_for(&mut self, seconds: Seconds, watcher: &mut dyn Watcher) -> Result<bool, Error> {
        let end = self.cloud.now().saturating_add(seconds);
        let mut settled = true;
        while self.cloud.now() < end {
            let now = self.cloud.now();
            let snapshot = self.snapshot()?;
            let announced = self.pass(snapshot)?.plan.next_change_at;
            // Time goes on even if a change that is due cannot be made.
            let until = announced.map_or(end, |at| at.max(now.saturating_add(LOOK))).min(end);
            let passed = until - now;
            self.cloud.advance(passed);
            watcher.waited(passed);
            settled &= self.settle(watcher)?;
        }
        Ok(settled)
    }

    /// The components that plan, and the plan of how it is now.
    ///
    /// # Errors
    /// As for [`Simulation::step`].
    pub fn now(&mut self) -> Result<(&Makers, Pass), Error> {
        let snapshot = self.snapshot()?;
        let pass = self.pass(snapshot)?;
        Ok((self.deciders.makers(), pass))
    }

    fn pass(&self, snapshot: Snapshot) -> Result<Pass, Error> {
        self.deciders.pass(snapshot, &self.allowed_names)
    }

    /// Runs passes until the controller has nothing to do. Returns whether it got there without a failed policy.
    fn settle(&mut self, watcher: &mut dyn Watcher) -> Result<bool, Error> {
        let mut policies_failed = false;
        for number in 1.. {
            let snapshot = self.snapshot()?;
            let pass = self.pass(snapshot)?;
            policies_failed |= !pass.failures.is_empty();
            let idle = Summary::new(&pass.snapshot, &pass.plan).is_empty();
            let waited = if idle { self.wait(&pass) } else { None };
            if (idle && waited.is_none()) || number == PASSES {
                watcher.settled(&Settled {
                    pass: &pass,
                    converged: idle,
                    inventory: self.cloud.inventory(),
                    cluster: self.cluster.cluster(),
                });
                return Ok(idle && !policies_failed);
            }
            watcher.planned(&pass);
            let mut progress = |action: &Action, result: &ActionResult| watcher.executed(action, result);
            let results = execution::execute(&mut self.cloud, &pass.plan, &mut progress);
            let conditions = self.cluster.write_gates(&pass.plan);
            let statuses = self.cluster.write_statuses(&pass.plan);
            let waited = waited.or_else(|| self.wait(&pass));
            watcher.ended(&PassEnd {
                results: &results,
                statuses: &statuses,
                conditions: &conditions,
                waited,
            });
        }
        Ok(false)
    }

    fn snapshot(&mut self) -> Result<Snapshot, Error> {
        Ok(Snapshot {
            time: self.cloud.now(),
            frozen: Vec::new(),
            settings: self.settings.clone(),
            cluster: self.cluster.cluster().clone(),
            inventory: self.cloud.observe()?,
        })
    }

    /// Lets time pass until AWS has finished its operations in progress; if there are none, until the change that the
    /// plan announces, if that is near.
    fn wait(&mut self, pass: &Pass) -> Option<(Seconds, String)> {
        let start = self.cloud.now();
        if let Some(what) = unfinished(self.cloud.inventory()) {
            while unfinished(self.cloud.inventory()).is_some() && self.cloud.now() - start < PATIENCE {
                self.cloud.advance(LOOK);
            }
            return Some((self.cloud.now() - start, what));
        }
        let near = pass.plan.next_change_at.filter(|at| *at > start && at - start <= PATIENCE)?;
        self.cloud.advance(near - start);
        Some((near - start, "the next change".to_owned()))
    }
}

impl Applied {
    fn between(before: &Cluster, after: &Cluster) -> Applied {
        let slices = |cluster: &Cluster| cluster.endpoint_slices.clone().unwrap_or_default();
        let pods = |cluster: &Cluster| cluster.pods.clone().unwrap_or_default();
        let mut applied = Applied { added: Vec::new(), removed: Vec::new(), changed: Vec::new() };
        applied.add("", &before.ingresses, &after.ingresses, |found| &found.metadata);
        applied
            .add("IngressClass ", &before.ingress_classes, &after.ingress_classes, |found| &found.metadata);
        applied.add("Service ", &before.services, &after.services, |found| &found.metadata);
        applied.add("Node ", &before.nodes, &after.nodes, |found| &found.metadata);
        applied.add("EndpointSlice ", &slices(before), &slices(after), |found| &found.metadata);
        applied.add("Pod ", &pods(before), &pods(after), |found| &found.metadata);
        let route_groups = |cluster: &Cluster| cluster.route_groups.clone().unwrap_or_default();
        applied.add("RouteGroup ", &route_groups(before), &route_groups(after), |found| &found.metadata);
        applied
    }

    /// Adds the differences between two lists of objects of one kind.
    fn add<T: PartialEq>(&mut self, kind: &str, before: &[T], after: &[T], metadata: fn(&T) -> &Metadata) {
        let (before, after) = (by_name(kind, before, metadata), by_name(kind, after, metadata));
        let missing_in = |one: &BTreeMap<String, &T>, other: &BTreeMap<String, &T>| -> Vec<String> {
            one.keys().filter(|name| !other.contains_key(*name)).cloned().collect()
        };
        self.added.extend(missing_in(&after, &before));
        self.removed.extend(missing_in(&before, &after));
        let is_different =
            |(name, object): &(&String, &&T)| before.get(*name).is_some_and(|old| *old != **object);
        self.changed.extend(after.iter().filter(is_different).map(|(name, _)| name.clone()));
    }
}

fn by_name<'a, T>(kind: &str, objects: &'a [T], metadata: fn(&T) -> &Metadata) -> BTreeMap<String, &'a T> {
    let name = |object: &T| match metadata(object) {
        Metadata { namespace: Some(namespace), name, .. } => format!("{kind}{namespace}/{name}"),
        Metadata { name, .. } if kind.is_empty() => format!("default/{name}"),
        Metadata { name, .. } => format!("{kind}{name}"),
    };
    objects.iter().map(|object| (name(object), object)).collect()
}
