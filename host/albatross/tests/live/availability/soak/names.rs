//! Looks whether what is served keeps its names: the addresses in statuses, and the records that external-dns makes of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use albatross_cluster::Client;
use albatross_test_servers::{ExternalDns, RecordChange};
use kube::api::ListParams;
use tokio::{task::spawn_blocking, time::sleep};

use super::people::GivenUp;
use crate::support::{World, eventually, objects::ingresses};

/// The zone of all hosts.
const ZONE: &str = "example.org";

/// How often it is looked.
const EVERY: Duration = Duration::from_millis(200);

/// Looks at all statuses until everything is served. Returns each Ingress whose status had a name and then none, although the Ingress
/// was there.
pub async fn look_at_statuses(client: Client, served: Arc<AtomicBool>) -> BTreeSet<String> {
    let mut named: BTreeMap<String, bool> = BTreeMap::new();
    let mut lost = BTreeSet::new();
    while !served.load(Ordering::Relaxed) {
        for found in ingresses(&client).list(&ListParams::default()).await.expect("a list") {
            let name = found.metadata.name.unwrap_or_default();
            let object = format!("{name} ({})", found.metadata.uid.unwrap_or_default());
            let addresses = found.status.and_then(|status| status.load_balancer).and_then(|it| it.ingress);
            let has_name = addresses.is_some_and(|addresses| !addresses.is_empty());
            if named.insert(object.clone(), has_name) == Some(true) && !has_name {
                lost.insert(object);
            }
        }
        sleep(EVERY).await;
    }
    lost
}

/// A real external-dns, and what it has done with the records.
pub struct Records {
    external_dns: ExternalDns,
    changes: usize,
    there: BTreeSet<String>,
    lost: Vec<String>,
}

impl Records {
    /// Starts external-dns in a cluster without Ingresses.
    pub async fn start(world: &World) -> Records {
        let kubeconfig = world.kubeconfig();
        let external_dns = spawn_blocking(move || ExternalDns::start(&kubeconfig, ZONE)).await;
        Records {
            external_dns: external_dns.expect("no panic").expect("external-dns starts"),
            changes: 0,
            there: BTreeSet::new(),
            lost: Vec::new(),
        }
    }

    /// Looks at the records until everything is served.
    pub async fn look(mut self, given_up: GivenUp, served: Arc<AtomicBool>) -> Records {
        while !served.load(Ordering::Relaxed) {
            self.follow(&given_up);
            sleep(EVERY).await;
        }
        self
    }

    fn follow(&mut self, given_up: &GivenUp) {
        for change in self.external_dns.changes().expect("its log") {
            self.changes += 1;
            match change {
                RecordChange::Created(host) => _ = self.there.insert(host),
                RecordChange::Deleted(host) => {
                    self.there.remove(&host);
                    if !given_up.excuses(&host) {
                        self.lost.push(host);
                    }
                }
            }
        }
    }

    /// Waits until exactly these hosts have records, and checks that no record vanished whose host was there.
    pub async fn become_exactly(mut self, hosts: &BTreeSet<String>, given_up: &GivenUp) {
        eventually("each host has a record, and no other", async || {
            self.follow(given_up);
            (self.there == *hosts).then_some(())
        })
        .await;
        eprintln!("{} changes of records", self.changes);
        assert!(
            self.lost.is_empty(),
            "records that vanished although their hosts were there: {:?}",
            self.lost
        );
    }
}
