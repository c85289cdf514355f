//! Certificates of ACM and IAM.

mod acm;
mod iam;

use std::collections::BTreeMap;

use albatross_contract::{Certificate, Timestamp, ViewPart};

use super::{Seen, gaps::Gaps, kept::Kept};
use crate::{clients::Aws, error::AwsError};

/// What is kept of certificates.
#[derive(Debug, Default)]
pub(crate) struct Certificates {
    acm: Kept<Vec<Certificate>>,
    iam: Kept<Vec<Certificate>>,
    known: Known,
}

/// What single calls told of certificates, by ARN and what changes when the content does. It is kept for as long as the
/// certificate is there: content that changed has another validity.
#[derive(Debug, Default)]
pub(crate) struct Known {
    by_arn: BTreeMap<String, (String, Certificate)>,
}

impl Known {
    /// What is known of this very content.
    fn get(&self, arn: &str, content: &str) -> Option<&Certificate> {
        self.by_arn.get(arn).filter(|(known, _)| known == content).map(|(_, certificate)| certificate)
    }
}

/// A list of one service: its certificates, what was newly learnt of them, and what went wrong.
struct Listed {
    certificates: Vec<Certificate>,
    learnt: Vec<(String, String, Certificate)>,
    errors: Vec<AwsError>,
}

/// A certificate and what its content is told by; nothing for one that is gone or says nothing that is of use.
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
    pub(crate) async fn observe(&mut self, aws: &Aws, now: Timestamp) -> Seen<Vec<Certificate>> {
        let mut gaps = Gaps::default();
        let (from_acm, from_iam) = tokio::join!(
            async {
                match self.acm.fresh(now, acm::AGE) {
                    Some(_) => None,
                    None => Some(acm::list(aws, &self.known, now).await),
                }
            },
            async {
                match self.iam.fresh(now, iam::AGE) {
                    Some(_) => None,
                    None => Some(iam::list(aws, &self.known, now).await),
                }
            },
        );
        let mut all =
            take(from_acm, &mut self.acm, &mut self.known, ViewPart::CertificatesAcm, &mut gaps, now);
        all.extend(take(from_iam, &mut self.iam, &mut self.known, ViewPart::CertificatesIam, &mut gaps, now));
        if gaps.is_empty() {
            self.known.by_arn.retain(|arn, _| all.iter().any(|certificate| certificate.arn == *arn));
        }
        Seen { value: all, gaps }
    }

    /// Lets the lists be read again. What single calls told stays: it is a matter of content.
    pub(crate) fn forget_lists(&mut self) {
        self.acm.forget();
        self.iam.forget();
    }
}

/// The certificates of one service: the new list, or the kept one.
fn take(
    new: Option<Listed>,
    kept: &mut Kept<Vec<Certificate>>,
    known: &mut Known,
    part: ViewPart,
    gaps: &mut Gaps,
    now: Timestamp,
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
