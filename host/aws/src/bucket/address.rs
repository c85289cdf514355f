//! Addresses of places in buckets: `s3://BUCKET/PREFIX`.

use std::{fmt, net::Ipv4Addr};

/// A place in a bucket: all keys that begin with a prefix and a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketAddress {
    /// The name of the bucket.
    pub bucket: String,
    /// The prefix, without a slash at its end. Empty: the whole bucket.
    pub prefix: String,
}

/// What names that S3 reserves begin with.
const RESERVED: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];

/// What the names of buckets end with that have other operations.
const OTHER_KINDS: [&str; 2] = ["--x-s3", "--table-s3"];

/// A text that is no address of a place in a bucket.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address}: {problem}; write s3://BUCKET/PREFIX, for example s3://my-recordings/production")]
pub struct InvalidAddress {
    /// The text.
    pub address: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl BucketAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// The text is no address, or S3 allows no bucket of this name (S3 user guide, "General purpose bucket naming rules").
    pub fn parse(address: &str) -> Result<BucketAddress, InvalidAddress> {
        let invalid = |problem| InvalidAddress { address: address.to_owned(), problem };
        let rest = address.strip_prefix("s3://").ok_or(invalid("this does not begin with s3://"))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let is_allowed =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
        if !(3..=63).contains(&bucket.len()) {
            return Err(invalid("the name of a bucket has 3 to 63 characters"));
        }
        if !bucket.bytes().all(is_allowed) {
            return Err(invalid(
                "the name of a bucket has only lower-case letters, digits, dots and hyphens",
            ));
        }
        if bucket.starts_with(['.', '-']) || bucket.ends_with(['.', '-']) {
            return Err(invalid("the name of a bucket begins and ends with a letter or a digit"));
        }
        if bucket.contains("..") {
            return Err(invalid("the name of a bucket has no two dots in a row"));
        }
        if bucket.parse::<Ipv4Addr>().is_ok() {
            return Err(invalid("the name of a bucket is no IP address"));
        }
        if RESERVED.iter().any(|begin| bucket.starts_with(begin)) {
            return Err(invalid(
                "S3 reserves names of buckets that begin with xn--, sthree- or amzn-s3-demo-",
            ));
        }
        if OTHER_KINDS.iter().any(|end| bucket.ends_with(end)) {
            return Err(invalid(
                "this is a directory bucket or a table bucket; use a general purpose bucket",
            ));
        }
        let prefix = prefix.trim_end_matches('/');
        if prefix.split('/').any(|part| matches!(part, "." | "..") || (part.is_empty() && !prefix.is_empty()))
        {
            return Err(invalid("a part of the prefix is empty, . or .."));
        }
        Ok(BucketAddress { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }

    /// The key of a file, or with an empty name what the keys of all files begin with.
    pub fn key(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) }
    }
}

impl fmt::Display for BucketAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "s3://{}", self.bucket)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(formatter, "/{}", self.prefix) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_bucket_and_a_prefix() {
        for (address, prefix, told, key) in [
            ("s3://my.bucket-1", "", "s3://my.bucket-1", "pass"),
            ("s3://my.bucket-1/", "", "s3://my.bucket-1", "pass"),
            ("s3://my.bucket-1/a/b c//", "a/b c", "s3://my.bucket-1/a/b c", "a/b c/pass"),
        ] {
            let found = BucketAddress::parse(address).unwrap();
            assert_eq!((found.bucket.as_str(), found.prefix.as_str()), ("my.bucket-1", prefix), "{address}");
            assert_eq!((found.to_string().as_str(), found.key("pass").as_str()), (told, key));
        }
    }

    #[test]
    fn what_is_wrong_with_an_address_is_said() {
        let wrong = |address: &str| BucketAddress::parse(address).unwrap_err().to_string();
        for (address, problem) in [
            ("recordings", "does not begin with s3://"),
            ("s3://", "3 to 63 characters"),
            ("s3:///prefix", "3 to 63 characters"),
            ("s3://My-Bucket/x", "only lower-case letters"),
            ("s3://arn:aws:s3:x/y", "only lower-case letters"),
            ("s3://-bucket/x", "begins and ends with a letter"),
            ("s3://bucket./x", "begins and ends with a letter"),
            ("s3://my..bucket/x", "no two dots"),
            ("s3://192.168.5.4/x", "no IP address"),
            ("s3://xn--bucket/x", "S3 reserves"),
            ("s3://bucket--use1-az4--x-s3/x", "use a general purpose bucket"),
            ("s3://bucket//x", "a part of the prefix is empty"),
            ("s3://bucket/../x", "a part of the prefix is empty"),
        ] {
            let told = wrong(address);
            assert!(told.starts_with(&format!("{address}: ")) && told.contains(problem), "{told}");
            assert!(told.ends_with("for example s3://my-recordings/production"), "{told}");
        }
    }
}
