//! The contract of a policy is the WIT: a policy in C decides like the same policy in Rust.

use std::path::PathBuf;

use albatross_test_guests::in_c;
use albatross_test_servers::zig_python;

use crate::program::{Folder, one_per_namespace, run};

fn build(folder: &Folder, source: &str) -> Vec<u8> {
    in_c::component(&zig_python().unwrap(), &PathBuf::from(folder.path("build")), source)
}

#[test]
fn a_policy_in_c_that_cannot_go_on_says_why() {
    let folder = Folder::new("panic-in-c");
    let source = in_c::one_per_namespace().replace("if (memory == NULL)", "if (count > 4)");
    let policy = folder.file("in-c.wasm", build(&folder, &source));
    let answer = run(&["policy", "check", &policy]);
    assert_eq!(answer.code, 1);
    let fault = "    fault: it panicked: there is no memory for the answer\n";
    assert!(answer.stdout.contains(fault), "{}", answer.stdout);
}

#[test]
fn a_policy_in_c_is_fit_and_decides_like_the_same_policy_in_rust() {
    let folder = Folder::new("policy-in-c");
    let component = build(&folder, &in_c::one_per_namespace());
    // In front of any other text a marker would hide that of a panic.
    for component in [component.as_slice(), albatross_components::ONE_PER_NAMESPACE] {
        let marker = b"albatross-panic-message:".as_slice();
        assert_eq!(component.windows(marker.len()).filter(|found| *found == marker).count(), 1);
    }
    let [in_c, in_rust] = [folder.file("in-c.wasm", &component), one_per_namespace(&folder)];

    let answer = run(&["policy", "check", &in_c]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
    for expected in
        ["one-per-namespace-in-c 0.1.0: One load balancer for each namespace.", "  imports   none\n"]
    {
        assert!(answer.stdout.contains(expected), "{expected:?} is not in {}", answer.stdout);
    }
    let answer = run(&["policy", "check", &in_c, "--settings", "{}"]);
    assert_eq!(answer.code, 1, "it has no settings");
    assert!(answer.stderr.contains("the policy has no settings: leave them empty"), "{}", answer.stderr);

    let [in_c, in_rust] =
        [in_c, in_rust].map(|policy| run(&["simulate", "--output", "json", "--policy", &policy]));
    assert_eq!((in_c.code, in_rust.code), (0, 0), "{}", in_c.stderr);
    let without_components = |text: &str| -> Vec<String> {
        let is_of_both =
            |line: &&str| !line.contains("sha256") && !line.contains("\"name\": \"one-per-namespace");
        text.lines().filter(is_of_both).map(str::to_owned).collect()
    };
    assert_eq!(without_components(&in_c.stdout), without_components(&in_rust.stdout));
    assert!(in_c.stdout.contains("shop"), "{}", in_c.stdout);
}
