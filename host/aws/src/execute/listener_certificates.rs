//! Certificates of listeners, besides the default certificate.

use albatross_contract::ListenerCertificate;
use aws_sdk_elasticloadbalancingv2::types::Certificate;

use super::{Made, Writer};
use crate::{calls, convert::existing, error::AwsError};

impl Writer<'_> {
    /// AWS accepts a certificate that is already on the listener (API_AddListenerCertificates).
    pub(super) async fn add_listener_certificate(
        &self,
        input: &ListenerCertificate,
    ) -> Result<Made, AwsError> {
        let arn = existing(&input.listener)?;
        let request = || {
            let request = self.aws.elb.add_listener_certificates().listener_arn(arn);
            request.certificates(certificate(&input.certificate)).send()
        };
        self.write(&calls::ADD_LISTENER_CERTIFICATES, request).await?;
        Ok(None)
    }

    pub(super) async fn remove_listener_certificate(
        &self,
        input: &ListenerCertificate,
    ) -> Result<Made, AwsError> {
        let arn = existing(&input.listener)?;
        let request = || {
            let request = self.aws.elb.remove_listener_certificates().listener_arn(arn);
            request.certificates(certificate(&input.certificate)).send()
        };
        match self.write(&calls::REMOVE_LISTENER_CERTIFICATES, request).await {
            // A certificate that is not on the listener counts as removed.
            Err(error) if error.is(&["CertificateNotFound"]) => Ok(None),
            answer => answer.map(|_| None),
        }
    }
}

fn certificate(arn: &str) -> Certificate {
    Certificate::builder().certificate_arn(arn).build()
}
