//! Proxy mode: Ingresses that ask for HTTP only, and load balancers without certificates.

use albatross_contract::{
    ANNOTATION_CERTIFICATE, ANNOTATION_HTTP_ONLY, Budget, DenySettings, DiagnosticCode, Disruption, Ingress,
    Listener, ListenerAction, LoadBalancer, LoadBalancerKind, NetworkSettings, Operation, OutcomeState,
    Protocol, Severity, TAG_HTTP_ONLY, Tag, TargetHealth, ViewPart,
};
use albatross_stories::{
    Certificates, Controller, alone, annotated, certificate, certificates_on, ingress, is_unneeded,
    make_a_load_balancer, outcome, pinned, renewal, tag, tells, unneeded_certificates, world,
};

use crate::gaps::plan_without;

const TYPE: &str = "zalando.org/aws-load-balancer-type";
const SSL_POLICY: &str = "zalando.org/aws-load-balancer-ssl-policy";

fn http_only(ingress: Ingress) -> Ingress {
    annotated(ingress, ANNOTATION_HTTP_ONLY, "true")
}

fn nlb(ingress: Ingress) -> Ingress {
    annotated(ingress, TYPE, "nlb")
}

fn shop() -> Ingress {
    ingress("checkout", &["shop.example.org"])
}

fn wiki() -> Ingress {
    ingress("wiki", &["wiki.example.org"])
}

/// A converged world with these Ingresses, and certificate 1 for all their hosts.
fn story(ingresses: Vec<Ingress>) -> Controller {
    let mut story = Controller::new(world(), vec![certificate(1, &["*.example.org"])], ingresses);
    story.converge();
    story
}

/// The same without any certificate.
fn without_certificates(ingresses: Vec<Ingress>) -> Controller {
    let mut story = Controller::new(world(), Vec::new(), ingresses);
    story.converge();
    story
}

/// Port and protocol of the listeners.
fn listens(found: &LoadBalancer) -> Vec<(u16, Protocol)> {
    let mut listeners: Vec<_> = found.listeners.iter().map(|it| (it.port, it.protocol)).collect();
    listeners.sort_unstable();
    listeners
}

fn forwards(listener: &Listener) -> bool {
    matches!(listener.default_actions.as_slice(), [ListenerAction::Forward(_)])
}

/// Whether the load balancer that the status names serves the Ingress: with its certificate, or over HTTP only.
fn is_served(story: &mut Controller, name: &str) -> bool {
    let found = story.serving(name);
    let groups = story.target_groups_of(&found);
    let mut targets = groups.iter().flat_map(|group| &group.targets);
    let is_healthy = targets.any(|target| target.health == TargetHealth::Healthy);
    let has_certificate = certificates_on(&found).contains(&Certificates::arn(1));
    let speaks_https = found.listeners.iter().any(|listener| listener.port == 443);
    let speaks_http = found.listeners.iter().any(|listener| listener.port == 80);
    is_healthy && speaks_https == has_certificate && (speaks_https || speaks_http)
}

#[test]
fn an_ingress_that_asks_for_http_only_is_served_without_a_certificate() {
    let mut story = without_certificates(vec![http_only(shop())]);

    let found = story.serving("checkout");
    assert_eq!(listens(&found), [(80, Protocol::Http)]);
    assert!(forwards(&found.listeners[0]));
    let plan = story.plan();
    assert!(plan.actions.is_empty() && plan.diagnostics.is_empty(), "{plan:#?}");
    let served = outcome(&plan, "checkout").unwrap();
    assert_eq!((served.state, &served.diagnostics), (OutcomeState::Placed, &Vec::new()));
}

#[test]
fn a_missing_certificate_makes_nobody_http_only() {
    let mut story = without_certificates(vec![http_only(shop()), wiki()]);

    let plan = story.plan();
    let rejected = outcome(&plan, "wiki").unwrap();
    assert_eq!(rejected.state, OutcomeState::Rejected);
    assert!(tells(rejected, DiagnosticCode::CertificateNone));
    assert_eq!(story.hostname("wiki"), None);

    story.annotate("wiki", ANNOTATION_HTTP_ONLY, "false");
    story.converge();
    assert_eq!(story.hostname("wiki"), None);
}

#[test]
fn http_is_forwarded_to_its_own_port_whatever_the_settings_say_of_redirects() {
    let (mut settings, inventory) = world();
    settings.proxy.redirect_http = true;
    settings.proxy.http_target_port = Some(9_998);
    settings.proxy.deny =
        Some(DenySettings { domains: Vec::new(), response: None, content_type: None, status_code: None });
    let mut story = Controller::new((settings, inventory), Vec::new(), vec![http_only(shop())]);
    story.converge();

    let found = story.serving("checkout");
    let [listener] = found.listeners.as_slice() else { panic!("{:#?}", found.listeners) };
    assert!(forwards(listener));
    assert_eq!(listener.rules.len(), 1, "requests for internal domains are denied here too");
    let groups = story.target_groups_of(&found);
    assert_eq!(groups.iter().map(|group| group.port).collect::<Vec<_>>(), [Some(9_998)]);

    story.settings.proxy.http_target_port = None;
    story.converge();
    story.wait_for_the_grace();
    story.converge();
    let groups = story.target_groups_of(&found);
    assert_eq!(groups.iter().map(|group| group.port).collect::<Vec<_>>(), [Some(9_999)]);
    assert_eq!(story.hostname("checkout").as_deref(), Some(found.dns_name.as_str()));
}

#[test]
fn ingresses_with_and_without_https_never_share_a_load_balancer() {
    let mut story = story(vec![shop(), http_only(wiki())]);
    let (secure, plain) = (story.serving("checkout"), story.serving("wiki"));
    assert_eq!(listens(&secure), [(80, Protocol::Http), (443, Protocol::Https)]);
    assert_eq!(listens(&plain), [(80, Protocol::Http)], "although a certificate covers its host");

    story.apply(http_only(ingress("blog", &["blog.example.net"])));
    let passes = story.converge();
    assert!(!make_a_load_balancer(&passes));
    assert_eq!(story.serving("blog").arn, plain.arn);

    story.apply(ingress("returns", &["returns.example.org"]));
    story.converge();
    assert_eq!(story.serving("returns").arn, secure.arn);
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(1)].into());
    assert_eq!(story.load_balancers().len(), 2);
}

#[test]
fn the_plan_says_why_a_load_balancer_without_https_is_created() {
    let mut story = story(vec![shop()]);
    story.apply(http_only(wiki()));
    let plan = story.plan();
    let reasons: Vec<&str> = plan
        .actions
        .iter()
        .filter(|action| {
            matches!(action.operation, Operation::CreateLoadBalancer(_) | Operation::CreateListener(_))
        })
        .map(|action| action.reason.as_str())
        .collect();
    assert_eq!(
        reasons,
        [
            "shop/wiki asks for HTTP only, and no shared internet-facing load balancer serves only HTTP",
            "its Ingresses ask for HTTP only"
        ]
    );
}

#[test]
fn an_ingress_that_asks_for_http_only_and_for_https_is_held_or_rejected() {
    for (annotation, value) in [
        (ANNOTATION_CERTIFICATE, Certificates::arn(1)),
        (SSL_POLICY, "ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned()),
    ] {
        let mut story = story(vec![shop()]);
        story.annotate("checkout", annotation, &value);
        story.converge();
        let before = story.serving("checkout");

        story.annotate("checkout", ANNOTATION_HTTP_ONLY, "true");
        story.apply(http_only(annotated(wiki(), annotation, &value)));
        assert!(story.converge().is_empty(), "{annotation}");
        story.wait_for_the_grace();
        assert!(story.converge().is_empty(), "{annotation}");

        assert_eq!(story.serving("checkout"), before, "{annotation}");
        let plan = story.plan();
        let [held, new] = ["checkout", "wiki"].map(|name| outcome(&plan, name).unwrap());
        assert_eq!((held.state, new.state), (OutcomeState::Held, OutcomeState::Rejected), "{annotation}");
        for told in [held, new].map(|outcome| &outcome.diagnostics[0]) {
            assert_eq!(told.code, DiagnosticCode::AnnotationInvalid);
            let names = told.message.contains(ANNOTATION_HTTP_ONLY) && told.message.contains(annotation);
            assert!(names, "{}", told.message);
        }
    }
}

#[test]
fn on_a_load_balancer_without_https_an_ingress_with_a_contradiction_stays_as_it_is() {
    let mut story = story(vec![http_only(shop())]);
    let before = story.serving("checkout");
    story.edit("checkout", |ingress| pinned(ingress, &Certificates::arn(1)));
    assert!(story.converge().is_empty());
    assert_eq!(story.serving("checkout"), before);
    assert_eq!(outcome(&story.plan(), "checkout").unwrap().state, OutcomeState::Held);

    story.annotate("checkout", ANNOTATION_HTTP_ONLY, "no");
    assert!(story.converge().is_empty(), "an annotation that cannot be read changes nothing");
    assert_eq!(story.serving("checkout"), before);
}

/// Converges. Wherever the controller is killed on the way, the load balancer that the status names serves the Ingress at every
/// moment, and everything ends as without that.
fn crash_everywhere(story: &mut Controller, expected: &[(u16, Protocol)]) {
    let mut end = story.fork();
    end.converge();
    let count = end.load_balancers().len();
    let mut crashes = 0;
    loop {
        let steps = u64::try_from(story.plan().actions.len()).unwrap();
        for call in 1..=steps {
            let mut crashed = story.fork();
            let executed = crashed.cloud.calls().writes + call;
            crashed.cloud.faults_mut().crash_before(executed);
            crashed.pass();
            crashed.cloud.faults_mut().clear();
            assert!(is_served(&mut crashed, "checkout"), "call {call}");
            for _ in 0..6 {
                crashed.wait(60);
                crashed.pass();
                assert!(is_served(&mut crashed, "checkout"), "call {call}");
            }
            crashed.converge();
            assert_eq!(listens(&crashed.serving("checkout")), expected, "call {call}");
            assert_eq!(crashed.load_balancers().len(), count, "call {call}");
        }
        crashes += steps;
        let pass = story.pass();
        assert!(is_served(story, "checkout"));
        if pass.plan.actions.is_empty() && pass.statuses.is_empty() {
            break;
        }
        story.wait(albatross_stories::WAITING);
    }
    assert!(crashes > 0);
}

/// Gives an Ingress a load balancer of a kind.
type OfKind = fn(Ingress) -> Ingress;

/// The port and the protocol of a listener.
type Port = (u16, Protocol);

#[test]
fn an_ingress_gives_https_up_and_gets_it_back_and_is_served_at_every_call() {
    let kinds: [(OfKind, [Port; 1], Vec<Port>); 3] = [
        (|it| it, [(80, Protocol::Http)], vec![(80, Protocol::Http), (443, Protocol::Https)]),
        (alone, [(80, Protocol::Http)], vec![(80, Protocol::Http), (443, Protocol::Https)]),
        (nlb, [(80, Protocol::Tcp)], vec![(443, Protocol::Tls)]),
    ];
    for (of_kind, plain, secure) in kinds {
        let mut story = story(vec![of_kind(shop()), of_kind(wiki())]);
        let before = story.serving("checkout");

        story.annotate("checkout", ANNOTATION_HTTP_ONLY, "true");
        let pass = story.fork().pass();
        assert!(pass.plan.withheld.is_empty(), "the Ingress asks for it");
        let creates = |action: &&albatross_contract::Action| {
            matches!(action.operation, Operation::CreateLoadBalancer(_))
        };
        assert_eq!(pass.plan.actions.iter().find(creates).unwrap().disruption, Disruption::Name);
        crash_everywhere(&mut story, &plain);
        story.converge();
        let left = story.load_balancers().into_iter().find(|found| found.arn == before.arn).unwrap();
        assert_eq!(certificates_on(&left), certificates_on(&before), "for the names of other people");
        assert!(is_served(&mut story, "wiki"));

        story.wait_for_the_grace();
        story.converge();
        story.annotate("checkout", ANNOTATION_HTTP_ONLY, "false");
        crash_everywhere(&mut story, &secure);
        story.converge();
        story.wait_for_the_grace();
        story.converge();
        assert!(story.load_balancers().iter().all(|found| listens(found) == secure));
        assert!(is_served(&mut story, "wiki"));
    }
}

#[test]
fn the_load_balancer_that_its_last_ingress_leaves_for_http_only_serves_until_the_grace_is_over() {
    let mut story = story(vec![shop()]);
    let before = story.serving("checkout");
    story.annotate("checkout", ANNOTATION_HTTP_ONLY, "true");
    story.converge();

    let left = story.load_balancers().into_iter().find(|found| found.arn == before.arn).unwrap();
    assert!(is_unneeded(&left) && unneeded_certificates(&left) == 0);
    assert_eq!(certificates_on(&left), [Certificates::arn(1)].into());
    story.apply(http_only(wiki()));
    story.converge();
    assert_ne!(story.serving("wiki").arn, before.arn, "it never becomes a load balancer for HTTP only");

    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.load_balancers().len(), 1);
}

#[test]
fn twenty_ingresses_give_https_up_at_once() {
    let shops: Vec<Ingress> =
        (0..20).map(|it| ingress(&format!("shop-{it}"), &[&format!("shop-{it}.example.org")])).collect();
    let mut story = story(shops.clone());
    story.apply_all(shops.into_iter().map(http_only).collect());
    let passes = story.converge();
    assert!(passes.iter().all(|pass| pass.plan.withheld.is_empty()), "each asks for it");
    assert_eq!(listens(&story.serving("shop-7")), [(80, Protocol::Http)]);
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.load_balancers().len(), 1);
}

#[test]
fn without_a_certificate_there_is_no_way_back_and_http_is_served_on() {
    let mut story = without_certificates(vec![http_only(shop())]);
    let before = story.serving("checkout");
    story.annotate("checkout", ANNOTATION_HTTP_ONLY, "false");
    assert!(story.converge().is_empty());
    story.wait_for_the_grace();
    assert!(story.converge().is_empty());
    assert_eq!(story.serving("checkout"), before);
    let plan = story.plan();
    let held = outcome(&plan, "checkout").unwrap();
    assert_eq!(held.state, OutcomeState::Held);
    let [told] = held.diagnostics.as_slice() else { panic!("{:#?}", held.diagnostics) };
    assert_eq!((told.code, told.severity), (DiagnosticCode::CertificateNone, Severity::Warning));
    assert_eq!(
        told.message,
        "no certificate covers shop.example.org: that host has no HTTPS; requests over HTTP are served"
    );

    story.add_certificate(certificate(1, &["*.example.org"]));
    story.converge();
    assert!(is_served(&mut story, "checkout"));
    assert_eq!(certificates_on(&story.serving("checkout")), [Certificates::arn(1)].into());
}

#[test]
fn an_ingress_that_finds_no_load_balancer_for_http_only_keeps_https() {
    let mut story = story(vec![shop(), wiki()]);
    let before = story.serving("checkout");
    story.cloud.inventory_mut().quotas.load_balancers = 1;
    story.annotate("checkout", ANNOTATION_HTTP_ONLY, "true");
    story.delete("wiki");
    story.converge();
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.serving("checkout").arn, before.arn);
    assert!(is_served(&mut story, "checkout"));
    let plan = story.plan();
    let held = outcome(&plan, "checkout").unwrap();
    assert!(tells(held, DiagnosticCode::QuotaExhausted), "{:#?}", held.diagnostics);
    assert!(held.diagnostics[0].message.contains("it asks for HTTP only"), "{:#?}", held.diagnostics);
}

#[test]
fn an_ingress_that_is_being_deleted_keeps_its_certificate_whatever_it_asks_for() {
    let mut story = story(vec![shop()]);
    let before = story.serving("checkout");
    story.annotate("checkout", ANNOTATION_HTTP_ONLY, "true");
    story.cluster.cluster_mut().ingresses[0].metadata.deleted_at = Some(1);
    assert!(story.converge().is_empty(), "it stays, and gets no other load balancer");
    story.wait_for_the_grace();
    assert!(story.converge().is_empty());
    assert_eq!(story.serving("checkout"), before);
}

#[test]
fn a_network_load_balancer_for_http_only_listens_on_tcp_without_a_setting() {
    let mut story = without_certificates(vec![http_only(nlb(shop()))]);
    let found = story.serving("checkout");
    assert_eq!((found.kind, listens(&found)), (LoadBalancerKind::Network, vec![(80, Protocol::Tcp)]));

    let http =
        NetworkSettings { http: Some(true), http_target_port: Some(9_998), ..NetworkSettings::default() };
    story.settings.proxy.network = Some(http);
    story.converge();
    story.wait_for_the_grace();
    story.converge();
    let found = story.serving("checkout");
    assert_eq!(listens(&found), [(80, Protocol::Tcp)]);
    let groups = story.target_groups_of(&found);
    assert_eq!(groups.iter().map(|group| group.port).collect::<Vec<_>>(), [Some(9_998)]);
}

#[test]
fn an_ingress_without_a_host_may_ask_for_http_only() {
    let mut story = without_certificates(vec![http_only(ingress("everything", &[]))]);
    assert_eq!(listens(&story.serving("everything")), [(80, Protocol::Http)]);
}

#[test]
fn made_again_an_ingress_gets_its_load_balancer_for_http_only_back() {
    let mut story = story(vec![http_only(shop()), wiki()]);
    story.wait(3_600);
    let before = story.serving("checkout");
    story.delete("checkout");
    story.pass();
    story.apply(http_only(shop()));
    let passes = story.converge();
    assert!(!make_a_load_balancer(&passes));
    assert_eq!(story.serving("checkout").arn, before.arn);
}

#[test]
fn manifests_without_statuses_find_the_load_balancers_with_and_without_https() {
    let mut story = story(vec![http_only(shop()), wiki()]);
    story.wait(3_600);
    let plan = plan_without(&story.snapshot().unwrap(), ViewPart::IngressStatuses, true);
    assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
}

#[test]
fn the_listener_and_certificate_that_a_person_adds_to_a_load_balancer_without_https_stay() {
    let mut story = story(vec![http_only(shop()), wiki()]);
    let (name, secure) = (story.hostname("checkout").unwrap(), story.serving("wiki"));
    let of_person = secure.listeners.iter().find(|listener| listener.port == 443).unwrap().clone();
    story.in_the_console(&name, |found| {
        found.listeners.push(Listener { arn: format!("{}/443", found.arn), ..of_person });
    });
    let before = story.serving("checkout");
    assert!(story.converge().is_empty());
    story.wait_for_the_grace();
    assert!(story.converge().is_empty());
    assert_eq!(story.serving("checkout"), before);
}

/// Twenty Ingresses that ask for HTTP only, on one load balancer.
fn twenty(of_kind: fn(Ingress) -> Ingress) -> Controller {
    let shops = (0..20).map(|it| ingress(&format!("shop-{it}"), &[&format!("shop-{it}.example.org")]));
    story(shops.map(|shop| http_only(of_kind(shop))).collect())
}

#[test]
fn forgotten_and_adopted_again_a_load_balancer_for_http_only_keeps_its_ingresses() {
    let mut story = twenty(|it| it);
    let before = story.serving("shop-0");
    story.settings.allowances.forget = Some(vec![before.arn.clone()]);
    story.pass();
    story.settings.allowances.forget = None;
    story.settings.allowances.adopt = Some(vec![before.arn.clone()]);
    story.pass();
    story.settings.allowances.adopt = None;
    assert!(story.converge().is_empty());
    let found = story.serving("shop-0");
    assert_eq!((&found.arn, &found.listeners), (&before.arn, &before.listeners));
    assert_eq!(tag(&found.tags, TAG_HTTP_ONLY), Some("true"));
}

#[test]
fn adopted_with_an_ingress_that_does_not_ask_for_it_a_load_balancer_gets_no_tag_for_http_only() {
    let mut story = twenty(|it| it);
    let before = story.serving("shop-0");
    story.settings.allowances.forget = Some(vec![before.arn.clone()]);
    story.pass();
    story.settings.allowances.forget = None;
    story.annotate("shop-7", ANNOTATION_HTTP_ONLY, "false");
    story.settings.allowances.adopt = Some(vec![before.arn]);
    story.pass();
    assert_eq!(tag(&story.serving("shop-0").tags, TAG_HTTP_ONLY), None);
}

#[test]
fn without_its_tag_a_load_balancer_for_http_only_serves_on_and_names_change_only_within_the_budget() {
    let kinds: [fn(Ingress) -> Ingress; 2] = [|it| it, nlb];
    for of_kind in kinds {
        let mut story = twenty(of_kind);
        story.settings.proxy.redirect_http = true;
        let (name, before) = (story.hostname("shop-0").unwrap(), story.serving("shop-0"));
        story.in_the_console(&name, |found| found.tags.retain(|tag| tag.key != TAG_HTTP_ONLY));
        let [withheld] = story.plan().withheld.try_into().unwrap();
        assert_eq!((withheld.budget, withheld.ids.len()), (Budget::NameChanges, 20));
        story.converge();
        story.wait_for_the_grace();
        story.converge();
        assert_eq!(story.load_balancers().len(), 1);
        assert_eq!(story.serving("shop-0").listeners, before.listeners);
        assert!((0..20).all(|it| story.hostname(&format!("shop-{it}")).as_deref() == Some(name.as_str())));

        story.in_the_console(&name, |found| found.tags.push(http_only_tag()));
        assert!(story.converge().is_empty(), "a person puts the tag back");
        assert_eq!(story.serving("shop-0").listeners, before.listeners);
    }
}

#[test]
fn whoever_asks_for_http_only_is_never_redirected_by_a_load_balancer_that_lost_its_tag() {
    let kinds: [fn(Ingress) -> Ingress; 2] = [|it| it, nlb];
    for of_kind in kinds {
        let mut story = twenty(of_kind);
        story.settings.proxy.redirect_http = true;
        let (name, before) = (story.hostname("shop-0").unwrap(), story.serving("shop-0"));
        story.in_the_console(&name, |found| found.tags.retain(|tag| tag.key != TAG_HTTP_ONLY));
        story.apply(of_kind(ingress("secure", &["secure.example.org"])));
        let mut joined = false;
        for _ in 0..40 {
            story.pass();
            story.wait(60);
            joined |= story.hostname("secure").as_ref() == Some(&name);
            let old = story.load_balancers().iter().find(|found| found.arn == before.arn).cloned().unwrap();
            let forwards_http =
                old.listeners.iter().any(|listener| listener.port == 80 && forwards(listener));
            let is_published =
                (0..20).any(|it| story.hostname(&format!("shop-{it}")).as_ref() == Some(&name));
            assert!(!is_published || forwards_http, "{:#?}", old.listeners);
        }
        assert!(joined, "an Ingress with HTTPS joins");
        assert_ne!(story.hostname("shop-0"), Some(name), "those that ask for HTTP only move");
        assert_eq!(listens(&story.serving("shop-0")), listens(&before));
    }
}

fn http_only_tag() -> Tag {
    Tag { key: TAG_HTTP_ONLY.into(), value: "true".into() }
}

#[test]
fn a_value_that_a_person_gives_the_tag_stops_nothing() {
    let mut story = story(vec![shop(), wiki()]);
    let name = story.hostname("checkout").unwrap();
    let before = story.serving("checkout");
    story.in_the_console(&name, |found| found.tags.push(Tag { value: "false".into(), ..http_only_tag() }));
    story.converge();
    assert_eq!(story.serving("checkout"), before, "the tag is removed");
}

#[test]
fn an_ingress_that_cannot_give_https_up_gets_the_renewed_certificate_and_is_told_without_one() {
    let mut story = story(vec![shop()]);
    story.settings.proxy.redirect_http = true;
    story.converge();
    story.cloud.inventory_mut().quotas.load_balancers = 1;
    story.annotate("checkout", ANNOTATION_HTTP_ONLY, "true");
    story.converge();
    let plan = story.plan();
    assert!(tells(outcome(&plan, "checkout").unwrap(), DiagnosticCode::QuotaExhausted));

    let now = story.cloud.now();
    for (end, told) in [
        (now + 3 * 86_400, DiagnosticCode::CertificateExpiring),
        (now - 1, DiagnosticCode::CertificateUnusable),
    ] {
        let mut story = story.fork();
        story.cloud.inventory_mut().certificates[0].not_after = Some(end);
        let plan = story.plan();
        assert!(tells(outcome(&plan, "checkout").unwrap(), told), "{:#?}", plan.outcomes);
    }

    story.add_certificate(renewal(2, &["*.example.org"], now - 60));
    story.converge();
    assert!(certificates_on(&story.serving("checkout")).contains(&Certificates::arn(2)));
}
