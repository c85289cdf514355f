//! A snapshot as it would be with more or fewer nodes or Ingresses, without a zone, or with renewed certificates; and what that
//! does to load balancers and quotas. Pure functions.

mod amounts;
mod certificates;
mod ingresses;
mod names;
mod nodes;
mod quotas;
mod services;
mod spread;
mod zones;

use albatross_contract::{Plan, Snapshot};
use serde::Serialize;

pub use amounts::Amounts;
pub use quotas::{Quota, QuotaChange, first_hit, identifier, nearest, quota_changes, used_quotas};

use crate::error::Error;

/// What changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    /// How many nodes come, or go if negative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodes: Option<i64>,
    /// How many Ingresses come, or go if negative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingresses: Option<i64>,
    /// Zones that go, with their nodes and subnets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without_zones: Vec<String>,
    /// Certificates that are renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_renewal: Option<Renewal>,
}

/// Which certificates are renewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Renewal {
    /// All that can be used.
    All,
    /// The one with this ARN.
    One(String),
}

impl Change {
    /// The snapshot with the change. `plan`: the plan of the snapshot as it is, which says which Ingresses are served, and with
    /// which certificates. The zones go first, so that new nodes are in the other zones.
    ///
    /// # Errors
    /// The snapshot has too little of what goes, or nothing to make more of.
    pub fn apply(&self, mut snapshot: Snapshot, plan: &Plan) -> Result<Snapshot, Error> {
        for zone in &self.without_zones {
            zones::remove(&mut snapshot, zone)?;
        }
        if let Some(number) = self.nodes {
            nodes::change(&mut snapshot, number)?;
        }
        if let Some(number) = self.ingresses {
            ingresses::change(&mut snapshot, plan, number)?;
        }
        if let Some(renewal) = &self.certificate_renewal {
            certificates::renew(&mut snapshot, renewal)?;
        }
        Ok(snapshot)
    }

    /// The change in words.
    pub fn words(&self) -> String {
        let number = |number: Option<i64>, noun: &str| {
            let number = number.filter(|number| *number != 0)?;
            let more = if number > 0 { "more" } else { "fewer" };
            let many = crate::render::words::noun(usize::try_from(number.unsigned_abs()).unwrap_or(2), noun);
            Some(format!("{} {more} {many}", number.unsigned_abs()))
        };
        let mut words = Vec::new();
        words.extend(number(self.nodes, "node"));
        words.extend(number(self.ingresses, "Ingress"));
        words.extend(self.without_zones.iter().map(|zone| format!("zone {zone} is gone")));
        words.extend(self.certificate_renewal.as_ref().map(|renewal| match renewal {
            Renewal::All => "all certificates are renewed under new ARNs".to_owned(),
            Renewal::One(arn) => format!("certificate {arn} is renewed under a new ARN"),
        }));
        words.join(", ")
    }
}

/// The error of a change that cannot be made.
fn impossible(flag: &'static str, problem: String) -> Error {
    Error::WhatIf { flag, problem }
}
