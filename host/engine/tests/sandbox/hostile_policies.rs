//! A policy cannot harm the host. Each test checks the error, and that the same engine still makes a good plan afterwards.

use std::time::{Duration, Instant};

use albatross_engine::{AnswerError, Breach, Engine, Limits, Policy, PolicyFailed};

use crate::support::{assert_still_works, engine, guests, low_limits, members};

/// The result of asking this policy for groups of three Ingresses in three namespaces.
fn ask(engine: &Engine, component: &[u8]) -> Breach {
    let policy = Policy::load(engine, "hostile.wasm", component).unwrap();
    let failed: PolicyFailed = policy.group(&members(&["shop", "tools", "wiki"])).unwrap_err();
    assert!(failed.to_string().starts_with("policy hostile.wasm failed in grouping: "), "{failed}");
    failed.source.breach
}

#[test]
fn an_endless_loop_uses_up_its_fuel() {
    let engine = engine();
    let breach = ask(&engine, &guests::runs("(loop $again (br $again)) unreachable"));
    assert!(matches!(breach, Breach::OutOfFuel { limit: 10_000_000 }), "{breach}");
    assert_still_works(&engine);
}

#[test]
fn an_endless_loop_without_a_limit_of_fuel_ends_at_the_deadline() {
    let limits = Limits { fuel: u64::MAX, deadline: Duration::from_millis(500), ..low_limits() };
    let engine = Engine::new(limits);
    let policy =
        Policy::load(&engine, "hostile.wasm", &guests::runs("(loop $again (br $again)) unreachable"))
            .unwrap();
    let started = Instant::now();
    let failed = policy.group(&members(&["shop"])).unwrap_err();
    assert!(started.elapsed() >= Duration::from_millis(500), "not before its time");
    assert!(matches!(failed.source.breach, Breach::DeadlineExceeded { .. }), "{failed}");
    assert_eq!(failed.to_string(), "policy hostile.wasm failed in grouping: it had no answer after 500 ms");
    assert_still_works(&engine);
}

#[test]
fn memory_without_bound_ends_at_the_limit() {
    let engine = engine();
    let breach = ask(
        &engine,
        &guests::runs("(loop $again (drop (memory.grow (i32.const 16))) (br $again)) unreachable"),
    );
    assert!(matches!(breach, Breach::OutOfMemory { limit: 16_777_216 }), "{breach}");
    assert_still_works(&engine);
}

#[test]
fn tables_count_as_memory() {
    let engine = engine();
    let component = guests::with(
        "(table $table 1 funcref)",
        "(drop (table.grow $table (ref.null func) (i32.const 4000000))) unreachable",
    );
    let breach = ask(&engine, &component);
    assert!(matches!(breach, Breach::OutOfMemory { .. }), "{breach}");
    assert_still_works(&engine);
}

#[test]
fn a_guest_that_reaches_its_own_maximum_of_memory_may_go_on() {
    let engine = engine();
    let component = guests::with(
        "(memory $own 1 2)",
        "(if (i32.ne (memory.grow $own (i32.const 60000)) (i32.const -1)) (then unreachable)) (i32.const 0)",
    );
    let policy = Policy::load(&engine, "modest.wasm", &component).unwrap();
    assert_eq!(policy.group(&members(&[])).unwrap().groups, []);
}

#[test]
fn a_deep_recursion_overflows_the_stack() {
    let engine = engine();
    let component = guests::with(
        "(func $deeper (param i64) (result i64) (i64.add (call $deeper (local.get 0)) (local.get 0)))",
        "(drop (call $deeper (i64.const 1))) unreachable",
    );
    let breach = ask(&engine, &component);
    assert!(matches!(breach, Breach::StackOverflow), "{breach}");
    assert_still_works(&engine);
}

#[test]
fn a_crash_is_reported_with_the_function_that_crashed() {
    let engine = engine();
    let component =
        guests::with("(func $divide_by_teams unreachable)", "(call $divide_by_teams) unreachable");
    let breach = ask(&engine, &component);
    assert!(matches!(breach, Breach::Trap { .. }), "{breach}");
    assert!(breach.to_string().ends_with("(in divide_by_teams)"), "{breach}");
    assert_still_works(&engine);
}

#[test]
fn the_text_of_a_panic_is_told() {
    let engine = engine();
    let breach = ask(&engine, &guests::panics("src/lib.rs:12:9: no team in équipe".as_bytes()));
    assert!(matches!(breach, Breach::Panic { .. }), "{breach}");
    assert_eq!(breach.to_string(), "it panicked: src/lib.rs:12:9: no team in équipe");
    assert_still_works(&engine);
}

#[test]
fn the_text_of_a_panic_moves_no_cursor_and_fills_no_screen() {
    let engine = engine();
    let breach = ask(&engine, &guests::panics(b"\x1b[2J\nfit to run\r\xff\xfe\xc2\x9b31m"));
    assert_eq!(breach.to_string(), "it panicked: [2J fit to run \u{fffd}\u{fffd} 31m");
    let breach = ask(&engine, &guests::panics(&b"no ".repeat(100_000)));
    assert!(breach.to_string().starts_with("it panicked: no no no "), "{breach}");
    assert!(breach.to_string().chars().count() <= "it panicked: ".len() + 1_024);
    let breach = ask(&engine, &guests::panics(b"\x07\n"));
    assert!(matches!(breach, Breach::Trap { .. }), "there is nothing to show: {breach}");
    assert_still_works(&engine);
}

#[test]
fn a_text_of_a_panic_hides_no_limit() {
    let engine = engine();
    let text = "(data (i32.const 8192) \"albatross-panic-message:it is fine\")";
    let breach = ask(&engine, &guests::with(text, "unreachable"));
    assert_eq!(breach.to_string(), "it panicked: it is fine");
    let breach = ask(&engine, &guests::with(text, "(loop $again (br $again)) unreachable"));
    assert!(matches!(breach, Breach::OutOfFuel { .. }), "{breach}");
    let grows = "(loop $again (drop (memory.grow (i32.const 16))) (br $again)) unreachable";
    let breach = ask(&engine, &guests::with(text, grows));
    assert!(matches!(breach, Breach::OutOfMemory { .. }), "{breach}");
    assert_still_works(&engine);
}

#[test]
fn groups_that_share_one_text_are_too_large_when_each_gets_a_copy() {
    let engine = engine();
    let breach = ask(&engine, &guests::groups_that_share_a_key(1_000, 60_000));
    assert!(matches!(breach, Breach::ReturnedTooMuch { limit: 1_048_576 }), "{breach}");
    assert_still_works(&engine);
}

#[test]
fn a_list_longer_than_the_memory_cannot_be_read() {
    let engine = engine();
    for count in [100_000, 1 << 28, u32::MAX] {
        let is_told_at_once = || {
            let started = Instant::now();
            let breach = ask(&engine, &guests::groups_declared(count));
            assert!(matches!(breach, Breach::Unreadable { .. }), "{count}: {breach}");
            started.elapsed() < Duration::from_secs(5)
        };
        // A busy machine can be late, but not each time.
        assert!((0..5).any(|_| is_told_at_once()), "{count}: nothing is allocated for what is not there");
    }
    assert_still_works(&engine);
}

#[test]
fn a_pointer_out_of_memory_cannot_be_read() {
    let engine = engine();
    let breach = ask(&engine, &guests::key_at(0xffff_fff0, 8));
    assert!(matches!(breach, Breach::Unreadable { .. }), "{breach}");
    assert!(breach.to_string().starts_with("its answer cannot be read: "), "{breach}");
    assert_still_works(&engine);
}

#[test]
fn a_text_that_is_not_utf_8_cannot_be_read() {
    let engine = engine();
    let breach = ask(&engine, &guests::key_of_bytes(&[0xff, 0xfe]));
    assert!(matches!(breach, Breach::Unreadable { .. }), "{breach}");
    assert_still_works(&engine);
}

#[test]
fn a_result_of_no_known_case_cannot_be_read() {
    let engine = engine();
    let breach = ask(&engine, &guests::neither_answer_nor_refusal());
    assert!(matches!(breach, Breach::Unreadable { .. }), "{breach}");
    assert_still_works(&engine);
}

#[test]
fn an_index_out_of_range_is_an_invalid_answer() {
    let engine = engine();
    let breach = ask(&engine, &guests::one_group("shop", &[0, 1, 2, 3]));
    let Breach::InvalidAnswer(error) = breach else { panic!("{breach}") };
    assert_eq!(*error, AnswerError::OutOfRange { what: "member", index: 3, count: 3 });
    assert_still_works(&engine);
}

#[test]
fn a_member_twice_is_an_invalid_answer() {
    let engine = engine();
    let breach = ask(&engine, &guests::groups(&[("a", &[0, 1]), ("b", &[1, 2])], &[]));
    assert_eq!(
        breach.to_string(),
        r#"its answer cannot be used: tools/web appears twice: group "a" and group "b""#
    );
    assert_still_works(&engine);
}

#[test]
fn a_member_that_is_grouped_and_rejected_is_an_invalid_answer() {
    let engine = engine();
    let breach = ask(&engine, &guests::groups(&[("a", &[0, 1, 2])], &[2]));
    assert_eq!(
        breach.to_string(),
        r#"its answer cannot be used: wiki/web appears twice: group "a" and rejected"#
    );
    assert_still_works(&engine);
}

#[test]
fn a_member_missing_is_an_invalid_answer() {
    let engine = engine();
    let breach = ask(&engine, &guests::one_group("shop", &[0, 2]));
    assert_eq!(
        breach.to_string(),
        "its answer cannot be used: tools/web is in no group, not left to the planner, and not rejected"
    );
    assert_still_works(&engine);
}

#[test]
fn a_refusal_is_reported_in_the_words_of_the_policy() {
    let engine = engine();
    let breach = ask(&engine, &guests::refuses("namespace wiki has no team"));
    assert_eq!(breach.to_string(), "it refused: namespace wiki has no team");
    assert_still_works(&engine);
}

#[test]
fn a_refusal_moves_no_cursor_and_fills_no_screen() {
    let engine = engine();
    let breach = ask(&engine, &guests::refuses("\u{1b}[2J\nnamespace wiki\nhas no team\n"));
    assert_eq!(breach.to_string(), "it refused: [2J namespace wiki has no team");
    let breach = ask(&engine, &guests::refuses(&"no ".repeat(350_000)[..1_000_000]));
    assert_eq!(breach.to_string().chars().count(), "it refused: ".len() + 1_024);
    assert_still_works(&engine);
}

#[test]
fn a_description_forges_no_line_and_fills_no_screen() {
    let engine = engine();
    let describe = |texts: [&str; 3], schema: &str| {
        Policy::load(&engine, "describes.wasm", &guests::describes(texts, schema)).unwrap().describe()
    };
    let summary = "Good.\n\nfit to run\u{1b}[2J";
    let described =
        describe([&"n".repeat(1_000), "1\r0", summary], "{\"title\": \"a\\nb\",\n \"x\": \"\u{9b}\"}")
            .unwrap();
    assert_eq!((described.name.len(), described.version.as_str()), (64, "1 0"));
    assert_eq!(described.summary, "Good.  fit to run [2J");
    assert_eq!(described.settings_schema.as_deref(), Some(r#"{"title":"a\nb","x":""}"#));
    for (schema, expected) in [
        ("yes".to_owned(), "the schema of its settings is not a JSON object: "),
        ("[]".to_owned(), "the schema of its settings is not a JSON object: "),
        (format!("{{\"x\": \"{}\"}}", "x".repeat(65_536)), "the schema of its settings has 65545 bytes"),
    ] {
        let failed = describe(["test", "1", "A test."], &schema).unwrap_err().to_string();
        assert!(failed.contains(expected), "{failed}");
    }
    assert_still_works(&engine);
}

#[test]
fn a_policy_that_is_asked_at_a_point_that_it_does_not_decide_fails() {
    let engine = engine();
    let policy = Policy::load(&engine, "subnets.wasm", &guests::subnets(&[])).unwrap();
    let failed = policy.group(&members(&["shop"])).unwrap_err();
    assert!(matches!(failed.source.breach, Breach::NotItsPoint), "{failed}");
}

#[test]
fn a_call_that_failed_leaves_nothing_behind_for_the_next() {
    let engine = engine();
    // It answers its first call and would crash in its second, if its counter survived the first.
    let component = guests::with(
        "(global $calls (mut i32) (i32.const 0))",
        "(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
         (if (i32.gt_u (global.get $calls) (i32.const 1)) (then unreachable))
         (i32.const 0)",
    );
    let policy = Policy::load(&engine, "counts.wasm", &component).unwrap();
    for _ in 0..3 {
        assert_eq!(policy.group(&members(&[])).unwrap().groups, []);
    }
}
