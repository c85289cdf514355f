//! Which certificates serve a member on its load balancer, and which the load balancer still needs.

use albatross_contract::{Diagnostic, DiagnosticCode};

use crate::{
    certificates::{CertificateId, Decision},
    diagnostics::{Details, Subject, warning},
    grouping::{GroupId, Grouping, Member},
    observed::Observed,
    source::HostId,
    wanted::Wanted,
};

/// How load balancers serve their members.
pub struct Serving<'a, 'b> {
    observed: &'b Observed<'a>,
    grouping: &'b Grouping<'a>,
    wanted: &'b Wanted<'a>,
}

/// How a member is served.
pub struct Served {
    /// The certificate of each served host, in the order of the hosts.
    pub hosts: Vec<(HostId, CertificateId)>,
    /// Certificates that must be on the load balancer before it may be published for the member.
    pub awaited: Awaited,
    /// Diagnostics about the certificates.
    pub diagnostics: Vec<Diagnostic>,
}

/// Certificates that a load balancer needs before it can serve a member.
pub enum Awaited {
    /// These certificates, in their order; usually none.
    These(Vec<CertificateId>),
    /// It serves no host of the member, and it is not known which certificates would.
    Unknown,
}

impl<'a, 'b> Serving<'a, 'b> {
    /// Prepares the lookup.
    pub fn new(grouping: &'b Grouping<'a>, wanted: &'b Wanted<'a>, observed: &'b Observed<'a>) -> Self {
        Serving { observed, grouping, wanted }
    }

    /// How a member is served.
    pub fn of(&self, on: GroupId, member: &Member<'a>) -> Served {
        let group = self.grouping.groups.get(on);
        let certificates = &self.wanted.of(on).certificates;
        let there = group.owned().filter(|owned| owned.https().is_some());
        let there = there.map(|owned| owned.certificates.as_slice()).unwrap_or_default();
        let is_there = |id: &CertificateId| there.binary_search(id).is_ok();
        let served = group.serve(member, self.observed);
        let mut diagnostics = self.tell_kept(&served.kept, member);
        if !group.terms().http_only {
            let until_it_moves = member.certificates.until_it_moves.iter();
            diagnostics.extend(until_it_moves.flat_map(|it| &it.diagnostics).cloned());
        }
        let mut hosts = Vec::with_capacity(served.hosts.len());
        let mut awaited: Vec<CertificateId> = member.certificates.pinned.clone();
        for (host, id) in served.hosts {
            let comes = !certificates.nowhere && !certificates.held_back.contains(&id);
            if group.needed().contains_key(&id) && (is_there(&id) || comes) {
                hosts.push((host, id));
                awaited.push(id);
                continue;
            }
            if certificates.held_back.contains(&id) {
                diagnostics.push(self.no_room(host, id, member));
            }
            let mut covering: Vec<CertificateId> =
                self.observed.coverage.of(host).map(|covering| covering.certificate).collect();
            covering.sort_unstable();
            let old = covering.into_iter().find(is_there);
            match old {
                Some(old) => hosts.push((host, old)),
                None => awaited.push(id),
            }
        }
        awaited.retain(|id| !is_there(id));
        awaited.sort_unstable();
        awaited.dedup();
        let unsure = member.certificates.is_unknown() || member.certificates.waits;
        let awaited = if hosts.is_empty() && unsure { Awaited::Unknown } else { Awaited::These(awaited) };
        Served { hosts, awaited, diagnostics }
    }

    /// Diagnostics for hosts that are served only by certificates that should no longer be used.
    fn tell_kept(&self, kept: &[(HostId, CertificateId)], member: &Member<'a>) -> Vec<Diagnostic> {
        // If not all certificates are known, another diagnostic says so.
        let Decision { waits, until_it_moves, .. } = &member.certificates;
        let is_unsure = member.claim.is_http_only() && until_it_moves.is_none();
        if member.certificates.is_unknown() || *waits || is_unsure {
            return Vec::new();
        }
        let tell = |(host, id): &(HostId, CertificateId)| {
            let message = format!(
                "{} is still served with {}, which should no longer be used, since no other certificate covers the host",
                self.observed.hosts.text(*host),
                self.observed.certificates.arn(*id)
            );
            warning(DiagnosticCode::CertificateUnusable, Subject::Object(member.claim.object), message)
                .field(member.claim.object.hosts_field())
                .remedy("request another certificate in ACM")
        };
        let is_refused = |host: &HostId| member.claim.kept_hosts.binary_search(host).is_ok();
        kept.iter().filter(|(host, _)| !is_refused(host)).map(tell).collect()
    }

    fn no_room(&self, host: HostId, id: CertificateId, member: &Member<'a>) -> Diagnostic {
        let message = format!(
            "the load balancer has no room for certificate {}, which should serve {}",
            self.observed.certificates.arn(id),
            self.observed.hosts.text(host)
        );
        warning(DiagnosticCode::CapacityExceeded, Subject::Object(member.claim.object), message)
            .field(member.claim.object.hosts_field())
            .remedy("raise the quota for certificates per load balancer")
    }
}

#[cfg(test)]
mod tests;
