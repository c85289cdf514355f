//! A corpus of manifests with settings of load balancers and target groups, after the documentation of the AWS Load Balancer
//! Controller, in our own words. Each file of the folder `corpus_of_settings` says in comments what is expected:
//!
//! - `#= …`: a property that differs from those of an Ingress without annotations;
//! - `#! …`: the message of a diagnostic about the Ingress `ingress`.
//!
//! The Service `web` exists unless a file has its own, and certificates for the hosts.

use std::{collections::BTreeSet, fs, path::Path};

use albatross_contract::{ClassSetting, Cluster, LoadBalancer, Mode, Protocol, Tag, TargetGroup, TargetType};
use albatross_manifests::Source;
use albatross_stories::{Certificates, Controller, certificate, outcome, world};

struct Case {
    name: String,
    properties: BTreeSet<String>,
    diagnostics: BTreeSet<String>,
    cluster: Cluster,
}

const PLAIN: &str = "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ingress, namespace: shop}
spec:
  ingressClassName: alb
  rules:
    - host: www.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
";

const WEB: &str = "
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  type: NodePort
  ports:
    - {name: http, port: 80, targetPort: 8080, nodePort: 30080}
    - {name: admin, port: 81, targetPort: 8081, nodePort: 30081}
";

fn read(name: &str, text: &str) -> Case {
    let marked = |mark: &str| {
        text.lines().filter_map(|line| line.strip_prefix(mark)).map(|line| line.trim().to_owned()).collect()
    };
    let all = |text: String| {
        let source = Source::Text { name: name.to_owned(), bytes: text.into_bytes() };
        let read = albatross_manifests::read(&[source]).unwrap();
        assert_eq!(read.problems, [], "{name}");
        read.cluster
    };
    let mut cluster = all(text.to_owned());
    if cluster.services.is_empty() {
        cluster = all(format!("{text}\n---{WEB}"));
    }
    Case { name: name.to_owned(), properties: marked("#= "), diagnostics: marked("#! "), cluster }
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories/corpus_of_settings");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let case =
        |file: &Path| read(&file.file_stem().unwrap().to_string_lossy(), &fs::read_to_string(file).unwrap());
    files.iter().map(|file| case(file)).collect()
}

fn story(case: &Case) -> Controller {
    let (settings, mut inventory) = world();
    for (number, subnet) in (0..).zip(&mut inventory.subnets) {
        subnet.ipv6_cidr_blocks = vec![format!("2001:db8:0:{number}::/64")];
        let name = subnet.id.replace("subnet-", "");
        subnet.tags.push(Tag { key: "Name".to_owned(), value: name });
    }
    let certificates = vec![certificate(1, &["*.example.com"]), certificate(2, &["www.example.com"])];
    let mut story = Controller::new((settings, inventory), certificates, Vec::new());
    story.settings.classes = vec![ClassSetting { name: "alb".into(), mode: Mode::Route }];
    let now = story.cloud.now();
    story.cluster.apply(case.cluster.clone(), now);
    story
}

/// Everything about the load balancers and target groups, one property a line.
fn properties(story: &mut Controller) -> BTreeSet<String> {
    let groups = story.snapshot().unwrap().inventory.target_groups;
    let load_balancers = story.load_balancers();
    load_balancers.iter().flat_map(of_load_balancer).chain(groups.iter().flat_map(of_target_group)).collect()
}

fn of_load_balancer(found: &LoadBalancer) -> Vec<String> {
    let scheme = serde_json::to_value(found.scheme).unwrap();
    let address_type = serde_json::to_value(found.ip_address_type).unwrap();
    let mut told = vec![
        format!("scheme {}", scheme.as_str().unwrap()),
        format!("address type {}", address_type.as_str().unwrap()),
        format!("subnets {}", found.subnets.join(" ")),
    ];
    told.extend(found.attributes.iter().map(|it| format!("attribute {}={}", it.key, it.value)));
    told.extend(tags(&found.tags).map(|tag| format!("tag {tag}")));
    told.extend(found.web_acl.iter().filter(|arn| !arn.is_empty()).map(|arn| format!("web ACL {arn}")));
    told.extend(found.listeners.iter().flat_map(|listener| {
        let is_default =
            |it: &&Tag| it.value.is_empty() || it.key.ends_with("server.enabled") && it.value == "true";
        let changed = listener.attributes.iter().filter(move |it| !is_default(it));
        changed.map(|it| format!("listener {} {}={}", listener.port, it.key, it.value))
    }));
    told.extend(found.listeners.iter().map(|listener| {
        let number = |arn: &String| {
            (1..=2).find(|number| Certificates::arn(*number) == *arn).map_or(0, |number| number).to_string()
        };
        let tls = listener.ssl_policy.iter().map(|policy| {
            let all = listener.default_certificate.iter().chain(&listener.certificates).map(number);
            format!(" {policy}, certificates {}", all.collect::<Vec<_>>().join(" "))
        });
        format!("listener {} {}{}", listener.port, protocol(listener.protocol), tls.collect::<String>())
    }));
    told
}

fn of_target_group(group: &TargetGroup) -> Vec<String> {
    let kind = if group.target_type == TargetType::Ip { "ip" } else { "instance" };
    let version = group.protocol_version.as_deref().unwrap_or_default();
    let check = &group.health_check;
    let mut ids: Vec<&str> = group.targets.iter().map(|target| target.id.as_str()).collect();
    ids.sort_unstable();
    let mut told = vec![
        format!(
            "target group {} {version} {kind} {}",
            protocol(group.protocol),
            group.port.unwrap_or_default()
        ),
        format!(
            "health check {} {} {} every {} s for {} s, healthy {}, unhealthy {}, codes {}",
            protocol(check.protocol),
            check.port,
            check.path.as_deref().unwrap_or_default(),
            check.interval,
            check.timeout,
            check.healthy_threshold,
            check.unhealthy_threshold,
            check.matcher.as_deref().unwrap_or_default()
        ),
        format!("targets {}", ids.join(" ")),
    ];
    told.extend(group.attributes.iter().map(|it| format!("target group attribute {}={}", it.key, it.value)));
    told.extend(tags(&group.tags).map(|tag| format!("target group tag {tag}")));
    told
}

/// Tags that people ask for.
fn tags(tags: &[Tag]) -> impl Iterator<Item = String> {
    let of_people =
        tags.iter().filter(|tag| !tag.key.starts_with("albatross/") && !tag.key.starts_with("kubernetes"));
    of_people.map(|tag| format!("{}={}", tag.key, tag.value))
}

fn protocol(protocol: Protocol) -> &'static str {
    if protocol == Protocol::Https { "HTTPS" } else { "HTTP" }
}

#[test]
fn every_setting_is_planned_as_its_manifest_says_or_answered_with_its_diagnostics() {
    let mut plain = story(&read("plain", PLAIN));
    plain.converge_within(8);
    let plain = properties(&mut plain);
    let all = cases();
    assert!(all.len() >= 30, "the corpus is not where it should be");
    let mut failures = Vec::new();
    for case in &all {
        let mut story = story(case);
        story.converge_within(8);
        let plan = story.plan();
        assert!(plan.actions.is_empty(), "{}: {:#?}", case.name, plan.actions);
        let found: BTreeSet<String> = properties(&mut story).difference(&plain).cloned().collect();
        let diagnostics = &outcome(&plan, "ingress").unwrap().diagnostics;
        let said: BTreeSet<String> = diagnostics.iter().map(|it| it.message.clone()).collect();
        if (&found, &said) != (&case.properties, &case.diagnostics) {
            failures.push(format!("{}: {found:#?} {said:#?}", case.name));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
