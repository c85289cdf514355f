//! Why a certificate that covers a host is not chosen for it.

use albatross_contract::{ANNOTATION_CERTIFICATE, Certificate, CertificateKind, CertificateStatus, Settings};

/// Why a certificate may not be chosen, in the order of how easily it is fixed: of several, the first is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unfit {
    /// The settings exclude it.
    Excluded,
    /// It does not have the tag that the settings demand.
    Untagged,
    /// Its validation is pending in ACM.
    NotValidated,
    /// Its validity begins later.
    NotYetValid,
    /// It is not publicly trusted, and the settings do not allow untrusted certificates.
    Untrusted,
    /// It has expired.
    Ended,
    /// It was revoked, or could not be issued.
    NotIssued,
    /// Its key is too weak, or of a type that load balancers do not accept.
    Key,
}

/// Key algorithms of certificates on load balancers, as ACM spells them (ELB user guide, "SSL certificates for your
/// Application Load Balancer": RSA with 2,048, 3,072 and 4,096 bits, and all ECDSA). RSA with 1,024 bits is not among them:
/// since 2014 no public authority signs such a key (CA/Browser Forum, Baseline Requirements, 6.1.5).
const KEYS: [&str; 6] = ["RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"];

impl Unfit {
    /// Why a certificate may not be chosen. `None`: it may be chosen.
    pub fn of(certificate: &Certificate, settings: &Settings, time: u64) -> Option<Unfit> {
        if is_excluded(&certificate.arn, settings) {
            return Some(Unfit::Excluded);
        }
        if !has_tag(certificate, settings) {
            return Some(Unfit::Untagged);
        }
        // Certificates that Amazon issues are publicly trusted; of others the inventory says so.
        let trusted = match certificate.kind {
            CertificateKind::AmazonIssued => true,
            CertificateKind::Private | CertificateKind::Imported | CertificateKind::Iam => {
                certificate.publicly_trusted == Some(true)
            }
        };
        if !KEYS.contains(&certificate.key_algorithm.as_str()) {
            return Some(Unfit::Key);
        }
        match certificate.status {
            CertificateStatus::PendingValidation => return Some(Unfit::NotValidated),
            CertificateStatus::Expired => return Some(Unfit::Ended),
            CertificateStatus::Issued => {}
            CertificateStatus::Inactive
            | CertificateStatus::ValidationTimedOut
            | CertificateStatus::Revoked
            | CertificateStatus::Failed => return Some(Unfit::NotIssued),
        }
        match (certificate.not_before, certificate.not_after) {
            (Some(start), _) if start > time => Some(Unfit::NotYetValid),
            (_, Some(end)) if end < time => Some(Unfit::Ended),
            (Some(_), Some(_)) if trusted || settings.allow_untrusted_certificates => None,
            (Some(_), Some(_)) => Some(Unfit::Untrusted),
            _ => Some(Unfit::NotIssued),
        }
    }

    /// In words that follow the name of the certificate.
    pub fn words(self, certificate: &Certificate) -> String {
        match self {
            Unfit::Excluded => "is in the setting excluded-certificates".to_owned(),
            Unfit::Untagged => "does not have the tag of the setting certificate-tag".to_owned(),
            Unfit::NotValidated => "is not validated yet".to_owned(),
            Unfit::NotYetValid => "is not valid yet".to_owned(),
            Unfit::Untrusted => "is not signed by a public certificate authority".to_owned(),
            Unfit::Ended => "has expired".to_owned(),
            Unfit::NotIssued => "is not issued".to_owned(),
            Unfit::Key => match certificate.key_algorithm.as_str() {
                "" => "has a key of an unknown type".to_owned(),
                key => format!("has a key of type {key}, which is too weak or not supported"),
            },
        }
    }

    /// The remedy.
    pub fn remedy(self) -> String {
        match self {
            Unfit::Excluded => {
                "request another certificate in ACM, or remove the ARN from excluded-certificates".to_owned()
            }
            Unfit::Untagged => {
                "add the tag to the certificate, or request another certificate in ACM".to_owned()
            }
            Unfit::NotValidated => {
                "create the DNS record that ACM shows for the certificate, or answer the validation e-mail"
                    .to_owned()
            }
            Unfit::NotYetValid => "wait, or name another certificate".to_owned(),
            Unfit::Untrusted => {
                format!(
                    "name the certificate in {ANNOTATION_CERTIFICATE}, or set allow-untrusted-certificates"
                )
            }
            Unfit::Ended => "renew the certificate, or request another one in ACM".to_owned(),
            Unfit::NotIssued => "request another certificate in ACM".to_owned(),
            Unfit::Key => {
                "request a certificate with an RSA key of 2048 bits or more, or with an EC key".to_owned()
            }
        }
    }
}

/// Whether the settings exclude a certificate.
pub fn is_excluded(arn: &str, settings: &Settings) -> bool {
    settings.excluded_certificates.iter().any(|excluded| excluded == arn)
}

/// Whether a certificate has the tag that the settings demand, if they demand one.
pub fn has_tag(certificate: &Certificate, settings: &Settings) -> bool {
    settings.certificate_tag.as_ref().is_none_or(|tag| certificate.tags.contains(tag))
}

#[cfg(test)]
mod tests;
