//! Not a test: measures what a running controller costs, and prints the tables of the guide. `make measure` runs it.
//!
//! Calls are those that arrive at the proxy in front of moto, so that repeated attempts count as well. Times are those of
//! this machine and of the test servers; calls are what AWS would see.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

#[allow(dead_code, unused_imports, reason = "shared with the tests, which use more of it")]
#[path = "../live/support/mod.rs"]
mod support;

mod calls;
mod routes;
mod scale;
mod webhook;

use std::env;

/// Ingresses of the largest world here.
const INGRESSES: usize = 5_000;

#[tokio::main]
async fn main() {
    // `-- calls`, `-- routes`, `-- scale` or `-- webhook` measures one of the four.
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

async fn scale() {
    let figures = scale::with_ingresses(INGRESSES).await;
    println!("\n| with {} Ingresses | |\n|---|---|", figures.ingresses);
    println!("| start to synced watches | {:.1} s |", figures.synced.as_secs_f64());
    println!("| resident memory | {} MiB |", figures.resident_mebibytes);
    println!(
        "| an Ingress is created to the first call to AWS | {:.2} s |",
        figures.to_first_call.as_secs_f64()
    );
    println!("| … to the first write in AWS | {:.2} s |", figures.to_first_write.as_secs_f64());
}
