//! The cluster side against a real kube-apiserver and etcd, with only the rights of `deploy/rbac.yaml`.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod connecting;
mod events;
mod gates;
mod leading;
mod outages;
mod pods;
mod route_groups;
mod services;
mod statuses;
mod support;
mod watching;
