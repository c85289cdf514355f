//! What can go wrong between us and the API server.

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
    /// This is a Pod, but what a service account needs is not there.
    #[error("in-cluster configuration: {}: is automountServiceAccountToken off?", chain(.0))]
    InCluster(#[source] InClusterError),
    /// The configuration holds something that no client can be made of.
    #[error("no client can be made of this configuration: {}", chain(.0))]
    Client(#[source] kube::Error),
    /// The API server does not know who we are.
    #[error(
        "{doing}: the API server does not accept the credentials ({message}): renew the token or certificate"
    )]
    Unauthorized {
        /// What was to be done, such as `read the namespace kube-system`.
        doing: String,
        /// The API server's words.
        message: String,
    },
    /// The API server knows who we are and says no.
    #[error("{doing}: forbidden ({message}): deploy/rbac.yaml holds the rights that are needed")]
    Forbidden {
        /// What was to be done.
        doing: String,
        /// The API server's words: who may not do what.
        message: String,
    },
    /// Somebody else changed the object in between.
    #[error("{doing}: the object changed in between ({message}): the next pass tries again")]
    Conflict {
        /// What was to be done.
        doing: String,
        /// The API server's words.
        message: String,
    },
    /// The object does not exist.
    #[error("{doing}: it does not exist ({message})")]
    NotFound {
        /// What was to be done.
        doing: String,
        /// The API server's words.
        message: String,
    },
    /// Any other answer of the API server than yes.
    #[error("{doing}: the API server answered {code}: {message}")]
    Refused {
        /// What was to be done.
        doing: String,
        /// The HTTP status code.
        code: u16,
        /// The API server's words.
        message: String,
    },
    /// No answer.
    #[error("{doing}: no answer from the API server: {}", chain(source))]
    Unreachable {
        /// What was to be done.
        doing: String,
        /// Why.
        source: kube::Error,
    },
    /// No answer in time; whether it was done is not known.
    #[error("{doing}: no answer from the API server within {seconds} s")]
    TimedOut {
        /// What was to be done.
        doing: String,
        /// The time limit in seconds.
        seconds: u64,
    },
    /// The object holds no uid, which no API server leaves out.
    #[error("{doing}: the object has no uid")]
    UidMissing {
        /// What was to be done.
        doing: String,
    },
}

impl ClusterError {
    /// Whether the API server knows the request and says no, so that the next attempt fails as well until somebody
    /// changes credentials or rights.
    pub fn is_refusal(&self) -> bool {
        matches!(self, ClusterError::Unauthorized { .. } | ClusterError::Forbidden { .. })
    }

    /// Whether the API server does not answer, or not as it should: it does again in a while.
    pub fn is_outage(&self) -> bool {
        match self {
            ClusterError::Unreachable { .. } | ClusterError::TimedOut { .. } => true,
            ClusterError::Refused { code, .. } => *code == 429 || *code >= 500,
            _ => false,
        }
    }

    /// A failed request, told apart by what a person would do about it.
    pub(crate) fn request(doing: impl Into<String>, error: kube::Error) -> ClusterError {
        let doing = doing.into();
        let status = match error {
            kube::Error::Api(status) => status,
            source => return ClusterError::Unreachable { doing, source },
        };
        // An object that was made anew under the same name: its uid, which we named, cannot be changed to ours.
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

/// An error and its causes in one line: kube's own messages leave the cause out (`client error (Connect)`), and that is
/// what a person needs. What a message already ends with is not said again, and of one with a picture of a file the first
/// line stays.
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
