//! An OCI registry.

use std::net::TcpStream;

use albatross_test_servers::Registry;
use serde_json::Value;
use ureq::Agent;

#[test]
fn a_published_component_can_be_read_by_its_digest() {
    let registry = Registry::start().unwrap();
    let digest = registry.publish("shop/by-team", b"component").unwrap();
    let agent = Agent::config_builder().proxy(None).build().new_agent();
    let read = |path: &str| {
        let answer = agent
            .get(format!("{}/v2/shop/by-team/{path}", registry.url()))
            .header("Accept", "application/vnd.oci.image.manifest.v1+json")
            .call();
        answer.unwrap().body_mut().read_to_string().unwrap()
    };
    let manifest: Value = serde_json::from_str(&read(&format!("manifests/{digest}"))).unwrap();
    let layer = manifest["layers"][0]["digest"].as_str().unwrap();
    assert_eq!(read(&format!("blobs/{layer}")), "component");
}

#[test]
fn a_registry_ends_when_it_is_dropped() {
    let registry = Registry::start().unwrap();
    let address = registry.address().to_owned();
    assert!(TcpStream::connect(&address).is_ok());
    drop(registry);
    assert!(TcpStream::connect(&address).is_err());
}
