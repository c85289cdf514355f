//! Where the certificate of the webhook comes from: a folder, or the program itself.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use albatross_cluster::{Pair, WebhookObjects};
use tokio::time::sleep;

use super::{Identity, authority::make};
use crate::{error::Error, inputs::read_bytes, live::pass};

/// How often a folder is read. The kubelet takes about a minute to bring a changed Secret there.
const READ: Duration = Duration::from_secs(10);
/// How often it is checked whether API servers trust the certificate, and whether another replica has made a new one.
const CHECK: Duration = Duration::from_secs(60);
/// The pause after something has failed.
const AGAIN: Duration = Duration::from_secs(10);
/// A certificate is renewed this long before its end.
const RENEW_BEFORE: u64 = 60 * 24 * 3600;
/// The most bytes of a file: a chain has a few certificates.
const MOST: u64 = 1 << 20;

/// A folder with `tls.crt` and `tls.key`, as a Secret is mounted.
pub struct Folder {
    folder: PathBuf,
    identity: Arc<Identity>,
    /// What was read last.
    read: (Vec<u8>, Vec<u8>),
}

impl Folder {
    /// Nothing has been read yet.
    pub fn new(folder: &Path, identity: Arc<Identity>) -> Folder {
        Folder { folder: folder.to_owned(), identity, read: (Vec::new(), Vec::new()) }
    }

    /// Follows the folder until the program ends. A pair that cannot be used is logged, and the one before stays; without one, API servers
    /// get no answer, and load balancers are managed all the same.
    pub async fn follow(mut self) {
        let mut told = None;
        loop {
            match self.renew() {
                Ok(false) => {}
                Ok(true) => {
                    told = None;
                    tracing::info!(folder = %self.folder.display(), "the webhook has a new certificate");
                }
                Err(error) => {
                    let error = error.to_string();
                    if told.as_ref() != Some(&error) {
                        tracing::error!(error, "the webhook has no new certificate");
                    }
                    told = Some(error);
                }
            }
            sleep(READ).await;
        }
    }

    /// Takes the certificate if it has changed. Returns whether it has.
    fn renew(&mut self) -> Result<bool, Error> {
        let read = |name: &str| read_bytes(&self.folder.join(name), MOST);
        let read = (read("tls.crt")?, read("tls.key")?);
        if read == self.read {
            return Ok(false);
        }
        self.identity.set(&read.0, &read.1).map_err(|problem| Error::WebhookCertificate {
            place: self.folder.display().to_string(),
            problem,
        })?;
        self.read = read;
        Ok(true)
    }
}

/// A certificate that the program makes itself. All replicas share it in a Secret, and API servers are told to trust it.
pub struct Own {
    /// Where it is kept.
    pub objects: WebhookObjects,
    /// The name by which API servers call the webhook.
    pub name: String,
    /// Who shows it.
    pub identity: Arc<Identity>,
}

impl Own {
    /// Makes the certificate if there is none, and looks after it until the program ends.
    pub async fn look_after(self) {
        let mut told = None;
        loop {
            let pause = match self.settle().await {
                Ok(()) => {
                    told = None;
                    CHECK
                }
                Err(error) => {
                    let error = error.to_string();
                    if told.as_ref() != Some(&error) {
                        tracing::error!(
                            error,
                            "API servers cannot call the webhook with its own certificate"
                        );
                    }
                    told = Some(error);
                    AGAIN
                }
            };
            sleep(pause).await;
        }
    }

    async fn settle(&self) -> Result<(), Error> {
        let pair = self.pair().await?;
        // First the trust: nobody must get a certificate that API servers do not trust yet.
        if self.objects.trust(&pair.authorities, first_authority(&pair.authorities)).await? {
            tracing::info!(ends_at = pair.ends_at, "API servers trust the certificate of the webhook");
        }
        let place = || format!("the Secret of the webhook for {}", self.name);
        self.identity
            .set(&pair.certificate, &pair.key)
            .map_err(|problem| Error::WebhookCertificate { place: place(), problem })
    }

    /// The certificate in the Secret, which is made if there is none, or if it ends soon.
    async fn pair(&self) -> Result<Pair, Error> {
        loop {
            let kept = self.objects.read().await?;
            let now = pass::now();
            let known = kept.as_ref().and_then(|it| it.pair.as_ref());
            if let Some(pair) = known.filter(|it| it.ends_at > now + RENEW_BEFORE && can_be_used(it)) {
                return Ok(pair.clone());
            }
            let before = known.map(|it| first_authority(&it.authorities));
            let pair = make(&self.name, now, before.unwrap_or_default())?;
            if self.objects.write(&pair, kept.as_ref()).await? {
                tracing::info!(ends_at = pair.ends_at, "made a certificate for the webhook");
                return Ok(pair);
            }
            // Another replica was faster: its certificate counts.
        }
    }
}

/// Whether a certificate and its key belong together: a person may have damaged the Secret.
fn can_be_used(pair: &Pair) -> bool {
    Identity::default().set(&pair.certificate, &pair.key).is_ok()
}

/// The first of several certificates in PEM form: older ones have ended by the time of the next renewal.
fn first_authority(authorities: &[u8]) -> &[u8] {
    const END: &[u8] = b"-----END CERTIFICATE-----\n";
    let end = authorities.windows(END.len()).position(|it| it == END);
    end.map_or(authorities, |at| &authorities[..at + END.len()])
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_the_authority_of_the_last_certificate_stays_trusted() {
        let name = "albatross-webhook.kube-system.svc";
        let first = make(name, 0, &[]).unwrap();
        assert_eq!(first_authority(&first.authorities), first.authorities);
        let second = make(name, 1, first_authority(&first.authorities)).unwrap();
        assert!(second.authorities.ends_with(&first.authorities));
        let third = make(name, 2, first_authority(&second.authorities)).unwrap();
        let trusted = String::from_utf8(third.authorities).unwrap();
        assert_eq!(trusted.matches("BEGIN CERTIFICATE").count(), 2);
    }

    #[test]
    fn a_folder_is_taken_when_it_changes_and_a_broken_one_is_named() {
        let folder = std::env::temp_dir().join(format!("albatross-webhook-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let write = |pair: &Pair| {
            fs::write(folder.join("tls.crt"), &pair.certificate).unwrap();
            fs::write(folder.join("tls.key"), &pair.key).unwrap();
        };
        let identity = Arc::new(Identity::default());
        let mut opened = Folder::new(&folder, identity);
        let error = opened.renew().unwrap_err().to_string();
        assert!(error.contains("tls.crt"), "{error}");
        let [one, other] = [1, 2].map(|_| make("a.svc", 0, &[]).unwrap());
        write(&one);
        assert!(opened.renew().unwrap());
        assert!(!opened.renew().unwrap());
        fs::write(folder.join("tls.key"), &other.key).unwrap();
        let error = opened.renew().unwrap_err().to_string();
        assert!(error.contains("cannot be used together") && error.contains("albatross-webhook-"), "{error}");
        write(&other);
        assert!(opened.renew().unwrap());
        fs::remove_dir_all(folder).unwrap();
    }
}
