//! Memory and delay with many Ingresses and Services.

use std::time::{Duration, Instant, SystemTime};

use albatross_test_servers::Call;
use futures::{StreamExt, stream};

use crate::{
    calls::{rest, start_with, wait},
    support::{
        World,
        objects::{endpoints, ingress, service},
        replica::Replica,
    },
};

/// How many Ingresses are created at a time.
const AT_A_TIME: usize = 32;

/// The measurements.
pub struct Figures {
    pub ingresses: usize,
    pub services: usize,
    pub synced: Duration,
    pub at_rest: Memory,
    /// While a plan is executed.
    pub executing: Memory,
    /// The most that was resident at any time.
    pub highest_mebibytes: u64,
    pub to_first_call: Duration,
    pub to_first_write: Duration,
}

/// What a replica holds in memory.
pub struct Memory {
    pub resident_mebibytes: u64,
    /// The part of it that is not pages of the program's file.
    pub own_mebibytes: u64,
}

impl Memory {
    fn of(replica: &Replica) -> Memory {
        Memory { resident_mebibytes: replica.resident_mebibytes(), own_mebibytes: replica.own_mebibytes() }
    }
}

/// Both modes, so that Services and EndpointSlices are watched.
const SETTINGS: &str =
    r#"{ "classes": [{ "name": "albatross", "mode": "proxy" }, { "name": "alb", "mode": "route" }] }"#;

/// In a cluster with this many Ingresses under one certificate, and this many Services with three endpoints each.
pub async fn with(ingresses: usize, services: usize) -> Figures {
    let world = World::new("measured-scale").await;
    world.account.make_certificate(&["*.shop.example.org"]).await;
    world.account.make_certificate(&["new.example.org"]).await;
    stream::iter(0..ingresses)
        .for_each_concurrent(AT_A_TIME, async |number| {
            let name = format!("ingress-{number}");
            world.apply(&ingress(&name, &format!("{name}.shop.example.org"))).await;
        })
        .await;
    stream::iter(0..services)
        .for_each_concurrent(AT_A_TIME, async |number| {
            let name = format!("service-{number}");
            let addresses = (1..=3).map(|last| format!("10.0.{}.{last}", number % 250));
            let addresses: Vec<String> = addresses.collect();
            world.apply(&format!("{}---{}", service(&name), endpoints(&name, &addresses))).await;
        })
        .await;
    let settings = world.file("settings.json", SETTINGS);
    let started = Instant::now();
    let replica = start_with(&world, "replica", &["--settings", settings.to_str().expect("a path in UTF-8")]);
    wait("the watches sync", async || replica.log().contains("watches synced")).await;
    let synced = started.elapsed();
    // Afterwards the controller is silent for most of a minute.
    rest(&replica, 2.0).await;
    let at_rest = Memory::of(&replica);

    let before = world.recorder.calls().len();
    let created = SystemTime::now();
    world.apply(&ingress("added", "new.example.org")).await;
    let written = async || world.recorder.calls()[before..].iter().any(Call::is_write);
    wait("AWS is changed for the added one", written).await;
    let executing = Memory::of(&replica);
    let calls = world.recorder.calls().split_off(before);
    let since = |call: &Call| call.at.duration_since(created).expect("calls that came later");
    Figures {
        ingresses,
        services,
        synced,
        at_rest,
        executing,
        highest_mebibytes: replica.highest_mebibytes(),
        to_first_call: since(&calls[0]),
        to_first_write: since(calls.iter().find(|call| call.is_write()).expect("it was there")),
    }
}
