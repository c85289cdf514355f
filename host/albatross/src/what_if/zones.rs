//! A zone less.

use albatross_contract::Snapshot;

use super::{impossible, nodes};
use crate::error::Error;

/// Removes a zone with its subnets and nodes. Load balancers still name the subnets: the plan takes them away.
pub fn remove(snapshot: &mut Snapshot, zone: &str) -> Result<(), Error> {
    let inventory = &mut snapshot.inventory;
    let mut zones: Vec<&str> = inventory.subnets.iter().map(|subnet| subnet.zone.as_str()).collect();
    zones.sort_unstable();
    zones.dedup();
    if !zones.contains(&zone) {
        let problem = format!("the snapshot has no subnet in {zone}, but in {}", zones.join(", "));
        return Err(impossible("--without-zone", problem));
    }
    if zones.len() == 1 {
        return Err(impossible("--without-zone", format!("{zone} is the only zone of the snapshot")));
    }
    let gone: Vec<String> =
        inventory.subnets.iter().filter(|it| it.zone == zone).map(|it| it.id.clone()).collect();
    inventory.subnets.retain(|subnet| subnet.zone != zone);
    inventory.zones.retain(|found| found.name != zone);
    for table in &mut inventory.route_tables {
        table.subnets.retain(|subnet| !gone.contains(subnet));
    }
    let ids = inventory.instances.iter().filter(|it| it.zone == zone).map(|it| it.id.clone()).collect();
    nodes::remove(snapshot, &ids);
    Ok(())
}
