//! Certificates of ACM and IAM.

mod acm;
mod iam;
mod tags;

use std::collections::BTreeMap;

use albatross_contract::{Certificate, ViewPart};

use super::{
    Seen,
    gaps::Gaps,
    kept::Kept,
    round::{Moment, Times},
};
use crate::{clients::Aws, error::AwsError};
use tags::CertificateTags;

/// The observation of certificates, with its caches.
#[derive(Debug, Default)]
pub(crate) struct Certificates {
    acm: Kept<Vec<Certificate>>,
    iam: Kept<Vec<Certificate>>,
    known: Known,
    /// `None`: the settings name no tag.
    tags: Option<CertificateTags>,
}

/// Certificates that were read with single calls: by ARN, with the text that identifies the content. A certificate is kept
/// while it exists: if its content changes, so does that text.
#[derive(Debug, Default)]
pub(crate) struct Known {
    by_arn: BTreeMap<String, (String, Certificate)>,
}

impl Known {
    /// The certificate, if it is known with this content.
    fn get(&self, arn: &str, content: &str) -> Option<&Certificate> {
        self.by_arn.get(arn).filter(|(known, _)| known == content).map(|(_, certificate)| certificate)
    }
}

/// The list of one service: its certificates, the facts newly read about them, and the errors.
struct Listed {
    certificates: Vec<Certificate>,
    learnt: Vec<(String, String, Certificate)>,
    errors: Vec<AwsError>,
}

/// A certificate, and the text that identifies its content. `None` if the certificate is gone or cannot be used.
type Answer = Result<Option<(Certificate, String)>, AwsError>;

impl Listed {
    fn new(broken: Option<AwsError>, answers: Vec<Answer>) -> Self {
        let mut listed =
            Listed { certificates: Vec::new(), learnt: Vec::new(), errors: broken.into_iter().collect() };
        for answer in answers {
            match answer {
                Ok(Some((certificate, content))) => {
                    listed.learnt.push((certificate.arn.clone(), content, certificate.clone()));
                    listed.certificates.push(certificate);
                }
                Ok(None) => {}
                Err(error) => listed.errors.push(error),
            }
        }
        listed
    }
}

impl Certificates {
    /// Nothing is cached yet. `with_tags`: whether the tags of certificates are read.
    pub(crate) fn new(with_tags: bool) -> Self {
        Certificates { tags: with_tags.then(CertificateTags::default), ..Certificates::default() }
    }

    pub(crate) async fn observe(&mut self, aws: &Aws, times: Times) -> Seen<Vec<Certificate>> {
        let Times { now, round, .. } = times;
        let mut gaps = Gaps::default();
        let (from_acm, from_iam) = tokio::join!(
            async {
                match self.acm.fresh(round, acm::AGE) {
                    Some(_) => None,
                    None => Some(acm::list(aws, &self.known, now).await),
                }
            },
            async {
                match self.iam.fresh(round, iam::AGE) {
                    Some(_) => None,
                    None => Some(iam::list(aws, &self.known, now).await),
                }
            },
        );
        let mut all =
            take(from_acm, &mut self.acm, &mut self.known, ViewPart::CertificatesAcm, &mut gaps, round);
        all.extend(take(
            from_iam,
            &mut self.iam,
            &mut self.known,
            ViewPart::CertificatesIam,
            &mut gaps,
            round,
        ));
        if let Some(tags) = &mut self.tags {
            tags.retain(|arn| all.iter().any(|certificate| certificate.arn == arn));
            all = tags.add(aws, all, &mut gaps, round).await;
        }
        if gaps.is_empty() {
            self.known.by_arn.retain(|arn, _| all.iter().any(|certificate| certificate.arn == *arn));
        }
        Seen { value: all, gaps }
    }

    /// Forgets the lists, so that they are read again. Facts from single calls stay valid while the content is the same.
    pub(crate) fn forget_lists(&mut self) {
        self.acm.forget();
        self.iam.forget();
        if let Some(tags) = &mut self.tags {
            tags.age_all();
        }
    }
}

/// The certificates of one service: those of the new list, or of the cached one.
fn take(
    new: Option<Listed>,
    kept: &mut Kept<Vec<Certificate>>,
    known: &mut Known,
    part: ViewPart,
    gaps: &mut Gaps,
    now: Moment,
) -> Vec<Certificate> {
    let Some(Listed { certificates, learnt, errors }) = new else {
        return kept.last().cloned().unwrap_or_default();
    };
    for (arn, content, certificate) in learnt {
        known.by_arn.insert(arn, (content, certificate));
    }
    if errors.is_empty() {
        kept.keep(now, certificates.clone());
    }
    for error in errors {
        gaps.add(part, error);
    }
    certificates
}
