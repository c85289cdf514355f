//! The objects of an admission webhook that makes its certificate itself: a Secret that all replicas share, and the authority in the
//! ValidatingWebhookConfiguration that API servers trust.

use std::collections::BTreeMap;

use k8s_openapi::{
    ByteString,
    api::{admissionregistration::v1::ValidatingWebhookConfiguration, core::v1::Secret},
};
use kube::{
    Api, Client, ResourceExt,
    api::{ObjectMeta, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};

use crate::{CONTROLLER, ClusterError, request::in_time};

/// Says that a Secret is ours.
const MADE_BY: &str = "albatross/made-by";
/// When a certificate ends, in seconds since 1970.
const ENDS_AT: &str = "albatross/ends-at";

const CERTIFICATE: &str = "tls.crt";
const KEY: &str = "tls.key";
const AUTHORITIES: &str = "ca.crt";

/// A certificate with its key, as PEM.
#[derive(Clone, PartialEq, Eq)]
pub struct Pair {
    /// The certificate.
    pub certificate: Vec<u8>,
    /// Its key.
    pub key: Vec<u8>,
    /// The authorities that clients should trust: that of the certificate first.
    pub authorities: Vec<u8>,
    /// When it ends, in seconds since 1970.
    pub ends_at: u64,
}

/// The Secret.
pub struct Kept {
    /// The certificate. `None`: the Secret is ours, and something is missing in it.
    pub pair: Option<Pair>,
    version: Option<String>,
}

/// The objects of a webhook. All have the same name.
#[derive(Clone)]
pub struct WebhookObjects {
    client: Client,
    namespace: String,
    name: String,
}

impl WebhookObjects {
    /// Those with this name; the Secret is in this namespace.
    pub fn new(client: &Client, namespace: &str, name: &str) -> WebhookObjects {
        WebhookObjects { client: client.clone(), namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// The certificate in the Secret. `None`: there is no Secret.
    ///
    /// # Errors
    /// The Secret cannot be read, or somebody else made it.
    pub async fn read(&self) -> Result<Option<Kept>, ClusterError> {
        let doing = || format!("read the Secret {}/{}", self.namespace, self.name);
        let Some(secret) = in_time(doing(), self.secrets().get_opt(&self.name)).await? else {
            return Ok(None);
        };
        if secret.labels().get(MADE_BY).map(String::as_str) != Some(CONTROLLER) {
            return Err(ClusterError::SecretOfOthers { secret: format!("{}/{}", self.namespace, self.name) });
        }
        Ok(Some(Kept { pair: pair(&secret), version: secret.resource_version() }))
    }

    /// Writes a certificate in place of the one that was read, if any. `false`: somebody else was faster.
    ///
    /// # Errors
    /// The Secret cannot be written.
    pub async fn write(&self, pair: &Pair, before: Option<&Kept>) -> Result<bool, ClusterError> {
        let doing = format!("write the Secret {}/{}", self.namespace, self.name);
        let secret = self.secret(pair, before.and_then(|it| it.version.clone()));
        let secrets = self.secrets();
        let parameters = PostParams { field_manager: Some(CONTROLLER.to_owned()), ..PostParams::default() };
        let written = match before {
            Some(_) => in_time(doing, secrets.replace(&self.name, &parameters, &secret)).await,
            None => in_time(doing, secrets.create(&parameters, &secret)).await,
        };
        match written {
            Ok(_) => Ok(true),
            Err(ClusterError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Lets API servers trust these authorities, unless they trust the needed one already: another replica may have renewed the
    /// certificate meanwhile, and what it wrote must stay. Returns whether that was new.
    ///
    /// # Errors
    /// The ValidatingWebhookConfiguration cannot be read or written.
    pub async fn trust(&self, authorities: &[u8], needed: &[u8]) -> Result<bool, ClusterError> {
        let api: Api<ValidatingWebhookConfiguration> = Api::all(self.client.clone());
        let doing = |verb: &str| format!("{verb} the ValidatingWebhookConfiguration {}", self.name);
        let found = in_time(doing("read"), api.get(&self.name)).await?;
        let bundle = ByteString(authorities.to_vec());
        let distrusting = found.webhooks.unwrap_or_default().into_iter();
        let changes: Vec<Value> = distrusting
            .filter(|it| !it.client_config.ca_bundle.as_ref().is_some_and(|trusted| has(&trusted.0, needed)))
            .map(|it| json!({"name": it.name, "clientConfig": {"caBundle": bundle}}))
            .collect();
        if changes.is_empty() {
            return Ok(false);
        }
        // Entries are merged by their names, so that everything else stays as it is.
        let patch = Patch::Strategic(json!({"webhooks": changes}));
        let parameters = PatchParams { field_manager: Some(CONTROLLER.to_owned()), ..PatchParams::default() };
        in_time(doing("write"), api.patch(&self.name, &parameters, &patch)).await?;
        Ok(true)
    }

    fn secrets(&self) -> Api<Secret> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    fn secret(&self, pair: &Pair, version: Option<String>) -> Secret {
        let data = [(CERTIFICATE, &pair.certificate), (KEY, &pair.key), (AUTHORITIES, &pair.authorities)];
        let text = |key: &str, value: String| Some(BTreeMap::from([(key.to_owned(), value)]));
        Secret {
            metadata: ObjectMeta {
                name: Some(self.name.clone()),
                resource_version: version,
                labels: text(MADE_BY, CONTROLLER.to_owned()),
                annotations: text(ENDS_AT, pair.ends_at.to_string()),
                ..ObjectMeta::default()
            },
            type_: Some("kubernetes.io/tls".to_owned()),
            data: Some(data.map(|(name, bytes)| (name.to_owned(), ByteString(bytes.clone()))).into()),
            ..Secret::default()
        }
    }
}

/// The certificate in a Secret of ours.
fn pair(secret: &Secret) -> Option<Pair> {
    let data = secret.data.as_ref()?;
    let part = |name: &str| data.get(name).map(|bytes| bytes.0.clone());
    Some(Pair {
        certificate: part(CERTIFICATE)?,
        key: part(KEY)?,
        authorities: part(AUTHORITIES)?,
        ends_at: secret.annotations().get(ENDS_AT)?.parse().ok()?,
    })
}

/// Whether a bundle has a certificate, which is not empty.
fn has(bundle: &[u8], certificate: &[u8]) -> bool {
    !certificate.is_empty() && bundle.windows(certificate.len()).any(|it| it == certificate)
}
