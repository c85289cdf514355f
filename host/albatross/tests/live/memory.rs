//! The memory of the program in a large cluster.

use futures::{StreamExt, stream};

use crate::support::{World, objects::ingress, replica::Replica};

const INGRESSES: usize = 5_000;

/// How many Ingresses are created at a time.
const AT_A_TIME: usize = 32;

/// The resident memory that is allowed, in MiB. A development build takes 72: more than 40 of them are pages of the
/// program's file, and how many of these pages the kernel keeps differs from run to run.
pub const RESIDENT: u64 = 78;

/// The part of it that may be private memory of the program.
const OWN: u64 = 32;

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_ingresses_take_less_than_32_mib_beside_the_program_itself() {
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
    assert_eq!(replica.metric(r#"albatross_ingresses{kind="placed"}"#), Some(INGRESSES as f64));
    let (own, resident) = (replica.own_mebibytes(), replica.resident_mebibytes());
    assert!(own < OWN, "{own} MiB are the program's own with {INGRESSES} Ingresses");
    assert!(resident < RESIDENT, "{resident} MiB are resident with {INGRESSES} Ingresses");
}
