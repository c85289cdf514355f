//! Not a test: measures what a running controller costs, and prints the tables of the guide. `make measure` runs it.
//!
//! Calls are those that arrive at the proxy in front of moto, so that repeated attempts count as well. Times are those of
//! this machine and of the test servers; calls are what AWS would see.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

#[allow(dead_code, unused_imports, reason = "shared with the tests, which use more of it")]
#[path = "../live/support/mod.rs"]
mod support;

mod calls;
mod failover;
mod latency;
mod routes;
mod scale;
mod webhook;

use std::env;

/// Ingresses and Services of the largest world here.
const INGRESSES: usize = 5_000;
const SERVICES: usize = 2_000;

#[tokio::main]
async fn main() {
    // `-- calls`, `-- failover`, `-- latency`, `-- routes`, `-- scale` or `-- webhook` measures one of them.
    let only = env::args().nth(1);
    let wanted = |part: &str| only.as_deref().is_none_or(|only| only == part);
    if wanted("calls") {
        calls().await;
    }
    if wanted("routes") {
        println!("\n| calls to AWS in route mode | reads | writes |\n|---|---|---|");
        for row in routes::rows().await {
            println!("| {} | {} | {} |", row.what, row.reads, row.writes);
        }
    }
    if wanted("scale") {
        scale().await;
    }
    if wanted("latency") {
        latency().await;
    }
    if wanted("failover") {
        failover().await;
    }
    if wanted("webhook") {
        webhook().await;
    }
}

async fn webhook() {
    println!("\n| answers of the webhook | at a time | median | p99 | longest | with warnings |");
    println!("|---|---|---|---|---|---|");
    let milliseconds = |time: std::time::Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    let print = move |row: webhook::Row| {
        let [median, p99, longest] = [row.median, row.percentile_99, row.longest].map(milliseconds);
        println!("| {} | {} | {median} | {p99} | {longest} | {} |", row.what, row.clients, row.warned);
    };
    // The clients are threads, and the server has a runtime of its own.
    tokio::task::spawn_blocking(move || webhook::rows(print)).await.expect("no client fails");
}

async fn calls() {
    println!("| calls to AWS | load balancers | reads | writes |\n|---|---|---|---|");
    for load_balancers in [1, 20] {
        for row in calls::rows(load_balancers).await {
            println!("| {} | {load_balancers} | {} | {} |", row.what, row.reads, row.writes);
        }
    }
}

async fn latency() {
    println!(
        "\n| an endpoint changes, until RegisterTargets arrives | p50 | p90 | p99 | slowest |\n|---|---|---|---|---|"
    );
    for rate in [25, 100] {
        let figures = latency::with_ingresses(INGRESSES, rate).await;
        let seconds = |share: usize| figures.delays[(figures.delays.len() - 1) * share / 100].as_secs_f64();
        println!(
            "| {} changes among {} Ingresses at {rate} % of AWS's rates | {:.2} s | {:.2} s | {:.2} s | {:.2} s |",
            figures.delays.len(),
            figures.ingresses,
            seconds(50),
            seconds(90),
            seconds(99),
            seconds(100)
        );
    }
}

async fn failover() {
    let figures = failover::figures().await;
    let (load_balancers, ingresses) = figures.of;
    println!(
        "\n| the leader dies: {load_balancers} load balancers, {ingresses} Ingresses | time | calls to AWS |\n|---|---|---|"
    );
    println!("| until another replica leads | {:.0} s | |", figures.to_leading.as_secs_f64());
    let (time, calls) = (figures.to_write.as_secs_f64(), figures.calls_before);
    println!("| from then until a changed Ingress is written | {time:.1} s | {calls} |");
    println!(
        "| … until everything has been read again | {:.0} s | {} |",
        figures.to_whole.as_secs_f64(),
        figures.calls
    );
    println!("| calls that AWS would have throttled | | {} |", figures.throttled);
}

async fn scale() {
    let figures = scale::with(INGRESSES, SERVICES).await;
    println!("\n| with {} Ingresses and {} Services | |\n|---|---|", figures.ingresses, figures.services);
    println!("| start to synced watches | {:.1} s |", figures.synced.as_secs_f64());
    for (when, memory) in [("at rest", figures.at_rest), ("while a plan is executed", figures.executing)] {
        println!("| resident memory {when} | {} MiB |", memory.resident_mebibytes);
        println!("| … without pages of the program's file | {} MiB |", memory.own_mebibytes);
    }
    println!("| the most that was resident at any time | {} MiB |", figures.highest_mebibytes);
    println!(
        "| an Ingress is created to the first call to AWS | {:.2} s |",
        figures.to_first_call.as_secs_f64()
    );
    println!("| … to the first write in AWS | {:.2} s |", figures.to_first_write.as_secs_f64());
}
