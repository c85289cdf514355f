//! A policy that takes over in a simulation, and time that passes.

use crate::program::{Folder, one_per_namespace, run};

#[test]
fn a_policy_takes_over_within_the_budgets_and_its_load_balancers_are_there_in_the_end() {
    let folder = Folder::new("swap-simulated");
    let policy = one_per_namespace(&folder);
    let answer = run(&["simulate", "--then-policy", &policy]);
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    let (_, after) = answer.stdout.split_once("one-per-namespace.wasm (sha256 ").expect("the swap");
    assert!(after.contains("took over"), "{after}");
    assert!(after.contains("Plan: "), "there is work after it: {after}");
}

#[test]
fn a_policy_that_moves_more_than_the_budget_is_held_and_a_person_allows_it() {
    let folder = Folder::new("swap-held");
    let policy = one_per_namespace(&folder);
    let mut manifests = String::from(
        "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: { name: albatross }\n\
         spec: { controller: albatross/ingress }\n",
    );
    for number in 0..40 {
        let namespace = if number % 2 == 0 { "shop" } else { "tools" };
        manifests.push_str(&format!(
            "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\n\
             metadata: {{ name: app-{number}, namespace: {namespace} }}\n\
             spec: {{ ingressClassName: albatross, rules: [{{ host: app-{number}.example.org }}] }}\n"
        ));
    }
    let manifests = folder.file("ingresses.yaml", manifests);
    let arguments = ["simulate", "--manifests", &manifests, "--then-policy", &policy, "--output", "json"];
    let held = run(&arguments);
    assert_eq!(held.code, 1, "{}", held.stderr);
    let held: serde_json::Value = serde_json::from_str(&held.stdout).unwrap();
    let step = &held["simulation"]["steps"][1];
    assert_eq!(step["candidate"]["holds"][0]["code"], "budget", "{step}");
    assert_eq!(step["candidate"]["difference"]["objects"], 40);
    assert_eq!(step["passes"], serde_json::json!([]), "what decided before goes on");

    let text = run(&["simulate", "--manifests", &manifests, "--then-policy", &policy]).stdout;
    assert!(text.contains("20 withheld") && text.contains("--allow-then-policy"), "{text}");

    let recorded = folder.path("end.json");
    let allowed = run(&[&arguments[..], &["--allow-then-policy", "--record", &recorded]].concat());
    assert_eq!(allowed.code, 0, "{}", allowed.stderr);
    let allowed: serde_json::Value = serde_json::from_str(&allowed.stdout).unwrap();
    let step = &allowed["simulation"]["steps"][1];
    assert_eq!(step["candidate"]["holds"], serde_json::json!([]));
    assert_eq!(step["converged"], true);
    assert_eq!(ours(&allowed).len(), 2, "one for each namespace");
    let again = run(&["plan", "--snapshot", &recorded, "--policy", &policy]);
    assert!(again.stdout.contains("Plan: nothing to do"), "the end can be planned again: {}", again.stdout);
}

#[test]
fn a_grace_period_ends_when_time_passes() {
    let certificates = |arguments: &[&str]| -> usize {
        let document = simulated(arguments);
        let load_balancers = ours(&document);
        let listeners = load_balancers.iter().flat_map(|it| it["listeners"].as_array().unwrap());
        listeners.filter_map(|listener| Some(listener["certificates"].as_array()?.len())).sum()
    };
    // The second built-in step leaves a certificate that nobody needs.
    assert_eq!(certificates(&["--run-for", "1h30m"]) + 1, certificates(&["--run-for", "10m"]));
    let answer = run(&["simulate", "--run-for", "3 hours"]);
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    assert!(answer.stderr.contains("--run-for") && answer.stderr.contains("1h30m"), "{}", answer.stderr);
}

fn simulated(arguments: &[&str]) -> serde_json::Value {
    let answer = run(&[&["simulate", "--output", "json"], arguments].concat());
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    serde_json::from_str(&answer.stdout).unwrap()
}

/// The load balancers of the controller in the end.
fn ours(document: &serde_json::Value) -> Vec<&serde_json::Value> {
    let load_balancers = document["simulation"]["inventory"]["load-balancers"].as_array().unwrap();
    let is_ours = |it: &&serde_json::Value| {
        it["tags"].as_array().unwrap().iter().any(|tag| tag["key"] == "albatross/id")
    };
    load_balancers.iter().filter(is_ours).collect()
}
