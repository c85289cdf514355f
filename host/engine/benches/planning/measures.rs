//! The measurements for a snapshot: the minimum of several runs of each.

use std::time::{Duration, Instant};

use albatross_contract::{Plan, Snapshot};
use albatross_engine::{Engine, EngineError, Limits, Planned, Planner, Policy, PolicySet};
use albatross_planner::Policies;

use crate::shapes::World;

/// A figure is the minimum of at least this many runs...
const FEWEST_RUNS: usize = 5;
/// ...and of more runs until this time is over.
const RUNNING: Duration = Duration::from_millis(1_500);
/// How long a column is repeated for a profiler.
const PROFILED: Duration = Duration::from_secs(10);

/// What a run of the benchmark needs once.
pub struct Setup {
    pub free: Planner,
    fuelled: Planner,
    pub one_per_namespace: PolicySet,
}

/// What can be measured alone.
#[derive(Clone, Copy, Debug)]
pub enum Column {
    Native,
    Crossing,
    Wasm,
    Fuel,
    Guard,
    Pass,
}

/// What was measured of a snapshot.
pub struct Measures {
    /// The planner as a library.
    pub native: Duration,
    /// Handing over the snapshot to a planner that refuses it at once.
    pub crossing: Duration,
    /// The planner through WebAssembly, crossing included.
    pub wasm: Duration,
    /// The same, with its fuel counted.
    pub with_fuel: Duration,
    /// The guard.
    pub guard: Duration,
    /// The planner through WebAssembly and the guard after it.
    pub pass: Duration,
    /// The most memory that the planner had at one time, in bytes.
    pub memory: u64,
    /// The fuel that the planner takes when fuel is counted.
    pub fuel: u64,
}

const COLUMNS: [(&str, Column); 6] = [
    ("native", Column::Native),
    ("crossing", Column::Crossing),
    ("wasm", Column::Wasm),
    ("fuel", Column::Fuel),
    ("guard", Column::Guard),
    ("pass", Column::Pass),
];

impl Column {
    pub fn named(name: &str) -> Option<Column> {
        COLUMNS.iter().find(|(it, _)| *it == name).map(|(_, column)| *column)
    }

    pub fn names() -> String {
        COLUMNS.map(|(name, _)| name).join(", ")
    }
}

impl Setup {
    pub fn new() -> Setup {
        // The limits are for guests that misbehave, and must not influence the measurements.
        let engine = Engine::new(Limits {
            memory: 3 << 30,
            fuel: u64::MAX / 2,
            deadline: Duration::from_secs(600),
            returned_data: 3 << 30,
            ..Limits::default()
        });
        let policy = Policy::load(&engine, "one-per-namespace", albatross_components::ONE_PER_NAMESPACE);
        Setup {
            free: Planner::built_in(&engine, "albatross", &albatross_compiled::PLANNER).unwrap(),
            fuelled: Planner::load(&engine, "planner.wasm", albatross_components::PLANNER).unwrap(),
            one_per_namespace: PolicySet::new(vec![policy.unwrap()]).unwrap(),
        }
    }

    pub fn measure(&self, world: &World, snapshot: &Snapshot) -> Measures {
        let case = self.case(world, snapshot);
        let planned = case.plan(&self.free);
        Measures {
            native: case.least(Column::Native),
            crossing: case.least(Column::Crossing),
            wasm: case.least(Column::Wasm),
            with_fuel: case.least(Column::Fuel),
            guard: case.least(Column::Guard),
            pass: case.least(Column::Pass),
            memory: planned.usage.memory,
            fuel: case.plan(&self.fuelled).usage.fuel.unwrap(),
        }
    }

    /// One column, again and again: how often, and how long it took.
    pub fn repeat(&self, column: Column, world: &World, snapshot: &Snapshot) -> (u32, Duration) {
        let case = self.case(world, snapshot);
        let begin = Instant::now();
        let mut runs = 0;
        while begin.elapsed() < PROFILED {
            case.run(column);
            runs += 1;
        }
        (runs, begin.elapsed())
    }

    fn case<'a>(&'a self, world: &World, snapshot: &'a Snapshot) -> Case<'a> {
        let policies = world.policies();
        let mut refused = snapshot.clone();
        // The planner refuses these settings before it looks at anything else, so only the crossing is measured.
        refused.settings.identity.cluster_id.clear();
        let plan = albatross_planner::plan(snapshot, &*policies).unwrap();
        let policy_set =
            if world.has_policy() { self.one_per_namespace.clone() } else { PolicySet::default() };
        Case { setup: self, snapshot, refused, plan, policies, policy_set }
    }
}

/// A snapshot with the planner and the policies that are asked about it.
struct Case<'a> {
    setup: &'a Setup,
    snapshot: &'a Snapshot,
    refused: Snapshot,
    plan: Plan,
    policies: Box<dyn Policies>,
    policy_set: PolicySet,
}

impl Case<'_> {
    fn run(&self, column: Column) {
        let Setup { free, fuelled, .. } = self.setup;
        match column {
            Column::Native => drop(albatross_planner::plan(self.snapshot, &*self.policies).unwrap()),
            Column::Crossing => {
                let answer = free.plan(&self.refused, &self.policy_set);
                assert!(matches!(answer, Err(EngineError::Planning { .. })));
            }
            Column::Wasm => drop(self.plan(free)),
            Column::Fuel => drop(self.plan(fuelled)),
            Column::Guard => albatross_guard::check(self.snapshot, &self.plan).unwrap(),
            Column::Pass => {
                let planned = self.plan(free);
                albatross_guard::check(self.snapshot, &planned.plan).unwrap();
            }
        }
    }

    fn plan(&self, planner: &Planner) -> Planned {
        planner.plan(self.snapshot, &self.policy_set).unwrap()
    }

    fn least(&self, column: Column) -> Duration {
        least(|| self.run(column))
    }
}

/// The least time that something takes.
pub fn least(run: impl Fn()) -> Duration {
    let begin = Instant::now();
    let mut least = Duration::MAX;
    let mut runs = 0;
    while runs < FEWEST_RUNS || begin.elapsed() < RUNNING {
        let started = Instant::now();
        run();
        least = least.min(started.elapsed());
        runs += 1;
    }
    least
}
