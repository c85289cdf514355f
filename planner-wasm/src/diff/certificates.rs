//! Certificates that are added to a listener or removed from it.

use std::collections::BTreeSet;

use albatross_contract::{ListenerCertificate, Operation, ResourceReference};

use super::{
    actions::{Actions, Draft},
    names,
};
use crate::{identity::certificate_hash, wanted::Change};

/// The actions that change certificates.
#[derive(Default)]
pub struct Changes {
    /// The id of the action of each change.
    ids: Vec<String>,
    /// The action that sets another default certificate.
    modified: Option<String>,
}

impl Changes {
    /// The actions of some changes, by index; `None` stands for the modification of the listener.
    pub fn actions(&self, places: &[Option<usize>]) -> BTreeSet<String> {
        let action = |place: &Option<usize>| match place {
            Some(place) => self.ids.get(*place).cloned(),
            None => self.modified.clone(),
        };
        places.iter().filter_map(action).collect()
    }
}

/// A listener.
pub struct On<'a> {
    /// Our id of its load balancer.
    pub load_balancer: &'a str,
    /// Its port.
    pub port: u16,
    /// The listener as actions name it.
    pub listener: ResourceReference,
    /// The action that creates the listener, or that changes its protocol.
    pub made: Option<String>,
}

/// Adds the actions for the certificates of a listener. `modified` is the action that modifies the listener, if any.
pub fn compare(
    on: &On<'_>,
    modified: Option<String>,
    wanted: &[Change<'_>],
    actions: &mut Actions,
) -> Changes {
    let On { load_balancer, port, listener, made } = on;
    let mut ids: Vec<String> = Vec::new();
    for change in wanted {
        let certificate =
            ListenerCertificate { listener: listener.clone(), certificate: change.arn.to_owned() };
        let (verb, operation) = if change.adds {
            ("add", Operation::AddListenerCertificate(certificate))
        } else {
            ("remove", Operation::RemoveListenerCertificate(certificate))
        };
        let id = format!("listener/{port}/certificate/{}/{verb}", certificate_hash(change.arn));
        let before = change.after.iter().filter_map(|place| ids.get(*place).cloned());
        let default = modified.clone().filter(|_| change.after_default);
        let draft = Draft::new(id, change.reason.as_str(), operation)
            .after(before.chain(default).chain(made.clone().filter(|_| change.adds)))
            .for_objects(&names(&change.objects));
        ids.push(actions.push(load_balancer, draft));
    }
    Changes { ids, modified }
}

#[cfg(test)]
mod tests;
