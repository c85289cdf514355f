//! Mistakes that people make in files: each is answered with the field and what was expected there.

use albatross_contract::{
    Inventory,
    file::{read, read_settings},
};
use serde_json::{Value, json};

fn settings_error(text: &str) -> String {
    read_settings(text.as_bytes()).unwrap_err().to_string()
}

fn quickstart() -> Value {
    serde_json::from_slice(include_bytes!("../../../examples/quickstart/cloud.json")).unwrap()
}

fn inventory_error(inventory: &Value) -> String {
    read::<Inventory>(inventory.to_string().as_bytes()).unwrap_err().to_string()
}

#[test]
fn a_wrong_type_in_settings_names_the_field_and_what_was_expected() {
    let length = r#"a length of time: seconds as a number, or a text such as "90s", "10m", "1h" or "1h30m""#;
    for (text, said) in [
        (r#"{"grace": true}"#, format!("grace is true, expected {length}")),
        (r#"{"grace": "soon"}"#, format!("grace is \"soon\", expected {length}")),
        (r#"{"grace": -1}"#, format!("grace is -1, expected {length}")),
        (r#"{"idle-timeout": "2000000000h"}"#, format!("idle-timeout is \"2000000000h\", expected {length}")),
        (
            r#"{"proxy": {"target-port": "http"}}"#,
            "proxy.target-port is \"http\", expected a whole number from 0 to 65535".to_owned(),
        ),
        (
            r#"{"proxy": {"target-port": 1.5}}"#,
            "proxy.target-port is 1.5, expected a whole number from 0 to 65535".to_owned(),
        ),
        (r#"{"subnets": "subnet-1"}"#, "subnets is \"subnet-1\", expected a list such as [\"…\"]".to_owned()),
        (r#"{"subnets": ["a", 7]}"#, "subnets[1] is 7, expected a text in quotes".to_owned()),
        (
            r#"{"ingress-class-controller": null}"#,
            "ingress-class-controller is null, expected a text in quotes".to_owned(),
        ),
        (r#"{"ssl-policy": 7}"#, "ssl-policy is 7, expected a text in quotes".to_owned()),
        (
            r#"{"classes": ["nginx"]}"#,
            "classes[0] is \"nginx\", expected an object such as {\"name\": \"…\", \"mode\": \"proxy\" or \"route\"}"
                .to_owned(),
        ),
        (
            r#"{"classes": [{"name": "nginx"}]}"#,
            "missing field `mode` in classes[0], expected \"proxy\" or \"route\"".to_owned(),
        ),
        (r#"{"default-mode": "Proxy"}"#, "default-mode is \"Proxy\", expected \"proxy\" or \"route\"".to_owned()),
        (
            r#"{"identity": "shop"}"#,
            "identity is \"shop\", expected an object with any of `cluster-id`, `cluster-uid` or `controller-id`"
                .to_owned(),
        ),
        (
            r#"{"proxy": {"pods": {"namespace": "kube-system"}}}"#,
            "missing field `label-selector` in proxy.pods, expected a text in quotes".to_owned(),
        ),
        (
            r#"{"ip-address-type": "ipv6"}"#,
            "ip-address-type is \"ipv6\", expected \"ipv4\", \"dualstack\" or \"dualstack-without-public-ipv4\""
                .to_owned(),
        ),
        (
            r#"{"proxy": {"target-ip-address-type": "dualstack"}}"#,
            "proxy.target-ip-address-type is \"dualstack\", expected \"ipv4\" or \"ipv6\"".to_owned(),
        ),
        (
            r#"{"proxy": {"default-kind": "gateway"}}"#,
            "proxy.default-kind is \"gateway\", expected \"application\" or \"network\"".to_owned(),
        ),
        (
            r#"{"proxy": {"route-groups": "none"}}"#,
            "proxy.route-groups is \"none\", expected true or false".to_owned(),
        ),
        (r#"{"allow-untrusted-certificates": "yes"}"#, "allow-untrusted-certificates is \"yes\", expected true or false".to_owned()),
    ] {
        assert_eq!(settings_error(text), format!("not usable as settings: {said}"), "{text}");
    }
}

#[test]
fn an_unknown_field_within_settings_names_where_it_is() {
    let error = settings_error(r#"{"proxy": {"port": 1}}"#);
    assert!(
        error.starts_with(
            "not usable as settings: unknown field `port` in proxy, expected one of `target-port`"
        ),
        "{error}"
    );
}

#[test]
fn lengths_of_time_in_settings_are_numbers_or_words() {
    let settings = read_settings(
        br#"{"grace": "1h30m", "idle-timeout": "90s", "proxy": {"deregistration-delay": "10m", "health-check-interval": 30}}"#,
    )
    .unwrap();
    assert_eq!((settings.grace, settings.idle_timeout), (5_400, 90));
    assert_eq!((settings.proxy.deregistration_delay, settings.proxy.health_check_interval), (600, 30));
}

#[test]
fn a_duplicate_key_is_named() {
    for (text, key) in [
        (r#"{"grace": 60, "grace": 3600}"#, "grace"),
        (r#"{"identity": {"cluster-id": "a", "cluster-id": "b"}}"#, "cluster-id"),
        (r#"{"classes": [{"name": "a", "name": "b", "mode": "proxy"}]}"#, "name"),
    ] {
        let error = settings_error(text);
        assert!(
            error.starts_with(&format!("not usable as settings: the key `{key}` occurs twice at line 1")),
            "{error}"
        );
    }
    let twice = quickstart().to_string().replacen("\"region\":", "\"region\":\"\",\"region\":", 1);
    let error = read::<Inventory>(twice.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("duplicate field `region`"), "{error}");
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_file() {
    let with_mark = |text: &str| format!("\u{feff}{text}").into_bytes();
    assert!(read_settings(&with_mark("{}")).is_ok());
    assert!(read::<Inventory>(&with_mark(&quickstart().to_string())).is_ok());
}

#[test]
fn another_encoding_is_named() {
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("{}".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let error = read_settings(&utf16).unwrap_err().to_string();
    assert_eq!(error, "the file is not UTF-8 text but UTF-16: save it as UTF-8");
}

#[test]
fn a_wrong_type_in_an_inventory_names_the_field_and_the_line() {
    let mut inventory = quickstart();
    inventory["inventory"]["subnets"][1]["free-addresses"] = json!("many");
    let error = inventory_error(&inventory);
    assert!(
        error.starts_with(
            "not usable as inventory: subnets[1].free-addresses is \"many\", expected a whole number from 0 to \
             4294967295 at line 1 column "
        ),
        "{error}"
    );
}

/// The comment of the field in the WIT says what its absence means.
#[test]
fn a_complete_inventory_need_not_contain_incomplete() {
    let mut brief = quickstart();
    brief["inventory"].as_object_mut().unwrap().remove("incomplete");
    brief["inventory"].as_object_mut().unwrap().remove("quotas");
    brief["inventory"].as_object_mut().unwrap().remove("hosted-zones");
    let read_brief = read::<Inventory>(brief.to_string().as_bytes()).unwrap();
    assert_eq!(read_brief.incomplete, []);
    assert_eq!(read_brief.quotas, albatross_contract::Quotas::default());
}

#[test]
fn an_inventory_that_lost_a_list_is_refused_whichever_it_is() {
    let whole = quickstart();
    for (list, _) in whole["inventory"].as_object().unwrap().iter().filter(|(_, value)| value.is_array()) {
        if list == "incomplete" || list == "hosted-zones" {
            continue;
        }
        let mut lost = whole.clone();
        lost["inventory"].as_object_mut().unwrap().remove(list);
        let error = inventory_error(&lost);
        let expected = format!("not usable as inventory: missing field `{list}`, expected a list such as [");
        assert!(error.starts_with(&expected), "{error}");
    }
}

#[test]
fn the_error_for_settings_in_another_language_says_that_they_are_json() {
    for text in ["grace: 1h\n", "# settings\n", "{grace: 1}", r#"{"grace": 1,}"#] {
        let error = settings_error(text);
        assert!(error.starts_with("not usable as settings, which are written in JSON: "), "{error}");
        assert!(error.contains(" at line 1 column "), "{error}");
    }
}
