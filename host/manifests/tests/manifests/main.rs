//! Manifests and objects of an API server become the objects of the contract.

#![allow(clippy::unwrap_used)] // helpers of tests

mod ancestors_examples;
mod api_objects;
mod foreign_kinds;
mod invalid_documents;
mod kubernetes_objects;
mod many_ingresses;
mod quickstart;
mod route_groups;
mod sources;
mod support;
mod yaml;
