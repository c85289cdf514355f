//! Starting without an account: examples and schemas that the program prints.

use albatross_contract::{Inventory, file};
use serde_json::Value;

use crate::program::{Folder, quickstart, run};

fn printed(arguments: &[&str]) -> String {
    let answer = run(arguments);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{arguments:?}");
    answer.stdout
}

#[test]
fn the_printed_examples_make_a_plan() {
    let folder = Folder::new("begin");
    let inventory = folder.file("account.json", printed(&["example", "inventory"]));
    let settings = folder.file("settings.json", printed(&["example", "settings"]));
    let manifests = folder.file("shop.yaml", printed(&["example", "manifests"]));
    let answer = run(&["plan", "--manifests", &manifests, "--cloud", &inventory, "--settings", &settings]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert!(answer.stdout.contains("Plan: 2 to create"), "{}", answer.stdout);
}

#[test]
fn the_printed_inventory_is_that_of_the_quickstart() {
    let inventory: Inventory = file::read(printed(&["example", "inventory"]).as_bytes()).unwrap();
    let expected = std::fs::read(quickstart("cloud.json")).unwrap();
    assert_eq!(inventory, file::read(&expected).unwrap());
}

#[test]
fn every_schema_is_json_and_has_a_title() {
    for kind in ["settings", "inventory", "snapshot", "plan", "bundle"] {
        let schema: Value = serde_json::from_str(&printed(&["schema", kind])).unwrap();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["title"], format!("Albatross: {kind}"));
    }
}

/// The schema describes every field of the example.
#[test]
fn schema_and_example_of_an_inventory_have_the_same_fields() {
    let schema: Value = serde_json::from_str(&printed(&["schema", "inventory"])).unwrap();
    let example: Value = serde_json::from_str(&printed(&["example", "inventory"])).unwrap();
    let properties = &schema["$defs"]["inventory"]["properties"];
    for field in example["inventory"].as_object().unwrap().keys() {
        assert!(properties[field]["description"].is_string(), "{field}");
    }
    for required in schema["$defs"]["inventory"]["required"].as_array().unwrap() {
        assert!(!example["inventory"][required.as_str().unwrap()].is_null(), "{required}");
    }
}

#[test]
fn the_help_of_plan_has_an_example_of_each_input() {
    let help = run(&["plan", "--help"]).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for example in [
        r#"{"identity": {"cluster-id": "shop""#,
        "account.json",
        "one-per-namespace.wasm",
        "albatross example inventory",
    ] {
        assert!(help.contains(example), "{example:?} is not in {help}");
    }
}

#[test]
fn an_inventory_of_a_person_is_not_simulated_with_the_built_in_manifests() {
    let answer = run(&["simulate", "--cloud", &quickstart("cloud.json")]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    assert!(answer.stderr.contains("--manifests"), "{}", answer.stderr);
}
