//! What the webhook answers from: the last pass.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use albatross_contract::{Cluster, Ingress, ObjectName, Outcome, Plan, Snapshot, SourceObject};

use super::{
    neighbourhood::{Index, Neighbourhood},
    part::part,
    warnings::{is_told, warnings},
};
use crate::{
    error::Error,
    pass::{Makers, Pass},
};

/// The snapshot of a pass and its plan.
pub struct View {
    /// What was planned for.
    pub(super) snapshot: Snapshot,
    /// The plan.
    pub(super) plan: Plan,
    /// Who made it.
    pub(super) makers: Arc<Makers>,
    /// Who is connected with whom.
    pub(super) index: Index,
    last: Mutex<Option<(Part, Arc<Pass>)>>,
}

/// Of which part a plan is.
#[derive(PartialEq, Eq)]
struct Part {
    numbers: BTreeSet<usize>,
    /// The namespace whose Services are in it. Absent: there are no Services.
    namespace: Option<String>,
}

impl View {
    /// The plan that `makers` made of a snapshot.
    pub fn new(snapshot: Snapshot, plan: Plan, makers: Arc<Makers>) -> View {
        let index = Index::new(&snapshot, &plan);
        View { snapshot, plan, makers, index, last: Mutex::default() }
    }

    /// The same with the cluster as it is now. `None`: a status names a load balancer that was not looked up in AWS.
    ///
    /// # Errors
    /// There is no plan.
    pub fn with_cluster(&self, cluster: Cluster) -> Result<Option<View>, Error> {
        let hostnames = |cluster: &Cluster| {
            let all = cluster.sources().flat_map(SourceObject::hostnames);
            all.map(str::to_owned).collect::<BTreeSet<_>>()
        };
        if !hostnames(&cluster).is_subset(&hostnames(&self.snapshot.cluster)) {
            return Ok(None);
        }
        let pass = self.makers.pass(Snapshot { cluster, ..self.snapshot.clone() })?;
        Ok(Some(View::new(pass.snapshot, pass.plan, Arc::clone(&self.makers))))
    }

    /// The warnings for an Ingress that is created or changed.
    ///
    /// # Errors
    /// There is no plan.
    pub fn warnings(&self, new: Ingress) -> Result<Vec<String>, Error> {
        let object = ObjectName::of_ingress(&new);
        if !self.snapshot.settings.reads_namespace(&object.namespace) {
            return Ok(Vec::new());
        }
        if let Neighbourhood::Part(numbers) = self.index.around(&new, &self.plan) {
            let namespace = (!self.snapshot.cluster.services.is_empty()).then(|| object.namespace.clone());
            if let Some(before) = self.before(Part { numbers, namespace }) {
                let after = self.makers.pass(with(before.snapshot.clone(), new))?;
                return Ok(warnings(&before.plan, &after.plan, &object));
            }
        }
        let after = self.makers.pass(with(self.snapshot.clone(), new))?;
        Ok(warnings(&self.plan, &after.plan, &object))
    }

    /// The plan of a part. Many questions are about the same part, so the last one is kept. `None`: the part has no plan, or another one
    /// than the whole.
    fn before(&self, asked: Part) -> Option<Arc<Pass>> {
        let known = || self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pass)) = known().as_ref().filter(|(part, _)| *part == asked) {
            return Some(Arc::clone(pass));
        }
        let namespace = asked.namespace.as_deref().unwrap_or_default();
        let part = part(self, &asked.numbers, namespace);
        let pass = self.makers.pass(part).ok().filter(|it| self.agrees(&it.plan)).map(Arc::new)?;
        *known() = Some((asked, Arc::clone(&pass)));
        Some(pass)
    }

    /// Whether the plan of a part says of its objects what the whole plan says of them. If it does not, something that matters was left
    /// out.
    fn agrees(&self, part: &Plan) -> bool {
        let exists: BTreeSet<&str> =
            self.plan.load_balancers.iter().filter(|it| it.arn.is_some()).map(|it| it.id.as_str()).collect();
        part.outcomes.iter().all(|outcome| {
            let whole = self.index.number(&outcome.object).and_then(|number| self.plan.outcomes.get(number));
            whole.is_some_and(|whole| {
                // A load balancer that is to be made may have another id, since other ids are free.
                let place = |it: &Outcome| it.load_balancer.clone().filter(|id| exists.contains(id.as_str()));
                let told = |it: &Outcome| it.diagnostics.iter().filter(|it| is_told(it)).count();
                whole.state == outcome.state
                    && whole.certificates == outcome.certificates
                    && place(whole) == place(outcome)
                    && told(whole) == told(outcome)
            })
        })
    }
}

/// A snapshot with an Ingress that is created or changed.
pub fn with(mut snapshot: Snapshot, mut new: Ingress) -> Snapshot {
    let object = ObjectName::of_ingress(&new);
    new.metadata.created_at.get_or_insert(snapshot.time);
    let ingresses = &mut snapshot.cluster.ingresses;
    match ingresses.iter_mut().find(|it| ObjectName::of_ingress(it) == object) {
        Some(old) => *old = Ingress { status: std::mem::take(&mut old.status), ..new },
        None => ingresses.push(new),
    }
    snapshot
}
