//! A corpus of manifests after the documentation of the AWS Load Balancer Controller, in our own words. Each file of the folder
//! `corpus` says in comments what is expected:
//!
//! - `#= 80: host a.org, path /x -> web`: a rule of the listener on port 80, in the order of the priorities;
//! - `#= 80 default -> …`: the default action of a listener, if it is not the response 404;
//! - `#! …`: the message of a diagnostic about the Ingress of the file.
//!
//! The Services `web` and `other` exist, and a certificate for the hosts.

use std::{fs, path::Path};

use albatross_contract::{
    ClassSetting, Cluster, Listener, ListenerAction, Mode, ResourceReference, Rule, RuleCondition,
    RuleTransform, TargetGroup, TextMatch,
};
use albatross_manifests::Source;
use albatross_stories::{Controller, certificate, ingress, outcome, service, world};

struct Case {
    name: String,
    rules: Vec<String>,
    diagnostics: Vec<String>,
    cluster: Cluster,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories/corpus");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let case = |file: &Path| {
        let text = fs::read_to_string(file).unwrap();
        let marked = |mark: &str| {
            text.lines()
                .filter_map(|line| line.strip_prefix(mark))
                .map(|line| line.trim().to_owned())
                .collect()
        };
        let read = albatross_manifests::read(&[Source::Path(file.to_owned())]).unwrap();
        assert_eq!(read.problems, [], "{}", file.display());
        Case {
            name: file.file_stem().unwrap().to_string_lossy().into_owned(),
            rules: marked("#= "),
            diagnostics: marked("#! "),
            cluster: read.cluster,
        }
    };
    files.iter().map(|file| case(file)).collect()
}

fn story(case: &Case) -> Controller {
    let certificates = vec![certificate(1, &["*.example.com", "*.example.net"])];
    let mut story = Controller::new(world(), certificates, Vec::new());
    story.settings.classes = vec![ClassSetting { name: "alb".into(), mode: Mode::Route }];
    let mut cluster = case.cluster.clone();
    for (name, node_port) in [("web", 30_080), ("other", 30_081)] {
        let mut service = service(name, node_port);
        service.ports[0].name = Some("http".into());
        cluster.services.push(service);
    }
    let now = story.cloud.now();
    story.cluster.apply(cluster, now);
    story
}

/// The load balancer of the Ingress, as the comments of the files write it.
fn told(story: &mut Controller) -> Vec<String> {
    let groups = story.snapshot().unwrap().inventory.target_groups;
    let load_balancers = story.load_balancers();
    let mut listeners: Vec<&Listener> = load_balancers.iter().flat_map(|it| &it.listeners).collect();
    listeners.sort_by_key(|listener| listener.port);
    let mut told = Vec::new();
    for listener in listeners {
        let default = answer(&listener.default_actions, &groups);
        if default != "respond 404 text/plain" {
            told.push(format!("{} default -> {default}", listener.port));
        }
        let mut rules: Vec<&Rule> = listener.rules.iter().collect();
        rules.sort_by_key(|rule| rule.priority);
        told.extend(rules.into_iter().map(|rule| {
            let conditions: Vec<String> = rule.conditions.iter().map(condition).collect();
            let transforms: String = rule.transforms.iter().map(transform).collect();
            let answer = answer(&rule.actions, &groups);
            format!("{}: {} -> {answer}{transforms}", listener.port, conditions.join(", "))
        }));
    }
    told
}

fn text(text: &TextMatch) -> String {
    let expressions = text.regular_expressions.iter().map(|it| format!("~{it}"));
    text.values.iter().cloned().chain(expressions).collect::<Vec<_>>().join("|")
}

fn condition(condition: &RuleCondition) -> String {
    match condition {
        RuleCondition::HostHeader(host) => format!("host {}", text(host)),
        RuleCondition::PathPattern(path) => format!("path {}", text(path)),
        RuleCondition::HttpHeader(header) => format!("header {} {}", header.name, text(&header.value)),
        RuleCondition::HttpRequestMethod(methods) => format!("method {}", methods.join("|")),
        RuleCondition::SourceIp(blocks) => format!("source {}", blocks.join("|")),
        RuleCondition::QueryString(pairs) => {
            let pairs = pairs.iter().map(|pair| match &pair.key {
                Some(key) => format!("{key}={}", pair.value),
                None => pair.value.clone(),
            });
            format!("query {}", pairs.collect::<Vec<_>>().join("|"))
        }
        other => format!("{other:?}"),
    }
}

fn transform(transform: &RuleTransform) -> String {
    let (what, rewrites) = match transform {
        RuleTransform::UrlRewrite(rewrites) => ("url", rewrites),
        RuleTransform::HostHeaderRewrite(rewrites) => ("host", rewrites),
        RuleTransform::Other(_) => panic!("{transform:?}"),
    };
    rewrites.iter().map(|it| format!(", {what} {} => {}", it.regular_expression, it.replacement)).collect()
}

fn answer(actions: &[ListenerAction], groups: &[TargetGroup]) -> String {
    let [action] = actions else { panic!("{actions:?}") };
    match action {
        ListenerAction::Forward(forward) => {
            let is_single = forward.target_groups.len() == 1;
            let name = |reference: &ResourceReference| {
                let group =
                    groups.iter().find(|it| *reference == ResourceReference::Existing(it.arn.clone()));
                if group.unwrap().port == Some(30_080) { "web" } else { "other" }
            };
            let parts = forward.target_groups.iter().map(|it| match is_single {
                true => name(&it.target_group).to_owned(),
                false => format!("{} * {}", name(&it.target_group), it.weight),
            });
            let sticky = forward.stickiness.map(|it| format!(", sticky for {it} s")).unwrap_or_default();
            format!("{}{sticky}", parts.collect::<Vec<_>>().join(" + "))
        }
        ListenerAction::Redirect(to) => {
            format!(
                "redirect {} {}://{}:{}{}?{}",
                to.status_code, to.protocol, to.host, to.port, to.path, to.query
            )
        }
        ListenerAction::FixedResponse(response) => {
            let kind = response.content_type.as_ref().map(|it| format!(" {it}")).unwrap_or_default();
            let body = response.message_body.as_ref().map(|it| format!(" {it:?}")).unwrap_or_default();
            format!("respond {}{kind}{body}", response.status_code)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_manifest_is_planned_as_it_says_or_answered_with_its_diagnostics() {
    let mut failures = Vec::new();
    let all = cases();
    assert!(all.len() >= 25, "the corpus is not where it should be");
    for case in &all {
        let mut story = story(case);
        story.converge_within(8);
        let plan = story.plan();
        assert!(plan.actions.is_empty(), "{}: {:#?}", case.name, plan.actions);
        let rules = told(&mut story);
        let name = &case.cluster.ingresses[0].metadata.name;
        let mut said: Vec<String> =
            outcome(&plan, name).unwrap().diagnostics.iter().map(|it| it.message.clone()).collect();
        said.retain(|it| !it.contains("no certificate"));
        if (&rules, &said) != (&case.rules, &case.diagnostics) {
            failures.push(format!("{}: {rules:#?} {said:#?}", case.name));
        }

        story.apply_all(vec![ingress("shop/none", &[])]);
        story.wait_for_the_grace();
        story.converge_within(8);
        story.wait_for_the_grace();
        story.converge_within(8);
        assert!(story.load_balancers().is_empty(), "{}: it is removed", case.name);
        let left = story.snapshot().unwrap().inventory.target_groups;
        assert!(left.is_empty(), "{}: its target groups are removed", case.name);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
