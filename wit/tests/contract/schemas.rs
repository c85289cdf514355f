//! The JSON schemas that the program prints: what the readers take they allow, what the readers refuse they refuse.

use std::{fs, path::Path};

use albatross_contract::{Inventory, Plan, Snapshot, file, shapes};
use serde_json::{Value, json};

fn example(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Whether a schema allows a value: the keywords of JSON Schema 2020-12 that our schemas have.
fn allows(schema: &Value, root: &Value, value: &Value) -> bool {
    let all = |keyword: &str, test: &dyn Fn(&Value) -> bool| schema.get(keyword).is_none_or(test);
    let matching = |schemas: &Value| {
        schemas.as_array().unwrap().iter().filter(|schema| allows(schema, root, value)).count()
    };
    all("$ref", &|reference| {
        let name = reference.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
        allows(&root["$defs"][name], root, value)
    }) && all("const", &|only| only == value)
        && all("enum", &|names| names.as_array().unwrap().contains(value))
        && all("anyOf", &|schemas| matching(schemas) > 0)
        && all("oneOf", &|schemas| matching(schemas) == 1)
        && all("minimum", &|least| value.as_u64().is_some_and(|number| number >= least.as_u64().unwrap()))
        && all("maximum", &|most| value.as_u64().is_some_and(|number| number <= most.as_u64().unwrap()))
        && all("items", &|item| value.as_array().unwrap().iter().all(|value| allows(item, root, value)))
        && all("required", &|names| {
            names.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some())
        })
        && all("type", &|kind| match kind.as_str().unwrap() {
            "object" => value.as_object().is_some_and(|object| {
                object.iter().all(|(key, value)| {
                    schema["properties"].get(key).is_some_and(|property| allows(property, root, value))
                })
            }),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_u64(),
            "null" => value.is_null(),
            other => panic!("{other}"),
        })
}

fn schema_allows(schema: &Value, value: &Value) -> bool {
    allows(schema, schema, value)
}

#[test]
fn every_example_matches_its_schema() {
    let (settings, inventory) = (shapes::schema_of_settings(), shapes::schema_of_file::<Inventory>());
    assert!(schema_allows(&settings, &example("quickstart/settings.json")));
    assert!(schema_allows(&inventory, &example("quickstart/cloud.json")));
    for name in ["2048-game", "forty-rules"] {
        let snapshot = example(&format!("route-mode/{name}.snapshot.json"));
        assert!(schema_allows(&shapes::schema_of_file::<Snapshot>(), &snapshot), "{name}");
        let plan = example(&format!("route-mode/{name}.plan.json"));
        assert!(schema_allows(&shapes::schema_of_file::<Plan>(), &plan), "{name}");
    }
}

#[test]
fn the_schema_of_settings_allows_what_is_read_and_nothing_else() {
    let schema = shapes::schema_of_settings();
    for (settings, is_good) in [
        (json!({}), true),
        (json!({"grace": "1h"}), true),
        (json!({"grace": 60, "idle-timeout": "90s"}), true),
        (json!({"proxy": {"target-port": 9990, "node-filters": null}}), true),
        (json!({"classes": [{"name": "nginx", "mode": "proxy"}]}), true),
        (json!({"classes": ["nginx"]}), false),
        (json!({"classes": [{"name": "nginx"}]}), false),
        (json!({"proxy": {"target-port": 65_536}}), false),
        (json!({"ip-address-type": "dualstack"}), true),
        (json!({"ip-address-type": "ipv6"}), false),
        (json!({"proxy": {"default-kind": "network", "target-ip-address-type": "ipv6"}}), true),
        (json!({"proxy": {"default-kind": "gateway"}}), false),
        (json!({"proxy": {"target-ip-address-type": "dualstack"}}), false),
        (json!({"graze": 1}), false),
        (json!([]), false),
    ] {
        assert_eq!(schema_allows(&schema, &settings), is_good, "{settings}");
        assert_eq!(file::read_settings(settings.to_string().as_bytes()).is_ok(), is_good, "{settings}");
    }
}

#[test]
fn each_field_of_a_schema_has_a_description() {
    let schema = shapes::schema_of_settings();
    for (name, property) in schema["$defs"]["settings"]["properties"].as_object().unwrap() {
        assert!(property["description"].as_str().is_some_and(|about| about.len() > 10), "{name}: {property}");
    }
}
