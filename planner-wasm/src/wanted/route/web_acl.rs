//! What is read only where members ask for it: attributes of listeners, and the web ACL. As long as it is not read, it stays as
//! it is, and the members are told.

use albatross_contract::{Diagnostic, DiagnosticCode};

use super::{
    super::{WebAcl, build::Builder},
    On,
    agreement::Agreed,
};
use crate::{
    attributes::Attribute,
    diagnostics::{Details, Subject, warning},
    grouping::Group,
    observed::Concern,
    source::{self, Claim, ListenerPort, ObjectName},
};

impl<'a> Builder<'a, '_> {
    /// The web ACL for which members or the settings ask.
    pub(in super::super) fn web_acl(&mut self, agreed: &Agreed<'a>, group: &Group<'a>) -> Option<WebAcl<'a>> {
        let wanted = agreed.web_acl?;
        let Some(found) = group.owned().and_then(|owned| owned.load_balancer) else {
            return Some(wanted);
        };
        if !wanted.arn.is_empty() && found.web_acl.as_deref() != Some(wanted.arn) {
            self.note_unprotected(group, wanted);
        }
        if found.web_acl.is_some() && self.knows(Concern::ChangeWebAcl, group) {
            return Some(wanted);
        }
        let what = format!("which web ACL {} has", found.name);
        match wanted.by {
            Some(by) => {
                let annotation = source::web_acl_annotation(group.terms().mode);
                self.hold(by, annotation, &what, Concern::ChangeWebAcl, group);
            }
            None => {
                let reason = self.why_unknown(Concern::ChangeWebAcl, group);
                self.diagnostics.push(setting_not_applied(&found.name, &what, &reason));
            }
        }
        None
    }

    /// Notes the members for which a web ACL is wanted: their requests must not come to a load balancer that does not have it
    /// yet.
    fn note_unprotected(&mut self, group: &Group<'a>, wanted: WebAcl<'a>) {
        let all = self.sources.observed.wishes;
        let names_one = |claim: &&Claim<'_>| {
            let wishes = claim.load_balancer_wishes(all);
            wishes.and_then(|it| it.web_acl).is_some_and(|arn| !arn.is_empty())
        };
        let is_of_all = wanted.by.is_none();
        let claims = self.claims_on(group).into_iter().filter(|claim| is_of_all || names_one(claim));
        self.lacking.web_acl.extend(claims.map(|claim| claim.object));
    }

    /// The attributes of a listener for which members ask.
    pub(super) fn attributes_of(
        &mut self,
        listener: ListenerPort,
        there: Option<&albatross_contract::Listener>,
        on: On<'a, '_>,
    ) -> Vec<Attribute> {
        let asked = on.agreed.listener_attributes.get(&listener).cloned().unwrap_or_default();
        let Some(there) = there else { return asked };
        let is_read = !there.attributes.is_empty() && self.knows(Concern::ChangeListenerAttributes, on.group);
        if is_read || asked.is_empty() {
            return asked;
        }
        let annotation = source::listener_attributes(listener);
        let what = format!("which attributes the listener on port {} has", listener.port);
        for member in on.group.members() {
            let claim = self.sources.grouping.members[*member].claim;
            let routing = claim.routing.as_ref();
            if routing.is_some_and(|it| it.load_balancer.listener_attributes.contains_key(&listener)) {
                self.hold(claim.object, &annotation, &what, Concern::ChangeListenerAttributes, on.group);
            }
        }
        Vec::new()
    }

    fn knows(&self, concern: Concern, group: &Group<'a>) -> bool {
        self.sources.observed.completeness.allows_for(concern, group.owned())
    }

    fn hold(
        &mut self,
        object: ObjectName<'a>,
        annotation: &str,
        what: &str,
        concern: Concern,
        group: &Group<'a>,
    ) {
        let reason = self.why_unknown(concern, group);
        self.tell(object, not_known(object, annotation, what, &reason));
    }

    fn why_unknown(&self, concern: Concern, group: &Group<'a>) -> String {
        let completeness = &self.sources.observed.completeness;
        let reason = group.owned().and_then(|owned| completeness.explain_for(concern, owned));
        reason.unwrap_or_else(|| "it was not read".to_owned())
    }
}

fn setting_not_applied(load_balancer: &str, what: &str, reason: &str) -> Diagnostic {
    let message =
        format!("the setting web-acl does nothing for now, because it is not known {what}: {reason}");
    warning(DiagnosticCode::ViewIncomplete, Subject::Resource(load_balancer), message).field("web-acl")
}

fn not_known(object: ObjectName<'_>, annotation: &str, what: &str, reason: &str) -> Diagnostic {
    let message =
        format!("annotation {annotation} does nothing for now, because it is not known {what}: {reason}");
    warning(DiagnosticCode::ViewIncomplete, Subject::Object(object), message)
        .field(format!("metadata.annotations[{annotation}]"))
}
