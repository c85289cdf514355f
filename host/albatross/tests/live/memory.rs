//! What the program takes in a large cluster.

use futures::{StreamExt, stream};

use crate::support::{World, objects::ingress, replica::Replica};

const INGRESSES: usize = 5_000;

/// How many Ingresses are created at a time.
const AT_A_TIME: usize = 32;

/// What may be resident, in MiB, in a build for development, where the code alone takes half of it.
pub const RESIDENT: u64 = 65;

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_ingresses_take_less_than_65_mib() {
    let world = World::new("memory").await;
    world.account.make_certificate(&["*.shop.example.org"]).await;
    stream::iter(0..INGRESSES)
        .for_each_concurrent(AT_A_TIME, async |number| {
            let name = format!("ingress-{number}");
            world.apply(&ingress(&name, &format!("{name}.shop.example.org"))).await;
        })
        .await;
    let replica = Replica::start(&world, "replica", &[]);
    // By then the status of each has been written.
    replica.passes("converged", 1.0).await;
    let placed = format!(r#"albatross_ingresses{{kind="placed"}}"#);
    assert_eq!(replica.metric(&placed), Some(INGRESSES as f64));
    let taken = replica.resident_mebibytes();
    assert!(taken < RESIDENT, "{taken} MiB are resident with {INGRESSES} Ingresses");
}
