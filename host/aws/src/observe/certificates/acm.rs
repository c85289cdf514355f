//! Certificates of ACM.

use albatross_contract::{Certificate, CertificateKind, CertificateStatus, Timestamp};
use aws_sdk_acm::types::{CertificateDetail, CertificateSummary, Filters, KeyAlgorithm};

use super::{Answer, Known, Listed};
use crate::{
    calling::{Page, pages},
    calls,
    clients::Aws,
    convert::timestamp,
    error::{AwsError, ErrorClass},
    observe::for_each,
    trust,
};

/// Seconds that the list is cached: it costs one call for 1,000 certificates.
pub(super) const AGE: u64 = 60;

/// ListCertificates, `MaxItems`: up to 1,000.
const PER_PAGE: i32 = 1_000;

/// Reads the list, and for each certificate the facts that the list lacks: further names, and whether an imported
/// certificate is publicly trusted.
pub(super) async fn list(aws: &Aws, known: &Known, now: Timestamp) -> Listed {
    let call = &calls::LIST_CERTIFICATES;
    // Without this filter ACM lists only RSA keys of 1,024 and 2,048 bits (API_ListCertificates, Includes).
    let all_keys: Vec<KeyAlgorithm> =
        KeyAlgorithm::values().iter().map(|key| KeyAlgorithm::from(*key)).collect();
    let list = pages(call, async |token| {
        let includes = Filters::builder().set_key_types(Some(all_keys.clone())).build();
        let request = || {
            let page = aws.acm.list_certificates().includes(includes.clone()).max_items(PER_PAGE);
            page.set_next_token(token.clone()).send()
        };
        let answer = aws.read(call, request).await?;
        Ok(Page::new(answer.certificate_summary_list.unwrap_or_default(), answer.next_token))
    });
    let list = list.await;
    let answers = for_each(&list.items, |summary| complete(aws, known, summary, now)).await;
    Listed::new(list.broken, answers)
}

/// A complete certificate, and the text that identifies its content. `None` if the certificate is gone.
async fn complete(aws: &Aws, known: &Known, summary: &CertificateSummary, now: Timestamp) -> Answer {
    let call = &calls::LIST_CERTIFICATES;
    let arn = summary.certificate_arn().ok_or(AwsError::Unreadable { call, field: "CertificateArn" })?;
    let content = content(summary);
    if let Some(certificate) = known.get(arn, &content) {
        return Ok(Some((certificate.clone(), content)));
    }
    let certificate = match from_summary(arn, summary) {
        Some(certificate) => certificate,
        None => match describe(aws, arn).await? {
            Some(certificate) => certificate,
            None => return Ok(None),
        },
    };
    let publicly_trusted = match certificate.kind {
        CertificateKind::AmazonIssued => Some(true),
        CertificateKind::Private | CertificateKind::Iam => Some(false),
        CertificateKind::Imported => imported_is_trusted(aws, arn, now).await?,
    };
    Ok(Some((Certificate { publicly_trusted, ..certificate }, content)))
}

/// A text that changes whenever the content does: a renewed or reimported certificate has another validity.
fn content(summary: &CertificateSummary) -> String {
    let time = |time: Option<&aws_smithy_types::DateTime>| time.map(timestamp).unwrap_or_default();
    format!(
        "{} {} {} {} {}",
        summary.status().map_or("", |status| status.as_str()),
        summary.domain_name().unwrap_or_default(),
        time(summary.not_before()),
        time(summary.not_after()),
        time(summary.imported_at()),
    )
}

/// The certificate as the list describes it. The list has up to 100 names of a certificate, and says whether there are more
/// (API_CertificateSummary). `None` if the list is not enough.
fn from_summary(arn: &str, summary: &CertificateSummary) -> Option<Certificate> {
    let alternatives = summary.subject_alternative_name_summaries();
    if summary.has_additional_subject_alternative_names() != Some(false) || alternatives.is_empty() {
        return None;
    }
    certificate(
        arn,
        summary.r#type()?.as_str(),
        summary.status()?.as_str(),
        summary.key_algorithm()?.as_str(),
        summary.domain_name().into_iter().chain(alternatives.iter().map(String::as_str)),
        (summary.not_before().map(timestamp), summary.not_after().map(timestamp)),
    )
}

/// Describes a certificate. `None` if it is gone, or has a type or status that this version does not know.
async fn describe(aws: &Aws, arn: &str) -> Result<Option<Certificate>, AwsError> {
    let request = || aws.acm.describe_certificate().certificate_arn(arn).send();
    match aws.read(&calls::DESCRIBE_CERTIFICATE, request).await {
        Ok(answer) => Ok(answer.certificate().and_then(|detail| from_detail(arn, detail))),
        Err(error) if error.class() == ErrorClass::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn from_detail(arn: &str, detail: &CertificateDetail) -> Option<Certificate> {
    let alternatives = detail.subject_alternative_names().iter().map(String::as_str);
    certificate(
        arn,
        detail.r#type()?.as_str(),
        detail.status()?.as_str(),
        detail.key_algorithm().map_or("", |key| key.as_str()),
        detail.domain_name().into_iter().chain(alternatives),
        (detail.not_before().map(timestamp), detail.not_after().map(timestamp)),
    )
}

fn certificate<'a>(
    arn: &str,
    kind: &str,
    status: &str,
    key_algorithm: &str,
    names: impl Iterator<Item = &'a str>,
    (not_before, not_after): (Option<Timestamp>, Option<Timestamp>),
) -> Option<Certificate> {
    let kind = match kind {
        "AMAZON_ISSUED" => CertificateKind::AmazonIssued,
        "IMPORTED" => CertificateKind::Imported,
        "PRIVATE" => CertificateKind::Private,
        _ => return None,
    };
    let status = match status {
        "PENDING_VALIDATION" => CertificateStatus::PendingValidation,
        "ISSUED" => CertificateStatus::Issued,
        "INACTIVE" => CertificateStatus::Inactive,
        "EXPIRED" => CertificateStatus::Expired,
        "VALIDATION_TIMED_OUT" => CertificateStatus::ValidationTimedOut,
        "REVOKED" => CertificateStatus::Revoked,
        "FAILED" => CertificateStatus::Failed,
        _ => return None,
    };
    // The domain name of an imported certificate is its common name, which need not be a DNS name.
    let mut names: Vec<String> =
        names.map(str::to_lowercase).filter(|name| trust::is_dns_name(name)).collect();
    names.sort();
    names.dedup();
    Some(Certificate {
        arn: arn.to_owned(),
        kind,
        names,
        not_before,
        not_after,
        // DescribeCertificate spells it with a hyphen, the list with an underscore.
        key_algorithm: key_algorithm.replace('-', "_"),
        status,
        publicly_trusted: None,
        tags: Vec::new(),
    })
}

/// Whether an imported certificate is publicly trusted. `None` if it cannot be read.
async fn imported_is_trusted(aws: &Aws, arn: &str, now: Timestamp) -> Result<Option<bool>, AwsError> {
    let request = || aws.acm.get_certificate().certificate_arn(arn).send();
    let answer = aws.read(&calls::GET_CERTIFICATE, request).await?;
    let chain = answer.certificate_chain().unwrap_or_default();
    Ok(answer.certificate().and_then(|body| trust::is_publicly_trusted(body, chain, now)))
}

#[cfg(test)]
mod tests {
    use aws_sdk_acm::types::{CertificateStatus as Status, CertificateType};

    use super::*;

    fn summary() -> aws_sdk_acm::types::builders::CertificateSummaryBuilder {
        CertificateSummary::builder()
            .certificate_arn("arn:acm:1")
            .domain_name("Shop.example.org")
            .subject_alternative_name_summaries("shop.example.org")
            .subject_alternative_name_summaries("www.example.org")
            .has_additional_subject_alternative_names(false)
            .status(Status::Issued)
            .r#type(CertificateType::AmazonIssued)
            .key_algorithm(KeyAlgorithm::EcPrime256v1)
    }

    #[test]
    fn the_list_is_enough_for_a_certificate_with_all_its_names_in_the_list() {
        let read = from_summary("arn:acm:1", &summary().build()).unwrap();
        assert_eq!(read.names, ["shop.example.org", "www.example.org"]);
        assert_eq!(read.key_algorithm, "EC_prime256v1");
    }

    #[test]
    fn a_certificate_with_more_names_is_described() {
        let more = summary().has_additional_subject_alternative_names(true).build();
        assert_eq!(from_summary("arn:acm:1", &more), None);
        let silent = summary().set_has_additional_subject_alternative_names(None).build();
        assert_eq!(from_summary("arn:acm:1", &silent), None);
    }

    #[test]
    fn a_renewed_certificate_has_other_content() {
        let at = |seconds| aws_smithy_types::DateTime::from_secs(seconds);
        let old = summary().not_after(at(1_000)).build();
        let renewed = summary().not_after(at(2_000)).build();
        assert_ne!(content(&old), content(&renewed));
        assert_eq!(content(&old), content(&summary().not_after(at(1_000)).in_use(true).build()));
    }
}
