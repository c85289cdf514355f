//! The labels of the metrics. Each has a closed set of values, or a bounded number of them.

use prometheus_client::encoding::EncodeLabelSet;

/// A label `kind`; each family has a closed set of values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Label {
    /// Its value.
    pub kind: String,
}

/// The labels of calls to AWS.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Call {
    /// Such as `elasticloadbalancing`.
    pub service: String,
    /// Such as `DescribeLoadBalancers`.
    pub operation: String,
    /// `ok`, or the class of the error.
    pub outcome: String,
}

/// The labels of waits for the rate budget.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Waiting {
    /// Such as `elasticloadbalancing`.
    pub service: String,
    /// Such as `DescribeLoadBalancers`.
    pub operation: String,
}

/// The labels of actions.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Act {
    /// Such as `create-listener`.
    pub operation: String,
    /// `done`, `failed` or `skipped`.
    pub kind: String,
}

/// The labels of Ingresses about which there is something to say.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Reason {
    /// What happens to them, such as `held`.
    pub kind: String,
    /// Why: the code of a diagnostic, such as `certificate-none`.
    pub code: String,
}

/// The label of a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OfCertificate {
    /// The id of a certificate of ACM; `iam` for all of IAM. Neither tells a host or the account: whoever reaches the port may read it.
    pub certificate: String,
}

/// The label of the program.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Build {
    /// Its version.
    pub version: &'static str,
}

/// A label `kind` with this value.
pub fn label(kind: impl Into<String>) -> Label {
    Label { kind: kind.into() }
}
