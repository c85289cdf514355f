//! Finding load balancers for new and moving members: an existing load balancer, or one that is opened.

use std::borrow::Cow;

use albatross_contract::{Diagnostic, DiagnosticCode};

use super::{
    Group, GroupId, Groups, Key, Member, Place, Placement, Stand,
    candidates::{self, Candidates, misfit, terms_of},
    opening::{self, Named, Opener},
    room,
    staying::Move,
};
use crate::{
    diagnostics::{Details, Subject, WAIT, info, warning},
    observed::{Concern, Observed, Owned},
    source::{Claim, Routing},
    terms::Terms,
};

/// Finds load balancers, one member after the other: each member sees where those before it were placed.
pub struct Finder<'a, 'b> {
    groups: &'b mut Groups<'a>,
    candidates: Candidates<'a>,
    observed: &'a Observed<'a>,
    opener: &'b mut Opener<'a>,
}

/// Why a member gets no load balancer.
struct NoPlace {
    waits: bool,
    diagnostic: Option<Diagnostic>,
}

impl<'a, 'b> Finder<'a, 'b> {
    /// Indexes all load balancers.
    pub fn new(groups: &'b mut Groups<'a>, observed: &'a Observed<'a>, opener: &'b mut Opener<'a>) -> Self {
        let candidates = Candidates::new(groups);
        Finder { groups, candidates, observed, opener }
    }

    /// The load balancers as they are now.
    pub fn groups(&self) -> &Groups<'a> {
        self.groups
    }

    /// Whether a load balancer that may serve a member already has all its certificates.
    pub fn finds_all(&self, member: &Member<'_>) -> bool {
        self.candidates.find_all(member, self.groups)
    }

    /// Places a new member, or says why it gets no load balancer. A new member has nothing that could be kept.
    pub fn place_newcomer(&mut self, index: usize, member: &Member<'a>, placement: &mut Placement<'a>) {
        let claim = member.claim;
        let unpublished = self.unpublished(claim);
        let diagnostics = &mut placement.diagnostics;
        placement.place = if claim.is_going {
            placement.cause = Some(going(claim));
            Place::Rejected
        } else if member.key.keeps() {
            // The policy's diagnostic was added last.
            placement.cause = diagnostics.pop();
            if member.key == Key::Frozen { Place::Waits } else { Place::Rejected }
        } else if !claim.diagnostics.is_empty() {
            // The claim's diagnostics were added first.
            placement.cause = first(diagnostics);
            let is_unknown = |it: &Diagnostic| it.code == DiagnosticCode::ViewIncomplete;
            if claim.diagnostics.iter().all(is_unknown) { Place::Waits } else { Place::Rejected }
        } else if let Some((name, missing)) = unpublished {
            let message = format!(
                "its status names {name}, and it is not known whose load balancer that is: {missing}"
            );
            let diagnostic = warning(DiagnosticCode::ViewIncomplete, Subject::Object(claim.object), message);
            placement.cause = Some(diagnostic.remedy(WAIT));
            Place::Waits
        } else if member.certificates.is_unknown() {
            placement.cause = first(diagnostics);
            if member.certificates.waits { Place::Waits } else { Place::Rejected }
        } else {
            match self.find(index, member, None) {
                Ok(group) => Place::On(Stand { group, held: false, leaves: None }),
                Err(obstacle) => {
                    placement.cause = obstacle.diagnostic;
                    if obstacle.waits { Place::Waits } else { Place::Rejected }
                }
            }
        };
    }

    /// A name in a status that may be that of a load balancer of ours, and why this is not known.
    fn unpublished<'c>(&self, claim: &'c Claim<'_>) -> Option<(&'c str, String)> {
        let observed = self.observed;
        let unknown = claim.published().zip(observed.completeness.explain(Concern::BelieveGone));
        let unclear = |name: &'c Cow<'_, str>| Some((name.as_ref(), observed.unclear(name)?.to_owned()));
        unknown.or_else(|| claim.names.iter().find_map(unclear))
    }

    /// Moves a member to another load balancer, or lets it stay and says why.
    pub fn move_member(
        &mut self,
        index: usize,
        member: &Member<'a>,
        it: &Move<'a>,
        placement: &mut Placement<'a>,
    ) {
        let found = if member.certificates.is_unknown() || member.key.asked().is_none() {
            // It is not known which load balancer would be right; a diagnostic says why already.
            Err(NoPlace { waits: true, diagnostic: None })
        } else if let Some(to) = it.to {
            self.join(index, member, to)
        } else {
            self.find(index, member, Some(it.from))
        };
        match found {
            Ok(group) => {
                let held = member.is_held();
                placement.place = Place::On(Stand { group, held, leaves: Some(it.from) });
            }
            Err(obstacle) => {
                if let Some(group) = self.groups.let_stay(it.from, index, member) {
                    placement.place = Place::On(Stand { group, held: true, leaves: None });
                }
                placement.diagnostics.extend(obstacle.diagnostic.map(|mut diagnostic| {
                    diagnostic.message = format!(
                        "it should move ({}), but {}; it stays where it is",
                        it.reason, diagnostic.message
                    );
                    diagnostic
                }));
            }
        }
    }

    /// Finds a load balancer, and opens one if no existing load balancer fits.
    fn find(
        &mut self,
        index: usize,
        member: &Member<'a>,
        from: Option<&'a Owned<'a>>,
    ) -> Result<GroupId, NoPlace> {
        let terms = self.check(member)?;
        let leaves = from.and_then(|from| self.groups.on(from));
        let found = match self.candidates.best(member, &terms, leaves, self.groups) {
            Some(found) if *self.groups.get(found).terms() == terms => found,
            found => match self.of_same_part(member.claim, &terms, leaves).or(found) {
                Some(found) => found,
                None => self.open(member.claim, from, terms)?,
            },
        };
        let group = self.groups.get(found);
        if group.is_empty() || group.is_open() {
            self.groups.agree_on(found, |agreed| *agreed = terms);
        }
        self.groups.add(found, index, member);
        self.candidates.look_at(found, self.groups);
        Ok(found)
    }

    /// Adds a member to a load balancer that was found for it before.
    fn join(&mut self, index: usize, member: &Member<'a>, to: &Owned<'a>) -> Result<GroupId, NoPlace> {
        let needed = member.certificates.certificates.as_slice();
        let found = self.groups.on(to).zip(terms_of(member)).filter(|(id, terms)| {
            candidates::fit(self.groups.get(*id), terms, needed, self.observed).is_some()
        });
        let Some((found, _)) = found else {
            let message = "the load balancer that was found for it cannot serve it now";
            let diagnostic =
                warning(DiagnosticCode::CapacityExceeded, Subject::Object(member.claim.object), message);
            return Err(NoPlace { waits: true, diagnostic: Some(diagnostic) });
        };
        self.groups.add(found, index, member);
        self.candidates.look_at(found, self.groups);
        Ok(found)
    }

    /// The load balancer of a group in route mode, even if it has no room for the certificates of a member: only a group that
    /// is split has several, and that was decided before.
    fn of_same_part(&self, claim: &Claim<'_>, terms: &Terms<'a>, leaves: Option<GroupId>) -> Option<GroupId> {
        claim.routing.as_ref().and_then(|routing| routing.group)?;
        let is_it = |(id, group): &(GroupId, &Group<'a>)| {
            Some(*id) != leaves && group.terms() == terms && misfit(group, terms, self.observed).is_none()
        };
        self.groups.numbered().find(is_it).map(|(id, _)| id)
    }

    /// The terms on which a load balancer could serve a member, or why none could.
    fn check(&self, member: &Member<'a>) -> Result<Terms<'a>, NoPlace> {
        let claim = member.claim;
        if claim.is_http_only() || claim.routing.as_deref().is_some_and(Routing::has_http) {
            // A host without a certificate is served without HTTPS.
            return terms_of(member).ok_or(NoPlace { waits: false, diagnostic: None });
        }
        let needed = &member.certificates.certificates;
        let no = |code, message: String, remedy: &str| {
            let diagnostic = warning(code, Subject::Object(claim.object), message).remedy(remedy);
            Err(NoPlace { waits: false, diagnostic: Some(diagnostic) })
        };
        if needed.is_empty() && claim.hosts.is_empty() {
            let message = "it has no host, so no certificate can be found for it".to_owned();
            let annotation = claim.certificate_annotation();
            let remedy = format!("add a host to a rule, or name a certificate in {annotation}");
            return no(DiagnosticCode::HostNone, message, &remedy);
        }
        if needed.is_empty() {
            // A diagnostic says already which hosts have no certificate.
            return Err(NoPlace { waits: member.certificates.waits, diagnostic: None });
        }
        let terms = terms_of(member).ok_or(NoPlace { waits: false, diagnostic: None })?;
        if let Some(message) = room::too_many_alone(needed.len(), &terms, self.observed) {
            return no(DiagnosticCode::CapacityExceeded, message, "split it into several Ingresses");
        }
        Ok(terms)
    }

    /// Opens a load balancer. It replaces a load balancer that AWS could not provision, with the same terms as far as they can
    /// never change: the load balancer that the member leaves, else another one.
    fn open(
        &mut self,
        claim: &Claim<'_>,
        from: Option<&'a Owned<'a>>,
        terms: Terms<'a>,
    ) -> Result<GroupId, NoPlace> {
        let opened = self.opener.open(terms, Named::by(claim, self.observed.wishes), self.groups).map_err(
            |obstacle| {
                let message = opening::sentence(&obstacle, &terms);
                let diagnostic = warning(obstacle.code, Subject::Object(claim.object), message);
                NoPlace { waits: obstacle.waits, diagnostic: Some(diagnostic.remedy(obstacle.remedy)) }
            },
        )?;
        let time = self.observed.time;
        let is_given_up =
            |owned: &&'a Owned<'a>| owned.is_given_up(time) && !self.groups.is_replaced(owned.id);
        let is_alike = |owned: &&'a Owned<'a>| {
            let unchangeable = |it: &Terms<'_>| (it.scheme, it.kind, it.mode, it.http_only);
            owned.load_balancer.is_some_and(|found| unchangeable(&Terms::of(found)) == unchangeable(&terms))
        };
        let broken = from
            .filter(|from| is_alike(from) && is_given_up(from))
            .or_else(|| self.observed.owned.iter().filter(is_alike).find(is_given_up));
        Ok(self.groups.insert_opened(opened, broken.map(|owned| owned.id)))
    }
}

fn going(claim: &Claim<'_>) -> Diagnostic {
    let message = "it is being deleted, so it gets no load balancer";
    info(DiagnosticCode::ObjectDeleting, Subject::Object(claim.object), message)
}

fn first(diagnostics: &mut Vec<Diagnostic>) -> Option<Diagnostic> {
    (!diagnostics.is_empty()).then(|| diagnostics.remove(0))
}

#[cfg(test)]
mod tests;
