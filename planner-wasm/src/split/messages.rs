//! What members of a split group are told.

use std::collections::BTreeMap;

use albatross_contract::{Diagnostic, DiagnosticCode};

use super::{
    Group,
    distribution::{Chosen, Unit},
};
use crate::{
    diagnostics::{Details, Subject, info, warning},
    source::EVERY_HOST,
    terms::group_in_words,
    words,
};

impl<'a> Group<'a, '_> {
    /// What the members of a unit are told if they have no room. A unit that is too large for any load balancer is told where
    /// its rules are left out.
    pub(super) fn tell(
        &self,
        unit: &Unit<'a>,
        wanted: &Chosen,
        allowed: bool,
    ) -> BTreeMap<usize, Diagnostic> {
        let Some(quota) = wanted.full.as_ref().filter(|_| !wanted.is_too_large && !unit.is_pinned) else {
            return BTreeMap::new();
        };
        let names: Vec<String> =
            unit.members.iter().map(|index| self.claim(*index).object.to_string()).collect();
        let all = words::list(names.iter().map(String::as_str));
        let (name, part) = (group_in_words(self.name), wanted.part);
        let (verb, one) = if unit.part.is_some() { ("move", "moves") } else { ("go", "goes") };
        let told = unit.members.iter().map(|index| {
            let subject = Subject::Object(self.claim(*index).object);
            let told = if allowed {
                let verb = if names.len() == 1 { one } else { verb };
                let message = format!(
                    "group {name} is split, since {quota}: {all} {verb} to load balancer {part} of the group"
                );
                info(DiagnosticCode::QuotaExhausted, subject, message)
            } else {
                let message = format!(
                    "group {name} needs another load balancer, since {quota}. The setting allow-group-split is off; with \
                     it, {all} would {verb} to load balancer {part} of the group"
                );
                warning(DiagnosticCode::QuotaExhausted, subject, message)
                    .remedy("set allow-group-split, or put Ingresses into another group")
            };
            (*index, told.field("spec.rules"))
        });
        told.collect()
    }

    /// A member with hosts that belong to other parts.
    pub(super) fn tell_host_split(
        &self,
        index: usize,
        own: u32,
        elsewhere: &BTreeMap<String, u32>,
    ) -> Diagnostic {
        let hosts =
            elsewhere.iter().map(|(host, part)| format!("{} on load balancer {part}", in_words(host)));
        let hosts: Vec<String> = hosts.collect();
        let message = format!(
            "group {} is split: {}, and this Ingress is on load balancer {own}, so it does not serve {}",
            group_in_words(self.name),
            words::list(hosts.iter().map(String::as_str)),
            if hosts.len() == 1 { "this host" } else { "these hosts" },
        );
        self.host_split(index, message)
            .remedy("move the rules for the host into an Ingress with only this host")
    }

    /// A member with a wildcard host, or with rules for every host, which match hosts of other parts.
    pub(super) fn tell_hidden(&self, index: usize, own: u32, others: &BTreeMap<String, u32>) -> Diagnostic {
        let hosts = others.iter().map(|(host, part)| format!("{} on load balancer {part}", in_words(host)));
        let hosts: Vec<String> = hosts.collect();
        let message = format!(
            "group {} is split: {}, and this Ingress is on load balancer {own}, so its wildcard host or its rules for \
             every host get no requests for them",
            group_in_words(self.name),
            words::list(hosts.iter().map(String::as_str)),
        );
        self.host_split(index, message)
            .remedy("add rules for these hosts where requests for them need an answer")
    }

    fn host_split(&self, index: usize, message: String) -> Diagnostic {
        let subject = Subject::Object(self.claim(index).object);
        warning(DiagnosticCode::HostSplit, subject, message).field("spec.rules")
    }
}

fn in_words(host: &str) -> String {
    match host {
        EVERY_HOST => "rules for every host are".to_owned(),
        host => format!("{host} is"),
    }
}
