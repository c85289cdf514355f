//! The program against a real kube-apiserver, etcd and moto, with only the rights of `deploy/rbac.yaml`.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod ancestors_deployment;
mod availability;
mod bad_input;
mod buckets;
mod chart;
mod commands;
mod converging;
mod deployment;
mod log_level;
mod memory;
mod metrics;
mod moving;
mod page;
mod pods;
mod policy_swap;
mod read_only;
mod readiness;
mod registry;
mod route_groups;
mod route_mode;
#[allow(dead_code, reason = "the measurements use more of it")]
mod support;
mod webhook;
