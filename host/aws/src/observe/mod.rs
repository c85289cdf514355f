//! Reads the inventory of a pass from AWS.

mod auto_scaling;
mod certificates;
mod contradictions;
mod details;
mod fate;
mod gaps;
mod hosted_zones;
mod instances;
mod kept;
mod load_balancing;
mod mentioned;
mod network;
mod nodes;
mod published;
mod quotas;
mod resource_tags;
mod round;
mod rules;
mod security_groups;
mod ssl_policies;
mod turns;
mod web_acls;

use std::{
    collections::BTreeSet,
    future::Future,
    pin::pin,
    time::{Duration, Instant},
};

use albatross_contract::{Instance, Inventory, Quotas, SecurityGroup, Settings, Timestamp, ViewPart};
use futures::{
    future::LocalBoxFuture,
    stream::{self, StreamExt},
};

use crate::{calling::List, clients::Aws, error::AwsError, ownership::Ownership};
use certificates::Certificates;
use gaps::Gaps;
use hosted_zones::HostedZones;
use kept::Kept;
use load_balancing::LoadBalancing;
pub(crate) use load_balancing::load_balancer_of;
pub use mentioned::Mentioned;
use network::Network;
use nodes::Nodes;
use round::{Round, Times};
use turns::Limit;

/// How many calls of one kind are in progress at once. The actual limit is the rate budget.
const CONCURRENT: usize = 8;

/// For how many rounds all observations may be quick ones, if changes follow each other without a pause. What others change in AWS
/// is found later meanwhile.
const LONGEST_QUICK: u64 = 5;

/// Observes one VPC for one cluster. The observer caches each part of the view for some time, and reads again what an
/// [`Executor`](crate::Executor) with the same [`Aws`] changed.
///
/// Of foreign load balancers and target groups only lists and tags are read: no attributes, listeners or targets. Of our
/// own resources, and of those that a person wants to adopt, everything is read.
#[derive(Debug)]
pub struct Observer {
    aws: Aws,
    vpc_id: String,
    node_filters: String,
    ownership: Ownership,
    account: Option<String>,
    round: Round,
    /// When the last full observation began, if it found everything.
    whole_at: Option<Timestamp>,
    /// Whether the last observation was a quick one.
    was_quick: bool,
    network: Kept<Network>,
    security_groups: Kept<Vec<SecurityGroup>>,
    quotas: Kept<Quotas>,
    certificates: Certificates,
    load_balancing: LoadBalancing,
    nodes: Kept<Nodes>,
    hosted_zones: HostedZones,
    ssl_policies: Kept<Option<Vec<String>>>,
}

impl Observer {
    /// An observer of this VPC with empty caches. It uses the identity, the node filters and the certificate tag of the
    /// settings.
    pub fn new(aws: Aws, vpc_id: String, settings: &Settings) -> Observer {
        Observer {
            aws,
            vpc_id,
            node_filters: settings.node_filters(),
            ownership: Ownership::new(&settings.identity),
            account: None,
            round: Round::default(),
            whole_at: None,
            was_quick: false,
            network: Kept::default(),
            security_groups: Kept::default(),
            quotas: Kept::default(),
            certificates: Certificates::new(settings.certificate_tag.is_some()),
            load_balancing: LoadBalancing::new(settings.allowances.adopt.clone().unwrap_or_default()),
            nodes: Kept::default(),
            hosted_zones: HostedZones::new(settings.route53.clone()),
            ssl_policies: Kept::default(),
        }
    }

    /// Makes this the observer of a controller, which observes again and again. An observation then reads load balancers for some
    /// seconds at most, and leaves the rest for the next ones ([`is_behind`](Self::is_behind)).
    ///
    /// `interval` is how long an observation is good for, except for what an executor changes, what is not in its final state, and
    /// Nodes whose instance is not known. Otherwise every observation reads at least the lists of load balancers, target
    /// groups, instances and Auto Scaling Groups.
    pub fn refresh_every(&mut self, interval: Duration) {
        self.round.length = interval.as_secs();
    }

    /// Whether something is left to be read: the last observation had no time for it, or everything was [forgotten](Self::forget).
    pub fn is_behind(&self) -> bool {
        self.load_balancing.is_behind()
    }

    /// The VPC that is observed.
    pub fn vpc_id(&self) -> &str {
        &self.vpc_id
    }

    /// Checks that AWS can be observed at all: asks for the account and the VPC.
    ///
    /// # Errors
    /// Those of [`Observer::observe`].
    pub fn reach(&mut self) -> LocalBoxFuture<'_, Result<(), AwsError>> {
        Box::pin(async {
            self.account().await?;
            network::the_vpc(&self.aws, &self.vpc_id).await.map(drop)
        })
    }

    /// Reads whatever is not cached, and returns the whole inventory. `mentioned` is what the cluster mentions of it: published
    /// load balancers, new instances, and which load balancers have attributes of listeners and web ACLs.
    ///
    /// `incomplete` lists each part that cannot be read completely, with the reason. The future can be dropped: nearly everything
    /// that has been answered by then is kept. What was read of a list, or of the rules of a load balancer, is lost.
    ///
    /// # Errors
    /// Only if nothing can be observed: no credentials, no VPC.
    pub fn observe<'a>(
        &'a mut self,
        now: Timestamp,
        mentioned: &'a Mentioned,
    ) -> LocalBoxFuture<'a, Result<Inventory, AwsError>> {
        Box::pin(async move {
            let begin = Instant::now();
            let times = self.round.at(now);
            if times.begins_round {
                self.load_balancing.age_lists();
                self.nodes.age();
            }
            self.was_quick = false;
            let inventory = self.read(times, mentioned).await;
            self.whole_at = inventory.as_ref().is_ok_and(|it| it.incomplete.is_empty()).then_some(now);
            self.round.took(begin.elapsed());
            inventory
        })
    }

    /// A quick observation, for a change of the cluster that must not wait: reads only what is not known, or what an executor may
    /// have changed since it was read. Everything else is as it was read last, and `observed_at` is the time of the last full
    /// observation.
    ///
    /// # Errors
    /// Those of [`Observer::observe`].
    pub fn observe_quickly<'a>(
        &'a mut self,
        now: Timestamp,
        mentioned: &'a Mentioned,
    ) -> LocalBoxFuture<'a, Result<Inventory, AwsError>> {
        self.was_quick = true;
        Box::pin(self.read(self.round.quick(now), mentioned))
    }

    /// Whether a quick observation will do now. The last full one must have found everything, and not too long ago: otherwise so many
    /// changes could be made that nothing is read any more.
    pub fn may_be_quick(&self, now: Timestamp) -> bool {
        let longest = self.round.length.saturating_mul(LONGEST_QUICK);
        self.whole_at.and_then(|at| now.checked_sub(at)).is_some_and(|since| since < longest)
    }

    /// Whether the last observation was a quick one.
    pub fn was_quick(&self) -> bool {
        self.was_quick
    }

    async fn read(&mut self, times: Times, mentioned: &Mentioned) -> Result<Inventory, AwsError> {
        let account = self.account().await?;
        self.forget_changed();
        if self.nodes.last().is_some_and(|known| lacks_one(&known.instances, mentioned)) {
            self.nodes.forget();
        }
        let Times { now, round, .. } = times;
        // What is observed once must be whole. A controller goes on with the rest in the next observation.
        let limit = (self.round.length > 0).then(|| Limit::from(Instant::now()));
        let aws = &self.aws;
        let (network, security_groups, nodes, certificates, load_balancing, quotas, zones, ssl_policies) = tokio::join!(
            network::observe(aws, &self.vpc_id, &mut self.network, round),
            security_groups::observe(aws, &self.vpc_id, &mut self.security_groups, round),
            nodes::observe(aws, &self.node_filters, &mut self.nodes, round),
            self.certificates.observe(aws, times),
            self.load_balancing.observe(aws, &self.ownership, mentioned, times, limit),
            quotas::observe(aws, &mut self.quotas, round),
            self.hosted_zones.observe(aws, &self.vpc_id, round),
            ssl_policies::observe(aws, &mut self.ssl_policies, round),
        );
        let mut gaps = Gaps::default();
        let network = gaps.merge(network?);
        let (load_balancers, target_groups) = gaps.merge(load_balancing);
        let nodes = gaps.merge(nodes);
        let own = load_balancers.iter().filter(|found| self.ownership.owns(&found.tags));
        if contradictions::of_subnets(&network, own, &mut gaps) {
            self.network.forget();
        }
        let inventory = Inventory {
            // An observation that reads only what is not known does not make the rest newer.
            observed_at: self.whole_at.filter(|_| round.is_quick).unwrap_or(now),
            account,
            region: aws.region().to_owned(),
            vpc: network.vpc,
            zones: network.zones,
            subnets: network.subnets,
            route_tables: network.route_tables,
            security_groups: gaps.merge(security_groups),
            certificates: gaps.merge(certificates),
            load_balancers,
            target_groups,
            auto_scaling_groups: nodes.auto_scaling_groups,
            instances: nodes.instances,
            quotas: gaps.merge(quotas),
            hosted_zones: gaps.merge(zones),
            ssl_policies,
            incomplete: Vec::new(),
        };
        let inventory = Inventory { incomplete: gaps.into_incomplete()?, ..inventory };
        aws.exchange.saw(&inventory);
        Ok(inventory)
    }

    /// The account id, which never changes.
    async fn account(&mut self) -> Result<String, AwsError> {
        Ok(match &self.account {
            Some(account) => account.clone(),
            None => self.account.insert(self.aws.account().await?).clone(),
        })
    }

    /// Empties the caches, except for the content of certificates, so that the next observation finds what others changed.
    pub fn forget(&mut self) {
        self.round.forget();
        self.whole_at = None;
        self.network.forget();
        self.security_groups.forget();
        self.quotas.forget();
        self.certificates.forget_lists();
        self.load_balancing.age_all();
        self.nodes.forget();
        self.hosted_zones.forget();
        self.ssl_policies.forget();
    }

    /// Marks everything that an executor changed since the last observation as stale, even if the change failed: a call
    /// without an answer may have been executed.
    fn forget_changed(&mut self) {
        let changed = self.aws.exchange.take_changed();
        if changed.security_groups {
            self.security_groups.forget();
        }
        if changed.auto_scaling {
            self.nodes.forget();
        }
        self.load_balancing.age(&changed);
        changed.hosted_zones.iter().for_each(|zone| self.hosted_zones.age(zone));
    }
}

/// Whether a list of instances lacks the instance of a Node.
fn lacks_one(instances: &[Instance], mentioned: &Mentioned) -> bool {
    let known: BTreeSet<&str> = instances.iter().map(|instance| instance.id.as_str()).collect();
    mentioned.instances.iter().any(|instance| !known.contains(instance.as_str()))
}

/// What was read of a part of the view, and the gaps.
pub(crate) struct Seen<T> {
    value: T,
    gaps: Gaps,
}

/// Makes a request for each item, several at a time. The results have the order of the items.
async fn for_each<I, T, F>(items: impl IntoIterator<Item = I>, ask: impl Fn(I) -> F) -> Vec<T>
where
    F: Future<Output = T>,
{
    stream::iter(items).map(ask).buffered(CONCURRENT).collect().await
}

/// The same, but takes each answer when it arrives, so that it is not lost if the observation is dropped.
async fn each<I, T, F>(items: impl IntoIterator<Item = I>, ask: impl Fn(I) -> F, mut take: impl FnMut(T))
where
    F: Future<Output = T>,
{
    let mut answers = pin!(stream::iter(items).map(ask).buffer_unordered(CONCURRENT));
    while let Some(answer) = answers.next().await {
        take(answer);
    }
}

/// The items of a list. If the list is incomplete, records a gap.
fn listed<T>(list: List<T>, part: ViewPart, gaps: &mut Gaps) -> Vec<T> {
    if let Some(error) = list.broken {
        gaps.add(part, error);
    }
    list.items
}
