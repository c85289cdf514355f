//! An upgrade to a version with another default, and back: only what follows the default changes, in place, and nothing else is written.

use albatross_contract::{Action, ClassSetting, Mode, Operation, ResourceReference, StatusChange};
use albatross_stories::{Controller, Pass, actions, alone, annotated, certificate, ingress, service, world};

use crate::routes::with_paths;

const GROUP: &str = "alb.ingress.kubernetes.io/group.name";
const ATTRIBUTES: &str = "alb.ingress.kubernetes.io/load-balancer-attributes";

/// The default of this version, and of the next one. A version is the planner and its defaults, and the planner sees a default only
/// as the value of a setting that nobody has set.
const DEFAULT: u32 = 60;
const NEXT_DEFAULT: u32 = 90;

/// Two load balancers in proxy mode and two in route mode. One of the latter has its own idle timeout, so it follows no default.
fn fleet() -> Controller {
    let certificates = vec![certificate(1, &["*.example.org"])];
    let routed = |name: &str| {
        let routed = with_paths(ingress(name, &[&format!("{name}.example.org")]), &[("/", "web")]);
        let routed = annotated(routed, GROUP, name);
        annotated(routed, "kubernetes.io/ingress.class", "alb")
    };
    let ingresses = vec![
        ingress("shop", &["shop.example.org"]),
        alone(ingress("blog", &["blog.example.org"])),
        routed("wiki"),
        annotated(routed("slow"), ATTRIBUTES, "idle_timeout.timeout_seconds=600"),
    ];
    let mut story = Controller::new(world(), certificates, Vec::new());
    story.settings.classes.push(ClassSetting { name: "alb".into(), mode: Mode::Route });
    let now = story.cloud.now();
    let cluster = albatross_contract::Cluster {
        ingresses,
        services: vec![service("web", 30_080)],
        ..albatross_contract::Cluster::default()
    };
    story.cluster.apply(cluster, now);
    story.converge_within(20);
    story
}

#[test]
fn after_an_upgrade_with_another_default_and_back_the_account_is_as_before() {
    let mut story = fleet();
    story.settings.idle_timeout = DEFAULT;
    assert_eq!(writes(&story.converge()), [""; 0], "the same version again has nothing to do");
    let before = story.load_balancers();
    let followers = ["blog", "shop", "wiki"].map(|name| story.serving(name).arn);

    for default in [NEXT_DEFAULT, DEFAULT] {
        story.settings.idle_timeout = default;
        let passes = story.converge();
        let mut changed: Vec<&str> = actions(&passes).map(of_the_default).collect();
        changed.sort_unstable();
        let mut expected: Vec<&str> = followers.iter().map(String::as_str).collect();
        expected.sort_unstable();
        assert_eq!(changed, expected, "each once, and only those that follow the default");
        let statuses = passes.iter().flat_map(|pass| &pass.plan.outcomes);
        assert!(statuses.clone().all(|outcome| outcome.status == StatusChange::Keep), "no name changes");
    }
    assert_eq!(story.load_balancers(), before, "nothing is left of the other version");
    assert_eq!(writes(&story.converge()), [""; 0]);
}

/// The load balancer whose attributes an action changes; no other action follows from the default.
fn of_the_default(action: &Action) -> &str {
    match &action.operation {
        Operation::ModifyLoadBalancerAttributes(change) => match &change.resource {
            ResourceReference::Existing(arn) => {
                let keys: Vec<&str> = change.attributes.iter().map(|it| it.key.as_str()).collect();
                assert_eq!(keys, ["idle_timeout.timeout_seconds"]);
                arn
            }
            other => panic!("an existing load balancer: {other:?}"),
        },
        other => panic!("an unasked write: {other:?}"),
    }
}

fn writes(passes: &[Pass]) -> Vec<String> {
    actions(passes).map(|action| action.id.clone()).collect()
}
