//! The log level of a running controller.

use std::fs;

use crate::support::{World, eventually, replica::Replica};

#[tokio::test(flavor = "multi_thread")]
async fn the_level_follows_its_file_and_a_wrong_one_changes_nothing() {
    let world = World::new("log-level").await;
    let file = world.path("level");
    let replica = Replica::start(&world, "replica", &["--log-level-file", file.to_str().unwrap()]);
    replica.passes("converged", 1.0).await;
    assert!(!replica.log().contains(" DEBUG "), "{}", replica.log());

    let contains = async |text: &str| {
        eventually(text, async || replica.log().contains(text).then_some(())).await;
    };
    fs::write(&file, "debug\n").unwrap();
    contains(r#"log levels change before="info" now="debug""#).await;
    contains(" DEBUG ").await;

    fs::write(&file, "albatross=loud").unwrap();
    contains("the log levels stay as they are").await;
    assert!(replica.log().contains("'albatross=loud': "), "{}", replica.log());

    fs::remove_file(&file).unwrap();
    contains(r#"log levels change before="debug" now="info""#).await;
    let before = replica.log().matches(" DEBUG ").count();
    replica.passes("converged", 2.0).await;
    assert_eq!(replica.log().matches(" DEBUG ").count(), before);
    assert_eq!(replica.terminate(), 0);
}
