//! TLS policies of Application Load Balancers.

/// All TLS policies in the ELB user guide ("Security policies for your Application Load Balancer"), in alphabetical order.
pub const ALL: [&str; 41] = [
    "ELBSecurityPolicy-2015-05",
    "ELBSecurityPolicy-2016-08",
    "ELBSecurityPolicy-FS-1-1-2019-08",
    "ELBSecurityPolicy-FS-1-2-2019-08",
    "ELBSecurityPolicy-FS-1-2-Res-2019-08",
    "ELBSecurityPolicy-FS-1-2-Res-2020-10",
    "ELBSecurityPolicy-FS-2018-06",
    "ELBSecurityPolicy-TLS-1-0-2015-04",
    "ELBSecurityPolicy-TLS-1-1-2017-01",
    "ELBSecurityPolicy-TLS-1-2-2017-01",
    "ELBSecurityPolicy-TLS-1-2-Ext-2018-06",
    "ELBSecurityPolicy-TLS13-1-0-2021-06",
    "ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-0-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-0-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-1-2021-06",
    "ELBSecurityPolicy-TLS13-1-1-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-1-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-1-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Ext1-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Ext2-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-3-2021-06",
    "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
];

/// The policy of new HTTPS listeners, if nobody names one: TLS 1.2 and 1.3. The default of AWS, `ELBSecurityPolicy-2016-08`,
/// accepts TLS 1.0 and 1.1 (ELB user guide, "Security policies for your Application Load Balancer").
pub const FOR_NEW_LISTENERS: &str = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06";

/// The policy with the most similar name, as a suggestion for a misspelt name.
pub fn nearest(name: &str) -> &'static str {
    crate::nearest::nearest(name, ALL).unwrap_or(ALL[0])
}

/// The policy that a misspelt name probably means, or else the one that AWS recommends.
pub fn example(name: &str) -> &'static str {
    crate::nearest::misspelt(name, ALL).unwrap_or(FOR_NEW_LISTENERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suggestion_for_a_misspelt_policy_is_the_intended_one() {
        for (name, meant) in [
            ("ELBSecurityPolicy-TLS13-1-2-2021-6", "ELBSecurityPolicy-TLS13-1-2-2021-06"),
            ("elbsecuritypolicy-2016-08", "ELBSecurityPolicy-2016-08"),
            ("ELBSecurityPolicy-TLS13-1-2-Res-2021-08", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"),
        ] {
            assert_eq!(nearest(name), meant);
        }
    }
}
