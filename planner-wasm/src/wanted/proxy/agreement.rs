//! The settings of a load balancer in proxy mode. Its members ask for the same ([`crate::terms`]).

use crate::{
    attributes::{Attribute, known},
    grouping::Group,
    observed::Concern,
    ports,
    source::HTTP2_ATTRIBUTE,
    wanted::{WebAcl, build::Builder, route::Agreed},
};

impl<'a> Builder<'a, '_> {
    /// The settings for which the members of a load balancer ask.
    pub(in crate::wanted) fn agreed_in_proxy_mode(&self, group: &Group<'a>) -> Agreed<'a> {
        let observed = self.sources.observed;
        let claims = self.claims_on(group);
        // A load balancer without members stays as it is: they have left, and may come back.
        let keeps = claims.is_empty()
            || group.unseen().is_some()
            || claims.iter().any(|claim| claim.wishes.value().is_none());
        let mut agreed = Agreed { keeps, ..Agreed::default() };
        let asking = claims.iter().filter(|claim| claim.wishes.is_own()).min_by_key(|claim| claim.age());
        let wishes = group.terms().wishes.map(|id| observed.wishes.get(id));
        if let (Some(claim), Some(wishes)) = (asking, wishes) {
            let by = claim.object;
            let named = Some(&wishes.security_groups).filter(|groups| !groups.is_empty()).cloned();
            let may_change = observed.completeness.allows_for(Concern::ChangeSecurityGroups, group.owned());
            agreed.security_groups = named.filter(|_| may_change && group.terms().kind.has_security_groups);
            agreed.ip_address_type = wishes.ip_address_type.map(|asked| (by, asked));
            agreed.web_acl = wishes.web_acl.map(|arn| WebAcl { arn, by: Some(by) });
            agreed.ssl_policies.extend(wishes.ssl_policy.map(|policy| (ports::HTTPS, policy)));
            agreed.attributes.extend(wishes.attributes.iter().map(|(key, value)| {
                let reason = format!("an annotation of {by} asks for it");
                Attribute::asked(known::LOAD_BALANCER, key, value, reason)
            }));
        }
        // A Network Load Balancer can have no web ACL.
        if !agreed.keeps && agreed.web_acl.is_none() && !group.terms().kind.is_network() {
            agreed.web_acl = observed.settings.web_acl.as_deref().map(|arn| WebAcl { arn, by: None });
        }
        let is_http2 = |attribute: &Attribute| attribute.key == HTTP2_ATTRIBUTE;
        // A Network Load Balancer has no such attribute.
        let has_http2 = !group.terms().kind.is_network();
        if has_http2 && !agreed.keeps && !agreed.attributes.iter().any(is_http2) {
            let reason = "no Ingress asks for a load balancer without HTTP/2".to_owned();
            agreed.attributes.push(Attribute::asked(known::LOAD_BALANCER, HTTP2_ATTRIBUTE, "true", reason));
        }
        agreed
    }
}
