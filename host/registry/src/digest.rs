//! SHA-256 digests, which name what a registry holds.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// How a digest of this algorithm begins.
const ALGORITHM: &str = "sha256:";

/// The SHA-256 of some bytes. In text: `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(Sha256::digest(bytes).into())
    }

    /// Reads the form that registries use. Its digits are in lower case.
    pub(crate) fn parse(text: &str) -> Option<Digest> {
        let digits = text.strip_prefix(ALGORITHM)?;
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if digits.len() != 64 || !digits.bytes().all(is_digit) {
            return None;
        }
        let mut bytes = [0; 32];
        for (number, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[2 * number..2 * number + 2], 16).ok()?;
        }
        Some(Digest(bytes))
    }

    /// The 64 hexadecimal digits.
    pub(crate) fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ALGORITHM}{}", self.hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_is_written() {
        // FIPS 180-4: the digest of the empty message.
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").to_string(), empty);
        assert_eq!(Digest::parse(empty), Some(Digest::of(b"")));
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        let digits = "0".repeat(64);
        for text in [
            digits.clone(),
            format!("sha512:{digits}"),
            format!("sha256:{digits}0"),
            format!("sha256:{}", &digits[1..]),
            format!("sha256:{}A", &digits[1..]),
            format!("sha256:{}é", &digits[2..]),
        ] {
            assert_eq!(Digest::parse(&text), None, "{text}");
        }
    }
}
