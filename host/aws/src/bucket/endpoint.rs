//! Where S3 answers.

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

use crate::error::AwsError;

/// Where S3 answers.
#[derive(Clone, Debug)]
pub(super) enum Endpoint {
    /// At AWS.
    Aws {
        /// At hosts whose cryptography is certified by FIPS 140.
        fips: bool,
        /// At hosts that have addresses of IPv6 too.
        dual_stack: bool,
    },
    /// At this URL, without a slash at its end.
    At(String),
}

impl Endpoint {
    /// The endpoint that `AWS_ENDPOINT_URL_S3` or else `AWS_ENDPOINT_URL` names, or what the profile says instead of them; else
    /// AWS's, as `AWS_USE_FIPS_ENDPOINT` and `AWS_USE_DUALSTACK_ENDPOINT` say.
    ///
    /// # Errors
    /// Both a URL and a kind of AWS's endpoints are set.
    pub(super) fn of(config: &SdkConfig) -> Result<Endpoint, AwsError> {
        let fips = config.use_fips().unwrap_or_default();
        let dual_stack = config.use_dual_stack().unwrap_or_default();
        match url(config) {
            None => Ok(Endpoint::Aws { fips, dual_stack }),
            Some(_) if fips || dual_stack => {
                let kind = if fips { "AWS_USE_FIPS_ENDPOINT" } else { "AWS_USE_DUALSTACK_ENDPOINT" };
                Err(AwsError::EndpointContradicts { kind })
            }
            Some(url) => Ok(Endpoint::At(url.trim_end_matches('/').to_owned())),
        }
    }

    /// Whether the bucket is a part of the path, and not of the host name. Elsewhere than at AWS host names with a bucket may not
    /// exist; and the certificate of AWS's host names covers no bucket with a dot.
    fn has_path_style(&self, bucket: &str) -> bool {
        matches!(self, Endpoint::At(_)) || bucket.contains('.')
    }

    /// Scheme, host and port.
    pub(super) fn origin(&self, bucket: &str, region: &str) -> String {
        match self {
            Endpoint::At(url) => {
                let host = url.find("://").map_or(0, |at| at + 3);
                let end = url[host..].find('/').map_or(url.len(), |at| host + at);
                url[..end].to_owned()
            }
            Endpoint::Aws { fips, dual_stack } => {
                let service = if *fips { "s3-fips" } else { "s3" };
                let dual_stack = if *dual_stack { "dualstack." } else { "" };
                let host = format!("{service}.{dual_stack}{region}.{}", domain(region));
                if self.has_path_style(bucket) {
                    format!("https://{host}")
                } else {
                    format!("https://{bucket}.{host}")
                }
            }
        }
    }

    /// What a path begins with.
    pub(super) fn base(&self, bucket: &str) -> String {
        let before = match self {
            Endpoint::At(url) => {
                let host = url.find("://").map_or(0, |at| at + 3);
                url[host..].find('/').map_or("", |at| &url[host + at..])
            }
            Endpoint::Aws { .. } => "",
        };
        if self.has_path_style(bucket) { format!("{before}/{bucket}") } else { before.to_owned() }
    }
}

/// The URL of S3 that is configured, which is found as the SDK's clients find theirs: code first, then what is said for one
/// service, then what is said for all.
fn url(config: &SdkConfig) -> Option<String> {
    let for_all = config.endpoint_url().map(str::to_owned);
    if config.get_origin("endpoint_url").is_client_config() {
        return for_all;
    }
    let key = ServiceConfigKey::builder().service_id("S3").env("AWS_ENDPOINT_URL").profile("endpoint_url");
    let for_s3 = key.build().ok().and_then(|key| config.service_config()?.load_config(key));
    for_s3.or(for_all)
}

/// The domain of a partition of AWS (SDK, `partitions.json`).
fn domain(region: &str) -> &'static str {
    let partitions = [
        ("cn-", "amazonaws.com.cn"),
        ("eusc-", "amazonaws.eu"),
        ("us-iso-", "c2s.ic.gov"),
        ("us-isob-", "sc2s.sgov.gov"),
        ("us-isof-", "csp.hci.ic.gov"),
        ("eu-isoe-", "cloud.adc-e.uk"),
    ];
    let found = partitions.into_iter().find(|(regions, _)| region.starts_with(regions));
    found.map_or("amazonaws.com", |(_, domain)| domain)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use aws_types::service_config::LoadServiceConfig;

    use super::*;

    fn aws(fips: bool, dual_stack: bool) -> Endpoint {
        Endpoint::of(&SdkConfig::builder().use_fips(fips).use_dual_stack(dual_stack).build()).unwrap()
    }

    fn at(url: &str) -> SdkConfig {
        SdkConfig::builder().endpoint_url(url).build()
    }

    fn told(endpoint: &Endpoint, bucket: &str, region: &str) -> String {
        format!("{}{}", endpoint.origin(bucket, region), endpoint.base(bucket))
    }

    #[test]
    fn a_bucket_is_in_the_host_name_at_aws_and_in_the_path_elsewhere() {
        let usual = aws(false, false);
        assert_eq!(told(&usual, "passes", "eu-west-1"), "https://passes.s3.eu-west-1.amazonaws.com");
        assert_eq!(
            told(&usual, "my.passes", "cn-north-1"),
            "https://s3.cn-north-1.amazonaws.com.cn/my.passes"
        );
        for (given, expected) in [
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000/passes"),
            ("http://127.0.0.1:9000/", "http://127.0.0.1:9000/passes"),
            ("https://example.org/s3/", "https://example.org/s3/passes"),
        ] {
            assert_eq!(told(&Endpoint::of(&at(given)).unwrap(), "passes", "eu-west-1"), expected);
        }
    }

    #[test]
    fn each_partition_has_its_domain_and_each_kind_of_endpoint_its_host() {
        for (region, domain) in [
            ("us-gov-west-1", "amazonaws.com"),
            ("us-iso-east-1", "c2s.ic.gov"),
            ("us-isob-east-1", "sc2s.sgov.gov"),
            ("us-isof-south-1", "csp.hci.ic.gov"),
            ("eu-isoe-west-1", "cloud.adc-e.uk"),
            ("eusc-de-east-1", "amazonaws.eu"),
        ] {
            let expected = format!("https://passes.s3.{region}.{domain}");
            assert_eq!(told(&aws(false, false), "passes", region), expected);
        }
        for (fips, dual_stack, host) in [
            (true, false, "s3-fips.us-east-1.amazonaws.com"),
            (false, true, "s3.dualstack.us-east-1.amazonaws.com"),
            (true, true, "s3-fips.dualstack.us-east-1.amazonaws.com"),
        ] {
            let endpoint = aws(fips, dual_stack);
            assert_eq!(told(&endpoint, "passes", "us-east-1"), format!("https://passes.{host}"));
            assert_eq!(told(&endpoint, "my.passes", "us-east-1"), format!("https://{host}/my.passes"));
        }
    }

    /// What the environment and the profile say for single services.
    #[derive(Debug)]
    struct OfServices(BTreeMap<&'static str, &'static str>);

    impl LoadServiceConfig for OfServices {
        fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
            assert_eq!((key.env(), key.profile()), ("AWS_ENDPOINT_URL", "endpoint_url"));
            self.0.get(key.service_id()).map(|url| (*url).to_owned())
        }
    }

    #[test]
    fn the_endpoint_that_is_configured_for_s3_wins_over_that_for_all_services() {
        let of_s3 = |services: &[(&'static str, &'static str)]| {
            let services = OfServices(services.iter().copied().collect());
            let config = SdkConfig::builder().endpoint_url("http://all").service_config(services).build();
            told(&Endpoint::of(&config).unwrap(), "passes", "eu-west-1")
        };
        assert_eq!(of_s3(&[("S3", "http://s3"), ("EC2", "http://ec2")]), "http://s3/passes");
        assert_eq!(of_s3(&[("EC2", "http://ec2")]), "http://all/passes");
    }

    #[test]
    fn a_url_together_with_a_kind_of_endpoint_is_refused() {
        let fips = at("http://all").to_builder().use_fips(true).build();
        let told = Endpoint::of(&fips).unwrap_err().to_string();
        assert!(told.contains("AWS_USE_FIPS_ENDPOINT") && told.ends_with("unset one of them"), "{told}");
        let dual_stack = at("http://all").to_builder().use_dual_stack(true).build();
        assert!(Endpoint::of(&dual_stack).unwrap_err().to_string().contains("AWS_USE_DUALSTACK_ENDPOINT"));
    }
}
