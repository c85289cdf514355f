//! Planners. The plan of a planner that asks policies is empty except for `next-change-at`, which encodes how many answers
//! the policies gave.

use crate::{guests::REALLOC, image::Image, worlds};

/// The amount that each group adds to `next-change-at`.
pub const GROUPING: u64 = 1;
/// The amount that each subnet adds to `next-change-at`.
pub const SUBNETS: u64 = 100;
/// The amount that each certificate choice adds to `next-change-at`.
pub const CERTIFICATES: u64 = 10_000;

/// A planner that asks the policy at each point that the settings name and the snapshot does not freeze, and counts the
/// answers.
pub fn asks_every_point() -> Vec<u8> {
    worlds::component("planner-component", &text("(call $count (local.get $snapshot))"))
}

/// A planner that asks for groups, whatever the settings say.
pub fn asks_unasked() -> Vec<u8> {
    worlds::component("planner-component", &text("(drop (call $groups)) (i64.const 0)"))
}

/// A planner that asks for groups as often as is allowed.
pub fn asks_sixteen_times() -> Vec<u8> {
    worlds::component(
        "planner-component",
        &text(&format!("{}(i64.const 0)", "(drop (call $groups)) ".repeat(16))),
    )
}

/// A planner that asks for groups for ever.
pub fn asks_for_ever() -> Vec<u8> {
    let body = "(loop $again (drop (call $groups)) (br $again)) (i64.const 0)";
    worlds::component("planner-component", &text(body))
}

/// A planner that asks for groups once and then runs for ever.
pub fn asks_and_loops() -> Vec<u8> {
    let body = "(drop (call $groups)) (loop $again (br $again)) (i64.const 0)";
    worlds::component("planner-component", &text(body))
}

/// A planner that runs these instructions and asks no policy.
pub fn runs(instructions: &str) -> Vec<u8> {
    worlds::component("planner-component", &lonely_text("", instructions))
}

/// A planner that lies: whatever the snapshot contains, its plan is a single action with this id, which deletes this load
/// balancer, and no Ingress has an outcome.
pub fn deletes_load_balancer(action: &str, arn: &str) -> Vec<u8> {
    let mut image = Image::new();
    let id = image.text(action.as_bytes());
    let arn = image.text(arn.as_bytes());
    let reason = image.text(b"nobody needs it");
    // More words than an action has. Fields that are not written here are zero: empty, or the first case.
    let mut record = [0; 64];
    let mut put = |path: &[&str], words: &[u32]| {
        let at = worlds::offset(path) / 4;
        record[at..at + words.len()].copy_from_slice(words);
    };
    put(&["action", "id"], &id);
    put(&["action", "reason"], &reason);
    let existing = worlds::case("resource-reference", "existing");
    let delete = worlds::case("operation", "delete-load-balancer");
    put(&["action", "operation"], &[delete, existing, arn[0], arn[1]]);
    let record = image.words(&record);
    // result<plan, planning-error>: the case, aligned to 8; then the plan.
    let mut plan = [0; 16];
    let actions = 2 + worlds::offset(&["plan", "actions"]) / 4;
    plan[actions..actions + 2].copy_from_slice(&[record, 1]);
    let plan = image.words(&plan);
    let text = answering("", &image.memory(), &format!("(i32.const {plan})"));
    worlds::component("planner-component", &text)
}

/// The text of a planner that asks no policy, for any world.
pub fn lonely_text(definitions: &str, instructions: &str) -> String {
    answering(definitions, r#"(memory (export "memory") 1)"#, instructions)
}

fn answering(definitions: &str, memory: &str, instructions: &str) -> String {
    format!(
        r#"(module
            {definitions}
            {memory}
            (func (export "albatross:planner/planner@0.1.0#make-plan") (param $snapshot i32) (result i32)
                {instructions})
            (func (export "albatross:planner/planner@0.1.0#explain") (param i32) (result i32) unreachable)
            {REALLOC}
        )"#
    )
}

/// A planner whose instructions return the number that becomes `next-change-at`; 0: it is absent. The planner asks about one
/// subnet, one host with one certificate that covers it, and two members.
fn text(number: &str) -> String {
    let mut image = Image::new();
    // result<plan, planning-error>: the case, aligned to 8; five lists; the option; its number.
    let plan = image.words(&[0; 16]);
    // The answer of a policy: the case, then the address and the length of a list.
    let answer = image.words(&[0; 8]);
    let subnet = image.words(&[0; 8]);
    // All their fields may be zero.
    let members = image.words(&[0; 128]);
    let host = image.text(b"shop.example.org");
    let names = image.words(&host);
    // ARN, kind, names; all further fields may be zero.
    let mut certificate = [0; 20];
    certificate[3..5].copy_from_slice(&[names, 1]);
    let certificate = image.words(&certificate);
    let frozen = worlds::offset(&["snapshot", "frozen"]);
    let policies = worlds::offset(&["snapshot", "settings", "policies"]);
    format!(
        r#"(module
            (import "albatross:planner/grouping@0.1.0" "group"
                (func $group (param i32 i32 i32 i32 i32 i32 i32)))
            (import "albatross:planner/subnets@0.1.0" "select"
                (func $select (param i32 i32 i32 i32 i32 i32 i32 i32)))
            (import "albatross:planner/certificates@0.1.0" "choose"
                (func $choose (param i32 i32 i64 i32 i32 i32 i32 i32 i32 i32)))
            {memory}

            ;; whether a list of points, or of records that begin with a point, contains this point
            (func $has (param $list i32) (param $count i32) (param $step i32) (param $point i32) (result i32)
                (block $none
                    (loop $next
                        (br_if $none (i32.eqz (local.get $count)))
                        (if (i32.eq (i32.load8_u (local.get $list)) (local.get $point)) (then (return (i32.const 1))))
                        (local.set $list (i32.add (local.get $list) (local.get $step)))
                        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
                        (br $next)))
                (i32.const 0))

            ;; whether the settings of a snapshot name a point and the point is not frozen
            (func $asked (param $snapshot i32) (param $point i32) (result i32)
                (i32.and
                    (i32.eqz (call $has
                        (i32.load offset={frozen} (local.get $snapshot))
                        (i32.load offset={frozen_length} (local.get $snapshot))
                        (i32.const 1) (local.get $point)))
                    (call $has
                        (i32.load offset={policies} (local.get $snapshot))
                        (i32.load offset={policies_length} (local.get $snapshot))
                        (i32.const 12) (local.get $point))))

            (func $answered (result i64) (i64.load32_u (i32.const {answered})))
            (func $groups (result i64)
                (call $group (i32.const 0) (i32.const 0) (i32.const {members}) (i32.const 2) (i32.const 0) (i32.const 0)
                    (i32.const {answer}))
                (call $answered))
            (func $subnets (result i64)
                (call $select (i32.const 0) (i32.const 0) (i32.const 0) (i32.const {subnet}) (i32.const 1)
                    (i32.const 0) (i32.const 0) (i32.const {answer}))
                (call $answered))
            (func $certificates (result i64)
                (call $choose (i32.const 0) (i32.const 0) (i64.const 0) (i32.const {names}) (i32.const 1)
                    (i32.const {certificate}) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const {answer}))
                (call $answered))

            (func $count (param $snapshot i32) (result i64)
                (local $count i64)
                (if (call $asked (local.get $snapshot) (i32.const 0)) (then (local.set $count (i64.add
                    (local.get $count) (i64.mul (call $certificates) (i64.const {CERTIFICATES}))))))
                (if (call $asked (local.get $snapshot) (i32.const 1)) (then (local.set $count (i64.add
                    (local.get $count) (i64.mul (call $subnets) (i64.const {SUBNETS}))))))
                (if (call $asked (local.get $snapshot) (i32.const 2)) (then (local.set $count (i64.add
                    (local.get $count) (i64.mul (call $groups) (i64.const {GROUPING}))))))
                (local.get $count))

            (func (export "albatross:planner/planner@0.1.0#make-plan") (param $snapshot i32) (result i32)
                (i64.store (i32.const {number_at}) {number})
                (i32.store8 (i32.const {option_at}) (i64.ne (i64.load (i32.const {number_at})) (i64.const 0)))
                (i32.const {plan}))
            (func (export "albatross:planner/planner@0.1.0#explain") (param i32) (result i32) unreachable)
            {REALLOC}
        )"#,
        memory = image.memory(),
        answered = answer + 8,
        option_at = plan + 48,
        number_at = plan + 56,
        frozen_length = frozen + 4,
        policies_length = policies + 4,
    )
}
