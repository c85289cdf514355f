//! What AWS has, as the inventory of a pass.

mod auto_scaling;
mod certificates;
mod contradictions;
mod details;
mod fate;
mod gaps;
mod instances;
mod kept;
mod load_balancing;
mod network;
mod published;
mod quotas;
mod resource_tags;
mod security_groups;

use std::future::Future;

use albatross_contract::{Inventory, Quotas, SecurityGroup, Settings, Timestamp, ViewPart};
use futures::{
    future::LocalBoxFuture,
    stream::{self, StreamExt},
};

use crate::{calling::List, clients::Aws, error::AwsError, ownership::Ownership};
use certificates::Certificates;
use gaps::Gaps;
use kept::Kept;
use load_balancing::LoadBalancing;
pub(crate) use load_balancing::load_balancer_of;
use network::Network;

/// How many calls of one kind are under way at once. The budget is what really limits them.
const CONCURRENT: usize = 8;

/// Observes one VPC for one cluster. It keeps what was read, each thing for as long as it is worth, and reads again what
/// an [`Executor`](crate::Executor) with the same [`Aws`] changed.
///
/// Foreign load balancers and target groups are seen as lists and tags show them: no attributes, listeners or targets.
/// Of our own ones everything is read. Tags of certificates are not read.
#[derive(Debug)]
pub struct Observer {
    aws: Aws,
    vpc_id: String,
    node_filters: String,
    ownership: Ownership,
    account: Option<String>,
    network: Kept<Network>,
    security_groups: Kept<Vec<SecurityGroup>>,
    quotas: Kept<Quotas>,
    certificates: Certificates,
    load_balancing: LoadBalancing,
}

impl Observer {
    /// An observer of this VPC that knows nothing yet. Of the settings it needs the identity and the node filters.
    pub fn new(aws: Aws, vpc_id: String, settings: &Settings) -> Observer {
        Observer {
            aws,
            vpc_id,
            node_filters: settings.node_filters(),
            ownership: Ownership::new(&settings.identity),
            account: None,
            network: Kept::default(),
            security_groups: Kept::default(),
            quotas: Kept::default(),
            certificates: Certificates::default(),
            load_balancing: LoadBalancing::default(),
        }
    }

    /// The VPC that is observed.
    pub fn vpc_id(&self) -> &str {
        &self.vpc_id
    }

    /// Asks AWS who we are, and for the VPC: whether anything can be observed at all.
    ///
    /// # Errors
    /// As [`Observer::observe`].
    pub fn reach(&mut self) -> LocalBoxFuture<'_, Result<(), AwsError>> {
        Box::pin(async {
            self.account().await?;
            network::the_vpc(&self.aws, &self.vpc_id).await.map(drop)
        })
    }

    /// Reads what is not kept, and answers all that is known. `published` are the hostnames of all statuses in the
    /// cluster: a load balancer that one of them names and the list lacks is looked up by its name.
    ///
    /// What cannot be read to its end is in `incomplete`, with the reason.
    ///
    /// # Errors
    /// Only where nothing can be known: no credentials, no VPC.
    pub fn observe<'a>(
        &'a mut self,
        now: Timestamp,
        published: &'a [String],
    ) -> LocalBoxFuture<'a, Result<Inventory, AwsError>> {
        Box::pin(self.read(now, published))
    }

    async fn read(&mut self, now: Timestamp, published: &[String]) -> Result<Inventory, AwsError> {
        let account = self.account().await?;
        self.forget_changed();
        let aws = &self.aws;
        let (network, security_groups, instances, certificates, load_balancing, auto_scaling_groups, quotas) = tokio::join!(
            network::observe(aws, &self.vpc_id, &mut self.network, now),
            security_groups::observe(aws, &self.vpc_id, &mut self.security_groups, now),
            instances::observe(aws, &self.node_filters),
            self.certificates.observe(aws, now),
            self.load_balancing.observe(aws, &self.ownership, published, now),
            auto_scaling::observe(aws),
            quotas::observe(aws, &mut self.quotas, now),
        );
        let mut gaps = Gaps::default();
        let network = gaps.merge(network?);
        let (load_balancers, target_groups) = gaps.merge(load_balancing);
        let auto_scaling_groups = gaps.merge(auto_scaling_groups);
        let instances = gaps.merge(instances);
        contradictions::of_auto_scaling_groups(&auto_scaling_groups, &instances, &mut gaps);
        let own = load_balancers.iter().filter(|found| self.ownership.owns(&found.tags));
        if contradictions::of_subnets(&network, own, &mut gaps) {
            self.network.forget();
        }
        let inventory = Inventory {
            observed_at: now,
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
            auto_scaling_groups,
            instances,
            quotas: gaps.merge(quotas),
            hosted_zones: None,
            incomplete: Vec::new(),
        };
        let inventory = Inventory { incomplete: gaps.into_incomplete()?, ..inventory };
        aws.exchange.saw(&inventory);
        Ok(inventory)
    }

    /// The account: it never changes.
    async fn account(&mut self) -> Result<String, AwsError> {
        Ok(match &self.account {
            Some(account) => account.clone(),
            None => self.account.insert(self.aws.account().await?).clone(),
        })
    }

    /// Lets the next observation read everything anew but the content of certificates: to find what somebody else changed.
    pub fn forget(&mut self) {
        self.network.forget();
        self.security_groups.forget();
        self.quotas.forget();
        self.certificates.forget_lists();
        self.load_balancing.age_all();
    }

    /// What an executor changed since the last observation is read again, whatever came of it: a call without an answer
    /// may have been executed.
    fn forget_changed(&mut self) {
        let changed = self.aws.exchange.take_changed();
        if changed.security_groups {
            self.security_groups.forget();
        }
        for resource in &changed.resources {
            self.load_balancing.age(resource);
        }
    }
}

/// What was read of a part, and what could not be.
pub(crate) struct Seen<T> {
    value: T,
    gaps: Gaps,
}

/// Asks something for each of many, several at once, and keeps their order.
async fn for_each<I, T, F>(items: impl IntoIterator<Item = I>, ask: impl Fn(I) -> F) -> Vec<T>
where
    F: Future<Output = T>,
{
    stream::iter(items).map(ask).buffered(CONCURRENT).collect().await
}

/// A list, and the gap if it ends before its end.
fn listed<T>(list: List<T>, part: ViewPart, gaps: &mut Gaps) -> Vec<T> {
    if let Some(error) = list.broken {
        gaps.add(part, error);
    }
    list.items
}
