//! Only one of two replicas writes, whatever happens to the leader, and nothing is lost.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use albatross_test_servers::Call;
use albatross_test_world::relay::Relay;
use aws_sdk_elasticloadbalancingv2::types::LoadBalancer;
use tokio::{task::block_in_place, time::sleep};

use crate::support::{
    World, eventually,
    history::{History, Term, one_writer_at_a_time},
    objects::{annotated, delete_ingress, ingress, ingresses, internal, published},
    random::Random,
    replica::Replica,
};

/// Unneeded resources are removed soon, so that there are many writes.
const SETTINGS: &str = r#"{ "grace": 3, "proxy": { "deregistration-delay": 1 } }"#;

/// Domains with a certificate each.
const DOMAINS: [&str; 4] = ["shop.example.org", "tools.example.org", "blog.example.org", "wiki.example.org"];

/// Ingresses that are created, changed and deleted: some share a load balancer, one is internal, one has an exclusive load
/// balancer.
const INGRESSES: [&str; 6] = ["first", "second", "third", "fourth", "intern", "alone"];

/// How soon a replica leads after another one has released the Lease: it checks every 5 s. A Lease that is not released
/// lasts for 30 s.
const HANDOVER: Duration = Duration::from_secs(15);

/// How often a handover is tried: a stall of the machine makes one slow.
const HANDOVERS: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn leaders_are_killed_terminated_and_cut_off_and_there_are_never_two_writers() {
    let mut random = Random::seeded();
    let world = Arc::new(World::new("replicas").await);
    let mut certificates = BTreeMap::new();
    for domain in DOMAINS {
        certificates.insert(domain, world.account.make_certificate(&[&format!("*.{domain}")]).await);
    }
    let history = History::record(&world.administrator);
    let over = Arc::new(AtomicBool::new(false));
    let people = tokio::spawn(people(Arc::clone(&world), random.fork(), Arc::clone(&over)));
    let drift = tokio::spawn(somebody_meddles(Arc::clone(&world), Arc::clone(&over)));
    let mut replicas = Replicas::new(&world, &history);
    replicas.start().await;
    replicas.start().await;

    let leader = replicas.leader_at_work(&mut random).await;
    replicas.kill(&leader);
    replicas.start().await;

    let mut handovers: Vec<Duration> = Vec::new();
    while !handovers.iter().any(|handover| *handover < HANDOVER) {
        assert!(handovers.len() < HANDOVERS, "a Lease that is given up is taken soon: {handovers:?}");
        let leader = replicas.leader_at_work(&mut random).await;
        replicas.terminate(&leader);
        replicas.start().await;
        replicas.next_term().await;
        handovers.push(handover(&history.terms(), &leader));
    }

    let cut_off = replicas.leader_at_work(&mut random).await;
    replicas.cut_off(&cut_off).await;
    let leader = replicas.leader_at_work(&mut random).await;
    replicas.reconnect(&cut_off);
    assert!(replicas.get(&cut_off).replica.runs(), "{cut_off} lives");
    eventually("who was cut off knows that another leads", async || {
        (replicas.get(&cut_off).replica.metric("albatross_leader") == Some(0.0)).then_some(())
    })
    .await;
    assert!(
        replicas.get(&cut_off).replica.log().contains("no longer leading"),
        "its time ended while it led"
    );

    replicas.kill(&leader);
    replicas.start().await;
    replicas.leader_at_work(&mut random).await;

    over.store(true, Ordering::Relaxed);
    drift.await.unwrap();
    let wanted = people.await.unwrap();
    eventually("every Ingress is served, and nothing else is there", async || {
        (served(&world).await? == expected(&wanted, &certificates)).then_some(())
    })
    .await;

    let terms = history.terms();
    let writes = one_writer_at_a_time(&terms, &world.recorder.calls());
    eprintln!("writes in each term: {writes:?}");
    let leaders_at_work = writes.iter().filter(|writes| **writes > 0).count();
    assert!(leaders_at_work >= 5, "{writes:?}: {terms:#?}");
}

/// How long there was no leader after a replica released the Lease.
fn handover(terms: &[Term], leader: &str) -> Duration {
    let last = terms.iter().rposition(|term| term.leader == leader).expect("it led");
    let released = terms[last].released.expect("who ends gives the Lease up");
    let next = terms.get(last + 1).expect("another leads");
    next.acquired.duration_since(released).expect("terms do not overlap")
}

/// Replicas, each with its own relay to the API server.
struct Replicas<'a> {
    world: &'a World,
    history: &'a History,
    alive: Vec<Member>,
    started: usize,
    settings: PathBuf,
}

struct Member {
    name: String,
    replica: Replica,
    relay: Relay,
    is_cut_off: bool,
}

impl<'a> Replicas<'a> {
    fn new(world: &'a World, history: &'a History) -> Replicas<'a> {
        let settings = world.file("settings.json", SETTINGS);
        Replicas { world, history, alive: Vec::new(), started: 0, settings }
    }

    async fn start(&mut self) {
        self.started += 1;
        let name = format!("replica-{}", self.started);
        let server = self.world.kubernetes.url();
        let relay = Relay::to(server.trim_start_matches("https://")).await;
        let direct = fs::read_to_string(self.world.kubeconfig()).unwrap();
        let kubeconfig =
            self.world.file(&format!("{name}.kubeconfig"), &direct.replace(server, &relay.url()));
        let arguments = ["--settings", self.settings.to_str().unwrap()];
        let replica = block_in_place(|| Replica::start_with(self.world, &name, &kubeconfig, &arguments));
        self.alive.push(Member { name, replica, relay, is_cut_off: false });
    }

    fn get(&mut self, name: &str) -> &mut Member {
        self.alive.iter_mut().find(|member| member.name == name).expect("it lives")
    }

    fn take(&mut self, name: &str) -> Member {
        let index = self.alive.iter().position(|member| member.name == name).expect("it lives");
        self.alive.swap_remove(index)
    }

    fn kill(&mut self, name: &str) {
        self.take(name).replica.kill();
    }

    fn terminate(&mut self, name: &str) {
        // Its relay to the API server stays until the replica has ended.
        let Member { replica, relay: _relay, .. } = self.take(name);
        assert_eq!(block_in_place(|| replica.terminate()), 0);
    }

    /// Packets to the API server are dropped silently. AWS can still be reached.
    async fn cut_off(&mut self, name: &str) {
        let member = self.get(name);
        member.relay.fall_silent().await;
        member.is_cut_off = true;
    }

    fn reconnect(&mut self, name: &str) {
        let member = self.get(name);
        member.relay.open();
        member.is_cut_off = false;
    }

    /// Waits until a replica leads that is not cut off. It may have taken over before.
    async fn next_term(&self) -> Term {
        eventually("somebody leads", async || self.history.terms().pop().filter(|term| self.can_lead(term)))
            .await
    }

    fn can_lead(&self, term: &Term) -> bool {
        let member = self.alive.iter().find(|member| member.name == term.leader);
        term.released.is_none() && member.is_some_and(|member| !member.is_cut_off)
    }

    /// The leader at a random moment, after some writes in its term. A leader that stalls may be replaced meanwhile.
    async fn leader_at_work(&self, random: &mut Random) -> String {
        let wanted = random.below(8) + 1;
        let term = eventually("a leader writes", async || {
            let term = self.history.terms().pop().filter(|term| self.can_lead(term))?;
            let written = |call: &&Call| {
                call.is_write() && call.at >= term.acquired && call.author.as_ref() == Some(&term.leader)
            };
            let count = self.world.recorder.calls().iter().filter(written).count();
            (count >= wanted).then_some(term)
        })
        .await;
        sleep(Duration::from_millis(random.below(500) as u64)).await;
        term.leader
    }
}

/// Creates, changes and deletes Ingresses until the test is over. Returns the remaining Ingresses with their domains.
async fn people(
    world: Arc<World>,
    mut random: Random,
    over: Arc<AtomicBool>,
) -> BTreeMap<&'static str, &'static str> {
    let mut there = BTreeMap::new();
    while !over.load(Ordering::Relaxed) {
        let name = INGRESSES[random.below(INGRESSES.len())];
        if there.contains_key(name) && random.below(3) == 0 {
            there.remove(name);
            delete_ingress(&world.administrator, name).await;
        } else {
            let domain = DOMAINS[random.below(DOMAINS.len())];
            there.insert(name, domain);
            let manifest = ingress(name, &format!("{name}.{domain}"));
            let manifest = match name {
                "intern" => internal(&manifest),
                "alone" => annotated(&manifest, "zalando.org/aws-load-balancer-shared", "false"),
                _ => manifest,
            };
            world.apply(&manifest).await;
        }
        sleep(Duration::from_millis(200 + random.below(1_500) as u64)).await;
    }
    there
}

/// Changes the security groups of load balancers all the time, so that there is always something to write.
async fn somebody_meddles(world: Arc<World>, over: Arc<AtomicBool>) {
    let (ec2, elb) = (world.account.ec2(), world.account.elb());
    let request = ec2.create_security_group().group_name("other").description("other");
    let other = request.vpc_id(&world.account.vpc).send().await.unwrap().group_id.unwrap();
    while !over.load(Ordering::Relaxed) {
        for found in load_balancers(&world).await {
            // The load balancer may be gone meanwhile.
            let request = elb.set_security_groups().set_load_balancer_arn(found.load_balancer_arn);
            let _ = request.security_groups(&other).send().await;
        }
        sleep(Duration::from_secs(1)).await;
    }
}

/// The Ingresses and certificates of a load balancer.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Served {
    scheme: String,
    ingresses: BTreeSet<String>,
    certificates: BTreeSet<String>,
}

/// The expected load balancers at the end.
fn expected(wanted: &BTreeMap<&str, &str>, certificates: &BTreeMap<&str, String>) -> BTreeSet<Served> {
    let mut expected = BTreeSet::new();
    for names in [&INGRESSES[..4], &["intern"], &["alone"]] {
        let there: Vec<_> = wanted.iter().filter(|(name, _)| names.contains(name)).collect();
        if !there.is_empty() {
            expected.insert(Served {
                scheme: if names == ["intern"] { "internal" } else { "internet-facing" }.to_owned(),
                ingresses: there.iter().map(|(name, _)| (**name).to_owned()).collect(),
                certificates: there.iter().map(|(_, domain)| certificates[*domain].clone()).collect(),
            });
        }
    }
    expected
}

/// The load balancers as they are. Absent: something is in transition.
async fn served(world: &World) -> Option<BTreeSet<Served>> {
    let elb = world.account.elb();
    let mut by_hostname: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for name in INGRESSES {
        let Ok(Some(_)) = ingresses(&world.administrator).get_opt(name).await else {
            continue;
        };
        let [hostname] = published(&world.administrator, name).await.try_into().ok()?;
        by_hostname.entry(hostname).or_default().insert(name.to_owned());
    }
    let mut served = BTreeSet::new();
    let mut count = 0;
    for found in load_balancers(world).await {
        count += 1;
        (found.security_groups() == [world.account.security_group.as_str()]).then_some(())?;
        let answer =
            elb.describe_listeners().load_balancer_arn(found.load_balancer_arn()?).send().await.ok()?;
        let https = answer.listeners().iter().find(|listener| listener.port() == Some(443))?;
        let request = elb.describe_listener_certificates().listener_arn(https.listener_arn()?);
        let answer = request.send().await.ok()?;
        let arns = answer.certificates().iter().filter_map(|it| it.certificate_arn());
        served.insert(Served {
            scheme: found.scheme()?.as_str().to_owned(),
            ingresses: by_hostname.remove(found.dns_name()?).unwrap_or_default(),
            certificates: arns.map(str::to_owned).collect(),
        });
    }
    let groups = elb.describe_target_groups().send().await.ok()?.target_groups().len();
    (count == served.len() && groups == count && by_hostname.is_empty()).then_some(served)
}

async fn load_balancers(world: &World) -> Vec<LoadBalancer> {
    let answer = world.account.elb().describe_load_balancers().send().await.unwrap();
    answer.load_balancers.unwrap_or_default()
}
