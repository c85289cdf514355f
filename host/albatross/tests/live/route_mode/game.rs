//! One Ingress: the 2048 game.

use aws_sdk_elasticloadbalancingv2::types::{ActionTypeEnum, Rule};

use crate::support::{
    World, eventually,
    objects::{delete_ingress, events, published},
    replica::Replica,
};

/// Grace periods that a test can wait for: a load balancer also stays until the connections of its targets end.
const SETTINGS: &str = r#"{
  "grace": 3, "proxy": { "deregistration-delay": 1 }, "classes": [{ "name": "alb", "mode": "route" }]
}"#;

fn service(name: &str) -> String {
    format!(
        "
apiVersion: v1
kind: Service
metadata: {{ name: {name}, namespace: shop }}
spec: {{ type: NodePort, ports: [{{ port: 80 }}] }}
"
    )
}

/// An Ingress whose paths lead to Services.
fn game(paths: &[(&str, &str)]) -> String {
    let path = |(path, service): &(&str, &str)| {
        let backend = format!("{{ service: {{ name: {service}, port: {{ number: 80 }} }} }}");
        format!("          - {{ path: {path}, pathType: Prefix, backend: {backend} }}\n")
    };
    let paths: String = paths.iter().map(path).collect();
    format!(
        "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: game
  namespace: shop
  annotations: {{ kubernetes.io/ingress.class: alb, alb.ingress.kubernetes.io/scheme: internet-facing }}
spec:
  rules:
    - host: 2048.example.org
      http:
        paths:
{paths}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_2048_game_is_served_changed_and_removed() {
    let world = World::new("route-mode").await;
    let settings = world.file("settings.json", SETTINGS);
    let replica = Replica::start(&world, "replica", &["--settings", settings.to_str().unwrap()]);

    world.apply(&service("service-2048")).await;
    world.apply(&game(&[("/", "service-2048")])).await;
    eventually("the status names a load balancer", async || {
        published(&world.administrator, "game").await.into_iter().next()
    })
    .await;
    assert_eq!(forwarding(&world).await, [vec!["2048.example.org"]]);
    let people = ["default", "load-balancer"];
    eventually("clients and nodes are admitted", async || {
        let groups = security_groups(&world).await;
        let made: Vec<&Group> = groups.iter().filter(|group| !people.contains(&&*group.name)).collect();
        let clients = made.iter().find(|group| group.name.ends_with("-clients"))?;
        let targets = made.iter().find(|group| group.name.ends_with("-targets"))?;
        assert_eq!(made.len(), 2);
        let is_open = groups.iter().flat_map(|group| &group.inbound).any(|(_, peer)| *peer == targets.id);
        (is_open && clients.inbound == [(80, "0.0.0.0/0".to_owned())]).then_some(())
    })
    .await;

    let before = world.recorder.calls().len();
    world.apply(&service("scores")).await;
    world.apply(&game(&[("/", "service-2048"), ("/scores", "scores")])).await;
    eventually("the second path has a rule", async || {
        let expected = [vec!["2048.example.org", "/scores", "/scores/*"], vec!["2048.example.org"]];
        (forwarding(&world).await == expected).then_some(())
    })
    .await;
    let writes = ["AuthorizeSecurityGroupIngress", "CreateRule", "CreateTargetGroup", "RegisterTargets"];
    assert_eq!(world.writes_since(before), writes);

    world.apply(&game(&[("/", "service-2048"), ("/scores", "nobody")])).await;
    eventually("an Event names the missing Service", async || {
        let told = events(&world.administrator, "game").await;
        told.iter().any(|event| event.contains("Service shop/nobody does not exist")).then_some(())
    })
    .await;

    delete_ingress(&world.administrator, "game").await;
    eventually("the load balancer, its target groups and security groups are gone", async || {
        let load_balancers = world.account.elb().describe_load_balancers().send().await.unwrap();
        let groups = world.account.elb().describe_target_groups().send().await.unwrap();
        let is_gone = load_balancers.load_balancers().is_empty() && groups.target_groups().is_empty();
        let left = security_groups(&world).await;
        let only_of_people =
            left.iter().all(|group| people.contains(&&*group.name) && !group.admits_groups());
        (is_gone && only_of_people).then_some(())
    })
    .await;
    let log = replica.log();
    assert!(!log.contains("ERROR"), "{log}");
}

/// A security group.
struct Group {
    id: String,
    name: String,
    /// The first port of each inbound rule, and the CIDR block or security group that it admits.
    inbound: Vec<(i32, String)>,
}

impl Group {
    /// Whether a rule admits the members of another security group.
    fn admits_groups(&self) -> bool {
        self.inbound.iter().any(|(_, peer)| peer.starts_with("sg-") && *peer != self.id)
    }
}

/// All security groups of the account.
async fn security_groups(world: &World) -> Vec<Group> {
    let found = world.account.ec2().describe_security_groups().send().await.unwrap();
    let groups = found.security_groups().iter().map(|group| {
        let inbound = group.ip_permissions().iter().flat_map(|it| {
            let blocks = it.ip_ranges().iter().filter_map(|range| range.cidr_ip());
            let peers = blocks.chain(it.user_id_group_pairs().iter().filter_map(|pair| pair.group_id()));
            peers.map(|peer| (it.from_port().unwrap_or_default(), peer.to_owned())).collect::<Vec<_>>()
        });
        Group {
            id: group.group_id().unwrap().to_owned(),
            name: group.group_name().unwrap().to_owned(),
            inbound: inbound.collect(),
        }
    });
    groups.collect()
}

/// The values of the conditions of each rule that forwards, by priority.
async fn forwarding(world: &World) -> Vec<Vec<String>> {
    let elb = world.account.elb();
    let found = elb.describe_load_balancers().send().await.unwrap();
    let Some(load_balancer) = found.load_balancers().first() else { return Vec::new() };
    let arn = load_balancer.load_balancer_arn().unwrap();
    let listeners = elb.describe_listeners().load_balancer_arn(arn).send().await.unwrap();
    let arn = listeners.listeners()[0].listener_arn().unwrap();
    let rules = elb.describe_rules().listener_arn(arn).send().await.unwrap();
    let forwards =
        |rule: &&Rule| rule.actions().iter().any(|it| it.r#type() == Some(&ActionTypeEnum::Forward));
    let priority = |rule: &Rule| rule.priority().and_then(|priority| priority.parse::<u32>().ok());
    let mut rules: Vec<&Rule> = rules.rules().iter().filter(forwards).collect();
    rules.sort_by_key(|rule| priority(rule));
    let values = |rule: &Rule| {
        let conditions = rule.conditions().iter();
        let values = conditions.flat_map(|it| {
            let hosts = it.host_header_config().map(|config| config.values());
            let paths = it.path_pattern_config().map(|config| config.values());
            hosts.into_iter().chain(paths).flatten()
        });
        let mut values: Vec<String> = values.cloned().collect();
        values.sort_by_key(|value| value.starts_with('/'));
        values
    };
    rules.into_iter().map(values).collect()
}
