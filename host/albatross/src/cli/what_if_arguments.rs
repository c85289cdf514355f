//! The arguments of `what-if`.

use std::path::PathBuf;

use clap::Args;

use super::arguments::{CommentArguments, ComponentArguments, InputArguments};
use crate::what_if::{Change, Renewal};

/// Arguments of `what-if`.
#[derive(Debug, Args)]
pub struct WhatIfArguments {
    /// What changes.
    #[command(flatten)]
    pub change: ChangeArguments,
    /// Inputs.
    #[command(flatten)]
    pub inputs: InputArguments,
    /// Components.
    #[command(flatten)]
    pub components: ComponentArguments,
    /// Write a bundle with the changed snapshot and its plan, for `plan --snapshot`, `explain` and `diff`
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Output.
    #[command(flatten)]
    pub output: CommentArguments,
}

/// What changes.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct ChangeArguments {
    /// Nodes that are added (such as +200) or removed (-20), evenly over zones
    #[arg(long, value_name = "+N|-N", value_parser = difference, allow_hyphen_values = true)]
    pub nodes: Option<i64>,
    /// Ingresses that are added or removed, evenly like those that there are. New Ingresses have hosts, Services and, where no
    /// wildcard covers the hosts, certificates of their own
    #[arg(long, value_name = "+N|-N", value_parser = difference, allow_hyphen_values = true)]
    pub ingresses: Option<i64>,
    /// Zone that is gone, with its nodes and subnets; repeat the flag for further zones
    #[arg(long, value_name = "ZONE")]
    pub without_zone: Vec<String>,
    /// Certificates that are renewed under new ARNs, while the old ones have expired: all, or the ARN of one
    #[arg(long, value_name = "all|ARN", value_parser = renewal)]
    pub certificate_renewal: Option<Renewal>,
}

impl ChangeArguments {
    /// The change.
    pub fn change(&self) -> Change {
        let mut without_zones = self.without_zone.clone();
        without_zones.sort();
        without_zones.dedup();
        Change {
            nodes: self.nodes,
            ingresses: self.ingresses,
            without_zones,
            certificate_renewal: self.certificate_renewal.clone(),
        }
    }
}

/// The largest number that may be added: the planner has limits, and a typing error should not take all memory.
const MOST: u64 = 20_000;

/// Reads `+200` or `-20`.
fn difference(text: &str) -> Result<i64, String> {
    let is_signed = text.starts_with(['+', '-']);
    match text.parse::<i64>() {
        Ok(0) => Err("nothing changes; expected +N for more or -N for fewer, such as +200".to_owned()),
        Ok(number) if number.unsigned_abs() > MOST => Err(format!("at most {MOST} can be added or removed")),
        Ok(number) if is_signed => Ok(number),
        _ => Err("expected +N for more or -N for fewer, such as +200".to_owned()),
    }
}

/// Reads `all` or an ARN.
fn renewal(text: &str) -> Result<Renewal, String> {
    match text {
        "all" => Ok(Renewal::All),
        arn if arn.starts_with("arn:") => Ok(Renewal::One(arn.to_owned())),
        _ => Err("expected all, or the ARN of a certificate".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_a_sign_and_is_not_nothing() {
        assert_eq!((difference("+200"), difference("-3")), (Ok(200), Ok(-3)));
        for text in ["200", "+0", "-", "+", "", "+1.5", "+20001", "many", "+99999999999999999999"] {
            assert!(difference(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_renewal_is_of_all_certificates_or_of_one_arn() {
        assert_eq!(renewal("all"), Ok(Renewal::All));
        assert_eq!(renewal("arn:x"), Ok(Renewal::One("arn:x".to_owned())));
        assert!(renewal("ALL").is_err() && renewal("shop.example.org").is_err());
    }
}
