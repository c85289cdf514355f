//! The built-in example, which a person sees first after building the program.

use crate::program::{quickstart, run};

fn document(arguments: &[&str]) -> serde_json::Value {
    let answer = run(&[&["simulate", "--output", "json"], arguments].concat());
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    serde_json::from_str(&answer.stdout).expect("it is JSON")
}

#[test]
fn both_steps_converge_within_four_passes() {
    let document = document(&[]);
    let steps = document["simulation"]["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 2);
    for step in steps {
        assert_eq!(step["converged"], true);
        let passes = step["passes"].as_array().unwrap();
        assert!(passes.len() <= 4, "{} passes", passes.len());
        assert_eq!(passes.last().unwrap()["plan"]["actions"].as_array().unwrap().len(), 0);
    }
}

#[test]
fn every_action_succeeds_at_the_first_attempt() {
    for step in document(&[])["simulation"]["steps"].as_array().unwrap() {
        for pass in step["passes"].as_array().unwrap() {
            for result in pass["results"].as_array().unwrap() {
                assert_eq!(result["state"], "done", "{result}");
            }
        }
    }
}

#[test]
fn the_second_step_touches_only_the_added_and_the_removed_ingress() {
    let document = document(&[]);
    let step = &document["simulation"]["steps"][1];
    let touched: Vec<&str> = ["added", "removed"]
        .iter()
        .flat_map(|list| step[*list].as_array().unwrap())
        .map(|name| name.as_str().unwrap())
        .collect();
    assert_eq!(touched.len(), 2);
    assert_eq!(step["changed"].as_array().unwrap().len(), 0);
    for pass in step["passes"].as_array().unwrap() {
        for status in pass["statuses"].as_array().unwrap() {
            let name =
                format!("{}/{}", status["namespace"].as_str().unwrap(), status["name"].as_str().unwrap());
            assert!(touched.contains(&name.as_str()), "{name} was touched");
        }
    }
}

#[test]
fn the_screen_has_its_parts_in_order() {
    let answer = run(&["simulate"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let mut rest = answer.stdout.as_str();
    for part in [
        "Pass 1 ",
        "Plan: 2 to create",
        "actions done",
        "What is there now",
        "├─ listener 80 HTTP",
        "Plan: nothing to do",
        "\nThen ",
        "was removed and",
        "What is there now",
        "Plan: nothing to do",
    ] {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part:?} is missing in what follows:\n{rest}"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn no_line_is_wider_than_100_columns() {
    for line in run(&["simulate"]).stdout.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn manifests_on_the_command_line_replace_those_of_the_example() {
    let (first, then) = (quickstart("first/tools.yaml"), quickstart("then/tools.yaml"));
    let document = document(&["--manifests", &first, "--then", &then]);
    let steps = document["simulation"]["steps"].as_array().unwrap();
    let names: Vec<&str> =
        steps[0]["added"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(!names.is_empty() && names.iter().all(|name| name.starts_with("tools/")), "{names:?}");
    assert_eq!(steps.len(), 2);
}
