//! Planning, native and through WebAssembly, in one run: `cargo bench -p albatross-engine`.
//!
//! 500 certificates, each a wildcard of its own domain; every Ingress has one host under one of them. Each figure is
//! the least of some runs; the ratios are what counts, since they come from one machine and one run.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::time::{Duration, Instant};

use albatross_contract::{Plan, Snapshot};
use albatross_engine::{Engine, EngineError, Limits, Planner, PolicySet, Trust};
use albatross_planner::NoPolicies;
use albatross_stories::{Controller, certificate, ingress, world};

const CERTIFICATES: usize = 500;

fn main() {
    let engine = Engine::new(Limits::default()).unwrap();
    let load = |trust| Planner::load(&engine, "albatross", albatross_components::PLANNER, trust).unwrap();
    let (free, fuelled) = (load(Trust::BuiltIn), load(Trust::Custom));
    println!(
        "{:>9}  {:8} {:>9} {:>9} {:>9} {:>7} {:>9} {:>7}  {:>6} {:>7}",
        "Ingresses", "pass", "native", "crossing", "wasm", "ratio", "and fuel", "ratio", "memory", "fuel"
    );
    for count in [100, 1_000, 10_000] {
        let [first, steady] = passes(count);
        for (name, snapshot) in [("first", first), ("steady", steady)] {
            let runs = if count > 1_000 { 5 } else { 20 };
            let native = least(runs, || drop(albatross_planner::plan(&snapshot, &NoPolicies).unwrap()));
            let mut refused = snapshot.clone();
            refused.settings.identity.cluster_id.clear();
            let crossing = least(runs, || cross(&free, &refused));
            let mut memory = 0;
            let wasm = least(runs, || memory = plan(&free, &snapshot).1);
            let mut fuel = None;
            let with_fuel = least(runs, || fuel = plan(&fuelled, &snapshot).2);
            println!(
                "{count:>9}  {name:8} {:>9} {:>9} {:>9} {:>7} {:>9} {:>7}  {:>6} {:>7}",
                milliseconds(native),
                milliseconds(crossing),
                milliseconds(wasm),
                ratio(wasm, native),
                milliseconds(with_fuel),
                ratio(with_fuel, wasm),
                format!("{} MiB", memory >> 20),
                format!("{} M", fuel.unwrap_or_default() / 1_000_000),
            );
        }
    }
    println!(
        "crossing: the snapshot goes in and is refused at the door; wasm: the whole call, crossing and planning."
    );
    println!("ratio: wasm to native, and wasm with fuel to wasm without. Milliseconds.");
}

/// The snapshots of the first pass and of a pass that has nothing to do.
fn passes(count: usize) -> [Snapshot; 2] {
    let certificates = (0..CERTIFICATES)
        .map(|number| certificate(u32::try_from(number).unwrap(), &[&format!("*.d{number}.example.org")]));
    let ingresses = (0..count).map(|number| {
        ingress(&format!("i{number}"), &[&format!("i{number}.d{}.example.org", number % CERTIFICATES)])
    });
    let mut story = Controller::new(world(), certificates.collect(), ingresses.collect());
    let first = story.snapshot().unwrap();
    story.converge();
    let steady = story.snapshot().unwrap();
    assert!(story.plan().actions.is_empty());
    [first, steady]
}

/// A plan, the memory in bytes and the fuel that it took.
fn plan(planner: &Planner, snapshot: &Snapshot) -> (Plan, u64, Option<u64>) {
    let planned = planner.plan(snapshot, &PolicySet::default()).unwrap();
    (planned.plan, planned.usage.memory, planned.usage.fuel)
}

/// The planner refuses these settings before it looks at anything else: all that is left is the crossing.
fn cross(planner: &Planner, refused: &Snapshot) {
    let answer = planner.plan(refused, &PolicySet::default());
    assert!(matches!(answer, Err(EngineError::Planning { .. })));
}

fn least(runs: usize, mut run: impl FnMut()) -> Duration {
    let timed = (0..runs).map(|_| {
        let begin = Instant::now();
        run();
        begin.elapsed()
    });
    timed.min().unwrap_or_default()
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1e3)
}

fn ratio(one: Duration, other: Duration) -> String {
    format!("{:.2}", one.as_secs_f64() / other.as_secs_f64())
}
