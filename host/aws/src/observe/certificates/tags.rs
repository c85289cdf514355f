//! Tags of certificates. They are read only if the settings name a tag: each certificate costs a call.

use albatross_contract::{Certificate, CertificateKind, Tag, ViewPart};

use super::Gaps;
use crate::{
    calling::{Page, pages},
    calls,
    clients::Aws,
    convert::tags::{from_acm, from_iam},
    error::{AwsError, ErrorClass},
    observe::{each, kept::Shelf, round::Moment},
};

/// Seconds after which the tags of a certificate are read again.
const AGE: u64 = 600;

/// The tags of each certificate, by ARN.
#[derive(Debug, Default)]
pub(super) struct CertificateTags(Shelf<Vec<Tag>>);

impl CertificateTags {
    /// Adds the tags to the certificates. A certificate whose tags were never read is left out, and recorded as a gap: nobody
    /// knows whether it may be used.
    pub(super) async fn add(
        &mut self,
        aws: &Aws,
        certificates: Vec<Certificate>,
        gaps: &mut Gaps,
        now: Moment,
    ) -> Vec<Certificate> {
        let stale = certificates.iter().filter(|it| self.0.fresh(&it.arn, now, AGE).is_none());
        let stale: Vec<&Certificate> = stale.collect();
        let take = |(found, answer): (&Certificate, Result<Vec<Tag>, AwsError>)| match answer {
            Ok(tags) => self.0.keep(&found.arn, now, tags),
            Err(error) if error.class() == ErrorClass::NotFound => self.0.remove(&found.arn),
            Err(error) => gaps.add(part(found), error),
        };
        each(stale, async |found| (found, read(aws, found).await), take).await;
        let with_tags = certificates.into_iter().filter_map(|found| {
            let tags = self.0.last(&found.arn)?.clone();
            Some(Certificate { tags, ..found })
        });
        with_tags.collect()
    }

    /// Forgets the certificates that no longer exist.
    pub(super) fn retain(&mut self, exists: impl Fn(&str) -> bool) {
        self.0.retain(exists);
    }

    /// Marks all tags as stale.
    pub(super) fn age_all(&mut self) {
        self.0.age_all();
    }
}

fn part(certificate: &Certificate) -> ViewPart {
    match certificate.kind {
        CertificateKind::Iam => ViewPart::CertificatesIam,
        CertificateKind::AmazonIssued | CertificateKind::Imported | CertificateKind::Private => {
            ViewPart::CertificatesAcm
        }
    }
}

async fn read(aws: &Aws, certificate: &Certificate) -> Result<Vec<Tag>, AwsError> {
    let arn = certificate.arn.as_str();
    if certificate.kind != CertificateKind::Iam {
        let request = || aws.acm.list_tags_for_certificate().certificate_arn(arn).send();
        let answer = aws.read(&calls::LIST_TAGS_FOR_CERTIFICATE, request).await?;
        return Ok(from_acm(answer.tags()));
    }
    // The name follows the path: `arn:aws:iam::123456789012:server-certificate/team/shop`.
    let name = arn.rsplit_once('/').map_or(arn, |(_, name)| name);
    let call = &calls::LIST_SERVER_CERTIFICATE_TAGS;
    let list = pages(call, async |token| {
        let page = aws.iam.list_server_certificate_tags().server_certificate_name(name);
        let request = || page.clone().set_marker(token.clone()).send();
        let answer = aws.read(call, request).await?;
        Ok(Page::new(answer.tags, answer.marker))
    });
    let list = list.await;
    match list.broken {
        Some(error) => Err(error),
        None => Ok(from_iam(&list.items)),
    }
}
