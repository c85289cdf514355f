//! What changed lately. A replica that begins to lead must read all of AWS again, which takes minutes in a large account: it reads
//! first what the latest changes concern.

use std::collections::VecDeque;

use albatross_contract::ObjectName;

use super::kept::Key;

/// How many changes are remembered: more than people and Deployments make while nobody leads.
const MOST: usize = 100;

/// What a change of the cluster is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Concerned {
    /// An Ingress or RouteGroup.
    Source(ObjectName),
    /// A Service, or the endpoints of a Service.
    Service(Key),
}

/// What changed lately, each only once.
#[derive(Debug, Default)]
pub(crate) struct Recent(VecDeque<Concerned>);

impl Recent {
    /// This has changed now.
    pub(crate) fn changed(&mut self, concerned: Concerned) {
        self.0.retain(|known| *known != concerned);
        self.0.push_front(concerned);
        self.0.truncate(MOST);
    }

    /// The last change first.
    pub(crate) fn all(&self) -> Vec<Concerned> {
        self.0.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(number: usize) -> Concerned {
        Concerned::Service(("shop".to_owned(), format!("service-{number}")))
    }

    #[test]
    fn the_last_change_comes_first_and_each_object_only_once() {
        let mut recent = Recent::default();
        [1, 2, 3, 1].map(service).into_iter().for_each(|concerned| recent.changed(concerned));
        assert_eq!(recent.all(), [1, 3, 2].map(service));
    }

    #[test]
    fn the_oldest_changes_are_forgotten() {
        let mut recent = Recent::default();
        (0..=MOST).map(service).for_each(|concerned| recent.changed(concerned));
        let all = recent.all();
        assert_eq!((all.len(), all.last()), (MOST, Some(&service(1))));
    }
}
