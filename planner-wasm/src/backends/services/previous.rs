//! Services that no route names any more, and to whose target groups rules still forward: during a handover, while their
//! Ingress cannot be read, or for the grace period of a rule. Their target groups follow them until then.
//!
//! The name of a target group has a hash of what it serves. So the Service is found that has this hash.

use std::{collections::BTreeSet, rc::Rc};

use albatross_contract::{Mode, TargetGroup};

use super::{Finder, ServiceTargets, endpoints::Found, form};
use crate::{
    observed::Observed,
    source::{self, TargetWishes},
    terms::Terms,
};

impl<'a> Finder<'a> {
    /// Adds the Services behind observed target groups that no route names.
    pub(super) fn add_previous(&mut self, observed: &Observed<'a>) {
        let known: BTreeSet<String> = self.all.iter().map(|it| it.form.suffix.clone()).collect();
        let in_route_mode = observed
            .owned
            .iter()
            .filter(|owned| owned.load_balancer.is_some_and(|found| Terms::of(found).mode == Mode::Route));
        let unknown = in_route_mode.flat_map(|owned| &owned.target_groups).filter(|group| {
            !group.load_balancer_arns.is_empty() && suffix(group).is_some_and(|it| !known.contains(it))
        });
        let unknown: Vec<&TargetGroup> = unknown.copied().collect();
        for group in unknown {
            let found = self.behind(group);
            self.all.extend(found);
        }
    }

    fn behind(&self, group: &TargetGroup) -> Option<ServiceTargets<'a>> {
        let wishes = TargetWishes {
            target_type: Some(group.target_type),
            protocol: Some(group.protocol),
            protocol_version: match group.protocol_version.as_deref() {
                Some("HTTP2") => Some("HTTP2"),
                Some("GRPC") => Some("GRPC"),
                _ => None,
            },
            ..TargetWishes::default()
        };
        let ports =
            self.services.values().flat_map(|service| service.ports.iter().map(|port| (*service, port)));
        let mut found = ports.filter_map(|(service, port)| {
            let form = form::of(service, port, group.target_type, &wishes, self.vpc).ok()?;
            (Some(form.suffix.as_str()) == suffix(group)).then_some((service, port, form))
        });
        let (service, port, form) = found.next()?;
        let of_service = source::service_wishes(service);
        let Found { targets, unclear } = self.targets(service, port, group.target_type, &of_service).ok()?;
        let ids = targets.iter().map(|target| target.id).collect();
        let is_ip = group.target_type == albatross_contract::TargetType::Ip;
        let addresses = is_ip.then(|| Rc::clone(&self.addresses));
        let outside = if is_ip { self.outside(service) } else { BTreeSet::new() };
        let tags = of_service.tags;
        let ignores_labels = false;
        Some(ServiceTargets { form, targets, ids, addresses, unclear, outside, ignores_labels, tags })
    }
}

/// The part of the name of a target group that says what it serves.
fn suffix(group: &TargetGroup) -> Option<&str> {
    group.name.rsplit_once('-').map(|(_, suffix)| suffix)
}
