//! `replay bisect`: the pass at which something began.

use std::fs;

use serde_json::json;

use crate::{
    history::{history, one_line, one_per_namespace_of},
    program::{
        Folder,
        history::{History, START, json as part},
        run,
        world::{World, ingress},
    },
};

/// Twelve passes. From the seventh on, somebody asks for an internal load balancer with a certificate of its own.
fn with_a_culprit(name: &str) -> (History, String) {
    let mut history =
        History::new(World::at_rest(name, vec![ingress("shop/checkout", &["shop.example.org"])]));
    let mut certificate = String::new();
    for number in 1..=12 {
        if number == 7 {
            certificate = history.world.add_certificate(1, "status.example.org");
            let mut internal = ingress("tools/status", &["status.example.org"]);
            internal["metadata"]["annotations"] = json!({"zalando.org/aws-load-balancer-scheme": "internal"});
            history.world.ingresses.push(internal);
        }
        history.pass();
    }
    (history, certificate)
}

#[test]
fn the_pass_at_which_something_began_is_found_with_few_plans() {
    let (history, certificate) = with_a_culprit("history-bisect");
    let plan = history.world.plan(&[]);
    let created = plan.load_balancers.iter().find(|found| found.arn.is_none()).unwrap();
    for (flag, value) in [
        ("--load-balancer", created.name.as_str()),
        ("--load-balancer", &created.id),
        ("--certificate", &certificate),
        ("--host", "status.example.org"),
    ] {
        let answer = run(&["replay", "bisect", &history.folder, flag, value, "--output", "json"]);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{flag} {value}");
        let found = part(&answer.stdout, "bisect");
        assert_eq!((&found["number"], &found["passes"]), (&json!(7), &json!(12)), "{flag} {value}");
        assert!(found["plans"].as_u64().unwrap() <= 4, "{flag}: 4 plans find one of 12 passes: {found}");
        assert!(
            found["file"].as_str().unwrap().contains("pass-1795253760-00000006-upon-"),
            "{flag}: {found}"
        );
        assert!(!found["actions"].as_array().unwrap().is_empty(), "{flag}");
        assert_eq!(found["outcomes"][0]["object"]["name"], "status", "{flag}");
    }
    let answer = run(&["replay", "bisect", &history.folder, "--host", "status.example.org"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let told = one_line(&answer.stdout);
    let begin = format!("status.example.org on {} began: 2026-11-21 09:36 UTC, pass 7 of 12 (", created.name);
    assert!(told.starts_with(&begin), "{told}");
    assert!(told.contains("asks for"), "the reasons of the plan: {told}");
}

#[test]
fn a_culprit_among_ten_thousand_passes_is_found_with_fourteen_plans() {
    const PASSES: u64 = 10_000;
    let before = World::at_rest("history-many-before", vec![ingress("shop/checkout", &["shop.example.org"])]);
    let mut after = World::new("history-many-after", before.ingresses.clone());
    after.inventory = before.inventory.clone();
    after.ingresses.push(ingress("shop/status", &["status.example.org"]));
    // Each is a whole pass, which can be there under many names.
    let passes = [before, after].map(|world| History::new(world).pass());
    for (culprit, plans) in [(2, 14), (6_789, 14), (PASSES, 14)] {
        let folder = Folder::new("history-many");
        for number in 1..=PASSES {
            let pass = &passes[usize::from(number >= culprit)];
            let name = format!("pass-{}-{number:08}.json.zst", START + 60 * number);
            fs::hard_link(pass, folder.path(&name)).unwrap();
        }
        let answer =
            run(&["replay", "bisect", &folder.path(""), "--host", "status.example.org", "--output", "json"]);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
        let found = part(&answer.stdout, "bisect");
        assert_eq!((&found["number"], &found["passes"]), (&json!(culprit), &json!(PASSES)));
        assert!(found["plans"].as_u64().unwrap() <= plans, "{found}");
    }
}

#[test]
fn what_was_always_there_or_never_came_is_told_as_such() {
    let (history, _) = with_a_culprit("history-bisect-edges");
    let answer = run(&["replay", "bisect", &history.folder, "--host", "shop.example.org"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stdout.contains(" has been there since the first pass: "), "{}", answer.stdout);
    for (flag, value) in
        [("--load-balancer", "nothing"), ("--host", "nothing.example.org"), ("--certificate", "arn:none")]
    {
        let answer = run(&["replay", "bisect", &history.folder, flag, value]);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{flag}");
        assert!(answer.stderr.contains(" is not in the plan of the last pass"), "{}", answer.stderr);
    }
    let answer = run(&["replay", "bisect", &history.folder]);
    assert_eq!(answer.code, 1, "one of them must be given");
    assert!(answer.stderr.contains("--load-balancer"), "{}", answer.stderr);
}

fn bisect(history: &History, more: &[&str]) -> crate::program::Answer {
    run(&[&["replay", "bisect", history.folder.as_str()], more].concat())
}

#[test]
fn a_load_balancer_is_found_by_an_arn_that_it_did_not_have_when_it_began() {
    let mut history = history("history-bisect-arn");
    let mut internal = ingress("tools/status", &["status.example.org"]);
    internal["metadata"]["annotations"] = json!({"zalando.org/aws-load-balancer-scheme": "internal"});
    history.world.ingresses.push(internal);
    history.pass();
    history.world.come_to_rest();
    history.pass();
    let there = history.world.inventory["load-balancers"].as_array().unwrap();
    let arn = there.iter().find(|found| found["scheme"] == "internal").unwrap()["arn"].as_str().unwrap();
    let answer = bisect(&history, &["--load-balancer", arn, "--output", "json"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let found = part(&answer.stdout, "bisect");
    assert_eq!((&found["number"], &found["passes"]), (&json!(5), &json!(6)), "{found}");
}

#[test]
fn what_is_gone_in_the_last_pass_is_not_searched_for() {
    let (mut history, certificate) = with_a_culprit("history-bisect-gone");
    history.world.delete("tools/status");
    history.pass();
    for (flag, value) in [("--host", "status.example.org"), ("--certificate", certificate.as_str())] {
        let answer = bisect(&history, &[flag, value]);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{flag}");
        assert!(answer.stderr.contains(" is not in the plan of the last pass"), "{}", answer.stderr);
    }
}

#[test]
fn what_begins_in_the_last_pass_is_found_there() {
    let mut history = history("history-bisect-last");
    history.world.ingresses.push(ingress("shop/new", &["new.example.org"]));
    history.pass();
    let answer = bisect(&history, &["--host", "new.example.org"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let told = one_line(&answer.stdout);
    assert!(told.contains("pass 5 of 5 (") && told.contains("The pass before does not have it."), "{told}");
}

#[test]
fn bisection_goes_round_passes_that_cannot_be_used() {
    let (history, _) = with_a_culprit("history-bisect-damaged");
    let files = history.files();
    let cut = |at: usize| {
        let bytes = fs::read(&files[at]).unwrap();
        fs::write(&files[at], &bytes[..bytes.len() - 20]).unwrap();
    };
    fs::write(format!("{}/settings.json", history.folder), "{}").unwrap();
    // The middle of the search, and the last pass.
    cut(8);
    cut(11);
    let answer = bisect(&history, &["--host", "status.example.org"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let told = one_line(&answer.stdout);
    assert!(
        told.contains("09:36 UTC, pass 8 of 13 (") && told.contains("The pass before does not"),
        "{told}"
    );
    assert!(answer.stderr.contains(" damaged or cut off: "), "{}", answer.stderr);
    assert!(answer.stderr.contains("; the search went on with the passes beside it"), "{}", answer.stderr);
    // The beginning itself.
    cut(5);
    cut(6);
    let answer = bisect(&history, &["--host", "status.example.org"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let told = one_line(&answer.stdout);
    assert!(told.contains("09:37 UTC, pass 9 of 13 ("), "{told}");
    assert!(told.contains("The 2 passes before cannot be used: it may have begun in one of them."), "{told}");
}

#[test]
fn a_host_is_searched_for_on_the_load_balancer_that_a_tried_policy_gives_it() {
    let history = history("history-bisect-policy");
    let policy = one_per_namespace_of(&history.world);
    let answer = bisect(&history, &["--host", "chat.example.org", "--policy", &policy, "--output", "json"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert_eq!(part(&answer.stdout, "bisect")["number"], 3);
}
