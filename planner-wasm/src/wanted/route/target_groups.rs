//! The target groups of a load balancer: a target group for each Service port that its rules need, and previous target groups
//! that its rules still use.

use albatross_contract::{Diagnostic, DiagnosticCode, Protocol, ResourceReference, TargetGroup, TargetType};

use super::{
    super::{Destination, Holds, LoadBalancer, Retirement, TargetGroup as WantedTargetGroup, build::Builder},
    Gathered, On,
    agreement::{self, unknown_attribute},
    handover,
};
use crate::{
    attributes::known,
    backends::{ServiceTargets, TargetGroupForm},
    diagnostics::{Details, Subject, info, warning},
    grouping::Group,
    lifecycle::retirement,
    observed::{Concern, Owned},
    source::{self, InvalidBackend, ObjectName},
    words,
};

/// The only protocol version that HTTP listeners can forward with.
const HTTP1: &str = "HTTP1";

impl<'a> Builder<'a, '_> {
    /// The target group of a load balancer for a Service port. If two members want different health checks, the first member
    /// counts.
    pub(super) fn gather(
        &mut self,
        targets: &'a ServiceTargets<'a>,
        (object, protocol): (ObjectName<'a>, Protocol),
        on: On<'a, '_>,
        gathered: &mut Gathered<'a>,
    ) -> Result<Destination<'a>, InvalidBackend> {
        let form = &targets.form;
        // ELB user guide, "Target groups for your Application Load Balancers": protocol version.
        let version = form.protocol_version.filter(|version| *version != HTTP1);
        if let Some(version) = version.filter(|_| protocol != Protocol::Https) {
            let reason =
                format!("AWS forwards requests with protocol version {version} only from HTTPS listeners");
            return Err(InvalidBackend::new(reason, "add an HTTPS listener, and remove the HTTP listener"));
        }
        let (targets, first) = on.chosen.get(form.suffix.as_str()).copied().unwrap_or((targets, object));
        if !std::ptr::eq(form, &targets.form) {
            self.tell(object, other_wishes(object, targets, first));
        }
        let form = &targets.form;
        if !targets.outside.is_empty() {
            self.tell(object, outside(object, targets));
        }
        if form.target_type == TargetType::Ip && targets.ids.is_empty() {
            self.tell(object, no_endpoint(object, form));
        }
        if targets.ignores_labels {
            self.tell(object, unknown_labels(object, form));
        }
        if let Some(found) = gathered.get(&form.suffix) {
            return Ok(found.destination());
        }
        let observed = self.sources.observed;
        let name = format!("{}-{}", on.wanted.name, form.suffix);
        let there = target_group(on.group, &name);
        if there.is_none() && (observed.is_target_group_name(&name) || observed.unclear(&name).is_some()) {
            let reason = format!(
                "a target group with the name {name} exists and does not have the tags of this controller"
            );
            return Err(InvalidBackend::new(reason, "delete that target group, or restore its tags"));
        }
        let attributes = there.map(|there| there.attributes.as_slice()).unwrap_or_default();
        for key in form.attributes.iter().filter(|it| it.is_unknown(attributes)).map(|it| it.key.as_ref()) {
            let annotation = source::TARGET_GROUP_ATTRIBUTES;
            self.tell(first, unknown_attribute(first, annotation, key, known::TARGET_GROUP));
        }
        let described = self.target_group_of(targets, name, there, on);
        let to = described.destination();
        gathered.insert(form.suffix.clone(), described);
        Ok(to)
    }

    fn target_group_of(
        &mut self,
        targets: &'a ServiceTargets<'a>,
        name: String,
        there: Option<&'a TargetGroup>,
        on: On<'a, '_>,
    ) -> WantedTargetGroup<'a> {
        let mut changes = targets.changes(&name, there, self.sources.observed);
        let there_tags = there.map(|there| there.tags.as_slice()).unwrap_or_default();
        self.withheld.extend(changes.withheld.take());
        self.diagnostics.append(&mut changes.diagnostics);
        WantedTargetGroup {
            name,
            there,
            form: Some(&targets.form),
            is_current: false,
            is_fitting: true,
            is_of_pods: false,
            targets: changes,
            tags: agreement::target_group_tags(&on.agreed.tags, targets, there_tags, self.sources.observed),
            holds: Some(Holds::targets(&targets.ids)),
        }
    }

    /// Target groups that rules still use though no route of a planned member asks for them: those of members that are held, and
    /// of Services that others replace. They follow nodes and pods too.
    pub(super) fn gather_previous(&mut self, on: On<'a, '_>, gathered: &mut Gathered<'a>) {
        let Some(owned) = on.group.owned() else { return };
        for found in owned.target_groups.iter().copied() {
            let suffix = found.name.strip_prefix(&format!("{}-", on.wanted.name)).unwrap_or_default();
            if gathered.contains_key(suffix) || !is_used(owned, found) {
                continue;
            }
            let Some(targets) = self.sources.backends.services.behind(suffix) else { continue };
            let described = self.target_group_of(targets, found.name.clone(), Some(found), on);
            let kept = WantedTargetGroup { form: None, is_fitting: false, tags: Vec::new(), ..described };
            gathered.insert(suffix.to_owned(), kept);
        }
    }

    /// Target groups that no rule uses any more: they are marked, and removed a grace period later.
    pub(super) fn unused(
        &mut self,
        group: &Group<'a>,
        wanted: &LoadBalancer<'a>,
    ) -> Vec<(&'a TargetGroup, Retirement)> {
        let observed = self.sources.observed;
        let Some(owned) = group.owned() else { return Vec::new() };
        if !observed.completeness.allows_for(Concern::Remove, Some(owned)) {
            return Vec::new();
        }
        let is_wanted = |found: &TargetGroup| {
            wanted.target_groups.iter().any(|it| it.there.is_some_and(|there| there.arn == found.arn))
        };
        let unused = owned.target_groups.iter().copied().filter(|found| {
            !is_wanted(found) && owned.user_elsewhere(found).is_none() && !is_used(owned, found)
        });
        let mut retired = Vec::new();
        for found in unused {
            let retirement = retirement(found, observed);
            if let Retirement::Marked { until } = retirement {
                self.note_change(until);
            }
            retired.push((found, retirement));
        }
        retired
    }
}

/// Whether a listener of a load balancer names a target group, in its default actions or in a rule.
fn is_used(owned: &Owned<'_>, group: &TargetGroup) -> bool {
    let listeners = owned.load_balancer.into_iter().flat_map(|found| &found.listeners);
    let mut actions = listeners.flat_map(|listener| {
        listener.default_actions.iter().chain(listener.rules.iter().flat_map(|rule| &rule.actions))
    });
    actions.any(|action| {
        handover::forwards(action)
            .any(|it| matches!(&it.target_group, ResourceReference::Existing(arn) if *arn == group.arn))
    })
}

/// A target group of a load balancer, by its name.
fn target_group<'a>(group: &Group<'a>, name: &str) -> Option<&'a TargetGroup> {
    let ours = group.owned().map(|owned| owned.target_groups.as_slice()).unwrap_or_default();
    ours.iter().copied().find(|found| found.name == name)
}

/// A Service without endpoints is normal while it is scaled to zero; in manifests, EndpointSlices may be missing.
fn no_endpoint(object: ObjectName<'_>, form: &TargetGroupForm<'_>) -> Diagnostic {
    let service = form.service.as_deref().unwrap_or_default();
    let message = format!(
        "no EndpointSlice has an address for Service {service}, so its target group has no targets and requests to it are \
         answered with 503"
    );
    info(DiagnosticCode::BackendInvalid, Subject::Object(object), message)
        .remedy("start pods of the Service, or if you plan manifests, add its EndpointSlices to them")
}

fn unknown_labels(object: ObjectName<'_>, form: &TargetGroupForm<'_>) -> Diagnostic {
    let annotation = source::TARGET_NODE_LABELS;
    let service = form.service.as_deref().unwrap_or_default();
    let message = format!(
        "annotation {annotation} does nothing, because no Node is known and so the labels of the nodes are not known: all \
         nodes become targets of Service {service}"
    );
    warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message)
        .field(format!("metadata.annotations[{annotation}]"))
        .remedy("add the Nodes to the manifests")
}

fn outside(object: ObjectName<'_>, targets: &ServiceTargets<'_>) -> Diagnostic {
    let service = targets.form.service.as_deref().unwrap_or_default();
    let message = format!(
        "the pods of {service} have addresses outside {}, which cannot be registered as targets: {}",
        targets.form.vpc,
        words::list(targets.outside.iter().copied())
    );
    warning(DiagnosticCode::BackendInvalid, Subject::Object(object), message)
        .field("metadata.annotations[alb.ingress.kubernetes.io/target-type]")
        .remedy("run the pods with addresses of the VPC, or set the target type to instance")
}

fn other_wishes(object: ObjectName<'_>, targets: &ServiceTargets<'_>, first: ObjectName<'_>) -> Diagnostic {
    let message = format!(
        "{first} uses the same target group ({}) with another health check, other attributes or other nodes, and takes \
         precedence",
        targets.form.reason
    );
    warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message)
        .field("metadata.annotations")
        .remedy("put the annotations on the Service, or the same annotations on both Ingresses")
}
