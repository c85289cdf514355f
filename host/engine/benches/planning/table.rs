//! The table as a person reads it.

use std::time::Duration;

use crate::{
    measures::{Column, Measures},
    points::Cost,
    shapes::Row,
};

pub fn heading() {
    println!(
        "{:<16} {:>6} {:>5} {:<6} {:>5} | {:>8} {:>8} {:>8} {:>5} {:>8} {:>5} | {:>8} {:>8} {:>5} | {:>7} {:>7}",
        "shape",
        "Ingr.",
        "nodes",
        "pass",
        "LBs",
        "native",
        "crossing",
        "wasm",
        "ratio",
        "and fuel",
        "ratio",
        "guard",
        "whole",
        "share",
        "memory",
        "fuel"
    );
}

pub fn row(row: &Row, load_balancers: usize, measures: &Measures) {
    let Measures { native, crossing, wasm, with_fuel, guard, pass, memory, fuel } = *measures;
    println!(
        "{} {load_balancers:>5} | {:>8} {:>8} {:>8} {:>5} {:>8} {:>5} | {:>8} {:>8} {:>5} | {:>7} {:>7}",
        row.name(),
        milliseconds(native),
        milliseconds(crossing),
        milliseconds(wasm),
        ratio(wasm, native),
        milliseconds(with_fuel),
        ratio(with_fuel, wasm),
        milliseconds(guard),
        milliseconds(pass),
        percent(guard, pass),
        format!("{} MiB", memory >> 20),
        format!("{} M", fuel / 1_000_000),
    );
}

pub fn legend() {
    println!();
    println!(
        "Milliseconds, the least of some runs. LBs: load balancers in the end. native: the planner as a library;"
    );
    println!(
        "crossing: the snapshot goes into WebAssembly and is refused at the door; wasm: the whole call, crossing"
    );
    println!(
        "and planning (and the policy, where namespaces have load balancers of their own); ratio: to native, and"
    );
    println!("with fuel to without; whole: the call and the guard after it; share: the guard's.");
}

/// How times grow with ten times the Ingresses.
pub fn growth(measured: &[(Row, Measures)]) {
    println!();
    println!(
        "{:<36} {:>8} {:>8} {:>8} {:>8}",
        "grows with 10 times the Ingresses", "native", "wasm", "guard", "whole"
    );
    for (small, of_small) in measured {
        let Some((large, of_large)) = measured.iter().find(|(large, _)| small.grows_to(large)) else {
            continue;
        };
        let grown = |of: fn(&Measures) -> Duration| ratio(of(of_large), of(of_small));
        println!(
            "{:<36} {:>8} {:>8} {:>8} {:>8}",
            large.name(),
            grown(|it| it.native),
            grown(|it| it.wasm),
            grown(|it| it.guard),
            grown(|it| it.pass)
        );
    }
}

/// What the point `grouping` costs.
pub fn points(costs: &[(Row, Cost)]) {
    if costs.is_empty() {
        return;
    }
    println!();
    println!(
        "{:<36} {:>8} {:>8} {:>9} {:>8} {:>7} {:>7}",
        "cost of the point grouping", "default", "native", "component", "plan", "fuel", "memory"
    );
    for (row, Cost { by_default, native, component, plan, fuel, memory }) in costs {
        println!(
            "{:<36} {:>8} {:>8} {:>9} {:>8} {:>7} {:>7}",
            row.name(),
            milliseconds(*by_default),
            milliseconds(*native),
            milliseconds(*component),
            milliseconds(*plan),
            format!("{} M", fuel / 1_000_000),
            format!("{} MiB", memory >> 20)
        );
    }
    println!("default: the plan without a policy; native: the policy as a library; component: a call of the");
    println!("policy, with its fuel and memory; plan: the plan with the policy.");
}

pub fn repeated(row: &Row, column: Column, (runs, time): (u32, Duration)) {
    println!("{} {column:?}: {runs} runs, {} ms each", row.name(), milliseconds(time / runs));
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1e3)
}

fn ratio(one: Duration, other: Duration) -> String {
    format!("{:.2}", one.as_secs_f64() / other.as_secs_f64())
}

fn percent(one: Duration, other: Duration) -> String {
    format!("{:.0} %", 100.0 * one.as_secs_f64() / other.as_secs_f64())
}
