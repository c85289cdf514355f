//! Weeks of recorded passes: how much disk they take, and how fast the program replays them (`make bench-replay`).
//!
//! Records 10,000 passes of a fleet of 1,000 Ingresses in which something small changes from pass to pass, and runs
//! `albatross replay` on them, without and with another policy. A number after `--` records that many passes. `replay` after `--` replays the passes of the last
//! run again.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod fleet;
mod program;

use std::{env, fs, path::Path, time::Instant};

use albatross_contract::{ActionResult, Bundle, Plan, Snapshot, file};
use albatross_engine::{Limits, Planner};
use albatross_recordings::{Bounds, Folder, Recorder, Stored};

use fleet::Fleet;

const PASSES: usize = 10_000;
const NO_BOUNDS: Bounds = Bounds { passes: usize::MAX, bytes: u64::MAX, age: u64::MAX };

fn main() {
    let words: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    let passes = words.iter().find_map(|word| word.parse().ok()).unwrap_or(PASSES);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-replay");
    if !words.iter().any(|word| word == "replay") {
        let _ = fs::remove_dir_all(&folder);
        record(&folder, passes);
    }
    sizes(&folder);
    program::replay(&folder, &[]);
    // What moves and is withheld in each pass takes memory.
    let policy = folder.with_file_name("one-per-namespace.wasm");
    fs::write(&policy, albatross_components::ONE_PER_NAMESPACE).unwrap();
    program::replay(&folder, &["--policy".as_ref(), policy.as_os_str()]);
}

/// Records the passes of the fleet.
fn record(folder: &Path, passes: usize) {
    let mut recorder = Recorder::open(folder, NO_BOUNDS).unwrap();
    let mut fleet = Fleet::new();
    let begin = Instant::now();
    let (mut recording, mut changing) = (0.0, 0);
    for number in 0..passes {
        fleet.change(number);
        let (snapshot, plan, results) = fleet.pass();
        changing += usize::from(!plan.actions.is_empty());
        let time = snapshot.time;
        let bytes = file::write(&bundle(snapshot, plan, results)).unwrap();
        let before = Instant::now();
        recorder.record(time, &bytes).unwrap();
        recording += before.elapsed().as_secs_f64();
        if (number + 1) % 1_000 == 0 {
            println!("{} passes recorded in {} s", number + 1, begin.elapsed().as_secs());
        }
    }
    println!("{changing} of {passes} passes change something in AWS");
    println!(
        "recording a pass takes {:.0} ms, its compression included",
        recording * 1_000.0 / passes as f64
    );
}

fn bundle(snapshot: Snapshot, plan: Plan, results: Vec<ActionResult>) -> Bundle {
    let engine = albatross_engine::Engine::new(Limits::default());
    let planner = Planner::built_in(&engine, "albatross", &albatross_compiled::PLANNER).unwrap();
    Bundle {
        snapshot,
        planner: planner.identity().clone(),
        policies: Vec::new(),
        limits: engine.limits().into(),
        plan,
        results,
    }
}

/// What the passes take on disk.
fn sizes(path: &Path) {
    let folder = Folder::open(path).unwrap();
    let groups: Vec<Vec<Stored>> = folder.groups().iter().map(|group| group.files()).collect();
    let total: u64 = groups.iter().flatten().map(|file| file.bytes).sum();
    let wholes: Vec<u64> = groups.iter().filter_map(|files| files.first()).map(|file| file.bytes).collect();
    let unpacked = folder.groups()[0].read().next().unwrap().unwrap().1.len();
    let whole = wholes.iter().sum::<u64>() / wholes.len() as u64;
    println!(
        "{} passes in {} groups: {} MiB, {:.1} kB a pass; a whole pass takes {} kB of {} kB, a difference {:.1} kB",
        folder.passes(),
        wholes.len(),
        total >> 20,
        total as f64 / folder.passes() as f64 / 1_000.0,
        whole / 1_000,
        unpacked / 1_000,
        (total - wholes.iter().sum::<u64>()) as f64
            / (folder.passes() - wholes.len()).max(1) as f64
            / 1_000.0,
    );
}
