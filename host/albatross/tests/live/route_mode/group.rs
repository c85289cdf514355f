//! A group of forty Ingresses in six namespaces, three of them broken, with two replicas of which leaders die.

use std::{
    collections::{BTreeMap, BTreeSet},
    slice,
    time::{Duration, Instant},
};

use albatross_cluster::Client;
use k8s_openapi::api::{events::v1::Event, networking::v1 as networking};
use kube::{
    Api,
    api::{DeleteParams, ListParams},
};

use super::{
    listeners::{Listener, listeners},
    manifests::{Ingress, SETTINGS, service},
};
use crate::support::{
    SOON, World, eventually,
    history::{History, one_writer_at_a_time},
    replica::Replica,
};
use tokio::time::sleep;

const NAMESPACES: usize = 6;
const INGRESSES: usize = 40;

/// Three Ingresses of which each has another mistake.
const MISSING_SERVICE: usize = 37;
const INVALID_ANNOTATION: usize = 38;
const UNMATCHABLE_HOST: usize = 39;

/// How many resources there are before the first leader is killed.
const WRITES_BEFORE_DEATH: usize = 30;

/// The same calls as at the default rate, in less time.
const RATE: &str = "--aws-rate=100";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forty_ingresses_in_a_group_are_served_changed_and_removed_while_leaders_die() {
    let world = World::new("group").await;
    let history = History::record(&world.administrator);
    let mut certificates = Vec::new();
    for host in ["a0.example.org", "extra.example.org"] {
        certificates.push(world.account.make_certificate(&[host]).await);
    }
    let mut group: Vec<Ingress> = (0..INGRESSES).map(|number| ingress(number, &certificates)).collect();
    world.apply(&before_the_ingresses()).await;
    let settings = world.file("settings.json", SETTINGS);
    let arguments = ["--settings", settings.to_str().unwrap(), RATE];
    let mut replicas = Vec::from(["first", "second"].map(|name| Replica::start(&world, name, &arguments)));
    world.apply(&manifests(&group)).await;

    eventually("the load balancer is half created", async || {
        let writes = world.recorder.calls().iter().filter(|call| call.is_write()).count();
        (writes >= WRITES_BEFORE_DEATH).then_some(())
    })
    .await;
    leader(&mut replicas).await.kill();
    replicas.push(Replica::start(&world, "third", &arguments));

    let serving: Vec<&Ingress> =
        group.iter().enumerate().filter(|(number, _)| is_served(*number)).map(|(_, it)| it).collect();
    let hostname = eventually("all Ingresses without a mistake have the same status", async || {
        let statuses = statuses(&world.administrator).await;
        let hostnames: BTreeSet<&str> =
            serving.iter().map(|it| statuses.get(&it.name).map_or("", String::as_str)).collect();
        (hostnames.len() == 1 && !hostnames.contains("")).then(|| hostnames.first().unwrap().to_string())
    })
    .await;
    let mut site = Site { world: &world, port: 80 };
    site.must_route(&[(&hostname, &group)]).await;
    for (number, reason) in [
        (MISSING_SERVICE, "Service team-1/nobody does not exist"),
        (INVALID_ANNOTATION, "alb.ingress.kubernetes.io/target-type"),
        (UNMATCHABLE_HOST, "use a host of up to 128"),
    ] {
        let name = &group[number].name;
        eventually(&format!("an Event about {name} says: {reason}"), async || {
            let events = events(&world.administrator, name).await;
            events.iter().any(|event| event.contains(reason)).then_some(())
        })
        .await;
    }
    let mut replica = leader(&mut replicas).await;
    let since = world.quiet(&replica).await;
    assert_eq!(world.writes_since(since), [""; 0], "a pass with nothing to do");

    // A path. It shares a rule with the other path to its Service.
    let before = world.recorder.calls().len();
    group[1].hosts[0].1.push(("/added", "api"));
    world.apply(&group[1].manifest()).await;
    site.must_route(&[(&hostname, &group)]).await;
    assert_eq!(writes_without_tags(&world, before), ["CreateRule", "DeleteRule"]);

    // A host, which shares both rules with another host.
    let before = world.recorder.calls().len();
    group[2].hosts.truncate(1);
    world.apply(&group[2].manifest()).await;
    site.must_route(&[(&hostname, &group)]).await;
    let mut writes = writes_without_tags(&world, before);
    writes.sort_unstable();
    // Until the old rules go, they are behind all others.
    let expected = ["CreateRule", "CreateRule", "DeleteRule", "DeleteRule", "SetRulePriorities"];
    assert_eq!(writes, expected);

    // The port of a Service, which serves several Ingresses.
    site.port = 8080;
    world.apply(&service("team-3", "web", site.port)).await;
    site.must_route(&[(&hostname, &group)]).await;

    // A certificate.
    let before = world.recorder.calls().len();
    group[0].annotate("certificate-arn", &certificates.join(","));
    world.apply(&group[0].manifest()).await;
    eventually("the HTTPS listener has two certificates", async || {
        let found = listeners(&world.account).await;
        // The default certificate is not listed twice.
        found.iter().any(|it| it.port == 443 && it.certificates == 2).then_some(())
    })
    .await;
    let mut writes = world.writes_since(before);
    writes.retain(|write| write.contains("Certificate") || write.contains("Listener"));
    assert_eq!(writes, ["AddListenerCertificates"]);

    // A member leaves, and the leader ends.
    assert_eq!(replica.terminate(), 0);
    replicas.push(Replica::start(&world, "fourth", &arguments));
    let mut alone = group.remove(4);
    alone.annotations.clear();
    world.apply(&alone.manifest()).await;
    let alone_at = eventually("it has a load balancer of its own", async || {
        let at = statuses(&world.administrator).await.remove(&alone.name)?;
        (at != hostname).then_some(at)
    })
    .await;
    site.must_route(&[(&hostname, &group), (&alone_at, slice::from_ref(&alone))]).await;
    replica = leader(&mut replicas).await;

    for ingress in group.iter().chain([&alone]) {
        let api: Api<networking::Ingress> = Api::namespaced(world.administrator.clone(), &ingress.namespace);
        api.delete(&ingress.name, &DeleteParams::default()).await.unwrap();
    }
    eventually("nothing is left", async || left(&world).await.is_empty().then_some(())).await;

    let broken = [&group[INVALID_ANNOTATION - 1].name, &group[UNMATCHABLE_HOST - 1].name];
    for replica in replicas.iter().chain([&replica]) {
        let log = replica.log();
        let is_about_the_broken = |line: &str| broken.iter().any(|name| line.contains(&format!("/{name}\"")));
        let mut errors = log.lines().filter(|line| line.contains("ERROR"));
        assert!(errors.all(is_about_the_broken), "{log}");
    }
    let writes = one_writer_at_a_time(&history.terms(), &world.recorder.calls());
    assert!(writes.iter().filter(|writes| **writes > 0).count() >= 3, "{writes:?}");
}

/// Namespaces and Services.
fn before_the_ingresses() -> String {
    let documents = (0..NAMESPACES).flat_map(|number| {
        let namespace = format!("team-{number}");
        let created = format!("\napiVersion: v1\nkind: Namespace\nmetadata: {{ name: {namespace} }}\n");
        [created, service(&namespace, "web", 80), service(&namespace, "api", 80)]
    });
    documents.collect::<Vec<_>>().join("---")
}

fn manifests(ingresses: &[Ingress]) -> String {
    ingresses.iter().map(Ingress::manifest).collect::<Vec<_>>().join("---")
}

fn ingress(number: usize, certificates: &[String]) -> Ingress {
    let paths = vec![("/", "web"), ("/api", "api")];
    let mut ingress = Ingress {
        namespace: format!("team-{}", number % NAMESPACES),
        name: format!("a{number}"),
        annotations: vec![("group.name", "shop".to_owned())],
        hosts: vec![(format!("a{number}.example.org"), paths.clone())],
    };
    match number {
        0 => {
            ingress.annotate("listen-ports", r#"[{"HTTP": 80}, {"HTTPS": 443}]"#);
            ingress.annotate("certificate-arn", &certificates[0]);
        }
        2 => ingress.hosts.push(("second.example.org".to_owned(), paths)),
        MISSING_SERVICE => ingress.hosts[0].1 = vec![("/", "nobody")],
        INVALID_ANNOTATION => ingress.annotate("target-type", "hamster"),
        UNMATCHABLE_HOST => ingress.hosts[0].0 = format!("{}.example.org", vec!["label"; 30].join(".")),
        _ => {}
    }
    ingress
}

/// Whether an Ingress is served in spite of its mistake, if any.
fn is_served(number: usize) -> bool {
    number != INVALID_ANNOTATION && number != UNMATCHABLE_HOST
}

/// The replica that leads, taken from the list.
async fn leader(replicas: &mut Vec<Replica>) -> Replica {
    let index = eventually("a replica leads", async || {
        replicas.iter().position(|replica| replica.metric("albatross_leader") == Some(1.0))
    })
    .await;
    replicas.remove(index)
}

/// A rule: the hostname of its load balancer, the port of its listener, host and path, and the answer.
type Route = (String, i32, String, String);

/// What the rules must be.
struct Site<'a> {
    world: &'a World,
    /// The port of the Service `web` of the namespace `team-3`.
    port: u16,
}

impl Site<'_> {
    /// Waits until the rules of each load balancer, by hostname, are exactly those of its Ingresses. Their order makes no
    /// difference here except for the paths of a host.
    async fn must_route(&self, expected: &[(&str, &[Ingress])]) {
        let expected = expected.iter().flat_map(|(hostname, ingresses)| self.routes(hostname, ingresses));
        let expected: BTreeSet<Route> = expected.collect();
        let begin = Instant::now();
        loop {
            let found = listeners(&self.world.account).await;
            let found: BTreeSet<Route> = found.into_iter().flat_map(routes_of).collect();
            if found == expected {
                return;
            }
            let lacks: Vec<_> = expected.difference(&found).collect();
            let has: Vec<_> = found.difference(&expected).collect();
            assert!(begin.elapsed() < SOON, "lacks {lacks:#?}, has {has:#?}");
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// The rules that Ingresses ask for.
    fn routes(&self, hostname: &str, ingresses: &[Ingress]) -> Vec<Route> {
        let mut routes = Vec::new();
        for ingress in ingresses {
            let has = |key: &str| ingress.annotations.iter().any(|(known, _)| *known == key);
            if has("target-type") {
                continue;
            }
            for (host, paths) in ingress.hosts.iter().filter(|(host, _)| host.len() <= 128) {
                for (path, service) in paths {
                    let answer = self.answer(&ingress.namespace, service);
                    for port in if has("listen-ports") { vec![80, 443] } else { vec![80] } {
                        let requests = format!("{host}{path}");
                        routes.push((hostname.to_owned(), port, requests, answer.clone()));
                    }
                }
            }
        }
        routes
    }

    fn answer(&self, namespace: &str, service: &str) -> String {
        match (namespace, service) {
            (_, "nobody") => "503".to_owned(),
            ("team-3", "web") => format!("team-3/web:{}", self.port),
            _ => format!("{namespace}/{service}:80"),
        }
    }
}

fn routes_of(listener: Listener) -> Vec<Route> {
    let Listener { load_balancer, port, rules, .. } = listener;
    let route = |(requests, answer)| (load_balancer.clone(), port, requests, answer);
    rules.into_iter().map(route).collect()
}

/// The hostname in the status of each Ingress, by name.
async fn statuses(client: &Client) -> BTreeMap<String, String> {
    let api: Api<networking::Ingress> = Api::all(client.clone());
    let ingresses = api.list(&ListParams::default()).await.unwrap().items;
    let status = |ingress: networking::Ingress| {
        let addresses = ingress.status?.load_balancer?.ingress?;
        Some((ingress.metadata.name?, addresses.into_iter().next()?.hostname?))
    };
    ingresses.into_iter().filter_map(status).collect()
}

/// The notes of Events about an Ingress.
async fn events(client: &Client, name: &str) -> Vec<String> {
    let api: Api<Event> = Api::all(client.clone());
    let events = api.list(&ListParams::default()).await.unwrap().items;
    let is_about =
        |event: &Event| event.regarding.as_ref().is_some_and(|it| it.name.as_deref() == Some(name));
    events.into_iter().filter(is_about).filter_map(|event| event.note).collect()
}

/// Names of writes, without those that mark what is no longer needed.
fn writes_without_tags(world: &World, since: usize) -> Vec<String> {
    let mut writes = world.writes_since(since);
    writes.retain(|write| write != "AddTags");
    writes
}

/// What is left in the account of everything that a controller created.
async fn left(world: &World) -> Vec<String> {
    let (elb, ec2) = (world.account.elb(), world.account.ec2());
    let load_balancers = elb.describe_load_balancers().send().await.unwrap();
    let mut left: Vec<String> =
        load_balancers.load_balancers().iter().map(|it| it.load_balancer_arn().unwrap().to_owned()).collect();
    let groups = elb.describe_target_groups().send().await.unwrap();
    left.extend(groups.target_groups().iter().map(|it| it.target_group_arn().unwrap().to_owned()));
    let groups = ec2.describe_security_groups().send().await.unwrap();
    for group in groups.security_groups() {
        let name = group.group_name().unwrap();
        if name.starts_with("albatross") {
            left.push(name.to_owned());
        }
        let pairs = group.ip_permissions().iter().flat_map(|it| it.user_id_group_pairs());
        let ours = pairs.filter(|pair| pair.description().is_some_and(|it| it.starts_with("albatross")));
        left.extend(ours.map(|pair| format!("{name}: {pair:?}")));
    }
    left
}
