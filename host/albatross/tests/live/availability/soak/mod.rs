//! Two replicas for a long time, while people change Ingresses and calls of AWS fail. One replica lives through all of it, and the other
//! dies again and again, in a long run also as the leader. Nothing that is served ever loses its name, and the replica that lives
//! does not grow.
//!
//! A minute of this belongs to the tests, which look at statuses. `make soak` runs two hours, with a real external-dns beside the
//! replicas; `ALBATROSS_SOAK` sets the seconds.

mod names;
mod people;

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use albatross_cluster::Client;
use albatross_test_servers::Fault;
use hyper::Request;
use tokio::{
    task::block_in_place,
    time::{Instant, sleep},
};

use self::{
    names::{Records, look_at_statuses},
    people::{DOMAINS, GivenUp, people},
};
use crate::support::{
    World, eventually,
    objects::published,
    random::Random,
    replica::{Footprint, Replica},
};

/// How long it lasts without `ALBATROSS_SOAK`.
const AS_A_TEST: Duration = Duration::from_secs(60);

/// How long a replica lives, apart from the one that lives through all of it.
const LIFE: Range<usize> = 15..25;
/// How long a leader stalls that is not to die: longer than its Lease lasts, so that it loses the Lease without noticing.
const STALL: Duration = Duration::from_secs(40);
/// From this length on there is time for stalls.
const WITH_STALLS: Duration = Duration::from_secs(300);

/// Calls that fail now and then.
const DISTURBED: [&str; 8] = [
    "DescribeLoadBalancers",
    "DescribeTags",
    "DescribeListeners",
    "DescribeTargetHealth",
    "CreateLoadBalancer",
    "CreateTargetGroup",
    "CreateListener",
    "AddListenerCertificates",
];

/// Unneeded resources are removed soon, so that there are many writes.
const SETTINGS: &str = r#"{ "grace": 3, "proxy": { "deregistration-delay": 1 } }"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_replica_that_lives_long_does_not_grow_and_no_served_ingress_loses_its_name() {
    let mut random = Random::seeded();
    let seconds = env::var("ALBATROSS_SOAK").ok().map(|seconds| seconds.parse().expect("seconds"));
    let length = seconds.map_or(AS_A_TEST, Duration::from_secs);
    let world = Arc::new(World::new("soak").await);
    for domain in DOMAINS {
        world.account.make_certificate(&[&format!("*.{domain}")]).await;
    }
    let (over, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let statuses = tokio::spawn(look_at_statuses(world.administrator.clone(), Arc::clone(&served)));
    let given_up = GivenUp::default();
    let mut records = None;
    if seconds.is_some() {
        let started = Records::start(&world).await;
        records = Some(tokio::spawn(started.look(given_up.clone(), Arc::clone(&served))));
    }
    let people = tokio::spawn(people(Arc::clone(&world), random.fork(), given_up.clone(), Arc::clone(&over)));
    let faults = tokio::spawn(faults(Arc::clone(&world), random.fork(), Arc::clone(&over)));

    let begin = Instant::now();
    let elder = start(&world, "elder");
    eventually("it leads", async || (elder.metric("albatross_leader") == Some(1.0)).then_some(())).await;
    let mut others = Others { world: &world, started: 0 };
    let mut other = others.start();
    let mut footprints = Vec::new();
    while begin.elapsed() < length {
        for _ in 0..LIFE.start + random.below(LIFE.len()) {
            sleep(Duration::from_secs(1)).await;
            footprints.push(elder.footprint());
        }
        if length >= WITH_STALLS && elder.metric("albatross_leader") == Some(1.0) && random.below(4) == 0 {
            elder.stall(STALL).await;
        }
        other.kill();
        other = others.start();
    }
    over.store(true, Ordering::Relaxed);
    faults.await.expect("faults end");
    let wanted = people.await.expect("people end");
    world.recorder.clear_faults();
    eventually("every Ingress is served, and nothing else is there", async || {
        is_served(&world, &wanted).await.then_some(())
    })
    .await;
    served.store(true, Ordering::Relaxed);
    let lost = statuses.await.expect("somebody looks");
    assert!(lost.is_empty(), "Ingresses whose status lost its name: {lost:?}");
    if let Some(records) = records {
        let records = records.await.expect("somebody looks");
        records.become_exactly(&wanted.into_values().collect(), &given_up).await;
    }
    does_not_grow(&footprints);
    let watches = eventually("the watches of the dead have ended", async || {
        let watches = watches(&world.administrator, "ingresses").await;
        (watches <= 2).then_some(watches)
    })
    .await;
    eprintln!(
        "killed {} replicas in {:?}; {watches} watches of Ingresses",
        others.started - 1,
        begin.elapsed()
    );
}

/// Replicas that die soon.
struct Others<'a> {
    world: &'a World,
    started: usize,
}

impl Others<'_> {
    fn start(&mut self) -> Replica {
        self.started += 1;
        start(self.world, &format!("other-{}", self.started))
    }
}

fn start(world: &World, name: &str) -> Replica {
    let settings = world.file("settings.json", SETTINGS);
    let arguments = ["--settings", settings.to_str().expect("a path in UTF-8")];
    block_in_place(|| Replica::start(world, name, &arguments))
}

/// Compares the last third of a life with the first third.
fn does_not_grow(footprints: &[Footprint]) {
    let third = footprints.len() / 3;
    let most = |of: &[Footprint]| {
        let most = |part: fn(&Footprint) -> u64| of.iter().map(part).max().unwrap_or_default();
        (most(|it| it.own_mebibytes), most(|it| it.files), most(|it| it.threads))
    };
    let (first, last) = (most(&footprints[..third]), most(&footprints[footprints.len() - third..]));
    eprintln!("MiB, files, threads: at most {first:?} in the first third, {last:?} in the last third");
    // The allocator's pages; connections and threads of calls that are in progress together.
    assert!(last.0 <= first.0 + 4, "memory: {first:?}, {last:?}");
    assert!(last.1 <= first.1 + 16, "files: {first:?}, {last:?}");
    assert!(last.2 <= first.2 + 4, "threads: {first:?}, {last:?}");
}

/// Disturbs some calls of AWS until the soak is over.
async fn faults(world: Arc<World>, mut random: Random, over: Arc<AtomicBool>) {
    while !over.load(Ordering::Relaxed) {
        let fault = match random.below(4) {
            0 => Fault::Throttle,
            1 => Fault::LoseAnswer,
            2 => Fault::Delay(Duration::from_millis(2_500)),
            _ => Fault::Refuse {
                status: 503,
                code: "ServiceUnavailable".to_owned(),
                message: "busy".to_owned(),
            },
        };
        world.recorder.clear_faults();
        world.recorder.disturb(DISTURBED[random.below(DISTURBED.len())], 1..=3, fault);
        sleep(Duration::from_millis(1_000 + random.below(4_000) as u64)).await;
    }
}

/// Whether each of these Ingresses is published, and there is no other load balancer.
async fn is_served(world: &World, wanted: &BTreeMap<&str, String>) -> bool {
    let mut hostnames = BTreeSet::new();
    for name in wanted.keys() {
        match published(&world.administrator, name).await.as_slice() {
            [hostname] => hostnames.insert(hostname.to_lowercase()),
            _ => return false,
        };
    }
    let answer = world.account.elb().describe_load_balancers().send().await.expect("load balancers");
    let found = answer.load_balancers().iter().filter_map(|found| found.dns_name());
    found.map(str::to_lowercase).collect::<BTreeSet<_>>() == hostnames
}

/// How many watches of a resource the API server serves.
async fn watches(client: &Client, resource: &str) -> usize {
    let request = Request::get("/metrics").body(Vec::new()).expect("a request");
    let text = client.request_text(request).await.expect("metrics of the API server");
    let of_it = text.lines().filter(|line| {
        line.starts_with("apiserver_longrunning_requests{")
            && line.contains(r#"verb="WATCH""#)
            && line.contains(&format!(r#"resource="{resource}""#))
    });
    of_it.filter_map(|line| line.rsplit(' ').next()?.parse::<usize>().ok()).sum()
}
