//! Certificates of listeners.

use albatross_contract::{CertificateStatus, ListenerCertificate, LoadBalancerKind};

use crate::{
    AwsError,
    account::{Account, existing},
    listeners::check_tls_protocol,
};

impl Account {
    /// API_AddListenerCertificates: a certificate that is already in the list is no error, and is not added again.
    pub(crate) fn add_listener_certificate(&mut self, input: &ListenerCertificate) -> Result<(), AwsError> {
        let (at, listener_at) = self.listener_at(existing(&input.listener)?)?;
        let load_balancer = &self.inventory.load_balancers[at];
        let listener = &load_balancer.listeners[listener_at];
        check_tls_protocol(listener.protocol, "certificate")?;
        self.check_certificate(&input.certificate)?;
        if listener.certificates.contains(&input.certificate) {
            return Ok(());
        }
        // Pages: Application Load Balancers and Network Load Balancers, "Quotas": the limit is for each load balancer and does
        // not count default certificates.
        let quotas = &self.inventory.quotas;
        let limit = match load_balancer.kind {
            LoadBalancerKind::Network => quotas.certificates_per_network_load_balancer,
            LoadBalancerKind::Application | LoadBalancerKind::Gateway => {
                quotas.certificates_per_load_balancer
            }
        };
        let present: usize = load_balancer.listeners.iter().map(|it| it.certificates.len()).sum();
        if present >= limit as usize {
            return Err(AwsError::new(
                "TooManyCertificates",
                format!("Load balancer '{}' can have at most {limit} certificates", load_balancer.arn),
            ));
        }
        let certificates = &mut self.inventory.load_balancers[at].listeners[listener_at].certificates;
        certificates.push(input.certificate.clone());
        certificates.sort();
        Ok(())
    }

    /// API_RemoveListenerCertificates: never removes the default certificate, not even from the list. A certificate that is
    /// not in the list is no error.
    pub(crate) fn remove_listener_certificate(
        &mut self,
        input: &ListenerCertificate,
    ) -> Result<(), AwsError> {
        let listener = self.listener_mut(&input.listener)?;
        if listener.default_certificate.as_ref() == Some(&input.certificate) {
            return Err(AwsError::new(
                "OperationNotPermitted",
                format!("Default certificate '{}' cannot be removed", input.certificate),
            ));
        }
        listener.certificates.retain(|it| *it != input.certificate);
        Ok(())
    }

    /// Whether a listener can have this certificate.
    ///
    /// Pages: API_CreateListener and API_AddListenerCertificates (`CertificateNotFound`). For a certificate that exists and
    /// is not issued, AWS returns a code that the pages do not list: seen in hashicorp/terraform-provider-aws issue 41789.
    pub(crate) fn check_certificate(&self, arn: &str) -> Result<(), AwsError> {
        let Some(certificate) = self.inventory.certificates.iter().find(|it| it.arn == arn) else {
            return Err(AwsError::new("CertificateNotFound", format!("Certificate '{arn}' not found")));
        };
        if certificate.status != CertificateStatus::Issued {
            return Err(AwsError::new(
                "UnsupportedCertificate",
                format!(
                    "The certificate '{arn}' must have a fully-qualified domain name, a supported signature, \
                     and a supported key size."
                ),
            ));
        }
        Ok(())
    }
}
