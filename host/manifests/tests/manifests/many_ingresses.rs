//! A large cluster is read in about a second.

use std::time::{Duration, Instant};

use crate::support;

#[test]
fn ten_thousand_ingresses_are_read_within_seconds() {
    let document = |index: usize| {
        support::ingress(
            &format!("team-{}", index % 100),
            &format!("app-{index}"),
            &format!("app-{index}.example.org"),
        )
        .replace(
            "metadata: {",
            "metadata: {annotations: {example.org/owner: team, example.org/note: \"a b c\"}, ",
        )
    };
    let text = (0..10_000).map(document).collect::<Vec<_>>().join("---\n");
    let start = Instant::now();
    let manifests = support::read_good(&text);
    let took = start.elapsed();
    assert_eq!(manifests.cluster.ingresses.len(), 10_000);
    // Generous, for a machine that does other things as well; what is worse than linear takes minutes.
    assert!(took < Duration::from_secs(20), "{} MB in {took:?}", text.len() / 1_000_000);
}
