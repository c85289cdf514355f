//! Resources that were created or first seen a short while ago. AWS is eventually consistent: a new resource may not be
//! visible to every call yet. Meanwhile an error that says that the resource does not exist proves nothing.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use crate::error::AwsError;

/// How long a resource is recent. A target group or security group is visible everywhere within seconds ("eventual
/// consistency", EC2 API Reference); a listener may not find a certificate for minutes after ACM or IAM lists it.
pub(crate) const RECENT: Duration = Duration::from_secs(600);

/// When each resource was created or first seen, by ARN or id.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    since: BTreeMap<String, Instant>,
}

impl Recent {
    /// A resource was created just now.
    pub(crate) fn made(&mut self, resource: &str, now: Instant) {
        self.since.insert(resource.to_owned(), now);
    }

    /// These resources exist. A created resource that is not among them is remembered while it is recent.
    pub(crate) fn saw<'a>(&mut self, resources: impl Iterator<Item = &'a str>, now: Instant) {
        let mut before = std::mem::take(&mut self.since);
        self.since = resources
            .map(|resource| before.remove_entry(resource).unwrap_or_else(|| (resource.to_owned(), now)))
            .collect();
        self.since.extend(before.into_iter().filter(|(_, since)| is_recent(*since, now)));
    }

    /// Whether a resource was created or first seen a short while ago.
    pub(crate) fn is_recent(&self, resource: &str, now: Instant) -> bool {
        self.since.get(resource).is_some_and(|since| is_recent(*since, now))
    }

    /// Whether a resource is known and no longer recent.
    pub(crate) fn is_settled(&self, resource: &str, now: Instant) -> bool {
        self.since.get(resource).is_some_and(|since| !is_recent(*since, now))
    }

    /// Whether the cause of an error may be that a recent resource, which this content names, is not visible yet.
    pub(crate) fn explains(&self, error: &AwsError, content: &str, now: Instant) -> bool {
        let Some(marks) = marks_of_missing(error) else { return false };
        self.since
            .iter()
            .filter(|(resource, since)| {
                is_recent(**since, now) && marks.iter().any(|mark| resource.contains(mark))
            })
            .any(|(resource, _)| content.contains(resource.as_str()))
    }
}

fn is_recent(since: Instant, now: Instant) -> bool {
    now.saturating_duration_since(since) < RECENT
}

/// The substrings that mark ARNs and ids of the kind of resource that, as the error says, does not exist.
fn marks_of_missing(error: &AwsError) -> Option<&'static [&'static str]> {
    let AwsError::Refused { code, message, .. } = error else { return None };
    Some(match code.as_str() {
        "LoadBalancerNotFound" => &[":loadbalancer/"],
        "TargetGroupNotFound" => &[":targetgroup/"],
        "ListenerNotFound" => &[":listener/"],
        "RuleNotFound" => &[":listener-rule/"],
        // For a certificate that it found and cannot use, AWS answers UnsupportedCertificate.
        "CertificateNotFound" => &[":certificate/", ":server-certificate/"],
        "SubnetNotFound" | "InvalidSubnetID.NotFound" => &["subnet-"],
        "InvalidSecurityGroup"
        | "InvalidGroup.NotFound"
        | "InvalidGroupId.NotFound"
        | "InvalidSecurityGroupID.NotFound" => &["sg-"],
        // The planner may register a new instance before Elastic Load Balancing sees that the instance is running.
        "InvalidTarget" | "InvalidInstanceID.NotFound" => &["i-"],
        // Auto Scaling has no separate code for a target group that it does not see
        // (zalando-incubator/kube-ingress-aws-controller issue 254).
        "ValidationError" if message.contains("Target Groups may not be valid") => &[":targetgroup/"],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{calls, error::ErrorClass};

    const GROUP: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/albatross-1/0a";
    const CERTIFICATE: &str = "arn:aws:acm:eu-central-1:123456789012:certificate/1";

    fn refused(code: &str, message: &str) -> AwsError {
        AwsError::Refused {
            call: &calls::MODIFY_LISTENER,
            class: ErrorClass::of(code, 400, message),
            code: code.into(),
            message: message.into(),
        }
    }

    #[test]
    fn a_not_found_error_for_a_recent_resource_proves_nothing() {
        let start = Instant::now();
        let mut recent = Recent::default();
        recent.made(GROUP, start);
        let explains = |code: &str, content: &str, now| recent.explains(&refused(code, ""), content, now);
        assert!(explains("TargetGroupNotFound", &format!("forward to {GROUP}"), start));
        assert!(!explains("TargetGroupNotFound", &format!("forward to {GROUP}"), start + RECENT));
        assert!(!explains("TargetGroupNotFound", "forward to another one", start));
        assert!(!explains("ListenerNotFound", GROUP, start), "the target group is not what is missing");
        assert!(!explains("InvalidConfigurationRequest", GROUP, start));
    }

    #[test]
    fn a_certificate_is_recent_from_when_it_is_first_seen() {
        let start = Instant::now();
        let mut recent = Recent::default();
        recent.saw([CERTIFICATE].into_iter(), start);
        let later = start + RECENT / 2;
        recent.saw([CERTIFICATE, GROUP].into_iter(), later);
        let error = refused("CertificateNotFound", "");
        assert!(recent.explains(&error, CERTIFICATE, later));
        assert!(!recent.explains(&error, CERTIFICATE, start + RECENT), "to see it again makes it no younger");
        assert!(recent.is_recent(GROUP, start + RECENT));
    }

    #[test]
    fn a_created_resource_that_no_list_contains_yet_is_remembered() {
        let start = Instant::now();
        let mut recent = Recent::default();
        recent.made(GROUP, start);
        recent.saw([].into_iter(), start);
        assert!(recent.is_recent(GROUP, start) && !recent.is_settled(GROUP, start));
        assert!(recent.is_settled(GROUP, start + RECENT));
        recent.saw([].into_iter(), start + RECENT);
        assert!(recent.since.is_empty());
    }

    #[test]
    fn a_target_group_that_auto_scaling_does_not_see_is_recognized_by_the_message() {
        let start = Instant::now();
        let mut recent = Recent::default();
        recent.made(GROUP, start);
        let words = "Provided Target Groups may not be valid. Please ensure they exist and try again.";
        assert!(recent.explains(&refused("ValidationError", words), GROUP, start));
        assert!(!recent.explains(
            &refused("ValidationError", "AutoScalingGroup name not found"),
            GROUP,
            start
        ));
    }
}
