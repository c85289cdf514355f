//! Mistakes that people make with files and manifests, and messages that name the mistake.

use crate::program::{Folder, on_quickstart, quickstart, run};

fn assert_says(told: &str, said: &[&str]) {
    for words in said {
        assert!(told.contains(words), "{words:?} is not in:\n{told}");
    }
}

#[test]
fn all_missing_settings_are_named_at_once_and_after_a_missing_file() {
    let (manifests, cloud) = (quickstart("first"), quickstart("cloud.json"));
    for command in ["plan", "simulate"] {
        let answer = run(&[command, "--manifests", &manifests, "--cloud", &cloud]);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{command}");
        assert_says(
            &answer.stderr,
            &["--cluster-id (identity.cluster-id", "--cluster-uid (identity.cluster-uid"],
        );

        let answer = run(&[command, "--manifests", &manifests, "--cloud", "none.json"]);
        assert!(answer.stderr.starts_with("error: none.json: cannot be read"), "{}", answer.stderr);
    }
    let answer = run(&["plan", "--manifests", &manifests, "--cloud", &cloud, "--cluster-id", "shop"]);
    assert_says(&answer.stderr, &["set --cluster-uid (identity.cluster-uid)"]);
    assert!(!answer.stderr.contains("--cluster-id"), "{}", answer.stderr);
    let answer = run(&["plan", "--manifests", "none/", "--cloud", &cloud]);
    assert!(answer.stderr.starts_with("error: none/: cannot be read"), "{}", answer.stderr);
}

#[test]
fn a_file_of_another_kind_is_named_with_what_takes_it() {
    let folder = Folder::new("other-kinds");
    let (manifests, cloud) = (quickstart("first/shop.yaml"), quickstart("cloud.json"));
    let (settings, bundle) = (quickstart("settings.json"), folder.path("bundle.json"));
    let planned = on_quickstart(&["plan", "--output", "json"], &["--record", &bundle]);
    let plan = folder.file("plan.json", planned.stdout);
    let plan_with = |cloud: &str, settings: &str| {
        run(&["plan", "--manifests", &manifests, "--cloud", cloud, "--settings", settings])
    };
    for (answer, file, said) in [
        (run(&["replay", &cloud]), &cloud, ["an inventory, which --cloud takes", "a bundle"]),
        (run(&["replay", &settings]), &settings, ["a settings file, which --settings takes", "a bundle"]),
        (run(&["replay", &plan]), &plan, ["a plan, which `diff` takes", "a bundle"]),
        (run(&["plan", "--snapshot", &cloud]), &cloud, ["an inventory, which --cloud takes", "a bundle"]),
        (
            run(&["plan", "--snapshot", &manifests]),
            &manifests,
            ["a Kubernetes manifest, which --manifests takes", "a bundle"],
        ),
        (
            plan_with(&bundle, &settings),
            &bundle,
            ["a bundle, which `replay`, `diff` and --snapshot take", "`albatross example inventory`"],
        ),
        (plan_with(&settings, &settings), &settings, ["a settings file", "an inventory"]),
        (
            plan_with(&cloud, &cloud),
            &cloud,
            ["an inventory, which --cloud takes", "`albatross example settings`"],
        ),
    ] {
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
        assert!(answer.stderr.starts_with(&format!("error: {file}: this is ")), "{}", answer.stderr);
        assert_says(&answer.stderr, &said);
    }
}

#[test]
fn an_inventory_among_the_manifests_is_named_as_such() {
    let folder = Folder::new("inventory-in-folder");
    std::fs::copy(quickstart("first/shop.yaml"), folder.path("shop.yaml")).unwrap();
    let cloud = folder.path("account.json");
    std::fs::copy(quickstart("cloud.json"), &cloud).unwrap();
    let (path, settings) = (folder.path(""), quickstart("settings.json"));
    let answer = run(&["plan", "--manifests", &path, "--cloud", &cloud, "--settings", &settings]);
    assert_eq!(answer.code, 1);
    assert_says(
        &answer.stderr,
        &[
            "account.json, document 1, line 1: this is an inventory, which --cloud takes, and not a Kubernetes manifest",
        ],
    );
}

#[test]
fn node_filters_for_an_inventory_in_a_file_are_told_to_have_no_effect() {
    let folder = Folder::new("node-filters");
    let settings = std::fs::read_to_string(quickstart("settings.json")).unwrap();
    let mut settings: serde_json::Value = serde_json::from_str(&settings).unwrap();
    settings["proxy"] = serde_json::json!({"node-filters": "tag-key=other"});
    let settings = folder.file("settings.json", settings.to_string());
    let (manifests, cloud) = (quickstart("first"), quickstart("cloud.json"));
    for command in ["plan", "simulate"] {
        let inputs = ["--manifests", &manifests, "--cloud", &cloud, "--settings", &settings];
        let answer = run(&[&[command], inputs.as_slice()].concat());
        let said = "warning: proxy.node-filters has no effect on an inventory in a file: all its instances are nodes\n";
        assert_eq!((answer.code, answer.stderr.as_str()), (0, said), "{command}");
    }
}

const WILDCARD: &str = "apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {namespace: shop, name: wildcard}
spec:
  rules:
  - host: *.example.org
";

#[test]
fn an_unquoted_wildcard_host_is_told_once_and_the_plan_does_not_claim_that_there_is_nothing_to_do() {
    let folder = Folder::new("wildcard");
    let path = folder.file("wildcard.yaml", WILDCARD);
    let list = folder.file(
        "list.yaml",
        "apiVersion: v1\nkind: List\nitems:\n- kind: Ingress\n  spec: {rules: [{host: *.example.org}]}\n",
    );
    let (cloud, settings) = (quickstart("cloud.json"), quickstart("settings.json"));
    for path in [&path, &list] {
        let answer = run(&[
            "plan",
            "--manifests",
            path,
            "--cloud",
            &cloud,
            "--settings",
            &settings,
            "--detailed-exitcode",
        ]);
        assert_eq!(answer.code, 1, "{}", answer.stdout);
        assert_eq!(answer.stderr.matches("put it in quotes").count(), 1, "{}", answer.stderr);
        let text = answer.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(text.matches("put it in quotes").count(), 1, "{text}");
        assert!(text.ends_with("Plan: nothing to do for the objects that could be read."), "{text}");
    }
}

#[test]
fn explain_says_that_the_document_of_the_ingress_could_not_be_read() {
    let folder = Folder::new("explain-unread");
    let wrong = folder.file("wrong.yaml", WILDCARD.replace("*.example.org", "Shop.example.org"));
    let broken = folder.file("broken.yaml", WILDCARD);
    let template = folder.file("template.yaml", "kind: {{ .Values.kind }}\n");
    let first = quickstart("first");
    let explain = |path: &str, name: &str| {
        let (cloud, settings) = (quickstart("cloud.json"), quickstart("settings.json"));
        let inputs = ["--manifests", &first, path, "--cloud", &cloud, "--settings", &settings];
        run(&[&["explain", "ingress", name], inputs.as_slice()].concat())
    };
    for (path, line) in [(&wrong, 6), (&broken, 6)] {
        let answer = explain(path, "shop/wildcard");
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
        let expected = format!(
            "error: Ingress shop/wildcard cannot be explained, because its document could not be read: {path}, document 1, line {line}"
        );
        assert_eq!(answer.stderr.lines().last(), Some(expected.as_str()));
    }
    let answer = explain(&template, "shop/wildcard");
    let expected = format!(
        "Ingress shop/wildcard is not among the objects that could be read; it may be in {template}, document 1"
    );
    assert_says(&answer.stderr, &[&expected]);
    let answer = explain(&broken, "shop/nothing");
    assert_says(&answer.stderr, &["the snapshot contains no Ingress shop/nothing"]);
    assert_eq!(explain(&broken, "shop/checkout").stderr.lines().count(), 2, "it is explained all the same");
}

#[test]
fn a_misspelled_kind_or_field_is_named_with_the_nearest_name() {
    let folder = Folder::new("misspelled");
    let good = WILDCARD.replace("*.example.org", "shop.example.org");
    let (cloud, settings) = (quickstart("cloud.json"), quickstart("settings.json"));
    let plan = |name: &str, text: String| {
        let path = folder.file(name, text);
        run(&["plan", "--manifests", &path, "--cloud", &cloud, "--settings", &settings])
    };
    let answer = plan("field.yaml", good.replace("spec:\n", "spec:\n  ingressClassname: alb\n"));
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert_says(
        &answer.stderr,
        &[
            "field.yaml, document 1, line 5: spec.ingressClassname is not a field of an Ingress, so it is ignored; did you \
           mean ingressClassName?",
        ],
    );
    let answer = plan("kind.yaml", good.replace("kind: Ingress", "kind: ingress"));
    assert_eq!(answer.code, 1);
    assert_says(&answer.stderr, &["kind: \"ingress\" is not a kind; did you mean Ingress?"]);
    let answer = plan("ingres.yaml", good.replace("kind: Ingress", "kind: Ingres"));
    assert_says(
        &answer.stderr,
        &["kind \"Ingres\" is not read, so the object is skipped; did you mean Ingress?"],
    );
    let answer = plan("name.yaml", good.replace("name: wildcard", "name: y"));
    assert_says(
        &answer.stderr,
        &[
            "metadata.name: y without quotes is the boolean true in YAML, expected a string: put it in quotes, \"y\"",
        ],
    );
}

#[test]
fn a_file_that_is_named_twice_is_read_once() {
    let folder = Folder::new("named-twice");
    let path = folder.file("a.yaml", WILDCARD.replace("*.example.org", "shop.example.org"));
    let (directory, cloud, settings) =
        (folder.path(""), quickstart("cloud.json"), quickstart("settings.json"));
    for manifests in [[&directory, &path], [&path, &directory], [&path, &path]] {
        let arguments =
            ["plan", "--manifests", manifests[0], manifests[1], "--cloud", &cloud, "--settings", &settings];
        let answer = run(&arguments);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
        assert!(answer.stdout.contains("1 Ingress,"), "{}", answer.stdout);
    }
}
