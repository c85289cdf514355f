//! Moving over from kube-ingress-aws-controller: its load balancers become ours, and nobody notices.

use albatross_contract::{
    DenySettings, DiagnosticCode, Inventory, LoadBalancer, LoadBalancerKind, LoadBalancerState, Operation,
    Plan, Protocol, Scheme, Severity, StatusChange, TAG_APPLICATION, TAG_CLUSTER, TAG_ID, TAG_INGRESS, Tag,
    ViewPart,
};
use albatross_embedded_cloud::execution;
use albatross_stories::{
    CLUSTER, Certificates, Controller, START, WAITING, actions, alone,
    ancestor::{self, Stack},
    certificate, certificates_on, ingress, make_a_load_balancer, tag, take_something_away,
    unneeded_certificates, world,
};

use crate::gaps::plan_without;

/// An account with these stacks, in which kube-ingress-aws-controller was the only controller.
pub fn account(stacks: &[Stack]) -> (albatross_contract::Settings, Inventory) {
    let (settings, mut inventory) = world();
    for tag in inventory.security_groups.iter_mut().flat_map(|group| &mut group.tags) {
        if tag.key == TAG_APPLICATION {
            tag.value = ancestor::CONTROLLER.to_owned();
        }
    }
    stacks.iter().for_each(|stack| stack.put_into(&mut inventory));
    (settings, inventory)
}

/// `shop/checkout` and `shop/wiki` on one stack.
fn moving() -> (Stack, Controller) {
    let stack = Stack::new(1, &[Certificates::arn(1), Certificates::arn(2)]);
    let story = served_by(&stack);
    (stack, story)
}

/// `shop/checkout` and `shop/wiki` on this stack.
fn served_by(stack: &Stack) -> Controller {
    let certificates = vec![certificate(1, &["shop.example.org"]), certificate(2, &["wiki.example.org"])];
    let ingresses = [("checkout", "shop.example.org"), ("wiki", "wiki.example.org")];
    let ingresses = ingresses.map(|(name, host)| ingress(name, &[host]));
    let mut story = Controller::new(account(std::slice::from_ref(stack)), certificates, ingresses.to_vec());
    stack.publish(&["shop/checkout", "shop/wiki"], &mut story);
    story
}

fn adopt(story: &mut Controller, name: &str) -> Plan {
    story.settings.allowances.adopt = Some(vec![name.to_owned()]);
    let pass = story.pass();
    story.settings.allowances.adopt = None;
    pass.plan
}

fn refusal(story: &mut Controller, name: &str) -> String {
    let plan = adopt(story, name);
    assert!(
        !plan.actions.iter().any(|action| matches!(action.operation, Operation::AddTags(_))),
        "{:#?}",
        plan.actions
    );
    let refused = |code| code == DiagnosticCode::AdoptionRefused;
    plan.diagnostics.iter().find(|it| refused(it.code)).map(|it| it.message.clone()).unwrap_or_default()
}

/// An account without tags, in which only what answers requests is left.
fn answers(inventory: &Inventory) -> Inventory {
    let mut answers = inventory.clone();
    answers.load_balancers.iter_mut().for_each(|found| found.tags.clear());
    answers.target_groups.iter_mut().for_each(|found| found.tags.clear());
    answers
}

#[test]
fn an_adopted_load_balancer_keeps_its_name_and_afterwards_there_is_nothing_to_do() {
    let (stack, mut story) = moving();
    let before = answers(story.cloud.inventory());

    let plan = adopt(&mut story, &stack.name());

    assert!(plan.actions.iter().all(|action| matches!(action.operation, Operation::AddTags(_))));
    assert!(plan.outcomes.iter().all(|outcome| outcome.status == StatusChange::Keep));
    assert_eq!(answers(story.cloud.inventory()), before, "only tags change");
    let next = story.pass();
    assert!(next.plan.actions.is_empty(), "{:#?}", next.plan.actions);
    assert!(next.statuses.is_empty() && next.plan.withheld.is_empty());
    assert_eq!(story.serving("checkout").name, stack.load_balancer_name());
    assert_eq!(story.serving("wiki").arn, stack.load_balancer());
    story.apply(ingress("returns", &["shop.example.org"]));
    assert!(!make_a_load_balancer(&story.converge()));
    assert_eq!(story.serving("returns").arn, stack.load_balancer(), "others may join it");
}

#[test]
fn a_network_load_balancer_is_adopted_too_and_afterwards_there_is_nothing_to_do() {
    let stack = Stack::network(1, &[Certificates::arn(1), Certificates::arn(2)]);
    let mut story = served_by(&stack);
    story.settings.proxy.default_kind = Some(LoadBalancerKind::Network);
    let before = answers(story.cloud.inventory());

    assert_eq!(adopt(&mut story, &stack.name()).actions.len(), 2);

    assert_eq!(answers(story.cloud.inventory()), before, "only tags change");
    let next = story.pass();
    assert!(next.plan.actions.is_empty(), "{:#?}", next.plan.actions);
    assert_eq!(story.serving("checkout").arn, stack.load_balancer());
    story.apply(ingress("returns", &["shop.example.org"]));
    assert!(!make_a_load_balancer(&story.converge()));
    assert_eq!(story.serving("returns").arn, stack.load_balancer(), "others may join it");
}

#[test]
fn a_load_balancer_is_named_by_its_stack_its_name_or_its_arn() {
    for name in [Stack::name, Stack::load_balancer_name, Stack::load_balancer] {
        let (stack, mut story) = moving();
        assert_eq!(adopt(&mut story, &name(&stack)).actions.len(), 2);
        let found = story.serving("checkout");
        assert!(tag(&found.tags, TAG_ID).is_some());
        let said = refusal(&mut story, &name(&stack));
        assert!(said.ends_with("is ours already"), "{said}");
    }
}

#[test]
fn an_interrupted_adoption_gives_nobody_anything_and_the_next_attempt_completes_it() {
    let stack = Stack {
        http_target_port: Some(9998),
        ..Stack::new(1, &[Certificates::arn(1), Certificates::arn(2)])
    };
    for done in 1..=2 {
        let mut story = served_by(&stack);
        story.settings.allowances.adopt = Some(vec![stack.name()]);
        let mut plan = story.plan();
        assert_eq!(plan.actions.len(), 3);
        plan.actions.truncate(done);
        execution::execute(&mut story.cloud, &plan, &mut |_, _| {});

        // The controller runs without the names, and somebody comes who needs another load balancer.
        story.settings.allowances.adopt = None;
        story.add_certificate(certificate(3, &["other.example.org"]));
        story.delete("wiki");
        story.delete("checkout");
        story.apply(ingress("other", &["other.example.org"]));
        let passes = story.converge();
        assert!(!take_something_away(&passes), "{passes:#?}");
        assert_ne!(story.serving("other").arn, stack.load_balancer());
        let other = tag(&story.serving("other").tags, TAG_ID).unwrap().to_owned();
        story.wait_for_the_grace();
        assert!(story.converge().is_empty(), "what is half adopted never becomes unneeded");

        let plan = adopt(&mut story, &stack.name());
        assert_eq!(plan.actions.len(), 3 - done);
        let adopted =
            story.load_balancers().into_iter().find(|found| found.arn == stack.load_balancer()).unwrap();
        let id = tag(&adopted.tags, TAG_ID).unwrap();
        assert_ne!(id, other);
        let groups = story.target_groups_of(&adopted);
        assert_eq!(groups.iter().map(|group| group.arn.clone()).collect::<Vec<_>>(), stack.target_groups());
    }
}

#[test]
fn a_load_balancer_that_an_ingress_has_for_itself_stays_its_own() {
    let stack = Stack { owner: Some("shop/checkout".to_owned()), ..Stack::new(1, &[Certificates::arn(1)]) };
    let checkout = alone(ingress("checkout", &["shop.example.org"]));
    let certificates = vec![certificate(1, &["shop.example.org"])];
    let mut story = Controller::new(account(std::slice::from_ref(&stack)), certificates, vec![checkout]);
    stack.publish(&["shop/checkout"], &mut story);

    adopt(&mut story, &stack.name());

    assert_eq!(tag(&story.serving("checkout").tags, TAG_INGRESS), Some("shop/checkout"));
    assert!(story.pass().plan.actions.is_empty());
    story.apply(ingress("returns", &["shop.example.org"]));
    story.converge();
    assert_ne!(story.serving("returns").arn, stack.load_balancer());
}

#[test]
fn certificates_that_nobody_needs_get_their_grace() {
    let (stack, mut story) = moving();
    story.delete("wiki");
    adopt(&mut story, &stack.name());

    story.converge();

    let found = story.serving("checkout");
    assert_eq!((certificates_on(&found).len(), unneeded_certificates(&found)), (2, 1));
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(1)].into());
}

#[test]
fn rules_attributes_and_tags_that_we_do_not_manage_stay() {
    let stack = Stack { denies: true, ..Stack::new(1, &[Certificates::arn(1), Certificates::arn(2)]) };
    let mut story = served_by(&stack);
    let before = story.serving("checkout");
    adopt(&mut story, &stack.name());
    assert!(story.pass().plan.actions.is_empty());

    let after = story.serving("checkout");
    assert_eq!((&after.listeners, &after.attributes), (&before.listeners, &before.attributes));
    let kept = |found: &&Tag| found.key != TAG_APPLICATION;
    assert!(before.tags.iter().filter(kept).all(|tag| after.tags.contains(tag)));
}

#[test]
fn with_the_settings_of_its_flags_rules_for_internal_domains_are_the_same() {
    let stack = Stack { denies: true, ..Stack::new(1, &[Certificates::arn(1), Certificates::arn(2)]) };
    let mut story = served_by(&stack);
    story.settings.proxy.deny =
        Some(DenySettings { domains: Vec::new(), response: None, content_type: None, status_code: None });
    adopt(&mut story, &stack.name());

    let plan = story.pass().plan;

    assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
}

#[test]
fn with_the_setting_of_its_flag_the_redirect_is_the_same() {
    let stack = Stack { redirects: true, ..Stack::new(1, &[Certificates::arn(1), Certificates::arn(2)]) };
    let mut story = served_by(&stack);
    story.settings.proxy.redirect_http = true;
    adopt(&mut story, &stack.name());
    assert!(story.pass().plan.actions.is_empty());
}

#[test]
fn other_settings_change_the_load_balancer_after_it_is_adopted() {
    let (stack, mut story) = moving();
    story.settings.idle_timeout = 120;
    assert_eq!(adopt(&mut story, &stack.name()).actions.len(), 2);
    let operations: Vec<Operation> =
        story.pass().plan.actions.into_iter().map(|action| action.operation).collect();
    assert!(matches!(operations.as_slice(), [Operation::ModifyLoadBalancerAttributes(_)]), "{operations:#?}");
}

#[test]
fn a_separate_target_port_for_http_ends_only_when_the_other_target_group_is_healthy() {
    let stack = Stack {
        http_target_port: Some(9998),
        ..Stack::new(1, &[Certificates::arn(1), Certificates::arn(2)])
    };
    let mut story = served_by(&stack);
    assert_eq!(adopt(&mut story, &stack.name()).actions.len(), 3);
    let passes = story.converge();
    let detached = passes.iter().any(|pass| {
        pass.plan.actions.iter().any(|action| matches!(action.operation, Operation::DetachTargetGroup(_)))
    });
    assert!(!detached, "the target group that is no longer used has its grace");
    assert_eq!(story.serving("checkout").arn, stack.load_balancer());
}

#[test]
fn another_target_port_is_switched_to_a_target_group_with_a_name_of_ours_when_that_is_healthy() {
    let (stack, mut story) = moving();
    adopt(&mut story, &stack.name());
    story.settings.proxy.target_port = 9990;
    let passes = story.converge();
    let created = |operation: &Operation| match operation {
        Operation::CreateTargetGroup(create) => Some(create.name.clone()),
        _ => None,
    };
    let names: Vec<String> = actions(&passes).filter_map(|action| created(&action.operation)).collect();
    let [name] = names.as_slice() else { panic!("{names:?}") };
    assert!(name.starts_with("albatross-") && name.len() <= 32, "{name}");
    assert_eq!(story.serving("checkout").arn, stack.load_balancer());
}

#[test]
fn several_load_balancers_are_adopted_in_one_go_and_get_ids_of_their_own() {
    let stacks = [1, 2, 3].map(|number| Stack::new(number, &[Certificates::arn(number)]));
    let stacks = stacks.map(|stack| match stack.number {
        3 => Stack { scheme: Scheme::Internal, ..stack },
        _ => stack,
    });
    let mut story = Controller::new(account(&stacks), vec![certificate(1, &["a.org"])], Vec::new());
    story.settings.allowances.adopt = Some(stacks.iter().map(Stack::name).collect());
    assert_eq!(story.pass().plan.actions.len(), 6);
    let ids: std::collections::BTreeSet<String> = story
        .load_balancers()
        .iter()
        .filter_map(|found| tag(&found.tags, TAG_ID).map(str::to_owned))
        .collect();
    assert_eq!(ids.len(), 3);
    assert!(
        story
            .plan()
            .diagnostics
            .iter()
            .any(|it| it.severity == Severity::Info && it.message.contains("is ours already"))
    );
}

#[test]
fn a_load_balancer_that_cannot_be_managed_is_refused_with_the_reason() {
    type Change = fn(&mut Inventory);
    fn first(inventory: &mut Inventory) -> &mut LoadBalancer {
        &mut inventory.load_balancers[0]
    }
    fn retag(inventory: &mut Inventory, key: &str, value: Option<&str>) {
        let tags = &mut first(inventory).tags;
        tags.retain(|tag| tag.key != key);
        tags.extend(value.map(|value| Tag { key: key.to_owned(), value: value.to_owned() }));
    }
    let cases: [(Change, &str); 11] = [
        (|inventory| first(inventory).kind = LoadBalancerKind::Gateway, "it is a gateway load balancer"),
        (
            |inventory| first(inventory).vpc_id = "vpc-2".to_owned(),
            "it is in vpc-2, and the VPC of this cluster is vpc-1",
        ),
        (|inventory| first(inventory).state = LoadBalancerState::Failed, "AWS could not provision it"),
        (
            |inventory| retag(inventory, &format!("{TAG_CLUSTER}{CLUSTER}"), None),
            "it lacks the tag kubernetes.io/cluster/harbour=owned",
        ),
        (
            |inventory| {
                retag(inventory, &format!("{TAG_CLUSTER}{CLUSTER}"), None);
                retag(inventory, &format!("{TAG_CLUSTER}other"), Some("owned"));
            },
            "it belongs to the cluster other",
        ),
        (
            |inventory| retag(inventory, "kubernetes.io/service-name", Some("shop/edge")),
            "its tag kubernetes.io/service-name says that another controller manages it",
        ),
        (|inventory| retag(inventory, TAG_ID, Some("0123")), "another Albatross manages it"),
        (
            |inventory| {
                let mut other = first(inventory).listeners[0].clone();
                (other.port, other.arn) = (8080, other.arn.replace("50", "8080"));
                first(inventory).listeners.push(other);
            },
            "it has a listener for HTTP on port 8080",
        ),
        (
            |inventory| first(inventory).listeners[1].protocol = Protocol::Tls,
            "it has a listener for TLS on port 443",
        ),
        (|inventory| inventory.target_groups[0].tags.clear(), "its listener on port 80 forwards to"),
        (
            |inventory| (0..50).for_each(|number| retag(inventory, &format!("k{number}"), Some("v"))),
            "and AWS allows 50",
        ),
    ];
    for (change, expected) in cases {
        let (stack, mut story) = moving();
        change(story.cloud.inventory_mut());
        let said = refusal(&mut story, &stack.load_balancer());
        assert!(said.starts_with("it is not adopted: ") && said.contains(expected), "{said}");
    }
}

#[test]
fn nobody_gets_another_load_balancer_while_one_that_is_named_cannot_be_adopted() {
    let (stack, mut story) = moving();
    story.settings.allowances.adopt = Some(vec![stack.name()]);
    story.cloud.inventory_mut().target_groups[0].tags.clear();
    assert!(story.converge().is_empty());
    story.settings.allowances.adopt = Some(vec!["gone".to_owned()]);
    assert!(make_a_load_balancer(&story.converge()), "a name that is gone holds nobody back");
}

#[test]
fn what_waits_for_a_load_balancer_that_cannot_be_adopted_is_told() {
    let (stack, mut story) = moving();
    adopt(&mut story, &stack.name());
    let ours = story.load_balancers()[0].clone();
    let mut foreign = ours.clone();
    (foreign.arn, foreign.name, foreign.dns_name) =
        (format!("{}2", ours.arn), "foreign".to_owned(), "foreign.elb".to_owned());
    foreign.tags.clear();
    story.cloud.inventory_mut().load_balancers.push(foreign);
    story.settings.allowances.adopt = Some(vec!["foreign".to_owned()]);
    story.settings.allowances.forget = Some(vec![ours.arn.clone()]);
    let plan = story.plan();
    assert!(plan.actions.is_empty());
    let told: Vec<(&str, &str)> =
        plan.diagnostics.iter().map(|it| (it.subject.as_str(), it.message.as_str())).collect();
    let waits = "it is not forgotten: it waits for another load balancer";
    assert!(told.iter().any(|(subject, said)| *subject == ours.arn && said.starts_with(waits)), "{told:#?}");
}

#[test]
fn a_name_that_stands_for_no_load_balancer_or_for_several_is_refused() {
    let (stack, mut story) = moving();
    assert!(refusal(&mut story, "kube-i-LB").contains("no load balancer of this region"));
    let mut twin = story.load_balancers()[0].clone();
    (twin.arn, twin.name, twin.dns_name) =
        (format!("{}2", twin.arn), "twin".to_owned(), "twin.elb".to_owned());
    twin.listeners.clear();
    story.cloud.inventory_mut().load_balancers.push(twin);
    assert!(refusal(&mut story, &stack.name()).contains("it stands for 2 load balancers"));
    assert_eq!(adopt(&mut story, &stack.load_balancer()).actions.len(), 2, "the ARN is unique");
}

#[test]
fn nothing_is_adopted_while_the_view_is_incomplete() {
    for part in [ViewPart::Listeners, ViewPart::TargetGroups, ViewPart::Tags, ViewPart::LoadBalancers] {
        let (stack, mut story) = moving();
        story.settings.allowances.adopt = Some(vec![stack.name()]);
        let plan = plan_without(&story.snapshot().unwrap(), part, false);
        assert!(plan.actions.is_empty(), "{part:?}: {:#?}", plan.actions);
    }
}

#[test]
fn while_its_controller_still_runs_it_attaches_and_detaches_as_before() {
    let (stack, mut story) = moving();
    let attached = |story: &mut Controller| -> Vec<Vec<String>> {
        story.cloud.inventory().auto_scaling_groups.iter().map(|group| group.target_groups.clone()).collect()
    };
    let before = attached(&mut story);
    adopt(&mut story, &stack.name());
    ancestor::attach_and_detach(std::slice::from_ref(&stack), story.cloud.inventory_mut());
    assert_eq!(attached(&mut story), before);
    assert!(story.pass().plan.actions.is_empty());
    // The stack is gone, or CloudFormation shows no outputs while the stack is rolled back.
    ancestor::attach_and_detach(&[], story.cloud.inventory_mut());
    assert_eq!(attached(&mut story), before, "what is ours is not its own");
    assert!(story.pass().plan.actions.is_empty());
}

#[test]
fn its_age_is_that_of_the_load_balancer_so_no_name_waits() {
    let (stack, mut story) = moving();
    adopt(&mut story, &stack.name());
    story.wait(WAITING);
    assert!(story.serving("checkout").created_at < START);
    assert!(story.pass().statuses.is_empty());
}
