//! The examples that kube-ingress-aws-controller publishes, given to Albatross: its manifests, and the flags of its Deployments.
//!
//! Unless something else is said, their shapes are those of <https://github.com/zalando-incubator/kube-ingress-aws-controller>
//! at commit 2ae6096c814c176313a45727f9fc38817954f7a7 (version 0.18.17), by path; names and hosts are our own.

#[cfg(feature = "live")]
mod deployments;
mod manifests;
mod words;
