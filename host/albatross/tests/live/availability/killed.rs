//! If a controller is killed after any of its actions, the next controller repairs what it has left.
//!
//! The same story is told in several worlds: Ingresses are created, changed and deleted. In one world the controller runs
//! undisturbed. In the others each controller is killed after its first writes, until there is nothing left to write.

use std::{path::Path, sync::LazyLock, thread, time::Duration};

use albatross_test_servers::Call;
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, Certificate, ProtocolEnum, Tag, TargetTypeEnum,
};
use tokio::{
    runtime::Runtime,
    time::{Instant, sleep},
};

use crate::support::{
    SOON, World,
    contents::{Contents, contents},
    eventually,
    objects::{delete_ingress, ingress, internal, lease, lease_times, published, remove_lease},
    replica::Replica,
};

/// A grace period that a test can wait for: unneeded resources stay for the grace period, or as long as connections may last.
const AT_FIRST: &str = r#"{ "grace": 2, "proxy": { "deregistration-delay": 1 } }"#;

/// How many target groups the story ends with.
const TARGET_GROUPS: usize = 2;

/// How long a Lease lasts that is not renewed.
const LEASE: Duration = Duration::from_secs(30);

#[test]
fn controllers_killed_after_every_action_reach_the_same_result_with_the_same_actions() {
    let killed = thread::spawn(|| tell("killed-after-every-action", Some(1)));
    let expected = &*UNINTERRUPTED;
    let killed = killed.join().unwrap();
    let mut deaths = 0;
    for (chapter, expected) in killed.iter().zip(expected) {
        chapter.must_equal(expected);
        let (marks, writes) = chapter.marks_and_other_writes();
        let (expected_marks, expected) = expected.marks_and_other_writes();
        assert_eq!(writes, expected, "{}: nothing is done twice or left out", chapter.name);
        // A target group whose load balancer was deleted in an earlier pass is marked itself, and stays for a grace period.
        let more = if chapter.name == "delete" { TARGET_GROUPS } else { 0 };
        assert!(marks.abs_diff(expected_marks) <= more, "{}: {marks}, {expected_marks}", chapter.name);
        let mut died_after = chapter.died_after.clone();
        died_after.sort();
        assert_eq!(died_after, chapter.writes, "{}: it died after every action", chapter.name);
        deaths += died_after.len();
    }
    eprintln!("killed {deaths} times");
    assert!(deaths >= 30, "only {deaths} deaths: {killed:#?}");
}

#[test]
fn controllers_killed_while_several_actions_are_in_progress_reach_the_same_result() {
    let killed = thread::spawn(|| tell("killed-among-others", Some(3)));
    let expected = &*UNINTERRUPTED;
    let killed = killed.join().unwrap();
    let mut deaths = 0;
    for (chapter, expected) in killed.iter().zip(expected) {
        chapter.must_equal(expected);
        deaths += chapter.died_after.len();
    }
    eprintln!("killed {deaths} times");
    assert!(deaths >= 8, "only {deaths} deaths: {killed:#?}");
}

/// The result of an undisturbed controller.
static UNINTERRUPTED: LazyLock<[Chapter; 3]> = LazyLock::new(|| tell("uninterrupted", None));

/// A part of the story, at whose end nothing is left to do.
#[derive(Debug)]
pub struct Chapter {
    pub name: &'static str,
    contents: Contents,
    /// Names of all writes, sorted.
    pub writes: Vec<String>,
    /// After which write each controller was killed.
    pub died_after: Vec<String>,
}

impl Chapter {
    /// How often tags were added, and all other writes.
    pub fn marks_and_other_writes(&self) -> (usize, Vec<&String>) {
        let (marks, others): (Vec<_>, Vec<_>) = self.writes.iter().partition(|write| *write == "AddTags");
        (marks.len(), others)
    }

    pub fn must_equal(&self, expected: &Chapter) {
        let here = &self.contents.ours;
        let lacks: Vec<_> = expected.contents.ours.iter().filter(|line| !here.contains(line)).collect();
        let has: Vec<_> = here.iter().filter(|line| !expected.contents.ours.contains(line)).collect();
        let name = self.name;
        let died = &self.died_after;
        assert!(
            lacks.is_empty() && has.is_empty(),
            "{name}: lacks {lacks:#?}, has {has:#?}, died after {died:?}"
        );
        assert_eq!(
            here.len(),
            expected.contents.ours.len(),
            "{name}: nothing is there twice, died after {died:?}"
        );
    }
}

/// Tells the story in a new world. `writes` is the number of writes that each controller makes before it is killed.
fn tell(name: &'static str, writes: Option<usize>) -> [Chapter; 3] {
    Runtime::new().unwrap().block_on(tell_all(name, writes))
}

async fn tell_all(name: &'static str, writes: Option<usize>) -> [Chapter; 3] {
    let world = World::new(name).await;
    let (client, account) = (&world.administrator, &world.account);
    for host in ["shop.example.org", "*.tools.example.org", "blog.example.org"] {
        issued_certificate(&world, host).await;
    }
    somebody_elses(&world).await;
    let mut story = Story::new(&world, writes, &[]);

    world.apply(&ingress("checkout", "shop.example.org")).await;
    world.apply(&ingress("tools", "a.tools.example.org")).await;
    let settings = world.file("at-first.json", AT_FIRST);
    let create = story.chapter("create", &settings, &["checkout", "tools"]).await;

    world.apply(&ingress("blog", "blog.example.org")).await;
    world.apply(&internal(&ingress("intern", "b.tools.example.org"))).await;
    delete_ingress(client, "tools").await;
    account.make_single_node().await;
    somebody_tags_ours(&world).await;
    let settings = world.file("later.json", &later(&world).await);
    let change = story.chapter("change", &settings, &["checkout", "intern", "blog"]).await;

    for name in ["checkout", "intern", "blog"] {
        delete_ingress(client, name).await;
    }
    let delete = story.chapter("delete", &settings, &[]).await;
    [create, change, delete]
}

/// Everything that is changed in place.
async fn later(world: &World) -> String {
    let security_group = world.account.make_security_group("another").await;
    let subnets = &world.account.subnets;
    format!(
        r#"{{
            "grace": 2,
            "idle-timeout": 120,
            "ssl-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "security-groups": ["{security_group}"],
            "subnets": ["{}", "{}"],
            "proxy": {{ "health-check-path": "/healthz", "deregistration-delay": 2 }}
        }}"#,
        subnets[0], subnets[1]
    )
}

pub struct Story<'a> {
    world: &'a World,
    /// How many writes each controller makes before it is killed. Absent: no controller is killed.
    writes: Option<usize>,
    arguments: &'a [&'a str],
    /// How many controllers there were.
    lives: usize,
}

impl<'a> Story<'a> {
    pub fn new(world: &'a World, writes: Option<usize>, arguments: &'a [&'a str]) -> Self {
        Story { world, writes, arguments, lives: 0 }
    }

    /// Starts controllers until one has nothing to do: the Ingresses of these names are served, and nothing else is.
    pub async fn chapter(&mut self, name: &'static str, settings: &Path, served: &[&str]) -> Chapter {
        let world = self.world;
        let before = world.recorder.calls().len();
        let others = all(world).await.others;
        let mut died_after = Vec::new();
        while self.life(settings, served).await {
            let write = world.recorder.calls().into_iter().rfind(Call::is_write).unwrap();
            died_after.push(write.action);
            let now = all(world).await.others;
            assert_eq!(now, others, "{name}: others' things are touched, died after {died_after:?}");
            if name == "change" && died_after.len() == 1 && self.writes > Some(1) {
                self.wait_for_the_end_of_the_lease(settings, served, &mut died_after).await;
            }
            remove_lease(&world.administrator).await;
        }
        let contents = all(world).await;
        assert_eq!(contents.others, others, "{name}: others' things are touched, died after {died_after:?}");
        Chapter { name, contents, writes: world.writes_since(before), died_after }
    }

    /// Runs one controller until it is killed, or until it has nothing to do. Returns whether it was killed.
    async fn life(&mut self, settings: &Path, served: &[&str]) -> bool {
        let world = self.world;
        if let Some(writes) = self.writes {
            world.recorder.stop_after(writes);
        }
        self.lives += 1;
        let name = format!("life-{}", self.lives);
        let arguments = [&["--settings", settings.to_str().unwrap()], self.arguments].concat();
        let replica = Replica::start(world, &name, &arguments);
        let died = self.stops(&replica, served).await;
        if died {
            replica.kill();
        } else {
            assert_eq!(replica.terminate(), 0);
        }
        world.recorder.go_on();
        died
    }

    /// Waits until AWS no longer answers, or until there was nothing to do for two passes.
    async fn stops(&self, replica: &Replica, served: &[&str]) -> bool {
        let begin = Instant::now();
        let passes = || replica.passed("converged").unwrap_or_default();
        let mut since = None;
        loop {
            if self.world.recorder.has_stopped() {
                return true;
            }
            if since.is_none() && self.is_settled(served).await {
                since = Some(passes());
            }
            if since.is_some_and(|since| passes() >= since + 2.0) {
                return false;
            }
            assert!(begin.elapsed() < SOON, "within {SOON:?} everything is served: {}", replica.log());
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn is_settled(&self, served: &[&str]) -> bool {
        for name in served {
            if published(&self.world.administrator, name).await.is_empty() {
                return false;
            }
        }
        let Ok(contents) = contents(&self.world.account).await else { return false };
        let in_grace = contents.ours.iter().any(|line| line.contains("albatross/unneeded"));
        !in_grace && (!served.is_empty() || contents.ours.is_empty())
    }

    /// Runs a controller, which finds the Lease of the killed controller and must wait until it expires.
    async fn wait_for_the_end_of_the_lease(
        &mut self,
        settings: &Path,
        served: &[&str],
        died_after: &mut Vec<String>,
    ) {
        let world = self.world;
        let (_, renewed) = lease_times(&lease(&world.administrator).await.unwrap());
        let before = world.recorder.calls().len();
        assert!(self.life(settings, served).await, "there is more to do");
        let (acquired, _) = lease_times(&lease(&world.administrator).await.unwrap());
        assert!(acquired.duration_since(renewed).unwrap() >= LEASE, "{renewed:?}, {acquired:?}");
        let writes: Vec<Call> =
            world.recorder.calls().split_off(before).into_iter().filter(Call::is_write).collect();
        assert!(writes.iter().all(|call| call.at >= acquired), "{acquired:?}: {writes:?}");
        died_after.push(writes.last().unwrap().action.clone());
    }
}

/// The contents of the account. Writes of a controller that was killed may still be in progress.
async fn all(world: &World) -> Contents {
    eventually("nothing changes while it is read", async || contents(&world.account).await.ok()).await
}

/// A certificate that can be used now.
async fn issued_certificate(world: &World, host: &str) -> String {
    let arn = world.account.make_certificate(&[host]).await;
    eventually("the certificate is issued", async || {
        let answer = world.account.acm().describe_certificate().certificate_arn(&arn).send().await.unwrap();
        let status = answer.certificate().and_then(|it| it.status()).map(|status| status.as_str().to_owned());
        (status.as_deref() == Some("ISSUED")).then_some(())
    })
    .await;
    arn
}

/// A load balancer with listeners and a target group. It has the tags of the cluster and of the controller, as a resource
/// that an operator made for them does, but no id of ours.
async fn somebody_elses(world: &World) {
    let name = "albatross-somebody-else";
    let (elb, account) = (world.account.elb(), &world.account);
    let tags = [("kubernetes.io/cluster/harbour", "owned"), ("kubernetes:application", "albatross")];
    let tags: Vec<Tag> =
        tags.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build()).collect();
    let request = elb.create_load_balancer().name(name).set_subnets(Some(account.subnets.clone()));
    let made = request.set_tags(Some(tags.clone())).send().await.expect("a load balancer");
    let load_balancer = made.load_balancers()[0].load_balancer_arn().unwrap();
    let request = elb.create_target_group().name(name).protocol(ProtocolEnum::Http).port(9999);
    let request = request.vpc_id(&account.vpc).target_type(TargetTypeEnum::Instance).set_tags(Some(tags));
    let made = request.send().await.expect("a target group");
    let target_group = made.target_groups()[0].target_group_arn().unwrap();
    let request = account.auto_scaling().attach_load_balancer_target_groups();
    let request = request.auto_scaling_group_name("nodes").target_group_arns(target_group);
    request.send().await.expect("the target group is filled");
    let certificate = issued_certificate(world, "other.example.org").await;
    let forward = Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn(target_group).build();
    let request = elb.create_listener().load_balancer_arn(load_balancer).port(443);
    let request = request.protocol(ProtocolEnum::Https).default_actions(forward);
    let request = request.certificates(Certificate::builder().certificate_arn(certificate).build());
    request.send().await.expect("a listener");
}

/// Adds a tag to each load balancer, of which the controller knows nothing.
async fn somebody_tags_ours(world: &World) {
    let elb = world.account.elb();
    let found = elb.describe_load_balancers().send().await.unwrap();
    for load_balancer in found.load_balancers() {
        let arn = load_balancer.load_balancer_arn().unwrap();
        let tag = Tag::builder().key("team").value("shop").build();
        elb.add_tags().resource_arns(arn).tags(tag).send().await.expect("a tag");
    }
}
