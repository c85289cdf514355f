//! The worlds that tests start from: the JSON files in this folder.

use std::{fs, path::Path};

use albatross_contract::{Inventory, file};
use serde_json::Value;

/// A world with changes merged into its inventory: objects key by key, everything else as a whole. `null`: no changes.
pub fn changed(name: &str, changes: &Value) -> Inventory {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/worlds/{name}.json"));
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut world: Value = serde_json::from_slice(&text).expect("a world is JSON");
    if !changes.is_null() {
        merge(&mut world["inventory"], changes);
    }
    file::read(world.to_string().as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn merge(under: &mut Value, over: &Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                merge(under.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over.clone(),
    }
}
