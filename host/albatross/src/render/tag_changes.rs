//! Changes of tags in words. The tags that Albatross uses as its memory are shown as what they mean.

use albatross_contract::{ResourceReference, TAG_INGRESS, TAG_UNNEEDED, TAG_UNNEEDED_CERTIFICATE, Tag};

use super::{
    changes::{Part, listener},
    names::{Names, rule_name},
    time::moment,
};

/// A resource whose tags change.
pub struct Tagged {
    /// The part of the load balancer to which the resource belongs.
    pub part: Part,
    /// The resource in words, such as `rule shop.example.org /cart`.
    subject: String,
}

impl Tagged {
    /// The resource with this ARN.
    pub fn of(reference: &ResourceReference, names: &Names<'_>) -> Tagged {
        if let Some((rule, on)) = names.observed_rule(reference) {
            Tagged { part: Part::Listener(Some(on.port)), subject: rule_name(rule) }
        } else if names.listener_port(reference).is_some() {
            Tagged { part: listener(reference, names), subject: "listener".to_owned() }
        } else if names.observed_target_group(reference).is_some() {
            Tagged { part: Part::TargetGroup(names.resource(reference)), subject: "target group".to_owned() }
        } else {
            Tagged { part: Part::LoadBalancer, subject: "load balancer".to_owned() }
        }
    }

    /// A tag that is set.
    pub fn set(&self, tag: &Tag, names: &Names<'_>) -> String {
        let subject = &self.subject;
        let since = || tag.value.parse().map_or_else(|_| tag.value.clone(), moment);
        if tag.key == TAG_UNNEEDED {
            return format!("{subject} is unneeded since {}", since());
        }
        match names.certificate_of_tag(&tag.key) {
            Some(certificate) => format!("certificate {certificate} is unneeded since {}", since()),
            None if tag.key.starts_with(TAG_UNNEEDED_CERTIFICATE) => {
                format!("a certificate that AWS no longer lists is unneeded since {}", since())
            }
            None if tag.key == TAG_INGRESS => format!("{subject} serves {}", tag.value),
            None => format!("tag {}={}", tag.key, tag.value),
        }
    }

    /// A tag that is removed.
    pub fn removed(&self, key: &str, names: &Names<'_>) -> String {
        if key == TAG_UNNEEDED {
            return format!("{} is needed again", self.subject);
        }
        match names.certificate_of_tag(key) {
            Some(certificate) => format!("certificate {certificate} is needed again"),
            None if key.starts_with(TAG_UNNEEDED_CERTIFICATE) => {
                "the mark of a certificate that AWS no longer lists is removed".to_owned()
            }
            None => format!("tag {key} is removed"),
        }
    }
}
