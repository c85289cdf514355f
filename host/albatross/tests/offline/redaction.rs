//! Redacted recordings: nobody is recognized in them, and they show the same decisions.

use std::{collections::BTreeSet, fs, path::Path};

use albatross_contract::{Bundle, Plan, Snapshot, file};
use albatross_recordings::Folder as Recordings;
use serde_json::{Value, json};

use crate::program::{
    Folder,
    history::{History, json as part},
    quickstart, run, run_with_input,
    world::{World, ingress},
};

/// What must not be left of the recordings of these tests.
const SECRETS: [&str; 11] = [
    "canary",
    "checkout",
    "wiki",
    "returns",
    "chat",
    "123456789012",
    "quickstart",
    "6f1d9c1e",
    "0a100000",
    "9d0e",
    "vpc-0",
];

/// An Ingress of a team, with a name, a host, a label, annotations and a status in which a canary sings.
fn sung(name: &str, host: &str, team: &str) -> Value {
    let mut sung = ingress(name, &[host]);
    sung["metadata"]["labels"] =
        json!({"team": team, "canary": "canary-label", "canary.example.org/x": "Canary"});
    sung["metadata"]["annotations"] = json!({
        "canary.example.org/owner": "canary@example.org",
        "alb.ingress.kubernetes.io/tags": "Canary=yes,Owner=canary",
    });
    sung["metadata"]["uid"] = json!("6f1d9c1e-0000-4000-8000-00000000000a");
    sung
}

/// Six passes: at rest, with three new Ingresses one after another, without the first one, and with a renewed certificate.
fn history(name: &str, flags: &[String]) -> History {
    let mut world = World::new(
        name,
        vec![
            sung("canary-shop/checkout", "shop.example.org", "canary-payments"),
            sung("tools/wiki", "wiki.example.org", "canary-docs"),
        ],
    );
    world.flags.extend(flags.iter().cloned());
    for subnet in world.inventory["subnets"].as_array_mut().unwrap() {
        subnet["tags"].as_array_mut().unwrap().push(json!({"key": "Canary", "value": "canary@example.org"}));
    }
    world.come_to_rest();
    let mut history = History::new(world);
    history.pass();
    for (name, host, team) in [
        ("canary-shop/returns", "returns.example.org", "canary-payments"),
        ("tools/chat", "chat.example.org", "canary-docs"),
        ("canary-lab/probe", "probe.canary.example.org", "canary-lab"),
    ] {
        history.world.ingresses.push(sung(name, host, team));
        history.pass();
    }
    history.world.delete("canary-shop/checkout");
    history.pass();
    history.world.add_certificate(7, "*.canary.example.org");
    history.pass();
    history
}

fn policy_file(world: &Folder, name: &str, component: &[u8]) -> String {
    world.file(name, component)
}

fn passes(folder: &str) -> Vec<String> {
    let folder = Recordings::open(Path::new(folder)).unwrap();
    let passes = folder.groups().iter().flat_map(|group| group.read());
    passes.map(|pass| String::from_utf8(pass.unwrap().1).unwrap()).collect()
}

fn bundle(text: &str) -> Bundle {
    file::read(text.as_bytes()).unwrap()
}

fn assert_no_secret(text: &str) {
    let lower = text.to_lowercase();
    for secret in SECRETS {
        let at = lower.find(secret);
        assert!(
            at.is_none(),
            "{secret}: {}",
            at.map_or("", |at| &text[at.saturating_sub(200)..(at + 100).min(text.len())])
        );
    }
}

/// How many load balancers a plan has, its operations, the states of its outcomes, and what budgets withhold.
type Figures = (usize, Vec<String>, Vec<String>, Vec<(usize, u32)>);

/// What a plan comes to, without names.
fn figures(plan: &Plan) -> Figures {
    let kind = |value: Value| match value {
        Value::Object(fields) => fields.keys().next().unwrap().clone(),
        other => other.to_string(),
    };
    let operations = plan
        .actions
        .iter()
        .map(|action| kind(serde_json::to_value(&action.operation).unwrap()))
        .collect::<BTreeSet<_>>();
    let states =
        plan.outcomes.iter().map(|outcome| format!("{:?} {:?}", outcome.state, outcome.certificates.len()));
    let withheld = plan.withheld.iter().map(|it| (it.ids.len(), it.count)).collect();
    (plan.load_balancers.len(), operations.into_iter().collect(), states.collect(), withheld)
}

#[test]
fn a_redacted_folder_replays_wholly_byte_identically_and_says_nothing() {
    let history = history("redact-folder", &[]);
    let to = history.world.path("redacted");
    let answer = run(&["redact", &history.folder, "--to", &to]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
    assert!(answer.stdout.starts_with(&format!("Redacted 6 passes into {to}\n")), "{}", answer.stdout);
    assert!(
        answer.stdout.ends_with("Each redacted snapshot leads to the redacted plan.\n"),
        "{}",
        answer.stdout
    );

    let replayed = run(&["replay", &to]);
    assert_eq!((replayed.code, replayed.stderr.as_str()), (0, ""));
    assert!(
        replayed.stdout.starts_with("6 passes, 2026-11-21: all plans byte-identical ("),
        "{}",
        replayed.stdout
    );
    let (before, after) = (passes(&history.folder), passes(&to));
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(&after) {
        assert_no_secret(after);
        let (before, after) = (bundle(before), bundle(after));
        assert_eq!(before.snapshot.time, after.snapshot.time);
        assert_eq!(figures(&before.plan), figures(&after.plan));
    }
}

#[test]
fn names_are_the_same_in_all_passes_and_load_balancers_that_are_created_are_those_that_come_to_be() {
    let history = history("redact-same", &[]);
    let to = history.world.path("redacted");
    assert_eq!(run(&["redact", &history.folder, "--to", &to]).code, 0);
    let objects = |text: &String| {
        let objects = bundle(text).snapshot.cluster.ingresses;
        objects.into_iter().map(|it| it.metadata.name).collect::<BTreeSet<String>>()
    };
    let (before, after) = (passes(&history.folder), passes(&to));
    let all = |passes: &[String]| passes.iter().flat_map(objects).collect::<BTreeSet<String>>();
    assert_eq!(all(&before).len(), all(&after).len());
    assert!(objects(&after[0]).is_subset(&objects(&after[1])));
    let ids =
        |text: &String| bundle(text).plan.load_balancers.into_iter().map(|it| it.id).collect::<Vec<_>>();
    for (one, other) in after.iter().zip(after.iter().skip(1)) {
        assert!(
            ids(one).iter().all(|id| ids(other).contains(id)),
            "a load balancer is the same in the next pass"
        );
    }
}

#[test]
fn other_policies_are_tried_on_a_redacted_folder_as_on_the_recording() {
    let history = history("redact-trial", &[]);
    let to = history.world.path("redacted");
    assert_eq!(run(&["redact", &history.folder, "--to", &to]).code, 0);
    let folder = Folder::new("redact-trial-policies");
    for (name, component) in [
        ("one-per-namespace.wasm", albatross_components::ONE_PER_NAMESPACE),
        ("by-team.wasm", albatross_components::BY_TEAM),
    ] {
        let policy = policy_file(&folder, name, component);
        let months = |folder: &str| {
            let answer = run(&["replay", folder, "--policy", &policy, "--output", "json"]);
            assert_eq!(answer.code, 0, "{}", answer.stderr);
            let mut report = part(&answer.stdout, "history");
            // It quotes names.
            report["months"][0]["first-difference"].take();
            (report["months"].take(), report["passes"].take())
        };
        assert_eq!(months(&history.folder), months(&to), "{name}");
    }
}

#[test]
fn a_recording_with_a_policy_is_redacted_with_that_policy() {
    let folder = Folder::new("redact-policies");
    for (name, component) in [
        ("one-per-namespace", albatross_components::ONE_PER_NAMESPACE),
        ("by-team", albatross_components::BY_TEAM),
    ] {
        let policy = policy_file(&folder, &format!("canary-{name}.wasm"), component);
        let history = history(&format!("redact-with-{name}"), &["--policy".to_owned(), policy.clone()]);
        let to = history.world.path("redacted");
        let missing = run(&["redact", &history.folder, "--to", &to]);
        assert_eq!(missing.code, 1);
        assert!(missing.stderr.contains("was recorded with policy canary-"), "{}", missing.stderr);
        assert!(!Path::new(&to).exists(), "a folder without passes is not written");
        let answer = run(&["redact", &history.folder, "--to", &to, "--policy", &policy]);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{name}: {}", answer.stdout);
        let replayed = run(&["replay", &to, "--policy", &policy]);
        assert_eq!((replayed.code, replayed.stderr.as_str()), (0, ""));
        assert!(replayed.stdout.contains("all plans byte-identical"), "{}", replayed.stdout);
        passes(&to).iter().for_each(|text| assert_no_secret(text));
    }
}

#[test]
fn snapshots_of_both_modes_lead_to_the_redacted_plan() {
    let folder = Folder::new("redact-snapshots");
    for name in ["2048-game", "forty-rules"] {
        let snapshot = quickstart(&format!("../route-mode/{name}.snapshot.json"));
        let to = folder.path(&format!("{name}.json"));
        let answer = run(&["redact", &snapshot, "--to", &to]);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{name}");
        let redacted = fs::read(&to).unwrap();
        let before: Snapshot = file::read(&fs::read(&snapshot).unwrap()).unwrap();
        let after: Snapshot = file::read(&redacted).unwrap();
        assert_eq!(before.cluster.ingresses.len(), after.cluster.ingresses.len());
        let redacted = String::from_utf8(redacted).unwrap();
        // These names consist of numbers and words of AWS and Kubernetes.
        let stay = ["2048-alb-ingress", "account"];
        let names =
            before.cluster.ingresses.into_iter().filter(|it| !stay.contains(&it.metadata.name.as_str()));
        for ingress in names {
            assert!(
                !redacted.contains(&format!("\"{}\"", ingress.metadata.name)),
                "{}",
                ingress.metadata.name
            );
        }
    }
}

#[test]
fn an_answer_about_a_redacted_pass_is_translated_back() {
    let history = history("redact-back", &[]);
    let file = history.files()[1].to_str().unwrap().to_owned();
    let (to, mapping) = (history.world.path("redacted.json"), history.world.path("secret.json"));
    let answer = run(&["redact", &file, "--to", &to, "--mapping", &mapping]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let text = fs::read_to_string(&to).unwrap();
    assert_no_secret(&text);
    let redacted = bundle(&text);
    let outcome = &redacted.plan.outcomes[1].object;
    let asked = format!(
        "Why is {}/{} on {}?\n",
        outcome.namespace, outcome.name, redacted.plan.load_balancers[0].name
    );
    let answer = run_with_input(&["redact", "-", "--translate-back", &mapping], &asked);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let recorded = run(&["plan", "--snapshot", &file, "--output", "json"]);
    let recorded: Plan = file::read(recorded.stdout.as_bytes()).unwrap();
    let outcome = &recorded.outcomes[1].object;
    let expected =
        format!("Why is {}/{} on {}?\n", outcome.namespace, outcome.name, recorded.load_balancers[0].name);
    assert_eq!(answer.stdout, expected);
    let no_mapping = run_with_input(&["redact", "-", "--translate-back", &to], &asked);
    assert_eq!(no_mapping.code, 1);
    assert!(
        no_mapping.stderr.contains("this is not a file that `redact --mapping` wrote"),
        "{}",
        no_mapping.stderr
    );
}

#[test]
fn what_is_kept_stays_and_the_summary_says_so() {
    let history = history("redact-keep", &[]);
    let to = history.world.path("redacted");
    let kept = ["--keep", "hosts", "--keep", "accounts", "--keep-word", "tools"];
    let answer = run(&[&["redact", &history.folder, "--to", &to][..], &kept].concat());
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let stays = "Stays as it is: regions, zones, ports, times, quotas, words of AWS and Kubernetes, hosts, accounts, tools.";
    assert!(answer.stdout.contains(stays), "{}", answer.stdout);
    let text = passes(&to).concat();
    for kept in ["probe.canary.example.org", "123456789012", "\"tools\""] {
        assert!(text.contains(kept), "{kept}");
    }
    for gone in ["checkout", "6f1d9c1e"] {
        assert!(!text.contains(gone), "{gone}");
    }
}

#[test]
fn bad_input_is_named_and_what_is_fine_is_redacted() {
    let history = history("redact-bad", &[]);
    let names = history.files();
    let cut = fs::read(&names[2]).unwrap();
    fs::write(&names[2], &cut[..cut.len() - 20]).unwrap();
    fs::write(format!("{}/notes.txt", history.folder), "mine").unwrap();
    fs::write(format!("{}/settings.json", history.folder), "{}").unwrap();
    let to = history.world.path("redacted");
    let answer = run(&["redact", &history.folder, "--to", &to]);
    assert_eq!(answer.code, 1);
    assert!(answer.stdout.starts_with("Redacted 5 passes into "), "{}", answer.stdout);
    for expected in [
        format!("warning: {}/notes.txt: this is not a recorded pass; it was left out\n", history.folder),
        format!("error: {}: it is damaged or cut off: ", names[2].display()),
        format!("error: {}/settings.json: the file has no format-version", history.folder),
    ] {
        assert_eq!(
            answer.stderr.matches(&expected).count(),
            1,
            "{expected:?} is not once in {}",
            answer.stderr
        );
    }
    let replayed = run(&["replay", &to]);
    assert!(
        replayed.stdout.starts_with("5 passes, 2026-11-21: all plans byte-identical"),
        "{}",
        replayed.stdout
    );
}

#[test]
fn the_output_is_never_the_input_or_a_part_of_it() {
    let history = history("redact-places", &[]);
    let file = history.files()[0].to_str().unwrap().to_owned();
    let inside = format!("{}/redacted", history.folder);
    let there = history.world.path("there");
    fs::create_dir_all(&there).unwrap();
    let other = history.world.file("other.json", "mine");
    let interrupted = history.world.path("interrupted");
    fs::create_dir_all(history.world.path(".interrupted.unfinished")).unwrap();
    let absent = history.world.path("absent");
    let plan = history.world.file("plan.json", history.world.run(&["plan"], &["--output", "json"]).stdout);
    for (from, to, expected) in [
        (&history.folder, &history.folder, "is the input: name another file or folder"),
        (&file, &file, "is the input: name another file or folder"),
        (&history.folder, &inside, "is inside the input: name a place outside"),
        (&history.folder, &there, "exists: name a new folder"),
        (&file, &there, "exists: name a new file"),
        (&file, &other, "exists: name a new file"),
        (
            &history.folder,
            &interrupted,
            ".interrupted.unfinished: exists: an interrupted `redact` may have left it",
        ),
        (&absent, &inside, "cannot be read: "),
        (&plan, &absent, "this is a plan without its snapshot"),
    ] {
        let before = fs::read(&file).unwrap();
        let answer = run(&["redact", from, "--to", to]);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{from} {to}");
        assert!(answer.stderr.contains(expected), "{expected:?} is not in {}", answer.stderr);
        assert_eq!(fs::read(&file).unwrap(), before);
    }
    assert!(!Path::new(&inside).exists() && !Path::new(&absent).exists());
    assert!(Path::new(&history.world.path(".interrupted.unfinished")).exists());
    let answer = run(&["redact", &file]);
    assert!(answer.code == 1 && answer.stderr.contains("--to <FILE|DIR>"), "{}", answer.stderr);
}

#[test]
fn the_secret_is_never_in_the_output_and_its_place_is_checked_first() {
    let history = history("redact-secret", &[]);
    let to = history.world.path("redacted");
    let taken = history.world.file("taken.json", "mine");
    for (mapping, expected) in [
        (format!("{to}/secret.json"), "cannot be read: "),
        (to.clone(), "is the output or inside it"),
        (format!("{}/secret.json", history.folder), "is the input or inside it"),
        (taken.clone(), "exists: name a new file for the mapping"),
        (history.world.path("absent/secret.json"), "cannot be read: "),
    ] {
        let answer = run(&["redact", &history.folder, "--to", &to, "--mapping", &mapping]);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{mapping}");
        assert!(answer.stderr.contains(expected), "{expected:?} is not in {}", answer.stderr);
        assert!(!Path::new(&to).exists(), "{mapping}");
    }
    assert_eq!(fs::read_to_string(&taken).unwrap(), "mine");
}

#[test]
fn a_plan_of_another_planner_is_no_plan_that_a_redacted_pass_shows() {
    let history = history("redact-other-planner", &[]);
    let file = history.world.path("pass.json");
    history.world.run(&["plan"], &["--record", &file]);
    let mut bundle: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    bundle["bundle"]["plan"]["outcomes"].as_array_mut().unwrap().pop().unwrap();
    fs::write(&file, bundle.to_string()).unwrap();
    let to = history.world.path("redacted.json");
    let answer = run(&["redact", &file, "--to", &to]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    assert!(
        answer.stderr.contains("this planner decides differently than the recorded one"),
        "{}",
        answer.stderr
    );
    assert!(!Path::new(&to).exists());
    let answer = run(&["redact", &file, "--to", &to, "--allow-differences"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stderr.contains("than the recorded one"), "{}", answer.stderr);
}

/// A Service and an Ingress in route mode: `namespace/name`, its hosts and its annotations.
fn routed(name: &str, hosts: &[&str], annotations: &[(&str, &str)]) -> [Value; 2] {
    let (namespace, name) = name.split_once('/').unwrap();
    let mut routed = ingress(&format!("{namespace}/{name}"), hosts);
    routed["metadata"]["annotations"] =
        json!({"kubernetes.io/ingress.class": "alb", "alb.ingress.kubernetes.io/scheme": "internet-facing"});
    for (name, value) in annotations {
        routed["metadata"]["annotations"][format!("alb.ingress.kubernetes.io/{name}")] = json!(value);
    }
    let backend = json!({"service": {"name": "canary-web", "port": {"number": 80}}});
    for rule in routed["spec"]["rules"].as_array_mut().unwrap() {
        rule["http"] = json!({"paths": [{"path": "/canary", "pathType": "Prefix", "backend": backend}]});
    }
    let service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"namespace": namespace, "name": "canary-web"},
        "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30_080}]},
    });
    [service, routed]
}

/// A fleet in route mode with these objects and further settings.
fn route_mode(name: &str, objects: Vec<Value>, settings: &Value) -> World {
    let mut world = World::new(name, objects);
    let mut all = json!({
        "identity": {"cluster-id": "quickstart", "cluster-uid": "6f1d9c1e-6a0b-4b52-9d0e-3c8f5a7b2d41"},
        "classes": [{"name": "alb", "mode": "route"}],
    });
    for (name, value) in settings.as_object().unwrap() {
        all[name] = value.clone();
    }
    world.flags = vec!["--settings".to_owned(), world.file("settings.json", all.to_string())];
    world
}

/// Simulates a fleet until there is nothing to do, and records a pass of it.
fn recorded_at_rest(world: &mut World) -> String {
    let answer = world.run(&["simulate"], &["--output", "json"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let simulated: Value = serde_json::from_str(&answer.stdout).unwrap();
    world.inventory = simulated["simulation"]["inventory"].clone();
    let file = world.path("at-rest.json");
    assert_eq!(world.run(&["plan"], &["--record", &file]).code, 0);
    file
}

/// The groups of the load balancers of a pass, by their tags.
fn groups(bundle: &Bundle) -> Vec<String> {
    let tags = bundle.snapshot.inventory.load_balancers.iter().flat_map(|it| &it.tags);
    tags.filter(|tag| tag.key == "albatross/group").map(|tag| tag.value.clone()).collect()
}

#[test]
fn groups_of_a_policy_in_route_mode_are_found_again_by_the_hash_of_what_is_asked() {
    let objects = [
        routed(
            "canary-shop/checkout",
            &["shop.example.org"],
            &[("inbound-cidrs", "192.168.0.0/16, 10.97.0.0/16")],
        ),
        routed("canary-tools/wiki", &["wiki.example.org"], &[]),
    ];
    let mut world = route_mode("redact-route-groups", objects.concat(), &json!({}));
    let policy = world.file("one-per-namespace.wasm", albatross_components::ONE_PER_NAMESPACE);
    world.flags.extend(["--policy".to_owned(), policy.clone()]);
    let file = recorded_at_rest(&mut world);
    let to = world.path("redacted.json");
    let answer = run(&["redact", &file, "--to", &to, "--policy", &policy]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
    let (before, after) = (fs::read_to_string(&file).unwrap(), fs::read_to_string(&to).unwrap());
    assert_no_secret(&after);
    let (before, after) = (bundle(&before), bundle(&after));
    assert_eq!(after.plan.load_balancers.len(), before.plan.load_balancers.len());
    assert_eq!(after.plan.actions.len(), before.plan.actions.len());
    let hashes = |bundle: &Bundle| {
        let all = groups(bundle).into_iter().filter(|group| group.starts_with("policy/"));
        let hashes = all.filter_map(|group| Some(group.rsplit_once('/')?.0.rsplit_once('@')?.1.to_owned()));
        hashes.collect::<Vec<String>>()
    };
    let (one, other) = (hashes(&before), hashes(&after));
    assert_eq!((one.len(), other.len()), (1, 1), "{:?} {:?}", groups(&before), groups(&after));
    assert_ne!(one, other, "the value of the annotation is another one");
}

#[test]
fn records_and_denied_domains_of_a_redacted_fleet_are_the_same() {
    let domains = json!({"route53": {"domains": ["example.org"]}});
    let objects = routed("canary-shop/checkout", &["canary.example.org"], &[]).to_vec();
    let mut records = route_mode("redact-records", objects, &domains);
    let mut denials = World::new(
        "redact-denials",
        vec![
            sung("canary-shop/checkout", "shop.example.org", "canary"),
            sung("tools/wiki", "wiki.example.org", "canary"),
        ],
    );
    let settings = json!({
        "identity": {"cluster-id": "quickstart", "cluster-uid": "6f1d9c1e-6a0b-4b52-9d0e-3c8f5a7b2d41"},
        "proxy": {"deny": {"domains": ["canary.example.org"]}},
    });
    denials.flags = vec!["--settings".to_owned(), denials.file("settings.json", settings.to_string())];
    for world in [&mut records, &mut denials] {
        let new = world.path("new.json");
        assert_eq!(world.run(&["plan"], &["--record", &new]).code, 0);
        let at_rest = recorded_at_rest(world);
        for (name, file) in [("new", new), ("at-rest", at_rest)] {
            let to = world.path(&format!("redacted-{name}.json"));
            let answer = run(&["redact", &file, "--to", &to]);
            assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{name}: {}", answer.stdout);
            assert_no_secret(&fs::read_to_string(&to).unwrap());
        }
    }
}

#[test]
fn a_refusal_names_what_differs_in_the_words_of_the_recording() {
    // The longest host comes first, and the pseudonyms of three short words are longer than that of a long one.
    let group = [("group.name", "canary")];
    let objects = [
        routed("canary-shop/checkout", &["*.canarycanarycanary.example.org"], &group),
        routed("canary-tools/wiki", &["*.q-w-e.example.org"], &group),
    ];
    let objects = objects.concat();
    let world = route_mode("redact-refusal", objects, &json!({}));
    let file = world.path("pass.json");
    assert_eq!(world.run(&["plan"], &["--record", &file]).code, 0);
    let to = world.path("redacted.json");
    let answer = run(&["redact", &file, "--to", &to]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    for expected in ["is wiki instead of checkout", "in the order of their lengths", "--keep-word"] {
        assert!(answer.stderr.contains(expected), "{expected:?} is not in {}", answer.stderr);
    }
    let answer = run(&["redact", &file, "--to", &to, "--keep", "hosts"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
}
