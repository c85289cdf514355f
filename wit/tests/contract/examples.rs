//! The files in `examples/`: every one is what its name says, and nothing of it is lost when it is written again.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use albatross_contract::{
    Bundle, Inventory, Plan, Snapshot,
    file::{self, FileContent},
};
use serde_json::Value;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

/// All JSON files below a folder.
fn json_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            json_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
}

/// Reads a file as the type of its content and writes it again.
fn written_again<T: FileContent>(text: &[u8]) -> Value {
    serde_json::from_slice(&file::write(&file::read::<T>(text).unwrap()).unwrap()).unwrap()
}

#[test]
fn every_example_validates_and_is_the_same_when_it_is_written_again() {
    let mut files = Vec::new();
    json_files(&examples(), &mut files);
    let mut seen = BTreeSet::new();
    for path in files {
        let text = fs::read(&path).unwrap();
        let before: Value = serde_json::from_slice(&text).unwrap();
        let content = before.as_object().unwrap().keys().find(|key| *key != "format-version").unwrap();
        let after = match content.as_str() {
            Inventory::NAME => written_again::<Inventory>(&text),
            Snapshot::NAME => written_again::<Snapshot>(&text),
            Plan::NAME => written_again::<Plan>(&text),
            Bundle::NAME => written_again::<Bundle>(&text),
            _ => {
                file::read_settings(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                before.clone()
            }
        };
        assert_eq!(before, after, "{}", path.display());
        seen.insert(path.strip_prefix(examples()).unwrap().to_str().unwrap().to_owned());
    }
    for name in [
        "quickstart/cloud.json",
        "quickstart/settings.json",
        "route-mode/2048-game.snapshot.json",
        "route-mode/2048-game.plan.json",
        "route-mode/forty-rules.snapshot.json",
        "route-mode/forty-rules.plan.json",
    ] {
        assert!(seen.contains(name), "{name} is missing");
    }
}

#[test]
fn the_quickstart_account_has_the_documented_time_and_region() {
    let inventory =
        file::read::<Inventory>(&fs::read(examples().join("quickstart/cloud.json")).unwrap()).unwrap();
    assert_eq!(inventory.observed_at, 1_795_253_400); // 2026-11-21T09:30:00Z
    assert_eq!((inventory.account.as_str(), inventory.region.as_str()), ("123456789012", "eu-central-1"));
    assert_eq!(inventory.incomplete, []);
}

/// A file whose parts contradict each other would be a poor example: ids that are named exist, once.
#[test]
fn the_quickstart_account_names_only_resources_that_it_contains() {
    let inventory =
        file::read::<Inventory>(&fs::read(examples().join("quickstart/cloud.json")).unwrap()).unwrap();
    names_only_what_it_holds(&inventory);
    for name in ["2048-game", "forty-rules"] {
        let path = examples().join(format!("route-mode/{name}.snapshot.json"));
        names_only_what_it_holds(&file::read::<Snapshot>(&fs::read(path).unwrap()).unwrap().inventory);
    }
}

fn names_only_what_it_holds(inventory: &Inventory) {
    fn unique<'a>(ids: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
        let ids: Vec<&str> = ids.collect();
        let set: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), set.len(), "an id twice");
        set
    }
    fn all_in(names: &[String], ids: &BTreeSet<&str>) {
        for name in names {
            assert!(ids.contains(name.as_str()), "{name} is named and not there");
        }
    }
    let zones = unique(inventory.zones.iter().map(|zone| zone.name.as_str()));
    let subnets = unique(inventory.subnets.iter().map(|subnet| subnet.id.as_str()));
    let security_groups = unique(inventory.security_groups.iter().map(|group| group.id.as_str()));
    let certificates = unique(inventory.certificates.iter().map(|certificate| certificate.arn.as_str()));
    let target_groups = unique(inventory.target_groups.iter().map(|group| group.arn.as_str()));
    let load_balancers = unique(inventory.load_balancers.iter().map(|balancer| balancer.arn.as_str()));
    let instances = unique(inventory.instances.iter().map(|instance| instance.id.as_str()));

    for subnet in &inventory.subnets {
        assert_eq!(subnet.vpc_id, inventory.vpc.id);
        assert!(zones.contains(subnet.zone.as_str()));
    }
    assert_eq!(inventory.route_tables.iter().filter(|table| table.main).count(), 1);
    inventory.route_tables.iter().for_each(|table| all_in(&table.subnets, &subnets));
    for balancer in &inventory.load_balancers {
        all_in(&balancer.subnets, &subnets);
        all_in(&balancer.security_groups, &security_groups);
        for listener in &balancer.listeners {
            all_in(listener.default_certificate.as_slice(), &certificates);
            all_in(&listener.certificates, &certificates);
        }
    }
    for group in &inventory.target_groups {
        all_in(&group.load_balancer_arns, &load_balancers);
        group.targets.iter().for_each(|target| all_in(std::slice::from_ref(&target.id), &instances));
    }
    for group in &inventory.auto_scaling_groups {
        all_in(&group.instances, &instances);
        all_in(&group.target_groups, &target_groups);
        for instance in inventory.instances.iter().filter(|instance| group.instances.contains(&instance.id)) {
            assert_eq!(instance.auto_scaling_group.as_ref(), Some(&group.name));
        }
    }
    for instance in &inventory.instances {
        let subnet =
            inventory.subnets.iter().find(|subnet| Some(&subnet.id) == instance.subnet_id.as_ref()).unwrap();
        assert_eq!(subnet.zone, instance.zone);
        all_in(&instance.security_groups, &security_groups);
    }
}
