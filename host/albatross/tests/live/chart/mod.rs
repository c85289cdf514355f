//! The Helm chart. That its rights are enough is what all tests of this program show: they have those of `deploy/rbac.yaml`, which is
//! rendered from the chart.

mod helm;
mod installing;
mod monitoring;
mod one_namespace;
mod refusals;
mod rendering;
mod schema;
