//! Our tags on a load balancer: who owns it, what it is for, and since when it or a certificate is unneeded. Other tags
//! stay.

use albatross_contract::{Settings, TAG_UNNEEDED, TAG_UNNEEDED_CERTIFICATE, TAGS_OF_TERMS, Tag};

use super::Certificates;
use crate::{
    grouping::Group,
    identity::{ownership_tags, tag},
    lifecycle::Lifespan,
    observed::{Concern, Observed, Owned, certificate_mark},
};

/// The wanted tags of a resource.
#[derive(Default)]
pub struct Tags {
    /// All tags that we want on it.
    pub all: Vec<Tag>,
    /// Keys of tags that are removed if they are not wanted.
    pub managed: Vec<Managed>,
    /// Indices of the certificate changes after which marks may be removed.
    pub marks_go_after: Vec<Option<usize>>,
}

/// Keys of tags that are removed if they are not wanted.
pub enum Managed {
    /// This key.
    Key(String),
    /// All keys with this prefix.
    Prefix(&'static str),
}

impl Tags {
    /// Whether a tag with this key is removed if it is not wanted.
    pub fn manages(&self, key: &str) -> bool {
        self.managed.iter().any(|managed| match managed {
            Managed::Key(own) => own == key,
            Managed::Prefix(prefix) => key.starts_with(prefix),
        })
    }
}

/// The tags that all resources with an id of ours have: those of their owner, and those of the settings.
pub fn of_all(settings: &Settings, id: &str) -> Vec<Tag> {
    let mut all = ownership_tags(&settings.identity, id);
    all.extend(settings.tags.iter().cloned());
    all.sort();
    all
}

/// The tags of an existing load balancer.
pub fn of_load_balancer(
    group: &Group<'_>,
    owned: &Owned<'_>,
    lifespan: &Lifespan,
    certificates: &Certificates<'_>,
    ownership: &[Tag],
    observed: &Observed<'_>,
) -> Tags {
    let arn = |id| observed.certificates.arn(id);
    let mut all = ownership.to_vec();
    all.extend(group.terms().tags());
    all.extend(lifespan.unneeded_since.map(|since| tag(TAG_UNNEEDED, &since.to_string())));
    let mut marks_go_after = Vec::new();
    for (id, since) in &lifespan.unneeded {
        match certificates.removed.get(id) {
            Some(change) => marks_go_after.push(*change),
            None => all.push(tag(&certificate_mark(arn(*id)), &since.to_string())),
        }
    }
    for id in &lifespan.kept {
        if let Some(since) = owned.certificate_unneeded_since(arn(*id)) {
            all.push(tag(&certificate_mark(arn(*id)), &since.to_string()));
        }
    }
    let keys = TAGS_OF_TERMS.into_iter().chain([TAG_UNNEEDED]).map(str::to_owned);
    let mut managed: Vec<Managed> = keys.map(Managed::Key).collect();
    if observed.completeness.allows_for(Concern::RemoveCertificate, Some(owned)) {
        managed.push(Managed::Prefix(TAG_UNNEEDED_CERTIFICATE));
    } else {
        // If it is not known which certificates there are, or who else needs them, the marks of other certificates stay.
        managed.extend(group.needed().keys().map(|id| Managed::Key(certificate_mark(arn(*id)))));
    }
    Tags { all, managed, marks_go_after }
}

#[cfg(test)]
mod tests;
