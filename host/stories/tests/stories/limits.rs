//! AWS's limits: Auto Scaling Groups, load balancers, certificates, targets.

use albatross_contract::{Budget, DiagnosticCode, OutcomeState};
use albatross_stories::{
    Certificates, Controller, actions, certificate, certificates_on, ingress, internal, renewal, warns,
    withheld, world,
};

use crate::one_shop::one_shop;

#[test]
fn an_auto_scaling_group_at_its_limit_takes_no_further_load_balancer() {
    let mut story = one_shop("*.example.org");
    fill_auto_scaling_group(&mut story, "nodes-1");

    story.apply(internal(ingress("wiki", &["wiki.example.org"])));

    let pass = story.pass();
    assert!(pass.plan.actions.is_empty(), "{:#?}", pass.plan.actions);
    assert_eq!(pass.outcome("wiki").unwrap().state, OutcomeState::Rejected);
    assert!(pass.tells("wiki", DiagnosticCode::AutoScalingGroupFull));
    assert!(pass.outcome("checkout").unwrap().diagnostics.is_empty(), "nobody else notices");
}

#[test]
fn with_room_for_one_more_two_newcomers_get_one_load_balancer_and_the_second_kind_waits() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"]), internal(ingress("wiki", &["wiki.example.org"]))],
    );
    story.cloud.inventory_mut().quotas.target_groups_per_auto_scaling_group = 1;

    story.converge();

    let pass = story.pass();
    assert_eq!(story.load_balancers().len(), 1);
    assert!(story.hostname("checkout").is_some(), "the first by age and name is served");
    assert!(pass.tells("wiki", DiagnosticCode::AutoScalingGroupFull));
}

#[test]
fn a_replacement_target_group_without_room_is_held_and_the_old_one_serves_on() {
    let mut story = one_shop("*.example.org");
    fill_auto_scaling_group(&mut story, "nodes-1");

    story.settings.proxy.target_port = 8888;

    let passes = story.converge();
    assert!(actions(&passes).next().is_none(), "{:#?}", passes[0].plan.actions);
    assert!(warns(&story.plan(), DiagnosticCode::AutoScalingGroupFull));
    let load_balancer = story.serving("checkout");
    assert_eq!(story.target_groups_of(&load_balancer)[0].port, Some(9999));
}

#[test]
fn while_a_replacement_is_held_the_old_target_group_keeps_its_targets_current() {
    let mut story = one_shop("*.example.org");
    fill_auto_scaling_group(&mut story, "nodes-1");
    story.settings.proxy.target_port = 8888;
    story.converge();

    story.start_node_group("nodes-3", &["a", "b"]);

    story.converge();
    assert_eq!(story.auto_scaling_group("nodes-3").target_groups.len(), 1);
}

#[test]
fn a_full_new_node_group_is_reported_and_nothing_is_retried_for_ever() {
    let mut story = one_shop("*.example.org");
    story.start_node_group("nodes-3", &["a", "b"]);
    fill_auto_scaling_group(&mut story, "nodes-3");

    let passes = story.converge();

    assert!(actions(&passes).next().is_none(), "{:#?}", passes[0].plan.actions);
    assert!(warns(&story.plan(), DiagnosticCode::AutoScalingGroupFull));
}

#[test]
fn an_account_with_all_its_load_balancers_takes_no_further_one() {
    let mut story = one_shop("*.example.org");
    story.cloud.inventory_mut().quotas.load_balancers = 1;

    story.apply(internal(ingress("wiki", &["wiki.example.org"])));
    story.apply(ingress("returns", &["returns.example.org"]));

    story.converge();
    let pass = story.pass();
    assert_eq!(pass.outcome("wiki").unwrap().state, OutcomeState::Rejected);
    assert!(pass.tells("wiki", DiagnosticCode::QuotaExhausted));
    assert_eq!(story.hostname("returns"), story.hostname("checkout"), "what needs no new one is served");

    story.cloud.inventory_mut().quotas.load_balancers = 2;
    story.converge();
    assert!(story.hostname("wiki").is_some(), "with a higher quota it is served");
}

#[test]
fn a_member_that_asks_for_another_scheme_without_room_stays_where_it_is() {
    let mut story = one_shop("*.example.org");
    story.cloud.inventory_mut().quotas.load_balancers = 1;
    let name = story.hostname("checkout");

    story.edit("checkout", internal);

    story.converge();
    let pass = story.pass();
    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Held);
    assert!(pass.tells("checkout", DiagnosticCode::QuotaExhausted));
    assert_eq!(story.hostname("checkout"), name);
}

#[test]
fn an_ingress_that_needs_more_certificates_than_a_load_balancer_may_have_is_rejected() {
    let hosts: Vec<String> = (0..25).map(|number| format!("shop-{number:02}.example.org")).collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let certificates = (0u32..).zip(&hosts).map(|(number, host)| certificate(number, &[host])).collect();
    let mut story = Controller::new(
        world(),
        certificates,
        vec![ingress("everything", &hosts), ingress("checkout", &hosts[..1])],
    );

    story.converge();

    let pass = story.pass();
    assert_eq!(pass.outcome("everything").unwrap().state, OutcomeState::Rejected);
    assert!(pass.tells("everything", DiagnosticCode::CapacityExceeded));
    assert!(story.hostname("checkout").is_some());
}

#[test]
fn a_member_that_comes_to_need_more_than_fits_moves_alone() {
    let (mut story, names) = one_full_load_balancer();
    let full = story.hostname("shop-00");
    let more: Vec<String> = (0..3).map(|number| format!("more-{number}.example.org")).collect();
    for (number, host) in (100u32..).zip(&more) {
        story.add_certificate(certificate(number, &[host]));
    }

    story.apply(ingress("shop-05", &["shop-05.example.org", &more[0], &more[1], &more[2]]));
    story.pass();
    assert_eq!(story.hostname("shop-05"), full, "it is served where it was until the other one serves");
    story.converge();

    assert_ne!(story.hostname("shop-05"), full);
    let expected = [5, 100, 101, 102].map(Certificates::arn);
    assert_eq!(certificates_on(&story.serving("shop-05")), expected.into());
    for name in names.iter().filter(|name| *name != "shop-05") {
        assert_eq!(story.hostname(name), full, "{name} stays");
    }
}

#[test]
fn ingresses_that_outgrow_a_load_balancer_stay_beyond_the_budget_until_a_person_allows_it() {
    let (mut story, names) = one_full_load_balancer();
    let full = story.hostname("shop-00");
    for (number, name) in (100u32..).zip(&names).take(12) {
        let more = format!("more-{name}.example.org");
        story.add_certificate(certificate(number, &[&more]));
        story.apply(ingress(name, &[&format!("{name}.example.org"), &more]));
    }

    story.converge();

    let pass = story.pass();
    let held_back = withheld(&pass.plan, Budget::NameChanges).unwrap();
    assert_eq!((held_back.count, held_back.total, held_back.limit), (6, 24, 5));
    assert!(held_back.message.contains("--allow-name-change"), "{}", held_back.message);
    for name in &names[6..12] {
        assert!(pass.tells(name, DiagnosticCode::WithheldNameChange), "{name}");
        assert_eq!(pass.outcome(name).unwrap().state, OutcomeState::Held, "{name}");
    }
    assert!(names.iter().all(|name| story.hostname(name) == full), "nobody moves");

    story.settings.allowances.name_change = vec!["shop/shop-08".into()];
    story.converge();
    let moved: Vec<&String> = names.iter().filter(|name| story.hostname(name) != full).collect();
    assert_eq!(moved, names[6..12].iter().collect::<Vec<_>>(), "one is allowed, and five are few enough");
    let shared = certificates_on(&story.serving("shop-00"));
    assert!((100..106).all(|number| shared.contains(&Certificates::arn(number))), "the others have room now");
}

#[test]
fn newcomers_go_elsewhere_while_withheld_certificates_take_the_places() {
    let (mut story, names) = one_full_load_balancer();
    let full = story.hostname("shop-00");
    let mut ingresses = story.cluster.cluster().ingresses.clone();
    ingresses.retain(|ingress| !names[..10].contains(&ingress.metadata.name));
    for number in 0..10 {
        let host = format!("new-{number}.example.org");
        story.add_certificate(certificate(100 + number, &[&host]));
        ingresses.push(ingress(&format!("new-{number}"), &[&host]));
    }

    story.apply_all(ingresses);

    story.converge();
    assert_eq!(withheld(&story.plan(), Budget::UnneededCertificates).unwrap().count, 10);
    for number in 0..10 {
        let name = format!("new-{number}");
        assert!(story.hostname(&name).is_some(), "{name}");
        assert!(certificates_on(&story.serving(&name)).contains(&Certificates::arn(100 + number)), "{name}");
    }
    let now = story.cloud.now();
    story.add_certificate(renewal(200, &["shop-20.example.org"], now));
    story.converge();
    assert_eq!(story.hostname("shop-20"), full);
    assert!(
        certificates_on(&story.serving("shop-20")).contains(&Certificates::arn(200)),
        "renewals have a place"
    );
}

#[test]
fn certificates_on_a_listener_that_somebody_added_take_places_too() {
    let hosts: Vec<String> = (0..10).map(|number| format!("shop-{number}.example.org")).collect();
    let certificates = (0u32..).zip(&hosts).map(|(number, host)| certificate(number, &[host])).collect();
    let mut story = Controller::new(world(), certificates, vec![ingress("shop-0", &[&hosts[0]])]);
    story.converge();
    let name = story.hostname("shop-0").unwrap();
    story.in_the_console(&name, |found| {
        let mut listener = found.listeners[1].clone();
        listener.arn.push('8');
        listener.port = 8443;
        listener.tags.clear();
        listener.certificates = (100..120).map(Certificates::arn).collect();
        found.listeners.push(listener);
    });
    (100..120).for_each(|number| {
        story.add_certificate(certificate(number, &[&format!("api-{number}.example.org")]));
    });

    for (number, host) in hosts.iter().enumerate().skip(1) {
        story.apply(ingress(&format!("shop-{number}"), &[host]));
    }

    story.converge();
    let names = (0..10).map(|number| story.hostname(&format!("shop-{number}")));
    let everybody: Vec<Option<String>> = names.collect();
    let together = everybody.iter().filter(|found| found.as_ref() == Some(&name));
    assert_eq!(together.count(), 4, "with twenty of the listener these are 24");
    assert!(everybody.iter().all(Option::is_some));
    story.add_certificate(certificate(99, &["more.example.org"]));
    story.apply(ingress("shop-0", &[&hosts[0], "more.example.org"]));
    story.converge();
    assert_ne!(
        story.hostname("shop-0"),
        Some(name),
        "what a member comes to ask for has no place there either"
    );
}

/// As many Ingresses, each with its own host and certificate, as fit on a load balancer.
fn one_full_load_balancer() -> (Controller, Vec<String>) {
    let names: Vec<String> = (0..24).map(|number| format!("shop-{number:02}")).collect();
    let hosts: Vec<String> = names.iter().map(|name| format!("{name}.example.org")).collect();
    let certificates = (0u32..).zip(&hosts).map(|(number, host)| certificate(number, &[host])).collect();
    let ingresses = names.iter().zip(&hosts).map(|(name, host)| ingress(name, &[host])).collect();
    let mut story = Controller::new(world(), certificates, ingresses);
    story.converge();
    assert_eq!(story.load_balancers().len(), 1);
    (story, names)
}

/// Somebody else attaches other target groups up to the quota.
fn fill_auto_scaling_group(story: &mut Controller, name: &str) {
    let inventory = story.cloud.inventory_mut();
    let limit = inventory.quotas.target_groups_per_auto_scaling_group as usize;
    let group = inventory.auto_scaling_groups.iter_mut().find(|group| group.name == name).unwrap();
    let account = albatross_stories::ACCOUNT;
    let region = albatross_stories::REGION;
    for number in group.target_groups.len()..limit {
        let arn = format!(
            "arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/theirs-{number}/{number:016x}"
        );
        group.target_groups.push(arn);
    }
}
