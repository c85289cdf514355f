//! Properties over generated worlds.
//!
//! A world that breaks one is named by its number; `ALBATROSS_WORLD=<number>` runs it alone.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod accidents;
mod choices;
mod convergence;
mod order;
mod routes;
mod services;
mod turmoil;

use std::panic::{AssertUnwindSafe, RefUnwindSafe, catch_unwind};

use albatross_stories::generated::Oddities;

const WORLDS: u64 = 600;

/// The worlds of this run.
fn worlds() -> Vec<u64> {
    match std::env::var("ALBATROSS_WORLD") {
        Ok(number) => vec![number.parse().expect("ALBATROSS_WORLD is the number of a world")],
        Err(_) => (0..WORLDS).collect(),
    }
}

/// Runs a property over all worlds and names the first that breaks it.
fn for_all(property: impl Fn(u64, &mut Oddities) + RefUnwindSafe) -> Oddities {
    let mut oddities = Oddities::default();
    for number in worlds() {
        let before = AssertUnwindSafe(&mut oddities);
        let run = catch_unwind(|| {
            let oddities = before;
            property(number, oddities.0);
        });
        if run.is_err() {
            panic!("world {number} breaks the property; ALBATROSS_WORLD={number} runs it alone");
        }
    }
    oddities
}
