//! Server certificates of IAM.

use albatross_contract::{Certificate, CertificateKind, CertificateStatus, Timestamp};
use aws_sdk_iam::types::ServerCertificateMetadata;

use super::{Answer, Known, Listed};
use crate::{
    calling::{Page, pages},
    calls,
    clients::Aws,
    convert::timestamp,
    error::ErrorClass,
    observe::for_each,
    trust,
};

/// Seconds that the list is cached: an account has few server certificates, and people upload them by hand.
pub(super) const AGE: u64 = 300;

/// ListServerCertificates, `MaxItems`: up to 1,000.
const PER_PAGE: i32 = 1_000;

/// Reads the list, and the content of each certificate that is not known yet: the list does not contain DNS names.
pub(super) async fn list(aws: &Aws, known: &Known, now: Timestamp) -> Listed {
    let call = &calls::LIST_SERVER_CERTIFICATES;
    let list = pages(call, async |token| {
        let request =
            || aws.iam.list_server_certificates().max_items(PER_PAGE).set_marker(token.clone()).send();
        let answer = aws.read(call, request).await?;
        Ok(Page::new(answer.server_certificate_metadata_list, answer.marker))
    });
    let list = list.await;
    let answers = for_each(&list.items, |metadata| complete(aws, known, metadata, now)).await;
    Listed::new(list.broken, answers)
}

/// A complete certificate, and the text that identifies its content. `None` if the certificate is gone, or its content
/// cannot be read: then the names that it covers are unknown.
async fn complete(aws: &Aws, known: &Known, metadata: &ServerCertificateMetadata, now: Timestamp) -> Answer {
    let time = |time: Option<&aws_smithy_types::DateTime>| time.map(timestamp).unwrap_or_default();
    // A certificate that is deleted and uploaded again under its name keeps the ARN and gets another id.
    let content = format!("{} {}", metadata.server_certificate_id(), time(metadata.expiration()));
    if let Some(certificate) = known.get(metadata.arn(), &content) {
        return Ok(Some((certificate.clone(), content)));
    }
    let name = metadata.server_certificate_name();
    let request = || aws.iam.get_server_certificate().server_certificate_name(name).send();
    let answer = match aws.read(&calls::GET_SERVER_CERTIFICATE, request).await {
        Ok(answer) => answer,
        Err(error) if error.class() == ErrorClass::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(found) = answer.server_certificate() else { return Ok(None) };
    let Some(reading) = trust::read(found.certificate_body()) else { return Ok(None) };
    let chain = found.certificate_chain().unwrap_or_default();
    let certificate = Certificate {
        arn: metadata.arn().to_owned(),
        kind: CertificateKind::Iam,
        names: reading.names,
        not_before: Some(reading.not_before),
        not_after: Some(reading.not_after),
        key_algorithm: reading.key_algorithm,
        status: CertificateStatus::Issued,
        publicly_trusted: trust::is_publicly_trusted(found.certificate_body(), chain, now),
        tags: Vec::new(),
    };
    Ok(Some((certificate, content)))
}
