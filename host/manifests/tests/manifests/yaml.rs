//! YAML itself: anchors and merges as kubectl reads them, bombs, and texts that are not YAML.

use proptest::prelude::*;

use crate::support::{ingress, names, read_files, read_good};

#[test]
fn anchors_and_merge_keys_are_followed() {
    let manifests = read_good(
        "apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: a, annotations: {<<: [&first {a: first, b: first}, {b: second, c: second}], c: own}}
spec:
  rules:
  - host: a.example.org
    http: &http
      paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]
  - host: b.example.org
    http: *http
  - <<: {host: c.example.org}
    http: *http
",
    );
    let ingress = &manifests.cluster.ingresses[0];
    let annotations: Vec<_> =
        ingress.metadata.annotations.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
    assert_eq!(annotations, [("a", "first"), ("b", "first"), ("c", "own")]);
    assert_eq!(ingress.rules[2].host.as_deref(), Some("c.example.org"));
    assert_eq!(ingress.rules[0].paths, ingress.rules[2].paths);
}

#[test]
fn a_text_in_quotes_or_with_the_tag_str_is_a_text_whatever_it_looks_like() {
    let manifests = read_good(
        "apiVersion: v1
kind: Service
metadata:
  name: a
  annotations:
    a: '60'
    b: \"yes\"
    c: !!str 1.10
    d: |-
      5
    y: ~
",
    );
    let values: Vec<_> =
        manifests.cluster.services[0].metadata.annotations.iter().map(|tag| tag.value.as_str()).collect();
    assert_eq!(values, ["60", "yes", "1.10", "5", ""]);
}

#[test]
fn a_yaml_bomb_is_refused_and_the_documents_beside_it_are_read() {
    let mut bomb =
        "apiVersion: v1\nkind: ConfigMap\nl0: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..30 {
        let below = format!("*l{}, ", level - 1).repeat(9);
        bomb += &format!("l{level}: &l{level} [{below}]\n");
    }
    let good = ingress("shop", "a", "a.example.org");
    let text = format!("{good}---\n{bomb}---\n{}", good.replace("name: a", "name: b"));
    let manifests = read_files(&[("bomb.yaml", &text)]);
    assert_eq!(names(&manifests), ["shop/a", "shop/b"]);
    assert_eq!(
        manifests.problems[0].to_string(),
        "bomb.yaml, document 2, line 22: the aliases of this file expand to more than 16 MiB, as in a YAML bomb: \
         write the values out"
    );
}

#[test]
fn a_bomb_made_of_one_long_text_or_spread_over_documents_is_refused_too() {
    let long = "x".repeat(1 << 20);
    let many = "*l, ".repeat(20);
    let one = format!("apiVersion: v1\nkind: ConfigMap\nl: &l {long}\nm: [{many}]\n");
    assert_eq!(read_files(&[("a.yaml", &one)]).problems.len(), 1);

    let document = format!("apiVersion: v1\nkind: ConfigMap\nl: &l {long}\nm: [*l, *l, *l, *l, *l, *l]\n");
    let spread = vec![document; 4].join("---\n");
    let problems = read_files(&[("a.yaml", &spread)]).problems;
    assert_eq!(problems.iter().map(|problem| problem.place.document).collect::<Vec<_>>(), [3, 4]);
}

#[test]
fn an_alias_within_its_own_value_and_one_without_an_anchor_are_refused() {
    let problems = |text: &str| read_files(&[("a.yaml", text)]).problems.remove(0).to_string();
    assert_eq!(
        problems("kind: &a\n- *a\n"),
        "a.yaml, document 1, line 2: an alias refers to the value that contains it"
    );
    assert!(problems("kind: *nobody\n").contains("line 1: not valid YAML: "));
    assert_eq!(
        problems("a: 1\n<<: 7\n"),
        "a.yaml, document 1, line 2: << takes a mapping or a list of mappings"
    );
}

#[test]
fn a_wildcard_host_without_quotes_is_told_to_need_them_once() {
    let ingress = |host: &str| {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: shop}}\nspec:\n  tls:\n  - {host}\n  \
             rules:\n  - host: *.example.org\n"
        )
    };
    for (host, column) in
        [("hosts: [*.example.org]", 13), ("hosts: [a.example.org, *.example.org]", 28), ("*.example.org", 5)]
    {
        let problems = read_files(&[("shop.yaml", &ingress(host))]).problems;
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [format!(
                "shop.yaml, document 1, line 6: not valid YAML: *.example.org is without quotes, so YAML takes it for an \
                 alias; put it in quotes: \"*.example.org\" (column {column})"
            )]
        );
    }
    let problems = read_files(&[("shop.yaml", &ingress("secretName: x"))]).problems;
    assert_eq!((problems.len(), problems[0].place.line), (1, 8));
    let bare = read_files(&[("shop.yaml", "host: *\n")]).problems;
    assert!(bare[0].message.contains("put it in quotes: \"*\""), "{}", bare[0]);
}

#[test]
fn brackets_without_end_are_refused() {
    for text in ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000)] {
        let problems = read_files(&[("a.yaml", &text)]).problems;
        assert_eq!(problems.len(), 1);
        assert!(problems[0].message.starts_with("not valid YAML: "), "{}", problems[0]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]
    /// Whatever the text is, it is read or it has problems, with lines that exist.
    #[test]
    fn any_text_is_read_or_has_problems_at_lines_that_exist(
        text in r#"([a-z0]|[-:{}\[\]&*!|>'"%@#,?~<.]|\n|\n---\n| |  |\t|kind: Ingress\n|apiVersion: v1\n|items:\n|&a |\*a){0,60}"#
    ) {
        let source = albatross_manifests::Source::Text { name: "any".to_owned(), bytes: text.clone().into_bytes() };
        if let Ok(manifests) = albatross_manifests::read(&[source]) {
            for problem in &manifests.problems {
                let lines = text.split('\n').count();
                prop_assert!((1..=lines + 1).contains(&problem.place.line), "{problem} of {lines} lines: {text:?}");
            }
            prop_assert_eq!(manifests.problems.is_empty(), manifests.cluster.incomplete.is_empty());
        }
    }
}
