//! Route mode: hosts and paths to Services, from manifests to AWS and back.

use albatross_contract::{
    ClassSetting, Cluster, DiagnosticCode, Ingress, IngressBackend, IngressPath, ListenerAction, Mode,
    OutcomeState, PathType, Scheme, Service, ServiceBackend, ServicePortReference,
};
use albatross_stories::{Controller, actions, annotated, ingress, service, take_something_away, world};

const SCHEME: &str = "alb.ingress.kubernetes.io/scheme";
const SUBNETS: &str = "alb.ingress.kubernetes.io/subnets";
const SECURITY_GROUPS: &str = "alb.ingress.kubernetes.io/security-groups";
const GROUP: &str = "alb.ingress.kubernetes.io/group.name";

/// Sets the paths of the only host of an Ingress, each with its Service.
pub fn with_paths(mut ingress: Ingress, paths: &[(&str, &str)]) -> Ingress {
    let path = |(path, service): &(&str, &str)| IngressPath {
        path: Some((*path).to_owned()),
        path_type: PathType::Prefix,
        backend: IngressBackend::Service(ServiceBackend {
            name: (*service).to_owned(),
            port: ServicePortReference::Number(80),
        }),
    };
    ingress.rules[0].paths = paths.iter().map(path).collect();
    ingress
}

/// The 2048 game: an Ingress that names its subnets and its security group, and a NodePort Service.
fn game() -> Ingress {
    let game = with_paths(ingress("2048", &["2048.example.org"]), &[("/", "service-2048")]);
    let game = annotated(game, SCHEME, "internet-facing");
    let game = annotated(game, SUBNETS, "subnet-public-a, subnet-public-b, subnet-public-c");
    annotated(game, SECURITY_GROUPS, "sg-1")
}

pub fn story(ingresses: Vec<Ingress>, services: Vec<Service>) -> Controller {
    let mut story = Controller::new(world(), Vec::new(), Vec::new());
    story.settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
    let now = story.cloud.now();
    story.cluster.apply(Cluster { ingresses, services, ..Cluster::default() }, now);
    story
}

/// For each rule of the listener on port 80 its values, and the status code or the target groups with their weights.
pub fn rules(story: &mut Controller, name: &str) -> Vec<(String, String)> {
    let load_balancer = story.serving(name);
    let groups = story.target_groups_of(&load_balancer);
    let listener = load_balancer.listeners.iter().find(|listener| listener.port == 80).unwrap();
    let mut rules = listener.rules.clone();
    rules.sort_by_key(|rule| rule.priority);
    let told = rules.iter().map(|rule| {
        let conditions = serde_json::to_value(&rule.conditions).unwrap();
        let values = conditions.as_array().unwrap().iter().flat_map(|condition| {
            let (_, text) = condition.as_object().unwrap().iter().next().unwrap();
            let lists =
                ["values", "regular-expressions"].into_iter().filter_map(|list| text[list].as_array());
            lists.flatten().map(|it| it.as_str().unwrap().to_owned()).collect::<Vec<_>>()
        });
        let answer = match &rule.actions[0] {
            ListenerAction::Forward(forward) => {
                let ports = forward.target_groups.iter().map(|weighted| {
                    let arn = serde_json::to_value(&weighted.target_group).unwrap();
                    let group = groups.iter().find(|group| arn["existing"] == group.arn.as_str()).unwrap();
                    format!("{} with {}", group.port.unwrap(), weighted.weight)
                });
                ports.collect::<Vec<_>>().join(", ")
            }
            ListenerAction::FixedResponse(response) => response.status_code.to_string(),
            _ => String::new(),
        };
        (values.collect::<Vec<_>>().join(" "), answer)
    });
    told.collect()
}

pub fn row(values: &str, answer: &str) -> (String, String) {
    (values.to_owned(), answer.to_owned())
}

#[test]
fn the_2048_game_gets_a_load_balancer_with_a_rule_and_a_target_group_of_nodes() {
    let mut story = story(vec![game()], vec![service("service-2048", 30_080)]);

    let passes = story.converge();

    let load_balancer = story.serving("2048");
    assert_eq!(load_balancer.scheme, Scheme::InternetFacing);
    assert_eq!(load_balancer.subnets, ["subnet-public-a", "subnet-public-b", "subnet-public-c"]);
    assert_eq!(load_balancer.security_groups, ["sg-1"]);
    assert_eq!(rules(&mut story, "2048"), [row("2048.example.org", "30080 with 1")]);
    let groups = story.target_groups_of(&load_balancer);
    assert_eq!((groups.len(), groups[0].targets.len()), (1, 7));
    assert!(!take_something_away(&passes));
    assert!(story.plan().actions.is_empty(), "no action in a converged world");
}

#[test]
fn all_resources_of_the_game_are_deleted_a_grace_period_after_its_ingress() {
    let mut story = story(vec![game()], vec![service("service-2048", 30_080)]);
    story.converge();

    story.delete("2048");
    story.converge();
    story.wait_for_the_grace();
    story.converge();

    assert!(story.load_balancers().is_empty());
    assert!(story.snapshot().unwrap().inventory.target_groups.is_empty());
}

#[test]
fn members_of_a_group_share_a_load_balancer_and_a_deleted_member_takes_only_its_own_rules() {
    let member = |name: &str, host: &str, service: &str| {
        annotated(with_paths(ingress(name, &[host]), &[("/", service)]), GROUP, "shop")
    };
    let members = vec![member("cart", "cart.example.org", "web"), member("pay", "pay.example.org", "other")];
    let mut story = story(members, vec![service("web", 30_080), service("other", 30_081)]);
    story.converge();
    assert_eq!(story.hostname("cart"), story.hostname("pay"));
    assert_eq!(rules(&mut story, "cart").len(), 2);

    story.delete("pay");
    story.converge();

    assert_eq!(rules(&mut story, "cart"), [row("cart.example.org", "30080 with 1")]);
}

#[test]
fn a_new_path_adds_one_rule_and_one_target_group() {
    let shop = |paths: &[(&str, &str)]| with_paths(ingress("shop", &["shop.example.org"]), paths);
    let services = vec![service("web", 30_080), service("other", 30_081)];
    let mut story = story(vec![shop(&[("/", "web")])], services);
    story.converge();

    story.edit("shop", |before| Ingress { rules: shop(&[("/", "web"), ("/cart", "other")]).rules, ..before });
    let passes = story.converge();

    let ids: Vec<&str> = actions(&passes).map(|action| action.id.split('/').nth(1).unwrap()).collect();
    assert_eq!(ids, ["target-group", "target-group", "listener"]);
    assert_eq!(
        rules(&mut story, "shop"),
        [row("shop.example.org /cart /cart/*", "30081 with 1"), row("shop.example.org", "30080 with 1")]
    );
}

#[test]
fn a_path_switches_to_another_service_when_that_is_healthy() {
    let shop = |service: &str| with_paths(ingress("shop", &["shop.example.org"]), &[("/", service)]);
    let services = vec![service("web", 30_080), service("other", 30_081)];
    let mut story = story(vec![shop("web")], services);
    story.converge();

    story.edit("shop", |before| Ingress { rules: shop("other").rules, ..before });
    story.pass();
    assert_eq!(rules(&mut story, "shop"), [row("shop.example.org", "30080 with 1, 30081 with 0")]);

    story.cloud.advance(albatross_stories::WAITING);
    story.converge();
    assert_eq!(rules(&mut story, "shop"), [row("shop.example.org", "30081 with 1")]);
}

#[test]
fn requests_of_a_missing_service_are_answered_with_503_until_the_service_exists() {
    let shop = with_paths(ingress("shop", &["shop.example.org"]), &[("/", "web"), ("/cart", "cart")]);
    let mut story = story(vec![shop], vec![service("web", 30_080)]);
    let passes = story.converge();
    assert!(passes[0].tells("shop", DiagnosticCode::BackendInvalid));
    assert_eq!(rules(&mut story, "shop")[0], row("shop.example.org /cart /cart/*", "503"));

    story.cluster.cluster_mut().services.push(service("cart", 30_082));
    story.converge();
    assert_eq!(rules(&mut story, "shop")[0], row("shop.example.org /cart /cart/*", "30082 with 1"));
}

#[test]
fn an_ingress_with_an_invalid_annotation_is_rejected_or_keeps_its_place() {
    let broken = |ingress| annotated(ingress, SUBNETS, "subnet-x");
    let mut new = story(vec![broken(with_paths(ingress("shop", &["a.org"]), &[("/", "web")]))], Vec::new());
    let plan = new.plan();
    assert_eq!(albatross_stories::outcome(&plan, "shop").unwrap().state, OutcomeState::Rejected);
    assert!(plan.actions.is_empty());

    let mut served = story(vec![game()], vec![service("service-2048", 30_080)]);
    served.converge();
    served.edit("2048", |game| {
        let mut game = game;
        game.metadata.annotations.retain(|it| it.key != SUBNETS);
        broken(game)
    });
    let plan = served.plan();
    assert_eq!(albatross_stories::outcome(&plan, "2048").unwrap().state, OutcomeState::Held);
    assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
}
