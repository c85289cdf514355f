//! Route mode: a group that needs more than one load balancer may have, and the scheme of a group.

use albatross_contract::{DiagnosticCode, HttpRequest, Ingress, IngressBackend, LoadBalancerFate, Scheme};
use albatross_embedded_cloud::AnsweredBy;
use albatross_stories::{Controller, Pass, WAITING, annotated, fates, ingress, service, tag};

use crate::routes::{story, with_paths};

const GROUP: &str = "alb.ingress.kubernetes.io/group.name";
const SCHEME: &str = "alb.ingress.kubernetes.io/scheme";
/// The annotation for the addresses that may send requests.
pub const CIDRS: &str = "alb.ingress.kubernetes.io/inbound-cidrs";

const SERVICES: [(&str, u16); 4] = [("cart", 30_080), ("pay", 30_081), ("wiki", 30_082), ("blog", 30_083)];

/// A member of the group `shop` with its own host and this many rules, all for its own Service.
pub fn member(name: &str, rules: usize) -> Ingress {
    with_rules(annotated(ingress(name, &[&format!("{name}.example.org")]), GROUP, "shop"), name, rules)
}

fn with_rules(ingress: Ingress, service: &str, rules: usize) -> Ingress {
    let paths: Vec<String> =
        (0..rules).map(|number| if number == 0 { "/".to_owned() } else { format!("/{number}") }).collect();
    let paths: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), service)).collect();
    with_paths(ingress, &paths)
}

/// Members of a group whose load balancers can have ten rules each, of which one is kept free. A rule has room for one path.
pub fn begin(members: Vec<Ingress>) -> Controller {
    let services = SERVICES.iter().map(|(name, port)| service(name, *port)).collect();
    let mut story = story(members, services);
    story.cloud.inventory_mut().quotas.rules_per_load_balancer = 10;
    story.cloud.inventory_mut().quotas.condition_values_per_rule = 3;
    story.settings.allow_group_split = true;
    story
}

/// Each Ingress with the tag of the load balancer that its status names.
pub fn places(story: &mut Controller, names: &[&str]) -> Vec<String> {
    let place = |name: &&str| match story.hostname(name) {
        None => "none".to_owned(),
        Some(_) => tag(&story.serving(name).tags, "albatross/group").unwrap_or_default().to_owned(),
    };
    names.iter().map(place).collect()
}

/// Requests for the first host and the last path of each published Ingress get to its Service on the load balancer that the
/// status names.
fn assert_served(story: &mut Controller, when: &str) {
    for ingress in story.cluster.cluster().ingresses.clone() {
        let name = ingress.metadata.name.as_str();
        if story.hostname(name).is_none() {
            continue;
        }
        let load_balancer = story.serving(name);
        let path = ingress.rules[0].paths.last().unwrap();
        let IngressBackend::Service(backend) = &path.backend else { panic!("{name}") };
        let request = HttpRequest {
            method: "GET".into(),
            scheme: "http".into(),
            port: 80,
            host: ingress.rules[0].host.clone().unwrap(),
            path: path.path.clone().unwrap(),
            query: None,
            headers: Vec::new(),
            source_address: None,
        };
        let answer = story.cloud.route(&load_balancer.arn, &request, 0);
        let Some(AnsweredBy::TargetGroup(arn)) = answer.as_ref().map(|answer| &answer.by) else {
            panic!("{when}: {name}: {answer:?}")
        };
        let group = story.cloud.inventory().target_groups.iter().find(|group| group.arn == *arn).unwrap();
        let (_, port) = SERVICES.iter().find(|(service, _)| *service == backend.name).unwrap();
        assert_eq!(group.port, Some(*port), "{when}: {name}");
    }
}

/// Runs passes, and looks at all requests after each of them.
pub fn converge(story: &mut Controller) -> Vec<Pass> {
    let mut passes = Vec::new();
    for number in 0..8 {
        let pass = story.pass();
        assert_served(story, &format!("pass {number}"));
        let is_over = pass.plan.actions.is_empty() && pass.statuses.is_empty();
        passes.push(pass);
        if is_over {
            return passes;
        }
        story.wait(WAITING);
    }
    panic!("not converged: {:#?}", passes.last());
}

#[test]
fn without_the_setting_a_group_that_outgrows_its_load_balancer_is_held_and_a_message_says_what_would_move() {
    let mut story = begin(vec![member("cart", 5), member("pay", 3)]);
    story.settings.allow_group_split = false;
    converge(&mut story);
    story.apply(member("wiki", 4));
    story.edit("pay", |it| with_rules(it, "pay", 5));
    let passes = converge(&mut story);

    assert_eq!(places(&mut story, &["cart", "pay", "wiki"]), ["shop", "shop", "none"]);
    assert_eq!(story.load_balancers().len(), 1);
    for (name, text) in [("pay", "shop/pay would move to load balancer 2"), ("wiki", "shop/wiki would go to")]
    {
        let told = &passes.last().unwrap().outcome(name).unwrap().diagnostics;
        assert!(told.iter().any(|it| it.message.contains(text)), "{told:#?}");
        assert!(told.iter().any(|it| it.message.contains("allow-group-split")), "{told:#?}");
    }
    assert!(passes.last().unwrap().outcome("cart").unwrap().diagnostics.is_empty());

    story.settings.allow_group_split = true;
    converge(&mut story);
    assert_eq!(places(&mut story, &["cart", "pay", "wiki"]), ["shop", "shop/2", "shop/2"]);
}

#[test]
fn newcomers_without_room_get_a_further_load_balancer_that_goes_when_it_is_empty() {
    let mut story = begin(vec![member("cart", 5)]);
    converge(&mut story);
    story.apply(member("pay", 5));
    story.apply(member("wiki", 4));
    let passes = converge(&mut story);
    assert_eq!(places(&mut story, &["cart", "pay", "wiki"]), ["shop", "shop/2", "shop"]);
    let first = &passes[0].outcome("pay").unwrap().diagnostics;
    assert!(first.iter().any(|it| it.message.contains("group shop is split")), "{first:#?}");

    story.delete("cart");
    converge(&mut story);
    story.wait_for_the_grace();
    converge(&mut story);
    assert_eq!(places(&mut story, &["pay", "wiki"]), ["shop/2", "shop"], "nobody moves back");

    story.delete("pay");
    let passes = converge(&mut story);
    assert!(fates(&passes[0].plan).contains(&LoadBalancerFate::Unneeded));
    story.wait_for_the_grace();
    converge(&mut story);
    assert_eq!(story.load_balancers().len(), 1);
    assert_eq!(places(&mut story, &["wiki"]), ["shop"]);
}

#[test]
fn a_unit_that_has_grown_moves_alone_and_is_served_all_the_time() {
    let shared = annotated(with_rules(ingress("news", &["pay.example.org"]), "pay", 1), GROUP, "shop");
    let mut story = begin(vec![member("cart", 4), member("pay", 3), shared]);
    converge(&mut story);
    let before = story.hostname("cart");
    let arn = story.serving("cart").arn;

    story.edit("pay", |it| with_rules(it, "pay", 6));
    let passes = converge(&mut story);
    assert!(passes.len() > 2, "the new load balancer serves before the statuses name it");
    assert_eq!(story.hostname("cart"), before);
    assert_eq!(places(&mut story, &["cart", "pay", "news"]), ["shop", "shop/2", "shop/2"]);
    let rules = |story: &mut Controller| -> usize {
        let found = story.cloud.inventory().load_balancers.iter().find(|it| it.arn == arn).unwrap();
        found.listeners.iter().map(|listener| listener.rules.len()).sum()
    };
    assert_eq!(rules(&mut story), 7, "the old rules stay for the grace period");
    story.wait_for_the_grace();
    converge(&mut story);
    assert_eq!(rules(&mut story), 4);
}

#[test]
fn a_newcomer_with_hosts_on_two_load_balancers_goes_where_its_first_host_is() {
    let mut story = begin(vec![member("cart", 5), member("pay", 6)]);
    converge(&mut story);
    let both = ingress("wiki", &["pay.example.org", "cart.example.org"]);
    let mut both = annotated(both, GROUP, "shop");
    let paths = with_paths(ingress("x", &["x"]), &[("/wiki", "wiki")]).rules[0].paths.clone();
    both.rules.iter_mut().for_each(|rule| rule.paths.clone_from(&paths));
    story.apply(both);
    let passes = converge(&mut story);

    assert_eq!(places(&mut story, &["cart", "pay", "wiki"]), ["shop", "shop/2", "shop/2"]);
    assert!(passes.last().unwrap().tells("wiki", DiagnosticCode::HostSplit));
    let hosts = serde_json::to_string(&story.serving("wiki").listeners[0].rules).unwrap();
    assert!(!hosts.contains("cart.example.org"), "{hosts}");

    story.delete("cart");
    converge(&mut story);
    assert!(!story.pass().tells("wiki", DiagnosticCode::HostSplit), "nobody else has the host any more");
}

#[test]
fn all_load_balancers_of_a_group_have_the_settings_for_which_any_of_its_members_asks() {
    let first = annotated(member("cart", 5), CIDRS, "192.0.2.0/24");
    let mut story = begin(vec![first, member("pay", 5)]);
    converge(&mut story);
    assert_eq!(places(&mut story, &["cart", "pay"]), ["shop", "shop/2"]);
    let text = serde_json::to_string(&story.cloud.inventory().security_groups).unwrap();
    assert_eq!(text.matches("192.0.2.0/24").count(), 2, "{text}");
    assert!(!text.contains("0.0.0.0/0\",\"description\":\"albatross"), "{text}");
}

#[test]
fn after_a_crash_at_any_call_of_a_split_the_next_passes_complete_the_same_split() {
    for call in 1.. {
        let mut story = begin(vec![member("cart", 5), member("pay", 3)]);
        converge(&mut story);
        story.edit("pay", |it| with_rules(it, "pay", 5));
        let written = story.cloud.calls().writes;
        story.cloud.faults_mut().crash_after(written + call);
        story.pass();
        let is_over = story.cloud.calls().writes < written + call;
        story.cloud.faults_mut().clear();
        assert_served(&mut story, &format!("after call {call}"));
        // Another Ingress arrives meanwhile.
        story.apply(member("blog", 4));
        story.wait(WAITING);
        converge(&mut story);
        assert_eq!(places(&mut story, &["cart", "pay", "blog"]), ["shop", "shop/2", "shop/2"], "call {call}");
        assert_eq!(story.load_balancers().len(), 2, "call {call}");
        if is_over {
            break;
        }
    }
}

#[test]
fn members_of_a_group_that_name_no_scheme_have_that_of_the_members_that_name_one() {
    let public = annotated(member("cart", 1), SCHEME, "internet-facing");
    let mut story = begin(vec![public, member("pay", 1)]);
    converge(&mut story);
    assert_eq!(story.serving("pay").scheme, Scheme::InternetFacing);
    assert_eq!(story.hostname("pay"), story.hostname("cart"));
    assert!(!story.pass().tells("pay", DiagnosticCode::GroupConflict));

    story.delete("cart");
    converge(&mut story);
    story.wait_for_the_grace();
    converge(&mut story);
    assert_eq!(story.serving("pay").scheme, Scheme::InternetFacing, "a deletion moves nobody");
}

#[test]
fn an_ingress_that_joins_a_group_with_another_scheme_exposes_nobody_to_the_internet() {
    let mut story = begin(vec![member("pay", 1)]);
    converge(&mut story);
    story.apply(annotated(member("cart", 1), SCHEME, "internet-facing"));
    let passes = converge(&mut story);
    assert_eq!(story.serving("pay").scheme, Scheme::Internal);
    assert_eq!(story.serving("cart").scheme, Scheme::InternetFacing);
    assert!(passes.last().unwrap().tells("pay", DiagnosticCode::GroupConflict));

    story.annotate("pay", SCHEME, "internet-facing");
    converge(&mut story);
    assert_eq!(story.hostname("pay"), story.hostname("cart"));
}
