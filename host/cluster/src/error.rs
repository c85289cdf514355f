//! The errors of talking to the API server.

use std::error::Error;

use kube::{
    config::{InClusterError, KubeconfigError},
    core::response::StatusDetails,
};

/// Why the cluster cannot be reached, read or written.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The kubeconfig cannot be used.
    #[error("kubeconfig {name}: {}; correct --kubeconfig or --context", chain(source))]
    Kubeconfig {
        /// The file, or where kubectl looks for one.
        name: String,
        /// Why.
        source: KubeconfigError,
    },
    /// The program runs in a Pod, but the files or variables of its service account are missing.
    #[error("in-cluster configuration: {}: is automountServiceAccountToken off?", chain(.0))]
    InCluster(#[source] InClusterError),
    /// No client can be made from the configuration.
    #[error("no client can be made from this configuration: {}", chain(.0))]
    Client(#[source] kube::Error),
    /// The API server does not know who we are.
    #[error(
        "{doing}: the API server does not accept the credentials ({message}): renew the token or certificate"
    )]
    Unauthorized {
        /// The request, such as `read the namespace kube-system`.
        doing: String,
        /// The message of the API server.
        message: String,
    },
    /// The API server knows who we are and refuses.
    #[error("{doing}: forbidden ({message}): {} has the rights that are needed", rights(.message))]
    Forbidden {
        /// The request.
        doing: String,
        /// The message of the API server: who may not do what.
        message: String,
    },
    /// Somebody else has changed the object since it was read.
    #[error("{doing}: the object has changed since it was read ({message}): the next pass tries again")]
    Conflict {
        /// The request.
        doing: String,
        /// The message of the API server.
        message: String,
    },
    /// The object does not exist.
    #[error("{doing}: the object does not exist ({message})")]
    NotFound {
        /// The request.
        doing: String,
        /// The message of the API server.
        message: String,
    },
    /// The API server has the kind only in versions that this program does not read.
    #[error(
        "the API server serves {kind} as {served} and not as {expected}, which Albatross reads: let its \
         CustomResourceDefinition serve {expected} too"
    )]
    OtherVersion {
        /// The kind, such as `RouteGroup`.
        kind: &'static str,
        /// The version that is read, with its group.
        expected: String,
        /// A version that the API server has, with its group.
        served: String,
    },
    /// Any other unsuccessful answer of the API server.
    #[error("{doing}: the API server answered {code}: {message}")]
    Refused {
        /// The request.
        doing: String,
        /// The HTTP status code.
        code: u16,
        /// The message of the API server.
        message: String,
    },
    /// No answer.
    #[error("{doing}: no answer from the API server: {}", chain(source))]
    Unreachable {
        /// The request.
        doing: String,
        /// Why.
        source: kube::Error,
    },
    /// No answer in time; it is unknown whether the request was carried out.
    #[error("{doing}: no answer from the API server within {seconds} s")]
    TimedOut {
        /// The request.
        doing: String,
        /// The time limit in seconds.
        seconds: u64,
    },
    /// A Secret that somebody else made has the name of ours.
    #[error(
        "the Secret {secret} exists, and Albatross did not make it: mount it into the Pod and name its folder with \
         --webhook-certificate, or delete it"
    )]
    SecretOfOthers {
        /// Namespace and name.
        secret: String,
    },
    /// The object has no uid, which every API server sets.
    #[error("{doing}: the object has no uid")]
    UidMissing {
        /// The request.
        doing: String,
    },
}

impl ClusterError {
    /// Whether every attempt fails until somebody changes credentials, rights or the versions that the API server has.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            ClusterError::Unauthorized { .. }
                | ClusterError::Forbidden { .. }
                | ClusterError::OtherVersion { .. }
        )
    }

    /// Whether the API server does not answer, or is overloaded or broken, so that a later attempt may succeed.
    pub fn is_outage(&self) -> bool {
        match self {
            ClusterError::Unreachable { .. } | ClusterError::TimedOut { .. } => true,
            ClusterError::Refused { code, .. } => *code == 429 || *code >= 500,
            _ => false,
        }
    }

    /// The error of a failed request, classified by what a person would do about it.
    pub(crate) fn request(doing: impl Into<String>, error: kube::Error) -> ClusterError {
        let doing = doing.into();
        let status = match error {
            kube::Error::Api(status) => status,
            source => return ClusterError::Unreachable { doing, source },
        };
        // The object was deleted and created again under the same name: we named the old uid, and a uid cannot change.
        let of_uid =
            |details: &StatusDetails| details.causes.iter().any(|cause| cause.field == "metadata.uid");
        let is_another = status.details.as_ref().is_some_and(of_uid);
        let (code, message) = (status.code, status.message.clone());
        match code {
            422 if is_another => ClusterError::Conflict { doing, message },
            401 => ClusterError::Unauthorized { doing, message },
            403 => ClusterError::Forbidden { doing, message },
            404 => ClusterError::NotFound { doing, message },
            409 => ClusterError::Conflict { doing, message },
            _ => ClusterError::Refused { doing, code, message },
        }
    }
}

/// The file with the right that the API server misses, by its message. Only readiness gates need the Pods of all namespaces.
fn rights(message: &str) -> &'static str {
    let is_of_all_pods = message.contains("resource \"pods\"") && message.contains("at the cluster scope");
    match is_of_all_pods || message.contains("resource \"pods/status\"") {
        true => "deploy/rbac-readiness-gates.yaml",
        false => "deploy/rbac.yaml",
    }
}

/// An error and its causes in one line: kube's own messages (`client error (Connect)`) omit the cause, which a person
/// needs. A cause with which the message already ends is not repeated, and of a message that shows a part of a file only
/// the first line is kept.
pub(crate) fn chain(error: &dyn Error) -> String {
    let first_line = |error: &dyn Error| error.to_string().lines().next().unwrap_or_default().to_owned();
    let mut text = first_line(error);
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = first_line(error);
        if !text.ends_with(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}
