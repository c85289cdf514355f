//! The envelope of files: what a newer, a truncated or a wrong file is answered.

use albatross_contract::{
    Inventory, Mode, Plan, Settings, Snapshot,
    file::{self, read, read_settings},
};

fn plan_error(text: &str) -> String {
    read::<Plan>(text.as_bytes()).unwrap_err().to_string()
}

const PLAN: &str =
    r#"{"load-balancers": [], "actions": [], "outcomes": [], "diagnostics": [], "withheld": []}"#;

#[test]
fn a_plan_is_read_whatever_the_order_of_version_and_content() {
    for text in [
        format!(r#"{{"format-version": 1, "plan": {PLAN}}}"#),
        format!(r#"{{"plan": {PLAN}, "format-version": 1}}"#),
    ] {
        assert_eq!(read::<Plan>(text.as_bytes()).unwrap().actions, []);
    }
}

#[test]
fn a_file_of_a_newer_albatross_is_distinguished_from_a_broken_file_even_if_it_has_unknown_fields() {
    let newer =
        r#"{"format-version": 2, "plan": {"actions": [{"kind": "not known yet"}]}, "signature": "…"}"#;
    assert_eq!(
        plan_error(newer),
        "the file has format-version 2, but this albatross reads 1: use the version that wrote the file, or a newer one"
    );
}

#[test]
fn the_error_for_a_file_without_a_version_shows_the_expected_form() {
    assert_eq!(
        plan_error(PLAN),
        "the file has no format-version: it must be {\"format-version\": 1, \"plan\": …}"
    );
}

#[test]
fn a_truncated_file_is_called_truncated_wherever_it_ends() {
    let whole = format!("{{\"format-version\": 1,\n \"plan\": {PLAN}}}");
    for end in 1..whole.len() {
        let error = plan_error(&whole[..end]);
        assert!(error.starts_with("the file is truncated: it ends at line "), "{end}: {error}");
    }
    assert_eq!(plan_error(&whole[..40]), "the file is truncated: it ends at line 2, column 18, within plan");
    assert_eq!(plan_error(""), "the file is truncated: it ends at line 1, column 0, within plan");
}

#[test]
fn an_unknown_field_is_named_with_its_line() {
    let in_content = "{\"format-version\": 1, \"plan\": {\n\"load-balancers\": [],\n\"acions\": []}}";
    let error = plan_error(in_content);
    assert!(error.starts_with("not usable as plan: unknown field `acions`, expected one of "), "{error}");
    assert!(error.contains(" at line 3 column "), "{error}");

    let beside = format!("{{\"format-version\": 1,\n\"comment\": \"\", \"plan\": {PLAN}}}");
    let error = plan_error(&beside);
    assert!(
        error.starts_with(
            "not usable as plan: unknown field `comment`, expected `format-version` or `plan` at line 2"
        ),
        "{error}"
    );
}

#[test]
fn the_error_for_a_file_with_other_content_says_what_was_expected() {
    let text = format!(r#"{{"format-version": 1, "plan": {PLAN}}}"#);
    let error = read::<Snapshot>(text.as_bytes()).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "not usable as snapshot: unknown field `plan`, expected `format-version` or `snapshot`"
        ),
        "{error}"
    );
    let error = read::<Inventory>(b"{\"format-version\": 1}").unwrap_err().to_string();
    assert!(error.starts_with("not usable as inventory: missing field `inventory`"), "{error}");
}

#[test]
fn a_list_that_a_file_lost_is_not_taken_for_an_empty_one() {
    let lost = r#"{"format-version": 1, "plan": {"load-balancers": [], "outcomes": [], "diagnostics": [], "withheld": []}}"#;
    assert!(
        plan_error(lost).starts_with("not usable as plan: missing field `actions`"),
        "{}",
        plan_error(lost)
    );
}

#[test]
fn trailing_characters_and_duplicate_content_are_refused() {
    let whole = format!(r#"{{"format-version": 1, "plan": {PLAN}}}"#);
    assert!(plan_error(&(whole + "{}")).starts_with("not usable as plan: trailing characters"));
    let twice = format!(r#"{{"format-version": 1, "plan": {PLAN}, "plan": {PLAN}}}"#);
    assert!(
        plan_error(&twice).starts_with("not usable as plan: duplicate field `plan`"),
        "{}",
        plan_error(&twice)
    );
}

#[test]
fn what_is_written_is_read_again() {
    let plan: Plan = serde_json::from_str(PLAN).unwrap();
    let text = file::write(&plan).unwrap();
    assert!(text.starts_with(b"{\n  \"format-version\": 1,\n  \"plan\": {") && text.ends_with(b"}\n"));
    assert_eq!(read::<Plan>(&text).unwrap(), plan);
}

#[test]
fn a_settings_file_holds_any_part_of_the_settings() {
    let settings = read_settings(
        br#"{"identity": {"cluster-id": "shop"}, "classes": [{"name": "alb", "mode": "route"}], "proxy": {"target-port": 9990}}"#,
    )
    .unwrap();
    assert_eq!(
        (settings.identity.cluster_id.as_str(), settings.identity.controller_id.as_str()),
        ("shop", "albatross")
    );
    assert_eq!(settings.classes.len(), 1);
    assert_eq!(settings.classes[0].mode, Mode::Route);
    assert_eq!((settings.proxy.target_port, settings.proxy.health_check_port), (9990, 9999));
    assert_eq!(read_settings(b"{}").unwrap(), Settings::default());
}

#[test]
fn an_unknown_setting_is_named() {
    for (text, key) in [(r#"{"graze": 1}"#, "graze"), (r#"{"proxy": {"port": 1}}"#, "port")] {
        let error = read_settings(text.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("not usable as settings: unknown field `{key}`")), "{error}");
    }
    let error = read_settings(br#"{"grace": "#).unwrap_err().to_string();
    assert!(error.starts_with("the file is truncated: "), "{error}");
}
