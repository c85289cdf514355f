//! From a reference to the bytes of a component.

use std::time::Duration;

use hyper::{Response, StatusCode, body::Incoming};
use tokio::{runtime, time::timeout};
use url::Url;

use crate::{
    Cache, Digest, DockerConfig, Fault, NotPulled, Reference, answer,
    cache::Cached,
    http::{Http, shown},
    manifest::{self, Layer},
    session::Session,
};

/// The most bytes of a manifest: the size that registries accept at least, says the OCI distribution specification.
const MOST_OF_A_MANIFEST: u64 = 4 << 20;

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For the next part of an answer.
    pub wait: Duration,
    /// For the whole component.
    pub whole: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { wait: Duration::from_secs(10), whole: Duration::from_secs(30) }
    }
}

/// Pulls components.
#[derive(Clone, Debug)]
pub struct Puller {
    /// What was pulled before.
    pub cache: Cache,
    /// Credentials.
    pub credentials: DockerConfig,
    /// The most bytes of a component.
    pub most: u64,
    /// How long to wait.
    pub patience: Patience,
}

impl Puller {
    /// The component that a reference names, from the cache or else from its registry. `tell` gets what a person should know
    /// about the cache.
    ///
    /// This blocks: in an asynchronous program, call it on a thread that may block.
    ///
    /// # Errors
    /// It is neither in the cache nor can it be pulled.
    pub fn pull(&self, reference: &Reference, tell: &mut dyn FnMut(&str)) -> Result<Vec<u8>, NotPulled> {
        let failed = |fault| NotPulled { reference: reference.to_string(), fault };
        let mut pull = Pull { puller: self, reference, is_kept: true, tell };
        let manifest = pull.cached(&reference.digest, MOST_OF_A_MANIFEST);
        if let Some(manifest) = &manifest {
            let layer = manifest::component(manifest, self.most).map_err(|fault| failed(fault.into()))?;
            if let Some(component) = pull.cached(&layer.digest, layer.size) {
                return Ok(component);
            }
        }
        // The tasks here only wait for the network.
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|source| failed(Fault::Runtime(source)))?;
        let whole = self.patience.whole;
        let pulled = runtime.block_on(async {
            timeout(whole, pull.fetch(manifest)).await.unwrap_or(Err(Fault::Slow(whole)))
        });
        // Nobody needs the result of a DNS lookup that still runs.
        runtime.shutdown_background();
        pulled.map_err(failed)
    }
}

/// One pull.
struct Pull<'a> {
    puller: &'a Puller,
    reference: &'a Reference,
    /// Whether what was pulled so far is kept for the next time.
    is_kept: bool,
    tell: &'a mut dyn FnMut(&str),
}

impl Pull<'_> {
    fn cached(&mut self, digest: &Digest, most: u64) -> Option<Vec<u8>> {
        match self.puller.cache.read(digest, most) {
            Cached::Found(bytes) => Some(bytes),
            Cached::Absent => None,
            Cached::Unusable(problem) => {
                (self.tell)(&format!("cache of policies: {problem}; it is pulled again"));
                None
            }
        }
    }

    /// Keeps what was pulled. One reason why that fails is enough.
    fn keep(&mut self, digest: &Digest, bytes: &[u8]) {
        if let Err(problem) = self.puller.cache.write(digest, bytes)
            && self.is_kept
        {
            self.is_kept = false;
            let pulled = self.reference;
            (self.tell)(&format!(
                "{pulled} is not kept for the next time: {problem}; name a folder for it with --policy-cache"
            ));
        }
    }

    /// `manifest`: the one in the cache.
    async fn fetch(&mut self, manifest: Option<Vec<u8>>) -> Result<Vec<u8>, Fault> {
        let http = Http::new(self.puller.patience.wait);
        let mut session = Session::new(&http, self.reference, &self.puller.credentials)?;
        let digest = self.reference.digest;
        let layer = match manifest {
            // Its layer is not in the cache.
            Some(manifest) => manifest::component(&manifest, self.puller.most)?,
            None => {
                let manifest = fetch_manifest(&mut session, digest).await?;
                self.keep(&digest, &manifest);
                let layer = manifest::component(&manifest, self.puller.most)?;
                // Another manifest may have the same layer.
                if let Some(component) = self.cached(&layer.digest, layer.size) {
                    return Ok(component);
                }
                layer
            }
        };
        let component = fetch_layer(&mut session, layer).await?;
        self.keep(&layer.digest, &component);
        Ok(component)
    }
}

async fn fetch_manifest(session: &mut Session<'_>, expected: Digest) -> Result<Vec<u8>, Fault> {
    let what = "manifest";
    let accept = [[manifest::IMAGE_MANIFEST].as_slice(), &manifest::OTHERS].concat().join(", ");
    let (url, answer) = session.get(&format!("manifests/{expected}"), &accept).await?;
    let missing = |message| Fault::NoManifest { message };
    let answer = found(session, &url, answer, missing).await?;
    let is_web_page = answer::is_web_page(answer.headers());
    let manifest = session.http.body(&url, answer, what, MOST_OF_A_MANIFEST).await?;
    let manifest = manifest.ok_or(Fault::TooLong { what, most: MOST_OF_A_MANIFEST })?;
    match Digest::of(&manifest) {
        found if found == expected => Ok(manifest),
        _ if is_web_page => Err(Fault::WebPage { url: shown(&url) }),
        found => Err(Fault::OtherDigest { what, expected, found }),
    }
}

async fn fetch_layer(session: &mut Session<'_>, Layer { digest, size }: Layer) -> Result<Vec<u8>, Fault> {
    let what = "layer";
    let (url, answer) = session.get(&format!("blobs/{digest}"), "*/*").await?;
    let missing = |message| Fault::NoLayer { digest, message };
    let answer = found(session, &url, answer, missing).await?;
    let layer = session.http.body(&url, answer, what, size).await?;
    let layer = layer.ok_or(Fault::TooLong { what, most: size })?;
    if (layer.len() as u64) < size {
        return Err(Fault::Short { got: layer.len(), size });
    }
    match Digest::of(&layer) {
        found if found == digest => Ok(layer),
        found => Err(Fault::OtherDigest { what, expected: digest, found }),
    }
}

/// The answer, if it is what was asked for.
async fn found(
    session: &Session<'_>,
    url: &Url,
    answer: Response<Incoming>,
    missing: impl FnOnce(String) -> Fault,
) -> Result<Response<Incoming>, Fault> {
    let status = answer.status();
    if status == StatusCode::OK {
        return Ok(answer);
    }
    let message = answer::message(session.http, url, answer).await;
    Err(match status {
        StatusCode::NOT_FOUND => missing(message),
        // Some registries answer so to a request without credentials, or with those of somebody who may not read.
        StatusCode::FORBIDDEN if session.has_credentials() => session.refused(message),
        _ => Fault::Answer { url: shown(url), status, message },
    })
}
