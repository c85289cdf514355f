//! How often AWS is called.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use albatross_contract::ANNOTATION_SHARED;
use albatross_test_servers::Call;
use tokio::time::sleep;

use crate::support::{
    World,
    objects::{annotated, ingress, published},
    replica::Replica,
};

/// How long anything may take: twenty load balancers are made within the controller's rate budget.
const PATIENCE: Duration = Duration::from_secs(600);

/// A line of the table.
pub struct Row {
    pub what: &'static str,
    pub reads: usize,
    pub writes: usize,
}

/// From nothing to this many load balancers, one for each Ingress.
pub async fn rows(load_balancers: usize) -> Vec<Row> {
    let world = World::new(&format!("measured-{load_balancers}")).await;
    world.account.make_certificate(&["*.shop.example.org"]).await;
    let names: Vec<String> = (0..load_balancers).map(|number| format!("ingress-{number}")).collect();
    // The first Ingress shares its load balancer.
    let manifests = names.iter().enumerate().map(|(number, name)| {
        let shares = if number == 0 { "true" } else { "false" };
        annotated(&ingress(name, &format!("{name}.shop.example.org")), ANNOTATION_SHARED, shares)
    });
    world.apply(&manifests.collect::<Vec<_>>().join("---\n")).await;
    let mut rows = Vec::new();

    let replica = start(&world, "maker");
    for name in &names {
        wait(&format!("{name} is served"), async || !published(&world.administrator, name).await.is_empty())
            .await;
    }
    rest(&replica, 1.0).await;
    rows.push(row("everything is made", &world.recorder.calls()));
    assert_eq!(replica.terminate(), 0);

    let before = world.recorder.calls().len();
    let replica = start(&world, "starter");
    rest(&replica, 1.0).await;
    rows.push(row("cold start, nothing to do", &world.recorder.calls().split_off(before)));

    rows.push(mean_of_five_passes(&world, &replica).await);

    world.account.make_certificate(&["new.example.org"]).await;
    rest(&replica, 2.0).await; // It is issued and listed.
    let before = world.recorder.calls().len();
    world.apply(&ingress("added", "new.example.org")).await;
    wait("the added one is served", async || !published(&world.administrator, "added").await.is_empty())
        .await;
    rest(&replica, 1.0).await;
    rows.push(row(
        "a certificate added, until there is nothing to do",
        &world.recorder.calls().split_off(before),
    ));
    rows
}

/// Each kept part of the view is read again at its own interval, so passes differ.
pub async fn mean_of_five_passes(world: &World, replica: &Replica) -> Row {
    const PASSES: usize = 5;
    let before = world.recorder.calls().len();
    rest(replica, 5.0).await;
    let mut five = row("a pass with nothing to do, mean of five", &world.recorder.calls().split_off(before));
    (five.reads, five.writes) = (five.reads.div_ceil(PASSES), five.writes.div_ceil(PASSES));
    five
}

/// A controller as it is installed: a pass a minute.
pub fn start(world: &World, name: &str) -> Replica {
    start_with(world, name, &[])
}

/// The same with more arguments.
pub fn start_with(world: &World, name: &str, arguments: &[&str]) -> Replica {
    let mut command = world.program(name);
    command.args(["run", "--listen=127.0.0.1:0", "--lease-namespace=kube-system"]).args(arguments);
    Replica::spawn(world, name, command.arg("--kubeconfig").arg(world.kubeconfig()).env("POD_NAME", name))
}

/// Waits for this many more passes with nothing to do.
pub async fn rest(replica: &Replica, more: f64) {
    let passes = || replica.passed("converged").unwrap_or_default();
    let until = passes() + more;
    wait("passes with nothing to do", async || passes() >= until).await;
}

pub async fn wait(what: &str, mut until: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !until().await {
        assert!(begin.elapsed() < PATIENCE, "within {PATIENCE:?}: {what}");
        sleep(Duration::from_millis(100)).await;
    }
}

/// Counts calls, and says on standard error which they were.
pub fn row(what: &'static str, calls: &[Call]) -> Row {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for call in calls {
        *counts.entry(&call.action).or_default() += 1;
    }
    eprintln!("{what}: {counts:?}");
    let writes = calls.iter().filter(|call| call.is_write()).count();
    Row { what, reads: calls.len() - writes, writes }
}
