//! Files that are refused before they run, and the messages.

use albatross_engine::{Breach, Engine, Limits, Planner, Policy, Unfit, UnfitComponent};
use albatross_test_guests::worlds;

use crate::support::{assert_still_works, engine, guests, planner};

fn policy(engine: &Engine, bytes: &[u8]) -> UnfitComponent {
    let Err(unfit) = Policy::load(engine, "teams.wasm", bytes) else { panic!("the policy was taken") };
    assert!(unfit.to_string().starts_with("policy teams.wasm "), "{unfit}");
    unfit
}

fn custom_planner(engine: &Engine, bytes: &[u8]) -> UnfitComponent {
    let Err(unfit) = Planner::load(engine, "mine.wasm", bytes) else { panic!("the planner was taken") };
    assert!(unfit.to_string().starts_with("planner mine.wasm "), "{unfit}");
    unfit
}

const CLOCK: &str = r#"(import "wasi:clocks/wall-clock@0.2.0" "now" (func (result i64)))"#;

#[test]
fn a_policy_that_imports_a_clock_is_refused_and_the_clock_named() {
    let engine = engine();
    let unfit = policy(&engine, &worlds::component("policy-with-a-clock", &guests::grouping_text(CLOCK)));
    assert_eq!(
        unfit.to_string(),
        "policy teams.wasm imports wasi:clocks/wall-clock@0.2.0; a policy may import nothing, so that the same snapshot always gives the same plan"
    );
    assert_still_works(&engine);
}

#[test]
fn a_policy_that_asks_another_policy_is_refused() {
    let engine = engine();
    let import = r#"(import "albatross:planner/subnets@0.1.0" "select" (func (param i32 i32 i32 i32 i32 i32 i32 i32)))"#;
    let unfit =
        policy(&engine, &worlds::component("policy-that-asks-a-policy", &guests::grouping_text(import)));
    let Unfit::ForbiddenImport { import, .. } = unfit.reason else { panic!("{unfit}") };
    assert_eq!(import, "albatross:planner/subnets@0.1.0");
}

#[test]
fn a_planner_that_imports_more_than_the_policy_points_is_refused() {
    let engine = engine();
    let text = planner::lonely_text(CLOCK, "unreachable");
    let unfit = custom_planner(&engine, &worlds::component("planner-with-a-clock", &text));
    assert_eq!(
        unfit.to_string(),
        "planner mine.wasm imports wasi:clocks/wall-clock@0.2.0; a planner may import nothing but the policy points of albatross:planner@0.1.0, so that the same snapshot always gives the same plan"
    );
    assert_still_works(&engine);
}

#[test]
fn native_code_is_refused() {
    let engine = engine();
    let native = wasmtime::Engine::default().precompile_component(&guests::one_group("shop", &[])).unwrap();
    let unfit = policy(&engine, &native);
    assert!(matches!(unfit.reason, Unfit::NativeCode), "{unfit}");
    let unfit = custom_planner(&engine, &native);
    assert!(matches!(unfit.reason, Unfit::NativeCode), "{unfit}");
    assert_still_works(&engine);
}

#[test]
fn a_truncated_file_is_refused() {
    let engine = engine();
    let whole = guests::one_group("shop", &[]);
    for length in [9, 100, whole.len() - 1] {
        let unfit = policy(&engine, &whole[..length]);
        assert!(matches!(unfit.reason, Unfit::Broken { .. }), "{length} bytes: {unfit}");
    }
    // Cut between two sections, it is still a component, but exports nothing.
    let unfit = policy(&engine, &whole[..8]);
    assert!(matches!(unfit.reason, Unfit::NoPoint), "{unfit}");
    assert_still_works(&engine);
}

#[test]
fn an_empty_file_is_refused() {
    let unfit = policy(&engine(), b"");
    assert_eq!(unfit.to_string(), "policy teams.wasm is empty: pass a WebAssembly component");
}

#[test]
fn a_file_that_is_not_webassembly_is_refused() {
    let engine = engine();
    for bytes in [&b"apiVersion: v1"[..], b"(component)", b"\0as"] {
        let unfit = policy(&engine, bytes);
        assert!(matches!(unfit.reason, Unfit::NotWebAssembly), "{unfit}");
    }
}

#[test]
fn a_core_module_is_refused_with_what_to_do() {
    let unfit = policy(&engine(), &worlds::core_module("(module)"));
    assert!(matches!(unfit.reason, Unfit::CoreModule), "{unfit}");
    assert!(unfit.to_string().contains("wasm-tools component new"), "{unfit}");
}

#[test]
fn a_policy_over_the_size_limit_is_refused_before_it_is_compiled() {
    let whole = guests::one_group("shop", &[]);
    let exact = Engine::new(Limits { policy_size: whole.len(), ..Limits::default() });
    assert!(Policy::load(&exact, "teams.wasm", &whole).is_ok());

    let less = Engine::new(Limits { policy_size: whole.len() - 1, ..Limits::default() });
    let unfit = policy(&less, &whole);
    assert!(matches!(unfit.reason, Unfit::TooLarge { size, limit } if size == limit + 1), "{unfit}");
}

#[test]
fn a_policy_may_have_two_mib_by_default() {
    let engine = Engine::new(Limits::default());
    let unfit = policy(&engine, &vec![0; (2 << 20) + 1]);
    assert!(matches!(unfit.reason, Unfit::TooLarge { size: 2_097_153, limit: 2_097_152 }), "{unfit}");
}

#[test]
fn a_policy_without_a_point_is_refused() {
    let engine = engine();
    let text = guests::grouping_text("").replace("albatross:planner/grouping@0.1.0#group", "not-a-point");
    let unfit = policy(&engine, &worlds::component("policy-without-a-point", &text));
    assert!(matches!(unfit.reason, Unfit::NoPoint), "{unfit}");
}

#[test]
fn a_planner_is_not_a_policy_and_a_policy_is_not_a_planner() {
    let engine = engine();
    // The policy points that a planner imports are refused first.
    let unfit = policy(&engine, &planner::asks_every_point());
    assert!(matches!(unfit.reason, Unfit::ForbiddenImport { .. }), "{unfit}");
    let unfit = policy(&engine, &planner::runs("unreachable"));
    assert!(matches!(unfit.reason, Unfit::NoPoint), "{unfit}");
    let unfit = custom_planner(&engine, &guests::one_group("shop", &[]));
    let Unfit::MissingExport { export } = &unfit.reason else { panic!("{unfit}") };
    assert_eq!(export, "albatross:planner/planner@0.1.0.make-plan");
}

#[test]
fn a_policy_that_does_not_describe_itself_is_refused() {
    let text = guests::grouping_text("")
        .replace("albatross:planner/policy@0.1.0#describe", "a")
        .replace("albatross:planner/policy@0.1.0#validate-settings", "b");
    let unfit = policy(&engine(), &worlds::component("point-without-a-description", &text));
    let Unfit::MissingExport { export } = &unfit.reason else { panic!("{unfit}") };
    assert_eq!(export, "albatross:planner/policy@0.1.0.describe");
}

#[test]
fn a_policy_for_a_contract_with_other_types_is_refused() {
    let text = guests::grouping_text("").replace("(param i32 i32 i32 i32 i32 i32)", "(param i32 i32)");
    let unfit = policy(&engine(), &worlds::component_of_another_contract("grouping-policy", &text));
    assert!(matches!(unfit.reason, Unfit::OtherContract { .. }), "{unfit}");
}

#[test]
fn a_start_that_never_ends_is_refused() {
    let engine = engine();
    let unfit = policy(&engine, &guests::starts_with("(loop $again (br $again))"));
    assert!(matches!(unfit.reason, Unfit::DoesNotStart { breach: Breach::OutOfFuel { .. } }), "{unfit}");
    assert_eq!(
        unfit.to_string(),
        "policy teams.wasm does not start: it used up its fuel of 10000000, which an endless loop does"
    );
    assert_still_works(&engine);
}

#[test]
fn a_policy_that_begins_with_more_memory_than_it_may_have_is_refused() {
    let engine = engine();
    let unfit = policy(&engine, &guests::with("(memory $more 300)", "unreachable"));
    assert!(matches!(unfit.reason, Unfit::DoesNotStart { breach: Breach::OutOfMemory { .. } }), "{unfit}");
    assert_still_works(&engine);
}
