//! Properties over generated worlds.
//!
//! A world that breaks a property is named by its number; `ALBATROSS_WORLD=<number>` runs it alone.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod accidents;
mod adoption;
mod choices;
mod consolidation;
mod convergence;
mod http_only;
mod networks;
mod order;
mod pods;
mod routes;
mod services;
mod tenancy;
mod turmoil;

use std::panic::{AssertUnwindSafe, catch_unwind};

use albatross_stories::generated::Oddities;

const WORLDS: u64 = 600;

/// The worlds of this run.
fn worlds() -> Vec<u64> {
    match std::env::var("ALBATROSS_WORLD") {
        Ok(number) => vec![number.parse().expect("ALBATROSS_WORLD is the number of a world")],
        Err(_) => (0..WORLDS).collect(),
    }
}

/// Runs a property over all worlds, and names those that break it.
fn for_all(property: impl Fn(u64, &mut Oddities)) -> Oddities {
    let mut oddities = Oddities::default();
    for_each(worlds(), |number| property(number, &mut oddities));
    oddities
}

/// Runs a property over worlds, and names those that break it: all of them, since several often break it for one reason.
fn for_each(worlds: Vec<u64>, mut property: impl FnMut(u64)) {
    let broken: Vec<u64> = worlds
        .into_iter()
        .filter(|number| {
            let is_broken = catch_unwind(AssertUnwindSafe(|| property(*number))).is_err();
            if is_broken {
                println!("world {number} breaks the property");
            }
            is_broken
        })
        .collect();
    if let Some(number) = broken.first() {
        panic!("worlds {broken:?} break the property; ALBATROSS_WORLD={number} runs the first alone");
    }
}
