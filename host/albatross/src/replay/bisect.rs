//! Finds the pass at which something began, with a binary search: it takes 14 plans for 10,000 passes.

use std::path::{Path, PathBuf};

use albatross_contract::{
    Action, DesiredLoadBalancer, LoadBalancerFate, ObjectName, Outcome, Plan, Snapshot,
};
use albatross_recordings::{Folder, Group};

use super::{Recorded, Replayed, Trial};
use crate::{comparison::place, error::Error, inputs::read_recorded};

/// Something that began in one of the passes, and has stayed since.
#[derive(Clone, Debug)]
pub enum Thing {
    /// A load balancer, by its name, our id or its ARN.
    LoadBalancer(String),
    /// A certificate on any of our load balancers, by its ARN.
    Certificate(String),
    /// The load balancer that serves a host in the last pass.
    Host {
        /// The host.
        host: String,
        /// The name of the load balancer.
        load_balancer: String,
    },
}

/// The pass at which a thing began.
pub struct Beginning {
    /// Its file.
    pub file: PathBuf,
    /// Its number in the folder, from 1.
    pub number: usize,
    /// How many plans were made.
    pub plans: usize,
    /// The pass.
    pub recorded: Recorded,
    /// Its plan.
    pub replayed: Replayed,
}

impl Thing {
    /// The load balancer that serves a host in the last pass of a folder, as its recorded plan says.
    ///
    /// # Errors
    /// The last pass cannot be read, or has no load balancer for the host.
    pub fn host(host: &str, folder: &Folder) -> Result<Thing, Error> {
        let nowhere = || Error::NotInLastPass { what: format!("host {host}") };
        let file = files(folder).pop().ok_or_else(nowhere)?;
        let recorded = read_recorded(&file)?;
        let plan = plan_of(&recorded, &file)?;
        let load_balancer = of_host(&recorded.snapshot, &plan, host).ok_or_else(nowhere)?;
        Ok(Thing::Host { host: host.to_owned(), load_balancer })
    }

    /// What it is, in words.
    pub fn words(&self) -> String {
        match self {
            Thing::LoadBalancer(name) => format!("load balancer {name}"),
            Thing::Certificate(arn) => format!("certificate {arn}"),
            Thing::Host { host, load_balancer } => format!("{host} on {load_balancer}"),
        }
    }

    /// Whether the desired state of a plan has it.
    fn is_in(&self, snapshot: &Snapshot, plan: &Plan) -> bool {
        match self {
            Thing::LoadBalancer(name) => named(plan, name).is_some(),
            Thing::Certificate(arn) => {
                let mut certificates = stays(plan).flat_map(|found| &found.certificates);
                certificates.any(|certificate| certificate.arn == *arn)
            }
            Thing::Host { host, load_balancer } => {
                of_host(snapshot, plan, host).as_ref() == Some(load_balancer)
            }
        }
    }

    /// The actions of a plan that are about it.
    pub fn actions<'a>(&self, snapshot: &Snapshot, plan: &'a Plan) -> Vec<&'a Action> {
        let objects = self.objects(snapshot);
        let is_about = |action: &&Action| match self {
            Thing::LoadBalancer(name) => named(plan, name) == Some(action.load_balancer.as_str()),
            Thing::Certificate(arn) => {
                serde_json::to_string(&action.operation).is_ok_and(|text| text.contains(arn.as_str()))
            }
            Thing::Host { .. } => action.objects.iter().any(|object| objects.contains(object)),
        };
        plan.actions.iter().filter(is_about).collect()
    }

    /// The outcomes of the objects that ask for it: those that name the host, or that use the certificate or load balancer.
    pub fn outcomes<'a>(&self, snapshot: &Snapshot, plan: &'a Plan) -> Vec<&'a Outcome> {
        let objects = self.objects(snapshot);
        let is_about = |outcome: &&Outcome| match self {
            Thing::LoadBalancer(name) => {
                let id = named(plan, name);
                id.is_some() && outcome.load_balancer.as_deref() == id
            }
            Thing::Certificate(arn) => outcome.certificates.iter().any(|it| it.certificate == *arn),
            Thing::Host { .. } => objects.contains(&outcome.object),
        };
        plan.outcomes.iter().filter(is_about).collect()
    }

    fn objects(&self, snapshot: &Snapshot) -> Vec<ObjectName> {
        match self {
            Thing::Host { host, .. } => with_host(snapshot, host),
            Thing::LoadBalancer(_) | Thing::Certificate(_) => Vec::new(),
        }
    }
}

/// The load balancers of a plan that are not removed.
fn stays(plan: &Plan) -> impl Iterator<Item = &DesiredLoadBalancer> {
    let goes = |fate| matches!(fate, LoadBalancerFate::Delete | LoadBalancerFate::Release);
    plan.load_balancers.iter().filter(move |found| !goes(found.fate))
}

/// Our id of a load balancer by its name, our id or its ARN.
fn named<'a>(plan: &'a Plan, name: &str) -> Option<&'a str> {
    let is_it = |found: &&DesiredLoadBalancer| {
        found.name == name || found.id == name || found.arn.as_deref() == Some(name)
    };
    stays(plan).find(is_it).map(|found| found.id.as_str())
}

fn with_host(snapshot: &Snapshot, host: &str) -> Vec<ObjectName> {
    let sources = snapshot.cluster.sources();
    sources
        .filter(|source| source.hosts().any(|it| it.eq_ignore_ascii_case(host)))
        .map(ObjectName::of)
        .collect()
}

/// The name of the load balancer of the first object with a host that has one.
fn of_host(snapshot: &Snapshot, plan: &Plan, host: &str) -> Option<String> {
    let objects = with_host(snapshot, host);
    let mut outcomes = plan.outcomes.iter().filter(|outcome| objects.contains(&outcome.object));
    let id = outcomes.find_map(|outcome| outcome.load_balancer.as_deref())?;
    let found = plan.load_balancers.iter().find(|found| found.id == id);
    Some(found.map_or_else(|| place(plan, Some(id)), |found| found.name.clone()))
}

/// Finds the first pass that has a thing, if it stays once it is there.
///
/// # Errors
/// A pass cannot be read or planned, or the thing is not there in the last one.
pub fn bisect(folder: &Folder, trial: &Trial, thing: &Thing) -> Result<Beginning, Error> {
    let files = files(folder);
    let (mut begin, mut end, mut plans, mut beginning) = (0, files.len(), 0, None);
    while begin < end {
        let middle = begin + (end - begin) / 2;
        let file = &files[middle];
        let recorded = read_recorded(file)?;
        let replayed = trial.replay(&recorded, &file.display().to_string())?;
        plans += 1;
        if thing.is_in(&replayed.pass.snapshot, &replayed.pass.plan) {
            end = middle;
            beginning = Some((recorded, replayed));
        } else {
            begin = middle + 1;
        }
    }
    let Some((recorded, replayed)) = beginning else {
        return Err(Error::NotInLastPass { what: thing.words() });
    };
    Ok(Beginning { file: files[end].clone(), number: end + 1, plans, recorded, replayed })
}

/// The files of a folder, oldest first.
fn files(folder: &Folder) -> Vec<PathBuf> {
    folder.groups().iter().flat_map(Group::files).collect()
}

fn plan_of(recorded: &Recorded, file: &Path) -> Result<Plan, Error> {
    recorded.plan().map_err(|source| Error::File { name: file.display().to_string(), source })
}
