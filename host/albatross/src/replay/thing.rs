//! What a bisection looks for: as a person names it, and as it is known once the last pass shows it.

use std::fmt;

use albatross_contract::{Action, DesiredLoadBalancer, ObjectName, Outcome, Plan, Snapshot};

use crate::comparison::{self, place};

/// Something that began in one of the passes, as a person names it.
#[derive(Clone, Debug)]
pub enum Thing {
    /// A load balancer, by its name, our id or its ARN.
    LoadBalancer(String),
    /// A certificate on any of our load balancers, by its ARN.
    Certificate(String),
    /// The load balancer that serves a host in the last pass.
    Host(String),
}

/// A thing that is there in the last pass.
#[derive(Clone, Debug)]
pub enum Sought {
    /// A load balancer.
    LoadBalancer {
        /// Its name.
        name: String,
        /// Our id, which it has before it has an ARN.
        id: String,
    },
    /// A certificate on any of our load balancers, by its ARN.
    Certificate(String),
    /// A host on a load balancer.
    Host {
        /// The host.
        host: String,
        /// The name of the load balancer.
        name: String,
        /// Our id of the load balancer.
        id: String,
    },
}

impl Thing {
    /// The thing in the last pass. `None`: it is not there.
    pub(super) fn in_last_pass(&self, snapshot: &Snapshot, plan: &Plan) -> Option<Sought> {
        match self {
            Thing::LoadBalancer(name) => {
                let is_it = |found: &&DesiredLoadBalancer| {
                    found.name == *name || found.id == *name || found.arn.as_ref() == Some(name)
                };
                let found = stays(plan).find(is_it)?;
                Some(Sought::LoadBalancer { name: found.name.clone(), id: found.id.clone() })
            }
            Thing::Certificate(arn) => has_certificate(plan, arn).then(|| Sought::Certificate(arn.clone())),
            Thing::Host(host) => {
                let id = of_host(snapshot, plan, host)?;
                let found = plan.load_balancers.iter().find(|found| found.id == id);
                let name = found.map_or_else(|| place(plan, Some(id)), |found| found.name.clone());
                Some(Sought::Host { host: host.clone(), name, id: id.to_owned() })
            }
        }
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Thing::LoadBalancer(name) => write!(formatter, "load balancer {name}"),
            Thing::Certificate(arn) => write!(formatter, "certificate {arn}"),
            Thing::Host(host) => write!(formatter, "host {host}"),
        }
    }
}

impl fmt::Display for Sought {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sought::LoadBalancer { name, .. } => write!(formatter, "load balancer {name}"),
            Sought::Certificate(arn) => write!(formatter, "certificate {arn}"),
            Sought::Host { host, name, .. } => write!(formatter, "{host} on {name}"),
        }
    }
}

impl Sought {
    /// Whether the desired state of a plan has it.
    pub(super) fn is_in(&self, snapshot: &Snapshot, plan: &Plan) -> bool {
        match self {
            Sought::LoadBalancer { id, .. } => stays(plan).any(|found| found.id == *id),
            Sought::Certificate(arn) => has_certificate(plan, arn),
            Sought::Host { host, id, .. } => of_host(snapshot, plan, host) == Some(id),
        }
    }

    /// The actions of a plan that are about it.
    pub fn actions<'a>(&self, snapshot: &Snapshot, plan: &'a Plan) -> Vec<&'a Action> {
        let objects = self.objects(snapshot);
        let is_about = |action: &&Action| match self {
            Sought::LoadBalancer { id, .. } => action.load_balancer == *id,
            Sought::Certificate(arn) => {
                serde_json::to_string(&action.operation).is_ok_and(|text| text.contains(arn.as_str()))
            }
            Sought::Host { .. } => action.objects.iter().any(|object| objects.contains(object)),
        };
        plan.actions.iter().filter(is_about).collect()
    }

    /// The outcomes of the objects that ask for it: those that name the host, or that use the certificate or load balancer.
    pub fn outcomes<'a>(&self, snapshot: &Snapshot, plan: &'a Plan) -> Vec<&'a Outcome> {
        let objects = self.objects(snapshot);
        let is_about = |outcome: &&Outcome| match self {
            Sought::LoadBalancer { id, .. } => outcome.load_balancer.as_ref() == Some(id),
            Sought::Certificate(arn) => outcome.certificates.iter().any(|it| it.certificate == *arn),
            Sought::Host { .. } => objects.contains(&outcome.object),
        };
        plan.outcomes.iter().filter(is_about).collect()
    }

    fn objects(&self, snapshot: &Snapshot) -> Vec<ObjectName> {
        match self {
            Sought::Host { host, .. } => with_host(snapshot, host),
            Sought::LoadBalancer { .. } | Sought::Certificate(_) => Vec::new(),
        }
    }
}

/// The load balancers of a plan that are not removed.
fn stays(plan: &Plan) -> impl Iterator<Item = &DesiredLoadBalancer> {
    plan.load_balancers.iter().filter(|found| comparison::stays(found))
}

fn has_certificate(plan: &Plan, arn: &str) -> bool {
    stays(plan).flat_map(|found| &found.certificates).any(|certificate| certificate.arn == arn)
}

fn with_host(snapshot: &Snapshot, host: &str) -> Vec<ObjectName> {
    let sources = snapshot.cluster.sources();
    sources
        .filter(|source| source.hosts().any(|it| it.eq_ignore_ascii_case(host)))
        .map(ObjectName::of)
        .collect()
}

/// Our id of the load balancer of the first object with a host that has one.
fn of_host<'a>(snapshot: &Snapshot, plan: &'a Plan, host: &str) -> Option<&'a str> {
    let objects = with_host(snapshot, host);
    let mut outcomes = plan.outcomes.iter().filter(|outcome| objects.contains(&outcome.object));
    outcomes.find_map(|outcome| outcome.load_balancer.as_deref())
}
